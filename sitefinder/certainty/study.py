"""Certainty of a ranking: columns of the listed sites, and the files beside the list."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.cache import Cache
from sitefinder.certainty.columns import CertaintyPart, ReasonPart
from sitefinder.certainty.evidence import ages, evidence_parts, register
from sitefinder.certainty.methods import agreement, side_by_side
from sitefinder.certainty.near_misses import near_miss_csv, near_misses
from sitefinder.certainty.presets import preset_parts, preset_ranks, read_presets
from sitefinder.certainty.ranks import PAIRS, RankUncertainty, Shortlist, rank_parts, rank_uncertainty, shortlist
from sitefinder.certainty.reasons import PRECEDENTS, counterfactuals, driver_words, precedent_parts
from sitefinder.certainty.stability import Linear, Shift, by_family, dethrone, morris, reign, tornado
from sitefinder.config import Config
from sitefinder.config.shipped import resolved
from sitefinder.config.uncertainty import Uncertainty
from sitefinder.files import Json
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned
from sitefinder.ml.revealed import effective_number
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.campuses import Campus, Field, national_campuses

#: layers opened for the reasons of a site
LAYERS = PRECEDENTS
#: top-ranked sites whose sensitivity to the weights is reported
STUDIED = 10
#: digits of probabilities and weights in files
DIGITS = 4
#: digits of contributions: they add up to the score to 1e-6
CONTRIBUTION_DIGITS = 8


#: files written by :func:`certainty_files` and :func:`near_miss_file`
FILES = ("certainty.json", "contributions.csv", "near_misses.csv")


def rivals(field: Field, config: Config) -> list[Campus]:
    """The best campuses of the country, best first: the listed ones, and the others whose ranks are studied.

    The list is the first ``candidates.count`` of them.
    """
    candidates = config.candidates.model_copy(update={"count": rival_count(config)})
    return national_campuses(field, config.model_copy(update={"candidates": candidates}))


def rival_count(config: Config) -> int:
    """How many campuses :func:`rivals` looks for."""
    return max(config.candidates.count, config.uncertainty.campuses if config.uncertainty else 0)


@dataclass(frozen=True)
class Certainty:
    """Certainty of a ranking: columns of the listed sites, and the study that they come from.

    Parameters
    ----------
    parts : list of CertaintyPart
        One per listed site, in the order of the list.
    shortlist : Shortlist
        The campuses studied.
    ranks : RankUncertainty
    settings : Uncertainty
    """

    parts: list[CertaintyPart]
    shortlist: Shortlist
    ranks: RankUncertainty
    settings: Uncertainty


@dataclass(frozen=True)
class Scored:
    """Scores of the whole country, with the layers, data and learned model behind them.

    Parameters
    ----------
    field : Field
    stack : LayerStack
    package : DataPackage
    learned : Learned or None
    """

    field: Field
    stack: LayerStack
    package: DataPackage
    learned: Learned | None


def certainty(campuses: Sequence[Campus], listed: int, scored: Scored, config: Config) -> Certainty | None:
    """Certainty of the ranking of the campuses; None if the configuration has no ``uncertainty`` section.

    Parameters
    ----------
    campuses : sequence of Campus
        Best first, more than are listed.
    listed : int
        How many of them the list shows.
    scored : Scored
    config : Config
    """
    settings = config.uncertainty
    if settings is None or not campuses:
        return None
    studied = shortlist(campuses, scored.field, scored.stack, config, scored.learned)
    age = ages(scored.package, studied.ids, settings.as_of)
    ranks = rank_uncertainty(studied, settings, age_years=age)
    listed = min(listed, len(campuses))
    seeds = studied.land.seeds[:listed]
    ranked = _under_presets(studied, settings, scored.stack.whole.cache)
    reasons = zip(counterfactuals(studied, listed), driver_words(studied, scored.package, listed), strict=True)
    parts = zip(
        rank_parts(ranks, listed),
        preset_parts(ranked, listed),
        evidence_parts(studied.ids, studied.points[:, :listed], age),
        (ReasonPart(changes, up, down) for changes, (up, down) in reasons),
        precedent_parts(scored.stack, seeds),
        strict=True,
    )
    return Certainty([CertaintyPart(*part) for part in parts], studied, ranks, settings)


def _under_presets(studied: Shortlist, settings: Uncertainty, cache: Cache) -> np.ndarray:
    """Rank of each campus under each published set of weights, (m, n); m = 0 where none are configured."""
    if not settings.presets:
        return np.empty((0, studied.fused.size), np.int64)
    return preset_ranks(studied, read_presets(resolved(settings.presets), studied.config.project.mw, cache))


def linear(studied: Shortlist) -> Linear:
    """Scores of the shortlist as a linear function of the criterion weights."""
    part = studied.model_share * studied.applicability
    return Linear(studied.ids, studied.weights, studied.values() * (1.0 - part)[:, None], part * studied.learned)


def certainty_files(assessment: Certainty, site_ids: Sequence[str], package: DataPackage) -> dict[str, bytes]:
    """``certainty.json`` and ``contributions.csv``.

    Parameters
    ----------
    assessment : Certainty
    site_ids : sequence of str
        Of the listed sites, in order.
    package : DataPackage
    """
    content = {
        "draws": assessment.settings.draws,
        "campuses": assessment.shortlist.land.size,
        "first": _first(assessment, site_ids),
        "before": _pairs(assessment, site_ids),
        "methods": _methods(assessment.shortlist),
        "effective_criteria": round(effective_number(assessment.shortlist.values(), assessment.shortlist.weights), 1),
        "sensitivity": _sensitivity(assessment.shortlist, site_ids),
        "evidence": register(package, assessment.shortlist.ids, assessment.settings.as_of),
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return {"certainty.json": text.encode(), "contributions.csv": _contributions(assessment.shortlist, site_ids)}


def near_miss_file(
    scored: Scored, config: Config, excluded: Exclusions, *, listed: Sequence[Campus], ungated: np.ndarray
) -> dict[str, bytes]:
    """``near_misses.csv``; see :func:`sitefinder.certainty.near_misses.near_misses`."""
    misses = near_misses(scored.stack, config, excluded, scored.field, listed=listed, ungated=ungated)
    return {"near_misses.csv": near_miss_csv(misses)}


def _first(assessment: Certainty, site_ids: Sequence[str]) -> Json:
    """Smallest changes of weights that cost the first site its rank, and the ranges within which it stays first."""
    criteria = linear(assessment.shortlist)
    families = by_family(criteria, assessment.shortlist.families)

    def described(shift: Shift | None, names: Sequence[str]) -> Json | None:
        if shift is None:
            return None
        rival = site_ids[shift.rival] if shift.rival < len(site_ids) else f"campus {shift.rival + 1}"
        return {"points_moved": round(100.0 * shift.moved, 2), "change": shift.words(names), "rival": rival}

    return {
        "site_id": site_ids[0],
        "smallest_change_of_criteria": described(dethrone(criteria), criteria.names),
        "smallest_change_of_families": described(dethrone(families), families.names),
        "stays_first_while": {k: [round(x, DIGITS) for x in v] for k, v in reign(families).items()},
        "weights_now": {k: round(float(w), DIGITS) for k, w in zip(families.names, families.weights, strict=True)},
    }


def _pairs(assessment: Certainty, site_ids: Sequence[str]) -> Json:
    """Probability that the site of a row ranks above that of a column, among the fifty top-ranked sites."""
    n = min(PAIRS, len(site_ids))
    return {"sites": list(site_ids[:n]), "probability": np.round(assessment.ranks.pairwise[:n, :n], 3).tolist()}


def _methods(studied: Shortlist) -> Json:
    """Agreement of other aggregation methods with the weighted sum, without the learned score."""
    compared = agreement(side_by_side(studied.values(), studied.weights))
    return {
        "names": list(compared.names),
        "kendall": np.round(compared.kendall, 3).tolist(),
        "overlap": np.round(compared.overlap, 3).tolist(),
    }


def _sensitivity(studied: Shortlist, site_ids: Sequence[str]) -> Json:
    """Ranks of the top-ranked sites with family weights halved and doubled, one at a time and all at once."""
    families = by_family(linear(studied), studied.families)
    by_site = {}
    for i, name in enumerate(site_ids[:STUDIED]):
        by_site[name] = {"one_at_a_time": _rounded(tornado(families, i)), "all_at_once": _rounded(morris(families, i))}
    return by_site


def _rounded(rows: Sequence[Mapping[str, float | str]]) -> list[Json]:
    return [{k: round(v, DIGITS) if isinstance(v, float) else v for k, v in row.items()} for row in rows]


def _contributions(studied: Shortlist, site_ids: Sequence[str]) -> bytes:
    """Points of each criterion and of the learned score for each listed site; they add up to the score."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["site_id", "score", *studied.ids, "learned"])
    part = studied.model_share * studied.applicability
    points = studied.points * (1.0 - part)
    for i, name in enumerate(site_ids):
        numbers = [100.0 * studied.fused[i], *points[:, i], 100.0 * part[i] * studied.learned[i]]
        writer.writerow([name, *(f"{x:.{CONTRIBUTION_DIGITS}f}" for x in numbers)])
    return stream.getvalue().encode()
