"""Chances from log-odds: what the calibration recovers, and that nothing is calibrated on itself."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.ml import calibration
from sitefinder.ml.calibration import AS_FITTED, HeldOdds, calibrate, calibration_study, half_and_half, held_out_odds, nested
from sitefinder.ml.dataset import Presences
from sitefinder.ml.models import Calibration
from sitefinder.ml.validate import Study
from tests.helpers.learning_world import N_BACKGROUND, N_LABELS, N_LAND, land, layers, region

BLOCK_M = 200_000.0


def drawn(slope, shift, *, n=40_000, seed=0):
    """Places of which as many are campuses as the calibrated chance says, in 5 folds and 50 blocks."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0.0, 2.0, n)
    campus = rng.random(n) < Calibration(slope, shift).chance(odds)
    return HeldOdds(odds, campus, np.arange(n) % 5, np.arange(n) % 50)


@pytest.fixture(scope="module")
def study():
    """A synthetic country of large campuses near substations."""
    rng = np.random.default_rng(0)
    xy, size = rng.uniform(0.0, 1e6, (N_LABELS, 2)), np.full(N_LABELS, 500.0)
    names, mapped = np.full(N_LABELS, "a", object), np.full(N_LABELS, "2025-06")
    x = layers(N_LABELS, rng, 15.0)
    p = Presences(np.arange(N_LABELS), xy, x, size, np.full(N_LABELS, np.nan), mapped, names, region(xy))
    return Study(p, np.zeros(N_LABELS), p.large, land(N_BACKGROUND, rng), land(N_LAND, rng), 0.3, 1)


def test_slope_and_shift_are_recovered():
    """Log-odds that are twice too steep and one too high are told as such."""
    held = drawn(0.5, 0.0)
    fit = calibrate(held.odds, held.campus)
    assert fit.slope == pytest.approx(0.5, abs=0.02)
    assert fit.shift == pytest.approx(0.0, abs=0.03)


def test_calibration_refers_to_a_half_and_half_sample():
    """One campus in a hundred places: the shift takes the rarity out, so that a place like both has chance one half."""
    held = drawn(1.0, -4.0)
    fit = calibrate(held.odds, held.campus)
    weight = half_and_half(held.campus)
    assert weight @ fit.chance(held.odds) == pytest.approx(0.5, abs=1e-3)
    assert fit.shift > -2.0


def test_order_of_places_is_never_reversed():
    """Odds that point the wrong way are flattened, not turned round."""
    held = drawn(-1.0, 0.0)
    assert calibrate(held.odds, held.campus).slope == pytest.approx(0.0, abs=1e-6)


def test_weights_of_both_halves():
    """Three campuses and one place of land weigh one half together each; one kind alone weighs all."""
    np.testing.assert_allclose(half_and_half(np.array([True, True, True, False])), [1 / 6, 1 / 6, 1 / 6, 0.5])
    assert half_and_half(np.array([True, True])).sum() == pytest.approx(1.0)


def test_nested_chances_come_from_the_other_folds(monkeypatch):
    """A fold is calibrated by what was fitted without it."""
    held, seen = drawn(1.0, 0.0, n=500), []
    real = calibration.calibrate

    def watch(odds, campus):
        seen.append(set(odds))
        return real(odds, campus)

    monkeypatch.setattr(calibration, "calibrate", watch)
    chance = nested(held)
    assert len(seen) == 5
    for fold, used in enumerate(seen):
        assert used.isdisjoint(held.odds[held.fold == fold])
        assert used == set(held.odds[held.fold != fold])
    assert ((chance > 0) & (chance < 1)).all()


def test_calibration_mends_what_is_wrong():
    """Overconfident odds: error and Brier score fall; figures lie in their intervals, bins hold every place once."""
    held = drawn(0.4, 0.8, n=8000)
    fit = calibration_study(held, seed=1, draws=40)
    before, after = fit["as_fitted"], fit["calibrated"]
    assert after["error"][0] < 0.03 < before["error"][0]
    assert after["brier"][0] < before["brier"][0] < fit["brier_of_a_coin"]
    assert fit["slope"] == pytest.approx(0.4, abs=0.05)
    for part in (before, after):
        assert part["brier"][1] <= part["brier"][0] <= part["brier"][2]
        assert sum(row["campuses"] for row in part["bins"]) == held.campus.sum()
        assert sum(row["land"] for row in part["bins"]) == (~held.campus).sum()
        for row in part["bins"]:
            assert row["observed"][1] <= row["observed"][0] <= row["observed"][2]


def test_as_fitted_is_the_plain_logistic():
    """Slope one, shift none."""
    np.testing.assert_allclose(AS_FITTED.chance(np.array([0.0, np.log(3.0)])), [0.5, 0.75])


def test_held_odds_are_of_models_that_saw_neither_block_nor_campus(study, monkeypatch):
    """Every large campus and land place once; the model of a fold trained on none of its campuses."""
    trained, real = [], calibration.fitted

    def watch(study, train, part):
        trained.append((train, part))
        return real(study, train, part)

    monkeypatch.setattr(calibration, "fitted", watch)
    held = held_out_odds(study, BLOCK_M)
    assert held.campus.sum() == study.target.sum()
    assert (~held.campus).sum() == N_LAND
    for fold, (train, part) in enumerate(trained):
        assert (~train & study.target).sum() == (held.campus & (held.fold == fold)).sum()
        assert part.sum() == (~held.campus & (held.fold == fold)).sum()
    for block in np.unique(held.block):
        assert len(np.unique(held.fold[held.block == block])) == 1
