"""The part of the country that a run or a list is about: names resolved into counties, market regions and polygons."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sitefinder.config.area import FIPS_DIGITS, Area
from sitefinder.errors import ConfigError
from sitefinder.grid import Grid, Land, from_lonlat, great_circle_km, to_lonlat
from sitefinder.layers.files import BALANCING_AREAS, COUNTIES, RTO, UTILITY_PRICE
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.layers.vectors import polygons_of
from sitefinder.layers.zones import Zones
from sitefinder.units import M_PER_KM

#: prefixes of names that are neither states, counties nor market regions
AUTHORITY, UTILITY = "ba:", "utility:"
#: endings of files of polygons
FILES = (".geojson", ".json", ".parquet", ".geoparquet", ".gpkg", ".fgb", ".shp", ".zip", ".kml", ".kmz")
#: the projection stretches distances by up to this share
STRETCH = 0.03


@dataclass(frozen=True)
class Part:
    """Counties, market regions and polygons that together are a part of the country.

    Parameters
    ----------
    states, counties, regions : frozenset of str
        Postal codes, five-digit codes, and codes of market regions.
    polygons : sequence of shapely geometry
        EPSG:5070.
    """

    states: frozenset[str] = frozenset()
    counties: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    polygons: Sequence[Any] = ()

    def __bool__(self) -> bool:
        """Whether it is about any place."""
        return bool(self.states or self.counties or self.regions or len(self.polygons))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of its polygons."""
        return shapely.STRtree(list(self.polygons))

    def holds(self, state: str | None, fips: str | None, region: str | None, xy: tuple[float, float]) -> bool:
        """Whether a place lies in it: by its county and region where these are named, by its position in polygons."""
        named = state in self.states or fips in self.counties or region in self.regions
        return named or (len(self.polygons) > 0 and self.tree.query(shapely.Point(xy), predicate="intersects").size > 0)

    def cells(self, land: Land, zones: Zones) -> np.ndarray:
        """(n_land,) bool: cells whose centre lies in it."""
        counties = zones.names["county"]
        wanted = np.array([c["state"] in self.states or c["fips"] in self.counties for c in counties])
        inside: np.ndarray = wanted[zones.county]
        if self.regions:
            rows = np.array([*(code in self.regions for code in zones.names["rto"]), False])  # -1 is no region
            inside = inside | rows[zones.rto]
        for polygon in self.polygons:
            inside[_cells_in(polygon, land)] = True
        return inside


@dataclass(frozen=True)
class Within:
    """An area with its names resolved.

    Parameters
    ----------
    where : Part
        Empty = everywhere.
    not_in : Part
    near : (latitude, longitude, km) or None
    """

    where: Part = field(default_factory=Part)
    not_in: Part = field(default_factory=Part)
    near: tuple[float, float, float] | None = None

    def holds(self, state: str | None, fips: str | None, region: str | None, lat_lon: tuple[float, float]) -> bool:
        """Whether a place lies in the area; degrees."""
        lat, lon = lat_lon
        x, y = from_lonlat(lon, lat)
        place = (state, fips, region, (float(x), float(y)))
        if (self.where and not self.where.holds(*place)) or self.not_in.holds(*place):
            return False
        return self.near is None or bool(great_circle_km(lat, lon, *self.near[:2]) <= self.near[2])

    def cells(self, land: Land, zones: Zones) -> np.ndarray:
        """(n_land,) bool: cells whose centre lies in the area."""
        inside = self.where.cells(land, zones) if self.where else np.ones(land.size, bool)
        if self.not_in:
            inside &= ~self.not_in.cells(land, zones)
        if self.near is not None:
            inside &= _near(self.near, land)
        return inside


def resolved(area: Area, package: DataPackage, place_of: Callable[[str], str], zones: Zones | None = None) -> Within:
    """The area with its names resolved.

    Parameters
    ----------
    area : Area
    package : DataPackage
    place_of : callable
        Key (``where``, ``not_in``) -> where it stands, for messages.
    zones : Zones, optional
        Know the counties and market regions; else they are read.

    Raises
    ------
    ConfigError
        A name is unknown; the message suggests one.
    DataError
        A file of polygons is missing or cannot be used.
    """
    known = _Known(package, zones)
    parts = {key: _part(getattr(area, key), known, place_of(key)) for key in ("where", "not_in")}
    return Within(near=area.near, **parts)


class _Known:
    """Names that an area may use, read as they are asked for."""

    def __init__(self, package: DataPackage, zones: Zones | None) -> None:
        self.package = package
        self.zones = zones

    @cached_property
    def counties(self) -> Mapping[str, frozenset[str]]:
        """Codes of the counties (``fips``) and of the states (``state``)."""
        if self.zones is not None:
            return {key: frozenset(c[key] for c in self.zones.names["county"]) for key in ("fips", "state")}
        table = self.package.columns(COUNTIES, ("fips", "state"))
        return {key: frozenset(map(str, values)) for key, values in table.items()}

    @cached_property
    def regions(self) -> Mapping[str, str]:
        codes = self.zones.names["rto"] if self.zones is not None else self.package.columns(RTO, ("code",))["code"]
        return {str(code).upper(): str(code) for code in codes}

    @cached_property
    def authorities(self) -> Mapping[str, np.ndarray]:
        return read_features(self.package, BALANCING_AREAS, ("ba",))

    @cached_property
    def utilities(self) -> Mapping[str, np.ndarray]:
        return read_features(self.package, UTILITY_PRICE, ("name",))


def _part(names: Iterable[str], known: _Known, place: str) -> Part:
    states, counties, regions, polygons = set(), set(), set(), []
    for name in names:
        upper = name.upper()
        if upper in known.counties["state"]:
            states.add(upper)
        elif len(name) == FIPS_DIGITS and name.isdigit():
            counties.add(_county(name, known, place))
        elif upper in known.regions:
            regions.add(known.regions[upper])
        elif name.lower().startswith(AUTHORITY):
            polygons += _authority(name, known, place)
        elif name.lower().startswith(UTILITY):
            polygons += _utility(name, known, place)
        elif name.lower().endswith(FILES):
            polygons += polygons_of(Path(name), place)
        else:
            raise ConfigError(f"Invalid name '{name}' in {place}. {_help(name, known)}")
    return Part(frozenset(states), frozenset(counties), frozenset(regions), polygons)


def _help(name: str, known: _Known) -> str:
    """What may be written instead."""
    kinds = "Write a state (TX), a county code (17093), a market region (PJM), ba:CODE, utility:NAME or a file of polygons"
    upper = name.upper()
    if upper in known.authorities["ba"]:
        return f"{kinds}; did you mean '{AUTHORITY}{upper}'?"
    if any(upper in str(utility).upper() for utility in known.utilities["name"]):
        return f"{kinds}; did you mean '{UTILITY}{name}'?"
    close = difflib.get_close_matches(upper, [*sorted(known.counties["state"]), *known.regions], n=1, cutoff=0.6)
    return f"{kinds}; did you mean '{known.regions.get(close[0], close[0])}'?" if close else f"{kinds}."


def _county(name: str, known: _Known, place: str) -> str:
    if name not in known.counties["fips"]:
        raise ConfigError(
            f"Invalid county code '{name}' in {place}. No county of the contiguous states has it; look it up at census.gov."
        )
    return name


def _authority(name: str, known: _Known, place: str) -> list[Any]:
    code = name[len(AUTHORITY) :].strip().upper()
    rows = known.authorities["ba"] == code
    if not rows.any():
        options = ", ".join(sorted(map(str, known.authorities["ba"])))
        raise ConfigError(f"Invalid balancing authority '{code}' in {place}. Use one of {options}.")
    return list(known.authorities["geometry"][rows])


def _utility(name: str, known: _Known, place: str) -> list[Any]:
    words = name[len(UTILITY) :].strip().upper()
    rows = np.array([bool(words) and words in str(utility).upper() for utility in known.utilities["name"]])
    if not rows.any():
        close = difflib.get_close_matches(words, [str(u).upper() for u in known.utilities["name"]], n=1, cutoff=0.5)
        hint = f"did you mean '{UTILITY}{close[0].title()}'?" if close else "names are those of the column serving_utility."
        raise ConfigError(f"Invalid utility '{name}' in {place}. No territory of the data bears such a name; {hint}")
    return list(known.utilities["geometry"][rows])


def _cells_in(polygon: Any, land: Land) -> np.ndarray:
    """Places of the land index whose centre lies in a polygon."""
    index, x, y = _window(shapely.bounds(polygon), land)
    shapely.prepare(polygon)
    return index[shapely.contains_xy(polygon, x, y)]


def _near(near: tuple[float, float, float], land: Land) -> np.ndarray:
    """(n_land,) bool: cells whose centre lies within a distance of a point."""
    lat, lon, km = near
    x, y = (float(v) for v in from_lonlat(lon, lat))
    reach = km * M_PER_KM * (1.0 + STRETCH)
    index, xs, ys = _window((x - reach, y - reach, x + reach, y + reach), land)
    lons, lats = to_lonlat(xs, ys)
    inside = np.zeros(land.size, bool)
    inside[index[great_circle_km(lats, lons, lat, lon) <= km]] = True
    return inside


def _window(bounds: Sequence[float], land: Land) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of the land index within a rectangle (west, south, east, north), and positions of their centres, metres."""
    grid: Grid = land.grid
    (top, bottom), (left, right) = grid.cell_at(np.array([bounds[0], bounds[2]]), np.array([bounds[3], bounds[1]]))
    rows, cols = np.mgrid[max(0, top) : min(grid.height, bottom + 1), max(0, left) : min(grid.width, right + 1)].reshape(2, -1)
    index = land.index_of(rows * grid.width + cols)
    on_land = index >= 0
    x, y = grid.centre(rows[on_land], cols[on_land])
    return index[on_land], x, y
