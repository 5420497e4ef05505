"""The validation page: every split, every model, every baseline, each figure with its interval."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from sitefinder.ml import folds, validate
from sitefinder.ml.metrics import block_bootstrap, boyce, brier, reliability
from sitefinder.ml.validate import Held, Study

#: campuses that the product is about
GIGAWATT_CLASS_MW = 300.0
#: labels this near to a held-out campus are held out with it
BUFFER_M = 25_000.0
#: later campuses nearer than this to a training label do not count as new
APART_M = 10_000.0
#: blocks are at least this large, whatever the estimated range
MIN_BLOCK_M = 150_000.0
DRAWS = 300
SHARES = (0.01, 0.05, 0.10)

log = logging.getLogger(__name__)


def run_study(study: Study, temporal_train: np.ndarray) -> dict[str, Any]:
    """All splits of the validation.

    Parameters
    ----------
    study : Study
    temporal_train : (n_presences,) bool
        What was mapped by mid 2025.

    Returns
    -------
    dict
        ``range_km``, ``block_km``, and for each split a table model -> figures.
    """
    p = study.presences
    rng = np.random.default_rng(study.seed)
    _, reach = folds.autocorrelation_range_m(study.land.xy[:, 0], study.land.xy[:, 1], study.land.x, rng)
    block_m = max(MIN_BLOCK_M, float(np.ceil(reach / 50_000.0) * 50_000.0))
    log.info("autocorrelation range %.0f km, blocks %.0f km", reach / 1000, block_m / 1000)
    big = np.nan_to_num(p.mw) >= GIGAWATT_CLASS_MW
    result: dict[str, Any] = {"range_km": reach / 1000.0, "block_km": block_m / 1000.0, "labels": len(p)}
    splits = {
        "random": (validate.random_splits(study), True),
        "blocks": (validate.block_splits(study, block_m), True),
        "regions": (validate.region_splits(study), False),
        "later": (validate.temporal_split(study, temporal_train, APART_M), True),
    }
    for name, (split, boosted) in splits.items():
        log.info("split: %s", name)
        result[name] = _table(study, study.held_out(split, boosted=boosted), block_m)
    only_big = Study(p, study.weighted, big, study.background, study.land, study.share, study.seed)
    log.info("split: later, %.0f MW and more", GIGAWATT_CLASS_MW)
    later = validate.temporal_split(only_big, temporal_train, APART_M)
    result["later_big"] = _table(only_big, only_big.held_out(later, boosted=True), block_m)
    log.info("split: one campus out")
    held = only_big.held_out(validate.buffered_splits(only_big, np.flatnonzero(big), BUFFER_M), boosted=False)
    result["one_out"] = _table(only_big, held, block_m)
    result["campuses"] = _campuses(study, held)
    result["calibration"] = _calibration(study, block_m)
    return result


def _table(study: Study, held: Held, block_m: float) -> dict[str, Any]:
    """Figures of every model, with 90 % intervals from resampled blocks."""
    xy = study.presences.xy[held.which]
    groups = folds.block_ids(xy[:, 0], xy[:, 1], block_m)
    rows: dict[str, Any] = {"campuses": len(held.which)}
    for name, percentile in held.percentile.items():
        row: dict[str, Any] = {"auc": held.auc[name], "auc_land": _figure(percentile, groups, study.seed, np.mean)}
        for share in SHARES:
            row[f"best_{share:.0%}"] = _figure(percentile, groups, study.seed, lambda x, s=share: float(np.mean(x >= 1.0 - s)))
        rows[name] = row
    return rows


def _figure(percentile: np.ndarray, groups: np.ndarray, seed: int, statistic: Any) -> list[float]:
    """Figure, lower and upper end of its interval."""
    rng = np.random.default_rng(seed)
    low, high = block_bootstrap(lambda index: float(statistic(percentile[index])), groups, rng, draws=DRAWS)
    return [float(statistic(percentile)), low, high]


def _campuses(study: Study, held: Held) -> list[dict[str, Any]]:
    """Percentile of every held-out campus of gigawatt class by models that saw no label within the buffer."""
    p = study.presences
    order = np.argsort(-np.nan_to_num(p.mw[held.which]), kind="stable")
    return [
        {
            "name": str(p.name[held.which[i]]),
            "mw": float(p.mw[held.which[i]]),
            **{k: float(held.percentile[k][i]) for k in ("weighted score", "additive model", "fused score")},
        }
        for i in order
    ]


def _calibration(study: Study, block_m: float) -> dict[str, float]:
    """Reliability of the additive model on held-out blocks, in a sample half campuses, half land."""
    probability, outcome, campus, land = [], [], [], []
    for train, test, part in validate.block_splits(study, block_m):
        test = np.flatnonzero(test & study.target)
        model = validate.fitted(study, train, part)
        a, b = model.log_odds(study.presences.x[test]), model.log_odds(study.land.x[part])
        probability += [a, b]
        outcome += [np.ones(len(a)), np.zeros(len(b))]
        campus.append(a)
        land.append(b)
    y = np.concatenate(outcome)
    odds = np.concatenate(probability)
    weight = np.where(y == 1, 0.5 / (y == 1).sum(), 0.5 / (y == 0).sum())
    chance = 1.0 / (1.0 + np.exp(-odds))
    _, error = reliability(chance, y, weight=weight)
    return {
        "boyce": boyce(np.concatenate(campus), np.concatenate(land)),
        "brier": brier(chance, y, weight=weight),
        "brier_of_a_coin": 0.25,
        "calibration_error": error,
    }


def markdown(result: Mapping[str, Any]) -> str:
    """The tables of the page."""
    titles = {
        "random": "Random folds",
        "blocks": f"Spatial blocks of {result['block_km']:.0f} km",
        "regions": "One market region left out",
        "later": "Mapped later than mid 2025, all large campuses",
        "later_big": f"Mapped later than mid 2025, {GIGAWATT_CLASS_MW:.0f} MW and more",
        "one_out": f"One campus of {GIGAWATT_CLASS_MW:.0f} MW and more left out with all labels within 25 km",
    }
    parts = []
    for key, title in titles.items():
        rows = dict(result[key])
        count = rows.pop("campuses")
        parts.append(f"### {title} ({count} campuses)\n")
        parts.append(
            "| model | AUC, held-out land | AUC, all land | best 1 % | best 5 % | best 10 % |\n|---|--:|--:|--:|--:|--:|"
        )
        for name, row in rows.items():
            shown = [_shown(row[f"best_{s:.0%}"], percent=True) for s in SHARES]
            parts.append(f"| {name} | {row['auc']:.3f} | {_shown(row['auc_land'])} | " + " | ".join(shown) + " |")
        parts.append("")
    return "\n".join(parts)


def _shown(figure: list[float], *, percent: bool = False) -> str:
    value, low, high = figure
    if percent:
        return f"{value:.0%} ({low:.0%}-{high:.0%})"
    return f"{value:.3f} ({low:.3f}-{high:.3f})"
