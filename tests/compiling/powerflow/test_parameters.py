"""Reactances and ratings: medians, drawn distributions, the limit of long lines."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sitefinder.compiling.powerflow.parameters import (
    MIN_KM,
    MOST_DOUBLE,
    ST_CLAIR,
    SURGE_MW,
    Statistics,
    draw,
    st_clair_mw,
    typical,
)
from sitefinder.compiling.powerflow.topology import Network
from sitefinder.units import km_to_miles

STATISTICS = Statistics(
    ohm_per_km={230: np.array([0.3, 0.5, 0.6]), 345: np.array([0.3, 0.4, 0.55])},
    line_mva={230: np.array([400.0, 500.0, 700.0]), 345: np.array([1000.0, 1200.0, 1300.0])},
    bank_mva={(345, 230): np.array([300.0, 500.0, 600.0])},
    bank_x=np.array([0.08, 0.12, 0.17]),
    double_share=0.05,
    bank_share=np.array([0.7, 0.2, 0.1]),
)
#: many equal branches: quantiles of draws settle
MANY = 40_000


def lines(kv, km, count=1) -> Network:
    """Equal lines between two buses of one class."""
    return Network(
        np.full(2, kv),
        np.zeros((2, 2)),
        np.full(2, -1),
        np.zeros(count, int),
        np.ones(count, int),
        np.full(count, float(km)),
        np.zeros(count, bool),
    )


def banks(count=1) -> Network:
    """Equal transformers from 230 to 345 kV."""
    return Network(
        np.array([230, 345]),
        np.zeros((2, 2)),
        np.zeros(2, int),
        np.zeros(count, int),
        np.ones(count, int),
        np.zeros(count),
        np.ones(count, bool),
    )


def test_typical_line_has_the_medians():
    """50 km of 345 kV at 0.4 ohm per km: 345 squared over 20 ohm, and the median thermal rating."""
    branches = typical(lines(345, 50.0), STATISTICS)
    assert branches.susceptance[0] == pytest.approx(345.0**2 / 20.0)
    assert branches.rating[0] == pytest.approx(1200.0)


def test_typical_transformer_has_the_medians():
    """One bank of 500 MVA with 12 % reactance on its own rating."""
    branches = typical(banks(), STATISTICS)
    assert branches.rating[0] == pytest.approx(500.0)
    assert branches.susceptance[0] == pytest.approx(500.0 / 0.12)


def test_classes_of_a_mixed_network_are_kept_apart():
    """Lines of two classes and a transformer, in any order, each get the figures of their own class."""
    net = Network(
        np.array([230, 345, 230, 345]),
        np.zeros((4, 2)),
        np.full(4, -1),
        np.array([3, 0, 2]),
        np.array([1, 1, 0]),
        np.array([10.0, 0.0, 10.0]),
        np.array([False, True, False]),
    )
    branches = typical(net, STATISTICS)
    np.testing.assert_allclose(branches.rating, [1200.0, 500.0, 500.0])
    np.testing.assert_allclose(branches.susceptance, [345.0**2 / 4.0, 500.0 / 0.12, 230.0**2 / 5.0])


@pytest.mark.parametrize("km", [0.0, 0.05, MIN_KM])
def test_short_line_has_the_reactance_of_the_shortest(km):
    """A bus section is counted as 200 m: its susceptance stays finite."""
    assert typical(lines(230, km), STATISTICS).susceptance[0] == pytest.approx(230.0**2 / (0.5 * MIN_KM))


@pytest.mark.parametrize(("kv", "km"), [(230, 400.0), (345, 300.0)])
def test_long_line_carries_what_st_clair_allows(kv, km):
    """Beyond some 100 km stability sets the limit: 43.261 times miles to the -0.6678 times the surge impedance loading."""
    rating = typical(lines(kv, km), STATISTICS).rating[0]
    assert rating == pytest.approx(SURGE_MW[kv] * ST_CLAIR[0] * km_to_miles(km) ** ST_CLAIR[1])
    assert rating < STATISTICS.line_mva[kv][1]


@pytest.mark.parametrize(("kv", "km"), [(230, 30.0), (345, 30.0), (345, 0.0)])
def test_short_line_carries_its_thermal_rating(kv, km):
    """For a short line the curve lies far above the conductor."""
    assert typical(lines(kv, km), STATISTICS).rating[0] == pytest.approx(STATISTICS.line_mva[kv][1])


def test_st_clair_curve_meets_its_known_points():
    """About three times the surge impedance loading at 50 miles and once at 300, as in the published curve."""
    kv, km = np.full(2, 345), np.array([50.0, 300.0]) / km_to_miles(1.0)
    times = st_clair_mw(kv, km) / SURGE_MW[345]
    np.testing.assert_allclose(times, [3.17, 0.96], atol=0.01)


def test_st_clair_curve_falls_with_length_and_rises_with_class():
    """A longer line never carries more, a higher class never less."""
    for low, high in pairwise(SURGE_MW):
        km = np.linspace(1.0, 800.0, 200)
        mw = st_clair_mw(np.full(km.size, high), km)
        assert (np.diff(mw) <= 0.0).all()
        assert (mw > st_clair_mw(np.full(km.size, low), km)).all()


def test_drawn_line_ratings_have_the_given_quantiles(monkeypatch):
    """The 10, 50 and 90 % quantiles of drawn ratings and reactances of single circuits are those of the statistics."""
    monkeypatch.setattr("sitefinder.compiling.powerflow.parameters.MOST_DOUBLE", 0.0)
    single = Statistics(
        STATISTICS.ohm_per_km, STATISTICS.line_mva, STATISTICS.bank_mva, STATISTICS.bank_x, 0.0, STATISTICS.bank_share
    )
    branches = draw(lines(345, 10.0, MANY), single, np.random.default_rng(1))
    ohm = 345.0**2 / branches.susceptance / 10.0
    np.testing.assert_allclose(np.quantile(branches.rating, (0.1, 0.5, 0.9)), STATISTICS.line_mva[345], rtol=0.01)
    np.testing.assert_allclose(np.quantile(ohm, (0.1, 0.5, 0.9)), STATISTICS.ohm_per_km[345], rtol=0.01)
    assert abs(np.corrcoef(ohm, branches.rating)[0, 1]) < 0.02


def test_drawn_transformers_have_the_given_quantiles():
    """Ratings and reactances of single banks follow the statistics; two banks have half the reactance."""
    single = Statistics(
        STATISTICS.ohm_per_km,
        STATISTICS.line_mva,
        STATISTICS.bank_mva,
        STATISTICS.bank_x,
        STATISTICS.double_share,
        np.array([1.0, 0.0, 0.0]),
    )
    branches = draw(banks(MANY), single, np.random.default_rng(2))
    per_unit = branches.rating / branches.susceptance
    np.testing.assert_allclose(np.quantile(branches.rating, (0.1, 0.5, 0.9)), STATISTICS.bank_mva[345, 230], rtol=0.01)
    np.testing.assert_allclose(np.quantile(per_unit, (0.1, 0.5, 0.9)), STATISTICS.bank_x, rtol=0.01)


def test_number_of_drawn_banks_follows_its_shares():
    """With one rating for all, 70, 20 and 10 % of the stations have one, two and three banks of it."""
    flat = np.full(3, 500.0)
    one_size = Statistics({}, {}, {(345, 230): flat}, np.full(3, 0.1), 0.05, STATISTICS.bank_share)
    branches = draw(banks(MANY), one_size, np.random.default_rng(3))
    number, count = np.unique(np.round(branches.rating / 500.0, 9), return_counts=True)
    assert number.tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_allclose(count / MANY, STATISTICS.bank_share, atol=0.01)
    np.testing.assert_allclose(branches.susceptance, branches.rating / 0.1)


def test_share_of_double_circuits_lies_between_its_bounds():
    """Between the share of the reference network and 20 % of the shapes carry twice as much; it differs from draw to draw."""
    flat = {345: np.full(3, 1000.0)}
    one_size = Statistics({345: np.full(3, 0.4)}, flat, {}, np.full(3, 0.1), 0.05, STATISTICS.bank_share)
    net, rng = lines(345, 10.0, 4000), np.random.default_rng(4)
    shares = []
    for _ in range(20):
        branches = draw(net, one_size, rng)
        double = branches.rating > 1500.0
        np.testing.assert_allclose(branches.susceptance, 345.0**2 / 4.0 * np.where(double, 2.0, 1.0))
        shares.append(double.mean())
    assert min(shares) > 0.03
    assert max(shares) < MOST_DOUBLE + 0.02
    assert np.ptp(shares) > 0.05


def test_double_circuit_of_a_long_line_carries_twice_the_curve():
    """St. Clair holds per circuit."""
    flat = {345: np.full(3, 5000.0)}
    one_size = Statistics({345: np.full(3, 0.4)}, flat, {}, np.full(3, 0.1), 0.05, STATISTICS.bank_share)
    rating = draw(lines(345, 300.0, 2000), one_size, np.random.default_rng(5)).rating
    once = float(st_clair_mw(np.array([345]), np.array([300.0]))[0])
    np.testing.assert_allclose(np.unique(np.round(rating / once, 9)), [1.0, 2.0])


def test_same_seed_gives_the_same_draw_and_another_does_not():
    """A draw is reproducible."""
    net = lines(345, 10.0, 50)
    first, again, other = (draw(net, STATISTICS, np.random.default_rng(seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first.rating, again.rating)
    np.testing.assert_array_equal(first.susceptance, again.susceptance)
    assert (first.rating != other.rating).mean() > 0.9


def test_every_drawn_value_is_positive():
    """The distributions are log-normal: no draw gives a negative reactance or rating."""
    for net in (lines(230, 0.0, 5000), banks(5000)):
        branches = draw(net, STATISTICS, np.random.default_rng(9))
        assert branches.rating.min() > 0.0
        assert np.isfinite(branches.susceptance).all()
        assert branches.susceptance.min() > 0.0
