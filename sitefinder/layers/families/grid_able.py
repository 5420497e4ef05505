"""Grid that can carry the load: distance to it, what is left of its headroom, and what other campuses claim."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.able import FILES, REACH_KM, GridPoints
from sitefinder.layers.able_cells import able_settings, everywhere
from sitefinder.layers.built import Built
from sitefinder.layers.files import CAMPUS_LABELS
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer


def _words(points: GridPoints) -> list[str]:
    rows = zip(points.name, points.kv, points.cut_in, strict=True)
    return [f"new switching station at {n}" if new else f"{n} ({kv} kV)" for n, kv, new in rows]


@layer(
    layer_id="able_grid_km",
    family="grid_capacity",
    title="Distance to grid that can carry the load",
    unit="km",
    meaning="Distance from the cell centre to the nearest station whose median headroom with one line out, less what other "
    "campuses claim, carries project.mw; or, 5 km farther (delivery.grid.cut_in.worth_km), to a line that a new switching "
    "station can be cut into: with one side out, the other carries the load; with another line out, each side carries half.",
    better="low",
    valid=(0.0, 4000.0),
    sources=FILES,
    grade="E4",
    caveat="Headroom is a screening estimate; circuits and ratings are typical ones of the class; lines that end at no known "
    "station are left out; room for a new station and the owner's consent are unknown.",
    parameters=able_settings,
)
def able_grid_km(sources: Sources) -> Built:
    """Distance to the nearest able station, or to the nearest able line and what a new station is worth."""
    choice = everywhere(sources)
    return Built(choice.worth_km, choice.able_row, _words(choice.points))


@layer(
    layer_id="headroom_left_mw",
    family="grid_capacity",
    title="Headroom left at the station of the place",
    unit="MW",
    meaning="Median load that the station chosen for the place can take on a summer peak with any one line nearby out of "
    "service, less half of what campuses within 25 km of it plan (delivery.grid.claimed). Chosen is the nearest that carries "
    "the load within 60 km, else the one with most headroom within 25 km, else the nearest.",
    better="high",
    valid=(0.0, 100_000.0),
    sources=FILES,
    grade="E4",
    caveat="A screening estimate, not available capacity: circuits and ratings are unknown, no queue, no planned projects. "
    "Power is known for the campuses that Epoch AI follows only; what others claim is not subtracted.",
    parameters=able_settings,
)
def headroom_left_mw(sources: Sources) -> Built:
    """Median headroom left at the point chosen."""
    choice = everywhere(sources)
    return Built(choice.left_mw, choice.row, _words(choice.points))


@layer(
    layer_id="claimed_25km_mw",
    family="grid_capacity",
    title="Planned power of campuses within 25 km",
    unit="MW",
    meaning="Largest planned power of the campuses within 25 km of the cell centre that run or are announced, as far as it is "
    "known.",
    better="context",
    valid=(0.0, 60_000.0),
    sources=(CAMPUS_LABELS,),
    grade="E4",
    caveat="Known for the campuses that Epoch AI follows only: 0 says that none of these is near. Follows announcements, so the "
    "learned score never sees it.",
)
def claimed_25km_mw(sources: Sources) -> np.ndarray:
    """Sum of known power around each cell."""
    campuses = sources.features(CAMPUS_LABELS)
    known = campuses[campuses["mw"].notna()]
    return sources.sum_within_km(known.geometry.values, known["mw"].to_numpy(), REACH_KM)
