"""What must not change the result: order, blocks, a layer in two halves, a far cell, the origin of the grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sitefinder.config import Config, load_config
from sitefinder.grid import Grid
from sitefinder.kernels import score as score_kernel
from sitefinder.layers import REGISTRY, zones
from sitefinder.layers import stack as stack_module
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.ml import predict
from sitefinder.ml.store import load
from sitefinder.pipeline.stages import BUILDABLE, layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import ValueMatrix, profile, score_cells, value_matrix
from sitefinder.sites.campuses import Field, growth, national_campuses
from sitefinder.sites.shape import shapes
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack

DEFAULT = ROOT / "config" / "default.yaml"
#: points of 100 by which two sums of the same numbers in 32 bits may differ
ROUNDING = 1e-4


@dataclass(frozen=True)
class Country:
    """The shipped configuration on cells of 25 km."""

    config: Config
    stack: LayerStack
    matrix: ValueMatrix
    bits: np.ndarray

    def field(self, score: np.ndarray) -> Field:
        """Scores and buildable land as rasters."""
        return Field.of(self.stack.land, score, self.stack.values(BUILDABLE))


@pytest.fixture(scope="module")
def country(tmp_path_factory, package) -> Country:
    """Campuses of several cells, a short list of them."""
    asked = {"grid.resolution_m": "25000", "candidates.acres": "100000", "candidates.count": "40", "candidates.spacing_km": "80"}
    file = load_config(DEFAULT, asked)
    cache = warm(tmp_path_factory.mktemp("metamorphic"))
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=cache)
    return Country(file.config, stack, value_matrix(stack, file.config), exclude(stack, file.config).bits)


def backwards(config: Config) -> Config:
    """The same criteria and gates, the last ones first."""
    criteria = {f: dict(reversed(list(c.items()))) for f, c in reversed(list(config.criteria.items()))}
    weights = dict(reversed(list(config.weights.items())))
    gates = dict(reversed(list(config.exclusions.items())))
    return config.model_copy(update={"criteria": criteria, "exclusions": gates, "weights": weights})


def test_the_order_of_layers_changes_no_score(country):
    """Sums of the same products: of single cells to the last digits, of all cells to the rounding of 32 bits."""
    other = backwards(country.config)
    assert list(other.flat_criteria()) != list(country.config.flat_criteria())
    score = score_cells(value_matrix(country.stack, other), other, country.bits)
    np.testing.assert_allclose(score, score_cells(country.matrix, country.config, country.bits), atol=ROUNDING, rtol=0)
    some = np.arange(0, country.stack.land.size, 50)
    a, b = (profile(country.stack, c, some).score for c in (country.config, other))
    np.testing.assert_allclose(a, b, atol=1e-10, rtol=0)


def test_the_order_of_gates_changes_no_reason(country):
    """Bits move with the names; the cells that are free are the same."""
    ahead, behind = exclude(country.stack, country.config), exclude(country.stack, backwards(country.config))
    assert behind.names == ahead.names[::-1]
    np.testing.assert_array_equal(ahead.bits == 0, behind.bits == 0)
    for i in range(0, ahead.bits.size, 97):
        assert set(ahead.reasons(int(ahead.bits[i]))) == set(behind.reasons(int(behind.bits[i])))


@pytest.mark.parametrize("size", [1, 7, 4096, 10_000_000])
def test_the_size_of_blocks_changes_no_bit_of_a_score(country, monkeypatch, size):
    """Down to blocks of one cell."""
    few = slice(0, 1500)
    matrix = replace(country.matrix, values=np.ascontiguousarray(country.matrix.values[:, few]))
    before = score_cells(matrix, country.config, country.bits[few])
    monkeypatch.setattr(score_kernel, "BLOCK", size)
    np.testing.assert_array_equal(score_cells(matrix, country.config, country.bits[few]), before)


@pytest.mark.parametrize("size", [100, 1_000_000])
def test_the_size_of_chunks_changes_no_bit_of_the_learned_score(country, monkeypatch, size):
    """Of the log-odds of every cell."""
    model = load(DATA / "model" / "suitability.json").model
    before = predict.log_odds_everywhere(model, country.stack)
    monkeypatch.setattr(predict, "CHUNK", size)
    np.testing.assert_array_equal(predict.log_odds_everywhere(model, country.stack), before)


def test_the_size_of_blocks_changes_no_shape_of_a_campus(country, monkeypatch):
    """Windows looked at one by one give the same room as all at once."""
    field = country.field(score_cells(country.matrix, country.config, country.bits))
    campuses = national_campuses(field, country.config)
    before = shapes(campuses, field, country.config)
    monkeypatch.setattr("sitefinder.sites.shape.BLOCK_CELLS", 1)
    assert shapes(campuses, field, country.config) == before


def test_a_layer_twice_at_half_its_weight_changes_no_score(country):
    """One criterion in two halves is the criterion."""
    family, (layer, *_) = "gas", list(country.config.criteria["gas"])
    half = country.config.criteria[family][layer]
    half = half.model_copy(update={"weight": half.weight / 2.0})
    other = next(k for k in REGISTRY if k not in country.config.flat_criteria())  # a name for the second half alone
    members = dict(country.config.criteria[family]) | {layer: half, other: half}
    config = country.config.model_copy(update={"criteria": dict(country.config.criteria) | {family: members}})
    assert config.criterion_weights()[other] == pytest.approx(country.config.criterion_weights()[layer] / 2.0)
    rows = [country.matrix.ids.index(layer if k == other else k) for k in config.flat_criteria()]
    matrix = ValueMatrix(tuple(config.flat_criteria()), country.matrix.values[rows], country.matrix.incomplete[rows])
    before = score_cells(country.matrix, country.config, country.bits)
    np.testing.assert_allclose(score_cells(matrix, config, country.bits), before, atol=ROUNDING, rtol=0)


def test_an_excluded_cell_far_from_all_campuses_changes_nothing_else(country):
    """Scores do not depend on what other cells score, and a campus only on land that it may reach."""
    score = score_cells(country.matrix, country.config, country.bits)
    campuses = national_campuses(country.field(score), country.config)
    land, (_, reach, _) = country.stack.land, growth(country.config, country.stack.land)
    rows, cols = land.rows_cols(np.arange(land.size))
    near = np.zeros(land.size, bool)
    for campus in campuses:
        row, col = divmod(int(campus.cells[0]), land.grid.width)
        near |= (np.abs(rows - row) <= reach) & (np.abs(cols - col) <= reach)
    lowest = np.nanquantile(score, 0.5)
    far = np.flatnonzero(~near & (score < lowest))
    assert far.size > 500
    bits = country.bits.copy()
    bits[far[::3]] = 1
    changed = score_cells(country.matrix, country.config, bits)
    assert np.isnan(changed[far[::3]]).all()
    kept = np.setdiff1d(np.arange(land.size), far[::3])
    np.testing.assert_array_equal(changed[kept], score[kept])
    again = national_campuses(country.field(changed), country.config)
    assert [c.cells.tolist() for c in again] == [c.cells.tolist() for c in campuses]
    assert len(campuses) == 40


@dataclass(frozen=True)
class Shifted(Grid):
    """The grid with its origin one cell farther west and two farther north: the same cells under other numbers."""

    @property
    def west(self) -> float:
        return super().west - self.resolution_m

    @property
    def north(self) -> float:
        return super().north + 2.0 * self.resolution_m

    @property
    def width(self) -> int:
        return super().width + 1

    @property
    def height(self) -> int:
        return super().height + 2


#: layers of each kind: distances to lines and points, sums within a distance, rasters, shares of cells, zones
SHIFTED = ("line_345_km", "substation_345_km", "river_km", "generation_50km_mw", "slope_pct", "buildable_pct", "flood_rank")


def test_another_origin_of_the_grid_changes_no_layer_and_no_campus(package, tmp_path, monkeypatch):
    """The same places have the same values and make the same campuses, whatever their rows and columns are."""
    file = load_config(DEFAULT, {"grid.resolution_m": "25000", "candidates.acres": "100000", "candidates.count": "40"})
    plain = open_stack(package, file, SHIFTED, cache_folder=warm(tmp_path / "plain"))
    for module in (zones, stack_module):
        monkeypatch.setattr(module, "Grid", Shifted)
    shifted = open_stack(package, file, SHIFTED, cache_folder=tmp_path / "shifted")
    assert isinstance(shifted.land.grid, Shifted)
    places = [np.stack(s.land.grid.centre(*s.land.rows_cols(np.arange(s.land.size))), axis=1) for s in (plain, shifted)]
    np.testing.assert_array_equal(*places)
    for layer in SHIFTED:
        np.testing.assert_allclose(shifted.values(layer), plain.values(layer), rtol=1e-5, atol=1e-4, err_msg=layer)
    score = np.round(plain.values("line_345_km") * -0.1 + plain.values("slope_pct"), 4)
    lists = []
    for stack in (plain, shifted):
        field = Field.of(stack.land, score, np.round(plain.values(BUILDABLE), 3))
        lists.append([stack.land.index_of(c.cells).tolist() for c in national_campuses(field, file.config)])
    assert lists[0] == lists[1]
    assert len(lists[0]) == 40
    assert max(map(len, lists[0])) > 2
