"""Links from a place to pages of others that show it."""

from __future__ import annotations

from urllib.parse import urlencode

#: documented address of a map of the world with aerial pictures; nothing is loaded from it unless a person follows the link
MAPS = "https://www.google.com/maps/@"
#: about 5 km from edge to edge on a screen
ZOOM = 14
#: about 0.1 m
DECIMALS = 6


def aerial_view(lat: float, lon: float) -> str:
    """Address of an aerial picture of the land around a point in degrees.

    >>> aerial_view(41.486115, -88.262603)
    'https://www.google.com/maps/@?api=1&map_action=map&center=41.486115%2C-88.262603&zoom=14&basemap=satellite'
    """
    at = f"{round(lat, DECIMALS):.6f},{round(lon, DECIMALS):.6f}"
    return f"{MAPS}?{urlencode({'api': 1, 'map_action': 'map', 'center': at, 'zoom': ZOOM, 'basemap': 'satellite'})}"
