"""What it takes to change a ranking, against linear programming and direct search."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from sitefinder.certainty.stability import (
    LEVELS,
    Linear,
    by_family,
    dethrone,
    jump,
    morris,
    overtake,
    reign,
    tornado,
    trajectories,
)


def case(seed=0, n=30, k=8):
    """Random sites, the first of which is made to lead."""
    r = np.random.default_rng(seed)
    slopes = r.random((n, k))
    slopes[0] = 0.5 + 0.5 * slopes[0]
    return Linear(tuple("abcdefgh"[:k]), r.dirichlet(np.full(k, 3.0)), slopes, 0.1 * r.random(n))


def by_programme(found, site, rival):
    """min sum(p + m) with w + p - m >= 0, sum(p - m) = 0, the rival at least as good; None if infeasible."""
    k = len(found.weights)
    lead = found.slopes[site] - found.slopes[rival]
    h = found.weights @ lead + found.offsets[site] - found.offsets[rival]
    solved = linprog(
        np.ones(2 * k),
        A_ub=np.vstack([np.concatenate([lead, -lead]), np.hstack([-np.eye(k), np.eye(k)])]),
        b_ub=np.concatenate([[-h], found.weights]),
        A_eq=[np.concatenate([np.ones(k), -np.ones(k)])],
        b_eq=[0.0],
    )
    return solved.fun / 2.0 if solved.status == 0 else None


@pytest.mark.parametrize("seed", range(5))
def test_smallest_change_is_that_of_the_linear_programme(seed):
    """For every rival, feasible or not."""
    found = case(seed)
    first = int(np.argmax(found.scores()))
    for rival in range(len(found.offsets)):
        if rival == first:
            continue
        shift, oracle = overtake(found, first, rival), by_programme(found, first, rival)
        assert (shift is None) == (oracle is None)
        if shift is not None:
            assert shift.moved == pytest.approx(oracle, abs=1e-9)


def test_change_of_weights_makes_the_rival_as_good_and_keeps_weights_possible():
    """The scores meet, the weights sum to 1 and none is negative."""
    found = case(1)
    shift = dethrone(found)
    weights = found.weights + shift.change
    scores = found.scores(weights)
    first = int(np.argmax(found.scores()))
    assert scores[shift.rival] == pytest.approx(scores[first], abs=1e-9)
    assert weights.sum() == pytest.approx(1.0)
    assert weights.min() > -1e-12
    assert shift.moved == pytest.approx(np.abs(shift.change).sum() / 2)


def test_dethroning_takes_the_easiest_rival():
    """No other rival needs less."""
    found = case(2)
    shifts = [overtake(found, int(np.argmax(found.scores())), j) for j in range(30) if j != np.argmax(found.scores())]
    assert dethrone(found).moved == min(s.moved for s in shifts if s)


def test_site_that_is_better_everywhere_cannot_be_dethroned():
    """There is no change to tell."""
    slopes = np.array([[0.9, 0.9], [0.5, 0.6]])
    assert dethrone(Linear(("a", "b"), np.array([0.5, 0.5]), slopes, np.zeros(2))) is None


def test_rival_that_leads_already_needs_nothing():
    """No weight moves."""
    found = case(3)
    last = int(np.argmin(found.scores()))
    assert overtake(found, last, int(np.argmax(found.scores()))).moved == 0.0


def test_change_in_words_names_the_points():
    """Largest first."""
    found = Linear(("a", "b"), np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.1, 0.5]]), np.zeros(2))
    shift = dethrone(found)
    # lead 0.8 and -0.4 at equal weights: 0.2; each unit moved from a to b closes 1.2
    assert shift.moved == pytest.approx(0.2 / 1.2)
    assert shift.words(found.names) == "a -16.7, b +16.7"


def test_folding_into_families_keeps_the_scores():
    """Family weights times family values are the same sums."""
    found = case(4)
    folded = by_family(found, ["x", "x", "y", "y", "y", "z", "z", "z"])
    np.testing.assert_allclose(folded.scores(), found.scores())
    assert folded.names == ("x", "y", "z")
    assert folded.weights.sum() == pytest.approx(1.0)


def test_family_of_weight_zero_counts_its_criteria_alike():
    """There is no proportion to keep."""
    found = Linear(("a", "b", "c"), np.array([0.0, 0.0, 1.0]), np.array([[0.2, 0.6, 0.5]]), np.zeros(1))
    np.testing.assert_allclose(by_family(found, ["x", "x", "y"]).slopes, [[0.4, 0.5]])


@pytest.mark.parametrize("seed", range(4))
def test_first_site_leads_inside_the_range_of_each_weight_and_not_beyond(seed):
    """Checked just inside and just outside every bound."""
    found = case(seed)
    first = int(np.argmax(found.scores()))
    for k, (low, high) in enumerate(reign(found).values()):

        def leader(t, k=k):
            weights = np.delete(found.weights, k)
            return int(np.argmax(found.scores(np.insert(weights / weights.sum() * (1 - t), k, t))))

        assert low <= found.weights[k] <= high
        assert leader(low + 1e-6) == first
        assert leader(high - 1e-6) == first
        assert low == 0.0 or leader(low - 1e-6) != first
        assert high == 1.0 or leader(high + 1e-6) != first


def test_tornado_halves_and_doubles_each_weight():
    """Scores by hand, the widest swing of rank first."""
    found = case(0)
    rows = tornado(found, 3)
    assert {r["name"] for r in rows} == set(found.names)
    swings = [abs(r["high_rank"] - r["low_rank"]) for r in rows]
    assert swings == sorted(swings, reverse=True)
    k = found.names.index(rows[0]["name"])
    weights = found.weights.copy()
    weights[k] *= 2
    assert rows[0]["high_score"] == pytest.approx(found.scores(weights / weights.sum())[3])


def test_trajectories_move_each_name_once_within_the_grid():
    """Every point lies on the grid and every step keeps it in the unit cube."""
    starts, order, sign = trajectories(8, 200, 1)
    ends = starts + sign * jump()
    assert ((ends > -1e-12) & (ends < 1 + 1e-12)).all()
    np.testing.assert_allclose(starts * (LEVELS - 1), np.round(starts * (LEVELS - 1)))
    np.testing.assert_array_equal(np.sort(order, axis=1), np.tile(np.arange(8), (200, 1)))


def test_effects_match_salib_on_its_analysis():
    """Elementary effects of the same paths, analysed by SALib where it is installed."""
    analyze = pytest.importorskip("SALib.analyze.morris", reason="SALib is not installed: it is among the dev extras")
    found, paths = case(0), 40
    starts, order, sign = trajectories(8, paths, 1)
    points, ranks = [], []
    for p in range(paths):
        x = starts[p].copy()
        for k in (None, *order[p]):
            if k is not None:
                x[k] += sign[p, k] * jump()
            weights = found.weights * 2.0 ** (2.0 * x - 1.0)
            scores = found.scores(weights / weights.sum())
            points.append(x.copy())
            ranks.append((scores > scores[5]).sum() + 1.0)
    oracle = analyze.analyze(
        {"num_vars": 8, "names": list(found.names), "bounds": [[0, 1]] * 8}, np.array(points), np.array(ranks), num_levels=LEVELS
    )
    mine = {r["name"]: r for r in morris(found, 5, paths=paths)}
    for name, mu, sigma in zip(oracle["names"], oracle["mu_star"], oracle["sigma"], strict=True):
        assert mine[name]["mu_star"] == pytest.approx(mu)
        assert mine[name]["sigma"] == pytest.approx(sigma)


def test_weight_that_does_not_matter_has_no_effect():
    """A criterion equal at all sites moves no rank as long as the others keep their proportion."""
    found = case(0)
    slopes = found.slopes.copy()
    slopes[:, 2] = 0.5
    found = Linear(found.names, found.weights, slopes, np.zeros(30))
    rows = {r["name"]: r["mu_star"] for r in morris(found, 7)}
    assert rows["c"] == 0.0
    assert max(rows.values()) > 0.0
