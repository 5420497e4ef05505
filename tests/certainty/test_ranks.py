"""Shaking the ranking of real campuses on the coarsest grid."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from sitefinder.certainty.evidence import ages
from sitefinder.certainty.ranks import CASES, TIER_RANKS, noise, problem, rank_parts, rank_uncertainty, shortlist, tier_of
from sitefinder.config import load_config
from sitefinder.kernels.acceptability import simulate
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.ml.learned import fuse, learn
from sitefinder.pipeline.stages import layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Field, national_campuses
from tests.helpers.paths import DATA
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


COARSE = {
    "grid.resolution_m": "25000",
    "candidates.spacing_km": "50",
    "candidates.count": "150",
    "criteria.community.precedents_blocked_share": "{weight: 0.1, unit: share, ramp: {best: 0, worst: 1}}",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory, default_path):
    """Field, stack, campuses and configuration of a run on the coarsest grid, with precedents as a criterion."""
    file = load_config(default_path, COARSE)
    needed = [*layers_needed(file.config), *CASES.values()]
    stack = open_stack(DataPackage(DATA), file, needed, cache_folder=warm(tmp_path_factory.mktemp("cache")))
    learned = learn(stack, DATA)
    weighted = score_cells(value_matrix(stack, file.config), file.config, exclude(stack, file.config).bits)
    field = Field.of(stack.land, fuse(weighted, learned, file.config.model.share), stack.values("buildable_pct"))
    return field, stack, national_campuses(field, file.config), file.config, learned


@pytest.fixture(scope="module")
def found(world):
    """The shortlist of all campuses."""
    field, stack, campuses, config, learned = world
    return shortlist(campuses, field, stack, config, learned)


@pytest.fixture(scope="module")
def settings(world):
    """The shipped settings with fewer draws."""
    return world[3].uncertainty.model_copy(update={"draws": 2000})


def width(found, settings):
    """Mean width of the rank intervals."""
    shaken = rank_uncertainty(found, settings)
    return float((shaken.quantile(0.95) - shaken.quantile(0.05)).mean())


def test_scores_of_the_shortlist_are_those_of_the_campuses(world, found):
    """To the precision of the rasters."""
    field, _, campuses, _, _ = world
    np.testing.assert_allclose(100.0 * found.fused, [field.mean_score(c) for c in campuses], atol=1e-3)


def test_contributions_add_up_to_the_score(found):
    """Points per criterion, after the learned share, to 1e-6."""
    a = found.model_share * found.applicability
    total = (1.0 - a) * found.points.sum(axis=0) + 100.0 * a * found.learned
    np.testing.assert_allclose(total, 100.0 * found.fused, atol=1e-6)


def test_without_a_model_the_score_is_the_weighted_one(world):
    """No learned share."""
    field, stack, campuses, config, _ = world
    plain = shortlist(campuses, field, stack, config)
    np.testing.assert_allclose(plain.fused, plain.values() @ plain.weights)


def test_rows_of_the_acceptability_sum_to_one(found, settings):
    """Every site takes one rank in each draw."""
    shaken = rank_uncertainty(found, settings)
    np.testing.assert_allclose(shaken.acceptability.sum(axis=1), 1.0)
    np.testing.assert_allclose(shaken.acceptability.sum(axis=0), 1.0)


def test_certainty_collapses_the_intervals_to_the_rank(found, settings):
    """With zero noise and fixed weights every quantile is the rank."""
    shaken = rank_uncertainty(found, settings.certain())
    rank = np.argsort(np.argsort(-found.fused, kind="stable"), kind="stable") + 1
    for q in (0.05, 0.5, 0.95):
        np.testing.assert_array_equal(shaken.quantile(q), rank)


def test_halving_all_noise_narrows_the_intervals(found, settings):
    """And halving it again narrows them further."""
    fixed = settings.model_copy(update={"concentration": settings.certain().concentration})
    widths = [width(found, fixed.scaled(f)) for f in (1.0, 0.5, 0.25)]
    assert widths[0] > 1.2 * widths[1] > 1.2 * 1.2 * widths[2]


@pytest.mark.parametrize("key", ["noise", "concentration", "breakpoints", "unknown", "model_share", "noise_per_decade"])
def test_every_source_of_uncertainty_widens_the_intervals(found, settings, world, key):
    """Each alone, over nothing at all."""
    age = ages(DataPackage(DATA), found.ids, settings.as_of)
    alone = settings.certain().model_copy(update={key: getattr(settings, key)})
    shaken = rank_uncertainty(found, alone, age_years=age)
    assert (shaken.quantile(0.95) - shaken.quantile(0.05)).mean() > 0.5


def test_same_seed_gives_the_same_ranks_whatever_the_threads(found, settings):
    """And another seed others."""
    one, two = (rank_uncertainty(found, settings, threads=t).tally.counts for t in (1, 3))
    np.testing.assert_array_equal(one, two)
    other = rank_uncertainty(found, settings.model_copy(update={"seed": 2})).tally.counts
    assert (one != other).any()


def test_central_weights_are_those_under_which_a_site_wins(found, settings):
    """They sum to 1 and put the site first, or near it, without noise."""
    still = settings.model_copy(update={"noise": dict.fromkeys(settings.noise, 0.0), "breakpoints": 0.0, "model_share": 0.0})
    still = still.model_copy(update={"unknown": (0.0, 0.0)})
    shaken = rank_uncertainty(found, still)
    kept = 1.0 - found.model_share * found.applicability
    learned = found.model_share * found.applicability * found.learned
    winners = np.flatnonzero(shaken.tally.counts[:, 0] > 20)
    assert winners.size > 1
    for i in winners:
        weights = shaken.central_weights[i]
        assert weights.sum() == pytest.approx(1.0)
        assert sum(shaken.family_weights(i).values()) == pytest.approx(1.0)
        # the winning region is convex in the weights: its mean wins too
        assert np.argmax(kept * (found.values() @ weights) + learned) == i


def test_pairs_win_against_each_other_in_all_draws_together(found, settings):
    """P(A before B) + P(B before A) = 1."""
    pairs = rank_uncertainty(found, settings).pairwise
    off = ~np.eye(len(pairs), dtype=bool)
    np.testing.assert_allclose((pairs + pairs.T)[off], 1.0)


def test_stretched_breakpoints_are_those_of_a_stretched_configuration(world, found, default_path):
    """Values at x / f equal those of a configuration whose breakpoints are f times as large."""
    field, stack, campuses, _, learned = world
    k = found.ids.index("river_km")
    factor = np.ones(len(found.ids))
    factor[k] = 1.1
    table = "[[2.2, 1], [11.0, 0.7], [27.5, 0.3], [66.0, 0]]"
    other = load_config(default_path, {**COARSE, "criteria.water.river_km.table": table}).config
    stretched = shortlist(campuses, field, stack, other, learned)
    np.testing.assert_allclose(found.values(factor)[:, k], stretched.values()[:, k], atol=1e-12)


def test_codes_are_not_stretched(found, settings):
    """A flag is a flag in every variant."""
    drawn = problem(found, settings)
    coded = [i for i, k in enumerate(found.ids) if REGISTRY[k].spec.unit in ("flag", "level")]
    assert len(drawn.values) == settings.variants
    assert coded
    assert np.ptp(drawn.values[:, :, coded], axis=0).max() < 1e-12


def test_noise_follows_the_grade_and_the_age(found, settings):
    """Weaker or older evidence is noisier; what is unknown has an interval instead."""
    plain = noise(found, settings)
    aged = noise(found, settings, np.full(len(found.ids), 10.0))
    known = found.unknown == 0
    usual = [i for i, k in enumerate(found.ids) if k not in CASES]
    assert np.allclose((aged - plain)[:, usual][known[:, usual]], settings.noise_per_decade)
    for i in usual:
        assert plain[known[:, i], i] == pytest.approx(settings.noise[REGISTRY[found.ids[i]].spec.grade])
    assert not plain[found.unknown == 1].any()


def test_share_of_few_cases_has_its_own_wide_interval(world, found, settings):
    """A share from one case is less sure than one from ten; where nothing was decided the value is unknown."""
    field, stack, campuses, _, _ = world
    k = found.ids.index("precedents_blocked_share")
    index = field.land.index_of([c.cells[0] for c in campuses])
    cases = stack.at("precedents_decided_80km", index)
    spread = noise(found, settings)[:, k]
    known = found.unknown[:, k] == 0
    assert (found.unknown[:, k] > 0).any()
    assert spread[known & (cases < 2)].min() > 0.15
    assert spread[known & (cases > 15)].max() < 0.15


def test_unknown_values_widen_the_interval_of_the_site_that_has_them(found, settings):
    """A site with an unknown criterion of weight gains from the interval, never loses: the score counts it as 0."""
    only = settings.certain().model_copy(update={"unknown": (0.0, 1.0)})
    shaken = rank_uncertainty(found, only)
    gaps = found.unknown @ found.weights
    most, none = int(np.argmax(gaps)), int(np.argmin(gaps))
    widths = shaken.quantile(0.95) - shaken.quantile(0.05)
    assert widths[most] > widths[none]
    assert shaken.quantile(0.95)[most] <= np.argsort(np.argsort(-found.fused))[most] + 1 + (gaps > 0).sum()


def test_parts_of_the_listed_sites_are_in_order(found, settings):
    """Quantiles ascend, probabilities grow with the number of places."""
    parts = rank_parts(rank_uncertainty(found, settings), 20)
    assert len(parts) == 20
    for part in parts:
        assert part.rank_p05 <= part.rank_p50 <= part.rank_p95
        assert part.tier == tier_of(part.p_top[TIER_RANKS])
        assert part.p_first <= part.p_top[10] <= part.p_top[50] <= part.p_top[100] <= 1.0
        assert (part.wins_under is None) == (part.p_first == 0.0)


def test_parts_tell_the_quantiles_and_the_places(found, settings):
    """Of their own site, counted over the draws; weights under which it wins add up to a hundred."""
    shaken = rank_uncertainty(found, settings)
    parts = rank_parts(shaken, 20)
    for q, name in ((0.05, "rank_p05"), (0.5, "rank_p50"), (0.95, "rank_p95")):
        assert [getattr(part, name) for part in parts] == shaken.quantile(q)[:20].tolist()
    np.testing.assert_allclose([part.p_top[10] for part in parts], shaken.top(10)[:20])
    for part in parts:
        shares = [float(share) for share in re.findall(r"([0-9]+) %", part.wins_under or "")]
        assert not shares or sum(shares) == pytest.approx(100.0, abs=5.0)


def test_quantiles_count_draws(found, settings):
    """The smallest rank not exceeded in the stated share of the draws."""
    shaken = rank_uncertainty(found, settings)
    tally = dataclasses.replace(shaken.tally, counts=np.array([[5, 90, 5], [95, 0, 5], [0, 10, 90]], np.int32))
    shaken = dataclasses.replace(shaken, tally=tally, draws=100)
    assert shaken.quantile(0.05).tolist() == [1, 1, 2]
    assert shaken.quantile(0.95).tolist() == [2, 1, 3]
    np.testing.assert_allclose(shaken.top(2), [0.95, 0.95, 0.1])


def test_simulation_of_the_problem_is_the_result(found, settings):
    """Nothing is added on the way."""
    np.testing.assert_array_equal(simulate(problem(found, settings)).counts, rank_uncertainty(found, settings).tally.counts)


@pytest.mark.parametrize(
    ("chance", "tier"),
    [(1.0, "leads"), (0.9, "leads"), (0.899, "top 50 likely"), (0.5, "top 50 likely"), (0.499, "cannot be told apart")],
)
def test_tiers_are_cut_at_nine_and_five_draws_of_ten(chance, tier):
    """A chance at the cut belongs to the better tier."""
    assert tier_of(chance) == tier
