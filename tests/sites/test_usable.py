"""How much of the user's land can be used, and what takes the rest."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.grid import Grid, Land, from_lonlat
from sitefinder.layers.files import LAKES
from sitefinder.layers.package import read_features
from sitefinder.scoring.exclusions import Exclusions, active_gates
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.own import UserSite, campus_of, cell_shares
from sitefinder.sites.usable import BUILT_PCT, FILES, LAYERS, usable
from sitefinder.units import M2_PER_ACRE

GRID = Grid(1000.0)


@pytest.fixture(scope="module")
def config(default_path):
    """The shipped configuration."""
    return load_config(default_path).config


class FakeStack:
    """Layers of one value everywhere."""

    def __init__(self, **values):
        self.values = values

    def at(self, layer_id, index):
        """Values at cells."""
        return np.full(len(index), self.values.get(layer_id, 0.0), np.float32)


def parcel_of(polygon, cleared=()):
    """The campus of a polygon, and a field that knows its cells."""
    rows, cols, share = cell_shares(polygon, GRID)
    inside = share > 0
    cells = (rows * GRID.width + cols)[inside].astype(np.int32)
    land = Land(GRID, np.sort(cells))
    return Campus(cells, share[inside], 1.0, parcel=polygon, cleared=cleared), SimpleNamespace(land=land)


def free(field, *gates):
    """Nothing is excluded."""
    return Exclusions(np.zeros(field.land.size, np.uint32), gates)


def shore_parcel(package, acres=3000.0, wet=0.08):
    """A square on the shore of Lake Whitney, Texas, moved until so much of it lies in the mapped lake."""
    lakes = np.concatenate([read_features(package, name, ())["geometry"] for name in FILES])
    x, y = from_lonlat(-97.37, 31.91)
    lake = shapely.union_all([g for g in lakes if shapely.distance(g, shapely.Point(x, y)) < 8000.0])
    side = np.sqrt(acres * M2_PER_ACRE)
    west = np.arange(x - 15_000.0, x, 25.0)
    squares = shapely.box(west, y - side / 2, west + side, y + side / 2)
    share = shapely.area(shapely.intersection(squares, lake)) / side**2
    return squares[np.argmin(np.abs(share - wet))]


def test_three_thousand_acres_on_a_shore_are_92_percent_usable(package, config):
    """The lake is cut out of the parcel by its outline, and named; no lake cell costs the whole."""
    campus, field = parcel_of(shore_parcel(package))
    ((share, note),) = usable([campus], field, free(field), FakeStack(open_water_pct=40.0), package, config)
    assert share == pytest.approx(92.0, abs=1.0)
    assert note.startswith("92 % usable: water 8 %")


def test_causes_are_named_largest_first_and_what_is_cleared_is_not(package, config):
    """Plants and lines take their parts one after the other."""
    square = shapely.box(*from_lonlat(-99.9, 36.1), *(v + 2000.0 for v in from_lonlat(-99.9, 36.1)))
    stack = FakeStack(taken_plants_pct=20.0, taken_lines_pct=10.0)
    (campus, field), (cleared, _) = parcel_of(square), parcel_of(square, ("plants",))
    whole, without = usable([campus, cleared], field, free(field), stack, package, config)
    assert whole.usable_pct == pytest.approx(72.0, abs=0.5)
    assert "power plants 20 %; transmission lines 10 %" in whole.usable_note
    assert without.usable_pct == pytest.approx(90.0, abs=0.5)
    assert "power plants" not in without.usable_note


def test_a_gate_takes_its_cells(package, config):
    """A quarter of the land is too steep; the words give the reason of the gate."""
    square = shapely.box(
        *(GRID.west + 2_000_000.0, GRID.north - 1_500_000.0), *(GRID.west + 2_002_000.0, GRID.north - 1_498_000.0)
    )
    campus, field = parcel_of(square)
    gates = tuple(active_gates(config))
    excluded = free(field, *gates)
    excluded.bits[0] = 1 << gates.index("steep")
    ((share, note),) = usable([campus], field, excluded, FakeStack(), package, config)
    assert share == pytest.approx(75.0, abs=0.5)
    assert config.exclusions["steep"].reason in note


@pytest.mark.parametrize(("built", "said"), [(0.0, False), (BUILT_PCT - 1, False), (44.0, True)])
def test_built_up_land_around_is_never_passed_over(package, config, built, said):
    """A steel mill has no register: the note says that what stands there is not known."""
    x, y = from_lonlat(-99.9, 36.1)
    campus, field = parcel_of(shapely.box(x, y, x + 2000.0, y + 2000.0))
    ((_, note),) = usable([campus], field, free(field), FakeStack(urban_pct=built), package, config)
    assert ("built-up" in note) == said
    assert set(LAYERS) == {"open_water_pct", "urban_pct"}
    assert LAKES in FILES


def test_cells_around_a_point_lose_what_the_layer_says(package, config):
    """No polygon, no outline to cut: the share of the cells counts."""
    campus, field = parcel_of(shapely.box(0.0, 1_000_000.0, 2000.0, 1_002_000.0))
    grown = Campus(campus.cells, np.ones(campus.cells.size), 1.0)
    ((share, _),) = usable([grown], field, free(field), FakeStack(open_water_pct=25.0), package, config)
    assert share == pytest.approx(75.0)


def test_a_neighbour_touched_by_millimetres_is_not_the_land(default_path):
    """An outline that comes back from degrees: the cells it was made of, each whole, and no gate of the next cell."""
    config = load_config(default_path, {"candidates.acres_per_mw": "0.2"}).config
    row, col = 1500, 2500
    x, y = GRID.centre(np.array(row), np.array(col))
    drawn = shapely.box(x - 500.04, y - 499.97, x + 500.04, y + 500.03)
    cells = np.arange(GRID.height * GRID.width, dtype=np.int32)
    score = np.full(cells.size, np.nan, np.float32)
    score[row * GRID.width + col] = 70.0
    field = Field.of(Land(GRID, cells), score, np.full(cells.size, 100.0, np.float32))
    campus = campus_of(UserSite("A", "here", drawn, drawn), field, config)
    assert campus.cells.tolist() == [row * GRID.width + col]
    assert campus.share.tolist() == [1.0]
    assert campus.excluded.size == 0
