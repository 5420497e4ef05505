"""Value functions as 16-bit steps against the double-precision reference."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import Criterion, Logistic, Ramp
from sitefinder.kernels.score import TOP, UNKNOWN
from sitefinder.kernels.values import interpolate, logistic
from sitefinder.scoring import criteria


@pytest.mark.parametrize(
    "criterion",
    [
        Criterion(weight=1, unit="km", ramp=Ramp(best=2, worst=40)),
        Criterion(weight=1, unit="km", ramp=Ramp(best=40, worst=2)),
        Criterion(weight=1, unit="km", trapezoid=[1, 10, 20, 45]),
        Criterion(weight=1, unit="km", table=[(0, 1), (8, 0.8), (16, 0.55), (40, 0)]),
        Criterion(weight=1, unit="km", logistic=Logistic(midpoint=20, ninety=5)),
        Criterion(weight=1, unit="km", logistic=Logistic(midpoint=20, ninety=35)),
    ],
    ids=["ramp down", "ramp up", "trapezoid", "table", "logistic down", "logistic up"],
)
def test_steps_lie_within_one_step_of_the_value_function(criterion):
    """The 16-bit steps round the value function of double precision, and mark unknown as unknown."""
    x = np.append(np.linspace(-20, 70, 2000), [np.nan, np.inf, -np.inf, 0, 8, 16, 40]).astype(np.float32)
    steps = np.zeros(x.size, np.uint16)
    criteria.write_values(criterion, x, steps)
    with np.errstate(over="ignore"):
        value = criteria.value(criterion, x)
    known = ~np.isnan(x)
    assert (steps[~known] == UNKNOWN).all()
    assert (steps[known] <= TOP).all()
    assert np.abs(steps[known] / TOP - value[known]).max() <= 1.0 / TOP


def test_interpolate_is_flat_beyond_its_ends():
    """Below the first and above the last breakpoint the end values hold."""
    out = np.zeros(4, np.uint16)
    interpolate(np.array([-1e9, 0, 10, 1e9], np.float32), np.array([0.0, 10.0]), np.array([0.25, 0.75]), out)
    np.testing.assert_allclose(out / TOP, [0.25, 0.25, 0.75, 0.75], atol=1 / TOP)


def test_logistic_of_extreme_numbers_stays_in_range():
    """Far from the midpoint the exponential overflows; the value is then 0 or 1."""
    out = np.zeros(2, np.uint16)
    logistic(np.array([-1e30, 1e30], np.float32), 0.0, 1.0, out)
    assert out.tolist() == [0, TOP]
