"""Cells to campuses: acres, growth parameters, the order of the national list and the names of places."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.grid import Grid, Land
from sitefinder.sites.campuses import MIN_REACH_CELLS, Campus, Field, Footprints, campus_at, growth, national_campuses, site_name

GRID = Grid(5000.0)


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped configuration on a 5 km grid, ten campuses."""
    return load_config(default_path, {"grid.resolution_m": "5000", "candidates.count": "10"}).config


def field_of(seed=0, free=0.6, rows=(100, 160), cols=(200, 280)):
    """A random country on a corner of the 5 km grid."""
    rng = np.random.default_rng(seed)
    r, c = np.mgrid[slice(*rows), slice(*cols)]
    land = Land(GRID, (r * GRID.width + c).ravel().astype(np.int32))
    score = rng.uniform(0, 100, land.size).astype(np.float32)
    score[rng.random(land.size) > free] = np.nan
    return Field.of(land, score, rng.uniform(0, 100, land.size).astype(np.float32))


def one_campus(row, col):
    """A campus of one cell."""
    return Campus(np.array([row * GRID.width + col], np.int32), np.ones(1), 100.0)


def test_field_holds_acres_from_percent():
    """Half of a 5 km cell is 3,089 acres."""
    land = Land(GRID, np.array([0, 1, 2], np.int32))
    field = Field.of(land, np.zeros(3, np.float32), np.array([50, 0, 100], np.float32))
    np.testing.assert_allclose(field.acres[0, :4], [3088.8, 0, 6177.6, 0], rtol=1e-4)


def test_field_counts_unknown_buildable_land_as_none():
    """A cell whose buildable share is unknown holds no acres."""
    land = Land(GRID, np.array([0], np.int32))
    assert Field.of(land, np.zeros(1, np.float32), np.array([np.nan], np.float32)).acres.sum() == 0


def test_field_has_no_score_beyond_the_land():
    """Cells that are not land are like excluded ones."""
    field = field_of()
    assert np.isnan(field.score[0, 0])
    assert np.isfinite(field.score).sum() <= field.land.size


def test_occupied_cells_lose_their_score_and_nothing_else():
    """The field itself stays as it was."""
    field = field_of(free=1.0)
    marked = np.zeros(field.land.size, bool)
    marked[7] = True
    left = field.without(marked)
    cell = 100 * GRID.width + 207
    assert np.isnan(left.score.reshape(-1)[cell])
    assert np.isnan(left.score).sum() == np.isnan(field.score).sum() + 1
    assert left.acres is field.acres


def test_mean_score_is_weighted_by_buildable_acres():
    """Three times the acres, three times the say."""
    land = Land(GRID, np.array([0, 1], np.int32))
    field = Field.of(land, np.array([80, 40], np.float32), np.array([75, 25], np.float32))
    assert field.mean_score(Campus(np.array([0, 1], np.int32), np.ones(2), 0.0)) == pytest.approx(70.0)


def test_mean_score_counts_only_the_share_of_a_parcel():
    """A cell that lies half in the parcel has half the say."""
    land = Land(GRID, np.array([0, 1], np.int32))
    field = Field.of(land, np.array([90, 30], np.float32), np.array([50, 50], np.float32))
    assert field.mean_score(Campus(np.array([0, 1], np.int32), np.array([0.5, 1.0]), 0.0)) == pytest.approx(50.0)


def test_mean_score_of_excluded_or_barren_land_is_not_a_number():
    """An excluded cell, or no buildable acre at all, leaves no mean."""
    land = Land(GRID, np.array([0, 1, 2], np.int32))
    field = Field.of(land, np.array([90, np.nan, 50], np.float32), np.array([50, 50, 0], np.float32))
    assert np.isnan(field.mean_score(Campus(np.array([0, 1], np.int32), np.ones(2), 0.0)))
    assert np.isnan(field.mean_score(Campus(np.array([2], np.int32), np.ones(1), 0.0)))


def test_footprints_are_means_over_the_land():
    """By buildable acres; barren land by area; a parcel's share counts; the seed is the first cell."""
    land = Land(GRID, np.array([0, 1, 2, 3, 4], np.int32))
    field = Field.of(land, np.zeros(5, np.float32), np.array([75, 25, 50, 0, 0], np.float32))
    grown = Campus(np.array([1, 0], np.int32), np.ones(2), 0.0)
    parcel = Campus(np.array([0, 2], np.int32), np.array([1.0, 0.5]), 0.0)
    barren = Campus(np.array([3, 4], np.int32), np.array([1.0, 0.25]), 0.0)
    found = Footprints.of([grown, parcel, barren], field)
    assert (found.size, found.seeds.tolist(), found.index.tolist()) == (3, [1, 0, 3], [1, 0, 0, 2, 3, 4])
    np.testing.assert_allclose(found.mean(np.ones(6)), 1.0)
    values = np.array([40.0, 80.0, 80.0, 0.0, 10.0, 0.0])
    np.testing.assert_allclose(found.mean(values), [70.0, 60.0, 8.0])
    np.testing.assert_allclose(found.mean(np.stack([values, values])), [[70.0, 60.0, 8.0]] * 2)


def test_growth_wants_the_acres_of_the_project(config):
    """The target is the campus acres."""
    assert growth(config, field_of().land)[0] == config.campus_acres


def test_growth_reach_never_falls_below_its_least(config):
    """On a coarse grid neighbours can still be combined."""
    assert growth(config, field_of().land)[1] == MIN_REACH_CELLS


def test_growth_reach_spans_four_radii_on_a_fine_grid(default_path):
    """1,000 acres are a circle of 1,135 m; four of those are 19 cells of 250 m."""
    config = load_config(default_path, {"grid.resolution_m": "250"}).config
    assert growth(config, Land(Grid(250.0), np.empty(0, np.int32)))[1] == 19


def test_growth_drift_is_per_kilometre_whatever_the_cell(default_path):
    """Two points per kilometre are ten per 5 km cell."""
    config = load_config(default_path, {"candidates.compactness": "2"}).config
    assert growth(config, field_of().land)[2] == pytest.approx(10.0)


def test_national_list_is_ordered_by_mean_score(config):
    """Best first by the mean over the land, not by the seed."""
    field = field_of()
    scores = [field.mean_score(c) for c in national_campuses(field, config)]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)


def test_national_list_has_no_excluded_cell(config):
    """Every cell of every campus is free."""
    field = field_of(1)
    cells = np.concatenate([c.cells for c in national_campuses(field, config)])
    assert np.isfinite(field.score.reshape(-1)[cells]).all()


def test_national_campuses_hold_the_acres_they_state(config):
    """The acres are the sum over the cells and reach what the project needs."""
    field = field_of(2)
    for campus in national_campuses(field, config):
        assert campus.acres == pytest.approx(field.acres.reshape(-1)[campus.cells].sum())
        assert campus.acres >= config.campus_acres


def test_national_seeds_keep_the_spacing(config):
    """25 km are five cells of 5 km."""
    seeds = np.array([c.cells[0] for c in national_campuses(field_of(3), config)])
    rows, cols = np.divmod(seeds, GRID.width)
    apart = np.hypot(rows[:, None] - rows, cols[:, None] - cols)[np.triu_indices(seeds.size, 1)]
    assert apart.min() >= 5


def test_longer_list_begins_with_a_good_part_of_the_shorter(config, default_path):
    """Asking for more never drops the best campus."""
    longer = load_config(default_path, {"grid.resolution_m": "5000", "candidates.count": "40"}).config
    field = field_of(4)
    assert national_campuses(field, longer)[0].cells.tolist() == national_campuses(field, config)[0].cells.tolist()


def test_tie_falls_to_the_more_northern_seed(config):
    """Equal land everywhere: the list runs from north to south."""
    r, c = np.mgrid[100:160, 200:280]
    land = Land(GRID, (r * GRID.width + c).ravel().astype(np.int32))
    flat = Field.of(land, np.full(land.size, 50, np.float32), np.full(land.size, 80, np.float32))
    seeds = [int(c.cells[0]) for c in national_campuses(flat, config)]
    assert seeds == sorted(seeds)


def test_no_free_land_gives_an_empty_list(config):
    """An empty list, not an error: the caller explains it."""
    assert national_campuses(field_of(free=0.0), config) == []


def test_campus_at_a_cell_says_when_its_land_falls_short(default_path):
    """A hundred thousand acres do not fit on sixteen cells: the campus comes back with all there is."""
    config = load_config(default_path, {"grid.resolution_m": "5000", "candidates.acres": "100000"}).config
    field = field_of(free=1.0, rows=(100, 104), cols=(200, 204))
    campus = campus_at(field, config, (102, 202))
    assert campus.enough is False
    assert campus.acres == pytest.approx(field.acres.sum())
    assert campus.acres < 100_000


def test_campus_at_an_excluded_cell_begins_there(config):
    """A user's point on excluded land keeps its place."""
    field = field_of(5)
    row, col = (int(v[0]) for v in np.nonzero(np.isnan(field.score[100:160, 200:280])))
    campus = campus_at(field, config, (row + 100, col + 200))
    assert campus.cells[0] == (row + 100) * GRID.width + col + 200


def test_name_is_the_same_at_every_cell_size():
    """The 5 km lattice cell names the place: the 1 km cell inside has the name of the 5 km cell."""
    fine = Grid(1000.0)
    field_fine = Field(Land(fine, np.empty(0, np.int32)), np.empty(0), np.empty(0))
    field_coarse = Field(Land(GRID, np.empty(0, np.int32)), np.empty(0), np.empty(0))
    inner = Campus(np.array([(5 * 120 + 3) * fine.width + 5 * 220 + 1], np.int32), np.ones(1), 0.0)
    assert site_name(field_fine, inner, "TX") == site_name(field_coarse, one_campus(120, 220), "TX") == "TX-220120"


def test_names_of_campuses_at_the_spacing_differ(config):
    """No two campuses of one list share a name within a state."""
    field = field_of(6)
    names = [site_name(field, c, "TX") for c in national_campuses(field, config)]
    assert len(set(names)) == len(names)


def test_campus_at_a_cell_may_want_other_acres(config):
    """A user's row with its own acres grows to those, farther than the project's if need be, and says so."""
    field = field_of(7, free=1.0)
    small, large = (campus_at(field, config, (130, 240), acres) for acres in (100.0, 60_000.0))
    assert small.cells.size == 1
    assert large.acres >= 60_000
    assert large.enough
    assert (small.wanted, large.wanted, campus_at(field, config, (130, 240)).wanted) == (100.0, 60_000.0, None)


def test_campuses_of_an_area_are_those_that_begin_there(config):
    """The same land as when only these cells may begin, wherever the area lies; without a cell there is no campus."""
    field = field_of(seed=3)
    inside = np.zeros(field.land.size, bool)
    inside[: field.land.size // 2] = True
    part = field.beginning_in(inside)
    some = national_campuses(part, config)
    assert len(some) > 3
    assert all(inside[field.land.index_of(c.cells[0])] for c in some)
    best = max(national_campuses(field, config), key=field.mean_score)
    if inside[field.land.index_of(best.cells[0])]:
        assert np.array_equal(some[0].cells, best.cells)
    assert national_campuses(field.beginning_in(np.zeros_like(inside)), config) == []
    assert field.beginning_in(None) is field
