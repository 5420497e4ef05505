"""Stack to scores: the value matrix and its cache, the country's scores, and the profile that explains them."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.errors import OutputError
from sitefinder.grid import Grid, Land
from sitefinder.kernels.score import UNKNOWN
from sitefinder.scoring.score import profile, score_cells, value_matrix, valued_and_scored

TEXT = """\
weights: {gas: 0.6, water: 0.2, hazard: 0.2, climate: 0}
criteria:
  gas:
    gas_interstate_km: {weight: 3, unit: km, table: [[2, 1], [8, 0.8], [60, 0]]}
    gas_any_km: {weight: 1, unit: km, ramp: {best: 2, worst: 30}}
  water:
    river_km: {weight: 2, unit: km, logistic: {midpoint: 20, ninety: 5}}
  hazard:
    flood_rank: {weight: 1, unit: percentile, trapezoid: [0, 10, 20, 90]}
  climate:
    design_wetbulb_c: {weight: 1, unit: C, ramp: {best: 18, worst: 27}}
exclusions: {}
"""
IDS = ("gas_interstate_km", "gas_any_km", "river_km", "flood_rank", "design_wetbulb_c")
N_LAND = 6000


class FakeStack:
    """Random layers in memory; rivers are unknown in every seventh cell."""

    def __init__(self, folder):
        rng = np.random.default_rng(0)
        self.folder = folder
        self.land = Land(Grid(5000.0), np.arange(N_LAND, dtype=np.int32))
        self.layers = {k: rng.uniform(-5, 100, N_LAND).astype(np.float32) for k in IDS}
        self.layers["river_km"][::7] = np.nan
        self.records = {k: {"stem": f"{k}-0"} for k in IDS}
        self.reads = 0

    def values(self, layer_id):
        """Values of one layer; counts how often it was asked."""
        self.reads += 1
        return self.layers[layer_id]

    def at(self, layer_id, index):
        """Values of one layer at some places."""
        return self.layers[layer_id][index]

    def has_unknown(self, layer_id):
        """True where some value lacks."""
        return bool(np.isnan(self.layers[layer_id]).any())


@pytest.fixture
def stack(tmp_path):
    """A stack with an empty cache."""
    return FakeStack(tmp_path)


def config_of(folder, **settings):
    """The configuration above with overrides; double underscores stand for dots."""
    path = folder / "my.yaml"
    path.write_text(TEXT)
    return load_config(path, {k.replace("__", "."): v for k, v in settings.items()}).config


@pytest.fixture
def config(tmp_path):
    """The configuration above."""
    return config_of(tmp_path)


FREE = np.zeros(N_LAND, np.uint32)


def test_matrix_has_a_row_per_criterion(stack, config):
    """Rows follow the reporting order; only the row with gaps is marked incomplete."""
    matrix = value_matrix(stack, config)
    assert matrix.ids == IDS
    assert matrix.values.shape == (5, N_LAND)
    assert matrix.values.dtype == np.uint16
    assert matrix.incomplete.tolist() == [False, False, True, False, False]


def test_matrix_marks_unknown(stack, config):
    """Unknown is a step of its own, nowhere else used."""
    values = value_matrix(stack, config).values
    np.testing.assert_array_equal(values == UNKNOWN, np.isnan(np.array([stack.layers[k] for k in IDS])))


def test_matrix_is_cached(stack, config):
    """The second call reads no layer and gives the same values."""
    first = value_matrix(stack, config).values.copy()
    stack.reads = 0
    np.testing.assert_array_equal(value_matrix(stack, config).values, first)
    assert stack.reads == 0


def test_another_weight_needs_no_new_matrix(stack, tmp_path, config):
    """Weights are not part of the cache: changing them costs one weighted sum."""
    value_matrix(stack, config)
    stack.reads = 0
    other = config_of(tmp_path, weights__gas="0.1", criteria__gas__gas_any_km__weight="9")
    value_matrix(stack, other)
    assert stack.reads == 0


@pytest.mark.parametrize(
    "settings",
    [{"criteria__gas__gas_any_km__ramp": "{best: 3, worst: 30}"}, {"criteria__hazard__flood_rank__trapezoid": "[0, 1, 2, 9]"}],
)
def test_another_breakpoint_makes_a_new_matrix(stack, tmp_path, config, settings):
    """A value function that changed is never served from the cache."""
    before = value_matrix(stack, config).values.copy()
    assert (value_matrix(stack, config_of(tmp_path, **settings)).values != before).any()


def test_rebuilt_layer_makes_a_new_matrix(stack, config):
    """A layer with another fingerprint is valued afresh."""
    before = value_matrix(stack, config).values.copy()
    stack.records["gas_any_km"] = {"stem": "gas_any_km-1"}
    stack.layers["gas_any_km"] = np.full(N_LAND, 2, np.float32)
    assert (value_matrix(stack, config).values != before).any()


def test_failed_cache_leaves_nothing_behind(stack, config, monkeypatch):
    """If a layer cannot be read half way, no half matrix is taken for a whole one."""

    def failing(layer_id):
        if layer_id == "river_km":
            raise OSError(5, "Input/output error")
        return stack.layers[layer_id]

    monkeypatch.setattr(stack, "values", failing)
    with pytest.raises(OutputError, match=r"Cannot write the cache .*values-.*--cache"):
        value_matrix(stack, config)
    assert [p.name for p in stack.folder.iterdir() if p.name != "my.yaml"] == []


def test_scores_of_the_country_equal_the_profile(stack, config):
    """The compiled score and the explained one differ by less than 0.005 of 100 points."""
    scores = score_cells(value_matrix(stack, config), config, FREE)
    np.testing.assert_allclose(scores, profile(stack, config, np.arange(N_LAND)).score, atol=0.005)


def test_scores_read_piece_by_piece_are_the_same(stack, config):
    """To the last bit, from an empty cache, from a full one, and from one that was damaged."""
    _, first = valued_and_scored(stack, config)
    np.testing.assert_array_equal(first, score_cells(value_matrix(stack, config), config))
    np.testing.assert_array_equal(valued_and_scored(stack, config)[1], first)
    (path,) = stack.folder.glob("values-*.npy")
    content = bytearray(path.read_bytes())
    content[1000:1100] = bytes(100)
    path.write_bytes(content)
    np.testing.assert_array_equal(valued_and_scored(stack, config)[1], first)


def test_excluded_cells_have_no_score(stack, config):
    """Bits take the score away, and only there."""
    bits = np.where(np.arange(N_LAND) % 3 == 0, 4, 0).astype(np.uint32)
    scores = score_cells(value_matrix(stack, config), config, bits)
    np.testing.assert_array_equal(np.isnan(scores), bits != 0)


def test_scaling_all_weights_changes_no_score(stack, tmp_path, config):
    """Weights are relative: twice everything is the same."""
    doubled = config_of(tmp_path, weights="{gas: 1.2, water: 0.4, hazard: 0.4, climate: 0}")
    before = score_cells(value_matrix(stack, config), config, FREE)
    np.testing.assert_allclose(score_cells(value_matrix(stack, doubled), doubled, FREE), before, atol=1e-4)


def test_family_of_weight_zero_does_not_count(stack, tmp_path, config):
    """Climate has no weight here: its layer may be anything."""
    before = profile(stack, config, np.arange(50)).score
    stack.layers["design_wetbulb_c"][:] = 20
    np.testing.assert_array_equal(profile(stack, config, np.arange(50)).score, before)


def test_points_add_up_to_the_score(stack, config):
    """Contributions are the score, and none exceeds its criterion's weight."""
    made_of = profile(stack, config, np.arange(100))
    np.testing.assert_allclose(made_of.points.sum(axis=0), made_of.score)
    assert (made_of.points <= 100 * made_of.weights[:, None] + 1e-9).all()
    assert (made_of.points >= 0).all()


def test_profile_keeps_layer_values_in_their_unit(stack, config):
    """The explanation shows the layer's own numbers at the places asked for."""
    index = np.array([5, 17, 3000])
    made_of = profile(stack, config, index)
    np.testing.assert_array_equal(made_of.layers[0], stack.layers["gas_interstate_km"][index])


def test_unknown_points_are_the_weight_of_what_is_unknown(stack, config):
    """Rivers carry a fifth of the score: 20 points where they are unknown, none elsewhere."""
    made_of = profile(stack, config, np.array([0, 1, 7]))
    np.testing.assert_allclose(made_of.unknown_points, [20, 0, 20])


def test_unknown_criterion_earns_nothing(stack, config):
    """Where the river is unknown it adds no point."""
    made_of = profile(stack, config, np.array([0]))
    assert made_of.points[IDS.index("river_km"), 0] == 0.0


def test_family_score_is_the_mean_within_the_family(stack, config):
    """Three to one between the two gas criteria."""
    made_of = profile(stack, config, np.arange(20))
    np.testing.assert_allclose(made_of.family_score("gas"), 75 * made_of.values[0] + 25 * made_of.values[1])


@pytest.mark.parametrize("family", ["climate", "fiber"])
def test_family_that_does_not_count_has_no_score(stack, config, family):
    """Weight 0 or no criteria: not a number rather than 0."""
    assert np.isnan(profile(stack, config, np.arange(4)).family_score(family)).all()
