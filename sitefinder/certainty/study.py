"""Everything a run says about how sure its ranking is, and why: columns for the list and files beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.certainty.columns import NEAR_MISS, CertaintyPart, ReasonPart
from sitefinder.certainty.evidence import ages, evidence_parts, register
from sitefinder.certainty.methods import agreement, side_by_side
from sitefinder.certainty.presets import preset_parts, preset_ranks, read_presets
from sitefinder.certainty.ranks import PAIRS, RankUncertainty, Shortlist, rank_parts, rank_uncertainty, shortlist
from sitefinder.certainty.reasons import PRECEDENTS, counterfactuals, driver_words, near_miss_csv, near_misses, precedent_parts
from sitefinder.certainty.stability import Linear, Shift, by_family, dethrone, morris, reign, tornado
from sitefinder.config import Config
from sitefinder.config.shipped import resolved
from sitefinder.config.uncertainty import Uncertainty
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.campuses import Campus, Field, national_campuses

#: layers that a run opens for the reasons of a site
LAYERS = PRECEDENTS
#: sites whose sensitivity to the weights is told
STUDIED = 10
#: digits of probabilities and weights in files
DIGITS = 4
#: digits of contributions: they add up to the score to 1e-6
CONTRIBUTION_DIGITS = 8


#: files that :func:`certainty_files` and :func:`near_miss_file` make
FILES = ("certainty.json", "contributions.csv", "near_misses.csv")


def rivals(field: Field, config: Config) -> list[Campus]:
    """The best campuses of the country, best first: at least as many as are listed, and those whose ranks are studied.

    The list is the first ``candidates.count`` of them.
    """
    count = max(config.candidates.count, config.uncertainty.campuses if config.uncertainty else 0)
    return national_campuses(
        field, config.model_copy(update={"candidates": config.candidates.model_copy(update={"count": count})})
    )


@dataclass(frozen=True)
class Certainty:
    """How sure a ranking is.

    Parameters
    ----------
    parts : list of CertaintyPart
        One per listed site, in the order of the list.
    found : Shortlist
    ranks : RankUncertainty
    settings : Uncertainty
    """

    parts: list[CertaintyPart]
    found: Shortlist
    ranks: RankUncertainty
    settings: Uncertainty


def certainty(
    campuses: Sequence[Campus],
    listed: int,
    field: Field,
    stack: LayerStack,
    config: Config,
    known: tuple[DataPackage, Learned | None],
) -> Certainty | None:
    """Shake the ranking of the campuses and explain the first of them; None if the configuration has no such section.

    Parameters
    ----------
    campuses : sequence of Campus
        Best first, more than are listed.
    listed : int
        How many of them the list shows.
    field : Field
    stack : LayerStack
    config : Config
    known : (DataPackage, Learned or None)
    """
    settings = config.uncertainty
    if settings is None or not campuses:
        return None
    package, learned = known
    found = shortlist(campuses, field, stack, config, learned)
    age = ages(package, found.ids, settings.as_of)
    ranks = rank_uncertainty(found, settings, age_years=age)
    listed = min(listed, len(campuses))
    seeds = field.land.position.reshape(-1)[np.array([c.cells[0] for c in campuses[:listed]])]
    ranked = _under_presets(found, settings, stack.folder)
    reasons = zip(counterfactuals(found, listed), driver_words(found, package, listed), strict=True)
    parts = zip(
        rank_parts(ranks, listed),
        preset_parts(ranked, listed),
        evidence_parts(found.ids, found.points[:, :listed], age),
        (ReasonPart(changes, up, down) for changes, (up, down) in reasons),
        precedent_parts(stack, seeds),
        strict=True,
    )
    return Certainty([CertaintyPart(*part) for part in parts], found, ranks, settings)


def _under_presets(found: Shortlist, settings: Uncertainty, cache: Path) -> np.ndarray:
    """Rank of each campus under each published set of weights, (m, n); m = 0 where none are asked for."""
    if not settings.presets:
        return np.empty((0, found.fused.size), np.int64)
    return preset_ranks(found, read_presets(resolved(settings.presets), found.config.project.mw, cache))


def linear(found: Shortlist) -> Linear:
    """Scores of the shortlist as a linear function of the criterion weights."""
    part = found.model_share * found.applicability
    return Linear(found.ids, found.weights, found.values() * (1.0 - part)[:, None], part * found.learned)


def certainty_files(made: Certainty, site_ids: Sequence[str], package: DataPackage) -> dict[str, bytes]:
    """``certainty.json`` and ``contributions.csv``.

    Parameters
    ----------
    made : Certainty
    site_ids : sequence of str
        Of the listed sites, in order.
    package : DataPackage
    """
    content = {
        "draws": made.settings.draws,
        "campuses": len(made.found.first),
        "first": _first(made, site_ids),
        "before": _pairs(made, site_ids),
        "methods": _methods(made.found),
        "sensitivity": _sensitivity(made.found, site_ids),
        "evidence": register(package, made.found.ids, made.settings.as_of),
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return {"certainty.json": text.encode(), "contributions.csv": _contributions(made.found, site_ids)}


def near_miss_file(
    stack: LayerStack,
    config: Config,
    excluded: Exclusions,
    field: Field,
    *,
    listed: Sequence[Campus],
    learned: Learned | None,
) -> dict[str, bytes]:
    """``near_misses.csv``; arguments as of :func:`sitefinder.certainty.reasons.near_misses`."""
    rows = near_misses(stack, config, excluded, field, listed=listed, learned=learned)
    return {"near_misses.csv": near_miss_csv(rows, [c.name for c in NEAR_MISS])}


def _first(made: Certainty, site_ids: Sequence[str]) -> dict[str, Any]:
    """What would cost the first site its rank."""
    criteria = linear(made.found)
    families = by_family(criteria, made.found.families)

    def told(shift: Shift | None, names: Sequence[str]) -> dict[str, Any] | None:
        if shift is None:
            return None
        rival = site_ids[shift.rival] if shift.rival < len(site_ids) else f"campus {shift.rival + 1}"
        return {"points_moved": round(100.0 * shift.moved, 2), "change": shift.words(names), "rival": rival}

    return {
        "site_id": site_ids[0],
        "smallest_change_of_criteria": told(dethrone(criteria), criteria.names),
        "smallest_change_of_families": told(dethrone(families), families.names),
        "stays_first_while": {k: [round(x, DIGITS) for x in v] for k, v in reign(families).items()},
        "weights_now": {k: round(float(w), DIGITS) for k, w in zip(families.names, families.weights, strict=True)},
    }


def _pairs(made: Certainty, site_ids: Sequence[str]) -> dict[str, Any]:
    """Probability that the site of a row comes before that of a column, among the first fifty."""
    n = min(PAIRS, len(site_ids))
    return {"sites": list(site_ids[:n]), "probability": np.round(made.ranks.pairwise[:n, :n], 3).tolist()}


def _methods(found: Shortlist) -> dict[str, Any]:
    """How far other ways of combining the same values agree with the weighted sum, the learned score aside."""
    compared = agreement(side_by_side(found.values(), found.weights))
    return {
        "names": list(compared.names),
        "kendall": np.round(compared.kendall, 3).tolist(),
        "overlap": np.round(compared.overlap, 3).tolist(),
    }


def _sensitivity(found: Shortlist, site_ids: Sequence[str]) -> dict[str, Any]:
    """Family weights halved and doubled one by one, and all at once, for the first sites."""
    families = by_family(linear(found), found.families)
    told = {}
    for i, name in enumerate(site_ids[:STUDIED]):
        told[name] = {"one_at_a_time": _rounded(tornado(families, i)), "all_at_once": _rounded(morris(families, i))}
    return told


def _rounded(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: round(v, DIGITS) if isinstance(v, float) else v for k, v in row.items()} for row in rows]


def _contributions(found: Shortlist, site_ids: Sequence[str]) -> bytes:
    """Points of each criterion and of the learned score for each listed site; they add up to the score."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["site_id", "score", *found.ids, "learned"])
    part = found.model_share * found.applicability
    points = found.points * (1.0 - part)
    for i, name in enumerate(site_ids):
        numbers = [100.0 * found.fused[i], *points[:, i], 100.0 * part[i] * found.learned[i]]
        writer.writerow([name, *(f"{x:.{CONTRIBUTION_DIGITS}f}" for x in numbers)])
    return stream.getvalue().encode()
