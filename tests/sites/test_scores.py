"""Rows of sites: grades, drivers, footprint means, and the order of the user's own."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from sitefinder.results.columns import NEAREST_LAYERS, columns

from sitefinder.certainty.columns import CERTAINTY
from sitefinder.config import FAMILIES, load_config
from sitefinder.costs.columns import COSTS, NEEDS
from sitefinder.grid import Grid, Land
from sitefinder.layers import REGISTRY
from sitefinder.ml.analogues import Analogues
from sitefinder.ml.features import FEATURES
from sitefinder.ml.learned import Learned, layers_of_model
from sitefinder.ml.models import KNOTS, Additive, Calibration
from sitefinder.ml.predict import Domain
from sitefinder.power.columns import DELIVERY
from sitefinder.routes.columns import CONNECTIONS
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.columns import SHAPE
from sitefinder.sites.scores import CONTEXT_LAYERS, evidence_grades, rank_user_rows, site_rows, user_rows

GRID = Grid(25_000.0)
N_LAND = 40


def graded(grades, weights, unknown):
    """Evidence grades of real layers that have the wanted grades each."""
    ids = []
    for grade in grades:
        ids.append(next(k for k, v in REGISTRY.items() if v.spec.grade == grade and k not in ids))
    return evidence_grades(ids, np.array(weights, float), np.array(unknown, float))


@pytest.mark.parametrize("grade", sorted({v.spec.grade for v in REGISTRY.values()}))
def test_grade_of_equal_evidence_is_that_grade(grade):
    """Criteria of one grade make that grade."""
    assert graded([grade], [1.0], [[0.0]]) == [grade]


def test_grade_is_weighted():
    """Nine tenths on registers and one on models make a register grade, and the other way round."""
    assert graded(["E2", "E4"], [0.9, 0.1], [[0.0], [0.0]]) == ["E2"]
    assert graded(["E2", "E4"], [0.1, 0.9], [[0.0], [0.0]]) == ["E4"]


def test_unknown_criteria_lower_the_grade():
    """An unknown criterion counts as worse than the weakest evidence: (2 + 6) / 2 = 4; beside it a known one stays."""
    assert graded(["E2", "E2"], [0.5, 0.5], [[0.0, 0.0], [1.0, 0.0]]) == ["E4", "E2"]


def test_partly_unknown_criterion_counts_by_its_share():
    """Unknown on a quarter of the land: a quarter of the way from 2 to 6 is 3."""
    assert graded(["E2"], [1.0], [[0.25]]) == ["E3"]


def test_grade_never_falls_below_the_last():
    """All unknown is still E5: there is no E6."""
    assert graded(["E4"], [1.0], [[1.0]]) == ["E5"]


def test_user_sites_are_ranked_best_first_and_excluded_last():
    """Order by score; sites without score at the end, in the order of the file."""
    rows = [{"score": s, "acres_enough": True} for s in (40.0, None, 70.0, None, 55.0)]
    assert rank_user_rows(rows, [80.0, 60.0, 50.0]) == [2, 4, 0, 1, 3]
    assert [r["rank"] for r in rows] == [3, 4, 1, 5, 2]


def test_national_rank_counts_the_better_ones():
    """A site takes the place after all national sites that score more; behind the whole list it has none."""
    rows = [{"score": s, "acres_enough": True} for s in (90.0, 60.0, 50.0, 10.0, None)]
    rank_user_rows(rows, [80.0, 60.0, 50.0])
    assert [r["national_rank"] for r in rows] == [1, 2, 3, None, None]


def test_site_without_the_acres_has_no_national_rank():
    """Too little land is ranked among the user's own, but not against the nation's campuses."""
    rows = [{"score": 90.0, "acres_enough": False}]
    rank_user_rows(rows, [80.0])
    assert (rows[0]["rank"], rows[0]["national_rank"]) == (1, None)


def test_score_of_zero_ranks_before_excluded():
    """Zero is a score; excluded has none."""
    rows = [{"score": None}, {"score": 0.0}]
    assert rank_user_rows(rows, []) == [1, 0]


def test_equal_scores_keep_the_order_of_the_file():
    """Ties fall to the earlier row."""
    rows = [{"score": 5.0}, {"score": 7.0}, {"score": 5.0}]
    assert rank_user_rows(rows, []) == [1, 0, 2]


class FakeStack:
    """Random layers of a small country, the last cell unknown in every criterion."""

    def __init__(self, land, config):
        rng = np.random.default_rng(0)
        self.land = land
        layer_ids = dict.fromkeys([*config.flat_criteria(), *NEAREST_LAYERS.values(), *CONTEXT_LAYERS, *layers_of_model()])
        self.layers = {k: rng.uniform(0, 60, land.size).astype(np.float32) for k in layer_ids}
        for k in config.flat_criteria():
            self.layers[k][-1] = np.nan
        self.records = {k: {} for k in layer_ids}
        county = {"fips": "48441", "name": "Taylor", "state": "TX"}
        self.zones = SimpleNamespace(county_of=lambda i: county, rto_of=lambda i: "ERCOT")

    def values(self, layer_id):
        """Values of one layer."""
        return self.layers[layer_id]

    def at(self, layer_id, index):
        """Values of one layer at some places."""
        return self.layers[layer_id][index]

    def names(self, layer_id, index):
        """Name of the nearest feature."""
        return [f"{layer_id} {i}" for i in index]


@pytest.fixture(scope="module")
def world(default_path):
    """Configuration, field and stack of a row of forty cells."""
    config = load_config(default_path, {"grid.resolution_m": "25000"}).config
    land = Land(GRID, np.arange(9_000, 9_000 + N_LAND, dtype=np.int32))
    field = Field.of(land, np.full(N_LAND, 50, np.float32), np.linspace(10, 90, N_LAND).astype(np.float32))
    return config, field, FakeStack(land, config)


def campus(*index):
    """A campus of the cells at these places of the land index."""
    return Campus(np.array(index, np.int32) + 9_000, np.ones(len(index)), 1234.0)


#: columns that later stages fill
LATER = {c.name for c in DELIVERY + SHAPE + CONNECTIONS + CERTAINTY} | {spec[0] for spec in (*NEEDS, *COSTS)}


def rows_of(world, *campuses, learned=None):
    """Rows of campuses."""
    config, field, stack = world
    return site_rows(campuses, field, stack, config, nearest=NEAREST_LAYERS, learned=learned)


def test_no_campus_makes_no_row(world):
    """An empty list stays empty."""
    assert rows_of(world) == []


def test_every_property_of_a_row_has_a_column(world):
    """Nothing is computed that no output writes, and nothing is written under another name."""
    config = world[0]
    (row,) = rows_of(world, campus(3))
    assert set(row) == {c.name for c in columns(tuple(config.flat_criteria()))} - LATER


def test_row_describes_its_place(world):
    """County, region, nearest features and layer values are those of the seed."""
    (row,) = rows_of(world, campus(3, 4))
    assert (row["state"], row["county"], row["county_fips"], row["rto"]) == ("TX", "Taylor", "48441", "ERCOT")
    assert row["nearest_river"] == "river_km 3"
    assert row["slope_pct"] == pytest.approx(float(world[2].values("slope_pct")[3]))


def test_position_of_a_row_is_its_seed(world):
    """Latitude and longitude lead back to the seed cell."""
    from pyproj import Transformer

    (row,) = rows_of(world, campus(7))
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True).transform(row["lon"], row["lat"])
    r, c = GRID.cell_at(x, y)
    assert int(r) * GRID.width + int(c) == 9_007


def test_score_is_the_mean_over_the_land_weighted_by_acres(world):
    """The campus's score lies between its cells' scores, at their acres' balance."""
    one, two, both = rows_of(world, campus(3), campus(30), campus(3, 30))
    acres = world[1].acres.reshape(-1)[[9_003, 9_030]].astype(float)
    assert both["score"] == pytest.approx((one["score"] * acres[0] + two["score"] * acres[1]) / acres.sum())


def test_family_scores_make_up_the_score(world):
    """Family weights times family scores are the score."""
    config = world[0]
    (row,) = rows_of(world, campus(3, 4, 5))
    made = sum(weight * row[f"score_{f}"] for f, weight in config.family_weights().items() if weight > 0)
    assert set(config.family_weights()) == set(FAMILIES)
    assert made == pytest.approx(row["score"])


def test_unknown_points_close_the_gap_to_the_best_case(world):
    """What is unknown could still add its points; a site without any knowledge scores nothing."""
    known, unknown = rows_of(world, campus(3), campus(N_LAND - 1))
    assert known["unknown_points"] == pytest.approx(0.0)
    assert unknown["score"] == pytest.approx(0.0)
    assert unknown["score_if_known"] == pytest.approx(100.0)


def test_drivers_name_title_value_unit_and_points(world):
    """Four drivers each way; gains carry a plus, losses a minus."""
    (row,) = rows_of(world, campus(3))
    up, down = row["drivers_up"].split("; "), row["drivers_down"].split("; ")
    assert len(up) == len(down) == 4
    assert all("(+" in d and "points)" in d for d in up)
    assert all("(-" in d for d in down)


def test_driver_of_an_unknown_criterion_says_unknown(world):
    """A loss for lack of knowledge is told as such, not as a number."""
    (row,) = rows_of(world, campus(N_LAND - 1))
    assert row["drivers_down"].count("unknown") == 4


def test_excluded_site_has_reasons_and_no_score(world):
    """One excluded cell excludes the site; the row keeps its other properties."""
    field = world[1]
    bits = np.zeros(N_LAND, np.uint32)
    bits[4] = 2
    sites = (campus(3), campus(3, 4))
    free, barred = user_rows(rows_of(world, *sites), ["a", "b"], sites, field, Exclusions(bits, ("wetland", "airport")))
    assert (free["name"], free["excluded_by"]) == ("a", "")
    assert free["score"] is not None
    assert (barred["excluded_by"], barred["score"]) == ("airport", None)
    assert barred["county"] == "Taylor"


def learned_score(applicability=1.0):
    """A learned score that falls along the row of cells, of a model in which the last features count most."""
    knots = np.tile(np.linspace(0.0, 60.0, KNOTS), (len(FEATURES), 1))
    heights = np.linspace(0.1, 1.0, len(FEATURES))[:, None] * np.ones(KNOTS)
    open_domain = Domain(np.zeros((1, len(FEATURES))), np.zeros(len(FEATURES)), np.ones(len(FEATURES)), 1.0, 1.0)
    anchors = open_domain.place(np.array([[10.0] * len(FEATURES), [50.0] * len(FEATURES)]))
    domain = Domain(anchors, open_domain.centre, open_domain.scale, 1.0, 1.0)
    named = Analogues(np.array([0, 1]), ("one", "two"), np.array([60.0, 2121.0]))
    stored = SimpleNamespace(
        model=Additive(FEATURES, knots, heights, 0.0), domain=domain, analogues=named, calibration=Calibration(1.0, 0.0)
    )
    return Learned(stored, np.linspace(95, 5, N_LAND).astype(np.float32), np.full(N_LAND, applicability, np.float32))


def test_without_a_model_the_score_is_the_weighted_one(world):
    """No learned score: the same number twice, and nothing in the columns of the model."""
    (row,) = rows_of(world, campus(3, 4))
    assert row["score"] == row["weighted_score"]
    assert {row[k] for k in ("ml_score", "ml_applicability", "ml_chance", "ml_drivers", "ml_analogue")} == {None}


def test_learned_score_is_fused_by_the_configured_share(world):
    """Of known ground the share of the configuration is learned, the rest weighted."""
    share = world[0].model.share
    (row,) = rows_of(world, campus(3), learned=learned_score())
    assert row["ml_score"] == pytest.approx(float(learned_score().score[3]))
    assert row["score"] == pytest.approx((1 - share) * row["weighted_score"] + share * row["ml_score"])
    assert row["score"] != pytest.approx(row["weighted_score"])


def test_model_without_say_leaves_the_score(world):
    """Where the model does not apply, the score is the weighted one, and the row tells so."""
    plain, silent = rows_of(world, campus(3, 30)), rows_of(world, campus(3, 30), learned=learned_score(0.0))
    assert silent[0]["score"] == pytest.approx(plain[0]["score"])
    assert silent[0]["ml_applicability"] == 0.0


def test_learned_score_is_weighted_by_acres(world):
    """The campus's learned score lies between its cells', at their acres' balance; so does its applicability."""
    learned = learned_score()
    learned.applicability[30] = 0.2
    (row,) = rows_of(world, campus(3, 30), learned=learned)
    acres = world[1].acres.reshape(-1)[[9_003, 9_030]].astype(float)
    for key, values in (("ml_score", learned.score), ("ml_applicability", learned.applicability)):
        assert row[key] == pytest.approx(np.average(values[[3, 30]], weights=acres), rel=1e-6)


def test_score_of_a_row_equals_the_mean_of_the_fused_cells(world):
    """Fusing cell by cell and then averaging is what the row reports, with applicability varying within the campus."""
    learned = learned_score()
    learned.applicability[30] = 0.2
    one, two, both = rows_of(world, campus(3), campus(30), campus(3, 30), learned=learned)
    acres = world[1].acres.reshape(-1)[[9_003, 9_030]].astype(float)
    assert both["score"] == pytest.approx(np.average([one["score"], two["score"]], weights=acres))


def test_unknown_points_count_by_what_the_model_leaves(world):
    """An unknown criterion can raise the fused score only through its weighted part."""
    share = world[0].model.share
    (row,) = rows_of(world, campus(N_LAND - 1), learned=learned_score())
    assert row["score_if_known"] - row["score"] == pytest.approx((1 - share) * row["unknown_points"])


def test_family_scores_stay_those_of_the_weighted_score(world):
    """The model moves the score, not the families: they add up to the weighted score."""
    config = world[0]
    (row,) = rows_of(world, campus(3, 4), learned=learned_score())
    made = sum(weight * row[f"score_{f}"] for f, weight in config.family_weights().items() if weight > 0)
    assert made == pytest.approx(row["weighted_score"])


def test_drivers_of_the_model_name_layer_value_and_log_odds(world):
    """The features that move the learned score most at the seed, largest first."""
    (row,) = rows_of(world, campus(3, 4), learned=learned_score())
    last = FEATURES[-1].layer
    value = float(world[2].values(last)[3])
    assert row["ml_drivers"].split("; ")[0] == f"{last} {value:.4g} (+1.0)"


def test_analogue_is_a_named_campus_with_what_differs(world):
    """The campus that the seed is most like, by name and power, and one layer here and there."""
    (row,) = rows_of(world, campus(3, 4), learned=learned_score())
    name, difference = row["ml_analogue"].split("; ")
    assert name in ("one (60 MW)", "two (2121 MW)")
    assert difference.startswith("differs most in ")
    assert " vs " in difference


def test_model_adds_no_column(world):
    """The register of columns holds all that is computed with a learned score too."""
    (row,) = rows_of(world, campus(3), learned=learned_score())
    assert set(row) == {c.name for c in columns(tuple(world[0].flat_criteria()))} - LATER
