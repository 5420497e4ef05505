"""Schedules: hand-computed paths, common random numbers, and quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.kernels import schedule

months = st.floats(0, 200, width=32)


def lengths(**steps):
    """Durations of one site and one draw."""
    return {name: np.full((1, 1), value, np.float32) for name, value in steps.items()}


def test_serial_steps_add_and_parallel_steps_wait_for_the_longest():
    """Study 6 and agreement 4, then line 20 beside substation 18, transformer 36 from the start, energisation 2: 38 months."""
    after = {"study": (), "agreement": ("study",), "line": ("agreement",), "transformer": (), "end": ("line", "transformer")}
    ends = schedule.finish_times(lengths(study=6, agreement=4, line=20, transformer=36, end=2), after)
    assert {k: float(v[0, 0]) for k, v in ends.items()} == {"study": 6, "agreement": 10, "line": 30, "transformer": 36, "end": 38}


@pytest.mark.parametrize(
    ("transformer", "critical", "binding"),
    [(36, ["transformer", "end"], "transformer"), (24, ["study", "agreement", "line", "end"], "line")],
)
def test_the_binding_step_is_the_longest_of_the_critical_path(transformer, critical, binding):
    """With a quick transformer the paper and the line decide; the line is the longest of them."""
    after = {"study": (), "agreement": ("study",), "line": ("agreement",), "transformer": (), "end": ("line", "transformer")}
    steps = lengths(study=6, agreement=4, line=20, transformer=transformer, end=2)
    path, longest = schedule.critical_steps(steps, after)
    names = list(after)
    assert [n for n, on in zip(names, path[:, 0, 0], strict=True) if on] == critical
    assert names[longest[0, 0]] == binding


def test_steps_of_no_length_are_never_critical():
    """A step that an event does not need is switched off by a length of zero."""
    path, longest = schedule.critical_steps(lengths(a=0, b=5, c=0), {"a": (), "b": ("a",), "c": ("b",)})
    assert path[:, 0, 0].tolist() == [False, True, False]
    assert longest[0, 0] == 1


@given(a=months, b=months, c=months, d=months)
def test_critical_steps_fill_the_time_to_the_end(a, b, c, d):
    """The lengths on one critical path add up to the finish."""
    after = {"a": (), "b": ("a",), "c": (), "d": ("b", "c")}
    steps = lengths(a=a, b=b, c=c, d=d)
    ends = schedule.finish_times(steps, after)
    path, _ = schedule.critical_steps(steps, after)
    total = sum(float(steps[n][0, 0]) for n, on in zip(after, path[:, 0, 0], strict=True) if on)
    assert total == pytest.approx(float(ends["d"][0, 0]), rel=1e-5, abs=1e-4)


def test_common_numbers_are_strata_in_an_order_of_their_own():
    """Every step uses each stratum once; two steps do so in different orders."""
    u = schedule.common_uniforms(["a", "b"], 100, seed=1)
    strata = (np.arange(100) + 0.5) / 100
    np.testing.assert_allclose(np.sort(u["a"]), strata, rtol=1e-6)
    assert abs(np.corrcoef(u["a"], u["b"])[0, 1]) < 0.3


def test_a_step_keeps_its_numbers_whatever_other_steps_there_are():
    """Adding a step does not change the draws of the others; another seed does."""
    alone = schedule.common_uniforms(["b"], 200, seed=1, correlation=0.3)["b"]
    among = schedule.common_uniforms(["a", "b", "c"], 200, seed=1, correlation=0.3)["b"]
    assert (alone == among).all()
    assert (alone != schedule.common_uniforms(["b"], 200, seed=2, correlation=0.3)["b"]).any()


def test_common_numbers_are_those_of_the_first_release():
    """The raw stream of the generator is fixed, so results repeat on every machine and with every NumPy."""
    found = schedule.common_uniforms(["study"], 8, seed=1)["study"]
    assert found.tolist() == FIRST_RELEASE


FIRST_RELEASE = [0.5625, 0.6875, 0.3125, 0.9375, 0.8125, 0.1875, 0.4375, 0.0625]


def test_correlated_steps_are_slow_together():
    """A correlation of 0.5 between the normal scores shows between the strata."""
    u = schedule.common_uniforms(["a", "b"], 2000, seed=3, correlation=0.5)
    assert 0.4 < np.corrcoef(u["a"], u["b"])[0, 1] < 0.56


def test_triangular_draws_have_the_mean_and_the_ends_of_the_range():
    """Mean (low + mid + high) / 3; nothing outside; two ranges give two rows."""
    u = schedule.common_uniforms(["a"], 4000, seed=1)["a"]
    drawn = schedule.triangular(u, np.array([[10, 20, 60], [5, 5, 5]]))
    assert drawn.shape == (2, 4000)
    assert drawn[0].mean() == pytest.approx(30, rel=1e-3)
    assert drawn[0].min() >= 10
    assert drawn[0].max() <= 60
    assert (drawn[1] == 5).all()


@given(low=months, more=months, most=months, u=st.floats(0, 1, width=32), step=st.floats(0, 0.5, width=32))
def test_a_larger_uniform_number_never_gives_a_shorter_step(low, more, most, u, step):
    """Draws rise with their uniform number and with their range."""
    numbers = np.array([u, min(u + step, 1.0)], np.float32)
    range_ = np.array([low, low + more, low + more + most])
    first, second = schedule.triangular(numbers, range_)[0]
    assert second >= first - 1e-3
    assert (schedule.triangular(numbers, range_ + 5.0)[0] >= schedule.triangular(numbers, range_)[0] - 1e-3).all()


def test_headroom_meets_its_quantiles():
    """A tenth of the draws lie below P10, half below P50, and none above P90."""
    u = (np.arange(1000) + 0.5) / 1000
    drawn = schedule.between_quantiles(u, np.array([[100.0, 300.0, 400.0]]))[0]
    assert (drawn < 100).mean() == pytest.approx(0.1)
    assert (drawn < 300).mean() == pytest.approx(0.5)
    assert drawn.max() == 400
    assert drawn.min() >= 0


def test_units_come_one_by_one():
    """50 MW at month 10 and every 6 months after."""
    at = [schedule.units_mw(float(t), np.array([10.0]), 50.0, np.array([6.0]))[0] for t in (9, 10, 15.9, 16, 22)]
    assert at == [0, 50, 50, 100, 150]


def test_a_tranche_is_there_from_its_month_on():
    """Nothing before, all of it after."""
    assert [schedule.tranche_mw(float(t), np.array([12.0]), 300.0)[0] for t in (11, 12, 13)] == [0, 300, 300]


@given(ready=st.floats(0, 120, width=32), horizon=st.integers(5, 169))
def test_reach_finds_the_first_whole_month(ready, horizon):
    """The month after or at the tranche's date, or never when the horizon is nearer."""
    first = np.full((2, 3), ready, np.float32)
    found = schedule.reach(lambda t: schedule.tranche_mw(t, first, 100.0), 50.0, horizon, (2, 3))
    expected = np.ceil(ready) if np.ceil(ready) <= horizon else np.inf
    assert (found == expected).all()


def test_reach_finds_what_is_there_from_the_beginning():
    """Month 0 counts."""
    assert schedule.reach(lambda t: np.full((1, 1), 9.0, np.float32), 5.0, 100, (1, 1))[0, 0] == 0


def test_quantiles_keep_never():
    """With one draw in four that never arrives, P90 is never and P50 is a draw."""
    drawn = np.array([[10.0, np.inf, 30.0, 20.0]])
    assert schedule.quantiles(drawn, (0.1, 0.5, 0.9)).tolist() == [[10.0, 20.0, np.inf]]


@pytest.mark.parametrize("horizon", [5, 6, 7, 30, 62, 63])
def test_what_comes_a_month_after_the_horizon_never_comes(horizon):
    """The last month looked at counts, the next one does not, whatever powers of two lie between."""
    for month, expected in ((horizon, float(horizon)), (horizon + 1, np.inf), (horizon + 2, np.inf), (0, 0.0)):
        arrival = schedule.reach(lambda t, month=month: (t >= month) * 100.0, 100.0, horizon, (1, 1))
        assert arrival.tolist() == [[expected]]


def test_quantiles_are_of_the_last_axis():
    """Of one series, of a table and of a stack of tables, the same."""
    draws = np.array([4.0, 1.0, np.inf, 2.0, 3.0])
    for shape in ((5,), (2, 5), (3, 2, 5)):
        values = schedule.quantiles(np.broadcast_to(draws, shape), [0.2, 0.5, 0.9])
        assert values.shape == (*shape[:-1], 3)
        assert (values == np.array([1.0, 3.0, np.inf])).all()
