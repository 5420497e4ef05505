"""The best set and what there is to say about it."""

from __future__ import annotations

import itertools

import pytest

from sitefinder.errors import ConfigError
from sitefinder.portfolio.choice import SelectionProblem, choose
from tests.helpers.portfolio_cases import FREE, campus, config_with, curve, pool_with, random_pool


@pytest.fixture(scope="module")
def choice(default_config):
    """Four of forty campuses under the shipped limits."""
    config = default_config.config
    terms = config.portfolio.model_dump() | {"campuses": 4, "floor": None, "budget_musd": 9000.0}
    return choose(random_pool(40, 3), config_with(config, terms))


def test_the_best_set_is_proven_and_no_other_is_better(choice):
    """Runner-up, sets without a campus, and rules within the limits are worth at most as much."""
    assert choice.best.gap < 1e-3
    assert len(choice.best.chosen) == 4
    others = [choice.runner_up, *choice.without.values()]
    assert sum(o.possible for o in others) > 1
    assert all(o.objective <= choice.best.objective + 1e-6 for o in others if o.possible)
    assert choice.rules[0].objective == pytest.approx(choice.best.objective)
    assert all(r.objective <= choice.best.objective + 1e-6 for r in choice.rules if not r.breaks)


def test_the_runner_up_is_another_set(choice):
    """At least three campuses differ."""
    assert len(set(choice.best.chosen) - set(choice.runner_up.chosen)) >= 3


def test_a_set_without_a_campus_does_not_hold_it(choice):
    """One set for every campus of the best one."""
    assert list(choice.without) == list(choice.best.chosen)
    assert all(i not in s.chosen for i, s in choice.without.items())


def test_value_falls_and_the_worst_draws_rise_along_the_frontier(choice):
    """More aversion, less mean and no worse tail, within the gap to which points are proven."""
    aim = choice.problem.aim
    points = [(aim.weighted(0.0).of(s.chosen), aim.weighted(1.0).of(s.chosen)) for _, s in choice.frontier]
    assert len(points) == 5
    slack = 1e-3 * points[0][0]
    assert all(b[0] <= a[0] + slack and b[1] >= a[1] - slack for a, b in itertools.pairwise(points))


def test_relaxing_a_limit_never_loses(choice):
    """Gains are not negative, and none per unit exceeds that of dropping the limit."""
    assert any(price.binding and price.gain_one for price in choice.prices)
    for price in choice.prices:
        assert (price.gain_one or 0.0) >= 0.0
        assert (price.gain_dropped or 0.0) >= 0.0
        if price.binding and price.gain_dropped and price.gain_one:
            assert price.gain_one <= price.gain_dropped * 1.01


def test_shares_of_single_draws_add_up_to_the_campuses(choice):
    """Every draw picks four."""
    assert choice.shares.sum() == pytest.approx(4.0)
    assert (choice.shares <= 1.0).all()


def test_a_binding_limit_has_a_price(default_config):
    """A cap that keeps the second best campus out costs the difference to the third."""
    rows = [campus(i, state="A" if i < 2 else "B", **curve(2029 + i)) for i in range(3)]
    config = config_with(default_config.config, FREE | {"campuses": 2, "caps": {"state": {"each": 1}}})
    chosen_set = choose(pool_with(rows), config)
    assert chosen_set.best.chosen == (0, 2)
    value = chosen_set.problem.draws.mean
    price = {p.limit: p for p in chosen_set.prices}["caps.state.A"]
    assert price.binding
    assert price.gain_one == pytest.approx(value[1] - value[2])


def test_what_is_impossible_is_told_with_the_relief(default_config):
    """One line that names the key and its new value."""
    config = config_with(default_config.config, FREE | {"budget_musd": 5000.0})
    with pytest.raises(ConfigError, match=r"portfolio\.budget_musd 5000 -> 6000"):
        choose(pool_with([campus(i) for i in range(4)]), config)


def test_more_campuses_than_sites_are_refused(default_config):
    """The remedy is a longer list."""
    with pytest.raises(ConfigError, match="only 2 sites"):
        SelectionProblem(pool_with([campus(0), campus(1)]), config_with(default_config.config, FREE))


def test_a_hazard_of_an_unknown_layer_is_refused(default_config):
    """A misspelled layer would otherwise be a limit that nobody keeps."""
    hazards = {"huricane_per_decade": {"above": 1.0, "within_km": 100.0, "share": 0.5}}
    config = config_with(default_config.config, FREE | {"campuses": 1, "hazards": hazards})
    with pytest.raises(ConfigError, match=r"portfolio\.hazards\.huricane_per_decade: unknown layer.*hurricane_per_decade"):
        SelectionProblem(pool_with([campus(0)]), config)


def test_a_hazard_without_values_is_reported(default_config, caplog):
    """A limit that cannot bind because the run lacks its layer is not passed over in silence."""
    hazards = {"tornado_per_decade": {"above": 1.0, "within_km": 100.0, "share": 0.5}}
    SelectionProblem(pool_with([campus(0)]), config_with(default_config.config, FREE | {"campuses": 1, "hazards": hazards}))
    assert "portfolio.hazards.tornado_per_decade limits nothing" in caplog.text


def test_a_configuration_without_the_section_is_refused(default_config):
    """The remedy is the shipped configuration."""
    config = default_config.config.model_copy(update={"portfolio": None})
    with pytest.raises(ConfigError, match="no 'portfolio' section"):
        SelectionProblem(pool_with([campus(0)]), config)
