"""The validation page: every split and model, and intervals that hold their figure."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.ml import choices, report, validate
from sitefinder.ml.dataset import Presences
from sitefinder.ml.features import FEATURES
from sitefinder.ml.metrics import pr_auc
from sitefinder.ml.models import KNOTS, Additive, spread_knots
from sitefinder.ml.report import GIGAWATT_CLASS_MW, markdown, run_study
from sitefinder.ml.validate import Study
from tests.helpers.learning_world import LEARNED, N_FEATURES, NEAR, RULES, land, layers, region

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
FIGURES = ("auc_land", "pr_auc", "best_1%", "best_5%", "best_10%")
CHALLENGERS = {"additive model", "deeper trees"}
NOT_MODELS = {"campuses", "prevalence"}


class Blind:
    """A quick stand-in for the boosted challenger."""

    def decision_function(self, x):
        """Log-odds by the first feature."""
        return -x[:, 0]


def fit_by_one_feature(presences, background, *, rng, weight, bags=1, bag_size=None):
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
        patch.setattr(choices, "fit_bagged", fit_by_one_feature)
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
    return run_study(study, study.presences.first_mapped == "2025-06", land(200, np.random.default_rng(8)))


def test_every_split_holds_every_model(result):
    """All rules and learned models in each table, the challenger where it takes part."""
    for name in SPLITS:
        models = set(result[name]) - NOT_MODELS
        assert models - CHALLENGERS == RULES | LEARNED, name
        assert (models >= CHALLENGERS) == (name in ("random", "blocks", "later", "later_big")), name


@pytest.mark.parametrize("split", SPLITS)
def test_figures_lie_in_their_intervals(result, split):
    """Lower end, figure and upper end in order, all between 0 and 1.

    Average precision is biased under resampling, so that a figure of some hundredths can lie a hair outside its interval.
    """
    for name, row in result[split].items():
        if name in NOT_MODELS:
            continue
        assert 0.0 <= row["auc"] <= 1.0
        for figure in FIGURES:
            value, low, high = row[figure]
            slack = 1e-3 if figure == "pr_auc" else 0.0
            assert 0.0 <= low <= value + slack, (name, figure)
            assert value - slack <= high <= 1.0, (name, figure)


def test_wider_shares_catch_more(result):
    """The best tenth of the land holds at least as many campuses as the best twentieth and hundredth."""
    for split in SPLITS:
        for name, row in result[split].items():
            if name not in NOT_MODELS:
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


def test_campuses_are_listed_largest_first(result, study):
    """Every campus of gigawatt class by name, with its power and three percentiles."""
    rows = result["campuses"]
    assert [r["name"] for r in rows] == [f"campus {i}" for i in reversed(range(N_BIG))]
    below = [(study.land.weighted < w).mean() for w in study.weighted[:N_BIG][::-1]]
    assert [r["weighted score"] for r in rows] == pytest.approx(below)
    assert all(0.0 <= r[k] <= 1.0 for r in rows for k in ("learned score", "fused score"))


def test_calibration_beats_a_coin_on_a_clear_signal(result):
    """The Brier score is below that of always saying one half, the error is a share."""
    calibration = result["calibration"]
    for key in ("as_fitted", "calibrated"):
        assert calibration[key]["brier"][0] < calibration["brier_of_a_coin"] == 0.25
        assert 0.0 <= calibration[key]["error"][0] < 0.5


@pytest.mark.parametrize("split", SPLITS)
def test_precision_and_boyce_are_told_with_what_chance_earns(result, split):
    """PR-AUC of a rule that finds campuses is far above the prevalence; the Boyce index is a correlation."""
    table = result[split]
    assert table["prevalence"] == pytest.approx(table["campuses"] / (table["campuses"] + 300))
    assert table["nearest 230 kV substation"]["pr_auc"][0] > 1.5 * table["prevalence"]
    for name in set(table) - NOT_MODELS:
        assert -1.0 <= table[name]["boyce"][0] <= 1.0, name


def test_precision_is_against_all_land(study, result):
    """The figure is that of the percentiles against every land place, and its interval holds the prevalence fixed."""
    held = study.held_out(validate.random_splits(study), challengers=False)
    percentile = held.percentile["weighted score"]
    expected, prevalence = pr_auc(percentile, np.arange(300) / 300)
    assert result["random"]["weighted score"]["pr_auc"][0] == pytest.approx(expected)
    assert result["random"]["prevalence"] == pytest.approx(prevalence)


def test_choices_are_ranked_under_three_splits(result):
    """Every choice of background and every choice of labels that has enough of them, in blocks and later."""
    figures = result["choices"]
    assert set(figures) == {"labels", "background"}
    assert set(figures["labels"]) == set(choices.LABEL_CHOICES)
    for kind in figures.values():
        for splits in kind.values():
            assert set(splits) == {"blocks", "later", "later_big"}
    assert figures["labels"]["100 MW and more, equal"]["later"] is None
    shipped = figures["labels"]["all, by size and surroundings (shipped)"]["blocks"]
    assert shipped == figures["background"]["free land (shipped)"]["blocks"]
    assert 0.0 <= shipped["auc_land"][1] <= shipped["auc_land"][0] <= shipped["auc_land"][2] <= 1.0


def test_equal_studies_give_equal_figures(study):
    """One split computed twice gives the same table, intervals included."""
    tables = [
        report.split_figures(study, study.held_out(validate.random_splits(study, 2), challengers=False), 150_000.0)
        for _ in range(2)
    ]
    assert tables[0] == tables[1]


def test_page_holds_every_title_and_model(result):
    """Each split has its heading with its number of campuses, each model its row in each table."""
    text = markdown(result)
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert headings[len(SPLITS) :] == [
        "### The same model with other labels",
        "### The same model with other background",
        "### Reliability on held-out blocks, in a sample half campuses, half land",
    ]
    for heading, title, split in zip(headings, TITLES, SPLITS, strict=False):
        assert title in heading
        assert heading.endswith(f"({result[split]['campuses']} campuses)")
    for name in RULES | LEARNED:
        assert text.count(f"| {name} |") == len(SPLITS)


def test_every_row_has_as_many_cells_as_the_head(result):
    """Tables that render: equal numbers of bars in all lines between two blank ones."""
    text = markdown(result)
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert len(tables) == len(SPLITS) + 2 + 3
    for lines in tables:
        assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
    assert "too few labels" in text


def test_figures_are_shown_with_their_interval():
    """Three decimals, or whole percent."""
    assert report.with_interval([0.91234, 0.8, 0.95]) == "0.912 (0.800-0.950)"
    assert report.with_interval([0.5, 0.25, 0.75], percent=True) == "50% (25%-75%)"


def test_intervals_below_zero_are_not_read_as_a_dash():
    """A Boyce index can be negative."""
    assert report.with_interval([0.1, -0.21, 0.4], digits=2) == "0.10 (-0.21 to 0.40)"
