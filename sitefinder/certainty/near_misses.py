"""Near misses: land that exactly one gate excludes and that would be listed without it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.certainty.columns import NearMiss
from sitefinder.certainty.reasons import plain_number
from sitefinder.config import Config
from sitefinder.config.criteria import Gate
from sitefinder.grid import Land, to_lonlat
from sitefinder.kernels.spacing import disc
from sitefinder.layers import REGISTRY
from sitefinder.layers.stack import LayerStack
from sitefinder.scoring.exclusions import Exclusions, active_gates
from sitefinder.sites.campuses import Campus, Field, campus_at, growth
from sitefinder.units import M_PER_KM

#: what would lift a gate, by its layer (J); other gates name their threshold
CURES = {
    "local_rule": "a vote of the county that lifts the ban, or the end of its moratorium",
    "line_230_km": "a line of 230 kV or more built to within the threshold",
    "military_km": "consent of the installation",
    "airport_km": "consent of the airport and the FAA",
    "tribal_pct": "consent and partnership of the tribe",
    "federal_pct": "a lease of federal land",
    "national_park_pct": "nothing: protected land",
    "military_area_pct": "consent of the installation",
    "slope_pct": "grading, or a flatter part found on a finer terrain model",
    "gentle_pct": "grading, or a flatter part found on a finer terrain model",
    "relief_m": "a level part found on a finer terrain model",
    "wetland_pct": "a wetland survey: the layer is a 5 km majority",
    "open_water_pct": "a shoreline survey: land enough beside the water",
    "people_2km": "a buffer agreed with the neighbours",
    "urban_pct": "a brownfield inside the built-up area",
    "buildable_pct": "a site plan that shows land enough",
    "superfund_km": "clearance of the Superfund site",
    "seismic_pga_pct_g": "a structural design for the ground acceleration",
}
#: most near misses reported
NEAR_MISSES = 100
#: distance from a cell whose campus fails within which no other is tried, km
FAILED_KM = 5.0


def near_misses(
    stack: LayerStack,
    config: Config,
    excluded: Exclusions,
    field: Field,
    *,
    listed: Sequence[Campus],
    ungated: np.ndarray,
) -> list[NearMiss]:
    """Land that exactly one gate excludes and that would be listed without it, best first.

    Near misses keep the spacing of the list from each other and from the listed campuses. The campus that would grow there, over
    free land and land that only the same gate excludes, must hold the acres and score at least as much as the last of the list.

    Parameters
    ----------
    stack : LayerStack
    config : Config
    excluded : Exclusions
    field : Field
        Of the run.
    listed : sequence of Campus
        The list, best first.
    ungated : (n_land,) float32
        Fused score that each cell would have without any gate.
    """
    bar = np.array([field.mean_score(c) for c in listed])
    grid, gates = stack.land.grid, active_gates(config)
    bits = np.asarray(excluded.bits)
    index = np.flatnonzero(ungated >= bar.min())
    asked = bits[index]
    index = index[(asked != 0) & (asked & (asked - np.uint32(1)) == 0)]
    index = index[np.argsort(-ungated[index], kind="stable")]
    rows, cols = stack.land.rows_cols(index)
    seeds = np.array([c.cells[0] for c in listed])
    spacing = config.candidates.spacing_km * M_PER_KM / grid.resolution_m
    open_ = _far_from(np.stack([rows, cols], 1), np.stack([seeds // grid.width, seeds % grid.width], 1), spacing)
    raster, barred = field.score.copy(), _Barred(stack.land, bits, ungated)
    window = growth(config, stack.land)[1]
    misses: list[NearMiss] = []
    while open_.any() and len(misses) < NEAR_MISSES:
        c = int(np.argmax(open_))
        bit = int(bits[index[c]]).bit_length() - 1
        lifted = barred.lift(raster, 1 << bit, row=int(rows[c]), col=int(cols[c]), reach=window)
        place = Field(field.land, raster, field.acres)
        campus = campus_at(place, config, (int(rows[c]), int(cols[c])))
        score = place.mean_score(campus)
        raster.reshape(-1)[lifted] = np.nan
        passes = campus.enough and score >= bar.min()
        reach = spacing if passes else FAILED_KM * M_PER_KM / grid.resolution_m
        open_ &= (rows - rows[c]) ** 2 + (cols - cols[c]) ** 2 >= max(reach, 1.0) ** 2
        if passes:
            name = excluded.names[bit]
            rank = int((bar > score).sum()) + 1
            misses.append(_near_miss(stack, int(index[c]), (name, gates[name]), rank=rank, score=score, acres=campus.acres))
    return sorted(misses, key=lambda miss: -miss.score)


def _near_miss(stack: LayerStack, index: int, excluder: tuple[str, Gate], *, rank: int, score: float, acres: float) -> NearMiss:
    """Near miss at a place of the land index, excluded by the gate of that name."""
    name, gate = excluder
    x = float(stack.at(gate.layer, np.array([index]))[0])
    county = stack.zones.county_of(index)
    row, col = stack.land.rows_cols(np.array([index]))
    lon, lat = to_lonlat(*stack.land.grid.centre(row, col))
    return NearMiss(
        would_rank=rank,
        score=score,
        lat=float(lat[0]),
        lon=float(lon[0]),
        state=county["state"],
        county=county["name"],
        gate=name,
        reason=gate.reason,
        measured=_measured(gate, x),
        cure=CURES.get(gate.layer, f"a threshold of {plain_number(x)} {gate.unit}"),
        acres=acres,
    )


@dataclass(frozen=True)
class _Barred:
    """Gates that exclude each land cell, and the scores without them.

    Parameters
    ----------
    land : Land
    bits : (n_land,) uint32
    ungated : (n_land,) float32
    """

    land: Land
    bits: np.ndarray
    ungated: np.ndarray

    def lift(self, raster: np.ndarray, bit: int, *, row: int, col: int, reach: int) -> np.ndarray:
        """Write the scores of cells that only one gate excludes into a raster, as far as a campus can reach; return the cells.

        Parameters
        ----------
        raster : (rows, columns) float32, written
        bit : int
            The gate's bit.
        row, col, reach : int
            Seed of the campus and how far it can grow, in cells.
        """
        grid = self.land.grid
        r, c = np.mgrid[
            max(0, row - reach) : min(grid.height, row + reach + 1), max(0, col - reach) : min(grid.width, col + reach + 1)
        ]
        cells = (r * grid.width + c).ravel()
        position = self.land.index_of(cells)
        mine = (position >= 0) & (self.bits[position] == bit)
        raster.reshape(-1)[cells[mine]] = self.ungated[position[mine]]
        return cells[mine]


def _far_from(cells: np.ndarray, seeds: np.ndarray, spacing: float) -> np.ndarray:
    """(n,) bool: cells at least the spacing away from every seed; rows and columns."""
    low = np.minimum(cells.min(axis=0, initial=0), seeds.min(axis=0))
    close = np.zeros(np.maximum(cells.max(axis=0, initial=0), seeds.max(axis=0)) - low + 1, bool)
    near = disc(spacing)
    half = len(near) // 2
    for row, col in seeds - low:
        top, left = row - half, col - half
        part = close[max(0, top) : row + half + 1, max(0, left) : col + half + 1]
        part |= near[max(0, -top) :, max(0, -left) :][: part.shape[0], : part.shape[1]]
    return ~close[tuple((cells - low).T)]


def _measured(gate: Gate, x: float) -> str:
    """Value of the gate's layer and the threshold in words."""
    side, limit = ("above", gate.above) if gate.above is not None else ("below", gate.below)
    return f"{REGISTRY[gate.layer].spec.title} {plain_number(x)} {gate.unit}, {side} {limit:g}"


def near_miss_csv(misses: Sequence[NearMiss]) -> bytes:
    """The near misses as CSV, in the columns of :class:`sitefinder.certainty.columns.NearMiss`."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(NearMiss.names())
    for miss in misses:
        row = miss.row()
        writer.writerow([c.written(row[c.name]) for c in NearMiss.columns()])
    return stream.getvalue().encode()
