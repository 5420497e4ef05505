"""What would have to be true: the one change that lifts a site, and land that one gate keeps off the list."""

from __future__ import annotations

import csv
import io
import math
import mmap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sitefinder.certainty.columns import PrecedentPart
from sitefinder.certainty.ranks import PRIOR, Shortlist
from sitefinder.config import Config, Criterion
from sitefinder.kernels.score import TOP, UNKNOWN
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned, fuse
from sitefinder.scoring.criteria import breakpoints
from sitefinder.scoring.exclusions import Exclusions, active_gates
from sitefinder.scoring.score import value_matrix
from sitefinder.sites.campuses import Campus, Field, campus_at, growth
from sitefinder.units import M_PER_KM

#: ranks to be reached
TARGETS = (10, 50)
#: criteria that somebody can build or decide; climate, ground and neighbours stay as they are (J)
CHANGEABLE = (
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
    "moratorium_km",
    "incentive_level",
)
#: what would lift a gate, by its layer (J); other gates name their threshold
CURES = {
    "line_230_km": "a line of 230 kV or more built to within the threshold",
    "military_km": "consent of the installation",
    "airport_km": "consent of the airport and the FAA",
    "tribal_pct": "consent and partnership of the tribe",
    "federal_pct": "a lease of federal land",
    "park_forest_pct": "nothing: protected land",
    "slope_pct": "grading, or a flatter part found on a finer terrain model",
    "relief_m": "a level part found on a finer terrain model",
    "wetland_pct": "a wetland survey: the layer is a 5 km majority",
    "open_water_pct": "a shoreline survey: land enough beside the water",
    "population_2km": "a buffer agreed with the neighbours",
    "urban_pct": "a brownfield inside the built-up area",
    "buildable_pct": "a site plan that shows land enough",
    "superfund_km": "clearance of the Superfund site",
    "seismic_pga_pct_g": "a structural design for the ground acceleration",
}
#: units that come in whole numbers
WHOLE = ("line ends", "pipelines", "corridors", "level")
#: criteria told in each direction
DRIVERS = 5
#: layers of community precedents: share blocked, decided, went ahead, undecided
PRECEDENTS = ("precedents_blocked_share", "precedents_decided_80km", "precedents_ahead_80km", "precedents_open_80km")
#: near misses told
NEAR_MISSES = 100
#: a cell whose campus fails takes its surroundings with it, km
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
    found = [float(a) for a, y in zip(xs, ys, strict=True) if y >= wanted - 1e-12]
    for a, b, ya, yb in zip(xs, xs[1:], ys, ys[1:], strict=False):
        if min(ya, yb) <= wanted <= max(ya, yb) and ya != yb:
            found.append(float(a + (b - a) * (wanted - ya) / (yb - ya)))
    if not found:
        return None
    return min(found, key=lambda value: (abs(value - x), value)) if not math.isnan(x) else found[0]


def counterfactuals(found: Shortlist, count: int, targets: Sequence[int] = TARGETS) -> list[dict[int, str | None]]:
    """For each of the first sites and each target rank, the smallest change of one criterion that lifts it there, in words.

    Smallest by the change of value, 0..1, among criteria that somebody can build or decide; everything else stays as it is.

    Parameters
    ----------
    found : Shortlist
    count : int
    targets : sequence of int

    Returns
    -------
    list of dict
        Target rank -> words; None for a site that is there already, or that no single change lifts.
    """
    members = found.config.flat_criteria()
    open_to_change = [k for k, name in enumerate(found.ids) if name in CHANGEABLE and found.weights[k] > 0]
    values, fused = found.values(), found.fused
    kept = 1.0 - found.model_share * found.applicability
    best = np.sort(fused)[::-1]
    rows: list[dict[int, str | None]] = []
    for i in range(min(count, len(fused))):
        row: dict[int, str | None] = {}
        for target in targets:
            text = None
            if target <= len(best) and fused[i] < best[target - 1]:
                gap = (best[target - 1] - fused[i]) / kept[i] if kept[i] > 0 else math.inf
                gains = [(gap / found.weights[k], k) for k in open_to_change]
                possible = [(g, k) for g, k in gains if values[i, k] + g <= 1.0]
                if possible:
                    gain, k = min(possible)
                    x = float(found.layers[k, found.first[i]])
                    text = _change(found.ids[k], x, inverse(members[found.ids[k]], values[i, k] + gain, x), 100.0 * gap)
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
) -> list[dict[str, Any]]:
    """Land that exactly one gate excludes and that would make the list without it, best first.

    Places keep the spacing of the list from each other and from the listed campuses. The campus that would grow there, over
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

    Returns
    -------
    list of dict
        Keys as in :data:`sitefinder.certainty.columns.NEAR_MISS`.
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
    raster = field.score.copy()
    window = growth(config, stack.land)[1]
    found: list[dict[str, Any]] = []
    while open_.any() and len(found) < NEAR_MISSES:
        c = int(np.argmax(open_))
        bit = int(bits[index[c]]).bit_length() - 1
        lifted = _lift(raster, stack, (bits, free), 1 << bit, (int(rows[c]), int(cols[c]), window))
        place = Field(field.land, raster, field.acres)
        campus = campus_at(place, config, (int(rows[c]), int(cols[c])))
        score = place.mean_score(campus)
        raster.reshape(-1)[lifted] = np.nan
        passes = campus.enough and score >= bar.min()
        reach = spacing if passes else FAILED_KM * M_PER_KM / grid.resolution_m
        open_ &= (rows - rows[c]) ** 2 + (cols - cols[c]) ** 2 >= max(reach, 1.0) ** 2
        if passes:
            name = excluded.names[bit]
            x = float(stack.at(gates[name].layer, index[c : c + 1])[0])
            where = _place(stack, int(index[c]), int(rows[c]), int(cols[c]))
            found.append(where | _miss(name, gates[name], x) | {"score": score, "acres": campus.acres})
            found[-1]["would_rank"] = int((bar > score).sum()) + 1
    return sorted(found, key=lambda r: -r["score"])


def scores_without_gates(stack: LayerStack, config: Config, chosen: np.ndarray, learned: Learned | None) -> np.ndarray:
    """(n_land,) float32 fused score of the chosen cells as if nothing excluded them; NaN elsewhere.

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
    """Hand the memory of a mapped file back to the system; it is read again when needed."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):  # not on every platform
        base.madvise(mmap.MADV_DONTNEED)


def _lift(
    raster: np.ndarray, stack: LayerStack, land: tuple[np.ndarray, np.ndarray], bit: int, window: tuple[int, int, int]
) -> np.ndarray:
    """Write the scores of cells that only one gate excludes into a raster, as far as a campus can reach; returns the cells.

    Parameters
    ----------
    raster : (rows, columns) float32, written
    stack : LayerStack
    land : (bits, score) of all land cells
    bit : int
        The gate's bit.
    window : (row, column, reach in cells)
    """
    row, col, reach = window
    grid, (bits, score) = stack.land.grid, land
    r, c = np.mgrid[
        max(0, row - reach) : min(grid.height, row + reach + 1), max(0, col - reach) : min(grid.width, col + reach + 1)
    ]
    cells = (r * grid.width + c).ravel()
    position = stack.land.position.reshape(-1)[cells]
    mine = (position >= 0) & (bits[position] == bit)
    raster.reshape(-1)[cells[mine]] = score[position[mine]]
    return cells[mine]


def _far_from(cells: np.ndarray, seeds: np.ndarray, spacing: float) -> np.ndarray:
    """(n,) bool: cells at least the spacing away from every seed; rows and columns."""
    from scipy.spatial import KDTree

    distance, _ = KDTree(seeds).query(cells, distance_upper_bound=spacing)
    return distance >= spacing


def _place(stack: LayerStack, index: int, row: int, col: int) -> dict[str, Any]:
    from pyproj import Transformer

    county = stack.zones.county_of(index)
    x, y = stack.land.grid.centre(np.array([row]), np.array([col]))
    lon, lat = Transformer.from_crs("EPSG:5070", "EPSG:4326", always_xy=True).transform(x, y)
    return {"lat": float(lat[0]), "lon": float(lon[0]), "state": county["state"], "county": county["name"]}


def _miss(name: str, gate: Any, x: float) -> dict[str, Any]:
    side, limit = ("above", gate.above) if gate.above is not None else ("below", gate.below)
    return {
        "gate": name,
        "reason": gate.reason,
        "found": f"{REGISTRY[gate.layer].spec.title} {_number(x)} {gate.unit}, {side} {limit:g}",
        "cure": CURES.get(gate.layer, f"a threshold of {_number(x)} {gate.unit}"),
    }


def near_miss_csv(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    """The near misses as CSV.

    Parameters
    ----------
    rows : sequence of dict
        From :func:`near_misses`.
    names : sequence of str
        Columns in order.
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
    return stream.getvalue().encode()


def driver_words(found: Shortlist, package: DataPackage, count: int) -> list[tuple[str, str]]:
    """Criteria that earn and that lose most for each of the first sites: value, points, standing among the campuses, source.

    Parameters
    ----------
    found : Shortlist
    package : DataPackage
        Names publisher and vintage.
    count : int

    Returns
    -------
    list of (str, str)
        What earns most, what loses most.
    """
    values, best = found.values(), 100.0 * found.weights
    rows = []
    for i in range(min(count, len(values))):
        earned = best * values[i]
        orders = np.argsort(-earned, kind="stable")[:DRIVERS], np.argsort(earned - best, kind="stable")[:DRIVERS]
        up, down = ("; ".join(_why(found, package, values, int(k), i) for k in order if best[k] > 0) for order in orders)
        rows.append((up, down))
    return rows


def _why(found: Shortlist, package: DataPackage, values: np.ndarray, k: int, i: int) -> str:
    spec = REGISTRY[found.ids[k]].spec
    x = float(found.layers[k, found.first[i]])
    shown = "unknown" if math.isnan(x) else f"{_number(x)} {spec.unit}"
    better = 100.0 * float((values[:, k] < values[i, k]).mean())
    best = 100.0 * found.weights[k]
    source = ", ".join(f"{s}, {package.entry(s)['vintage']}" for s in spec.sources[:1]) or "own file"
    return (
        f"{spec.title} {shown}: {best * values[i, k]:.1f} of {best:.1f} points, better than {better:.0f} % of campuses ({source})"
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
