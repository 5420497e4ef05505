"""Named presets and their comparison."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.errors import ConfigError
from sitefinder.pipeline.presets import HEAD, compare_presets, report, table, write_comparison
from sitefinder.scoring.criteria import check_layers
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack


FILES = sorted((ROOT / "config" / "presets").glob("*.yaml"))
COARSE = {"grid.resolution_m": "25000", "candidates.spacing_km": "50", "uncertainty.campuses": "200"}
#: criterion -> weight in the whole score that a preset's source asks for
WANTED = {
    "market_survey": {"power_price_usd_mwh": 1 / 18, "land_value_usd_acre": 1 / 18},
    "ercot_screen": {"buildable_pct": 20 / 95, "highway_km": 5 / 95, "headroom_25km_mw": 0.0},
    "investor_index": {"power_price_usd_mwh": 20 / 85},
}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_preset_is_a_complete_configuration_with_a_source(path, default_config):
    """It loads, its layers exist, and its comment names where the weights come from."""
    file = load_config(path)
    check_layers(file)
    assert file.config.exclusions == default_config.config.exclusions
    assert sum(file.config.criterion_weights().values()) == pytest.approx(1.0)
    head = path.read_text(encoding="utf-8").split("extends:")[0]
    assert "Source" in head or "read as an excerpt" in head


def test_there_are_seven_presets():
    """The published sets, ours, and what the choices of campuses reveal."""
    names = ["equal", "ercot_screen", "grid_census", "investor_index", "market_survey", "ours", "revealed"]
    assert [p.stem for p in FILES] == names


@pytest.mark.parametrize(("name", "wanted"), WANTED.items(), ids=list(WANTED))
def test_preset_weighs_criteria_as_its_source_does(name, wanted):
    """A criterion that is added to a family later must be given its weight in the presets too."""
    weights = load_config(ROOT / "config" / "presets" / f"{name}.yaml").config.criterion_weights()
    assert {k: weights[k] for k in wanted} == pytest.approx(wanted, abs=0.002)


def test_grid_census_splits_power_and_speed_as_its_source_does():
    """25 points to 20."""
    weights = load_config(ROOT / "config" / "presets" / "grid_census.yaml").config.criterion_weights()
    config = load_config(ROOT / "config" / "presets" / "grid_census.yaml").config
    speed = sum(weights[k] for k in ("grid_months_200mw", "grid_mw_by_date", "reusable_aged_25km_mw", "queue_80km_mw"))
    power = sum(weights[k] for k in config.criteria["grid_capacity"])
    assert speed / power == pytest.approx(20 / 45, abs=0.02)


def test_equal_gives_every_criterion_of_a_family_the_same():
    """No criterion that counts is forgotten, and none that does not comes in."""
    equal, usual = (load_config(ROOT / "config" / path).config.flat_criteria() for path in ("presets/equal.yaml", "default.yaml"))
    assert {name: c.weight for name, c in equal.items()} == {name: float(c.weight > 0) for name, c in usual.items()}


def test_ours_is_the_default(default_config):
    """Under a name."""
    assert load_config(ROOT / "config" / "presets" / "ours.yaml").config.criterion_weights() == (
        default_config.config.criterion_weights()
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Three presets on the coarsest grid."""
    paths = [ROOT / "config" / "presets" / f"{n}.yaml" for n in ("ours", "equal", "market_survey")]
    files = [load_config(p, COARSE) for p in paths]
    return compare_presets(files, data=DATA, cache=used(tmp_path_factory.mktemp("cache")))


def test_every_campus_has_a_rank_and_a_score_under_every_preset(found):
    """Ranks are permutations and follow the scores."""
    n = len(found.sites)
    assert found.scores.shape == (3, n)
    for scores, placed in zip(found.scores, found.agreement.ranks, strict=True):
        assert sorted(placed) == list(range(1, n + 1))
        np.testing.assert_array_equal(np.argmax(scores), np.argmin(placed))


def test_presets_disagree_but_not_wholly(found):
    """Ours is nearer to equal weights than to the survey of an earlier decade."""
    a = found.agreement
    assert a.names == ("ours", "equal", "market_survey")
    assert a.kendall[0, 1] > a.kendall[0, 2]
    assert 0.0 < a.overlap[0, 1] < 1.0


def test_report_and_table_tell_the_same(found, tmp_path):
    """Sites liked by all are in the head of each; the table is ordered by mean rank."""
    write_comparison(found, tmp_path)
    text = (tmp_path / "presets.md").read_text(encoding="utf-8")
    assert text == report(found)
    assert f"Of the first {HEAD} of `ours`, {found.loyal} are" in text
    rows = list(csv.DictReader(io.StringIO(table(found))))
    means = [float(r["mean_rank"]) for r in rows]
    assert means == sorted(means)
    liked = {found.sites[i] for i in found.agreement.liked_by_all}
    top = found.agreement.top
    assert liked == {r["site_id"] for r in rows if all(int(r[f"rank_{n}"]) <= top for n in found.agreement.names)}


def test_an_area_holds_its_campuses_with_the_scores_of_the_country(found, tmp_path):
    """All begin in Texas or Oklahoma, outside of Travis County; those that the country has, too, score the same."""
    area = {"area": "{where: [TX, OK], not_in: ['48453']}"}
    paths = [ROOT / "config" / "presets" / f"{n}.yaml" for n in ("ours", "equal", "market_survey")]
    part = compare_presets([load_config(p, COARSE | area) for p in paths], data=DATA, cache=used(tmp_path / "cache"))
    assert {place.rpartition(", ")[2] for place in part.places} == {"TX", "OK"}
    assert "Travis, TX" not in part.places
    places = {name: i for i, name in enumerate(found.sites)}
    both = [(i, places[name]) for i, name in enumerate(part.sites) if name in places]
    assert len(both) > 10
    rows, columns = zip(*both, strict=True)
    np.testing.assert_allclose(part.scores[:, rows], found.scores[:, columns], atol=1e-9)


@pytest.mark.parametrize(
    ("names", "change", "expected"),
    [
        (("ours",), {}, "Only 1 preset"),
        (("ours", "ours"), {}, "Two presets are called 'ours'"),
        (("ours", "equal"), {"project.mw": "500"}, "differ in project"),
        (("ours", "equal"), {"exclusions.steep.below": "15"}, "differ in exclusions"),
        (("ours", "equal"), {"area.where": "[TX]"}, "differ in area"),
    ],
)
def test_presets_that_cannot_be_compared_are_refused(names, change, expected, tmp_path):
    """They may differ in weights only."""
    files = [load_config(ROOT / "config" / "presets" / f"{n}.yaml", change if i else {}) for i, n in enumerate(names)]
    with pytest.raises(ConfigError, match=expected):
        compare_presets(files, data=DATA, cache=tmp_path)
