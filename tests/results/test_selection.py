"""Choosing among the sites of a list."""

from __future__ import annotations

import pytest

from sitefinder.config.area import Area
from sitefinder.layers.area import resolved
from sitefinder.layers.package import DataPackage
from sitefinder.results.selection import GROUPS, LIMITS, Filters, best_of_each
from sitefinder.results.site import columns
from tests.helpers.paths import DATA
from tests.helpers.records import site

SITE = {
    "full_load_p50": "2031-03",
    "power_price_usd_mwh": 80.0,
    "grid_headroom_mw_p50": 1500,
    "buildable_acres": 1200,
    "people_5km": 900,
    "county_fips": "48441",
    "pathway": "grid",
}


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        (Filters(), True),
        (Filters(by="2031-03"), True),
        (Filters(by="2031-02"), False),
        (Filters(limits={"price": 80.0}), True),
        (Filters(limits={"price": 79.0}), False),
        (Filters(limits={"mw": 1500.0}), True),
        (Filters(limits={"mw": 1501.0}), False),
        (Filters(limits={"acres": 1300.0}), False),
        (Filters(limits={"people": 900.0, "acres": 1000.0}), True),
        (Filters(limits={"people": 899.0}), False),
    ],
)
def test_a_site_passes_what_it_satisfies(filters, passes):
    """A least or a most, the bound itself included."""
    assert filters.passes(site(**SITE)) == passes


def test_an_unknown_value_passes_no_filter_and_is_named():
    """Not known is not enough, and not too much either."""
    unknown = site(**{**SITE, "full_load_p50": None, "people_5km": None})
    assert Filters().passes(unknown)
    assert not Filters(by="2040-01").passes(unknown)
    assert Filters(by="2040-01").unknown(unknown) == "full_load_p50"
    assert Filters(limits={"people": 1e9}).unknown(unknown) == "people_5km"


def test_a_site_must_lie_in_the_area():
    """By its state, county and point."""
    for area, passes in ((Area(where=("TX",)), True), (Area(not_in=("48441",)), False), (Area(near=(32.5, -99.7, 5.0)), True)):
        within = resolved(area, DataPackage(DATA), str)
        assert Filters(within=within).passes(site(**SITE)) == passes


def test_the_best_of_each_place_comes_in_the_order_of_the_list():
    """Sites of which the place is unknown are left out, and so are those without a score."""
    sites = [
        site(site_id="A", rto="PJM"),
        site(site_id="B", rto="PJM"),
        site(site_id="C", rto=None),
        site(site_id="D", rto="SPP", score=None),
        site(site_id="E", rto="SPP"),
    ]
    assert [s.site_id for s in best_of_each(sites, "region")] == ["A", "E"]
    assert {group for group in GROUPS if best_of_each(sites, group)} == {"region", "state"}


def test_filters_look_at_columns_that_lists_have():
    """A misspelled one would let nothing pass."""
    assert {limit.column for limit in LIMITS.values()} <= {c.name for c in columns(("power_price_usd_mwh",))}
