"""Maps of a site's surroundings, north up, from the compiled layers; and the country with its sites.

Besides drawing, this module reads the compiled layers: it cuts out, projects and simplifies what lies within a map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas
import shapely
from shapely.geometry import shape

from sitefinder.grid import from_lonlat, from_wgs84
from sitefinder.layers.files import (
    CORRIDORS,
    COUNTIES,
    HIGHWAYS,
    LAKES,
    LINES,
    PIPELINES,
    PLACES,
    POPULATION,
    RIVERS,
    STATES,
    STATIONS,
)
from sitefinder.layers.package import DataPackage
from sitefinder.reports.dossier.plot import SIDE, plot
from sitefinder.reports.html.markup import Safe, tag
from sitefinder.reports.html.sketch import Labels, dots, num, path
from sitefinder.results.run import Entry
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sitefinder.config.land import TakenLand

#: size of the drawing, units
WIDE, HIGH = 420.0, 270.0
#: half of the width of the map, km; larger for a large outline
HALF_KM = 18.0
#: the outline takes at most this share of the half width
ROOM = 0.6
#: lengths that a scale bar may have, km
SCALES = (1, 2, 5, 10, 20, 50)
#: voltage classes drawn, kV, and the class of their lines
VOLTAGES: Mapping[int, str] = {138: "kv138", 230: "kv230", 345: "kv345", 500: "kv500", 765: "kv765"}
#: voltage classes of the stations drawn, kV
STATION_KV = (230, 345, 500, 765)
#: files drawn, in the order in which they lie on one another
FILES = (CORRIDORS, COUNTIES, STATES, LAKES, RIVERS, HIGHWAYS, POPULATION, PIPELINES, LINES, STATIONS, PLACES)
#: routes drawn, of those that a run computes
DRAWN_ROUTES = ("grid", "gas", "fiber", "water")
#: towns named on a map at most; stations too
TOWNS, NAMED_STATIONS = 7, 3
#: rivers named and drawn wider from this mean flow, m3/s
BIG_RIVER = 20.0
#: people of a block group -> radius of its dot
PEOPLE_DOT = 0.03


class View(NamedTuple):
    """Extent of a map: centre in EPSG:5070 metres, half width in metres, rotation that puts north up."""

    x: float
    y: float
    half: float
    turn: float

    @property
    def scale(self) -> float:
        """Units of the drawing per metre."""
        return WIDE / 2.0 / self.half

    def draw(self, xy: np.ndarray) -> np.ndarray:
        """Positions (n, 2) of points in the drawing."""
        east, north = xy[:, 0] - self.x, xy[:, 1] - self.y
        c, s = math.cos(self.turn), math.sin(self.turn)
        return np.stack([WIDE / 2 + (c * east - s * north) * self.scale, HIGH / 2 - (s * east + c * north) * self.scale], 1)


class Surroundings:
    """Layers that maps are drawn from; each is read once.

    Parameters
    ----------
    package : DataPackage
    """

    def __init__(self, package: DataPackage) -> None:
        self.package = package

    @cached_property
    def frames(self) -> Mapping[str, GeoDataFrame]:
        """File -> table of its features."""
        import geopandas

        return {name: geopandas.read_parquet(self.package.verified(name)) for name in FILES}

    @cached_property
    def trees(self) -> Mapping[str, shapely.STRtree]:
        """File -> index of its geometries."""
        return {name: shapely.STRtree(frame.geometry.to_numpy()) for name, frame in self.frames.items()}

    def near(self, name: str, view: View) -> Iterator[tuple[Any, Any]]:
        """Rows of a file within a map with their drawn geometries, in the order of the file."""
        frame, reach = self.frames[name], view.half * math.hypot(1.0, HIGH / WIDE)
        box = shapely.box(view.x - reach, view.y - reach, view.x + reach, view.y + reach)
        rows = np.sort(self.trees[name].query(box))
        sheet = shapely.box(-2, -2, WIDE + 2, HIGH + 2)
        shapes = frame.geometry.to_numpy()[rows]
        if shapes.size and shapely.get_type_id(shapes[0]) in (3, 6):
            shapes = shapely.intersection(shapes, box)
        drawn = shapely.simplify(shapely.transform(shapes, view.draw), 0.3)
        for row, part in zip(rows, shapely.clip_by_rect(drawn, *sheet.bounds), strict=True):
            if not shapely.is_empty(part):
                yield frame.iloc[row], part

    def outline(self, geometry: Mapping[str, Any]) -> Any:
        """A GeoJSON geometry in the frame of the layers."""
        return from_wgs84(shape(geometry))

    def view(self, outline: Any, lon: float, lat: float) -> View:
        """The view of an outline with north up."""
        x1, y1, x2, y2 = outline.bounds
        x, y = (x1 + x2) / 2.0, (y1 + y2) / 2.0
        (ax, bx), (ay, by) = from_lonlat([lon, lon], [lat, lat + 0.05])
        half = max(HALF_KM * M_PER_KM, max(x2 - x1, (y2 - y1) * WIDE / HIGH) / 2.0 / ROOM)
        return View(x, y, half, math.atan2(bx - ax, by - ay))


def site_map(land: Surroundings, entry: Entry, taken: TakenLand | None = None) -> Safe:
    """The surroundings of a site as SVG, with its outline and its routes.

    Parameters
    ----------
    land : Surroundings
    entry : Entry
    taken : TakenLand, optional
        How wide the strips of lines, pipes, roads and rails are; with it, a corner shows the land close up with what they take.
    """
    ground, place = land.outline(entry.outline), entry.site.place
    view = land.view(ground, place.lon, place.lat)
    labels = Labels(WIDE, HIGH)
    campus = shapely.transform(ground, view.draw)
    labels.block(*campus.bounds)
    labels.block(0, HIGH - 24, 110, HIGH)
    labels.block(WIDE - 24, 0, WIDE, 36)
    corner = (WIDE - SIDE - 4, HIGH - SIDE - 4)
    if taken is not None:
        labels.block(*corner, WIDE, HIGH)
    parts = [tag("rect", x=0, y=0, width=num(WIDE), height=num(HIGH), class_="ground")]
    parts += _areas(land, view) + _lines(land, view)
    parts += [
        tag("path", d=_d(shapely.transform(land.outline(r["geometry"]), view.draw)), class_="route")
        for r in entry.routes
        if r["properties"]["route"] in DRAWN_ROUTES
    ]
    parts.append(tag("path", d=_d(campus), class_="campus"))
    parts += _stations(land, view, labels) + _towns(land, view, labels) + _furniture(view)
    if taken is not None:
        parts.append(plot(land.frames.__getitem__, ground, taken, view.turn, corner))
    return tag(
        "svg",
        *parts,
        viewBox=f"0 0 {num(WIDE)} {num(HIGH)}",
        role="img",
        aria_label="Map of the surroundings",
        class_="map",
    )


def _d(part: Any) -> str:
    """SVG path data of a geometry; empty for points."""
    kind = part.geom_type
    if kind == "Polygon":
        rings = [part.exterior, *part.interiors]
        return "".join(path([(float(x), float(y)) for x, y in shapely.get_coordinates(ring)], close=True) for ring in rings)
    if kind in ("LineString", "LinearRing"):
        return path([(float(x), float(y)) for x, y in shapely.get_coordinates(part)])
    return "".join(_d(p) for p in part.geoms) if hasattr(part, "geoms") else ""


def _merged(parts: Iterator[tuple[str, Any]]) -> list[Safe]:
    """One path per class, in the order in which classes first occur."""
    drawn: dict[str, list[str]] = {}
    for kind, part in parts:
        drawn.setdefault(kind, []).append(_d(part))
    return [tag("path", d="".join(d), class_=kind) for kind, d in drawn.items()]


def _areas(land: Surroundings, view: View) -> list[Safe]:
    return [
        *_merged(("lake", p) for _, p in land.near(LAKES, view)),
        *_merged(("county", p) for _, p in land.near(COUNTIES, view)),
        *_merged(("border", p) for _, p in land.near(STATES, view)),
    ]


def _lines(land: Surroundings, view: View) -> list[Safe]:
    wires = sorted(
        ((int(r.kv_class), i, p) for i, (r, p) in enumerate(land.near(LINES, view)) if r.kv_class in VOLTAGES),
        key=lambda wire: wire[:2],
    )
    return [
        *_merged(("river big" if r.flow_m3s >= BIG_RIVER else "river", p) for r, p in land.near(RIVERS, view)),
        *_merged((f"road {r.kind}", p) for r, p in land.near(HIGHWAYS, view) if r.kind != "state"),
        *(
            tag("circle", cx=num(p.x), cy=num(p.y), r=num(max(0.8, PEOPLE_DOT * math.sqrt(float(r.population)))), class_="people")
            for r, p in land.near(POPULATION, view)
        ),
        *_merged(("pipe", p) for _, p in land.near(PIPELINES, view)),
        *_merged((f"wire {VOLTAGES[kv]}", p) for kv, _, p in wires),
    ]


def _stations(land: Surroundings, view: View, labels: Labels) -> list[Safe]:
    stations = [(int(r.kv_class), r, p) for r, p in land.near(STATIONS, view) if r.kv_class in STATION_KV]
    stations.sort(key=lambda f: (-f[0], math.hypot(f[2].x - WIDE / 2, f[2].y - HIGH / 2), int(f[1].sub_id)))
    parts = [
        tag("rect", x=num(p.x - 2.5), y=num(p.y - 2.5), width=5, height=5, class_=f"station {VOLTAGES[kv]}")
        for kv, _, p in reversed(stations)
    ]
    for _, _, p in stations[:NAMED_STATIONS]:
        labels.block(p.x - 3, p.y - 3, p.x + 3, p.y + 3)
    with_name = [(str(r["name"]), p) for _, r, p in stations if isinstance(r["name"], str)]
    return parts + [t for name, p in with_name[:NAMED_STATIONS] if (t := _label(labels, p, name.title(), "stationname"))]


def _towns(land: Surroundings, view: View, labels: Labels) -> list[Safe]:
    # a county seat of unknown size stands behind those whose size is known
    towns = [(0 if pandas.isna(r.population) else -int(r.population), str(r["name"]), p) for r, p in land.near(PLACES, view)]
    parts = []
    for _, name, p in sorted(towns, key=lambda f: f[:2])[:TOWNS]:
        label = _label(labels, p, name, "town")
        if label:
            parts += [tag("circle", cx=num(p.x), cy=num(p.y), r="1.8", class_="towndot"), label]
    return parts


def _label(labels: Labels, point: Any, words: str, kind: str) -> Safe | None:
    free = labels.place(point.x, point.y, words, 8.5)
    if free is None:
        return None
    x, y, anchor = free
    return tag("text", words, x=num(x), y=num(y), text_anchor=anchor, class_=kind, data_m="name")


def _furniture(view: View) -> list[Safe]:
    """Scale bar and north arrow."""
    length = max((s for s in SCALES if s * M_PER_KM * view.scale <= WIDE / 4), default=SCALES[0])
    end, y = 10 + length * M_PER_KM * view.scale, HIGH - 8
    x = WIDE - 13
    return [
        tag("path", d=f"M10 {num(y - 4)}V{num(y)}H{num(end)}V{num(y - 4)}", class_="scale"),
        tag("text", f"{length} km", x=num(end + 4), y=num(y + 1), class_="scaletext", data_m="scale"),
        tag("path", d=f"M{num(x)} 6L{num(x + 5)} 20L{num(x)} 17L{num(x - 5)} 20Z", class_="north"),
        tag("text", "N", x=num(x), y=30, text_anchor="middle", class_="northtext"),
    ]


#: size of the map of the country, and the corners of the contiguous states in the frame of the layers, metres
COUNTRY = (620.0, 390.0)
_CORNERS = (-2_380_000.0, 250_000.0, 2_280_000.0, 3_190_000.0)


def country(land: Surroundings, places: Mapping[str, Sequence[tuple[float, float]]]) -> Safe:
    """The contiguous states with dots: class of the dot -> longitude and latitude of the places."""
    x1, y1, x2, _ = _CORNERS
    scale = COUNTRY[0] / (x2 - x1)

    def draw(xy: np.ndarray) -> np.ndarray:
        return np.stack([(xy[:, 0] - x1) * scale, COUNTRY[1] - (xy[:, 1] - y1) * scale], 1)

    states = land.frames[STATES].geometry.to_numpy()
    outline = [_d(p) for p in shapely.simplify(shapely.transform(states, draw), 0.8)]
    drawn = {}
    for kind, points in places.items():
        xy = np.array([from_lonlat(lon, lat) for lon, lat in points]).reshape(-1, 2)
        drawn[kind] = [(float(x), float(y)) for x, y in draw(xy)]
    return dots(drawn, outline, COUNTRY)
