"""Compiled proxies against independent data that is never shipped."""

from __future__ import annotations

import pytest

from sitefinder.compiling.checks import fiber_proxy
from sitefinder.layers import REGISTRY
from tests.helpers.paths import DATA, ROOT

ROUTES = ROOT.parent / "shared" / "data" / "check" / "fiber_routes_itu.parquet"


@pytest.mark.slow
@pytest.mark.skipif(not ROUTES.exists(), reason="the validation-only routes are not on this machine")
def test_the_fiber_proxy_is_as_good_as_its_specification_says():
    """The figures in the caveat are measured, not remembered."""
    figures = fiber_proxy(DATA / "fiber" / "corridors.parquet", ROUTES, DATA / "boundaries" / "counties.parquet")
    caveat = REGISTRY["fiber_corridor_km"].spec.caveat
    assert f"{figures['recall']:.0%}".replace("%", " %") in caveat
    assert f"{figures['precision']:.0%}".replace("%", " %") in caveat
    assert f"{figures['rank_correlation']:.2f}" in caveat
