"""Training and its material on the coarsest grid: repeatable, gated, and never on the shipped file."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder import learning
from sitefinder.exclusions import exclude
from sitefinder.layers.sources import DataPackage
from sitefinder.learning import NAMED, material, train_model
from sitefinder.ml import dataset, train
from sitefinder.ml.store import load
from sitefinder.ranking import MODEL_FILE


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The cache folder that the tests of the learned score share."""
    return tmp_path_factory.getbasetemp() / "ml-cache"


@pytest.fixture(scope="module")
def data(package, tmp_path_factory):
    """The compiled data by links, with a model folder of its own."""
    folder = tmp_path_factory.mktemp("data")
    for path in package.root.iterdir():
        if path.name != "model":
            (folder / path.name).symlink_to(path, target_is_directory=path.is_dir())
    return folder


@pytest.fixture(scope="module")
def ready(tiny_config, data, cache):
    """What training and validation start from."""
    return material(tiny_config, data=data, cache=cache)


@pytest.fixture(scope="module")
def trained(tiny_config, data, cache):
    """Path and bytes of two trainings in a row, on a small background."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "BACKGROUND_SAMPLE", 900)
        patch.setattr(train, "BAG_SIZE", 300)
        path = train_model(tiny_config, data=data, cache=cache)
        first = path.read_bytes()
        path.unlink()
        return path, first, train_model(tiny_config, data=data, cache=cache).read_bytes()


def test_equal_seeds_give_equal_material(ready, tiny_config, data, cache):
    """Samples, features and scores are the same in the second run."""
    again = material(tiny_config, data=data, cache=cache)
    np.testing.assert_array_equal(again.everywhere, ready.everywhere)
    for one, two in ((again.land, ready.land), (again.background, ready.background), (again.presences, ready.presences)):
        for name in one.__dataclass_fields__:
            first, second = getattr(one, name), getattr(two, name)
            np.testing.assert_array_equal(*((a.astype(str) if a.dtype == object else a) for a in (first, second)))


def test_background_lies_on_free_land_only(ready, tiny_config):
    """The model is fitted against land that no gate excludes."""
    bits = exclude(ready.stack, tiny_config.config).bits
    assert (bits[ready.background.index] == 0).all()
    assert ready.background.free.all()


def test_land_sample_holds_excluded_land_too(ready, tiny_config):
    """Percentiles refer to all land, and the sample knows which of it is free."""
    bits = exclude(ready.stack, tiny_config.config).bits
    np.testing.assert_array_equal(ready.land.free, bits[ready.land.index] == 0)
    assert 0 < ready.land.free.sum() < len(ready.land.free)


def test_scores_of_the_material_are_before_gates(ready):
    """Excluded land has a weighted score here: a number from 0 to 100 everywhere."""
    assert np.isfinite(ready.everywhere).all()
    assert 0.0 <= ready.everywhere.min() < ready.everywhere.max() <= 100.0


def test_samples_carry_the_score_and_region_of_their_own_cell(ready):
    """Weighted score, region and place are looked up at the sample's index."""
    for sample in (ready.land, ready.background):
        np.testing.assert_array_equal(sample.weighted, ready.everywhere[sample.index].astype(np.float64))
        np.testing.assert_array_equal(sample.rto, ready.stack.zones.rto[sample.index])
        np.testing.assert_array_equal(sample.xy, dataset.positions(ready.stack, sample.index))


def test_study_targets_the_large_campuses(ready):
    """Only large campuses are scored; all labels are there to train."""
    study = ready.study()
    np.testing.assert_array_equal(study.target, ready.presences.large)
    np.testing.assert_array_equal(study.weighted, ready.everywhere[ready.presences.index].astype(np.float64))


def test_training_twice_gives_the_same_bytes(trained):
    """The model file depends on the data and the seed, on nothing else."""
    _, first, second = trained
    assert first == second


def test_training_writes_below_the_data_folder_it_was_given(trained, data):
    """The shipped model is not touched by training elsewhere."""
    assert trained[0] == data / MODEL_FILE
    assert not trained[0].is_symlink()


def test_trained_model_loads_and_tells_what_it_saw(trained, ready, tiny_config):
    """The card counts labels and names the cell size and the configuration."""
    stored = load(trained[0])
    p = ready.presences
    assert stored.card["labels"] == len(p)
    assert stored.card["large_labels"] == len(stored.domain.anchors) == int(p.large.sum())
    assert stored.card["resolution_m"] == 25_000
    assert stored.card["config_fingerprint"] == tiny_config.config.fingerprint()


def test_trained_model_ranks_campuses_above_land(trained, ready):
    """Large campuses have higher log-odds than nine tenths of the land, on average."""
    model = load(trained[0]).model
    land = np.sort(model.log_odds(ready.land.x))
    rank = np.searchsorted(land, model.log_odds(ready.presences.x[ready.presences.large])) / land.size
    assert rank.mean() > 0.9


def test_trained_scale_is_that_of_the_free_background(trained):
    """The table ends within the range of scores."""
    scale = load(trained[0]).scale
    assert 0.0 <= scale[0, 1] < scale[-1, 1] <= 100.0


def test_named_campuses_are_ranked_without_training_on_them(ready, monkeypatch):
    """Every named place gets a percentile, and no split trains on a named place or a label within the buffer."""
    seen = []

    def watch(study, splits, *, boosted):
        for far, one, _ in splits:
            xy, here = study.presences.xy, study.presences.xy[one]
            seen.append((far[study.target].any(), np.hypot(*(xy[far] - here).T).min()))
        which = np.flatnonzero(study.target)
        return _held(which)

    monkeypatch.setattr(learning.Study, "held_out", watch)
    rows = learning._named(ready)
    assert [r["name"] for r in rows] == list(NAMED)
    assert len(seen) == len(NAMED)
    assert not any(named for named, _ in seen)
    assert min(apart for _, apart in seen) > learning.BUFFER_M


def _held(which):
    from sitefinder.ml.validate import Held

    return Held(which, {"weighted score": np.linspace(0.1, 0.9, which.size)}, {})


def test_named_table_shows_every_campus():
    """One row per named place and per held-out campus, with its power."""
    figures = {"weighted score": 0.9, "additive model": 0.95, "fused score": 0.925}
    result = {"named": [{"name": "A", **figures}], "campuses": [{"name": "B", "mw": 1200.0, **figures}]}
    text = learning._named_table(result)
    assert "| A | 90.0% | 95.0% | 92.5% |" in text
    assert "| B (1200 MW) | 90.0% | 95.0% | 92.5% |" in text


def test_the_data_folder_of_the_tests_is_not_the_shipped_one(data, package):
    """A guard for this file itself: the links point at data/, the model folder does not."""
    assert DataPackage(data).resources == package.resources
    assert (data / "model").resolve() != (package.root / "model").resolve()
