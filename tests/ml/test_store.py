"""The model file: what comes back, and what is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from sitefinder.errors import DataError
from sitefinder.ml.analogues import Analogues
from sitefinder.ml.features import FEATURES
from sitefinder.ml.models import Calibration
from sitefinder.ml.predict import Domain
from sitefinder.ml.store import FORMAT, Stored, load, save
from sitefinder.ml.trees import Trees

N_FEATURES = len(FEATURES)
MAX_BYTES = 500_000


def parts():
    """All that a file holds, of random numbers."""
    rng = np.random.default_rng(0)
    at = rng.normal(size=(20, 3)).astype(np.float32)
    at[3, 1] = np.inf
    split = rng.integers(0, N_FEATURES, (20, 3)).astype(np.int32)
    model = Trees(FEATURES, split, at, rng.normal(size=(20, 4)), rng.uniform(size=(20, 3)), -1.25)
    domain = Domain(rng.normal(size=(6, N_FEATURES)), rng.normal(size=N_FEATURES), rng.uniform(size=N_FEATURES), 2.5, 0.75)
    analogues = Analogues(np.array([1, 4]), ("one", "two"), np.array([120.0, 2000.5]))
    scale = np.sort(rng.normal(size=(20, 2)), axis=0)
    return Stored(model, domain, analogues, scale, Calibration(0.75, -0.5), {"labels": 60})


@pytest.fixture
def path(tmp_path):
    """A model file that was just written."""
    path = tmp_path / "model" / "suitability.json"
    save(path, parts())
    return path


def resigned(path, **changes):
    """The file with other content and a checksum that fits it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["sha256"]
    content |= changes
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps(content | {"sha256": digest}), encoding="utf-8")


def refusal(path):
    """The message of the refusal, which must be one line that names the file and the remedy."""
    with pytest.raises(DataError) as caught:
        load(path)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    assert "git checkout" in text
    assert "sitefinder train" in text
    return text


def test_model_comes_back(path):
    """Questions survive exactly, thresholds too, ends and shares to the digits kept."""
    model, stored = parts().model, load(path).model
    np.testing.assert_array_equal(stored.split, model.split)
    np.testing.assert_array_equal(stored.at, model.at)
    np.testing.assert_allclose(stored.leaf, model.leaf, rtol=1e-8)
    np.testing.assert_allclose(stored.share, model.share, rtol=1e-8)
    assert stored.intercept == -1.25
    assert stored.features == FEATURES


def test_domain_comes_back(path):
    """All five parts of the domain survive."""
    domain, stored = parts().domain, load(path).domain
    for name in ("anchors", "centre", "scale", "mean_distance", "threshold"):
        np.testing.assert_allclose(getattr(stored, name), getattr(domain, name), rtol=1e-8)


def test_scale_and_card_come_back(path):
    """The table keeps its shape, the card its content."""
    stored = load(path)
    np.testing.assert_allclose(stored.scale, parts().scale, rtol=1e-8)
    assert stored.card == {"labels": 60}


def test_analogues_and_calibration_come_back(path):
    """Names stand beside their anchors, with power; slope and shift survive."""
    stored = load(path)
    assert stored.analogues.anchor.tolist() == [1, 4]
    assert stored.analogues.name == ("one", "two")
    assert stored.analogues.mw.tolist() == [120.0, 2000.5]
    assert stored.calibration == Calibration(0.75, -0.5)


def test_saving_what_was_loaded_changes_no_byte(path, tmp_path):
    """The digits kept are a fixed point: writing again gives the same file."""
    stored = load(path)
    save(tmp_path / "again.json", stored)
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_digest_differs_between_models(path, tmp_path):
    """Caches are named by the digest: another intercept is another digest."""
    other = tmp_path / "other.json"
    save(other, replace(parts(), model=replace(parts().model, intercept=-1.5)))
    assert load(other).digest != load(path).digest


def test_missing_file_is_refused(tmp_path):
    """No file at all."""
    assert "Missing model file" in refusal(tmp_path / "none.json")


def test_tampered_number_is_refused(path):
    """One changed digit breaks the checksum."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("-1.25", "-1.26"), encoding="utf-8")
    assert "checksum" in refusal(path)


def test_truncated_file_is_refused(path):
    """The second half is gone."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "Damaged" in refusal(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"not json", b"\xff\xfe\x00", b"[]", b"3", b'"text"', b"null", b"{}", b'{"sha256": "x"}'],
    ids=["empty", "text", "binary", "list", "number", "string", "null", "object", "digest-only"],
)
def test_foreign_content_is_refused(path, content):
    """Whatever is not a model file is told as such."""
    path.write_bytes(content)
    assert "Damaged" in refusal(path)


def test_other_format_is_refused(path):
    """A file of another format with a fitting checksum names both formats."""
    resigned(path, format=99)
    assert "format 99" in refusal(path)


def test_older_format_is_refused(path):
    """A file from before the calibration is told as older, not as damaged."""
    resigned(path, format=FORMAT - 1)
    assert f"format {FORMAT - 1}, this program reads {FORMAT}" in refusal(path)


@pytest.mark.parametrize("change", ["shape", "feature", "none"])
def test_trees_that_do_not_fit_are_refused(path, change):
    """A file with a fitting checksum but an end less, a feature that does not exist, or no trees is not computed with."""
    trees = json.loads(path.read_text(encoding="utf-8"))["trees"]
    if change == "shape":
        trees["leaf"] = [row[:-1] for row in trees["leaf"]]
    elif change == "feature":
        trees["split"][0][0] = N_FEATURES
    else:
        trees = {k: [] for k in trees}
    resigned(path, trees=trees)
    assert "trees do not fit" in refusal(path)


@pytest.mark.parametrize("change", ["order", "direction", "fewer"])
def test_other_features_are_refused(path, change):
    """Reordered, redirected or fewer features with a fitting checksum are not read as if they were ours."""
    listed = [[f.layer, f.direction, f.shape] for f in FEATURES]
    if change == "order":
        listed = listed[::-1]
    elif change == "direction":
        listed[0][1] = 1
    else:
        listed = listed[:-1]
    resigned(path, features=listed)
    assert "other features" in refusal(path)


@pytest.fixture(scope="module")
def shipped():
    """The model that comes with the data."""
    from tests.helpers.paths import DATA

    return DATA / "model" / "suitability.json"


def test_shipped_model_loads(shipped):
    """It fits this program, and every tree asks features of it."""
    stored = load(shipped)
    assert stored.model.split.shape == stored.model.at.shape
    assert len(np.unique(stored.model.split)) > 10


def test_shipped_model_keeps_the_declared_directions(shipped):
    """Physics holds in the file itself: no step of any tree goes against the direction of what it asks."""
    model = load(shipped).model
    top, left, right = np.array([f.direction for f in FEATURES])[model.split].T
    a, b, c, d = model.leaf.T
    assert (left * (b - a)).min() >= -1e-9
    assert (right * (d - c)).min() >= -1e-9
    apart = np.where(top > 0, np.minimum(c, d) - np.maximum(a, b), np.minimum(a, b) - np.maximum(c, d))
    assert apart[(top != 0) & np.isfinite(model.at[:, 0])].min() >= -1e-9


def other(path, where, value):
    """The file with another value at a dotted place, and a checksum that fits."""
    content = json.loads(path.read_text(encoding="utf-8"))
    *above, last = where.split(".")
    node = content
    for key in above:
        node = node[int(key)] if isinstance(node, list) else node[key]
    node[int(last) if isinstance(node, list) else last] = value
    resigned(path, **{k: v for k, v in content.items() if k != "sha256"})


@pytest.mark.parametrize("value", [None, "x", [], {}, [[1]], 10**400, float("nan")])
@pytest.mark.parametrize(
    "where",
    [
        *(
            "intercept",
            "trees",
            "trees.split",
            "trees.at",
            "trees.leaf.2",
            "trees.share",
            "domain",
            "domain.anchors.0",
            "domain.scale",
        ),
        *("domain.mean_distance", "domain.threshold", "scale", "scale.3", "analogues", "analogues.anchor.1", "analogues.mw"),
        *("calibration", "calibration.slope"),
    ],
)
def test_a_part_of_another_kind_is_refused(path, where, value):
    """Whatever stands there, the checksum being right: numbers that are none would become scores."""
    other(path, where, value)
    assert "Damaged model file" in refusal(path)


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        ("analogues.anchor.1", 6, "its named campuses are none of its domain"),
        ("analogues.anchor.0", -1, "its named campuses are none of its domain"),
        ("analogues.name", ["one"], "its named campuses are none of its domain"),
        ("domain.threshold", 0.0, "its distances are not positive"),
        ("domain.mean_distance", -2.5, "its distances are not positive"),
        ("calibration.slope", -0.75, "its distances are not positive"),
        ("scale.3.0", 1e9, "its scale does not rise"),
        ("domain.centre", [0.0], "its domain or its scale has another shape"),
        ("trees.leaf.2.1", float("inf"), "its trees do not fit its features"),
        ("intercept", float("nan"), "its trees do not fit its features"),
        ("card", [], "its card is none"),
        ("domain.anchors.0.0", 1e200, "a number of its domain or of its scales is none"),
        ("domain.scale.0", -1e160, "a number of its domain or of its scales is none"),
        ("trees.leaf.2.1", 1e300, "its trees do not fit its features"),
    ],
)
def test_numbers_that_do_not_fit_together_are_refused(path, where, value, said):
    """A row of a campus that is not there, a distance of nothing, a scale that falls."""
    other(path, where, value)
    assert said in refusal(path)


def test_a_file_nested_without_end_is_refused(path):
    """Brackets alone."""
    path.write_text("[" * 100_000, encoding="utf-8")
    assert "not a model of this program" in refusal(path)
