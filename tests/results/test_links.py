"""Links to pages of others."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from sitefinder.results.links import aerial_view


def test_the_address_is_plain_https_and_holds_the_point():
    """Latitude first, as the documented address asks."""
    address = urlsplit(aerial_view(41.4861149, -88.2626))
    assert address.scheme == "https"
    assert parse_qs(address.query)["center"] == ["41.486115,-88.262600"]
    assert parse_qs(address.query)["basemap"] == ["satellite"]
