"""Shape and room of campuses: against shapely, against growth, and on land drawn by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.grid import Grid, Land
from sitefinder.kernels.components import grow
from sitefinder.kernels.shape import SQUARE
from sitefinder.sites.campuses import Campus, Field, national_campuses
from sitefinder.sites.own import UserSite, campus_of
from sitefinder.sites.shape import MULTIPLES, ROOM_RADII, room_acres, shapes
from sitefinder.units import M2_PER_ACRE

GRID = Grid(1000.0)
ROW, COL = 1500, 2000


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped configuration, twenty campuses."""
    return load_config(default_path, {"candidates.count": "20"}).config


def field_of(free, buildable=80.0):
    """Land of a window of free (True) and excluded cells, its top left at ROW, COL."""
    rows, cols = free.shape
    r, c = np.mgrid[ROW : ROW + rows, COL : COL + cols]
    land = Land(GRID, (r * GRID.width + c).ravel().astype(np.int32))
    score = np.where(free, 50.0, np.nan).astype(np.float32).ravel()
    return Field.of(land, score, np.broadcast_to(np.float32(buildable), free.shape).ravel().astype(np.float32))


def country(seed, share=0.7, shape=(120, 120)):
    """A random country."""
    rng = np.random.default_rng(seed)
    field = field_of(rng.random(shape) < share)
    field.score[ROW : ROW + shape[0], COL : COL + shape[1]] += rng.uniform(0, 30, shape).astype(np.float32)
    field.acres[...] *= rng.uniform(0.1, 1, field.acres.shape).astype(np.float32)
    return field


def flat(*places):
    """Flat cells of places in the window."""
    return np.array([(ROW + r) * GRID.width + COL + c for r, c in places], np.int32)


def campus_of_cells(field, *places):
    """A campus of whole cells."""
    cells = flat(*places)
    return Campus(cells, np.ones(cells.size), float(field.acres.reshape(-1)[cells].sum()))


def parcel_campus(field, config, polygon):
    """The campus of a user's polygon, given in cells from the window's top left."""
    west, north = GRID.west + COL * 1000, GRID.north - ROW * 1000
    moved = shapely.transform(polygon, lambda xy: np.stack([west + xy[:, 0] * 1000, north - xy[:, 1] * 1000], axis=1))
    return campus_of(UserSite("mine", "my.csv, row 2", moved), field, config)


def one(campus, field, config):
    """Shape of one campus."""
    return shapes([campus], field, config)[0]


def test_compactness_is_that_of_the_footprint(config):
    """National campuses: Polsby-Popper of the polygon that the cells make, never above that of a square."""
    field = country(1)
    campuses = national_campuses(field, config)
    for campus, shape in zip(campuses, shapes(campuses, field, config), strict=True):
        r, c = np.divmod(campus.cells, GRID.width)
        outline = shapely.union_all(shapely.box(c, r, c + 1, r + 1))
        assert shape.compactness == pytest.approx(4 * math.pi * outline.area / outline.length**2)
        assert shape.compactness <= SQUARE


def test_rectangle_of_whole_cells_holds_their_buildable_acres(config):
    """An L of five cells: its longest arm of three."""
    field = field_of(np.ones((6, 6), bool))
    shape = one(campus_of_cells(field, (1, 1), (2, 1), (3, 1), (3, 2), (3, 3)), field, config)
    assert shape.largest_rectangle_acres == pytest.approx(3 * 0.8 * GRID.cell_acres, rel=1e-6)


def test_rectangle_leaves_out_an_excluded_seed(config):
    """A user's point on excluded land keeps its cell, but nothing can be built on it."""
    free = np.ones((5, 5), bool)
    free[2, 2] = False
    field = field_of(free)
    shape = one(campus_of_cells(field, (2, 2), (2, 3)), field, config)
    assert shape.largest_rectangle_acres == pytest.approx(0.8 * GRID.cell_acres, rel=1e-6)


def test_parcel_is_measured_as_drawn(config):
    """Compactness of the polygon itself; its largest rectangle to a lattice step."""
    field = field_of(np.ones((12, 12), bool), buildable=100.0)
    disc = shapely.Point(5.3, 5.6).buffer(2.0, quad_segs=64)
    shape = one(parcel_campus(field, config, disc), field, config)
    assert shape.compactness == pytest.approx(1.0, abs=1e-3)
    square = 2 * 4e6 / M2_PER_ACRE  # the largest rectangle within a disc is a square over its diameter
    assert 0.9 * square < shape.largest_rectangle_acres <= square


@pytest.mark.parametrize("side", [0.13, 1.0, 3.7, 11.0])
def test_rectangle_of_a_rectangular_parcel_is_almost_all_of_it(config, side):
    """At any size the lattice misses at most two steps a side; excluded cells split it."""
    free = np.ones((12, 12), bool)
    field = field_of(free, buildable=50.0)
    campus = parcel_campus(field, config, shapely.box(0.4, 0.4, 0.4 + side, 0.4 + side / 2))
    shape, half = one(campus, field, config), campus.parcel.area / M2_PER_ACRE / 2
    assert shape.largest_rectangle_acres == pytest.approx(half, rel=0.15)
    assert shape.largest_rectangle_acres <= half


def test_rectangle_of_a_parcel_avoids_excluded_cells(config):
    """A strip of three cells whose middle is excluded: one cell is left."""
    free = np.ones((5, 7), bool)
    free[2, 3] = False
    field = field_of(free, buildable=100.0)
    shape = one(parcel_campus(field, config, shapely.box(2, 2, 5, 3)), field, config)
    assert shape.largest_rectangle_acres == pytest.approx(GRID.cell_acres, rel=0.05)


def test_room_suffices_exactly_when_growth_would(config):
    """The land for k times the acres is there if and only if growth over the same square finds it."""
    suffices = set()
    for seed in range(6):
        field = country(seed, share=0.5 + seed / 20)
        field.acres[...] *= 0.35
        campuses = national_campuses(field, config)
        for k in MULTIPLES:
            room = room_acres(campuses, field, config, k)
            reach = math.ceil(ROOM_RADII * math.sqrt(k * config.campus_acres * M2_PER_ACRE / math.pi) / 1000)
            for campus, acres in zip(campuses, room, strict=True):
                rows, cols = np.divmod(campus.cells, GRID.width)
                half = max(reach, np.abs(rows - rows[0]).max(), np.abs(cols - cols[0]).max())
                _, found = grow((int(rows[0]), int(cols[0])), field.score, field.acres, 1e9, int(half), 1.0)
                assert acres == pytest.approx(found, rel=1e-6)
                suffices.add((k, acres >= k * config.campus_acres))
    assert len(suffices) == 4  # both answers occur for both sizes


def test_expandable_is_the_largest_multiple_that_fits(config):
    """An island of 6 cells of 198 acres has room for one gigawatt, of 18 for two, of 40 for five."""
    for rows, expected in ((1, 1), (3, 2), (5, 5)):
        free = np.zeros((20, 20), bool)
        free[5 : 5 + rows, 5 : 11 if rows < 5 else 13] = True
        field = field_of(free)
        (campus,) = national_campuses(field, load_config_one(config))
        assert one(campus, field, config).expandable_to_x == expected


def load_config_one(config):
    """The configuration, one campus."""
    return config.model_copy(update={"candidates": config.candidates.model_copy(update={"count": 1})})


def test_campus_that_falls_short_expands_to_nothing(config):
    """Too little land for the project: 0, whatever lies around a parcel."""
    field = field_of(np.ones((12, 12), bool))
    shape = one(parcel_campus(field, config, shapely.box(5, 5, 6, 6)), field, config)
    assert shape.expandable_to_x == 0
    assert shape.expansion_acres[2] > 2000


def test_acres_of_a_row_set_the_scale(config):
    """A point that asks for 100 acres looks for 200 and 500, nearer by."""
    field = field_of(np.ones((30, 30), bool))
    site = UserSite("mine", "my.csv, row 2", shapely.Point(*GRID.centre(ROW + 15, COL + 15)), acres=100.0)
    shape = one(campus_of(site, field, config), field, config)
    assert shape.expandable_to_x == 5
    assert shape.expansion_acres[5] == pytest.approx(49 * 0.8 * GRID.cell_acres, rel=1e-6)


def test_room_ends_at_the_frame(config):
    """A campus in the corner of the frame sees no land on the other side."""
    land = Land(GRID, np.arange(GRID.width * 3, dtype=np.int32))
    field = Field.of(land, np.full(land.size, 50, np.float32), np.full(land.size, 100, np.float32))
    campus = Campus(np.array([0], np.int32), np.ones(1), GRID.cell_acres)
    assert room_acres([campus], field, config, 2)[0] == pytest.approx(3 * 5 * GRID.cell_acres, rel=1e-6)


def test_no_campus_has_no_shape(config):
    """An empty list stays one."""
    assert shapes([], field_of(np.ones((3, 3), bool)), config) == []
