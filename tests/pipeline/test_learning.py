"""Training and its material on the coarsest grid: repeatable, gated, and never on the shipped file."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sitefinder.cli.main import main
from sitefinder.errors import DataError
from sitefinder.layers.files import MODEL_FILE
from sitefinder.layers.package import DataPackage
from sitefinder.ml import choices, dataset, report
from sitefinder.ml.store import load
from sitefinder.pipeline import learning
from sitefinder.pipeline.learning import NAMED, material, train_model
from sitefinder.scoring.exclusions import exclude
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """The cache folder that the tests of the learned score share."""
    return warm(tmp_path_factory.mktemp("learning") / "cache")


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
        path = train_model(tiny_config, data=data, cache=cache)
        first = path.read_bytes()
        path.unlink()
        return path, first, train_model(tiny_config, data=data, cache=cache).read_bytes()


def test_equal_seeds_give_equal_material(ready, tiny_config, data, cache):
    """Samples, features and scores are the same in the second run."""
    again = material(tiny_config, data=data, cache=cache)
    np.testing.assert_array_equal(again.everywhere, ready.everywhere)
    for one, two in (
        (again.land, ready.land),
        (again.background, ready.background),
        (again.anywhere, ready.anywhere),
        (again.presences, ready.presences),
    ):
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

    def watch(study, splits, *, challengers):
        for far, one, _ in splits:
            xy, here = study.presences.xy, study.presences.xy[one]
            seen.append((far[study.target].any(), np.hypot(*(xy[far] - here).T).min()))
        which = np.flatnonzero(study.target)
        return _held(which)

    monkeypatch.setattr(learning.Study, "held_out", watch)
    rows = learning.named_percentiles(ready)
    same = {r["name"]: r["same_as"] for r in rows}
    assert same["Milam County TX"] == "OpenAI Stargate Milam"
    assert same["PORTS, Piketon OH"] is None
    assert [r["name"] for r in rows] == list(NAMED)
    assert len(seen) == len(NAMED)
    assert not any(named for named, _ in seen)
    assert min(apart for _, apart in seen) > learning.BUFFER_M


def _held(which):
    from sitefinder.ml.validate import Held

    return Held(which, {"weighted score": np.linspace(0.1, 0.9, which.size)}, {})


@pytest.mark.parametrize("at", [(30.0, -70.0), (60.0, -150.0)], ids=["in the Atlantic", "off the frame"])
def test_named_place_off_the_land_is_refused(ready, monkeypatch, at):
    """One line with the name and the place, instead of the features of the last cell."""
    monkeypatch.setattr(learning, "NAMED", learning.NAMED | {"Atlantis": at})
    with pytest.raises(DataError, match=r"named place 'Atlantis' \(.*\) is not on land") as caught:
        learning.named_percentiles(ready)
    assert "\n" not in str(caught.value)


def test_too_few_labels_refuse_to_train(tiny_config, data, cache, monkeypatch, capsys):
    """Below 50: one line, exit code 2, and the model file stays as it is."""
    real = dataset.read_presences
    monkeypatch.setattr(dataset, "read_presences", lambda *a: real(*a).take(np.arange(49)))
    monkeypatch.setattr(learning, "BACKGROUND_SAMPLE", 300)
    before = (data / MODEL_FILE).read_bytes() if (data / MODEL_FILE).exists() else None
    with pytest.raises(SystemExit) as stopped:
        main(["train", "--resolution", "25000", "--data", str(data), "--cache", str(cache)])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("sitefinder: Only 49 labelled campuses: at least 50")
    assert ((data / MODEL_FILE).read_bytes() if (data / MODEL_FILE).exists() else None) == before


@pytest.fixture(scope="module")
def tested(tiny_config, data, cache, tmp_path_factory):
    """A back-test on small samples, with one bag per fit and few resamples."""
    out = tmp_path_factory.mktemp("out") / "backtest"
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (learning, "BACKGROUND_SAMPLE", 500),
            (learning, "LAND_SAMPLE", 600),
            (choices, "PU_BAGS", 1),
            (report, "DRAWS", 5),
        ):
            patch.setattr(module, name, value)
        return learning.backtest(tiny_config, data=data, cache=cache, out=out), out


@pytest.mark.slow
def test_backtest_writes_tables_and_a_picture(tested):
    """Three files; the tables are those of the returned result."""
    result, out = tested
    assert sorted(p.name for p in out.iterdir()) == ["backtest.json", "backtest.md", "backtest.png"]
    assert json.loads((out / "backtest.json").read_text(encoding="utf-8")) == json.loads(json.dumps(result))
    assert (out / "backtest.png").read_bytes().startswith(b"\x89PNG")
    text = (out / "backtest.md").read_text(encoding="utf-8")
    assert "nan" not in text.replace("(nan-nan)", "")
    for name in NAMED:
        assert f"| {name} |" in text


@pytest.mark.slow
def test_backtest_finds_campuses_better_than_chance(tested):
    """Even on 25 km cells and small samples, under every split, for the learned and the fused score."""
    result, _ = tested
    for split in ("random", "blocks", "regions", "later", "later_big", "one_out"):
        for model in ("learned score", "fused score"):
            assert result[split][model]["auc_land"][0] > 0.75, (split, model)


@pytest.mark.slow
def test_backtest_ranks_every_named_and_every_large_campus(tested):
    """Seven places, and all campuses of 300 MW and more, each once in the picture."""
    result, _ = tested
    assert [r["name"] for r in result["named"]] == list(NAMED)
    assert len(result["campuses"]) > 25
    assert all(r["mw"] >= 300.0 for r in result["campuses"])
    shown = [name for name, _ in learning.picture_rows(result)]
    assert len(shown) == len(set(shown)) < len(NAMED) + len(result["campuses"])
    assert "PORTS, Piketon OH" in shown
    assert "Milam County TX" not in shown


def test_backtest_without_a_drawing_library_leaves_the_picture_out(monkeypatch, caplog):
    """The tables are worth having alone; the log tells what is missing."""

    def missing(rows, to):
        raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")

    monkeypatch.setattr(learning, "backtest_picture", missing)
    assert learning.picture_file({"named": [], "campuses": []}) == {}
    assert "matplotlib is not installed" in caplog.text


def test_named_table_shows_every_campus():
    """One row per named place and per held-out campus, with its power."""
    figures = {"weighted score": 0.9, "learned score": 0.95, "fused score": 0.925}
    result = {"named": [{"name": "A", **figures}], "campuses": [{"name": "B", "mw": 1200.0, **figures}]}
    text = learning.named_table(result)
    assert "| A | 90.0% | 95.0% | 92.5% |" in text
    assert "| B (1200 MW) | 90.0% | 95.0% | 92.5% |" in text


def test_the_data_folder_of_the_tests_is_not_the_shipped_one(data, package):
    """A guard for this file itself: the links point at data/, the model folder does not."""
    assert DataPackage(data).resources == package.resources
    assert (data / "model").resolve() != (package.root / "model").resolve()


def test_back_test_takes_nothing_off_for_campuses_nearby(tiny_config):
    """Only the share of claims changes: the question is what was there before the campus."""
    changed = learning.before_claims(tiny_config).config
    assert tiny_config.config.delivery.grid.claimed.share > 0.0
    assert changed.delivery.grid.claimed.share == 0.0
    grid = changed.delivery.grid.model_copy(update={"claimed": tiny_config.config.delivery.grid.claimed})
    assert changed.delivery.model_copy(update={"grid": grid}) == tiny_config.config.delivery
