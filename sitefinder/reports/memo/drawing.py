"""Two drawings: the country with the set, and megawatts by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.columns import Quantiles
from sitefinder.grid import from_lonlat
from sitefinder.reports.html.markup import Safe, tag
from sitefinder.reports.html.sketch import Labels, num, path
from sitefinder.reports.memo.document import Fields, Val

#: outlines of the states, shapely geometries in EPSG:5070
Outlines = Sequence[shapely.Geometry]
#: size of the map and the corners of the contiguous states in EPSG:5070, metres
MAP_WIDE, MAP_HIGH = 560.0, 350.0
_CORNERS = (-2_380_000.0, 250_000.0, 2_280_000.0)
#: detail left out of outlines, units of the drawing
_COARSE = 0.8
#: radius of a dot, size of its number, and where else a number may stand
DOT, TEXT = 5.0, 11.0
_AROUND = ((2.0, 0.0), (-2.0, 0.0), (0.0, -3.0), (0.0, 3.0), (3.0, -9.0), (-3.0, -9.0), (3.0, 9.0), (-3.0, 9.0))
#: size of the chart and the room of its axes
WIDE, HIGH, LEFT, FOOT, HEAD = 560.0, 120.0, 70.0, 18.0, 8.0


def country(f: Fields, outlines: Outlines) -> Safe:
    """Map of the states with a numbered dot for each campus; open dots are those of the runner-up alone.

    Parameters
    ----------
    f : Fields
    outlines : sequence of shapely geometry
        States, EPSG:5070.
    """
    scale = MAP_WIDE / (_CORNERS[2] - _CORNERS[0])

    def draw(xy: np.ndarray) -> np.ndarray:
        return np.stack([(xy[:, 0] - _CORNERS[0]) * scale, MAP_HIGH - (xy[:, 1] - _CORNERS[1]) * scale], 1)

    drawn = shapely.simplify(shapely.transform(np.asarray(outlines, object), draw), _COARSE)
    parts: list[Safe] = [tag("path", d="".join(_d(p) for p in drawn), class_="state")]
    best = list(f.get("set.sites"))
    other = [k for k in f.get("runner_up.sites") or [] if k not in best]
    labels, placed = Labels(MAP_WIDE, MAP_HIGH), []
    for kind, keys in (("other", other), ("best", best)):
        for key in keys:
            xy = np.array([from_lonlat(float(f.get(f"sites.{key}.lon")), float(f.get(f"sites.{key}.lat")))])
            x, y = (float(v) for v in draw(xy)[0])
            parts.append(tag("circle", cx=num(x), cy=num(y), r=num(DOT), class_=kind))
            labels.block(x - DOT, y - DOT, x + DOT, y + DOT)
            placed.append((kind, f.val(f"sites.{key}.rank", "count"), x, y))
    for kind, value, x, y in placed:
        spot = next((at for dx, dy in _AROUND if (at := labels.place(x + dx, y + dy, value.text, TEXT))), None)
        if spot is not None:
            parts.append(_text(value, spot[0], spot[1], kind, spot[2]))
    label = "Map of the contiguous United States with the campuses"
    return tag("svg", *parts, viewBox=f"0 0 {num(MAP_WIDE)} {num(MAP_HIGH)}", role="img", aria_label=label, class_="map")


def _d(part: Any) -> str:
    """Path data of the outline of a polygon or a multipolygon."""
    if part.geom_type == "Polygon":
        return path([(float(x), float(y)) for x, y in shapely.get_coordinates(part.exterior)], close=True)
    return "".join(_d(p) for p in getattr(part, "geoms", ()))


def _text(value: Val, x: float, y: float, kind: str, anchor: str | None = None) -> Safe:
    marks = {"data_f": value.path, "data_k": value.kind, "class_": kind, "text_anchor": anchor}
    return tag("text", value.text, x=num(x), y=num(y), **marks)


def curve(f: Fields, base: str, rows: Sequence[int]) -> Safe:
    """Chart of megawatts by year: band from P10 to P90, line P50.

    Parameters
    ----------
    f : Fields
    base : str
        Path of the list of years.
    rows : sequence of int
        Positions in that list.
    """
    years = [int(f.get(f"{base}.{i}.year")) for i in rows]
    low, mid, high = ([float(f.get(f"{base}.{i}.{q}")) for i in rows] for q in Quantiles._fields)
    top = max(high) or 1.0
    step = (WIDE - LEFT - 20.0) / max(len(years) - 1, 1)

    def points(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(LEFT + i * step, HIGH - FOOT - v / top * (HIGH - FOOT - HEAD)) for i, v in enumerate(values)]

    parts = [
        tag("path", d=path(points(high) + points(low)[::-1], close=True), class_="band"),
        tag("path", d=path(points(mid)), class_="mid"),
        tag("path", d=f"M{num(LEFT)} {num(HEAD)}V{num(HIGH - FOOT)}H{num(WIDE - 8.0)}", class_="axis"),
    ]
    most = max(range(len(rows)), key=lambda i: high[i])
    parts.append(_text(f.val(f"{base}.{rows[most]}.p90", "mw"), LEFT - 4, HEAD + 6, "tick", "end"))
    for (x, _), i in zip(points(mid), rows, strict=True):
        parts.append(_text(f.val(f"{base}.{i}.year", "year"), x, HIGH - 5, "tick", "middle"))
    box = f"0 0 {num(WIDE)} {num(HIGH)}"
    return tag("svg", *parts, viewBox=box, role="img", aria_label="Megawatts by year", class_="curve")
