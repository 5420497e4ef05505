"""The next steps before any capital: their cost over the set by joint draws, and their dates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sitefinder.config.financing import NextStep, Terms
from sitefinder.files import Json
from sitefinder.financing.joint import DRAWS, Luck, quantiles, shared_luck, triangular
from sitefinder.months import month_name, month_number
from sitefinder.results.site import Site


def next_steps(sites: Sequence[Site], terms: Terms, luck: Luck, start: str, study: np.ndarray) -> Json:
    """Fields of the steps.

    Parameters
    ----------
    sites : sequence of Site
        The set.
    terms : Terms
    luck : Luck
    start : str
        Month in which the first steps begin, YYYY-MM.
    study : (n_sites, 3) array
        Months of the load study in the market region of each, lowest, most likely and highest.

    Returns
    -------
    dict
        ``list`` with cost (P10, P50, P90 over the set, million dollars), month due and latest month of each; ``musd`` of all.
    """
    rng, regions = np.random.default_rng(luck.seed), [site.place.rto or "" for site in sites]
    land = [site.costs.land_musd if site.costs else None for site in sites]
    drawn_land = _drawn(rng, regions, [item or (math.nan,) * 3 for item in land], luck)
    ends: dict[str, tuple[float, float]] = {}
    steps, whole = [], np.zeros(DRAWS)
    for step in terms.next_steps:
        cost = _drawn(rng, regions, [step.musd] * len(sites), luck).sum(axis=0)
        if any(step.land_share):
            cost = cost + (triangular(step.land_share, rng.random(DRAWS)) * np.nansum(drawn_land, axis=0))
        whole = whole + cost
        begin = ends[step.after] if step.after else (0.0, 0.0)
        months = _months(step, study)
        ends[step.key] = (begin[0] + months[0], begin[1] + months[1])
        due, latest = (month_name(month_number(start) + math.ceil(m)) for m in ends[step.key])
        steps.append({
            "key": step.key, "title": step.title, "owner": step.owner, "stop": step.stop, "musd": quantiles(cost), "due": due,
            "latest": latest,
        })  # fmt: skip
    return {"list": steps, "musd": quantiles(whole), "start": start, "land_unknown": _unknown(land)}


def done_after(terms: Terms, study: np.ndarray) -> dict[str, np.ndarray]:
    """Months from the start until each step is done at each campus, in order of the steps.

    Parameters
    ----------
    terms : Terms
    study : (n_sites, 3) array
        Months of the load study in the market region of each.

    Returns
    -------
    dict of (n_sites, 3) float64
        Step -> lowest, most likely and highest months.
    """
    ends: dict[str, np.ndarray] = {}
    for step in terms.next_steps:
        begin = ends[step.after] if step.after else np.zeros_like(study, np.float64)
        own = study if step.months == "study" else np.tile(np.asarray(step.months, np.float64), (len(study), 1))
        ends[step.key] = begin + own
    return ends


def _drawn(rng: np.random.Generator, regions: Sequence[str], ranges: Sequence[Sequence[float]], luck: Luck) -> np.ndarray:
    """(n_sites, draws) values of a range at each site."""
    shared = shared_luck(rng, regions, luck)
    return np.array([triangular(range_, u) for range_, u in zip(ranges, shared, strict=True)]).reshape(len(regions), DRAWS)


def _months(step: NextStep, study: np.ndarray) -> tuple[float, float]:
    """Most likely and highest months, of the slowest campus."""
    if step.months != "study":
        return float(step.months[1]), float(step.months[2])
    slowest = study.max(axis=0, initial=0.0)
    return float(slowest[1]), float(slowest[2])


def _unknown(land: Sequence[Sequence[float] | None]) -> int:
    """Number of campuses whose land has no price."""
    return sum(item is None or any(math.isnan(v) for v in item) for item in land)
