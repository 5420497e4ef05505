"""Which column holds what, under the names that programs and people give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sitefinder.sites.stated import STATED

#: what columns are taken as
LAT, LON, NAME, ACRES, WKT, PAIR, GROUP = "lat", "lon", "name", "acres", "wkt", "coordinates", "group"
#: words for them
WORDS: Mapping[str, str] = {
    LAT: "latitude",
    LON: "longitude",
    NAME: "name",
    ACRES: "acres",
    WKT: "geometry",
    PAIR: "coordinates",
    GROUP: "group",
}
#: names of each column besides its own, in lower case without blanks and signs; the first that stands in the file counts
ALIASES: Mapping[str, tuple[str, ...]] = {
    LAT: (
        *("latitude", "y", "latdd", "latdec", "latdecimal", "declat", "decimallatitude", "latitudedd", "latdms", "latwgs84"),
        *("ycoord", "ycoordinate", "pointy", "gpslat", "gpslatitude", "sitelat", "sitelatitude", "centroidlat", "centroidy"),
    ),
    LON: (
        *("lng", "long", "longitude", "x", "londd", "longdd", "londec", "longdec", "londecimal", "declon", "declong"),
        *("decimallongitude", "longitudedd", "londms", "longdms", "lonwgs84", "longwgs84", "xcoord", "xcoordinate", "pointx"),
        *(
            "gpslon",
            "gpslong",
            "gpslongitude",
            "sitelon",
            "sitelong",
            "sitelongitude",
            "centroidlon",
            "centroidlong",
            "centroidx",
        ),
    ),
    NAME: ("site", "sitename", "nameofsite", "property", "propertyname", "parcelname", "projectname", "placename"),
    ACRES: (
        *("acreage", "acre", "ac", "gisacres", "acresgis", "gisacreage", "gisacre", "calcacres", "calcacreage", "totalacres"),
        *(
            "totalacreage",
            "grossacres",
            "deedacres",
            "deededacres",
            "legalacres",
            "landacres",
            "lotacres",
            "siteacres",
            "areaacres",
        ),
        *("areaac", "sizeacres", "sizeac", "acresapprox", "approxacres", "numacres"),
    ),
    WKT: ("geometry", "geom", "thegeom", "wktgeom", "geomwkt"),
    PAIR: (
        *("coordinate", "coords", "latlon", "latlong", "latlng", "latitudelongitude", "latitudeandlongitude", "gps"),
        *("gpscoordinates", "gpslocation", "lonlat", "longlat", "lnglat", "longitudelatitude", "location", "position"),
    ),
    GROUP: ("deal", "dealname", "assemblage", "site"),
    **dict.fromkeys(STATED, ()),
}
#: lines looked at for the header: a title and notes may stand above it
HEAD_LINES = 10
#: characters of a line that are shown
SHOWN = 60


def is_separator_line(fields: Sequence[str]) -> bool:
    """Whether a line tells Excel the separator: "sep=,"."""
    return re.fullmatch(r"sep=.?", fields[0].strip().lower()) is not None and not any(f.strip() for f in fields[1:])


def plain(name: str) -> str:
    """A name of a column in lower case, letters and digits alone.

    >>> plain("# Site Name"), plain("GIS_ACRES")
    ('sitename', 'gisacres')
    """
    return "".join(c for c in name.lower() if c.isalnum())


def _forms(name: str) -> tuple[str, str]:
    """Plain forms of a name, with and without what stands in brackets."""
    return plain(name), plain(re.sub(r"\(.*?\)|\[.*?\]", "", name))


def columns_of(fields: Sequence[str]) -> dict[str, int]:
    """Where each column that is read stands in a header.

    A column is taken once: ``site`` is the group of its row only where another column holds the name.

    >>> columns_of(["#Site", "Latitude", "LONG", "Acreage (GIS)"])
    {'lat': 1, 'lon': 2, 'name': 0, 'acres': 3}
    """
    at: dict[str, int] = {}
    forms = [_forms(f) for f in fields]
    for wanted, others in ALIASES.items():
        names = dict.fromkeys(plain(n) for n in (wanted, *others))
        places = (i for name in names for kind in (0, 1) for i, form in enumerate(forms) if form[kind] == name)
        place = next((i for i in places if i not in at.values()), None)
        if place is not None:
            at[wanted] = place
    if {LAT, LON} <= at.keys() or WKT in at:
        at.pop(PAIR, None)
    return at


def longitude_first(name: str) -> bool:
    """Whether a column of pairs says by its name that longitudes come first.

    >>> longitude_first("Lon/Lat"), longitude_first("coordinates")
    (True, False)
    """
    return plain(name).startswith(("lon", "lng"))


def is_header(fields: Sequence[str]) -> bool:
    """Whether a line names the columns of a place."""
    at = columns_of(fields)
    return {LAT, LON} <= at.keys() or WKT in at or PAIR in at


def twice(fields: Sequence[str]) -> str | None:
    """The name of a column that is read and stands twice; None if there is none."""
    names = [f.strip().lower().lstrip("#").strip() for f in fields]
    return next((names[i] for i in columns_of(fields).values() if names.count(names[i]) > 1), None)


def missing(fields: Sequence[str]) -> str:
    """What a line that should be the header lacks, and what it holds."""
    lacking = next((name for name in (LAT, LON) if name not in columns_of(fields)), LAT)
    line = ", ".join(f.strip() for f in fields if f.strip())
    return f"it lacks the column '{lacking}'; its first line holds: {line[:SHOWN]}"
