"""Campuses of Ohio once more: from the numbers of the layers to land, seeds, spacing, cells, order and outlines, by loops.

Read from the package are the numbers of the layers at the cells, and the configuration as plain data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.pipeline.stages import land_left, layers_needed
from sitefinder.scoring.exclusions import exclude, occupied
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Campus, Field, national_campuses
from sitefinder.sites.shape import footprints, shapes
from tests.helpers.paths import DATA, ROOT
from tests.helpers.plain_campuses import M2, Cell, PlainCampus, plain_acres, plain_campuses, plain_lonlat, plain_sides
from tests.helpers.plain_score import plain_gates, plain_score, shut
from tests.helpers.stacks import warm

pytestmark = pytest.mark.stack
OHIO = "39"
#: land of known campuses, closed plants and works for waste water, which buildable land leaves in
TAKEN = ("taken_campuses_pct", "taken_closed_plants_pct", "taken_wastewater_pct")
#: north-west corner of the grid, metres
WEST, NORTH = -2_362_000.0, 3_182_000.0
#: acres, kilometres between seeds, points per kilometre: campuses of several cells, more acres than a configuration may ask for
TERMS = ((250_000.0, 60.0, 1.0), (600_000.0, 80.0, 0.02), (400_000.0, 30.0, 4.0))


@dataclass(frozen=True)
class Ohio:
    """Campuses that the package makes of the cells of the state, and those of the reference."""

    tree: dict[str, Any]
    stack: LayerStack
    field: Field
    campuses: list[Campus]
    plain: list[PlainCampus]
    acres: dict[Cell, float]

    def cells(self, campus: Campus) -> list[Cell]:
        """Rows and columns of a campus."""
        return [divmod(int(cell), self.stack.land.grid.width) for cell in campus.cells]


@pytest.fixture(scope="module", params=TERMS, ids=str)
def ohio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ohio:
    """Cells of 25 km of the state alone: whatever lies beyond is no land."""
    acres, spacing, compactness = request.param
    file = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": "25000", "candidates.count": "9"})
    asked = {"acres": acres, "spacing_km": spacing, "compactness": compactness}
    config = file.config.model_copy(update={"candidates": file.config.candidates.model_copy(update=asked)})
    tree = config.model_dump(mode="json")
    stack = open_stack(DataPackage(DATA), file, layers_needed(config), cache_folder=warm(tmp_path_factory.mktemp("ohio")))
    inside = np.array([stack.zones.county_of(i)["fips"].startswith(OHIO) for i in range(stack.land.size)])
    score = score_cells(value_matrix(stack, config), config, exclude(stack, config).bits)
    field = Field.of(stack.land, np.where(inside, score, np.float32(np.nan)), land_left(stack)).without(occupied(stack, config))
    layers = {k: stack.values(k)[inside].astype(float).tolist() for k in layers_needed(config)}
    plain = _plain(tree, layers, [(int(r), int(c)) for r, c in zip(*stack.land.rows_cols(np.flatnonzero(inside)), strict=True)])
    return Ohio(tree, stack, field, national_campuses(field, config), *plain)


def _plain(
    tree: dict[str, Any], layers: dict[str, list[float]], cells: list[Cell]
) -> tuple[list[PlainCampus], dict[Cell, float]]:
    """The same by the reference: score and gates of each cell, then the campuses."""
    gates = {**plain_gates(tree, "place"), **plain_gates(tree, "footprint")}
    score, acres, cell_m = {}, {}, tree["grid"]["resolution_m"]
    for i, cell in enumerate(cells):
        here = {k: values[i] for k, values in layers.items()}
        acres[cell] = plain_acres(here["buildable_pct"], [here[k] for k in TAKEN], cell_m)
        if not any(shut(gate, here[gate["layer"]]) for gate in gates.values()):
            score[cell] = plain_score(tree, here)
    asked = tree["candidates"]
    terms = asked["acres"], cell_m, asked["spacing_km"], asked["compactness"]
    return plain_campuses(score, acres, terms, asked["count"]), acres


def test_campuses_are_those_of_the_reference(ohio: Ohio) -> None:
    """The same seeds with the same cells, in the same order."""
    assert len(ohio.plain) >= 6
    assert [ohio.cells(c)[0] for c in ohio.campuses] == [c.cells[0] for c in ohio.plain]
    assert [sorted(ohio.cells(c)) for c in ohio.campuses] == [sorted(c.cells) for c in ohio.plain]


def test_some_campuses_of_the_reference_have_several_cells(ohio: Ohio) -> None:
    """Else growth and shape would not be compared."""
    assert max(len(c.cells) for c in ohio.plain) >= 3
    assert max(c.acres for c in ohio.plain) >= ohio.tree["candidates"]["acres"]


def test_acres_and_mean_scores_are_those_of_the_reference(ohio: Ohio) -> None:
    """To a hundred-thousandth of the scale."""
    for campus, plain in zip(ohio.campuses, ohio.plain, strict=True):
        assert campus.acres == pytest.approx(plain.acres, rel=1e-5)
        assert ohio.field.mean_score(campus) == pytest.approx(plain.score, abs=1e-3)


def test_land_of_every_cell_is_that_of_the_reference(ohio: Ohio) -> None:
    """Whether a campus has it or not."""
    for cell, acres in ohio.acres.items():
        assert float(ohio.field.acres[cell]) == pytest.approx(acres, rel=1e-5, abs=1e-2)


def test_seeds_keep_the_spacing_and_cells_belong_to_one_campus(ohio: Ohio) -> None:
    """Measured on the list of the package."""
    cell_m, least_m = ohio.tree["grid"]["resolution_m"], ohio.tree["candidates"]["spacing_km"] * 1000.0
    seeds = [ohio.cells(c)[0] for c in ohio.campuses]
    assert all(math.dist(a, b) * cell_m >= least_m for i, a in enumerate(seeds) for b in seeds[:i])
    every = [cell for campus in ohio.campuses for cell in ohio.cells(campus)]
    assert len(every) == len(set(every))


def test_outlines_are_those_of_the_cells(ohio: Ohio) -> None:
    """Their corners are corners of the cells, by the formulas of the projection, and they hold the centres of these alone."""
    cell_m = ohio.tree["grid"]["resolution_m"]
    outlines = footprints([c.cells for c in ohio.campuses], ohio.stack.land.grid)
    for outline, plain in zip(outlines, ohio.plain, strict=True):
        corners = {
            tuple(round(v, 6) for v in plain_lonlat(WEST + (c + right) * cell_m, NORTH - (r + down) * cell_m))
            for r, c in plain.cells
            for right in (0, 1)
            for down in (0, 1)
        }
        for lon, lat in shapely.get_coordinates(outline):
            assert min(math.dist((lon, lat), corner) for corner in corners) < 3e-6
        around = {(r + dr, c + dc) for r, c in plain.cells for dr in (-1, 0, 1) for dc in (-1, 0, 1)}
        held = {
            (r, c)
            for r, c in around
            if shapely.contains_xy(outline, *plain_lonlat(WEST + (c + 0.5) * cell_m, NORTH - (r + 0.5) * cell_m))
        }
        assert held == set(plain.cells)


def test_compactness_is_that_of_the_cells(ohio: Ohio) -> None:
    """4 pi A / P^2 in cells and their sides."""
    for shape, plain in zip(shapes(ohio.campuses, ohio.field, load_config().config), ohio.plain, strict=True):
        assert shape.compactness == pytest.approx(4.0 * math.pi * len(plain.cells) / plain_sides(plain.cells) ** 2)


def test_an_acre_is_that_of_the_country() -> None:
    """4,046.8564224 square metres; a cell of 25 km has 154,441 of them."""
    assert pytest.approx(4046.8564224, rel=1e-12) == M2
    assert plain_acres(100.0, [], 25_000.0) == pytest.approx(154_440.9, abs=0.1)
    assert plain_acres(50.0, [50.0, 0.0], 25_000.0) == pytest.approx(154_440.9 / 4.0, abs=0.1)
