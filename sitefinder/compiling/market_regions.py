"""Areas of the wholesale market operators, from who serves a place and the balancing authority of that utility."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, Compiler, Product
from sitefinder.compiling.boundaries import COUNTIES_RAW
from sitefinder.compiling.territories import SALES_RAW, UTILITY_RAW, painted, simplified

RTO_RAW = "grid/iso_rto_regions.parquet"
EGRID_RAW = "grid/egrid_subregions.parquet"
SOUTHEAST, WEST = "non-ISO Southeast", "non-ISO West"
#: code of a region -> its name
REGION_NAMES: Mapping[str, str] = {
    "CAISO": "California Independent System Operator",
    "ERCOT": "Electric Reliability Council of Texas",
    "ISONE": "ISO New England",
    "MISO": "Midcontinent Independent System Operator",
    "NYISO": "New York Independent System Operator",
    "PJM": "PJM Interconnection",
    "SPP": "Southwest Power Pool",
    SOUTHEAST: "Southeast without a market operator",
    WEST: "West without a market operator",
}
#: balancing authority -> market region. The operators' own are theirs by definition; membership of the others is general
#: knowledge, as of 2025: co-operatives of Missouri (AECI) and Kentucky (LGEE) have no operator
_OPERATORS = {
    "CISO": "CAISO", "ERCO": "ERCOT", "ISNE": "ISONE", "MISO": "MISO", "GLHB": "MISO", "NYIS": "NYISO", "PJM": "PJM",
    "OVEC": "PJM", "SWPP": "SPP", "SPA": "SPP",
}  # fmt: skip
_SOUTHEAST = "AEC AECI CPLE CPLW DUK FMPP FPC FPL GVL HST JEA LGEE SC SCEG SEC SEPA SOCO TAL TEC TVA"
_WEST = (
    "AVA AZPS BANC BPAT CHPD DOPD EPE GCPD IID IPCO LDWP NEVP NWMT PACE PACW PGE PNM PSCO PSEI SCL SRP TEPC TIDC TPWR WACM WALC "
    "WAUW"
)
REGION_OF_BA: Mapping[str, str] = _OPERATORS | dict.fromkeys(_SOUTHEAST.split(), SOUTHEAST) | dict.fromkeys(_WEST.split(), WEST)
#: (EIA utility number, state) -> balancing authority where the sales sheet names another than that of its transmission:
#: Montana-Dakota's integrated system is MISO's in Montana too (general knowledge)
BA_CORRECTED: Mapping[tuple[int, str], str] = {(12199, "MT"): "MISO"}
#: subregions of eGRID that lie within one market region; the others are shared and say nothing
REGION_OF_EGRID: Mapping[str, str] = {
    "ERCT": "ERCOT", "CAMX": "CAISO", "NEWE": "ISONE", "NYUP": "NYISO", "NYCW": "NYISO", "NYLI": "NYISO", "RFCE": "PJM",
    "RFCM": "MISO", "MROE": "MISO", "SRMW": "MISO", "SRMV": "MISO", "SPNO": "SPP", "SPSO": "SPP", "SRTV": SOUTHEAST,
    "SRSO": SOUTHEAST, "FRCC": SOUTHEAST, "AZNM": WEST, "NWPP": WEST, "RMPA": WEST,
}  # fmt: skip
#: file of the operators' outlines -> region
_OUTLINES = {
    "iso-caiso": "CAISO", "iso-ercot": "ERCOT", "iso-iso-ne": "ISONE", "iso-miso": "MISO", "iso-nyiso": "NYISO", "iso-pjm": "PJM",
    "iso-spp": "SPP", "iso-southeast-non-iso": SOUTHEAST, "iso-west-non-iso": WEST,
}  # fmt: skip


def compile_market_regions(c: Compiler, served: gpd.GeoDataFrame) -> None:
    """Market regions without overlap.

    Parameters
    ----------
    c : Compiler
    served : GeoDataFrame
        From :func:`sitefinder.compiling.territories.territories`.
    """
    regions = painted(pd.concat([_backgrounds(c), regions_served(served)], ignore_index=True), "code")
    regions["name"] = regions["code"].map(REGION_NAMES)
    c.vector(
        Product(
            path="share_alike/rto_regions.parquet",
            title="Areas of the wholesale market operators",
            publisher="HIFLD / US Energy Information Administration; EPA eGRID",
            vintage="2024",
            licence="ODbL",
            grade="E3",
            caveat=(
                "Region of the utility that probably serves the place: territories of co-operatives and investor-owned "
                "utilities overlap, and the operator that matters is that of the transmission owner at the point of "
                "interconnection. State of 2024: utilities that joined SPP in the Rockies in 2026 are still in the West."
            ),
            method=(
                "Balancing authority of each utility in each state from form EIA-861, put into market regions; towns and "
                "districts before other utilities, else the one with the largest sales in the state. Where no territory is "
                "known the operators' outlines, then eGRID subregions that lie within one region. Outlines simplified by 500 m."
            ),
            sources=(UTILITY_RAW, SALES_RAW, RTO_RAW, EGRID_RAW, COUNTIES_RAW),
            share_alike=True,
            fields={"code": "short name of the operator or of the region without one", "name": "full name"},
        ),
        regions[["code", "name", "geometry"]],
        quantum_m=10.0,
    )


def regions_served(served: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Territories with ``code``, the market region of their balancing authority; those without a known one are left out."""
    ba = pd.Series(
        [
            BA_CORRECTED.get(key, ba)
            for key, ba in zip(zip(served["eia_id"], served["state"], strict=True), served["ba"], strict=True)
        ],
        index=served.index,
    )
    code = ba.map(REGION_OF_BA)
    return served.assign(code=code).loc[code.notna(), ["code", "geometry"]]


def _backgrounds(c: Compiler) -> gpd.GeoDataFrame:
    """Subregions of eGRID below the operators' outlines, the larger below the smaller."""
    layers = []
    for path, column, regions in ((EGRID_RAW, "name", REGION_OF_EGRID), (RTO_RAW, "file", _OUTLINES)):
        raw = gpd.read_parquet(c.raw(path)).to_crs(CRS)
        code = raw[column].map(regions)
        known = gpd.GeoDataFrame({"code": code}, geometry=shapely.make_valid(raw.geometry.values), crs=CRS)[code.notna()]
        merged = simplified(known.dissolve("code").reset_index())
        layers.append(merged.loc[merged.area.sort_values(ascending=False, kind="stable").index])
    return pd.concat(layers, ignore_index=True)
