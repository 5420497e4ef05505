"""Log-odds over the whole country and the domain of the model, against the plain formulas."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.errors import DataError
from sitefinder.layers.files import MODEL_FILE
from sitefinder.layers.stack import open_stack
from sitefinder.ml import predict
from sitefinder.ml.dataset import features_at
from sitefinder.ml.features import FEATURES
from sitefinder.ml.learned import layers_of_model
from sitefinder.ml.predict import FADE, Domain, dissimilarity_everywhere, log_odds_everywhere
from sitefinder.ml.store import load
from sitefinder.ml.trees import Trees
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


N_FEATURES = len(FEATURES)
#: rounding of 32-bit sums of some hundred trees
TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def stack(package, tiny_config, tmp_path_factory):
    """Layers of the model on the coarsest grid."""
    return open_stack(package, tiny_config, layers_of_model(), cache_folder=warm(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def stored(package):
    """The shipped model."""
    return load(package.root / MODEL_FILE)


@pytest.fixture(scope="module")
def everywhere(stored, stack):
    """Log-odds of all land by the kernel."""
    return log_odds_everywhere(stored.model, stack)


def test_kernel_agrees_with_the_model(stored, stack, everywhere):
    """Every real cell to the rounding of 32-bit numbers."""
    exact = stored.model.log_odds(features_at(stack, np.arange(stack.land.size)))
    assert everywhere.dtype == np.float32
    assert np.abs(everywhere - exact).max() < TOLERANCE


def test_contributions_add_up_to_the_log_odds_of_the_shipped_model(stored, stack):
    """Base and contributions to 1e-6 on land all over the country, gaps of the layers among it."""
    x = features_at(stack, np.arange(0, stack.land.size, 7))
    parts = stored.model.contributions(x)
    np.testing.assert_allclose(stored.model.base + parts.sum(axis=1), stored.model.log_odds(x), atol=1e-6)


class OneLayer:
    """A stack in which one layer varies and all others are unknown."""

    def __init__(self, layer, values):
        self.layer, self.varying = layer, np.array(values, np.float32)
        self.land = type("Land", (), {"size": len(values)})()
        self.records = {f.layer: {} for f in FEATURES}

    def values(self, layer_id):
        """Values of one layer."""
        return self.varying if layer_id == self.layer else np.full(self.land.size, np.nan, np.float32)

    def has_unknown(self, layer_id):
        """All but one layer are unknown; that one holds a gap too."""
        return True


@pytest.mark.parametrize("layer", [f.layer for f in FEATURES])
def test_one_varying_layer_moves_the_odds_as_in_the_model(stored, layer):
    """Unknown layers go both ways by the share of the land; values around every threshold go as the model says."""
    j = layers_of_model().index(layer)
    at = np.unique(stored.model.at[(stored.model.split == j) & np.isfinite(stored.model.at)])
    values = np.concatenate([[np.nan, -1e6, 1e6], at, np.nextafter(at, np.float32(np.inf))]).astype(np.float32)
    x = np.full((len(values), N_FEATURES), np.nan)
    x[:, j] = values
    np.testing.assert_allclose(
        log_odds_everywhere(stored.model, OneLayer(layer, values)), stored.model.log_odds(x), atol=TOLERANCE
    )


@pytest.mark.parametrize(("chunk", "threads"), [(1, 1), (997, 1), (997, 2), (10**7, 2)])
def test_chunks_and_threads_change_nothing(stored, stack, everywhere, monkeypatch, chunk, threads):
    """Bit for bit the same, however the cells are shared out."""
    if chunk == 1:
        stack = OneLayer("river_km", np.linspace(0, 99, 50))
        everywhere = log_odds_everywhere(stored.model, stack)
    monkeypatch.setattr(predict, "CHUNK", chunk)
    monkeypatch.setattr(predict, "THREADS", threads)
    np.testing.assert_array_equal(log_odds_everywhere(stored.model, stack), everywhere)


def test_a_stack_without_a_needed_layer_is_refused(stored):
    """The layer is named before anything is computed."""
    stack = OneLayer("river_km", [1.0])
    del stack.records["gas_any_km"]
    with pytest.raises(DataError, match="lacks 'gas_any_km', which the learned model needs"):
        log_odds_everywhere(stored.model, stack)


def test_layer_values_of_an_anchor_come_back():
    """In their own units, with and without logarithm; unknown and unimportant layers are unknown."""
    rng = np.random.default_rng(1)
    scale = rng.uniform(0.5, 2.0, N_FEATURES)
    scale[3] = 0.0
    domain = Domain(np.zeros((1, N_FEATURES)), rng.uniform(1.0, 2.0, N_FEATURES), scale, 1.0, 1.0)
    x = rng.uniform(0.1, 50.0, (1, N_FEATURES))
    x[0, 5] = np.nan
    (anchor,) = domain.place(x)
    predicted = [domain.layer_value(anchor, j) for j in range(N_FEATURES)]
    expected = x[0].copy()
    expected[3] = np.nan
    np.testing.assert_allclose(predicted, expected)


def plain(anchors, threshold=1.0):
    """A domain whose space is that of the transformed features."""
    return Domain(np.asarray(anchors, float), np.zeros(N_FEATURES), np.ones(N_FEATURES), 2.0, threshold)


def test_index_is_the_distance_to_the_nearest_anchor():
    """In mean distances, over more rows than one chunk holds."""
    rng = np.random.default_rng(0)
    domain = plain(rng.normal(size=(7, N_FEATURES)))
    x = rng.uniform(0.0, 3.0, (5000, N_FEATURES))
    t = np.column_stack([f.transform(x[:, j]) for j, f in enumerate(FEATURES)])
    exact = np.linalg.norm(t[:, None] - domain.anchors[None], axis=2).min(axis=1) / 2.0
    np.testing.assert_allclose(domain.index(x), exact, atol=1e-9)


def test_unknown_value_sits_at_the_centre():
    """An unknown feature is at distance zero from the mean, not infinitely far."""
    domain = Domain(np.zeros((1, N_FEATURES)), np.full(N_FEATURES, 3.0), np.ones(N_FEATURES), 1.0, 1.0)
    assert domain.index(np.full((1, N_FEATURES), np.nan)) == [0.0]


def test_share_is_full_to_the_threshold_and_fades_over_a_quarter():
    """1 up to the threshold, one half halfway through the fade, 0 from its end."""
    domain = plain(np.zeros((1, N_FEATURES)), threshold=4.0)
    index = np.array([0.0, 4.0, 4.0 * (1 + FADE / 2), 4.0 * (1 + FADE), 1e9])
    np.testing.assert_allclose(domain.share(index), [1.0, 1.0, 0.5, 0.0, 0.0], atol=1e-12)


def test_index_everywhere_equals_the_index_of_each_cell(stored, stack):
    """Cells larger than the spacing are computed one by one."""
    index = np.arange(0, stack.land.size, 50)
    predicted = dissimilarity_everywhere(stored.domain, stack)
    assert predicted.shape == (stack.land.size,)
    np.testing.assert_allclose(predicted[index], stored.domain.index(features_at(stack, index)), rtol=1e-4, atol=1e-5)


def test_thinned_index_is_that_of_a_cell_of_the_same_square(stored, stack, monkeypatch):
    """With a spacing of two cells, cells of one square of two by two share the index of its first cell."""
    exact = dissimilarity_everywhere(stored.domain, stack)
    monkeypatch.setattr(predict, "DOMAIN_SPACING_M", 2 * stack.land.grid.resolution_m)
    thinned = dissimilarity_everywhere(stored.domain, stack)
    rows, cols = stack.land.rows_cols(np.arange(stack.land.size))
    firsts: dict[tuple[int, int], int] = {}
    for i, square in enumerate(zip((rows // 2).tolist(), (cols // 2).tolist(), strict=True)):
        firsts.setdefault(square, i)
        assert thinned[i] == pytest.approx(exact[firsts[square]], rel=1e-4, abs=1e-5)


def test_most_free_land_of_the_country_is_known_ground(stored, stack):
    """The shipped domain neither silences the model everywhere nor lets it speak everywhere."""
    share = stored.domain.share(dissimilarity_everywhere(stored.domain, stack))
    assert 0.3 < share.mean() < 0.999


def test_shipped_model_prefers_land_like_that_of_campuses(package, stored, stack, everywhere):
    """Cells of large campuses lie on average in the upper fifth of all land."""
    from sitefinder.ml.dataset import read_presences

    presences = read_presences(package, stack)
    large = everywhere[presences.index[presences.large]]
    assert (np.searchsorted(np.sort(everywhere), large) / everywhere.size).mean() > 0.8


def test_flat_model_is_its_intercept():
    """Ends of value zero leave the intercept."""
    ends = (np.zeros((1, 3), np.int32), np.ones((1, 3), np.float32), np.zeros((1, 4)), np.ones((1, 3)))
    model = Trees(FEATURES, *ends, -2.0)
    np.testing.assert_array_equal(log_odds_everywhere(model, OneLayer("river_km", [1.0, 5.0])), [-2.0, -2.0])
