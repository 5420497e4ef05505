"""The portfolio section of the configuration."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from sitefinder.config import load_config
from sitefinder.config.portfolio import Portfolio, RiskTerms
from sitefinder.errors import ConfigError
from tests.helpers.portfolio_cases import FREE


def test_the_shipped_terms_are_complete(default_config):
    """The default asks for ten campuses under every kind of limit."""
    terms = default_config.config.portfolio
    assert terms.campuses == 10
    assert set(terms.caps) == {"rto", "state", "gas_pipeline"}
    assert terms.floor
    assert terms.headroom
    assert terms.budget_musd
    assert set(terms.hazards) == {"hurricane_per_decade", "seismic_pga_pct_g"}


@pytest.mark.parametrize("size", [{"campuses": None}, {"campuses": 3, "mw": 2000.0}])
def test_exactly_one_size_is_asked_for(size):
    """Neither none nor both of campuses and megawatts."""
    with pytest.raises(ValidationError, match="exactly one of campuses, mw"):
        Portfolio.model_validate(FREE | size)


def test_a_wrong_key_is_told_with_file_and_line(default_path):
    """As in every other section."""
    with pytest.raises(ConfigError, match=r"--set portfolio.spacing: portfolio.spacing|portfolio.spacing.*spacing_km"):
        load_config(default_path, {"portfolio.spacing": "30"})


def test_parts_of_luck_are_at_most_one():
    """Nation and region cannot explain more than everything."""
    with pytest.raises(ValidationError, match="more than 1"):
        RiskTerms(nation=0.7, region=0.4)


def test_chances_ascend_with_the_score():
    """Scores of the table out of order are refused."""
    value = {"busd_per_gw_year": [10, 11, 12], "realised": [[90, 0.8], [50, 0.4]]}
    with pytest.raises(ValidationError, match="out of order"):
        Portfolio.model_validate(FREE | {"value": value})


def test_a_cap_of_its_own_comes_before_that_of_each():
    """Named groups first, then `each`, else none."""
    terms = Portfolio.model_validate(FREE | {"caps": {"rto": {"each": 2, "PJM": 4}, "state": {"TX": 1}}})
    assert (terms.cap("rto", "PJM"), terms.cap("rto", "SPP"), terms.cap("state", "TX")) == (4, 2, 1)
    assert terms.cap("state", "OH") is None
    assert terms.cap("gas_pipeline", "any") is None
    assert terms.with_cap("rto", "SPP", 3).cap("rto", "SPP") == 3
    assert terms.cap("rto", "SPP") == 2
