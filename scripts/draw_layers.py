"""Draw every layer into ``docs/layers.png`` and the last result into ``docs/result.png``: ``make docs``."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely

from sitefinder.config import load_config
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.reports.pictures import Panel, contact_sheet, national_map

if __name__ == "__main__":
    config = load_config("config/default.yaml", {"grid.resolution_m": "8000"})
    stack = open_stack(DataPackage(Path("data")), config, REGISTRY, cache_folder=Path(".cache"))
    panels = [
        Panel(
            layer.spec.title,
            f"{layer_id} [{layer.spec.unit}]",
            stack.land.expand(np.array(stack.values(layer_id)), np.nan),
            reverse=layer.spec.better == "low",
        )
        for layer_id, layer in REGISTRY.items()
    ]
    contact_sheet(panels, Path("docs/layers.png"))
    with rasterio.open("out/latest/suitability.tif") as source:
        score = source.read(1, out_shape=(source.height // 3, source.width // 3), resampling=rasterio.enums.Resampling.average)
        bounds = source.bounds
    sites = gpd.read_file("out/latest/sites.geojson").to_crs("EPSG:5070")
    states = gpd.read_parquet("data/boundaries/states.parquet").geometry.simplify(2000)
    outline = [shapely.get_coordinates(ring) for part in states.explode().values for ring in [part.exterior]]
    xy = shapely.get_coordinates(shapely.point_on_surface(sites.geometry.values))
    extent = (bounds.left, bounds.right, bounds.bottom, bounds.top)
    national_map(score, xy, outline, extent, Path("docs/result.png"))
    print(json.dumps({"layers": len(panels), "sites": len(sites)}))  # noqa: T201 - a script reports
