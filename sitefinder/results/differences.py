"""Differences of two runs: sites that moved, by weights, value functions, layers, model and land.

The comparison reads ``run.json`` and ``sites.geojson``; nothing is computed again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sitefinder.errors import ConfigError, DataError
from sitefinder.layers import REGISTRY
from sitefinder.results.changes import changed_inputs, changed_settings
from sitefinder.results.run import Run

Row = Mapping[str, Any]
#: causes of a change of score, in the order of the report
CAUSES = ("weights", "value functions", "layers", "learned score", "land")
#: entries that a comparison needs in the files of a run
MANIFEST, SITE = ("config", "inputs"), ("rank", "score", "weighted_score")
#: criteria named for each site
NAMED = 3
#: changes smaller than this are rounding of the files, points
ROUNDING = 0.05
#: sites in the report
ROWS = 25


def comparable(run: Run) -> Run:
    """The run, after a check that its files hold what a comparison needs; other versions may lack it.

    Raises
    ------
    DataError
        They do not.
    """
    lacking = [k for k in MANIFEST if k not in run.manifest] + [k for row in run.rows.values() for k in SITE if k not in row]
    if lacking:
        raise DataError(f"Cannot compare {run.folder}: its files lack '{lacking[0]}'. Rank it again with this version.")
    return run


class Move(NamedTuple):
    """Change of rank and score of a site that is in both lists.

    Parameters
    ----------
    site_id : str
    rank_before, rank_after : int
    score_before, score_after : float
        Points.
    points : mapping
        Cause of :data:`CAUSES` -> points due to it.
    because : str
        Change of the site against the mean change of all sites: a change common to all moves no rank.
    """

    site_id: str
    rank_before: int
    rank_after: int
    score_before: float
    score_after: float
    points: Mapping[str, float]
    because: str


@dataclass(frozen=True)
class Difference:
    """Differences of two runs: settings, inputs, model, code and sites.

    Parameters
    ----------
    settings : list of (key, before, after)
        Keys of the configuration.
    inputs : list of str
        Compiled files whose content differs, is new or is gone.
    model : bool
        True if the learned model differs.
    code : (before, after) or None
        Commits, if they differ.
    moved : list of Move
        One per site that is in both lists, largest moves first.
    entered, left : list of mapping
        Columns of sites in only one of the lists.
    """

    settings: Sequence[tuple[str, Any, Any]]
    inputs: Sequence[str]
    model: bool
    code: tuple[Any, Any] | None
    moved: Sequence[Move]
    entered: Sequence[Row]
    left: Sequence[Row]


def compare(before: Run, after: Run) -> Difference:
    """Differences of two runs.

    Raises
    ------
    ConfigError
        The runs are on different grids: their sites are not the same places.
    """
    cells = [comparable(run).scoring.grid.resolution_m for run in (before, after)]
    if cells[0] != cells[1]:
        raise ConfigError(
            f"Runs {before.folder} and {after.folder} are not comparable: grid.resolution_m is {cells[0]:g} and {cells[1]:g}. "
            "Rank one of them again with --resolution."
        )
    both = [name for name in before.rows if name in after.rows]
    if not both:
        raise ConfigError(
            f"Runs {before.folder} and {after.folder} are not comparable: they have no site in common. "
            "Check that both ranked the same country and project."
        )
    commits = (before.manifest.get("commit"), after.manifest.get("commit"))
    moved = _moves(both, before, after)
    moved.sort(key=lambda m: (-abs(m.rank_after - m.rank_before), m.rank_after))
    return Difference(
        settings=changed_settings(before.manifest["config"], after.manifest["config"]),
        inputs=changed_inputs(before.manifest, after.manifest),
        model=before.manifest.get("model") != after.manifest.get("model"),
        code=None if commits[0] == commits[1] else commits,
        moved=moved,
        entered=[row for name, row in after.rows.items() if name not in before.rows],
        left=[row for name, row in before.rows.items() if name not in after.rows],
    )


def _moves(names: Sequence[str], before: Run, after: Run) -> list[Move]:
    """Changes of the sites that are in both lists."""
    ids = list(dict.fromkeys([*before.criteria, *after.criteria]))
    pairs = [(before.rows[name], after.rows[name]) for name in names]
    effects = np.array([[_effects(k, before, after, a, b) for k in ids] for a, b in pairs])
    sums = effects.sum(axis=1)
    total = np.array([b["score"] - a["score"] for a, b in pairs])
    weighted = np.array([b["weighted_score"] - a["weighted_score"] for a, b in pairs])
    parts = np.column_stack([sums, total - weighted, weighted - sums.sum(axis=1)])
    apart = effects - effects.mean(axis=0), (parts - parts.mean(axis=0))[:, 3:]
    return [
        Move(
            name,
            *(a["rank"], b["rank"], a["score"], b["score"]),
            dict(zip(CAUSES, parts[i].tolist(), strict=True)),
            _because(ids, apart[0][i], apart[1][i], (a, b)),
        )
        for i, (name, (a, b)) in enumerate(zip(names, pairs, strict=True))
    ]


def _effects(layer_id: str, before: Run, after: Run, a: Row, b: Row) -> tuple[float, float, float]:
    """Points at the site's point due to the weight, the value function and the layer's value of one criterion.

    Each is the mean over the orders in which the three can change, so that they add up exactly (Shapley value over the pairs).
    """
    xa, xb = a.get(layer_id), b.get(layer_id)
    wa, wb = before.weights.get(layer_id, 0.0), after.weights.get(layer_id, 0.0)
    va, vb = before.value(layer_id, xa) or 0.0, after.value(layer_id, xb) or 0.0
    other = after.value(layer_id, xa) or 0.0, before.value(layer_id, xb) or 0.0
    # a criterion in only one of the runs has no second value function: it comes and goes with its weight
    if layer_id not in before.criteria or layer_id not in after.criteria:
        return 100.0 * (wb * vb - wa * va), 0.0, 0.0
    function = ((other[0] - va) + (vb - other[1])) / 2.0
    data = ((other[1] - va) + (vb - other[0])) / 2.0
    mean_w = (wa + wb) / 2.0
    return 100.0 * (wb - wa) * (va + vb) / 2.0, 100.0 * mean_w * function, 100.0 * mean_w * data


def _because(ids: Sequence[str], effects: np.ndarray, rest: np.ndarray, pair: tuple[Any, Any]) -> str:
    """The largest causes in words: (n_criteria, 3) points by criterion and cause, and those of the learned score and the land."""
    causes = [(abs(e[c]), f"{_words(k, c, *pair)} {e[c]:+.2f}") for k, e in zip(ids, effects, strict=True) for c in range(3)]
    causes += [(abs(x), f"{name} {x:+.2f}") for name, x in zip(("learned score", "other land"), rest, strict=True)]
    largest = sorted((t for t in causes if t[0] >= ROUNDING), key=lambda t: (-t[0], t[1]))[:NAMED]
    return "; ".join(text for _, text in largest) or "others moved"


def _words(layer_id: str, cause: int, a: Row, b: Row) -> str:
    title = REGISTRY[layer_id].spec.title if layer_id in REGISTRY else layer_id
    if cause == 0:
        return f"weight of {layer_id}"
    if cause == 1:
        return f"value function of {layer_id}"
    values = ["unknown" if r.get(layer_id) is None else f"{r[layer_id]:,.4g}" for r in (a, b)]
    return f"{title} {values[0]} to {values[1]}"


def report(difference: Difference, before: Run, after: Run) -> str:
    """The difference as text for a terminal."""
    lines = [f"{before.folder} -> {after.folder}", ""]
    lines += ["configuration: " + ("the same" if not difference.settings else "")]
    lines += [f"  {key}: {_short(old)} -> {_short(new)}" for key, old, new in difference.settings]
    lines += ["data: " + ("the same" if not difference.inputs else "")] + [f"  {name}" for name in difference.inputs]
    lines += [f"learned model: {'changed' if difference.model else 'the same'}"]
    lines += [f"code: {difference.code[0]} -> {difference.code[1]}" if difference.code else "code: the same"]
    still = sum(m.rank_before == m.rank_after for m in difference.moved)
    others = f"{len(difference.entered)} new, {len(difference.left)} gone"
    lines += ["", f"{len(difference.moved)} sites in both, {still} at the same rank; {others}"]
    top = [m for m in sorted(difference.moved, key=lambda m: m.rank_after) if m.rank_before != m.rank_after][:ROWS]
    lines += [f"{'rank':>11} {'score':>14}  {'site':<13} because (points against the mean of all sites)"] if top else []
    for m in top:
        ranks, scores = f"{m.rank_before} -> {m.rank_after}", f"{m.score_before:.1f} -> {m.score_after:.1f}"
        lines.append(f"{ranks:>11} {scores:>14}  {m.site_id:<13} {m.because}")
    for title, rows in (("new", difference.entered), ("gone", difference.left)):
        best = ", ".join(f"{r['site_id']} (rank {r['rank']})" for r in rows[:10])
        lines += [f"{title}: {best}"] if rows else []
    return "\n".join(lines)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def table(difference: Difference) -> str:
    """Sites that are in both lists as CSV, largest moves first."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["site_id", "rank_before", "rank_after", "score_before", "score_after", *CAUSES, "because"])
    for m in difference.moved:
        numbers = (m.score_before, m.score_after, *m.points.values())
        writer.writerow([m.site_id, m.rank_before, m.rank_after, *(round(x, 3) for x in numbers), m.because])
    return stream.getvalue()
