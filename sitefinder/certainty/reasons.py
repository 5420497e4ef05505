"""Counterfactuals and reasons: the smallest change that raises a site's rank, and what earns and costs it most."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np

from sitefinder.cache import code_of, digest
from sitefinder.cache.records import Records
from sitefinder.certainty.columns import PrecedentPart
from sitefinder.certainty.ranks import PRIOR, Shortlist
from sitefinder.config import Criterion
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.scoring.criteria import breakpoints
from sitefinder.scoring.reading import for_reading

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
    "exchange_km",
    "local_rule",
    "incentive_level",
)
#: kind of the records of precedents in the cache
KIND = "precedents"
#: units that come in whole numbers
WHOLE = ("line ends", "pipelines", "corridors", "level")
#: criteria reported in each direction
DRIVERS = 5
#: values, 0..1, nearer than this are equal: means over land differ in their last digits
SAME = 1e-9
#: layers of community precedents: share blocked, decided, went ahead, undecided
PRECEDENTS = ("precedents_blocked_share", "precedents_decided_80km", "precedents_ahead_80km", "precedents_open_80km")


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
    (x, unit), (wanted, _) = for_reading(x, spec.unit), for_reading(wanted, spec.unit)
    now = "unknown" if math.isnan(x) else plain_number(x)
    return f"{spec.title} {plain_number(wanted)} {unit} instead of {now} ({points:+.1f} points)"


def plain_number(x: float) -> str:
    """A value in words: decimals only where they say something."""
    return f"{x:,.{0 if abs(x) >= 100 or x == int(x) else 1}f}"


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
    x, unit = for_reading(float(shortlist.layers[k, shortlist.land.first[i]]), spec.unit)
    value = "unknown" if math.isnan(x) else f"{plain_number(x)} {unit}"
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
    if any(k not in stack.records for k in PRECEDENTS):
        return [PrecedentPart(None, math.nan)] * len(index)

    def make(new: list[int]) -> list[bytes]:
        return [json.dumps(part.as_values()).encode() for part in _precedents(stack, index[new])]

    basis, keys = digest([[stack.records[k]["stem"] for k in PRECEDENTS], code_of(__name__)]), [str(i) for i in index.tolist()]
    known = Records(stack.folder).kept(KIND, basis, keys, make)
    return [PrecedentPart.of_values(json.loads(known[key])) for key in keys]


def _precedents(stack: LayerStack, index: np.ndarray) -> list[PrecedentPart]:
    """See :func:`precedent_parts`."""
    from scipy.special import betaincinv

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
