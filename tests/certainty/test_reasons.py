"""What would have to be true."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sitefinder.certainty.columns import PrecedentPart
from sitefinder.certainty.near_misses import CURES
from sitefinder.certainty.ranks import shortlist
from sitefinder.certainty.reasons import (
    CHANGEABLE,
    PRECEDENTS,
    TARGETS,
    counterfactuals,
    driver_words,
    inverse,
    precedent_parts,
)
from sitefinder.config import Criterion, Logistic, Ramp
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.scoring.criteria import value
from sitefinder.scoring.exclusions import active_gates
from tests.helpers.paths import DATA

#: built layers of the country
pytestmark = pytest.mark.stack


SHAPES = {
    "falling table": {"table": [(0, 1), (8, 0.8), (40, 0)]},
    "rising table": {"table": [(0, 0), (1, 0.4), (6, 1)]},
    "hump": {"table": [(0, 0.7), (2, 1), (10, 0.9), (50, 0)]},
    "trapezoid": {"trapezoid": [0, 10, 20, 30]},
    "ramp": {"ramp": Ramp(best=2, worst=10)},
    "logistic": {"logistic": Logistic(midpoint=50, ninety=20)},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
@pytest.mark.parametrize("wanted", [0.1, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("x", [0.5, 5.0, 60.0])
def test_inverse_is_the_nearest_value_that_is_worth_enough(shape, wanted, x):
    """Against a search over a fine grid."""
    criterion = Criterion(weight=1, unit="km", **shape)
    found = inverse(criterion, wanted, x)
    assert value(criterion, np.array([found]))[0] >= wanted - 1e-9
    if value(criterion, np.array([x]))[0] < wanted:
        grid = np.linspace(-50, 150, 200_001)
        good = grid[value(criterion, grid) >= wanted]
        assert abs(found - x) <= np.abs(good - x).min() + 2e-3


def test_worth_that_is_never_reached_has_no_inverse():
    """A table that ends at 0.9."""
    assert inverse(Criterion(weight=1, unit="km", table=[(0, 0.9), (10, 0)]), 0.95, 5.0) is None
    assert inverse(Criterion(weight=1, unit="km", logistic=Logistic(midpoint=1, ninety=2)), 1.0, 5.0) is None


def test_changeable_criteria_and_cures_name_layers_that_exist(default_config):
    """Spelt as in the register; every shipped gate that takes a score away has a cure in words."""
    assert set(CHANGEABLE) <= set(REGISTRY)
    assert set(CURES) <= set(REGISTRY)
    assert {g.layer for g in active_gates(default_config.config).values()} <= set(CURES)


def test_sites_at_the_top_need_no_change(world):
    """Null for the first ten and the first fifty."""
    stack, config, _, field, campuses = world
    rows = counterfactuals(shortlist(campuses, field, stack, config), 60)
    assert all(row[10] is None for row in rows[:10])
    assert all(row[50] is None for row in rows[:50])
    assert list(rows[0]) == list(TARGETS)


def test_change_lifts_the_site_to_the_rank(world):
    """With the value that the text names, the site scores as much as the one at that rank."""
    stack, config, _, field, campuses = world
    found = shortlist(campuses, field, stack, config)
    rows = counterfactuals(found, 80)
    changes = [(i, row[10]) for i, row in enumerate(rows) if row[10]]
    assert changes
    bar = np.sort(found.fused)[-10]
    for i, text in changes:
        title = text.split(" instead of ")[0]
        names = [k for k in CHANGEABLE if title.startswith(REGISTRY[k].spec.title)]
        points = float(text.rsplit("(", 1)[1].split(" ")[0])
        assert names
        assert found.fused[i] + points / 100.0 == pytest.approx(bar, abs=6e-4)


def test_reasons_come_in_the_order_of_what_they_earn_and_lose(world):
    """The first reason up earns most; the first reason down has most to gain."""
    stack, config, _, field, campuses = world
    found = shortlist(campuses, field, stack, config)
    best = 100.0 * found.weights
    for i, (up, down) in enumerate(driver_words(found, DataPackage(DATA), 5)):
        earned = found.points[:, i]
        most, least = (REGISTRY[found.ids[int(k)]].spec.title for k in (np.argmax(earned), np.argmax(best - earned)))
        assert up.startswith(most)
        assert down.startswith(least)
        assert up != down


def stack_of(folder, **layers):
    """A stack of these layers of precedents."""
    records = {name: {"stem": name} for name in layers}
    return SimpleNamespace(folder=folder, records=records, at=lambda name, index: np.array(layers[name], np.float32)[index])


def test_precedents_are_told_with_their_interval(tmp_path):
    """Three of four blocked; too few to tell; none at all. What cannot be told is unknown, not friendly."""
    share, decided, ahead, pending = PRECEDENTS
    stack = stack_of(tmp_path, **{share: [0.75, np.nan], decided: [4.0, 0.5], ahead: [1.0, 0.5], pending: [2.0, 0.0]})
    sure, few = precedent_parts(stack, np.array([0, 1]))
    again = precedent_parts(stack, np.array([1, 0]))
    assert [part.precedents for part in again] == [few.precedents, sure.precedents]
    assert sure.precedents_blocked == 0.75
    assert sure.precedents.startswith("4.0 contested projects decided within 80 km, 1.0 of them went ahead; 2.0 undecided")
    assert "share blocked 0.75 (likely 0.3" in sure.precedents
    assert math.isnan(few.precedents_blocked)
    assert few.precedents.endswith("too few to tell (unknown, not friendly)")


@pytest.mark.parametrize("lacking", PRECEDENTS)
def test_precedents_are_left_out_where_a_layer_is(lacking, tmp_path):
    """Unknown, not zero, as many as there are places."""
    stack = stack_of(tmp_path, **{name: [1.0, 1.0] for name in PRECEDENTS if name != lacking})
    parts = precedent_parts(stack, np.array([0, 1]))
    assert [part.precedents for part in parts] == [None, None]
    assert all(math.isnan(part.precedents_blocked) for part in parts)
    assert isinstance(parts[0], PrecedentPart)
