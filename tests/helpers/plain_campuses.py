"""Campuses by loops and plain arithmetic: land, growth, spacing, order, outlines; nothing shared with the package."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.helpers.plain_grow import plain_grow

Cell = tuple[int, int]
#: EPSG:5070 in the formulas of Snyder, "Map Projections: A Working Manual" (USGS Professional Paper 1395, 1987), pages 101-102:
#: GRS 80, standard parallels 29.5 and 45.5 degrees, origin 23 degrees north and 96 degrees west
AXIS_M, FLATTENING = 6_378_137.0, 1.0 / 298.257222101
PARALLELS, ORIGIN = (29.5, 45.5), (23.0, -96.0)
#: square metres of an acre: 43,560 square feet of 0.3048 m, of which the factor is spelt out here
M2 = 43_560.0 * (12.0 * 0.0254) ** 2


class PlainCampus(NamedTuple):
    """Cells, the seed first; acres; mean score weighted by acres."""

    cells: list[Cell]
    acres: float
    score: float


def plain_acres(buildable_pct: float, taken_pct: Sequence[float], cell_m: float) -> float:
    """Acres of a cell on which can be built and of which nothing besides is taken; unknown is none."""
    if math.isnan(buildable_pct):
        return 0.0
    left = buildable_pct / 100.0
    for pct in taken_pct:
        left *= 1.0 - pct / 100.0
    return left * cell_m * cell_m / M2


def plain_campuses(
    score: Mapping[Cell, float], acres: Mapping[Cell, float], terms: tuple[float, float, float, float], wanted: int
) -> list[PlainCampus]:
    """The best campuses of a list, best first.

    Parameters
    ----------
    score, acres : mapping
        Of the free cells.
    terms : (acres of a campus, metres of a cell, kilometres between seeds, points per kilometre)
    wanted : int
    """
    target, cell_m, spacing_km, compactness = terms
    reach = max(3, math.ceil(4.0 * math.sqrt(target * M2 / math.pi) / cell_m))
    drift, free = compactness * cell_m / 1000.0, dict(score)
    closed: set[Cell] = set()
    grown: list[PlainCampus] = []
    for seed in sorted(score, key=lambda cell: (-score[cell], cell)):
        if len(grown) == math.ceil(1.3 * wanted):
            break
        if seed in closed or seed not in free:
            continue
        cells, amount = _grown(seed, free, acres, (target, reach, drift))
        if amount < target:
            continue
        for cell in cells:
            del free[cell]
        closed |= {c for c in score if math.dist(c, seed) * cell_m < spacing_km * 1000.0}
        grown.append(PlainCampus(cells, amount, sum(score[c] * acres[c] for c in cells) / amount))
    grown.sort(key=lambda campus: (-round(campus.score, 6), campus.cells[0]))
    return grown[:wanted]


def _grown(seed: Cell, free: Mapping[Cell, float], acres: Mapping[Cell, float], growth: tuple[float, int, float]):
    """Cells of a campus around a seed, within a window of the cells that it may reach."""
    reach = growth[1]
    top, left = seed[0] - reach, seed[1] - reach
    window = [[free.get((top + r, left + c), math.nan) for c in range(2 * reach + 1)] for r in range(2 * reach + 1)]
    land = [[acres.get((top + r, left + c), 0.0) for c in range(2 * reach + 1)] for r in range(2 * reach + 1)]
    flat, amount = plain_grow((reach, reach), _Rows(window), _Rows(land), growth)
    return [(top + i // (2 * reach + 1), left + i % (2 * reach + 1)) for i in flat], amount


class _Rows:
    """Rows of numbers that are asked by row and column."""

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = rows
        self.shape = len(rows), len(rows[0])

    def __getitem__(self, cell: Cell) -> float:
        return self.rows[cell[0]][cell[1]]


def plain_sides(cells: Sequence[Cell]) -> int:
    """Sides of cells with nothing of the campus beyond them."""
    own = set(cells)
    return sum((r + dr, c + dc) not in own for r, c in cells for dr, dc in ((1, 0), (-1, 0), (0, 1), (0, -1)))


def plain_lonlat(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place of EPSG:5070, by series of steps."""
    e2 = FLATTENING * (2.0 - FLATTENING)
    e = math.sqrt(e2)

    def q(phi: float) -> float:
        s = math.sin(phi)
        return (1.0 - e2) * (s / (1.0 - e2 * s * s) - math.log((1.0 - e * s) / (1.0 + e * s)) / (2.0 * e))

    def m(phi: float) -> float:
        return math.cos(phi) / math.sqrt(1.0 - e2 * math.sin(phi) ** 2)

    one, two, origin = (math.radians(p) for p in (*PARALLELS, ORIGIN[0]))
    n = (m(one) ** 2 - m(two) ** 2) / (q(two) - q(one))
    c = m(one) ** 2 + n * q(one)
    rho0 = AXIS_M * math.sqrt(c - n * q(origin)) / n
    rho, theta = math.hypot(x, rho0 - y), math.atan2(x, rho0 - y)
    sought = (c - (rho * n / AXIS_M) ** 2) / n
    phi = math.asin(sought / 2.0)
    for _ in range(20):
        s = math.sin(phi)
        part = sought / (1.0 - e2) - s / (1.0 - e2 * s * s) + math.log((1.0 - e * s) / (1.0 + e * s)) / (2.0 * e)
        phi += (1.0 - e2 * s * s) ** 2 / (2.0 * math.cos(phi)) * part
    return ORIGIN[1] + math.degrees(theta) / n, math.degrees(phi)
