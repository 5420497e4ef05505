"""The land of a campus, close up: its outline, and in grey the strips of it that lines, pipes, roads and rails take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from sitefinder.layers.files import CORRIDORS, HIGHWAYS, LINES, PIPELINES
from sitefinder.layers.taken import by_voltage
from sitefinder.reports.html.markup import Safe, tag
from sitefinder.reports.html.sketch import num, path
from sitefinder.units import M_PER_FOOT, M_PER_KM

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from sitefinder.config.land import TakenLand

#: side of the picture, units of the map, and how much of it the outline takes at most
SIDE, FILLED = 108.0, 0.82
#: half of the width of the ground shown at least, metres
LEAST_HALF_M = 1_200.0
#: kind of road or rail -> width of its strip in the section ``land``; other kinds take nothing there
ROADS = {"interstate": "freeway_feet", "freeway": "freeway_feet", "us": "highway_feet", "railway": "railway_feet"}
#: lengths that its scale bar may have, km
SCALES = (1, 2, 5, 10)

Draw = Callable[[np.ndarray], np.ndarray]


def plot(frames: Callable[[str], GeoDataFrame], ground: Any, terms: TakenLand, turn: float, corner: tuple[float, float]) -> Safe:
    """The close-up as a group of SVG.

    Parameters
    ----------
    frames : callable
        File -> table of its features, EPSG:5070.
    ground : shapely geometry
        Outline of the campus, EPSG:5070.
    terms : TakenLand
        Widths of the strips.
    turn : float
        Rotation that puts north up.
    corner : (x, y)
        Upper left corner in the drawing of the map.
    """
    x1, y1, x2, y2 = ground.bounds
    half = max(LEAST_HALF_M, max(x2 - x1, y2 - y1) / 2.0 / FILLED)
    middle, scale = np.array([(x1 + x2) / 2.0, (y1 + y2) / 2.0]), SIDE / 2.0 / half
    c, s = float(np.cos(turn)), float(np.sin(turn))

    def draw(xy: np.ndarray) -> np.ndarray:
        east, north = (xy - middle).T
        x, y = c * east - s * north, s * east + c * north
        return np.stack([corner[0] + SIDE / 2 + x * scale, corner[1] + SIDE / 2 - y * scale], 1)

    sheet = shapely.box(corner[0], corner[1], corner[0] + SIDE, corner[1] + SIDE)
    strips = shapely.union_all(list(_strips(frames, shapely.box(*middle - 2 * half, *middle + 2 * half), terms)))
    inside, outside = shapely.intersection(strips, ground), shapely.difference(strips, ground)
    length = max((k for k in SCALES if k * M_PER_KM * scale <= SIDE / 2), default=SCALES[0])
    bar, base = length * M_PER_KM * scale, corner[1] + SIDE - 5
    left = corner[0] + 5
    return tag(
        "g",
        tag("rect", x=num(corner[0]), y=num(corner[1]), width=num(SIDE), height=num(SIDE), class_="plot"),
        tag("path", d=_drawn(ground, draw, sheet), class_="plotland"),
        tag("path", d=_drawn(outside, draw, sheet), class_="strip"),
        tag("path", d=_drawn(inside, draw, sheet), class_="takenland"),
        tag("path", d=f"M{num(left)} {num(base - 3)}V{num(base)}H{num(left + bar)}V{num(base - 3)}", class_="scale"),
        tag("text", f"{length} km", x=num(left + bar + 3), y=num(base + 1), data_m="scale"),
    )


def _strips(frames: Callable[[str], GeoDataFrame], box: Any, terms: TakenLand) -> Iterator[Any]:
    """Strips within a box, as wide as the right of way of what runs in them."""
    for name in (LINES, PIPELINES, HIGHWAYS, CORRIDORS):
        frame = frames(name)
        near = frame.iloc[np.sort(frame.sindex.query(box))]
        if name == LINES:
            feet = by_voltage(near["kv_class"].to_numpy(), terms.line_feet)
        elif name == PIPELINES:
            feet = np.full(len(near), terms.pipeline_feet)
        else:
            feet = near["kind"].map({kind: getattr(terms, key) for kind, key in ROADS.items()}).fillna(0.0).to_numpy(np.float64)
        parts = shapely.intersection(near.geometry.to_numpy()[feet > 0], box)
        yield from shapely.buffer(parts, feet[feet > 0] * M_PER_FOOT / 2.0, cap_style="flat")


def _drawn(shape: Any, draw: Draw, sheet: Any) -> str:
    """SVG path data of the areas of a shape, cut at the frame of the picture."""
    areas = shapely.get_parts(shapely.intersection(shapely.transform(shape, draw), sheet))
    rings = (ring for part in areas if part.geom_type == "Polygon" for ring in (part.exterior, *part.interiors))
    return "".join(path([(float(x), float(y)) for x, y in shapely.get_coordinates(ring)], close=True) for ring in rings)
