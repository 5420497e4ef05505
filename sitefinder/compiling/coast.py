"""Bays, lagoons and sounds inside the outlines of the counties, which follow the coast for maps and close them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from sitefinder.compiling.base import CRS, FRAME, NATURAL_EARTH, Compiler, Product
from sitefinder.compiling.boundaries import COUNTIES_RAW
from sitefinder.compiling.held import tidy_polygons
from sitefinder.layers.files import COUNTIES, SEA
from sitefinder.units import M2_PER_KM2

#: the frame, wider, so that every coast of the country ends at its rim
RIM_M = 300_000.0
#: points in the Atlantic, the Gulf and the Pacific (EPSG:5070): what holds one of them is the sea
IN_THE_SEA = ((2_300_000.0, 800_000.0), (200_000.0, 200_000.0), (-2_500_000.0, 2_000_000.0))
#: pieces smaller than this are the difference of two drawings of one shore
SMALLEST_KM2 = 0.5


def compile_coast(c: Compiler) -> None:
    """Write the sea inside the outlines of the counties."""
    coast = pyogrio.read_dataframe(c.raw(NATURAL_EARTH), layer="ne_10m_coastline").to_crs(CRS)
    counties = gpd.read_parquet(c.out_root / COUNTIES)
    pieces = sea_within(coast.geometry.values, counties.geometry.values)
    frame = gpd.GeoDataFrame(geometry=pieces, crs=CRS)
    frame = frame.set_geometry(tidy_polygons(frame, tolerance_m=100.0))
    frame["area_km2"] = (frame.area / M2_PER_KM2).round(2)
    product = Product(
        path=SEA,
        title="Sea, bays and lagoons inside the outlines of counties",
        publisher="Natural Earth; US Census Bureau",
        vintage="5.x (Natural Earth); 2018",
        licence="public domain",
        grade="E4",
        caveat="A coast drawn for maps of 1:10 million cuts off capes and small bays: a piece is water only where the land lies "
        "at sea level, too.",
        method="Areas seaward of the coastline that outlines of counties take in; pieces of at least 0.5 km2.",
        sources=(NATURAL_EARTH, COUNTIES_RAW),
        fields={"area_km2": "area of the piece, km2"},
    )
    c.vector(product, frame, quantum_m=10.0)


def sea_within(coast: np.ndarray, land: np.ndarray) -> np.ndarray:
    """(n,) polygons seaward of a coastline that outlines of the land take in.

    Parameters
    ----------
    coast : (n,) shapely lines, EPSG:5070
    land : (n,) shapely polygons, EPSG:5070
    """
    west, south, east, north = FRAME
    frame = shapely.box(west - RIM_M, south - RIM_M, east + RIM_M, north + RIM_M)
    lines = shapely.union_all([*shapely.intersection(coast, frame), frame.boundary])
    areas = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    seas = areas[np.unique(shapely.STRtree(areas).query(shapely.points(IN_THE_SEA), predicate="within")[1])]
    piece, sea = shapely.STRtree(seas).query(land, predicate="intersects")
    shared = shapely.get_parts(shapely.intersection(shapely.make_valid(land)[piece], seas[sea]))
    shared = shared[shapely.get_type_id(shared) == shapely.GeometryType.POLYGON]
    return shared[shapely.area(shared) >= SMALLEST_KM2 * M2_PER_KM2]
