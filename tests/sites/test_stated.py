"""Facts of the user's list that override the registers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.grid import Grid, Land
from sitefinder.scoring.exclusions import Exclusions, active_gates
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.stated import BY_THE_USER, CLEARABLE, NOTHING, Stated, as_stated, cleared_land, freed, stated_of
from sitefinder.units import M2_PER_ACRE

GRID = Grid(1000.0)
CELLS = np.array([5_000_000, 5_000_001, 5_000_002], np.int32)
ACRES = GRID.cell_acres


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped configuration with one gate of the buildable share and one other."""
    return load_config(default_path).config


@pytest.fixture
def field():
    """Three cells: half taken, wholly taken, and free."""
    return Field.of(Land(GRID, CELLS), np.array([50.0, np.nan, 50.0], np.float32), np.array([40.0, 0.0, 80.0], np.float32))


class FakeStack:
    """Plants take half of the first cell and all of the second."""

    def at(self, layer_id, index):
        """Values at cells."""
        return np.array([50.0, 100.0, 0.0] if layer_id == "taken_plants_pct" else [0.0] * 3, np.float32)[index]


@pytest.mark.parametrize("empty", [None, "", "  ", float("nan")])
def test_an_empty_cell_states_nothing(empty):
    """As CSV, GeoJSON and data frames write it."""
    assert stated_of({"cleared": empty, "usable_acres": empty, "signed_mw": empty}) == NOTHING
    assert NOTHING.words == ""


def test_facts_about_power_travel_with_the_row():
    """Beside those about the land; what is wrong with either is told."""
    stated = stated_of({"cleared": "plants", "signed_mw": "300", "energisation": "2027-06"})
    assert (stated.cleared, stated.power.signed_mw, stated.power.energisation) == (("plants",), 300.0, "2027-06")
    assert "MW signed: 300" in stated.words
    assert stated_of({"cleared": "plants", "powered_land": "maybe"}).startswith("powered_land 'maybe'")


def test_causes_are_read_in_any_case_and_once():
    """Separated by semicolons; the words name the user as the source."""
    stated = stated_of({"cleared": "Plants; stations;plants", "usable_acres": 900})
    assert stated == Stated(("plants", "stations"), 900.0)
    assert stated.words.startswith(BY_THE_USER)
    assert all(part in stated.words for part in ("power plants", "substations", "900 usable acres"))


@pytest.mark.parametrize(
    ("cleared", "acres", "named"), [("swamp", None, "swamp"), ("rivers", None, "rivers"), (None, "many", "many")]
)
def test_what_cannot_be_stated_names_the_remedy(cleared, acres, named):
    """Neither unknown causes nor rivers, and acres are a number."""
    problem = stated_of({"cleared": cleared, "usable_acres": acres})
    assert isinstance(problem, str)
    assert named in problem


@pytest.mark.parametrize("acres", [-1, float("inf"), "-3"])
def test_usable_acres_are_finite_and_not_negative(acres):
    """Nought is allowed: the user says that nothing can be built on."""
    assert isinstance(stated_of({"usable_acres": acres}), str)
    assert stated_of({"usable_acres": 0}) == Stated((), 0.0)


def test_stated_acres_count_but_never_exceed_the_land(field, config):
    """Of a parcel its polygon, of cells their area; enough follows the acres."""
    parcel = shapely.box(0, 0, 1000, 1000)
    campus = Campus(CELLS[:1], np.ones(1), 10.0, enough=False, parcel=parcel)
    assert as_stated(campus, Stated((), 200.0), field, config).acres == 200.0
    assert as_stated(campus, Stated((), 9999.0), field, config).acres == pytest.approx(1e6 / M2_PER_ACRE)
    grown = Campus(CELLS, np.ones(3), 10.0)
    assert as_stated(grown, Stated((), 9999.0), field, config).acres == pytest.approx(3 * ACRES)
    assert as_stated(campus, NOTHING, field, config) is campus
    assert not as_stated(campus, Stated((), 200.0), field, config).enough


def test_cleared_land_is_buildable_again(field, config):
    """Twice the acres where a plant took half; a gate of the buildable share no longer holds a cell, another gate still does."""
    gates = tuple(active_gates(config))
    little, steep = (np.uint32(1 << gates.index(name)) for name in ("little_buildable", "steep"))
    bits = np.array([0, little | steep, 0], np.uint32)
    changed, reasons = cleared_land(Stated(("plants",)), np.array([0, 1]), field, Exclusions(bits, gates), FakeStack(), config)
    acres = changed.acres.reshape(-1)[CELLS]
    assert acres == pytest.approx([0.8 * ACRES, ACRES, 0.8 * ACRES], rel=1e-5)
    assert reasons.bits.tolist() == [0, int(steep), 0]
    assert field.acres.reshape(-1)[CELLS][0] == pytest.approx(0.4 * ACRES)  # the field of the others is left alone


def test_without_a_statement_nothing_is_copied(field, config):
    """The same objects come back."""
    excluded = Exclusions(np.zeros(3, np.uint32), ())
    same = cleared_land(Stated((), 100.0), np.array([0]), field, excluded, FakeStack(), config)
    assert same[0] is field
    assert same[1] is excluded


def test_a_cell_never_holds_more_than_its_area():
    """However little was left."""
    assert freed(np.array([100.0]), np.array([0.1]), ACRES) == pytest.approx([ACRES])
    assert "rivers" not in CLEARABLE
