"""The validation page: every split and model, and intervals that hold their figure."""

from __future__ import annotations

import numpy as np
import pytest
from test_ml_validate import LEARNED, N_FEATURES, NEAR, RULES, land, layers, region

from sitefinder.ml import report, validate
from sitefinder.ml.dataset import Presences
from sitefinder.ml.features import FEATURES
from sitefinder.ml.models import KNOTS, Additive, spread_knots
from sitefinder.ml.report import GIGAWATT_CLASS_MW, markdown, run_study
from sitefinder.ml.validate import Study

SPLITS = ("random", "blocks", "regions", "later", "later_big", "one_out")
TITLES = (
    "Random folds",
    "Spatial blocks of",
    "One market region left out",
    "all large campuses",
    "300 MW and more (",
    "One campus of 300 MW and more left out",
)
N_LABELS, N_BIG = 160, 8
FIGURES = ("auc_land", "best_1%", "best_5%", "best_10%")


class Blind:
    """A quick stand-in for the boosted challenger."""

    def decision_function(self, x):
        """Log-odds by the first feature."""
        return -x[:, 0]


def fit_by_one_feature(presences, background, *, rng, weight, bags):
    """A quick stand-in for the fit: log-odds fall with the distance to the nearest substation."""
    knots = spread_knots(np.vstack([presences.x, background.x]))
    heights = np.zeros((N_FEATURES, KNOTS))
    heights[NEAR] = np.linspace(2.0, -2.0, KNOTS)
    return Additive(FEATURES, knots, heights, 0.0)


@pytest.fixture(autouse=True, scope="module")
def quick():
    """Stand-ins for both fits and few draws: the models themselves are tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "fit_bagged", fit_by_one_feature)
        patch.setattr(validate, "fit_boosted", lambda x, y, weight, *, seed: Blind())
        patch.setattr(report, "DRAWS", 40)
        yield


@pytest.fixture(scope="module")
def study():
    """A synthetic country with eight campuses of gigawatt class, four of them mapped late."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0.0, 1e6, (N_LABELS, 2))
    mw = np.where(np.arange(N_LABELS) < N_BIG, GIGAWATT_CLASS_MW + 100.0 * np.arange(N_LABELS), 60.0)
    mapped = np.where(np.arange(N_LABELS) % 2 == 0, "2025-06", "2026-02")
    names = np.array([f"campus {i}" for i in range(N_LABELS)], object)
    x = layers(N_LABELS, rng, 15.0)
    p = Presences(np.arange(N_LABELS), xy, x, mw, np.full(N_LABELS, np.nan), mapped, names, region(xy))
    return Study(p, rng.uniform(20.0, 80.0, N_LABELS), p.large, land(250, rng), land(300, rng), 0.3, 1)


@pytest.fixture(scope="module")
def result(study, quick):
    """The whole validation."""
    return run_study(study, study.presences.first_mapped == "2025-06")


def test_every_split_holds_every_model(result):
    """All rules and learned models in each table, the challenger where it takes part."""
    for name in SPLITS:
        models = set(result[name]) - {"campuses"}
        assert models - {"boosted trees"} == RULES | LEARNED, name
        assert ("boosted trees" in models) == (name in ("random", "blocks", "later", "later_big")), name


@pytest.mark.parametrize("split", SPLITS)
def test_figures_lie_in_their_intervals(result, split):
    """Lower end, figure and upper end in order, all between 0 and 1."""
    for name, row in result[split].items():
        if name == "campuses":
            continue
        assert 0.0 <= row["auc"] <= 1.0
        for figure in FIGURES:
            value, low, high = row[figure]
            assert 0.0 <= low <= value <= high <= 1.0, (name, figure)


def test_wider_shares_catch_more(result):
    """The best tenth of the land holds at least as many campuses as the best twentieth and hundredth."""
    for split in SPLITS:
        for name, row in result[split].items():
            if name != "campuses":
                assert row["best_1%"][0] <= row["best_5%"][0] <= row["best_10%"][0]


def test_blocks_are_never_smaller_than_the_minimum(result):
    """At least 150 km, in steps of 50 km."""
    assert result["block_km"] >= 150.0
    assert result["block_km"] % 50.0 == 0.0


def test_counts_are_those_of_the_targets(result, study):
    """All large campuses in random folds, the gigawatt class where one is left out, its late half in the temporal split."""
    assert result["random"]["campuses"] == result["blocks"]["campuses"] == int(study.target.sum())
    assert result["one_out"]["campuses"] == N_BIG
    assert result["labels"] == N_LABELS
    assert 1 <= result["later_big"]["campuses"] <= N_BIG // 2


def test_campuses_are_listed_largest_first(result):
    """Every campus of gigawatt class by name, with its power and three percentiles."""
    rows = result["campuses"]
    assert [r["name"] for r in rows] == [f"campus {i}" for i in reversed(range(N_BIG))]
    assert all(0.0 <= r[k] <= 1.0 for r in rows for k in ("weighted score", "additive model", "fused score"))


def test_calibration_beats_a_coin_on_a_clear_signal(result):
    """The Brier score is below that of always saying one half, the error is a share."""
    calibration = result["calibration"]
    assert calibration["brier"] < calibration["brier_of_a_coin"] == 0.25
    assert 0.0 <= calibration["calibration_error"] < 0.5
    assert -1.0 <= calibration["boyce"] <= 1.0


def test_equal_studies_give_equal_figures(study):
    """One split computed twice gives the same table, intervals included."""
    tables = [report._table(study, study.held_out(validate.random_splits(study, 2), boosted=False), 150_000.0) for _ in range(2)]
    assert tables[0] == tables[1]


def test_page_holds_every_title_and_model(result):
    """Each split has its heading with its number of campuses, each model its row in each table."""
    text = markdown(result)
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert len(headings) == len(SPLITS)
    for heading, title, split in zip(headings, TITLES, SPLITS, strict=True):
        assert title in heading
        assert heading.endswith(f"({result[split]['campuses']} campuses)")
    for name in RULES | LEARNED:
        assert text.count(f"| {name} |") == len(SPLITS)


def test_every_row_has_as_many_cells_as_the_head(result):
    """A table that renders: equal numbers of bars in all its lines."""
    lines = [line for line in markdown(result).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {7}


def test_figures_are_shown_with_their_interval():
    """Three decimals, or whole percent."""
    assert report._shown([0.91234, 0.8, 0.95]) == "0.912 (0.800-0.950)"
    assert report._shown([0.5, 0.25, 0.75], percent=True) == "50% (25%-75%)"
