"""What each campus is worth in each of many draws of luck.

Billion US dollars, present value at the end of the year before the first one that counts. ``docs/portfolio.md`` has the formulas.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sitefinder.config.portfolio import Portfolio, RiskTerms
from sitefinder.portfolio.pool import YEARS, Sites
from sitefinder.units import MUSD_PER_BUSD, MW_PER_GW

#: shares at which megawatts are known; those at which ranks are
MW_AT, RANK_AT = (0.1, 0.5, 0.9), (0.05, 0.5, 0.95)
LOW, MID, HIGH = 0, 1, 2
#: digits kept of a value, billion dollars: the same on every machine
DECIMALS = 9


@dataclass(frozen=True)
class Draws:
    """Common draws of all campuses.

    Parameters
    ----------
    value : (n, draws) float64
        Present value of each campus, billion dollars.
    mw : (n, years, draws) float64
        Megawatts at the end of each of ``YEARS`` if the campus is built.
    chance : (n, draws) float64
        Chance that it is built.
    """

    value: np.ndarray
    mw: np.ndarray
    chance: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(n,) mean value."""
        return self.value.mean(axis=1)


def luck(ids: Sequence[str], regions: Sequence[str], stream: str, risk: RiskTerms, *, seed: int | None = None) -> np.ndarray:
    """Uniform luck of every campus, (n, draws): 0 worst, 1 best; every row holds each stratum once.

    Normal scores with a part that all campuses share, one of the market region and one of their own (Gaussian copula). Numbers
    depend on the names and the seed alone, not on which other campuses there are.

    Parameters
    ----------
    ids, regions : (n,) sequence of str
    stream : str
        What the luck is about: streams are independent of each other.
    risk : RiskTerms
    seed : int, optional
        Instead of ``risk.seed``.
    """
    start = risk.seed if seed is None else seed
    strata = (np.arange(risk.draws) + 0.5) / risk.draws
    scores = np.array([NormalDist().inv_cdf(p) for p in strata])

    def shuffled(name: str) -> np.ndarray:
        raw = np.random.PCG64(np.random.SeedSequence([start, zlib.crc32(name.encode())])).random_raw(risk.draws)
        return scores[np.argsort(raw, kind="stable")]

    nation = risk.nation**0.5 * shuffled(f"{stream}")
    region = {r: risk.region**0.5 * shuffled(f"{stream}/{r}") for r in sorted(set(regions))}
    own = max(1.0 - risk.nation - risk.region, 0.0) ** 0.5
    found = np.empty((len(ids), risk.draws))
    for i, (name, r) in enumerate(zip(ids, regions, strict=True)):
        mixed = nation + region[r] + own * shuffled(f"{stream}/{r}/{name}")
        found[i] = strata[np.argsort(np.argsort(mixed, kind="stable"), kind="stable")]
    return found


def at_luck(u: np.ndarray, at: Sequence[float], values: np.ndarray) -> np.ndarray:
    """Amounts of which three quantiles are known: straight lines between, held at the outer two beyond them.

    Parameters
    ----------
    u : (n, draws) in 0..1
    at : (3,) shares
    values : (n, 3), or (n, m, 3)

    Returns
    -------
    (n, draws), or (n, m, draws)

    >>> at_luck(np.array([[0.0, 0.3, 0.5, 1.0]]), (0.1, 0.5, 0.9), np.array([[100.0, 300.0, 400.0]])).tolist()
    [[100.0, 200.0, 300.0, 400.0]]
    """
    if values.ndim == u.ndim + 1:
        u = u[:, None, :]
    low, mid, high = (values[..., k, None] for k in range(3))
    below = np.clip((u - at[0]) / (at[1] - at[0]), 0.0, 1.0)
    above = np.clip((u - at[1]) / (at[2] - at[1]), 0.0, 1.0)
    return low + (mid - low) * below + (high - mid) * above


def score_quantiles(sites: Sites) -> np.ndarray:
    """Score at bad luck, as it is, and at good luck, (n, 3): the scores that the list has at the ranks P95 and P05.

    Ranks behind the list take its lowest score, so the bad end is at best too mild. Without ranks the score is certain.
    """
    score = sites.numbers("score")
    ranks, order = sites.numbers("rank"), np.argsort(sites.numbers("rank"), kind="stable")
    found = np.repeat(score[:, None], 3, axis=1)
    for column, name in ((LOW, "rank_p95"), (HIGH, "rank_p05")):
        at = np.interp(sites.numbers(name), ranks[order], np.minimum.accumulate(score[order]))
        found[:, column] = np.where(np.isnan(at), score, at)
    found[:, LOW], found[:, HIGH] = np.minimum(found[:, LOW], score), np.maximum(found[:, HIGH], score)
    return found


def discounts(rate: float) -> np.ndarray:
    """Present value of one dollar in the middle of each of ``YEARS``, seen from the end of the first one, (years,).

    >>> [round(float(d), 3) for d in discounts(0.1)[1:3]]
    [0.953, 0.867]
    """
    return (1.0 + rate) ** -(np.array(YEARS, float) - YEARS[0] - 0.5)


def gw_years(mw: np.ndarray) -> np.ndarray:
    """Gigawatt-years of each year from the megawatts at year ends, the mean of both ends: (n, years, draws)."""
    before = np.concatenate([np.zeros_like(mw[:, :1]), mw[:, :-1]], axis=1)
    return (mw + before) / 2.0 / MW_PER_GW


def draw_values(sites: Sites, terms: Portfolio, *, end: int = MID, seed: int | None = None) -> Draws:
    """Values of every campus over common draws.

    value = chance x (sum over years of discount x gigawatt-years x (revenue - energy per gigawatt-year) - capital). What is
    the same at every campus, buildings and computers, is left out.

    Parameters
    ----------
    sites : Sites
    terms : Portfolio
    end : int
        Which end of the range of revenue: ``LOW``, ``MID``, ``HIGH``.
    seed : int, optional
        Instead of ``risk.seed``, to check a choice on fresh draws.
    """
    regions = sites.groups("rto")
    mw = at_luck(luck(sites.ids, regions, "power", terms.risk, seed=seed), MW_AT, sites.mw)
    chance = np.ones((sites.size, terms.risk.draws))
    if terms.value.realised:
        score = at_luck(luck(sites.ids, regions, "score", terms.risk, seed=seed), RANK_AT, score_quantiles(sites))
        at, chances = (np.array(v, np.float64) for v in zip(*terms.value.realised, strict=True))
        chance = np.interp(score, at, chances)
    energy = np.array([r.get(f"power_{r['pathway']}_musd_yr_mid", 0.0) for r in sites.rows], float) / MUSD_PER_BUSD
    per_gw_year = terms.value.busd_per_gw_year[end] - energy * MW_PER_GW / sites.project_mw
    earned = np.einsum("y,nyd->nd", discounts(terms.value.discount_rate), gw_years(mw))
    capital = sites.numbers("capex_musd_mid") / MUSD_PER_BUSD
    value = chance * (per_gw_year[:, None] * earned - capital[:, None])
    return Draws(np.round(value, DECIMALS), mw, chance)


def tail_mean(totals: np.ndarray, tail: float) -> float:
    """Mean of the worst share of the draws (conditional value at risk), at least one draw.

    >>> tail_mean(np.array([4.0, 1.0, 3.0, 2.0]), 0.5)
    1.5
    """
    worst = worst_draws(totals, tail)
    return float(totals[worst].mean())


def worst_draws(totals: np.ndarray, tail: float) -> np.ndarray:
    """Which draws are the worst, ascending."""
    count = max(round(tail * totals.size), 1)
    return np.sort(np.argsort(totals, kind="stable")[:count])
