"""Weights revealed by choices, on synthetic campuses whose reasons are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sitefinder.ml.revealed import DRAWS, Frame, effective_number, fit_weights, weight_intervals

FAMILIES = ("grid", "grid", "water", "people")
FRAME = Frame(
    np.array([0.3, 0.3, 0.3, 0.1]), FAMILIES, {"grid": (0.2, 0.9), "water": (0.05, 0.5)}, np.array([True] * 3 + [False])
)


def world(n=4000, seed=0):
    """Campuses that lie where the first criterion is good; the others do not matter to them."""
    rng = np.random.default_rng(seed)
    values = rng.random((n, 4))
    chosen = rng.random(n) < values[:, 0] ** 6
    return values[chosen], rng.random((n, 4))


@pytest.fixture(scope="module")
def found():
    """Weights fitted to them."""
    campuses, land = world()
    return fit_weights(campuses, land, np.ones(len(campuses)), FRAME)


def test_what_campuses_chose_gets_the_weight(found):
    """The first criterion stands far above the second of its family."""
    assert found[0] > 0.5
    assert found[1] < 0.1


def test_weights_are_shares(found):
    """Not negative, and they sum to 1."""
    assert found.min() >= 0.0
    assert found.sum() == pytest.approx(1.0)


def test_families_stay_in_their_ranges(found):
    """Water matters to nobody and loses most of its share."""
    assert 0.05 - 1e-6 <= found[2] < 0.15
    assert 0.2 - 1e-6 <= found[:2].sum() <= 0.9 + 1e-6


def test_closed_family_keeps_its_weight(found):
    """A family that follows campuses is not fitted."""
    assert found[3] == pytest.approx(0.1, abs=1e-6)


def test_closed_criterion_of_an_open_family_gets_nothing():
    """Left out, however much campuses like it."""
    campuses, land = world()
    frame = replace(FRAME, open=np.array([False, True, True, False]))
    assert fit_weights(campuses, land, np.ones(len(campuses)), frame)[0] == 0.0


def test_a_narrow_range_binds():
    """A family that would take nearly all is held at the most that it may have."""
    campuses, land = world()
    frame = replace(FRAME, ranges={"grid": (0.2, 0.4), "water": (0.05, 0.9)})
    found = fit_weights(campuses, land, np.ones(len(campuses)), frame)
    assert found[:2].sum() == pytest.approx(0.4, abs=1e-3)


def test_heavy_campuses_decide():
    """Two kinds of campuses: the kind that weighs more sets the weights."""
    rng = np.random.default_rng(1)
    land = rng.random((3000, 4))
    kinds = [rng.random((200, 4)) for _ in range(2)]
    kinds[0][:, 0], kinds[1][:, 1] = 0.95, 0.95
    campuses = np.vstack(kinds)
    first, second = (fit_weights(campuses, land, np.repeat(w, 200), FRAME) for w in ([1.0, 0.01], [0.01, 1.0]))
    assert first[0] > first[1]
    assert second[1] > second[0]


def test_intervals_hold_the_weights(found):
    """One row per resample; the fitted weight of what matters lies among them."""
    campuses, land = world(1500)
    blocks = np.arange(len(campuses)) % 12
    drawn = weight_intervals(campuses, land, np.ones(len(campuses)), blocks, FRAME, seed=1)
    assert drawn.shape == (DRAWS, 4)
    np.testing.assert_allclose(drawn.sum(axis=1), 1.0)
    assert drawn[:, 0].std() > 0.0
    assert drawn[:, 0].min() - 0.05 <= found[0] <= drawn[:, 0].max() + 0.05


def test_effective_number_counts_independent_criteria():
    """Four independent ones of equal spread are four; copies of one are one; a weight of 0 does not count."""
    rng = np.random.default_rng(0)
    values = rng.random((20_000, 4))
    assert effective_number(values, np.full(4, 0.25)) == pytest.approx(4.0, rel=0.05)
    assert effective_number(np.repeat(values[:, :1], 3, axis=1), np.full(3, 1 / 3)) == pytest.approx(1.0)
    assert effective_number(values, np.array([0.5, 0.5, 0.0, 0.0])) == pytest.approx(2.0, rel=0.05)
