"""Scores, place and evidence of campuses: grades, drivers, means over the land, and the user's own sites and their order."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from sitefinder.config import FAMILIES, load_config
from sitefinder.grid import Grid, Land
from sitefinder.layers import REGISTRY
from sitefinder.ml.analogues import Analogues
from sitefinder.ml.features import FEATURES
from sitefinder.ml.learned import Learned, layers_of_model
from sitefinder.ml.models import KNOTS, Additive, Calibration
from sitefinder.ml.predict import Domain
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.columns import NEAREST_LAYERS
from sitefinder.sites.scores import CONTEXT_LAYERS, FLAG_LAYERS, evidence_grades, free_scores, own_order, own_parts, scored
from sitefinder.sites.usable import Usable
from sitefinder.units import M2_PER_ACRE

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


NAN = np.nan


@given(st.lists(st.floats(0, 100) | st.just(NAN), max_size=12))
def test_own_sites_come_best_first_and_those_without_a_score_last(scores):
    """Ties and sites without a score keep the order of the file; zero is a score."""
    order = own_order(scores)
    assert sorted(order) == list(range(len(scores)))
    with_score = [i for i in order if not np.isnan(scores[i])]
    assert order[: len(with_score)] == with_score == sorted(with_score, key=lambda i: (-scores[i], i))
    assert order[len(with_score) :] == [i for i, score in enumerate(scores) if np.isnan(score)]


class FakeStack:
    """Random layers of a small country, the last cell unknown in every criterion."""

    def __init__(self, land, config, folder):
        rng = np.random.default_rng(0)
        self.land = land
        layer_ids = dict.fromkeys([*config.flat_criteria(), *NEAREST_LAYERS.values(), *CONTEXT_LAYERS, *layers_of_model()])
        self.layers = {k: rng.uniform(0, 60, land.size).astype(np.float32) for k in layer_ids}
        for k in config.flat_criteria():
            self.layers[k][-1] = np.nan
        self.folder = folder
        self.records = {k: {"stem": k} for k in layer_ids}
        county = {"fips": "48441", "name": "Taylor", "state": "TX"}
        of_cells = {"names": {"county": [county]}, "county": np.zeros(land.size, np.int32)}
        self.zones = SimpleNamespace(county_of=lambda i: county, rto_of=lambda i: "ERCOT", **of_cells)

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
def world(default_path, tmp_path_factory):
    """Configuration, field and stack of a row of forty cells."""
    config = load_config(default_path, {"grid.resolution_m": "25000"}).config
    land = Land(GRID, np.arange(9_000, 9_000 + N_LAND, dtype=np.int32))
    field = Field.of(land, np.full(N_LAND, 50, np.float32), np.linspace(10, 90, N_LAND).astype(np.float32))
    return config, field, FakeStack(land, config, tmp_path_factory.mktemp("fake"))


def campus(*index):
    """A campus of the cells at these places of the land index."""
    return Campus(np.array(index, np.int32) + 9_000, np.ones(len(index)), 1234.0)


def described(world, *campuses, learned=None):
    """What is said about campuses."""
    config, field, stack = world
    return scored(campuses, field, stack, config, learned=learned)


def test_no_campus_is_described_by_nothing(world):
    """An empty list stays empty."""
    assert described(world) == []


def test_campuses_are_ranked_in_the_order_given(world):
    """From 1, each under a key of its own, also where two seeds share a lattice cell."""
    sites = described(world, campus(5), campus(3), campus(5, 6))
    assert [site.identity.rank for site in sites] == [1, 2, 3]
    first, second, third = (site.identity.site_id for site in sites)
    assert third == f"{first}-2"
    assert second not in (first, third)
    assert first.startswith("TX-")


def test_the_name_tells_the_nearest_town(world):
    """And how far it is from the seed."""
    (site,) = described(world, campus(3, 4))
    assert site.identity.name == f"{float(world[2].values('town_km')[3]):.0f} km from town_km 3"


def test_place_is_that_of_the_seed(world):
    """County, region, nearest features and layer values are those of the seed."""
    (site,) = described(world, campus(3, 4))
    assert (site.place.state, site.place.county, site.place.county_fips, site.place.rto) == ("TX", "Taylor", "48441", "ERCOT")
    assert site.nearest.river == "river_km 3"
    assert site.layers["relief_m"] == float(world[2].values("relief_m")[3])
    assert list(site.layers) == [*world[0].flat_criteria(), *FLAG_LAYERS]
    assert site.quality.station_km == float(world[2].values("station_km")[3])


def test_nearest_features_of_layers_that_were_not_opened_are_unknown(world):
    """Their names cannot be told; the others can."""
    config, field, stack = world
    fewer = SimpleNamespace(**{**vars(stack), "records": {k: v for k, v in stack.records.items() if k != "river_km"}})
    fewer.at, fewer.names, fewer.values = stack.at, stack.names, stack.values
    (site,) = scored([campus(3)], field, fewer, config)
    assert (site.nearest.river, site.nearest.exchange) == (None, "exchange_km 3")


def test_acres_are_those_of_the_campus(world):
    """Buildable acres as it was grown; acres of the footprint by the shares of its cells."""
    half = Campus(np.array([9_003, 9_004], np.int32), np.array([1.0, 0.5]), 777.0)
    (site,) = described(world, half)
    assert site.place.buildable_acres == 777.0
    assert site.place.footprint_acres == pytest.approx(1.5 * GRID.cell_acres)


def test_position_is_that_of_the_seed(world):
    """Latitude and longitude lead back to the seed cell."""
    from pyproj import Transformer

    (site,) = described(world, campus(7))
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True).transform(site.place.lon, site.place.lat)
    r, c = GRID.cell_at(x, y)
    assert int(r) * GRID.width + int(c) == 9_007


def test_score_is_the_mean_over_the_land_weighted_by_acres(world):
    """The campus's score lies between its cells' scores, at their acres' balance."""
    one, two, both = described(world, campus(3), campus(30), campus(3, 30))
    acres = world[1].acres.reshape(-1)[[9_003, 9_030]].astype(float)
    assert both.identity.score == pytest.approx((one.identity.score * acres[0] + two.identity.score * acres[1]) / acres.sum())


def test_family_scores_make_up_the_score(world):
    """Family weights times family scores are the score."""
    config = world[0]
    (site,) = described(world, campus(3, 4, 5))
    made = sum(weight * site.families.score[f] for f, weight in config.family_weights().items() if weight > 0)
    assert set(config.family_weights()) == set(FAMILIES)
    assert made == pytest.approx(site.identity.score)


def test_unknown_points_close_the_gap_to_the_best_case(world):
    """What is unknown could still add its points; a site without any knowledge scores nothing."""
    known, unknown = described(world, campus(3), campus(N_LAND - 1))
    assert known.quality.unknown_points == pytest.approx(0.0)
    assert unknown.identity.score == pytest.approx(0.0)
    assert unknown.identity.score_if_known == pytest.approx(100.0)


def test_drivers_name_title_value_unit_and_points(world):
    """Four drivers each way; gains carry a plus, losses a minus."""
    (site,) = described(world, campus(3))
    up, down = site.quality.drivers_up.split("; "), site.quality.drivers_down.split("; ")
    assert len(up) == len(down) == 4
    assert all("(+" in d and "points)" in d for d in up)
    assert all("(-" in d for d in down)


def test_driver_of_an_unknown_criterion_says_unknown(world):
    """A loss for lack of knowledge is told as such, not as a number."""
    (site,) = described(world, campus(N_LAND - 1))
    assert site.quality.drivers_down.count("unknown") == 4


# -- the user's own --------------------------------------------------------------------------------------------------------


def gated(*bits):
    """Gates wetland (bit 1) and airport (bit 2) over the land: (place, bits) pairs."""
    values = np.zeros(N_LAND, np.uint32)
    for place, bit in bits:
        values[place] = bit
    return Exclusions(values, ("wetland", "airport"))


def owned(world, *campuses, scores, national=(), excluded=None):
    """What only the user's own sites have."""
    words = [(Usable(92.0, "92 % usable"), "")] * len(campuses)
    return own_parts(campuses, scores, world[1], excluded or gated(), national=national, words=words)


def test_a_site_on_excluded_land_has_no_score(world):
    """One excluded cell is enough; free sites keep theirs."""
    scores = free_scores([campus(3), campus(3, 4)], [70.0, 80.0], world[1], gated((4, 2)))
    assert scores[0] == 70.0
    assert np.isnan(scores[1])


def test_every_gate_on_the_land_is_named(world):
    """Of the cells that count and of those that a parcel leaves out; nothing on free land."""
    parcel = Campus(np.array([9_003], np.int32), np.ones(1), 500.0, excluded=np.array([9_005], np.int32))
    excluded = gated((4, 2), (5, 1), (6, 3))
    parts = owned(world, campus(3), campus(3, 4), parcel, campus(6), scores=[1.0, NAN, 1.0, NAN], excluded=excluded)
    assert [part.excluded_by for part in parts] == ["", "airport", "wetland", "wetland; airport"]


def test_national_rank_counts_the_better_ones(world):
    """A site takes the place after all national sites that score more; behind the whole list it has none."""
    scores = [90.0, 60.0, 50.0, 10.0, NAN]
    parts = owned(world, *(campus(i) for i in range(5)), scores=scores, national=[80.0, 60.0, 50.0])
    np.testing.assert_array_equal([part.national_rank for part in parts], [1, 2, 3, NAN, NAN])


def test_the_score_of_a_listed_site_takes_its_own_rank(world):
    """Cells added up in another order differ in the last digits: the same site, not the next rank."""
    (part,) = owned(world, campus(3), scores=[60.0 - 1e-9], national=[80.0, 60.0, 50.0])
    assert part.national_rank == 2
    assert (part.usable_pct, part.usable_note, part.stated) == (92.0, "92 % usable", "")


def test_site_without_the_acres_has_no_national_rank(world):
    """Too little land is ranked among the user's own, but not against the nation's campuses."""
    small = Campus(np.array([9_003], np.int32), np.ones(1), 10.0, enough=False)
    (part,) = owned(world, small, scores=[90.0], national=[80.0])
    assert part.acres_enough is False
    assert np.isnan(part.national_rank)


def test_parcels_are_measured_as_drawn(world):
    """Acres and parts of the polygon itself; a point has neither."""
    disc, field = shapely.Point(0.0, 0.0).buffer(2000.0, quad_segs=64), shapely.box(3000.0, 0.0, 5000.0, 1000.0)
    drawn = [Campus(np.array([9_003], np.int32), np.ones(1), 10.0, parcel=p) for p in (disc, shapely.union(disc, field))]
    one, two, point = owned(world, *drawn, campus(3), scores=[1.0, 1.0, 1.0])
    assert one.parcel_acres == pytest.approx(math.pi * 4e6 / M2_PER_ACRE, rel=1e-3)
    assert two.parcel_acres == pytest.approx(one.parcel_acres + 2e6 / M2_PER_ACRE)
    assert (one.parcel_parts, two.parcel_parts) == (1, 2)
    assert np.isnan(point.parcel_acres)
    assert np.isnan(point.parcel_parts)


# -- the learned score -----------------------------------------------------------------------------------------------------


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
    (site,) = described(world, campus(3, 4))
    assert site.identity.score == site.identity.weighted_score
    assert np.isnan([site.identity.ml_score, site.identity.ml_applicability, site.quality.ml_chance]).all()
    assert (site.quality.ml_drivers, site.quality.ml_analogue) == (None, None)


def test_learned_score_is_fused_by_the_configured_share(world):
    """Of known ground the share of the configuration is learned, the rest weighted."""
    share = world[0].model.share
    (site,) = described(world, campus(3), learned=learned_score())
    assert site.identity.ml_score == pytest.approx(float(learned_score().score[3]))
    assert site.identity.score == pytest.approx((1 - share) * site.identity.weighted_score + share * site.identity.ml_score)
    assert site.identity.score != pytest.approx(site.identity.weighted_score)


def test_scores_far_apart_say_why(world):
    """More than 20 points apart, either way, a site names what moves both; within them it says nothing."""
    sites = described(world, *[campus(i) for i in range(0, N_LAND, 7)], learned=learned_score())
    apart = np.array([s.identity.ml_score - s.identity.weighted_score for s in sites])
    assert apart.max() > 20.0 > -20.0 > apart.min()
    for site, by in zip(sites, apart, strict=True):
        side, verb = ("higher", "loses most on") if by > 0 else ("lower", "earns most on")
        parts = (site.quality.ml_apart or "").split("; ")
        if abs(by) > 20.0:
            assert parts[0].startswith(f"learned score {abs(by):.0f} points {side}: ")
            assert parts[1].startswith(f"the weighted score {verb} ")
        else:
            assert parts == [""]


def test_model_without_say_lifts_no_site_and_still_lowers(world):
    """Where the model does not apply, a higher learned score counts for nothing, a lower one in full; the columns tell so."""
    share = world[0].model.share
    identities = [s.identity for s in described(world, *map(campus, range(0, N_LAND, 7)), learned=learned_score(0.0))]
    assert {here.ml_counted for here in identities} == {0.0, 1.0}
    for here in identities:
        part = share if here.ml_score < here.weighted_score else 0.0
        assert (here.ml_applicability, here.ml_counted) == (0.0, float(part > 0))
        assert here.score == pytest.approx((1 - part) * here.weighted_score + part * here.ml_score)


def test_learned_score_is_weighted_by_acres(world):
    """The campus's learned score lies between its cells', at their acres' balance; so does its applicability."""
    learned = learned_score()
    learned.applicability[30] = 0.2
    (site,) = described(world, campus(3, 30), learned=learned)
    acres = world[1].acres.reshape(-1)[[9_003, 9_030]]
    for key, values in (("ml_score", learned.score), ("ml_applicability", learned.applicability)):
        assert getattr(site.identity, key) == pytest.approx(np.average(values[[3, 30]], weights=acres), rel=1e-6)


def test_score_equals_the_mean_of_the_fused_cells(world):
    """Fusing cell by cell and then averaging is what is reported, with applicability varying within the campus."""
    learned = learned_score()
    learned.applicability[30] = 0.2
    one, two, both = described(world, campus(3), campus(30), campus(3, 30), learned=learned)
    acres = world[1].acres.reshape(-1)[[9_003, 9_030]].astype(float)
    assert both.identity.score == pytest.approx(np.average([one.identity.score, two.identity.score], weights=acres))


def test_unknown_points_count_by_what_the_model_leaves(world):
    """An unknown criterion can raise the fused score only through its weighted part."""
    share = world[0].model.share
    (site,) = described(world, campus(N_LAND - 1), learned=learned_score())
    assert site.identity.score_if_known - site.identity.score == pytest.approx((1 - share) * site.quality.unknown_points)


def test_family_scores_stay_those_of_the_weighted_score(world):
    """The model moves the score, not the families: they add up to the weighted score."""
    (site,) = described(world, campus(3, 4), learned=learned_score())
    total = sum(weight * site.families.score[f] for f, weight in world[0].family_weights().items() if weight > 0)
    assert total == pytest.approx(site.identity.weighted_score)


def test_drivers_of_the_model_name_layer_value_and_log_odds(world):
    """The features that move the learned score most at the seed, largest first."""
    (site,) = described(world, campus(3, 4), learned=learned_score())
    last = FEATURES[-1].layer
    value = float(world[2].values(last)[3])
    assert site.quality.ml_drivers.split("; ")[0] == f"{last} {value:.4g} (+1.0)"


def test_analogue_is_a_named_campus_with_what_differs(world):
    """The campus that the seed is most like, by name and power, and one layer here and there."""
    (site,) = described(world, campus(3, 4), learned=learned_score())
    name, difference = site.quality.ml_analogue.split("; ")
    assert name in {"one (60 MW)", "two (2121 MW)"}
    assert difference.startswith("differs most in ")
    assert " vs " in difference
