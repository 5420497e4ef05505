"""Present value of each campus over common random draws of power and of being built.

Billion US dollars, present value at the end of the year before the first one that counts. ``docs/portfolio.md`` has the formulas.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from sitefinder.columns import HIGH, LOW, MID
from sitefinder.config.delivery import YEARS
from sitefinder.config.portfolio import Portfolio, RiskTerms
from sitefinder.portfolio.pool import Pool
from sitefinder.results.site import Site
from sitefinder.units import MUSD_PER_BUSD, MW_PER_GW

#: levels of the quantiles of megawatts; those of the score, which follow from the ranks P95 and P05
MW_AT, RANK_AT = (0.1, 0.5, 0.9), (0.05, 0.5, 0.95)
#: digits kept of a value, billion dollars: the same on every machine
DECIMALS = 9


@dataclass(frozen=True)
class ValueDraws:
    """Values, megawatts and chances of all campuses over common draws.

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
    """Correlated uniform numbers of every campus, (n, draws): 0 worst, 1 best; every row holds each stratum once.

    A Gaussian copula: normal scores with a component common to the nation, one to the market region and one of the campus
    alone. The numbers depend on names and seed only, not on which other campuses are in the pool.

    Parameters
    ----------
    ids, regions : (n,) sequence of str
    stream : str
        Name of the quantity drawn; streams are independent of each other.
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
    uniform = np.empty((len(ids), risk.draws))
    for i, (name, r) in enumerate(zip(ids, regions, strict=True)):
        mixed = nation + region[r] + own * shuffled(f"{stream}/{r}/{name}")
        uniform[i] = strata[np.argsort(np.argsort(mixed, kind="stable"), kind="stable")]
    return uniform


def at_luck(u: np.ndarray, at: Sequence[float], values: np.ndarray) -> np.ndarray:
    """Amounts at given probabilities, by linear interpolation between three known quantiles and constant beyond them.

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


def score_quantiles(pool: Pool) -> np.ndarray:
    """Unfavourable, actual and favourable score of each campus, (n, 3): those that the list has at the ranks P95 and P05.

    Ranks beyond the list take its lowest score, so that the unfavourable end is not too low. Without ranks the score is certain.
    """
    score, order = pool.of_site(lambda site: site.identity.score), np.argsort(pool.ranks, kind="stable")
    quantiles = np.repeat(score[:, None], 3, axis=1)
    for end, rank in ((LOW, pool.of_site(_rank_p95)), (HIGH, pool.of_site(_rank_p05))):
        at = np.interp(rank, pool.ranks[order], np.minimum.accumulate(score[order]))
        quantiles[:, end] = np.where(np.isnan(at), score, at)
    quantiles[:, LOW], quantiles[:, HIGH] = np.minimum(quantiles[:, LOW], score), np.maximum(quantiles[:, HIGH], score)
    return quantiles


def _rank_p05(site: Site) -> float:
    rank = site.certainty.ranks.rank_p05 if site.certainty else None
    return np.nan if rank is None else rank


def _rank_p95(site: Site) -> float:
    rank = site.certainty.ranks.rank_p95 if site.certainty else None
    return np.nan if rank is None else rank


def discounts(rate: float) -> np.ndarray:
    """Present value at the end of the first of ``YEARS`` of one dollar in the middle of each of them, (years,).

    >>> [round(float(d), 3) for d in discounts(0.1)[1:3]]
    [0.953, 0.867]
    """
    return (1.0 + rate) ** -(np.array(YEARS, float) - YEARS[0] - 0.5)


#: chance of being dropped where it is unknown: unknown is never better than known
MOST_DROPPED = 1.0


def gw_years(mw: np.ndarray) -> np.ndarray:
    """Gigawatt-years of each year, the mean of the megawatts at its two ends, (n, years, draws)."""
    before = np.concatenate([np.zeros_like(mw[:, :1]), mw[:, :-1]], axis=1)
    return (mw + before) / 2.0 / MW_PER_GW


def draw_values(pool: Pool, terms: Portfolio, *, end: int = MID, seed: int | None = None) -> ValueDraws:
    """Values of every campus over common draws.

    value = chance x (sum over years of discount x gigawatt-years x (revenue - energy per gigawatt-year) - capital).
    Costs that are the same at every campus, buildings and computers, are left out.

    Parameters
    ----------
    pool : Pool
    terms : Portfolio
    end : int
        End of the range of revenue: ``LOW``, ``MID``, ``HIGH``.
    seed : int, optional
        Instead of ``risk.seed``, to check a choice on fresh draws.
    """
    regions = pool.groups("rto")
    mw = at_luck(luck(pool.ids, regions, "power", terms.risk, seed=seed), MW_AT, pool.mw)
    chance = np.ones((pool.size, terms.risk.draws))
    if terms.value.realised == "counted":
        dropped = pool.of_power(lambda power: power.p_dropped)
        chance = np.broadcast_to(1.0 - np.where(np.isnan(dropped), MOST_DROPPED, dropped)[:, None], chance.shape)
    elif terms.value.realised:
        score = at_luck(luck(pool.ids, regions, "score", terms.risk, seed=seed), RANK_AT, score_quantiles(pool))
        at, chances = (np.array(v, np.float64) for v in zip(*terms.value.realised, strict=True))
        chance = np.interp(score, at, chances)
    energy = np.array([option.energy_musd_yr for option in pool.options]) / MUSD_PER_BUSD
    per_gw_year = terms.value.busd_per_gw_year[end] - energy * MW_PER_GW / pool.project_mw
    earned = np.einsum("y,nyd->nd", discounts(terms.value.discount_rate), gw_years(mw))
    capital = pool.capex_musd[:, MID] / MUSD_PER_BUSD
    value = chance * (per_gw_year[:, None] * earned - capital[:, None])
    return ValueDraws(np.round(value, DECIMALS), mw, chance)


def tail_mean(totals: np.ndarray, tail: float) -> float:
    """Conditional value at risk: mean over the worst share of the draws, at least one draw.

    >>> tail_mean(np.array([4.0, 1.0, 3.0, 2.0]), 0.5)
    1.5
    """
    worst = worst_draws(totals, tail)
    return float(totals[worst].mean())


def worst_draws(totals: np.ndarray, tail: float) -> np.ndarray:
    """Indices of the worst share of the draws, ascending."""
    count = max(round(tail * totals.size), 1)
    return np.sort(np.argsort(totals, kind="stable")[:count])
