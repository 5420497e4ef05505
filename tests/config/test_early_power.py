"""Parts of the ``delivery`` section about the first megawatts: tables by year and class, pace, and how mistakes are refused."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.config.early_power import Options, Pace, by_class, of_year
from sitefinder.errors import ConfigError


def test_a_year_takes_the_latest_range_that_is_not_later():
    """Years before the first take the first."""
    ranges = {2018: (1.0, 2.0, 3.0), 2024: (4.0, 5.0, 6.0)}
    found = of_year(ranges, np.array([2010, 2018, 2023, 2024, 2040]))
    assert found.shape == (5, 3)
    assert found[:, 1].tolist() == [2, 2, 2, 5, 5]


def test_a_class_takes_its_own_range_or_the_next_lower():
    """Below the lowest, and where the class is unknown, the lowest."""
    ranges = {69: (1.0, 1.0, 1.0), 230: (2.0, 2.0, 2.0), 500: (3.0, 3.0, 3.0)}
    found = by_class(ranges, np.array([34.5, 69.0, 161.0, 230.0, 345.0, 765.0, np.nan]))
    assert found[:, 2].tolist() == [1, 1, 1, 2, 2, 3, 1]


def test_a_region_without_a_factor_has_the_common_pace():
    """And so has land outside all regions."""
    pace = Pace(halls=1, light_halls=1, ramp=1, utility=1, utility_slip=0.2, own_slip=0.2, region={"PJM": 1.25})
    assert pace.of_region(["PJM", "SPP", None]).tolist() == [[1.25], [1], [1]]
    assert pace.of_region([]).shape == (0, 1)


def test_nothing_is_in_hand_by_default(default_config):
    """The shipped options are those that a file without them has."""
    assert default_config.config.delivery.options == Options()
    assert [name for name, value in Options() if value] == ["phased"]


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("halls.standard", "{}", "Give the range of at least one year"),
        ("grid.first.station", "{}", "Give at least one voltage class"),
        ("pace.utility", "0", "greater than 0"),
        ("pace.own_slip", "1.5", "less than or equal to 1"),
        ("halls.light_with", "[solar]", "'flexible'"),
        ("options.phased", "often", "valid boolean"),
        ("approvals.contested_from", "1.2", "less than or equal to 1"),
        ("grid.transformer", "{2024: [9, 8, 7]}", "out of order"),
        ("mobile.mw", "150", "Not a range"),
        ("pace.region.PJN", "1.2", "nknown region 'PJN'"),
    ],
)
def test_mistakes_are_told_in_one_line_with_the_key(default_path, key, value, why):
    """What is wrong, and where."""
    with pytest.raises(ConfigError) as caught:
        load_config(default_path, {f"delivery.{key}": value})
    message = str(caught.value)
    assert why in message
    assert key.split(".")[-1] in message
    assert "delivery" in message
    assert "\n" not in message
