"""Labels as presences on the land, their sizes and weights, and features read from the stack."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sitefinder.errors import DataError
from sitefinder.layers.files import CAMPUS_LABELS
from sitefinder.layers.stack import open_stack
from sitefinder.ml import dataset
from sitefinder.ml.dataset import (
    LARGE_M2,
    LARGE_MW,
    RURAL_PEOPLE,
    URBAN_WEIGHT,
    Presences,
    background_index,
    features_at,
    positions,
    read_presences,
    require_layers,
)
from sitefinder.ml.features import FEATURES
from sitefinder.ml.learned import layers_of_model
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


NAN = float("nan")


def sized(mw, footprint):
    """Presences of these sizes, all else empty."""
    n = len(mw)
    return Presences(
        np.arange(n),
        np.zeros((n, 2)),
        np.zeros((n, len(FEATURES))),
        np.array(mw, float),
        np.array(footprint, float),
        np.full(n, "2025-06"),
        np.array([f"campus {i}" for i in range(n)], object),
        np.zeros(n, np.int32),
    )


@pytest.fixture(scope="module")
def stack(package, tiny_config, tmp_path_factory):
    """Layers of the model on the coarsest grid."""
    return open_stack(package, tiny_config, layers_of_model(), cache_folder=warm(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def presences(package, stack):
    """The compiled labels on that grid."""
    return read_presences(package, stack)


@pytest.mark.parametrize(
    ("mw", "footprint", "large"),
    [
        (LARGE_MW, NAN, True),
        (LARGE_MW - 1, NAN, False),
        (NAN, LARGE_M2, True),
        (NAN, LARGE_M2 - 1, False),
        (1.0, LARGE_M2, True),
        (LARGE_MW, 1.0, True),
        (NAN, NAN, False),
    ],
)
def test_large_is_by_power_or_by_footprint(mw, footprint, large):
    """Either measure suffices at its limit; unknown size is not large."""
    assert sized([mw], [footprint]).large.tolist() == [large]


def test_large_weighs_more_than_small_and_unknown():
    """A campus of 50 MW weighs twenty times a room of 2 MW; the unknown weigh as little as the small."""
    large, small, unknown = sized([50.0, 2.0, NAN], [NAN, NAN, NAN]).size_weight
    assert large == pytest.approx(1.0)
    assert small == dataset.SMALL_WEIGHT
    assert unknown == dataset.UNKNOWN_WEIGHT


def test_campuses_among_many_people_weigh_a_tenth():
    """A campus with 60,000 people within 10 km is urban, one with fewer rural; nothing else changes its weight."""
    p = sized([50.0, 500.0], [NAN, NAN])
    x = p.x.copy()
    x[:, [f.layer for f in FEATURES].index("people_10km")] = [RURAL_PEOPLE - 1.0, RURAL_PEOPLE]
    among = replace(p, x=x)
    assert among.rural.tolist() == [True, False]
    np.testing.assert_allclose(among.size_weight, [1.0, 2.0])
    np.testing.assert_allclose(among.weight, [1.0, 2.0 * URBAN_WEIGHT])


def test_weight_grows_with_the_logarithm_of_size():
    """Ten times the power adds one."""
    np.testing.assert_allclose(sized([50.0, 500.0, 5000.0], [NAN] * 3).size_weight, [1.0, 2.0, 3.0])


def test_the_larger_measure_makes_the_weight():
    """Little power on a large footprint counts by the footprint."""
    assert sized([1.0], [10 * LARGE_M2]).size_weight[0] == pytest.approx(2.0)


def test_taking_keeps_rows_together():
    """Every field is cut by the same mask."""
    taken = sized([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]).take(np.array([False, True, True]))
    assert len(taken) == 2
    assert (taken.mw.tolist(), taken.footprint_m2.tolist()) == ([2.0, 3.0], [20.0, 30.0])
    assert taken.name.tolist() == ["campus 1", "campus 2"]


def test_a_stack_without_a_needed_layer_is_refused():
    """The message names the missing layer and the remedy."""
    records = {f.layer: {} for f in FEATURES if f.layer != "river_km"}
    with pytest.raises(DataError, match=r"'river_km'.*Open it with"):
        features_at(SimpleNamespace(records=records), np.array([0]))


def test_all_missing_layers_are_named():
    """One line with every layer to add."""
    with pytest.raises(DataError, match=r"'river_km', 'relief_m', which") as caught:
        require_layers(SimpleNamespace(records={f.layer: {} for f in FEATURES if f.layer not in ("river_km", "relief_m")}))
    assert "\n" not in str(caught.value)


def test_labels_without_a_name_have_a_name_for_people(presences):
    """No table shows "nan"."""
    assert (presences.name == dataset.UNNAMED).sum() > 20
    assert all(isinstance(name, str) and name != "nan" for name in presences.name)


def test_features_are_in_the_order_of_the_model(stack):
    """Column j is layer j."""
    index = np.array([10, 5000, 9000])
    x = features_at(stack, index)
    assert x.dtype == np.float64
    for j, feature in enumerate(FEATURES):
        np.testing.assert_array_equal(x[:, j], stack.values(feature.layer)[index].astype(np.float64))


def test_many_places_read_as_few_do(stack, monkeypatch):
    """Both ways of reading give the same numbers."""
    index = np.arange(0, stack.land.size, 200)
    few = features_at(stack, index)
    monkeypatch.setattr(dataset, "FEW_PLACES", 1)
    np.testing.assert_array_equal(features_at(stack, index), few)


def test_real_labels_are_many(presences):
    """More than 500 labels lie on land, and more than 150 of them are large."""
    assert len(presences) > 500
    assert presences.large.sum() > 150


def test_real_labels_lie_in_the_cell_they_are_told_to(presences, stack):
    """The centre of a label's cell is within half a cell of the label, in both axes."""
    apart = np.abs(positions(stack, presences.index) - presences.xy)
    assert apart.max() <= 12_500.0


def test_features_of_a_label_are_those_of_its_cell(presences, stack):
    """Values are looked up at the label's own place."""
    np.testing.assert_array_equal(presences.x[:30], features_at(stack, presences.index[:30]))


def test_first_mapped_of_real_labels_tells_early_from_late(presences):
    """Both parts of the temporal split hold labels."""
    early = presences.first_mapped == "2025-06"
    assert early.sum() > 50
    assert (~early).sum() > 50


def test_labels_off_the_land_are_left_out(package, stack, tmp_path, monkeypatch):
    """A label in the Atlantic is no presence."""
    import geopandas
    import shapely

    table = geopandas.read_parquet(package.verified(CAMPUS_LABELS))
    x0, y0 = stack.land.grid.west + 1000.0, stack.land.grid.north - 1000.0
    assert stack.land.position[stack.land.grid.cell_at(np.array([x0]), np.array([y0]))] == -1
    moved = table.iloc[:5].copy()
    moved.geometry = [shapely.Point(x0, y0), *moved.geometry.iloc[1:]]
    path = tmp_path / "labels.parquet"
    moved.to_parquet(path)
    monkeypatch.setattr(package, "verified", lambda name: path)
    kept = read_presences(package, stack)
    assert len(kept) == 4


def test_background_is_drawn_once_each_and_ascending():
    """Without replacement, from the candidates only, sorted."""
    candidates = np.arange(0, 1000, 7)
    drawn = background_index(50, candidates, np.random.default_rng(0))
    assert (np.diff(drawn) > 0).all()
    assert set(drawn) <= set(candidates)


def test_equal_seeds_draw_equal_backgrounds():
    """The draw depends on the generator alone."""
    one, two, other = (background_index(20, np.arange(500), np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert one.tolist() != other.tolist()


def test_positions_are_cell_centres(stack):
    """The place of a land cell leads back to that cell."""
    index = np.array([0, 777, stack.land.size - 1])
    xy = positions(stack, index)
    np.testing.assert_array_equal(stack.land.position[stack.land.grid.cell_at(xy[:, 0], xy[:, 1])], index)
