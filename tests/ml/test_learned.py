"""Weighted and learned score fused, and the cache of the learned score."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from sitefinder.cache import store
from sitefinder.errors import DataError, OutputError
from sitefinder.layers import REGISTRY
from sitefinder.layers.files import MODEL_FILE
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.ml import predict
from sitefinder.ml.dataset import features_at
from sitefinder.ml.learned import REASONS, Learned, fuse, layers_of_model, learn, learned_reasons, nearest_analogues
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


N = 50


@pytest.fixture(scope="module")
def stack(package, tiny_config, tmp_path_factory):
    """Layers of the model on the coarsest grid."""
    return open_stack(package, tiny_config, layers_of_model(), cache_folder=warm(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def data(tmp_path_factory, package):
    """A data folder that holds nothing but a copy of the shipped model."""
    folder = tmp_path_factory.mktemp("data")
    (folder / MODEL_FILE).parent.mkdir()
    shutil.copy(package.root / MODEL_FILE, folder / MODEL_FILE)
    return folder


@pytest.fixture(scope="module")
def learned(stack, data):
    """The learned score of the shipped model."""
    return learn(stack, data)


def scores(seed=0):
    """Weighted scores and a learned score of few cells, the first of them excluded."""
    rng = np.random.default_rng(seed)
    weighted = rng.uniform(0.0, 100.0, N).astype(np.float32)
    weighted[:10] = np.nan
    learned, applicability = rng.uniform(0.0, 100.0, N), rng.uniform(0.0, 1.0, N)
    return weighted, Learned(None, learned.astype(np.float32), applicability.astype(np.float32))


def test_share_of_zero_leaves_the_weighted_score():
    """Without a share the learned score has no say, to the bit."""
    weighted, learned = scores()
    np.testing.assert_array_equal(fuse(weighted, learned, 0.0), weighted)


def test_where_the_model_does_not_apply_it_lifts_nothing_and_still_lowers():
    """Applicability zero: the lower of the weighted and the fully fused score, to the bit, whatever the share."""
    weighted, learned = scores()
    silent = Learned(None, learned.score, np.zeros(N, np.float32))
    sure = Learned(None, learned.score, np.ones(N, np.float32))
    for share in (0.3, 0.7, 1.0):
        np.testing.assert_array_equal(
            fuse(weighted, silent, share), np.where(learned.score < weighted, fuse(weighted, sure, share), weighted)
        )


def test_strange_ground_is_no_advantage():
    """A place never scores more for being unlike all campuses, nor less for a higher weighted score."""
    weighted, learned = scores()
    sure = Learned(None, learned.score, np.ones(N, np.float32))
    assert (fuse(weighted, learned, 0.7)[10:] <= np.maximum(fuse(weighted, sure, 0.7), weighted)[10:] + 1e-4).all()
    low = learned.score < weighted
    np.testing.assert_array_equal(fuse(weighted, learned, 0.7)[low], fuse(weighted, sure, 0.7)[low])
    ramp = np.linspace(0.0, 100.0, 1001, dtype=np.float32)
    same = Learned(None, np.full(1001, 60.0, np.float32), np.full(1001, 0.2, np.float32))
    assert (np.diff(fuse(ramp, same, 0.7)) > 0).all()


def test_full_share_on_known_ground_is_the_learned_score():
    """Share 1 and applicability 1: nothing of the weighted score is left on free land."""
    weighted, learned = scores()
    sure = Learned(None, learned.score, np.ones(N, np.float32))
    np.testing.assert_array_equal(fuse(weighted, sure, 1.0)[10:], learned.score[10:])


def test_excluded_cell_is_never_rescued():
    """NaN stays NaN, even with full share on known ground and a perfect learned score."""
    weighted = scores()[0]
    perfect = Learned(None, np.full(N, 100.0, np.float32), np.ones(N, np.float32))
    for share in (0.0, 0.3, 1.0):
        np.testing.assert_array_equal(np.isnan(fuse(weighted, perfect, share)), np.isnan(weighted))


def test_fusion_is_the_mean_in_proportion_to_share_and_applicability():
    """Share 0.5 on ground of applicability 0.4 gives the learned score a fifth."""
    learned = Learned(None, np.array([90.0], np.float32), np.array([0.4], np.float32))
    assert fuse(np.array([40.0], np.float32), learned, 0.5)[0] == pytest.approx(0.8 * 40.0 + 0.2 * 90.0)


def test_fused_score_lies_between_its_parts():
    """Never above both nor below both."""
    weighted, learned = scores()
    fused = fuse(weighted, learned, 0.7)[10:]
    low, high = np.minimum(weighted, learned.score)[10:], np.maximum(weighted, learned.score)[10:]
    assert (fused >= low - 1e-4).all()
    assert (fused <= high + 1e-4).all()
    assert fuse(weighted, learned, 0.7).dtype == np.float32


def test_layers_of_the_model_are_registered_once_each():
    """Every layer exists and none is asked for twice."""
    names = layers_of_model()
    assert set(names) <= set(REGISTRY)
    assert len(names) == len(set(names))


def test_learned_score_lies_on_the_scale_of_scores(learned, stack):
    """0 to 100 for every land cell, known everywhere."""
    assert learned.score.shape == learned.applicability.shape == (stack.land.size,)
    assert 0.0 <= learned.score.min() < learned.score.max() <= 100.0
    assert 0.0 <= learned.applicability.min() < learned.applicability.max() <= 1.0


def test_second_call_reads_the_cache(learned, stack, data, monkeypatch):
    """The same arrays without computing, and one file only."""

    def forbidden(*arguments):
        raise AssertionError("computed again")

    monkeypatch.setattr(predict, "log_odds_everywhere", forbidden)
    again = learn(stack, data)
    np.testing.assert_array_equal(again.score, learned.score)
    np.testing.assert_array_equal(again.applicability, learned.applicability)
    assert again.key == learned.key
    assert [p.stem for p in stack.folder.glob("learned-*")] == [learned.key]


@pytest.fixture
def few(stack, tmp_path, monkeypatch):
    """A stack with a cache folder of its own, and quick stand-ins for the computation."""
    monkeypatch.setattr(predict, "log_odds_everywhere", lambda model, stack: np.zeros(3))
    monkeypatch.setattr(predict, "dissimilarity_everywhere", lambda domain, stack: np.zeros(3))
    return LayerStack(stack.land, stack.zones, stack.records, tmp_path)


def test_changed_layer_has_its_own_cache(few, data):
    """Another fingerprint of one layer is another file."""
    first = learn(few, data)
    records = few.records | {"river_km": {"stem": "river_km-other"}}
    second = learn(LayerStack(few.land, few.zones, records, few.folder), data)
    assert first.key != second.key
    assert len(list(few.folder.iterdir())) == 2


def test_failed_write_leaves_no_file(few, data, monkeypatch):
    """A full disk is told in one line with the remedy, and nothing half written stays."""

    def full(stream, array):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.np, "save", full)
    with pytest.raises(OutputError, match=r"Cannot write the cache .*No space left on device.*--cache"):
        learn(few, data)
    assert list(few.folder.iterdir()) == []


def test_a_stack_without_a_needed_layer_is_refused(few, data):
    """Before anything is computed or written, the layer is named."""
    records = {k: v for k, v in few.records.items() if k != "river_km"}
    with pytest.raises(DataError, match="lacks 'river_km', which the learned model needs"):
        learn(LayerStack(few.land, few.zones, records, few.folder), data)
    assert list(few.folder.iterdir()) == []


def test_missing_model_is_refused(few, tmp_path):
    """No model below the data folder: the file is named."""
    with pytest.raises(DataError, match=r"Missing model file .*suitability\.json"):
        learn(few, tmp_path / "nowhere")


def test_analogues_are_named_campuses(learned, stack):
    """One text per place, of a campus of the model, with the layer that differs most."""
    texts = nearest_analogues(learned, stack, [0, stack.land.size // 2])
    assert len(texts) == 2
    for text in texts:
        name, difference = text.split("; ")
        assert name.rsplit(" (", 1)[0] in learned.stored.analogues.name
        assert name.endswith(" MW)")
        assert any(f": {layer} " in difference for layer in layers_of_model())


def test_reasons_name_the_features_that_move_the_score_most(learned, stack):
    """The largest contributions of the model at that place, largest first, each with value and sign."""
    place = stack.land.size // 2
    parts = learned.stored.model.contributions(features_at(stack, np.array([place])))[0]
    (text,) = learned_reasons(learned, stack, [place])
    expected = [layers_of_model()[j] for j in np.argsort(-np.abs(parts))[:REASONS]]
    items = text.split("; ")
    assert [t.split()[0] for t in items] == expected
    for item, j in zip(items, np.argsort(-np.abs(parts))[:REASONS], strict=True):
        assert item.endswith(f"({parts[j]:+.1f})")


def test_reasons_come_one_text_per_place_in_order(learned, stack):
    """Two places, two texts; swapped places, swapped texts."""
    one, two = learned_reasons(learned, stack, [100, 9000])
    assert one != two
    assert learned_reasons(learned, stack, [9000, 100]) == [two, one]
