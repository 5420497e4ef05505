"""Counterfactuals and near misses: the smallest change that raises a site's rank, and land that exactly one gate excludes."""

from __future__ import annotations

import csv
import io
import math
import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sitefinder.certainty.columns import NearMiss, PrecedentPart
from sitefinder.certainty.ranks import PRIOR, Shortlist
from sitefinder.config import Config, Criterion
from sitefinder.config.criteria import Gate
from sitefinder.grid import Land, to_lonlat
from sitefinder.kernels.score import TOP, UNKNOWN
from sitefinder.kernels.spacing import disc
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned, fuse
from sitefinder.scoring.criteria import breakpoints
from sitefinder.scoring.exclusions import Exclusions, active_gates
from sitefinder.scoring.score import value_matrix
from sitefinder.sites.campuses import Campus, Field, campus_at, growth
from sitefinder.units import M_PER_KM

#: target ranks of the counterfactuals
TARGETS = (10, 50)
#: criteria that construction or a decision can change; climate, ground and neighbours stay as they are (J)
CHANGEABLE = (
    "able_grid_km",
    "substation_345_km",
    "substation_500_km",
    "substation_230_km",
    "line_345_km",
    "line_500_km",
    "line_230_km",
    "substation_345_line_ends",
    "generation_50km_mw",
    "transfer_mw",
    "gas_interstate_km",
    "gas_any_km",
    "gas_pipelines_10km",
    "reclaimed_25km_mgd",
    "highway_km",
    "fiber_corridor_km",
    "fiber_corridors_10km",
    "county_fiber_share",
    "exchange_km",
    "local_rule",
    "incentive_level",
)
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
    "relief_m": "a level part found on a finer terrain model",
    "wetland_pct": "a wetland survey: the layer is a 5 km majority",
    "open_water_pct": "a shoreline survey: land enough beside the water",
    "people_2km": "a buffer agreed with the neighbours",
    "urban_pct": "a brownfield inside the built-up area",
    "buildable_pct": "a site plan that shows land enough",
    "superfund_km": "clearance of the Superfund site",
    "seismic_pga_pct_g": "a structural design for the ground acceleration",
}
#: units that come in whole numbers
WHOLE = ("line ends", "pipelines", "corridors", "level")
#: criteria reported in each direction
DRIVERS = 5
#: values, 0..1, nearer than this are equal: means over land differ in their last digits
SAME = 1e-9
#: layers of community precedents: share blocked, decided, went ahead, undecided
PRECEDENTS = ("precedents_blocked_share", "precedents_decided_80km", "precedents_ahead_80km", "precedents_open_80km")
#: most near misses reported
NEAR_MISSES = 100
#: distance from a cell whose campus fails within which no other is tried, km
FAILED_KM = 5.0


def inverse(criterion: Criterion, wanted: float, x: float) -> float | None:
    """Layer value nearest to ``x`` at which a criterion is worth at least ``wanted``; None if nowhere.

    >>> from sitefinder.config.config import Ramp
    >>> inverse(Criterion(weight=1, unit="km", ramp=Ramp(best=2, worst=10)), 0.75, 9.0)
    4.0
    """
    points = breakpoints(criterion)
    if points is None:
        shape = criterion.logistic
        if shape is None or not 0.0 < wanted < 1.0:
            return None
        return shape.midpoint + math.log(wanted / (1.0 - wanted)) / shape.steepness
    xs, ys = points
    crossings = [float(a) for a, y in zip(xs, ys, strict=True) if y >= wanted - 1e-12]
    for a, b, ya, yb in zip(xs, xs[1:], ys, ys[1:], strict=False):
        if min(ya, yb) <= wanted <= max(ya, yb) and ya != yb:
            crossings.append(float(a + (b - a) * (wanted - ya) / (yb - ya)))
    if not crossings:
        return None
    return min(crossings, key=lambda value: (abs(value - x), value)) if not math.isnan(x) else crossings[0]


def counterfactuals(shortlist: Shortlist, count: int, targets: Sequence[int] = TARGETS) -> list[dict[int, str | None]]:
    """The smallest change of one criterion that raises each of the top-ranked sites to each target rank, in words.

    The change of value, 0..1, is the smallest among criteria that construction or a decision can change; all else stays.

    Parameters
    ----------
    shortlist : Shortlist
    count : int
    targets : sequence of int

    Returns
    -------
    list of dict
        Target rank -> words; None for a site that holds the rank already, or that no single change raises to it.
    """
    members = shortlist.config.flat_criteria()
    open_to_change = [k for k, name in enumerate(shortlist.ids) if name in CHANGEABLE and shortlist.weights[k] > 0]
    values, fused = shortlist.values(), shortlist.fused
    kept = 1.0 - shortlist.model_share * shortlist.applicability
    best = np.sort(fused)[::-1]
    rows: list[dict[int, str | None]] = []
    for i in range(min(count, len(fused))):
        row: dict[int, str | None] = {}
        for target in targets:
            text = None
            if target <= len(best) and fused[i] < best[target - 1]:
                gap = (best[target - 1] - fused[i]) / kept[i] if kept[i] > 0 else math.inf
                gains = [(gap / shortlist.weights[k], k) for k in open_to_change]
                possible = [(g, k) for g, k in gains if values[i, k] + g <= 1.0]
                if possible:
                    gain, k = min(possible)
                    x = float(shortlist.layers[k, shortlist.land.first[i]])
                    text = _change(shortlist.ids[k], x, inverse(members[shortlist.ids[k]], values[i, k] + gain, x), 100.0 * gap)
            row[target] = text
        rows.append(row)
    return rows


def _change(layer_id: str, x: float, wanted: float | None, points: float) -> str | None:
    if wanted is None:
        return None
    spec = REGISTRY[layer_id].spec
    if spec.unit in WHOLE:
        wanted = float(math.ceil(wanted - 1e-9) if spec.better == "high" else math.floor(wanted + 1e-9))
    now = "unknown" if math.isnan(x) else _number(x)
    return f"{spec.title} {_number(wanted)} {spec.unit} instead of {now} ({points:+.1f} points)"


def _number(x: float) -> str:
    return f"{x:,.{0 if abs(x) >= 100 or x == int(x) else 1}f}"


def near_misses(
    stack: LayerStack,
    config: Config,
    excluded: Exclusions,
    field: Field,
    *,
    listed: Sequence[Campus],
    learned: Learned | None = None,
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
    learned : Learned, optional
    """
    bar = np.array([field.mean_score(c) for c in listed])
    grid, gates = stack.land.grid, active_gates(config)
    bits = np.asarray(excluded.bits)
    one = (bits != 0) & (bits & (bits - np.uint32(1)) == 0)
    free = scores_without_gates(stack, config, one, learned)
    index = np.flatnonzero(one & (free >= bar.min()))
    index = index[np.argsort(-free[index], kind="stable")]
    rows, cols = stack.land.rows_cols(index)
    seeds = np.array([c.cells[0] for c in listed])
    spacing = config.candidates.spacing_km * M_PER_KM / grid.resolution_m
    open_ = _far_from(np.stack([rows, cols], 1), np.stack([seeds // grid.width, seeds % grid.width], 1), spacing)
    raster, barred = field.score.copy(), _Barred(stack.land, bits, free)
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
        cure=CURES.get(gate.layer, f"a threshold of {_number(x)} {gate.unit}"),
        acres=acres,
    )


def scores_without_gates(stack: LayerStack, config: Config, chosen: np.ndarray, learned: Learned | None) -> np.ndarray:
    """(n_land,) float32 fused score of the chosen cells without any gate; NaN elsewhere.

    One criterion at a time: the matrix of values is the largest file of all, and only one row of it is held in memory.
    """
    matrix, weights = value_matrix(stack, config), config.criterion_weights()
    index = np.flatnonzero(chosen)
    total = np.zeros(index.size, np.float32)
    for k, name in enumerate(matrix.ids):
        if weights[name] > 0:
            row = matrix.values[k][index]
            total += np.where(row == UNKNOWN, np.float32(0.0), row * np.float32(weights[name] * 100.0 / TOP))
            _let_go(matrix.values)
    free = np.full(stack.land.size, np.nan, np.float32)
    free[index] = total
    return fuse(free, learned, config.model.share) if learned else free


def _let_go(array: np.ndarray) -> None:
    """Release the memory of a mapped file to the system; the file is read again when needed."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):  # not on every platform
        base.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True)
class _Barred:
    """Gates that exclude each land cell, and the score it would have without them.

    Parameters
    ----------
    land : Land
    bits : (n_land,) uint32
    score : (n_land,) float32
    """

    land: Land
    bits: np.ndarray
    score: np.ndarray

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
        raster.reshape(-1)[cells[mine]] = self.score[position[mine]]
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
    return f"{REGISTRY[gate.layer].spec.title} {_number(x)} {gate.unit}, {side} {limit:g}"


def near_miss_csv(misses: Sequence[NearMiss]) -> bytes:
    """The near misses as CSV, in the columns of :class:`sitefinder.certainty.columns.NearMiss`."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(NearMiss.names())
    for miss in misses:
        row = miss.row()
        writer.writerow([c.written(row[c.name]) for c in NearMiss.columns()])
    return stream.getvalue().encode()


def driver_words(shortlist: Shortlist, package: DataPackage, count: int) -> list[tuple[str, str]]:
    """Criteria that earn and that lose most for each of the top-ranked sites: value, points, percentile, source.

    Parameters
    ----------
    shortlist : Shortlist
    package : DataPackage
        Names publisher and vintage.
    count : int

    Returns
    -------
    list of (str, str)
        Criteria that earn most, criteria that lose most.
    """
    values, best = shortlist.values(), 100.0 * shortlist.weights
    rows = []
    for i in range(min(count, len(values))):
        earned = best * values[i]
        orders = np.argsort(-earned, kind="stable")[:DRIVERS], np.argsort(earned - best, kind="stable")[:DRIVERS]
        up, down = ("; ".join(_why(shortlist, package, values, int(k), i) for k in order if best[k] > 0) for order in orders)
        rows.append((up, down))
    return rows


def _why(shortlist: Shortlist, package: DataPackage, values: np.ndarray, k: int, i: int) -> str:
    spec = REGISTRY[shortlist.ids[k]].spec
    x = float(shortlist.layers[k, shortlist.land.first[i]])
    value = "unknown" if math.isnan(x) else f"{_number(x)} {spec.unit}"
    better = 100.0 * float((values[:, k] < values[i, k] - SAME).mean())
    best = 100.0 * shortlist.weights[k]
    source = ", ".join(f"{s}, {package.entry(s)['vintage']}" for s in spec.sources[:1]) or "own file"
    return (
        f"{spec.title} {value}: {best * values[i, k]:.1f} of {best:.1f} points, better than {better:.0f} % of campuses ({source})"
    )


def precedent_parts(stack: LayerStack, index: np.ndarray) -> list[PrecedentPart]:
    """Community precedents within 80 km of each place, by outcome, with the interval of the share that was blocked.

    Unknown where the run opened no such layers. The interval holds nine tenths of a beta distribution with a Jeffreys prior (K).

    Parameters
    ----------
    stack : LayerStack
    index : (n,) int
        Places of the land index.
    """
    from scipy.special import betaincinv

    if any(k not in stack.records for k in PRECEDENTS):
        return [PrecedentPart(None, math.nan)] * len(index)
    share, decided, ahead, pending = (stack.at(k, index).astype(np.float64) for k in PRECEDENTS)
    blocked = np.nan_to_num(share) * decided
    low, high = (betaincinv(blocked + PRIOR, decided - blocked + PRIOR, q) for q in (0.05, 0.95))
    parts = []
    for i, (p, n, went, waits) in enumerate(zip(share, decided, ahead, pending, strict=True)):
        counts = f"{n:.1f} contested projects decided within 80 km, {went:.1f} of them went ahead; {waits:.1f} undecided"
        if math.isnan(p):
            parts.append(PrecedentPart(f"{counts}: too few to tell (unknown, not friendly)", math.nan))
            continue
        said = f"{counts}; share blocked {p:.2f} (likely {low[i]:.2f} to {high[i]:.2f})"
        parts.append(PrecedentPart(said, float(p)))
    return parts
