"""Proxies for fiber and the registers of places where networks meet."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from sitefinder.compiling.base import CRS, Compiler, Product, in_conus, points
from sitefinder.compiling.boundaries import COUNTIES_RAW, county_polygons, state_codes
from sitefinder.compiling.fiber_corridors import compile_corridors
from sitefinder.units import M_PER_KM

FACILITIES_RAW = "fiber/peeringdb_facilities.csv"
CLOUD_RAW = "fiber/cloud_regions.geojson"
#: a facility further than this from its reported state has a wrong position
STATE_TOLERANCE_KM = 20.0


def compile_fiber(c: Compiler) -> None:
    """All products below ``fiber/``."""
    counties = county_polygons(c)
    compile_corridors(c, counties)
    _exchange_facilities(c, counties)
    _cloud_regions(c)


def _in_reported_state(located: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> pd.Series:
    """True where a point lies within ``STATE_TOLERANCE_KM`` of a county of its ``state``."""
    pairs = counties.sindex.query(located.geometry.values, predicate="dwithin", distance=STATE_TOLERANCE_KM * M_PER_KM)
    same = located["state"].to_numpy()[pairs[0]] == counties["state"].to_numpy()[pairs[1]]
    inside = np.zeros(len(located), dtype=bool)
    inside[pairs[0][same]] = True
    return pd.Series(inside, index=located.index)


def _exchange_facilities(c: Compiler, counties: gpd.GeoDataFrame) -> None:
    raw = pd.read_csv(c.raw(FACILITIES_RAW))
    located = points(raw[raw["country"] == "US"], lon="longitude", lat="latitude")
    codes = state_codes(c).set_index("name")["code"]
    located["state"] = located["state"].replace(codes.to_dict())
    here = located[["geometry"]].sjoin_nearest(counties[["state", "geometry"]])["state"].groupby(level=0).first()
    located["state"] = located["state"].fillna(here)
    located = located[_in_reported_state(located, counties)].sort_values("id")
    columns = {"org_name": "operator", "net_count": "networks", "ix_count": "exchanges", "carrier_count": "carriers"}
    table = located.rename(columns=columns).astype({"networks": "int16", "exchanges": "int16", "carriers": "int16"})
    c.vector(
        Product(
            path="fiber/exchange_facilities.parquet",
            title="Interconnection facilities",
            publisher="PeeringDB",
            vintage="2026-02-17",
            licence="PeeringDB acceptable use policy (facts, attribute PeeringDB)",
            grade="E2",
            caveat=(
                "Self-reported by operators; many telephone exchanges and private data centers are absent. Some positions are "
                "city centres."
            ),
            method="US facilities with coordinates; state names made postal codes; positions outside the reported state dropped.",
            sources=(FACILITIES_RAW, COUNTIES_RAW),
            fields={
                "name": "facility",
                "operator": "operator",
                "city": "city",
                "state": "postal code",
                "networks": "networks present",
                "exchanges": "internet exchanges present",
                "carriers": "carriers that offer transport",
            },
        ),
        table[["name", "operator", "city", "state", "networks", "exchanges", "carriers", "geometry"]],
    )


def _cloud_regions(c: Compiler) -> None:
    raw = gpd.read_file(c.raw(CLOUD_RAW)).to_crs(CRS)
    raw = in_conus(raw[raw["country"] == "US"]).rename(columns={"display_name": "name"})
    c.vector(
        Product(
            path="fiber/cloud_regions.parquet",
            title="Public cloud regions",
            publisher="Alibaba, AWS, Google, Microsoft and Oracle region lists",
            vintage="2026",
            licence="CC0",
            grade="E4",
            caveat=(
                "One nominal point per region, a city or the middle of the state; the real campuses lie tens of km away, and "
                "those of us-west-2 and the Azure regions in Virginia up to 250 km. Government regions and some newer ones are "
                "absent."
            ),
            method="Regions in the contiguous US.",
            sources=(CLOUD_RAW,),
            fields={"provider": "cloud provider", "code": "region code", "name": "region name given by the provider"},
        ),
        raw[["provider", "code", "name", "geometry"]].sort_values(["provider", "code"]),
        quantum_m=10.0,
    )
