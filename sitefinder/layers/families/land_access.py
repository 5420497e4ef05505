"""Land access and neighbours: roads, airports, military and contaminated sites, towns."""

from __future__ import annotations

from typing import Any

from sitefinder.layers.built import Built
from sitefinder.layers.files import AIRPORTS, HIGHWAYS, MILITARY, PLACES, SUPERFUND
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

#: runway length of airports that carry jets: their approach surfaces and noise zones reach far
JET_RUNWAY_FT = 7000
#: least population of a town that names a site
TOWN_PEOPLE = 500


@layer(
    layer_id="highway_km",
    family="land",
    title="Distance to a highway",
    unit="km",
    meaning="Distance to the nearest interstate or US route, for heavy transport and the construction workforce.",
    better="low",
    valid=(0.0, 300.0),
    sources=(HIGHWAYS,),
    grade="E2",
    caveat="Network of about 2013.",
)
def highway_km(sources: Sources) -> Built:
    """Distance."""
    roads = sources.features(HIGHWAYS)
    return sources.distance_km(roads[roads["kind"] != "state"].geometry.values)


@layer(
    layer_id="airport_km",
    family="land",
    title="Distance to a jet airport",
    unit="km",
    meaning=f"Distance to the nearest public airport with a runway of at least {JET_RUNWAY_FT} ft.",
    better="high",
    valid=(0.0, 1000.0),
    sources=(AIRPORTS,),
    grade="E2",
    caveat="Distance to the reference point, not to the runway end or the noise contour.",
)
def airport_km(sources: Sources) -> Built:
    """Distance with the airport's name."""
    chosen = jet_airports(sources.features(AIRPORTS))
    return sources.distance_km(chosen.geometry.values, chosen["name"].tolist())


def towns(places: Any) -> Any:
    """The places of the register that count as towns."""
    return places[places["population"] >= TOWN_PEOPLE]


def jet_airports(airports: Any) -> Any:
    """The airports of the register whose longest runway carries jets."""
    return airports[airports["runway_ft"] >= JET_RUNWAY_FT]


@layer(
    layer_id="military_km",
    family="land",
    title="Distance to a military site",
    unit="km",
    meaning="Distance to the reference point of the nearest active military installation.",
    better="high",
    valid=(0.0, 1000.0),
    sources=(MILITARY,),
    grade="E3",
    caveat="Points, not outlines: a large range reaches far beyond its point.",
)
def military_km(sources: Sources) -> Built:
    """Distance with the site's name."""
    sites = sources.features(MILITARY)
    return sources.distance_km(sites.geometry.values, sites["name"].tolist())


@layer(
    layer_id="superfund_km",
    family="land",
    title="Distance to a Superfund site",
    unit="km",
    meaning="Distance to the nearest site of the National Priorities List.",
    better="high",
    valid=(0.0, 1000.0),
    sources=(SUPERFUND,),
    grade="E2",
    caveat="Points, not plumes; other contaminated land is not in it.",
)
def superfund_km(sources: Sources) -> Built:
    """Distance with the site's name."""
    sites = sources.features(SUPERFUND)
    return sources.distance_km(sites.geometry.values, sites["name"].tolist())


@layer(
    layer_id="town_km",
    family="land",
    title="Distance to a town",
    unit="km",
    meaning=f"Distance to the nearest place of at least {TOWN_PEOPLE} people; it names the site.",
    better="context",
    valid=(0.0, 500.0),
    sources=(PLACES,),
    grade="E3",
    caveat="Points, not town limits.",
)
def town_km(sources: Sources) -> Built:
    """Distance with the town's name."""
    chosen = towns(sources.features(PLACES))
    labels = (chosen["name"] + ", " + chosen["state"]).tolist()
    return sources.distance_km(chosen.geometry.values, labels)
