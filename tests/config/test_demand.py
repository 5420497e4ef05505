"""Paths of demand in the terms: what is shipped loads, and mistakes are one line with key and remedy."""

from __future__ import annotations

import itertools

import pytest

from sitefinder.config.demand import Demand
from sitefinder.errors import ConfigError
from tests.helpers.financing_case import TERMS, terms

PATH = (
    "{title: A, about: b, source: c, from_year: [1, 1, 1], price: [1, 1, 1], let: [1, 1, 1], walk: [0, 0, 0], unused: [0, 0, 0]}"
)


def test_three_paths_are_shipped_and_the_first_changes_nothing():
    """Every other figure of the memo is that of the first path."""
    demand = terms().demand
    assert isinstance(demand, Demand)
    assert len(demand.paths) == 3
    first = next(iter(demand.paths.values()))
    assert (first.price, first.let, first.walk, first.unused) == ((1, 1, 1), (1, 1, 1), (0, 0, 0), (0, 0, 0))


def test_every_path_is_worse_than_the_one_before():
    """Cheaper, emptier, and more tenants gone, at every end."""
    paths = list(terms().demand.paths.values())
    for better, worse in itertools.pairwise(paths):
        assert all(w < b for w, b in zip(worse.price, better.price, strict=True))
        assert all(w < b for w, b in zip(worse.let, better.let, strict=True))
        assert all(w >= b for w, b in zip(worse.walk, better.walk, strict=True))


def test_what_the_paths_rest_on_is_written_beside_them():
    """Each says its source, and the numbers that were read stand in the file."""
    assert all(path.source for path in terms().demand.paths.values())
    text = TERMS.read_text(encoding="utf-8").split("# What happens if demand turns")[1]
    assert all(mark in text for mark in ("CBRE", "Mercury News", "The Oregonian", "(J)", "(P"))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"demand__contract_years": "[15, 10, 12]"}, "out of order"),
        ({"demand__paths__turns__from_year": "[5, 3, 2]"}, "out of order"),
        ({"demand__paths__turns__walk": "[0.2, 0.4, 1.6]"}, "walk"),
        ({"demand__paths__turns__price": "[0.0, 0.4, 0.7]"}, "price"),
        ({"demand__paths": f"{{a: {PATH}}}"}, "paths"),
    ],
)
def test_a_wrong_path_is_one_line(overrides, said):
    """Out of order, beyond a share, free of charge, or nothing to compare with."""
    with pytest.raises(ConfigError, match=said) as error:
        terms(**overrides)
    assert "\n" not in str(error.value)
