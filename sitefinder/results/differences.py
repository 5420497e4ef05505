"""Two runs compared: which sites moved, and how much of it is due to weights, value functions, layers, the model or the land.

Reads what runs leave, ``run.json`` and ``sites.geojson``; nothing is computed again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from sitefinder.config import Config, Criterion
from sitefinder.errors import ConfigError, DataError
from sitefinder.layers import REGISTRY
from sitefinder.scoring import criteria

#: causes of a change of score, in the order of the report
CAUSES = ("weights", "value functions", "layers", "learned score", "land")
#: what the files of a run must hold to be compared
MANIFEST, SITE = ("config", "inputs"), ("site_id", "rank", "score", "weighted_score")
#: sections of the configuration that only name things
NAMES_ONLY = ("project.name",)
#: criteria named for each site
NAMED = 3
#: changes smaller than this are rounding of the files, points
ROUNDING = 0.05
#: sites in the report
ROWS = 25


@dataclass(frozen=True)
class Run:
    """What a run left in its folder.

    Parameters
    ----------
    folder : Path
    manifest : dict
        Content of run.json.
    sites : dict
        Site id -> properties.
    """

    folder: Path
    manifest: Mapping[str, Any]
    sites: Mapping[str, Mapping[str, Any]]

    @cached_property
    def config(self) -> Config:
        """Configuration of the run."""
        try:
            needed = {k: self.manifest["config"][k] for k in ("project", "grid", "weights", "criteria")}
            return Config.model_validate_json(json.dumps(needed | {"exclusions": {}}))
        except (ValidationError, KeyError, TypeError) as error:
            bad = error.errors()[0]["loc"] if isinstance(error, ValidationError) else error.args
            key = ".".join(str(k) for k in bad)
            raise DataError(
                f"Cannot compare {self.folder}: '{key}' in its run.json does not fit this version. Rank it again."
            ) from None

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """Layer id -> criterion with breakpoints in the layer's unit."""
        return self.config.flat_criteria()

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Layer id -> weight in the whole score."""
        return self.config.criterion_weights()

    def value(self, layer_id: str, x: float | None) -> float:
        """Value 0..1 of a layer's number; 0 if it is unknown or no criterion here."""
        if x is None or layer_id not in self.criteria:
            return 0.0
        return float(np.nan_to_num(criteria.value(self.criteria[layer_id], np.array([x]))[0]))


def read_run(folder: Path) -> Run:
    """The results of a run.

    Raises
    ------
    DataError
        A file is missing or damaged, or lacks what a comparison needs.
    """
    manifest = _json(folder / "run.json")
    features = _json(folder / "sites.geojson")
    try:
        rows = {f["properties"]["site_id"]: f["properties"] for f in features["features"]}
        lacking = [k for k in MANIFEST if k not in manifest] + [k for row in rows.values() for k in SITE if k not in row]
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"Cannot compare {folder}: its files lack {error}. Rank it again with this version.") from None
    if lacking:
        raise DataError(f"Cannot compare {folder}: its files lack '{lacking[0]}'. Rank it again with this version.")
    return Run(folder, manifest, rows)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. Name the folder of a finished run.") from None
    except ValueError:
        raise DataError(f"Damaged file {path}: it is not JSON. Rank again into that folder.") from None


@dataclass(frozen=True)
class Difference:
    """What differs between two runs.

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
    moved : list of dict
        One per site that is in both lists: ``site_id``, ``rank_before``, ``rank_after``, ``score_before``, ``score_after``, the
        points due to each of :data:`CAUSES`, and ``because`` in words: what sets the site's change apart from the mean change of
        all sites, because what lifts all alike moves no rank.
    entered, left : list of dict
        Properties of sites in only one of the lists.
    """

    settings: Sequence[tuple[str, Any, Any]]
    inputs: Sequence[str]
    model: bool
    code: tuple[Any, Any] | None
    moved: Sequence[Mapping[str, Any]]
    entered: Sequence[Mapping[str, Any]]
    left: Sequence[Mapping[str, Any]]


def compare(before: Run, after: Run) -> Difference:
    """Compare two runs.

    Raises
    ------
    ConfigError
        The runs are on different grids: their sites are not the same places.
    """
    cells = [run.config.grid.resolution_m for run in (before, after)]
    if cells[0] != cells[1]:
        raise ConfigError(
            f"Runs {before.folder} and {after.folder} are not comparable: grid.resolution_m is {cells[0]:g} and {cells[1]:g}. "
            "Rank one of them again with --resolution."
        )
    both = [name for name in before.sites if name in after.sites]
    if not both:
        raise ConfigError(
            f"Runs {before.folder} and {after.folder} are not comparable: they have no site in common. "
            "Check that both ranked the same country and project."
        )
    commits = (before.manifest.get("commit"), after.manifest.get("commit"))
    moved = _moves(both, before, after)
    moved.sort(key=lambda r: (-abs(r["rank_after"] - r["rank_before"]), r["rank_after"]))
    return Difference(
        settings=_settings(before.manifest["config"], after.manifest["config"]),
        inputs=_changed_inputs(before.manifest, after.manifest),
        model=before.manifest.get("model") != after.manifest.get("model"),
        code=None if commits[0] == commits[1] else commits,
        moved=moved,
        entered=[row for name, row in after.sites.items() if name not in before.sites],
        left=[row for name, row in before.sites.items() if name not in after.sites],
    )


def _settings(before: Any, after: Any, keys: tuple[str, ...] = ()) -> list[tuple[str, Any, Any]]:
    """Dotted keys whose values differ; absent keys count as None."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = list(dict.fromkeys([*before, *after]))
        return [found for k in names for found in _settings(before.get(k), after.get(k), (*keys, str(k)))]
    key = ".".join(keys)
    return [] if before == after or key in NAMES_ONLY else [(key, before, after)]


def _changed_inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    found = []
    for part in ("inputs", "replaced_layers"):
        a, b = before.get(part, {}), after.get(part, {})
        for name in sorted({*a, *b}):
            if a.get(name) != b.get(name):
                state = "new" if name not in a else "gone" if name not in b else "changed"
                found.append(f"{name} ({state})")
    return found


def _moves(names: Sequence[str], before: Run, after: Run) -> list[dict[str, Any]]:
    """One row per site that is in both lists."""
    ids = list(dict.fromkeys([*before.criteria, *after.criteria]))
    pairs = [(before.sites[name], after.sites[name]) for name in names]
    effects = np.array([[_effects(k, before, after, a, b) for k in ids] for a, b in pairs])
    sums = effects.sum(axis=1)
    total = np.array([b["score"] - a["score"] for a, b in pairs])
    weighted = np.array([b["weighted_score"] - a["weighted_score"] for a, b in pairs])
    parts = np.column_stack([sums, total - weighted, weighted - sums.sum(axis=1)])
    apart = effects - effects.mean(axis=0), (parts - parts.mean(axis=0))[:, 3:]
    return [
        {
            "site_id": name,
            "rank_before": a["rank"],
            "rank_after": b["rank"],
            "score_before": a["score"],
            "score_after": b["score"],
            **dict(zip(CAUSES, parts[i].tolist(), strict=True)),
            "because": _because(ids, apart[0][i], apart[1][i], (a, b)),
        }
        for i, (name, (a, b)) in enumerate(zip(names, pairs, strict=True))
    ]


def _effects(layer_id: str, before: Run, after: Run, a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[float, float, float]:
    """Points at the site's point due to the weight, the value function and the layer's value of one criterion.

    Each is the mean over the orders in which the three can change, so that they add up exactly (Shapley value over the pairs).
    """
    xa, xb = a.get(layer_id), b.get(layer_id)
    wa, wb = before.weights.get(layer_id, 0.0), after.weights.get(layer_id, 0.0)
    va, vb = before.value(layer_id, xa), after.value(layer_id, xb)
    other = after.value(layer_id, xa), before.value(layer_id, xb)
    # a criterion in only one of the runs has no second value function: it comes and goes with its weight
    if layer_id not in before.criteria or layer_id not in after.criteria:
        return 100.0 * (wb * vb - wa * va), 0.0, 0.0
    function = ((other[0] - va) + (vb - other[1])) / 2.0
    data = ((other[1] - va) + (vb - other[0])) / 2.0
    mean_w = (wa + wb) / 2.0
    return 100.0 * (wb - wa) * (va + vb) / 2.0, 100.0 * mean_w * function, 100.0 * mean_w * data


def _because(ids: Sequence[str], effects: np.ndarray, rest: np.ndarray, pair: tuple[Any, Any]) -> str:
    """The largest causes in words: (n_criteria, 3) points by criterion and cause, and those of the learned score and the land."""
    told = [(abs(e[c]), f"{_words(k, c, *pair)} {e[c]:+.2f}") for k, e in zip(ids, effects, strict=True) for c in range(3)]
    told += [(abs(x), f"{name} {x:+.2f}") for name, x in zip(("learned score", "other land"), rest, strict=True)]
    largest = sorted((t for t in told if t[0] >= ROUNDING), key=lambda t: (-t[0], t[1]))[:NAMED]
    return "; ".join(text for _, text in largest) or "others moved"


def _words(layer_id: str, cause: int, a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    title = REGISTRY[layer_id].spec.title if layer_id in REGISTRY else layer_id
    if cause == 0:
        return f"weight of {layer_id}"
    if cause == 1:
        return f"value function of {layer_id}"
    shown = ["unknown" if r.get(layer_id) is None else f"{r[layer_id]:,.4g}" for r in (a, b)]
    return f"{title} {shown[0]} to {shown[1]}"


def report(found: Difference, before: Run, after: Run) -> str:
    """The difference as text for a terminal."""
    lines = [f"{before.folder} -> {after.folder}", ""]
    lines += ["configuration: " + ("the same" if not found.settings else "")]
    lines += [f"  {key}: {_short(old)} -> {_short(new)}" for key, old, new in found.settings]
    lines += ["data: " + ("the same" if not found.inputs else "")] + [f"  {name}" for name in found.inputs]
    lines += [f"learned model: {'changed' if found.model else 'the same'}"]
    lines += [f"code: {found.code[0]} -> {found.code[1]}" if found.code else "code: the same"]
    still = sum(r["rank_before"] == r["rank_after"] for r in found.moved)
    lines += ["", f"{len(found.moved)} sites in both, {still} at the same rank; {len(found.entered)} new, {len(found.left)} gone"]
    top = [r for r in sorted(found.moved, key=lambda r: r["rank_after"]) if r["rank_before"] != r["rank_after"]][:ROWS]
    lines += [f"{'rank':>11} {'score':>14}  {'site':<13} because (points against the mean of all sites)"] if top else []
    for r in top:
        ranks, scores = f"{r['rank_before']} -> {r['rank_after']}", f"{r['score_before']:.1f} -> {r['score_after']:.1f}"
        lines.append(f"{ranks:>11} {scores:>14}  {r['site_id']:<13} {r['because']}")
    for title, rows in (("new", found.entered), ("gone", found.left)):
        best = ", ".join(f"{r['site_id']} (rank {r['rank']})" for r in rows[:10])
        lines += [f"{title}: {best}"] if rows else []
    return "\n".join(lines)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def table(found: Difference) -> str:
    """Sites that are in both lists as CSV, largest moves first."""
    stream = io.StringIO()
    names = ["site_id", "rank_before", "rank_after", "score_before", "score_after", *CAUSES, "because"]
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writeheader()
    for row in found.moved:
        writer.writerow({k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()})
    return stream.getvalue()
