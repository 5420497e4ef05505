"""State and county boundaries."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, NOT_CONUS, Compiler, Product
from sitefinder.units import M2_PER_KM2

STATES_RAW = "land/states_2018_5m.parquet"
COUNTIES_RAW = "land/counties_2018_5m.parquet"
#: square root of the smallest triangle kept by the simplification, metres; the source itself is drawn for 1:5 000 000
SIMPLIFY_M = 60.0

_PUBLISHER = "US Census Bureau, cartographic boundary files 1:5,000,000"
_LICENCE = "public domain (US government)"
_CAVEAT = (
    "Drawn for small-scale maps: borders are off by up to about 0.5 km. State of 2018: Connecticut still has its eight "
    "former counties. Coasts are cut at the shoreline and the Great Lakes are not part of any state."
)


def compile_boundaries(c: Compiler) -> None:
    """States and counties of the contiguous US; both come from one simplified coverage, so their borders agree."""
    counties = _simplified_counties(c)
    _counties(c, counties)
    _states(c, counties)


def state_codes(c: Compiler) -> pd.DataFrame:
    """Names and codes of all states and territories: columns ``fips``, ``code`` (postal), ``name``."""
    raw = pd.read_parquet(c.raw(STATES_RAW), columns=["STATEFP", "STUSPS", "NAME"])
    return raw.set_axis(["fips", "code", "name"], axis="columns")


def county_polygons(c: Compiler) -> gpd.GeoDataFrame:
    """Unsimplified counties of the contiguous US in EPSG:5070: ``fips``, ``name``, ``state``, ``land_km2``, ``geometry``."""
    raw = gpd.read_parquet(c.raw(COUNTIES_RAW)).to_crs(CRS)
    codes = state_codes(c).set_index("fips")["code"]
    out = gpd.GeoDataFrame(
        {
            "fips": raw["GEOID"].astype(str),
            "name": raw["NAME"].astype(str),
            "state": raw["STATEFP"].map(codes),
            "land_km2": (raw["ALAND"] / M2_PER_KM2).round(2),
        },
        geometry=raw.geometry,
    )
    return out[~out["state"].isin(NOT_CONUS)].sort_values("fips", ignore_index=True)


def _simplified_counties(c: Compiler) -> gpd.GeoDataFrame:
    counties = county_polygons(c)
    simple = shapely.coverage_simplify(counties.geometry.values, SIMPLIFY_M)
    return counties.set_geometry(simple)


def _counties(c: Compiler, counties: gpd.GeoDataFrame) -> None:
    c.vector(
        Product(
            path="boundaries/counties.parquet",
            title="Counties",
            publisher=_PUBLISHER,
            vintage="2018",
            licence=_LICENCE,
            grade="E2",
            caveat=_CAVEAT,
            method="Counties of 48 states and DC; shared borders simplified together so that no gap or overlap opens.",
            sources=(COUNTIES_RAW, STATES_RAW),
            fields={
                "fips": "five-character county code",
                "name": "county name without 'County'",
                "state": "postal code of the state",
                "land_km2": "land area of the full-resolution county, km2",
            },
        ),
        counties,
    )


def _states(c: Compiler, counties: gpd.GeoDataFrame) -> None:
    dissolved = counties[["state", "geometry"]].dissolve("state", method="coverage").reset_index()
    states = dissolved.rename(columns={"state": "code"}).merge(state_codes(c), on="code").sort_values("fips")
    c.vector(
        Product(
            path="boundaries/states.parquet",
            title="States",
            publisher=_PUBLISHER,
            vintage="2018",
            licence=_LICENCE,
            grade="E2",
            caveat=_CAVEAT,
            method="Union of the simplified counties of each of the 48 states and DC.",
            sources=(COUNTIES_RAW, STATES_RAW),
            fields={"fips": "two-character state code", "code": "postal code", "name": "state name"},
        ),
        states[["fips", "code", "name", "geometry"]],
    )
