"""Facts of the county, the state and the water supplier around a campus, in words that keep what is not known apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from sitefinder.layers.files import COUNTY_CROPLAND, COUNTY_FLOOD_HOMES, MANAGED_GROUNDWATER, SERVICE_AREAS, WATER_RIGHTS
from sitefinder.layers.package import DataPackage, read_features, read_table
from sitefinder.sites.columns import LocalPart
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: files that this stage reads itself
FILES = (COUNTY_CROPLAND, COUNTY_FLOOD_HOMES, MANAGED_GROUNDWATER, SERVICE_AREAS, WATER_RIGHTS)
#: farther away no supplier is named
SUPPLIER_KM = 50.0
#: states whose managed groundwater was looked at
LOOKED_AT = frozenset({"AZ", "CO", "TX"})
PERCENT = 100.0
DOCTRINES: Mapping[str, str] = {
    "prior_appropriation": "prior appropriation: who came first has the water",
    "hybrid": "prior appropriation beside rights of owners on the bank",
    "riparian": "rights of owners on the bank",
}
PERMITS: Mapping[str, str] = {
    "permit": "permit for surface water, from what amount is not on record",
    "district permit": "permit of the water management district",
}
COUNTED, AT_LEAST = "of homes, counted", "of homes at least: only insured ones were counted"


@dataclass(frozen=True)
class Farms:
    """Row of the table of cropland."""

    fips: str
    cropland_share: float | None
    cropland_acres_per_farm: float | None


@dataclass(frozen=True)
class FloodHomes:
    """Row of the table of homes in flood zones."""

    fips: str
    home_share: float | None
    lower_bound: bool


@dataclass(frozen=True)
class Groundwater:
    """Row of the table of managed groundwater."""

    fips: str
    share_managed: float | None
    kind: str
    program: str


@dataclass(frozen=True)
class Rights:
    """Row of the table of water rights."""

    state: str
    doctrine: str
    surface_permit: str | None


def local_parts(package: DataPackage, xy: np.ndarray, counties: Sequence[Mapping[str, Any]]) -> list[LocalPart]:
    """Facts around each place.

    Parameters
    ----------
    package : DataPackage
    xy : (n, 2) float64
        EPSG:5070 metres.
    counties : sequence of mapping
        ``fips`` and ``state`` of the county of each.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """
    farms = read_table(package, COUNTY_CROPLAND, Farms, "fips")
    floods = read_table(package, COUNTY_FLOOD_HOMES, FloodHomes, "fips")
    managed = read_table(package, MANAGED_GROUNDWATER, Groundwater, "fips")
    rights = read_table(package, WATER_RIGHTS, Rights, "state")
    names, km = suppliers(package, xy)
    parts = []
    for i, county in enumerate(counties):
        fips, state = county["fips"], county["state"]
        farm, flood = farms.get(fips), floods.get(fips)
        parts.append(
            LocalPart(
                supplier=names[i],
                supplier_km=km[i],
                groundwater=groundwater_words(state, managed.get(fips)),
                rights=rights_words(rights.get(state)),
                flood_homes_pct=PERCENT * _number(flood.home_share if flood else None),
                flood_homes_basis=None if flood is None else AT_LEAST if flood.lower_bound else COUNTED,
                cropland_pct=PERCENT * _number(farm.cropland_share if farm else None),
                acres_per_farm=_number(farm.cropland_acres_per_farm if farm else None),
            )
        )
    return parts


def suppliers(package: DataPackage, xy: np.ndarray) -> tuple[NDArray[Any], np.ndarray]:
    """Supplier whose area holds each place (the smallest of several), else the nearest within 50 km, and its distance, km.

    Names are None and distances NaN where none is near.
    """
    areas = read_features(package, SERVICE_AREAS, ("name",))
    shapes = areas["geometry"]
    place, row = shapely.STRtree(shapes).query(shapely.points(xy), predicate="dwithin", distance=SUPPLIER_KM * M_PER_KM)
    gap = shapely.distance(shapely.points(xy)[place], shapes[row])
    order = np.lexsort((row, shapely.area(shapes[row]), gap, place))
    first = order[np.unique(place[order], return_index=True)[1]]
    names, km = np.full(len(xy), None, object), np.full(len(xy), np.nan)
    names[place[first]], km[place[first]] = areas["name"][row[first]], gap[first] / M_PER_KM
    return names, km


def groundwater_words(state: str | None, row: Groundwater | None) -> str:
    """Managed groundwater of a county; most states were not looked at.

    >>> groundwater_words("AZ", Groundwater("04013", 0.58, "managed", "ADWR AMA/INA 2024"))
    'managed in 58 % of the county (ADWR AMA/INA 2024)'
    >>> groundwater_words("OH", None)
    'not looked at in this state'
    """
    if row is None:
        return "county not on the list of its state" if state in LOOKED_AT else "not looked at in this state"
    share = _number(row.share_managed)
    where = "in a part of the county" if math.isnan(share) else f"in {PERCENT * share:.0f} % of the county"
    kind = "irrigation managed" if row.kind.startswith("irrigation") else "managed"
    return f"{kind} {where} ({row.program})"


def rights_words(row: Rights | None) -> str | None:
    """Doctrine of water rights and its permit; None = unknown.

    >>> rights_words(Rights("GA", "riparian", ">100k gpd"))
    'rights of owners on the bank; permit from 100,000 gallons a day'
    """
    if row is None:
        return None
    doctrine = DOCTRINES[row.doctrine]
    if row.doctrine == "prior_appropriation" or (row.doctrine == "hybrid" and row.surface_permit is None):
        return doctrine
    if row.surface_permit is None:
        return f"{doctrine}; permit not on record, which is no exemption"
    if row.surface_permit.startswith(">"):
        return f"{doctrine}; permit from {row.surface_permit[1:].partition('k')[0]},000 gallons a day"
    return f"{doctrine}; {PERMITS.get(row.surface_permit, row.surface_permit)}"


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
