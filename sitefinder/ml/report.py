"""Validation page: figures of every model and baseline under every split, with intervals."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sitefinder.files import Json
from sitefinder.ml import choices, folds, validate
from sitefinder.ml.calibration import calibration_study, held_out_odds
from sitefinder.ml.metrics import block_bootstrap, boyce, pr_auc
from sitefinder.ml.train import Sample
from sitefinder.ml.validate import Held, Study
from sitefinder.units import M_PER_KM

#: campuses that the product is about
GIGAWATT_CLASS_MW = 300.0
#: labels this near to a held-out campus are held out with it
BUFFER_M = 25_000.0
#: later campuses nearer than this to a training label do not count as new
APART_M = 10_000.0
#: blocks are at least this large, whatever the estimated range
MIN_BLOCK_M = 150_000.0
#: and a multiple of this
BLOCK_STEP_M = 50_000.0
#: land that the Boyce index is measured against: percentiles are uniform, so that few points say it all
BOYCE_LAND = 1000
DRAWS = 300
SHARES = (0.01, 0.05, 0.10)

log = logging.getLogger(__name__)


def block_size_m(study: Study) -> tuple[float, float]:
    """Autocorrelation range of the layers and the side of blocks that exceed it, metres."""
    rng = np.random.default_rng(study.seed)
    _, reach = folds.autocorrelation_range_m(study.land.xy[:, 0], study.land.xy[:, 1], study.land.x, rng)
    return reach, max(MIN_BLOCK_M, float(np.ceil(reach / BLOCK_STEP_M) * BLOCK_STEP_M))


def run_study(study: Study, temporal_train: np.ndarray, anywhere: Sample) -> Json:
    """All splits of the validation.

    Parameters
    ----------
    study : Study
    temporal_train : (n_presences,) bool
        What was mapped by mid 2025.
    anywhere : Sample
        Uniform land to fit against in the comparison of backgrounds.

    Returns
    -------
    dict
        ``range_km``, ``block_km``, for each split a table model -> figures, the tables of choices, the calibration.
    """
    p = study.presences
    reach, block_m = block_size_m(study)
    log.info("autocorrelation range %.0f km, blocks %.0f km", reach / M_PER_KM, block_m / M_PER_KM)
    big = np.nan_to_num(p.mw) >= GIGAWATT_CLASS_MW
    result: Json = {"range_km": reach / M_PER_KM, "block_km": block_m / M_PER_KM, "labels": len(p)}
    splits = {
        "random": (validate.random_splits(study), True),
        "blocks": (validate.block_splits(study, block_m), True),
        "regions": (validate.region_splits(study), False),
        "later": (validate.temporal_split(study, temporal_train, APART_M), True),
    }
    for name, (split, challengers) in splits.items():
        log.info("split: %s", name)
        result[name] = split_figures(study, study.held_out(split, challengers=challengers), block_m)
    only_big = replace(study, target=big)
    log.info("split: later, %.0f MW and more", GIGAWATT_CLASS_MW)
    later = validate.temporal_split(only_big, temporal_train, APART_M)
    result["later_big"] = split_figures(only_big, only_big.held_out(later, challengers=True), block_m)
    log.info("split: one campus out")
    held = only_big.held_out(validate.buffered_splits(only_big, np.flatnonzero(big), BUFFER_M), challengers=False)
    result["one_out"] = split_figures(only_big, held, block_m)
    result["campuses"] = _campuses(study, held)
    log.info("choices of labels and background")
    result["choices"] = _choices(study, only_big, temporal_train, anywhere=anywhere, block_m=block_m)
    log.info("calibration")
    result["calibration"] = calibration_study(held_out_odds(study, block_m), seed=study.seed, draws=DRAWS)
    return result


def split_figures(study: Study, held: Held, block_m: float) -> Json:
    """Figures of every model, with 90 % intervals from resampled blocks."""
    xy = study.presences.xy[held.which]
    groups = folds.block_ids(xy[:, 0], xy[:, 1], block_m)
    land = np.arange(len(study.land.index)) / len(study.land.index)
    coarse = np.arange(BOYCE_LAND) / BOYCE_LAND

    def precision(x: np.ndarray) -> float:
        # campuses weigh as many as there are, so that all resamples have the same prevalence
        return pr_auc(x, land, weight=np.full(len(x), len(held.which) / len(x)))[0]

    n = len(held.which)
    rows: Json = {"campuses": n, "prevalence": n / (n + len(land))}
    for name, percentile in held.percentile.items():
        row: Json = {"auc": held.auc[name], "auc_land": _figure(percentile, groups, study.seed, np.mean)}
        row["pr_auc"] = _figure(percentile, groups, study.seed, precision)
        row["boyce"] = _figure(percentile, groups, study.seed, lambda x: boyce(x, coarse))
        for share in SHARES:
            row[f"best_{share:.0%}"] = _figure(percentile, groups, study.seed, lambda x, s=share: float(np.mean(x >= 1.0 - s)))
        rows[name] = row
    return rows


def _figure(percentile: np.ndarray, groups: np.ndarray, seed: int, statistic: Any) -> list[float]:
    """Figure, lower and upper end of its interval."""
    rng = np.random.default_rng(seed)
    low, high = block_bootstrap(lambda index: float(statistic(percentile[index])), groups, rng, draws=DRAWS)
    return [float(statistic(percentile)), low, high]


def _campuses(study: Study, held: Held) -> list[Json]:
    """Percentile of every held-out campus of gigawatt class by models that saw no label within the buffer."""
    p = study.presences
    order = np.argsort(-np.nan_to_num(p.mw[held.which]), kind="stable")
    return [
        {
            "name": str(p.name[held.which[i]]),
            "mw": float(p.mw[held.which[i]]),
            **{k: float(held.percentile[k][i]) for k in ("weighted score", "learned score", "fused score")},
        }
        for i in order
    ]


def _choices(study: Study, only_big: Study, temporal_train: np.ndarray, *, anywhere: Sample, block_m: float) -> dict[str, Json]:
    """Held-out figures under other labels and other backgrounds: choice -> split -> AUC and shares captured."""
    figures: dict[str, Json] = {"labels": {}, "background": {}}
    splits = {
        "blocks": (study, list(validate.block_splits(study, block_m))),
        "later": (study, list(validate.temporal_split(study, temporal_train, APART_M))),
        "later_big": (only_big, list(validate.temporal_split(only_big, temporal_train, APART_M))),
    }
    for name, (scored, split) in splits.items():
        by_label, few = choices.label_choices(scored, split)
        for kind, held in (("labels", by_label), ("background", choices.background_choices(scored, anywhere, split))):
            table = split_figures(scored, held, block_m)
            for choice in held.percentile:
                figures[kind].setdefault(choice, {})[name] = {k: table[choice][k] for k in ("auc_land", "best_5%", "best_10%")}
        for choice in few:
            figures["labels"].setdefault(choice, {})[name] = None
    return figures


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
        count, prevalence = rows.pop("campuses"), rows.pop("prevalence")
        parts.append(f"### {title} ({count} campuses)\n")
        parts.append(
            f"| model | AUC, held-out land | AUC, all land | PR-AUC (chance: {prevalence:.3f}) | Boyce | best 1 % | best 5 % "
            "| best 10 % |\n|---|--:|--:|--:|--:|--:|--:|--:|"
        )
        for name, row in rows.items():
            figures = [with_interval(row["auc_land"]), with_interval(row["pr_auc"]), with_interval(row["boyce"], digits=2)]
            figures += [with_interval(row[f"best_{s:.0%}"], percent=True) for s in SHARES]
            parts.append(f"| {name} | {row['auc']:.3f} | " + " | ".join(figures) + " |")
        parts.append("")
    return "\n".join([*parts, *_choice_tables(result["choices"]), *_calibration_tables(result["calibration"])])


def _choice_tables(figures: Mapping[str, Any]) -> list[str]:
    """One table per kind of choice: AUC against all land and the share in its best 5 %, under three splits."""
    parts = []
    for kind, rows in figures.items():
        parts.append(f"### The same model with other {kind}\n")
        parts.append(
            f"| {kind} | AUC, blocks | best 5 % | AUC, later | best 5 % | AUC, later, 300 MW and more | best 5 % |\n"
            "|---|--:|--:|--:|--:|--:|--:|"
        )
        for choice, splits in rows.items():
            cells = []
            for row in splits.values():
                cells += ["too few labels", ""] if row is None else [with_interval(row["auc_land"]), f"{row['best_5%'][0]:.0%}"]
            parts.append(f"| {choice} | " + " | ".join(cells) + " |")
        parts.append("")
    return parts


def _calibration_tables(figures: Mapping[str, Any]) -> list[str]:
    """Reliability on held-out blocks before and after calibration on the other blocks."""
    parts = ["### Reliability on held-out blocks, in a sample half campuses, half land\n"]
    parts.append("| chances | Brier score (a coin: 0.25) | calibration error |\n|---|--:|--:|")
    names = {"as_fitted": "as fitted", "calibrated": "calibrated on the other blocks"}
    for key, name in names.items():
        parts.append(f"| {name} | {with_interval(figures[key]['brier'])} | {with_interval(figures[key]['error'])} |")
    parts.append("")
    for key, name in names.items():
        parts.append(f"| chance, {name} | observed share | campuses | land |\n|--:|--:|--:|--:|")
        for row in figures[key]["bins"]:
            seen = with_interval(row["observed"], digits=2)
            parts.append(f"| {row['chance']:.2f} | {seen} | {row['campuses']} | {row['land']} |")
        parts.append("")
    return parts


def with_interval(figure: list[float], *, percent: bool = False, digits: int = 3) -> str:
    """A figure and its interval as text: three decimals, or whole percent."""
    value, low, high = figure
    if percent:
        return f"{value:.0%} ({low:.0%}-{high:.0%})"
    if low < 0.0:
        return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
    return f"{value:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"
