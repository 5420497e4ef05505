"""Statistics of lines and transformers, from a made-up reference network and from the real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sitefinder.compiling.base import Compiler
from sitefinder.compiling.grid_statistics import (
    BASE_MVA,
    CLASS_OF_KV,
    ENOUGH,
    SYNTHETIC_RAW,
    bank_ratings,
    line_statistics,
)
from sitefinder.compiling.powerflow.parameters import MOST_DOUBLE, SURGE_MW, Statistics
from sitefinder.units import KM_PER_EARTH_RADIUS
from tests.helpers.paths import ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / SYNTHETIC_RAW[0]).exists(), reason="the raw downloads are not on this machine")
#: one degree of latitude
DEGREE_KM = KM_PER_EARTH_RADIUS * np.pi / 180.0


def write_network(
    root: Path, buses: dict[int, tuple[float, float]], branches: list[tuple[int, int, float, float, str]]
) -> Compiler:
    """Buses by number as (kV, latitude); branches as (from, to, reactance per unit, MVA, kind)."""
    numbers = list(buses)
    bus = pd.DataFrame({"bus_id": numbers, "baseKV": [buses[n][0] for n in numbers], "interconnect": "Eastern"})
    to_sub = pd.DataFrame({"bus_id": numbers, "sub_id": [n + 1000 for n in numbers], "interconnect": "Eastern"})
    sub = pd.DataFrame({"sub_id": [n + 1000 for n in numbers], "lat": [buses[n][1] for n in numbers], "lon": -90.0})
    columns = ["from_bus_id", "to_bus_id", "x", "rateA", "branch_device_type"]
    tables = (bus, pd.DataFrame(branches, columns=columns), to_sub, sub.sample(frac=1.0, random_state=1))
    for name, table in zip(SYNTHETIC_RAW, tables, strict=True):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(root / name)
    return Compiler(root, root)


@pytest.fixture
def made_up(tmp_path: Path) -> Statistics:
    """Three 345 kV places a degree apart, one 115 kV line, and a station with many transformers."""
    buses = {1: (345.0, 40.0), 2: (345.0, 41.0), 3: (345.0, 42.0), 4: (345.0, 40.01), 5: (115.0, 40.0), 6: (115.0, 41.0)}
    buses |= {10 + k: (230.0, 40.0) for k in range(ENOUGH - 6)}
    lines = [
        (1, 2, 0.02, 1000.0, "Line"),
        (2, 3, 0.04, 1200.0, "Line"),
        (3, 2, 0.06, 1400.0, "Line"),
        (1, 4, 0.50, 9000.0, "Line"),
        (2, 4, 0.05, 0.0, "Line"),
        (5, 6, 0.10, 150.0, "Line"),
    ]
    banks = [(1, 10 + k, 0.02, 500.0, "TransformerWinding") for k in range(ENOUGH - 6)]
    more = [(1, 10, 0.02, 500.0, "TransformerWinding")] * 4 + [(11, 1, 0.02, 500.0, "Transformer")] * 2
    return line_statistics(write_network(tmp_path, buses, lines + banks + more))


def test_reactance_per_length_is_that_of_the_long_lines(made_up: Statistics) -> None:
    """Quantiles of 2, 4 and 6 % over one degree; the 1 km line and the one without a rating do not count."""
    ohm = np.array([0.02, 0.04, 0.06]) * 345.0**2 / BASE_MVA / DEGREE_KM
    np.testing.assert_allclose(made_up.ohm_per_km[345], np.quantile(ohm, (0.1, 0.5, 0.9)), rtol=1e-9)


def test_rating_counts_short_lines_too(made_up: Statistics) -> None:
    """The rating of a short line is as good as any; a rating of zero means none."""
    expected = np.quantile([1000.0, 1200.0, 1400.0, 9000.0], (0.1, 0.5, 0.9))
    np.testing.assert_allclose(made_up.line_mva[345], expected)


def test_voltages_of_one_class_are_pooled_with_their_own_voltage(made_up: Statistics) -> None:
    """A 115 kV line stands in class 138, its ohms taken at 115 kV; a class without a line stays unknown."""
    assert np.isnan(made_up.ohm_per_km[500]).all()
    np.testing.assert_allclose(made_up.ohm_per_km[138], 0.10 * 115.0**2 / BASE_MVA / DEGREE_KM, rtol=1e-9)


def test_double_circuits_are_counted_by_pair_of_buses(made_up: Statistics) -> None:
    """Of three pairs at 230 kV and more one has two lines, drawn in either direction; the 115 kV pair does not count."""
    assert made_up.double_share == pytest.approx(1 / 3)


def test_parallel_transformers_are_counted_by_pair_of_buses(made_up: Statistics) -> None:
    """One pair has five transformers and one has three, both three or more; the rest have one."""
    pairs = ENOUGH - 6
    np.testing.assert_allclose(made_up.bank_share, [(pairs - 2) / pairs, 0.0, 2 / pairs])


def test_transformer_reactance_is_on_its_own_rating(made_up: Statistics) -> None:
    """2 % on 100 MVA is 10 % on 500 MVA."""
    np.testing.assert_allclose(made_up.bank_x, 0.10)


def test_rare_pair_of_classes_borrows_from_the_nearest() -> None:
    """Twenty 345/138 transformers serve every pair near them, nineteen 765/345 do not serve their own."""
    many, few = [(345, 138, 400.0)] * ENOUGH + [(765, 500, 1500.0)] * ENOUGH, [(765, 345, 9999.0)] * (ENOUGH - 1)
    ratings = bank_ratings(pd.DataFrame(many + few, columns=["class", "low_class", "mva"]))
    classes = sorted(set(CLASS_OF_KV.values()))
    assert set(ratings) == {(a, b) for a in classes for b in classes if a > b}
    assert ratings[345, 138].tolist() == [400.0] * 3
    assert ratings[230, 138].tolist() == [400.0] * 3
    assert ratings[765, 345].tolist() == [1500.0] * 3


@pytest.fixture(scope="module")
def real() -> Statistics:
    """Statistics of the synthetic network of 82,071 buses."""
    return line_statistics(Compiler(RAW, RAW))


@needs_raw
def test_every_class_and_pair_of_the_register_has_statistics(real: Statistics) -> None:
    """No line or transformer of the mapped grid is without a distribution."""
    assert set(real.ohm_per_km) == set(real.line_mva) == set(SURGE_MW)
    assert set(real.bank_mva) == {(a, b) for a in SURGE_MW for b in SURGE_MW if a > b}


@needs_raw
def test_quantiles_are_ordered_and_plausible(real: Statistics) -> None:
    """Overhead lines have 0.3-0.5 ohm per km in the median, ratings rise with the class, transformers have 5-20 %."""
    spreads = [*real.ohm_per_km.values(), *real.line_mva.values(), *real.bank_mva.values(), real.bank_x]
    assert all((np.diff(q) > 0).all() and q[0] > 0 for q in spreads)
    assert all(0.3 < q[1] < 0.5 for q in real.ohm_per_km.values())
    assert (np.diff([real.line_mva[kv][1] for kv in sorted(real.line_mva)]) > 0).all()
    assert real.bank_x[0] > 0.05
    assert real.bank_x[2] < 0.20


@needs_raw
def test_shares_leave_room_for_the_draws(real: Statistics) -> None:
    """Transformers by number add up to one, and the share of double circuits lies below the upper bound of the draws."""
    assert real.bank_share.sum() == pytest.approx(1.0)
    assert real.bank_share[0] > 0.5
    assert 0.0 < real.double_share < MOST_DOUBLE
