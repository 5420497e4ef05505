#!/usr/bin/env bash
# A lake of 100 km2 whose island of 4 km2 is drawn as a second part of the multipolygon instead of as a hole.
#
# One would guess: the shape is invalid, and every repair gives the same land and water, whichever tool is asked.
# What happens: three areas. GeoSeries.make_valid() and shapely.make_valid() make the island a hole (96 km2); buffer(0), union_all,
#   dissolve, make_valid(method="structure") and GDAL's rasterising in rasterio drown it (100 km2); area, explode, clip and
#   set_precision count it twice without a word (104 km2).
# What to do: check is_valid before any sum of areas, and say which repair is meant. Maps of lakes really come like this: islands
#   as outlines of their own.
# Version and source: shapely 2.2.0 with GEOS 3.14.1, geopandas 1.2.0, rasterio 1.4.4; the two methods are described in shapely's
#   documentation of make_valid, their disagreement on this shape and the silent double count are seen.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check \
  "shapely==2.2.0" "geopandas==1.2.0" "pandas==3.1.1" "numpy==2.4.6" "rasterio==1.4.4"
env/bin/python - <<'PYTHON'
import sys

import geopandas as gpd
import shapely
from rasterio.features import rasterize
from rasterio.transform import from_origin

drawn = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(4, 4, 6, 6)])
lakes = gpd.GeoSeries([drawn], crs="EPSG:5070")
km2 = {
    "GeoSeries.make_valid": lakes.make_valid().area.sum(),
    "make_valid structure": shapely.make_valid(drawn, method="structure", keep_collapsed=False).area,
    "buffer(0)": drawn.buffer(0).area,
    "union_all": lakes.union_all().area,
    "rasterize": float(rasterize([drawn], out_shape=(10, 10), transform=from_origin(0, 10, 1, 1)).sum()),
    "area": lakes.area.sum(),
    "explode": lakes.explode().area.sum(),
    "clip": gpd.clip(lakes, shapely.box(-1, -1, 11, 11)).area.sum(),
    "set_precision": shapely.set_precision(drawn, 0.1).area,
}
for tool, area in km2.items():
    print(f"{tool:22} {area:6.1f}")
seen = {name: round(area) for name, area in km2.items()}
expected = dict(zip(km2, (96, 100, 100, 100, 100, 104, 104, 104, 104)))
sys.exit(seen != expected)
PYTHON
