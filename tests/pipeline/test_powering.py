"""Megawatts by date of a list, from the layers and files of the package."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.pipeline.powering import lift_price_musd
from sitefinder.power.station_limits import StationLimits
from tests.helpers.paths import ROOT
from tests.helpers.power import NAN, sites

#: two stations that a line of 345 kV, 10 and 20 km long, keeps below 500 MW, and one of which nothing is known
LIMITS = StationLimits(
    limit=np.array(["line A", "line B", None], object),
    lost=np.array([None, None, None], object),
    limit_kind=np.array(["line", "line", None], object),
    limit_kv=np.array([345.0, 345.0, NAN]),
    limit_km=np.array([10.0, 20.0, NAN]),
    typical_mw=np.array([500.0, 500.0, NAN]),
    lifted_mw=np.array([900.0, 900.0, NAN]),
    short_circuit_mva=np.array([9000.0, 9000.0, NAN]),
)


@pytest.fixture(scope="module")
def config():
    """The shipped configuration."""
    return load_config(ROOT / "config" / "default.yaml").config


def test_a_longer_limiting_line_costs_more_to_strengthen(config):
    """Ten kilometres more of a second circuit, the bays the same; unknown stays unknown."""
    cost = lift_price_musd(LIMITS, sites({}, {}, {}), config)
    assert 0 < cost[0] < cost[1] < 2 * cost[0] + 1
    assert np.isnan(cost[2])


@pytest.mark.parametrize("section", ["connections", "costs"])
def test_without_routes_or_costs_strengthening_has_no_price(config, section):
    """The tables of lines stand in one section, those of transformers in the other."""
    lacking = config.model_copy(update={section: None})
    assert np.isnan(lift_price_musd(LIMITS, sites({}, {}, {}), lacking)).all()


def test_a_stronger_element_brings_what_the_next_one_leaves(config):
    """The price of a line does not depend on what it brings; that of a transformer does."""
    bank = dataclasses.replace(LIMITS, limit_kind=np.array(["transformer"] * 2 + [None], object))
    more = dataclasses.replace(bank, lifted_mw=np.array([900.0, 1900.0, NAN]))
    assert lift_price_musd(bank, sites({}, {}, {}), config)[0] == lift_price_musd(more, sites({}, {}, {}), config)[0]
    assert lift_price_musd(more, sites({}, {}, {}), config)[1] > lift_price_musd(bank, sites({}, {}, {}), config)[1]
