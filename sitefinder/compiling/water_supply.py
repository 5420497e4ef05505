"""Who supplies water, where groundwater is managed, and which doctrine of water rights holds."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, Compiler, Product, in_conus
from sitefinder.compiling.boundaries import COUNTIES_RAW, county_polygons
from sitefinder.compiling.terrain import PUBLIC_DOMAIN

SERVICE_AREAS = "water/public_supply_service_areas.parquet"
GROUNDWATER = "water/groundwater_managed_counties.csv"
RIGHTS = "water/state_water_rights.csv"
#: smaller areas are subdivisions and trailer parks that supply no campus
SMALLEST_AREA_KM2 = 1.0
SIMPLIFIED_M = 500.0
#: areas that bear a neighbour's name: county -> name in the file, who serves there
CORRECTED = {"51107": ("Fairfax County Water Authority", "Loudoun Water")}
#: letters that stay capital in the name of a supplier
_CAPITALS = frozenset({
    "WSC", "MUD", "PUD", "WD", "WSD", "SUD", "RWD", "RWS", "PWS", "WCID", "MWD", "PWSD", "FWSD", "BMUA", "UD", "UA", "CSD", "LLC",
    "II", "III", "IV", "NE", "NW", "SE", "SW", "US", "USA", "DWU", "LCRA", "MWRA", "WC", "WW", "CWS", "WTP",
})  # fmt: skip
#: names with the kind of place behind
_INVERTED = re.compile(r"(.+?),? (city|town|village|borough|township) of$", re.IGNORECASE)
_SMALL = frozenset(["of", "the", "and", "at", "in", "for"])
DOCTRINES = frozenset({"prior_appropriation", "hybrid", "riparian"})


def compile_supply(c: Compiler) -> None:
    """Write service areas, managed groundwater and doctrines of water rights."""
    _service_areas(c)
    _groundwater(c)
    _rights(c)


def supplier_name(text: str) -> str:
    """Name of a supplier in mixed case.

    >>> supplier_name("CITY OF SANTA BARBARA WATER DEPARTMENT"), supplier_name("RIO WSC"), supplier_name("CLARKS, VILLAGE OF")
    ('City of Santa Barbara Water Department', 'Rio WSC', 'Village of Clarks')
    """
    words = " ".join(text.split())
    if words.isupper():
        parts = (w if w.strip("().,") in _CAPITALS else w.lower() if w.lower() in _SMALL else w.title() for w in words.split())
        words = " ".join(parts).replace("'S ", "'s ")
    place = _INVERTED.match(words)
    if place:
        words = f"{place[2].capitalize()} of {place[1]}"
    return words[:1].upper() + words[1:]


def _service_areas(c: Compiler) -> None:
    frame = gpd.read_parquet(c.raw(SERVICE_AREAS))
    frame = in_conus(frame[frame.area_km2 >= SMALLEST_AREA_KM2].to_crs(CRS))
    shapes = shapely.make_valid(shapely.simplify(frame.geometry.to_numpy(), SIMPLIFIED_M))
    out = gpd.GeoDataFrame({"name": frame["name"].map(supplier_name).astype("string")}, geometry=shapes, crs=CRS)
    out = corrected(out.explode(ignore_index=True), county_polygons(c)).explode(ignore_index=True)
    out = out[(out.geom_type == "Polygon") & (out.area > 0.0)]
    out = out.iloc[np.argsort(out.hilbert_distance(level=16).to_numpy(), kind="stable")].reset_index(drop=True)
    product = Product(
        path="water/service_areas.parquet",
        title="Service areas of public water supplies",
        publisher="US Geological Survey, public-supply water service areas (Buchwald 2022)",
        vintage="2017",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="Whom to ask for water, not how much is left. Some areas bear the name of the seller of bulk water or of a "
        "neighbour; the part of Fairfax Water's in Loudoun County VA is corrected to Loudoun Water, others may stand. Areas "
        "below 1 km2 are left out; outlines are good to about 600 m.",
        method="Areas of at least 1 km2, simplified by 500 m; names in mixed case, one corrected.",
        sources=(SERVICE_AREAS, COUNTIES_RAW),
        fields={"name": "supplier"},
    )
    c.vector(product, out, quantum_m=10.0)


def corrected(areas: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas with the parts that bear a neighbour's name under that of their supplier.

    Parameters
    ----------
    areas : GeoDataFrame
        ``name`` and polygons.
    counties : GeoDataFrame
        ``fips`` and polygons.
    """
    for fips, (written, right) in CORRECTED.items():
        county = counties.loc[counties["fips"] == fips, "geometry"].union_all()
        wrong = areas["name"].eq(written) & areas.intersects(county)
        moved = areas[wrong].assign(name=right, geometry=areas[wrong].intersection(county))
        rest = areas[wrong].assign(geometry=areas[wrong].difference(county))
        parts = pd.concat([areas[~wrong], rest[~rest.is_empty], moved[~moved.is_empty]], ignore_index=True)
        areas = gpd.GeoDataFrame(parts, crs=areas.crs)
    return areas


def _groundwater(c: Compiler) -> None:
    table = pd.read_csv(c.raw(GROUNDWATER), dtype={"county_fips": str})
    out = pd.DataFrame(
        {
            "fips": table.county_fips,
            "state": table.state,
            "share_managed": table.share_managed.astype("float32"),
            "kind": table.kind,
            "program": table.source,
        }
    )
    product = Product(
        path="water/managed_groundwater.parquet",
        title="Counties with managed groundwater in Arizona, Texas and Colorado",
        publisher="Arizona Department of Water Resources, Texas Commission on Environmental Quality, Colorado Division of Water "
        "Resources",
        vintage="2024-2026",
        licence="facts",
        grade="E3",
        caveat="Only three states were looked at: absence elsewhere is unknown, not free. Compiled by others; what may be pumped "
        "depends on the basin, not on the county.",
        method="Taken over.",
        sources=(GROUNDWATER,),
        fields={
            "fips": "county code",
            "state": "postal code",
            "share_managed": "share of the county's area, 0..1; null = a part, unknown how large",
            "kind": "managed, irrigation only (INA), partial",
            "program": "who manages it",
        },
    )
    c.table(product, out.sort_values("fips"))


def _rights(c: Compiler) -> None:
    table = pd.read_csv(c.raw(RIGHTS))
    out = table[["state", "doctrine", "surface_permit"]].sort_values("state")
    product = Product(
        path="water/state_water_rights.parquet",
        title="Doctrine of surface-water rights by state",
        publisher="National Agricultural Law Center, from a compiled table",
        vintage="2016",
        licence="facts",
        grade="E3",
        caveat="One word per state for surface water; groundwater follows other rules. Compiled by others, not checked against "
        "the statutes. A blank permit is not known, not free.",
        method="Taken over.",
        sources=(RIGHTS,),
        fields={
            "state": "postal code",
            "doctrine": "prior_appropriation, riparian, or hybrid (both)",
            "surface_permit": "permit for surface water in states of riparian rights, with its threshold; null = unknown",
        },
    )
    c.table(product, out)
