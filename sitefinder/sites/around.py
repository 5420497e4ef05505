"""What lies around a campus by name: the nearest power plant, known campus and lake, and the utility that serves the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely

from sitefinder.columns import Part, column
from sitefinder.layers.files import CAMPUS_LABELS, LAKES, PLANTS, UTILITY_PRICE
from sitefinder.layers.package import DataPackage, read_features, read_points
from sitefinder.ml.dataset import LARGE_M2
from sitefinder.sites.columns import LocalPart
from sitefinder.sites.local import local_parts
from sitefinder.units import M_PER_KM

#: files that this stage reads itself
FILES = (CAMPUS_LABELS, LAKES, PLANTS, UTILITY_PRICE)
#: smallest power plant that is named, MW
LEAST_PLANT_MW = 10.0
#: smallest lake that is named, km2: a metre of its level is about what a gigawatt campus evaporates in a year (J)
LEAST_LAKE_KM2 = 10.0
#: what a campus without name and operator is called
UNNAMED = "unnamed data center"


@dataclass(frozen=True)
class AroundPart(Part):
    """Nearest power plant, known campus and lake, and the serving utility."""

    heading: ClassVar[str] = "Nearest"

    plant: str | None = column("Nearest power plant of 10 MW and more", name="nearest_plant", source=PLANTS)
    plant_mw: float = column("Its capacity", name="nearest_plant_mw", unit="MW", decimals=0, source=PLANTS)
    plant_km: float = column("Distance to it, as points", name="nearest_plant_km", unit="km", decimals=1, source=PLANTS)
    campus: str | None = column(
        "Nearest known data-center campus: a frontier campus, one of known planned power, or one of the floor of a large "
        "building (names: Epoch AI, CC BY, and OpenStreetMap)",
        name="nearest_campus",
        source=CAMPUS_LABELS,
    )
    campus_mw: float = column(
        "Largest power planned there; null = unknown", name="nearest_campus_mw", unit="MW", decimals=0, source=CAMPUS_LABELS
    )
    campus_km: float = column("Distance to it, as points", name="nearest_campus_km", unit="km", decimals=1, source=CAMPUS_LABELS)
    utility: str | None = column(
        "Utility whose retail territory holds the point: those with large industrial sales, and owners of wires where customers "
        "choose their supplier; null = another, or unknown",
        name="serving_utility",
        source=UTILITY_PRICE,
    )
    lake: str | None = column(
        "Nearest lake or reservoir of 10 km2 and more; no source of the water points: level and rights are unknown",
        name="nearest_lake",
        source=LAKES,
    )
    lake_km2: float = column("Its area", name="nearest_lake_km2", unit="km2", decimals=0, source=LAKES)
    lake_km: float = column("Distance from the point to its shore", name="nearest_lake_km", unit="km", decimals=1, source=LAKES)


def surroundings(
    package: DataPackage, xy: np.ndarray, counties: Sequence[Mapping[str, Any]]
) -> list[tuple[LocalPart, AroundPart]]:
    """Both parts of each place; parameters and errors as for :func:`sitefinder.sites.local.local_parts`."""
    return list(zip(local_parts(package, xy, counties), around_parts(package, xy), strict=True))


def around_parts(package: DataPackage, xy: np.ndarray) -> list[AroundPart]:
    """Names around each place.

    Parameters
    ----------
    package : DataPackage
    xy : (n, 2) float64
        EPSG:5070 metres.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """
    plants = _nearest(read_points(package, PLANTS, ("name", "mw")), xy, lambda table: table["mw"] >= LEAST_PLANT_MW)
    labels = read_points(package, CAMPUS_LABELS, ("name", "operator", "mw", "footprint_m2", "in_epoch"))
    names = zip(labels["name"], labels["operator"], strict=True)
    labels["name"] = np.array([_text(name) or _text(operator) or UNNAMED for name, operator in names], object)
    campuses = _nearest(labels, xy, _is_campus)
    utilities = serving_utilities(package, xy)
    lakes = nearest_lakes(package, xy)
    parts = zip(plants, campuses, utilities, lakes, strict=True)
    return [AroundPart(*plant, *campus, utility, *lake) for plant, campus, utility, lake in parts]


def _is_campus(labels: Mapping[str, np.ndarray]) -> np.ndarray:
    """True for labels that stand for a campus: followed as frontier campuses, of known power, or of a large floor."""
    return labels["in_epoch"].astype(bool) | (labels["mw"] >= 0.0) | (labels["footprint_m2"] >= LARGE_M2)


def _nearest(
    table: Mapping[str, np.ndarray], xy: np.ndarray, wanted: Callable[[Mapping[str, np.ndarray]], np.ndarray]
) -> list[tuple[str | None, float, float]]:
    """Name, MW (NaN = unknown) and distance (km) of the nearest of the points that are wanted."""
    chosen = wanted(table)
    x, y, mw, names = (table[c][chosen] for c in ("x", "y", "mw", "name"))
    place, row = shapely.STRtree(shapely.points(x, y)).query_nearest(shapely.points(xy), all_matches=False)
    row = row[np.argsort(place)]
    km = np.hypot(x[row] - xy[:, 0], y[row] - xy[:, 1]) / M_PER_KM
    return [(_text(names[i]), float(mw[i]), float(far)) for i, far in zip(row, km, strict=True)]


def serving_utilities(package: DataPackage, xy: np.ndarray) -> list[str | None]:
    """Name of the utility whose territory holds each place; None where no territory of the file does."""
    areas = read_features(package, UTILITY_PRICE, ("name",))
    names: list[str | None] = [None] * len(xy)
    for place, row in zip(*shapely.STRtree(areas["geometry"]).query(shapely.points(xy), predicate="intersects"), strict=True):
        names[place] = _text(areas["name"][row])
    return names


def nearest_lakes(package: DataPackage, xy: np.ndarray) -> list[tuple[str, float, float]]:
    """Name, area (km2) and distance to the shore (km, 0 on the water) of the nearest large lake of each place."""
    lakes = read_features(package, LAKES, ("name", "area_km2"), where=lambda table: table["area_km2"] >= LEAST_LAKE_KM2)
    place, row = shapely.STRtree(lakes["geometry"]).query_nearest(shapely.points(xy), all_matches=False)
    row = row[np.argsort(place)]
    km = shapely.distance(shapely.points(xy), lakes["geometry"][row]) / M_PER_KM
    names = [_text(name) or "unnamed lake" for name in lakes["name"][row]]
    return list(zip(names, lakes["area_km2"][row].astype(float).tolist(), km.tolist(), strict=True))


def _text(value: object) -> str | None:
    """A text of a compiled file; None where it is missing."""
    return value if isinstance(value, str) else None
