"""Layers of community precedents on real data at 25 km."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.certainty.ranks import CASES
from sitefinder.layers import REGISTRY
from sitefinder.layers.families import precedents
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.ml.features import FEATURES
from tests.helpers.paths import DATA
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


LAYERS = [k for k, layer in REGISTRY.items() if precedents.PRECEDENTS in layer.spec.sources]


@pytest.fixture(scope="module")
def stack(tmp_path_factory, tiny_config):
    """Only these layers."""
    return open_stack(DataPackage(DATA), tiny_config, LAYERS, cache_folder=warm(tmp_path_factory.mktemp("cache")))


def test_there_are_five_and_none_is_a_feature_of_the_learned_score():
    """Events follow announcements: a model would learn the answer from them."""
    assert len(LAYERS) == 5
    assert not {f.layer for f in FEATURES} & set(LAYERS)


def test_share_is_unknown_where_nothing_was_decided(stack):
    """No event is no consent: never 0, never an average."""
    share, cases = stack.values("precedents_blocked_share"), stack.values("precedents_decided_80km")
    np.testing.assert_array_equal(np.isnan(share), cases < precedents.FEWEST)
    assert 0.2 < np.isnan(share).mean() < 0.9


def test_share_is_what_did_not_go_ahead(stack):
    """Of the decided cases; mixed outcomes count as half, so the two shares differ by no more than those."""
    share, cases = stack.values("precedents_blocked_share"), stack.values("precedents_decided_80km")
    ahead = stack.values("precedents_ahead_80km")
    known = ~np.isnan(share)
    rest = 1.0 - ahead[known] / cases[known]
    assert (share[known] <= rest + 1e-4).all()
    assert (share[known] >= rest / 2 - 1e-4).all()
    assert (np.abs(share[known] - rest) < 1e-4).mean() > 0.1


def test_what_went_ahead_is_part_of_what_was_decided(stack):
    """Sums within the same radius."""
    assert (stack.values("precedents_ahead_80km") <= stack.values("precedents_decided_80km") + 1e-3).all()


def test_northern_virginia_has_many_cases(stack):
    """The busiest place of all."""
    cases = stack.values("precedents_decided_80km")
    county = stack.zones.county_of(int(np.argmax(cases)))
    assert county["state"] in ("VA", "MD", "DC", "WV")


def test_layer_of_cases_belongs_to_its_share():
    """The interval of the share comes from it."""
    assert CASES == {"precedents_blocked_share": "precedents_decided_80km"}
    assert REGISTRY["precedents_decided_80km"].spec.better == "context"


def test_expected_share_puts_the_own_county_first_and_shrinks_by_count():
    """Eight cases of the national share, 0.6, against the county's own 4 of 4 lost; 52.5 km off, a quarter of each counts."""
    xy = np.array([[0.0, 0.0], [52_500.0, 0.0], [900_000.0, 0.0]])
    share = precedents.expected_share(np.array([4.0, 0.0, 2.0]), np.array([4.0, 0.0, 6.0]), xy)
    np.testing.assert_allclose(share, [(4 + 8 * 0.6) / 12, (1 + 8 * 0.6) / 9, (2 + 8 * 0.6) / 14])


def test_without_cases_the_national_share_is_expected(stack):
    """437 events lost and 91 mixed of 730 in the source: 0.661, less the few that lie outside the counties of the map."""
    expected, cases = stack.values("precedents_blocked_expected"), stack.values("precedents_decided_80km")
    far = expected[cases == 0]
    assert np.median(far) == pytest.approx((437 + 0.5 * 91) / 730, abs=0.002)
    assert np.isfinite(expected).all()


def test_memphis_is_friendlier_than_the_tri_cities(stack):
    """Shelby County TN let most of its campuses go ahead; Washington County TN blocked its own."""
    fips = np.array([stack.zones.county_of(i)["fips"] for i in range(stack.land.size)])
    expected = stack.values("precedents_blocked_expected")
    assert expected[fips == "47157"].mean() < 0.4 < 0.7 < expected[fips == "47179"].mean()
