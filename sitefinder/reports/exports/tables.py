"""Tables of a finished run as every export takes them: columns with units, rows, and geometries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import shapely

from sitefinder.certainty.columns import NearMiss
from sitefinder.columns import Column, Scalar
from sitefinder.grid import to_wgs84
from sitefinder.layers.able import grid_points
from sitefinder.layers.package import DataPackage
from sitefinder.results.links import aerial_view
from sitefinder.results.route_lines import feature_columns
from sitefinder.results.run import Entry, Run
from sitefinder.results.site import columns

#: kind of the values of a column: text, yes or no, whole numbers, other numbers
Kind = Literal["text", "flag", "whole", "number"]
Row = Mapping[str, Scalar]

#: a column that the exports add to every list
AERIAL = Column("aerial_view", "", "Address of an aerial picture of the land around the point", "place", None, "Place")
#: stations that a campus may connect to
STATION_COLUMNS = (
    Column("station", "", "Name of the station, or where it lies", "grid/headroom.parquet"),
    Column("kv", "kV", "Voltage class", "grid/headroom.parquet", 0),
    Column("headroom_mw_p10", "MW", "Headroom left for new load with any one line out: low end", "grid/headroom.parquet", 0),
    Column("headroom_mw_p50", "MW", "Headroom left for new load with any one line out: middle", "grid/headroom.parquet", 0),
    Column("headroom_mw_p90", "MW", "Headroom left for new load with any one line out: high end", "grid/headroom.parquet", 0),
    Column("claimed_mw", "MW", "Planned by known campuses around", "grid/headroom.parquet", 0),
    Column("new_station", "", "A new switching station has to be built there", "grid/headroom.parquet"),
)


@dataclass(frozen=True)
class Table:
    """Rows of one kind with their geometries.

    Parameters
    ----------
    name : str
        Of the layer or file.
    title : str
        What the rows are.
    columns : tuple of Column
    rows : sequence of mapping
        Column name -> value as the result files hold it; None = unknown.
    geometry : (n,) array of shapely geometry
        WGS 84; all polygons, all lines or all points.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    geometry: np.ndarray

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Column name -> kind of its values."""
        return {c.name: kind_of(c, [row.get(c.name) for row in self.rows]) for c in self.columns}

    def values(self, name: str) -> list[Scalar]:
        """Values of a column, row by row."""
        return [row.get(name) for row in self.rows]


def kind_of(column: Column, values: Sequence[Scalar]) -> Kind:
    """Kind of the values of a column: what it declares, or what stands in it where it declares nothing.

    >>> kind_of(Column("km", "km", "Length", "", 2), [None, 3])
    'number'
    """
    known = [v for v in values if v is not None]
    if any(isinstance(v, str) for v in known):
        return "text"
    if known and all(isinstance(v, bool) for v in known):
        return "flag"
    if column.decimals is None:
        return "number" if known else "text"
    return "number" if column.decimals else "whole"


def printable(text: str) -> str:
    r"""Text without the characters that XML cannot hold, and files made of XML neither.

    >>> printable("Lot 7\x07, a < b")
    'Lot 7, a < b'
    """
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff"))


def tables_of(run: Run, package: DataPackage) -> list[Table]:
    """Every table of a run that has rows: sites and the user's own, their routes, near misses, stations.

    Raises
    ------
    DataError
        A file of the run or of the compiled data is missing or damaged.
    """
    every = [
        _sites("sites", "Ranked sites", run.sites),
        _sites("own_sites", "Your sites", run.own),
        _routes("routes", "Least-cost routes of the ranked sites", run, run.sites),
        _routes("own_routes", "Least-cost routes of your sites", run, run.own),
        _near_misses(run),
        _stations(run, package),
    ]
    return [table for table in every if table is not None and table.rows]


def site_table(tables: Sequence[Table]) -> Table:
    """The table of the ranked sites, which every run has."""
    return next(table for table in tables if table.name == "sites")


def _sites(name: str, title: str, entries: Sequence[Entry]) -> Table | None:
    if not entries:
        return None
    site = entries[0].site
    shown = (*columns(tuple(site.layers), user=site.own is not None), AERIAL)
    rows = [{**e.site.values, AERIAL.name: aerial_view(e.site.place.lat, e.site.place.lon)} for e in entries]
    return Table(name, title, shown, rows, _shapes([e.outline for e in entries]))


def _routes(name: str, title: str, run: Run, entries: Sequence[Entry]) -> Table | None:
    settings = run.config.connections
    features = [route for entry in entries for route in entry.routes]
    if settings is None or not features:
        return None
    return Table(
        name, title, feature_columns(settings), [f["properties"] for f in features], _shapes([f["geometry"] for f in features])
    )


def _near_misses(run: Run) -> Table:
    rows = [{c.name: c.written(miss.row()[c.name]) for c in NearMiss.columns()} for miss in run.near_misses]
    at = shapely.points([(miss.lon, miss.lat) for miss in run.near_misses]) if rows else np.empty(0, object)
    return Table("near_misses", "Land that one gate keeps off the list", NearMiss.columns(), rows, at)


def _stations(run: Run, package: DataPackage) -> Table | None:
    """Stations with an estimate of headroom; None where the run has no dates of power."""
    if run.config.delivery is None:
        return None
    points = grid_points(package, run.config.delivery, run.config.project.mw)
    points = points.take(np.flatnonzero(~points.is_line))
    numbers = zip(points.name, points.kv, points.left_mw, points.claimed_mw, points.cut_in, strict=True)
    rows = []
    for station, kv, left, claimed, cut_in in numbers:
        values = (station, kv, *left, claimed, bool(cut_in))
        rows.append({c.name: c.written(v) for c, v in zip(STATION_COLUMNS, values, strict=True)})
    return Table("stations", "Stations with an estimate of headroom", STATION_COLUMNS, rows, to_wgs84(points.geometry))


def _shapes(geometries: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Geometries of GeoJSON; polygons all as multiples, so that a layer has one kind."""
    shapes = np.array([shapely.geometry.shape(g) for g in geometries], object)
    areas = shapely.get_dimensions(shapes) == 2
    shapes[areas] = [g if g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in shapes[areas]]
    return shapes
