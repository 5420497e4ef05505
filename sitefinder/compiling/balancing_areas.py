"""Areas of the balancing authorities, from who serves a place and the authority that the utility reports."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, Compiler, Product
from sitefinder.compiling.boundaries import COUNTIES_RAW
from sitefinder.compiling.market_regions import BA_CORRECTED, REGION_OF_BA, RTO_RAW
from sitefinder.compiling.territories import SALES_RAW, UTILITY_RAW, painted, simplified

#: file of an operator's outline -> its code in form EIA-930, for places whose utility is unknown
_OPERATOR: Mapping[str, str] = {
    "iso-caiso": "CISO", "iso-ercot": "ERCO", "iso-iso-ne": "ISNE", "iso-miso": "MISO", "iso-nyiso": "NYIS", "iso-pjm": "PJM",
    "iso-spp": "SWPP",
}  # fmt: skip

#: sales in the state below which a utility owns no transmission that a campus could use, MWh
SMALL_MWH = 1e6


def compile_balancing_areas(c: Compiler, served: gpd.GeoDataFrame) -> None:
    """Balancing areas without overlap; a place whose authority nobody reports lies in none.

    Parameters
    ----------
    c : Compiler
    served : GeoDataFrame
        From :func:`sitefinder.compiling.territories.territories`.
    """
    areas = painted(pd.concat([_outlines(c), authorities_served(served)], ignore_index=True), "ba")
    c.vector(
        Product(
            path="share_alike/balancing_areas.parquet",
            title="Areas of the balancing authorities",
            publisher="HIFLD / US Energy Information Administration, form EIA-861",
            vintage="2024",
            licence="ODbL",
            grade="E3",
            caveat=(
                "Authority of the utility that probably serves the place: territories overlap, and the authority that matters is "
                "that of the transmission owner at the point of interconnection. A utility with several authorities in one state "
                "is given that of most of its sales. Known fault: Roxboro NC (Duke Energy Progress, CPLE) comes out as DUK."
            ),
            method=(
                "Balancing authority of each utility in each state; towns and districts that sell 1 TWh or more before other "
                "utilities, sellers of less after all. Where no territory is known, the outline of the market operator. Outlines "
                "simplified by 500 m."
            ),
            sources=(UTILITY_RAW, SALES_RAW, RTO_RAW, COUNTIES_RAW),
            share_alike=True,
            fields={"ba": "code of the authority in form EIA-930"},
        ),
        areas[["ba", "geometry"]],
        quantum_m=10.0,
    )


def authorities_served(served: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Territories with the corrected ``ba``, small sellers first, else in the order given; without a known authority left out.

    A campus connects to a transmission owner. Outlines of small towns and districts are often those of their county (City of
    Mesa, 3,000 km2), so they count only where no larger seller is.
    """
    keys = zip(served["eia_id"], served["state"], strict=True)
    ba = pd.Series([BA_CORRECTED.get(k, b) for k, b in zip(keys, served["ba"], strict=True)], index=served.index)
    known = served.assign(ba=ba)[ba.isin(list(REGION_OF_BA))]
    small = known["mwh"] < SMALL_MWH
    return pd.concat([known[small], known[~small]])[["ba", "geometry"]]


def _outlines(c: Compiler) -> gpd.GeoDataFrame:
    """Outlines of the market operators, the larger below the smaller."""
    raw = gpd.read_parquet(c.raw(RTO_RAW)).to_crs(CRS)
    ba = raw["file"].map(_OPERATOR)
    known = gpd.GeoDataFrame({"ba": ba}, geometry=shapely.make_valid(raw.geometry.values), crs=CRS)[ba.notna()]
    merged = simplified(known.dissolve("ba").reset_index())
    return merged.loc[merged.area.sort_values(ascending=False, kind="stable").index]
