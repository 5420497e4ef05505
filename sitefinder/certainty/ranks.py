"""Rank intervals: weights, layers, value functions and the learned share are perturbed together, and ranks counted.

The ``uncertainty`` section of the configuration holds the size of each perturbation; docs/uncertainty.md explains it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sitefinder.certainty.columns import RankPart
from sitefinder.certainty.weighting import draw_weights
from sitefinder.config import FAMILIES, Config
from sitefinder.config.uncertainty import Uncertainty
from sitefinder.kernels.acceptability import Problem, Tally, simulate
from sitefinder.layers import REGISTRY
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned, counted
from sitefinder.scoring import criteria
from sitefinder.scoring.score import profile
from sitefinder.sites.campuses import Campus, Field, Footprints

#: top-ranked sites compared in pairs
PAIRS = 50
#: ranks whose probability is reported
TOPS = (1, 10, 50, 100)
#: tiers by the share of the draws in which a site is among the first :data:`TIER_RANKS`, best first
TIERS = ((0.9, "leads"), (0.5, "top 50 likely"), (0.0, "cannot be told apart"))
TIER_RANKS = 50
#: quantiles of the rank
QUANTILES = (0.05, 0.5, 0.95)
#: units of codes, not amounts: their breakpoints are not perturbed
CODES = ("flag", "level")
#: criterion -> layer with the number of cases behind it: its own interval takes the place of the grade's noise
CASES = {"precedents_blocked_share": "precedents_decided_80km"}
#: prior cases on each side of a share (Jeffreys; K)
PRIOR = 0.5
YEARS_PER_DECADE = 10.0


@dataclass(frozen=True)
class Shortlist:
    """The campuses whose ranks are studied, best first.

    Parameters
    ----------
    ids, families : tuple of str
        Criteria and the family of each.
    weights : (k,) float64
        Configured weights, sum to 1.
    layers : (k, c) float64
        Layer values of all cells of all campuses, one campus after the other; NaN = unknown.
    land : Footprints
        Of the campuses; c cells in all.
    model_share : float
        Configured share of the learned score.
    applicability, learned : (n,) float64
        How far the learned score counts at a campus under the configured weights, and its value 0..1, such that both scores
        fuse to the campus score.
    spread : (k, n) float64
        Standard deviation of a share's own interval, in the layer's unit; NaN where the evidence grade decides.
    """

    config: Config
    ids: tuple[str, ...]
    families: tuple[str, ...]
    weights: np.ndarray
    layers: np.ndarray
    land: Footprints
    model_share: float
    applicability: np.ndarray
    learned: np.ndarray
    spread: np.ndarray

    def values(self, factor: np.ndarray | None = None) -> np.ndarray:
        """(n, k) float64 mean values 0..1 over the known land; unknown land adds nothing.

        Parameters
        ----------
        factor : (k,) float64, optional
            Breakpoints of each criterion times this: a value function with breakpoints f b is the old one at x / f.
        """
        if factor is None:
            return self._values
        members = self.config.flat_criteria().values()
        values = np.array([criteria.value(c, x / f) for c, x, f in zip(members, self.layers, factor, strict=True)])
        return self.land.mean(np.nan_to_num(values)).T

    @cached_property
    def _values(self) -> np.ndarray:
        return self.values(np.ones(len(self.ids)))

    @cached_property
    def unknown(self) -> np.ndarray:
        """(n, k) float64 share of each campus where a criterion is unknown."""
        return self.land.mean(np.isnan(self.layers).astype(np.float64)).T

    @cached_property
    def fused(self) -> np.ndarray:
        """(n,) float64 score 0..1 under the configuration."""
        a = self.model_share * self.applicability
        return (1.0 - a) * (self.values() @ self.weights) + a * self.learned

    @cached_property
    def points(self) -> np.ndarray:
        """(k, n) float64 points of the weighted score 0..100 that each criterion earns."""
        return 100.0 * self.weights[:, None] * self.values().T


def shortlist(
    campuses: Sequence[Campus], field: Field, stack: LayerStack, config: Config, learned: Learned | None = None
) -> Shortlist:
    """Weights, layer values and learned scores of the campuses whose ranks are studied.

    Parameters
    ----------
    campuses : sequence of Campus
        Best first, as :func:`sitefinder.sites.campuses.national_campuses` gives them.
    field : Field
    stack : LayerStack
    config : Config
    learned : Learned, optional
        The learned score, when it takes part.
    """
    land = Footprints.of(campuses, field)
    profiled = profile(stack, config, land.index)
    n = len(campuses)
    model_share = config.model.share if learned else 0.0
    applicability, effective = np.zeros(n), np.zeros(n)
    if learned:
        cell_l = learned.score[land.index].astype(np.float64) / 100.0
        cell_a = counted(profiled.score / 100.0, cell_l, learned.applicability[land.index].astype(np.float64))
        applicability = land.mean(cell_a)
        weighted = land.mean(profiled.score / 100.0)
        kept = 1.0 - model_share * cell_a
        fused = land.mean(kept * profiled.score / 100.0 + (1.0 - kept) * cell_l)
        part = model_share * applicability
        # the learned value with which the means fuse exactly: both vary inside a campus
        plain = land.mean(cell_l)
        effective = np.where(part > 1e-6, (fused - (1.0 - part) * weighted) / np.maximum(part, 1e-6), plain)
    studied = Shortlist(
        config, profiled.ids, profiled.families, profiled.weights, profiled.layers, land,
        model_share, applicability, effective, np.full((len(profiled.ids), n), np.nan),
    )  # fmt: skip
    _own_intervals(studied, stack)
    return studied


def _own_intervals(shortlist: Shortlist, stack: LayerStack) -> None:
    """Standard deviation of shares of which the number of cases is known (beta distribution with a Jeffreys prior)."""
    for name, cases in CASES.items():
        if name not in shortlist.ids or cases not in stack.records:
            continue
        k = shortlist.ids.index(name)
        n = np.nan_to_num(stack.at(cases, shortlist.land.index).astype(np.float64))
        yes, no = np.nan_to_num(shortlist.layers[k]) * n + PRIOR, (1.0 - np.nan_to_num(shortlist.layers[k])) * n + PRIOR
        spread = np.sqrt(yes * no / ((yes + no) ** 2 * (yes + no + 1.0)))
        shortlist.spread[k] = shortlist.land.mean(spread)


@dataclass(frozen=True)
class RankUncertainty:
    """Ranks of the campuses of a shortlist over all draws.

    Parameters
    ----------
    tally : Tally
    draws : int
    families : tuple of str
        Family of each criterion.
    """

    tally: Tally
    draws: int
    families: tuple[str, ...]

    @cached_property
    def acceptability(self) -> np.ndarray:
        """(n, n) float64: share of the draws in which a site (row) takes a rank (column, 0 = best); rows sum to 1."""
        return self.tally.counts / float(self.draws)

    def quantile(self, q: float, first: int | None = None) -> np.ndarray:
        """(n,) int: smallest rank, from 1, that a site does not exceed in a share ``q`` of the draws; of the ``first`` sites."""
        reached = np.cumsum(self.tally.counts[:first], axis=1, dtype=np.int32) >= np.ceil(q * self.draws)
        return np.argmax(reached, axis=1) + 1

    def top(self, ranks: int) -> np.ndarray:
        """(n,) float64 probability of one of the first ``ranks`` ranks."""
        return self.tally.counts[:, :ranks].sum(axis=1) / float(self.draws)

    @cached_property
    def central_weights(self) -> np.ndarray:
        """(n, k) float64: mean weights of the draws in which a site is first; NaN where it never is."""
        wins = self.tally.counts[:, 0].astype(np.float64)[:, None]
        return np.divide(self.tally.first_weights, wins, out=np.full(self.tally.first_weights.shape, np.nan), where=wins > 0)

    @cached_property
    def pairwise(self) -> np.ndarray:
        """(p, p) float64: probability that a site (row) comes before another (column)."""
        return self.tally.wins / float(self.draws)

    def family_weights(self, i: int) -> dict[str, float] | None:
        """Central weights of one site by family; None where it is never first."""
        if not self.tally.counts[i, 0]:
            return None
        row = self.central_weights[i]
        return {f: float(row[[g == f for g in self.families]].sum()) for f in FAMILIES if f in self.families}


def noise(shortlist: Shortlist, settings: Uncertainty, age_years: np.ndarray | None = None) -> np.ndarray:
    """(n, k) float64 standard deviation of each value, 0..1: by the layer's grade, more with age; less of a part that is unknown.

    Parameters
    ----------
    shortlist : Shortlist
    settings : Uncertainty
    age_years : (k,) float64, optional
        From :func:`sitefinder.certainty.evidence.ages`; unknown ages add nothing.
    """
    grade = np.array([settings.noise[REGISTRY[k].spec.grade] for k in shortlist.ids])
    decades = np.zeros(len(shortlist.ids)) if age_years is None else np.nan_to_num(age_years) / YEARS_PER_DECADE
    spread = np.tile(grade + settings.noise_per_decade * decades, (shortlist.land.size, 1))
    members = shortlist.config.flat_criteria()
    if settings.noise["E5"] > 0:
        for k in np.flatnonzero(~np.isnan(shortlist.spread).all(axis=1)):
            around = np.minimum(np.nan_to_num(shortlist.spread[k]), 0.5)
            # none or all of few cases: the interval lies inside 0..1, beside the share that was seen
            at = np.clip(shortlist.land.mean(np.nan_to_num(shortlist.layers[k])), around, 1.0 - around)
            ends = [criteria.value(members[shortlist.ids[k]], at + sign * around) for sign in (-1.0, 1.0)]
            spread[:, k] = np.abs(ends[1] - ends[0]) / 2.0
    return spread * (1.0 - shortlist.unknown)


def rank_uncertainty(
    shortlist: Shortlist, settings: Uncertainty, *, age_years: np.ndarray | None = None, threads: int | None = None
) -> RankUncertainty:
    """Ranks of the campuses when all uncertain inputs are perturbed at once.

    Parameters
    ----------
    shortlist : Shortlist
    settings : Uncertainty
    age_years : (k,) float64, optional
        Age of the data behind each criterion.
    threads : int, optional
        Number of threads; the result does not depend on it.
    """
    return RankUncertainty(
        simulate(problem(shortlist, settings, age_years), pairs=PAIRS, threads=threads), settings.draws, shortlist.families
    )


def problem(shortlist: Shortlist, settings: Uncertainty, age_years: np.ndarray | None = None) -> Problem:
    """Perturbed values and weights to be ranked; parameters as in :func:`rank_uncertainty`."""
    source = np.random.Generator(np.random.PCG64(np.random.SeedSequence([settings.seed, 1 << 20])))
    coded = np.array([REGISTRY[k].spec.unit in CODES for k in shortlist.ids])
    variants = settings.variants if settings.breakpoints > 0 else 1
    factor = 1.0 + settings.breakpoints * source.uniform(-1.0, 1.0, (variants, len(shortlist.ids)))
    factor[:, coded] = 1.0
    around = settings.model_share * source.uniform(-1.0, 1.0, settings.draws)
    share = np.clip(shortlist.model_share + around, 0.0, 1.0) if shortlist.model_share > 0 else np.zeros(settings.draws)
    return Problem(
        values=np.array([shortlist.values(f) for f in factor]),
        variance=noise(shortlist, settings, age_years) ** 2,
        unknown=shortlist.unknown,
        unknown_range=settings.unknown,
        weights=draw_weights(shortlist.config, settings.concentration, settings.draws, settings.seed),
        share=share,
        applicability=shortlist.applicability,
        learned=shortlist.learned,
        seed=settings.seed,
    )


def tier_of(chance: float) -> str:
    """Tier of a site by its chance to be among the first fifty.

    >>> [tier_of(chance) for chance in (0.95, 0.9, 0.6, 0.1)]
    ['leads', 'leads', 'top 50 likely', 'cannot be told apart']
    """
    return next(name for least, name in TIERS if chance >= least)


def rank_parts(uncertainty: RankUncertainty, count: int) -> list[RankPart]:
    """Rank intervals of the ``count`` top-ranked sites."""
    low, middle, high = (uncertainty.quantile(q, count) for q in QUANTILES)
    tops = {k: uncertainty.top(k) for k in TOPS}
    parts = []
    for i in range(count):
        central = uncertainty.family_weights(i)
        parts.append(
            RankPart(
                rank_p05=int(low[i]),
                rank_p50=int(middle[i]),
                rank_p95=int(high[i]),
                tier=tier_of(float(tops[TIER_RANKS][i])),
                p_first=float(tops[1][i]),
                p_top={k: float(tops[k][i]) for k in TOPS[1:]},
                wins_under=None if central is None else "; ".join(f"{f} {100.0 * w:.0f} %" for f, w in central.items()),
            )
        )
    return parts
