"""The ``connections`` section: what is shipped, and how mistakes in it are refused."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.connections import ELSEWHERE
from sitefinder.config.delivery import REGIONS
from sitefinder.errors import ConfigError


@pytest.fixture(scope="module")
def terms(default_config):
    """The shipped section."""
    return default_config.config.connections


def refusal(path, overrides):
    """Message of the refusal."""
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides)
    return str(caught.value)


def test_every_layer_is_named_once(terms):
    """Two entries on one layer read it once."""
    assert len(set(terms.layers())) == len(terms.layers())
    assert {"slope_pct", "people_2km", "open_water_pct"} <= set(terms.layers())


def test_market_regions_are_spelled_as_in_the_data(terms):
    """A region that no cell has would never find its table."""
    assert set(terms.grid.tables) <= {*REGIONS, ELSEWHERE}


def test_impassable_is_infinite_and_only_for_what_it_is_said_of(terms):
    """Lines may not cross a lake; pipes may, at a price."""
    assert terms.avoid["open_water"].factor("line") == float("inf")
    assert terms.avoid["open_water"].factor("pipe") == 10


def test_higher_voltage_costs_more_per_mile_except_where_the_tables_disagree(terms):
    """The most likely cost of 345, 500 and 765 kV rises in every table."""
    for table in terms.grid.musd_per_mile_2019.values():
        likely = [table[kv][1] for kv in (345, 500, 765)]
        assert likely == sorted(likely)


def test_steps_come_in_ascending_order_however_they_are_written(default_path):
    """The order of the thresholds in the file does not matter."""
    steps = "{8: [2, 2, 2], 2: [1, 1, 1]}"
    config = load_config(default_path, {"connections.terrain.steep.steps": steps}).config
    assert list(config.connections.terrain["steep"].steps) == [2, 8]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("terrain.steep.steps", "{2: [0.5, 1, 1]}", "at least 1"),
        ("terrain.steep.steps", "{}", "at least one entry"),
        ("avoid.federal.below", "3", "exactly one of above, below"),
        ("avoid.federal.line", "0.5", "connections.avoid.federal.line"),
        ("avoid.steep", '{layer: slope_pct, unit: "%", above: 9, line: 2, pipe: 2}', "the name is taken"),
        ("avoid.unknown", '{layer: slope_pct, unit: "%", above: 9, line: 2, pipe: 2}', "the name is taken"),
        ("grid.tables", "{MISO: MISO}", "'elsewhere' is missing"),
        ("grid.tables.elsewhere", "nowhere", "names 'nowhere'"),
        ("gas.outlet_psi", "900", "must be below inlet_psi"),
        ("year", "1999", "connections.year"),
        ("routing_factor", "[0.9, 1, 1]", "at least 1"),
        ("cell_factor", "0.9", "connections.cell_factor"),
        ("fibre", "{}", "Invalid key"),
    ],
)
def test_mistakes_are_named(default_path, key, value, expected):
    """One line that says where and why."""
    message = refusal(default_path, {f"connections.{key}": value})
    assert expected in message


def test_the_section_may_be_left_out(default_path):
    """An older configuration still loads."""
    assert load_config(default_path, {"connections": "null"}).config.connections is None


def test_costs_count_the_length_that_cells_do_not_see(default_path):
    """Routing factor over what routes of cells already need, never below 1; other months follow the same factor."""
    config = load_config(default_path).config
    assert config.connections.detour == pytest.approx((1.0, 1.3 / 1.07, 1.44 / 1.07))
    assert config.connections.detour[1] == pytest.approx(1.2, abs=0.02)
    longer = load_config(default_path, {"delivery.grid.routing_factor": "[1, 1.6, 2]"}).config
    assert longer.connections.detour[1] == pytest.approx(1.6 / 1.07)


@pytest.mark.parametrize(
    ("key", "value", "follows"),
    [
        ("costs.escalation_since_2019", "[1, 2, 3]", lambda c: c.grid.escalation_since_2019 == (1, 2, 3)),
        ("costs.year", "2026", lambda c: c.year == 2026),
        ("delivery.planned.line_mw", "{345: 900}", lambda c: c.grid.circuit_mw == {345: 900}),
        ("needs.gas.technology", "engines", lambda c: c.gas.burns.mmcfd(1000.0)[1] > 205),
    ],
)
def test_numbers_of_other_sections_are_written_once(default_path, key, value, follows):
    """Who changes one changes what connections count with."""
    assert follows(load_config(default_path, {key: value}).config.connections)
