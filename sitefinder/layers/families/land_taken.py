"""Land, continued: what of each cell is taken already, one layer per cause and one for all of them."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import (
    AIRFIELDS,
    AIRPORTS,
    CAMPUS_LABELS,
    CORRIDORS,
    DATA_CENTERS,
    HIGHWAYS,
    LINES,
    MILITARY_AREAS,
    OSM_WATER,
    PARKS,
    PIPELINES,
    PLANTS,
    REUSABLE,
    RIVERS,
    STATIONS,
    WASTEWATER,
)
from sitefinder.layers.kept_clear import large_rivers, near_campuses, near_freeways, near_military
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer
from sitefinder.layers.taken import (
    CAUSES,
    FILES,
    LAYER_OF,
    left_of,
    share_of,
    terms_of,
)


def _taken_layer(cause: str, title: str, meaning: str, source: str | tuple[str, ...], caveat: str) -> None:
    """Register the layer of one cause."""

    @layer(
        parameters=terms_of,
        layer_id=LAYER_OF[cause],
        family="land",
        title=title,
        unit="%",
        meaning=meaning,
        better="low",
        valid=(0.0, 100.0),
        sources=(source,) if isinstance(source, str) else source,
        grade="E4",
        caveat=caveat,
    )
    def build(sources: Sources) -> np.ndarray:
        return np.float32(100.0) * share_of(sources, cause)


for _cause, _title, _meaning, _source, _caveat in (
    (
        "plants",
        "Taken by power plants",
        "Share of the cell within discs around power plants, of the acres that their technology and megawatts take.",
        PLANTS,
        "The register has a point per plant: shape and fence are not known; turbines of a wind farm lie far around its point.",
    ),
    (
        "reactors",
        "Taken by reactors",
        "Share of the cell within 1 km of a nuclear station: about the exclusion area over which its operator decides.",
        PLANTS,
        "The same radius at every station; real boundaries lie at about 0.5 to 1 mile.",
    ),
    (
        "stations",
        "Taken by substations",
        "Share of the cell within discs around substations, of the acres that a yard of their voltage takes; taps take none.",
        STATIONS,
        "Points of 2020: newer yards are missing; acres by voltage, not by the yard.",
    ),
    (
        "campuses",
        "Taken by known data center campuses",
        "Share of the cell within discs around known campuses, of their mapped area or of the acres that their megawatts take.",
        CAMPUS_LABELS,
        "Announced campuses are in it as far as the label file has them; some positions are approximate.",
    ),
    (
        "airports",
        "Taken by airports",
        "Share of the cell within discs around public airports that hold the longest runway and 1,000 ft beyond each end, and "
        "around other open airfields (private, or runways below 3,000 ft) that hold the runway.",
        (AIRPORTS, AIRFIELDS),
        "Directions of runways are not known, so the disc is wider than the field; military fields are missing; a private strip "
        "may be for sale with its land: state it for a site of your own.",
    ),
    (
        "lines",
        "Taken by transmission lines",
        "Share of the cell within the right of way of transmission lines, as wide as their voltage class asks.",
        LINES,
        "Lines that share a right of way count twice.",
    ),
    (
        "pipelines",
        "Taken by gas pipelines",
        "Share of the cell within the permanent easement of gas transmission pipelines.",
        PIPELINES,
        "Positions are off by hundreds of metres in places; gathering and distribution lines and liquids are missing.",
    ),
    (
        "freeways",
        "Taken by freeways",
        "Share of the cell within the right of way of interstates and other freeways.",
        (HIGHWAYS, CORRIDORS),
        "Networks of about 2013.",
    ),
    (
        "highways",
        "Taken by US routes",
        "Share of the cell within the right of way of US routes.",
        HIGHWAYS,
        "Network of about 2013; state and local roads are not in it.",
    ),
    (
        "railways",
        "Taken by main railways",
        "Share of the cell within the right of way of main railways.",
        CORRIDORS,
        "Main lines only; yards and spurs are missing.",
    ),
    (
        "rivers",
        "Taken by rivers",
        "Share of the cell within rivers as wide as their mean flow makes them.",
        RIVERS,
        "Width from modelled flow; the line is simplified to 100 m, flood plains are not in it.",
    ),
    (
        "closed_plants",
        "Taken by closed power plants",
        "Share of the cell within discs around closed plants of 50 MW and more, of the acres that they took when they ran.",
        REUSABLE,
        "Closed since 2005; what was cleared, sold or built anew since is not known: state it for a site of your own.",
    ),
    (
        "wastewater",
        "Taken by wastewater plants",
        "Share of the cell within discs around municipal wastewater plants of 0.5 Mgd and more, of acres by their flow.",
        WASTEWATER,
        "Ponds and fields for land application take many times more than a plant of tanks; smaller plants are missing.",
    ),
    (
        "parks",
        "Within protected federal units",
        "Share of the cell within units of the Park Service (battlefields and monuments, too), and of the Forest Service where "
        "the whole unit is protected: a scenic area, a tallgrass prairie; above 0 wherever an outline touches the cell.",
        PARKS,
        "Outlines are good to about 300 m; some hold private land; refuges of the Fish and Wildlife Service, state parks and "
        "wilderness are not in the file.",
    ),
):
    _taken_layer(_cause, _title, _meaning, _source, _caveat)


@layer(
    parameters=terms_of,
    layer_id="large_river_pct",
    family="land",
    title="Taken by large rivers",
    unit="%",
    meaning="Share of the cell within rivers that part the land: of the mean flow from which no campus lies on both banks, or "
    "mapped as an area.",
    better="low",
    valid=(0.0, 100.0),
    sources=(RIVERS, OSM_WATER),
    grade="E4",
    caveat="Width from modelled flow where none is mapped; above 0 wherever the line or area of such a river touches the cell.",
)
def large_river_pct(sources: Sources) -> np.ndarray:
    """Strips along large rivers."""
    return np.float32(100.0) * large_rivers(sources)


@layer(
    parameters=terms_of,
    layer_id="freeway_zone_pct",
    family="land",
    title="Where a freeway may run",
    unit="%",
    meaning="Share of the cell within the position error of a drawn freeway: land that it may cross.",
    better="context",
    valid=(0.0, 100.0),
    sources=(HIGHWAYS, CORRIDORS),
    grade="E4",
    caveat="At one exit in 35 an interstate runs still farther from its drawing, by 1.7 km at most; freeways that are no "
    "interstates are drawn as chords and may be farther off; roads opened after about 2013 are missing.",
)
def freeway_zone_pct(sources: Sources) -> np.ndarray:
    """Zones around freeways; above 0 wherever one touches the cell."""
    return np.float32(100.0) * near_freeways(sources)


@layer(
    parameters=terms_of,
    layer_id="military_zone_pct",
    family="land",
    title="Mapped military areas and the land around",
    unit="%",
    meaning="Share of the cell within a mapped military area, or within the clearance around it.",
    better="context",
    valid=(0.0, 100.0),
    sources=(MILITARY_AREAS,),
    grade="E4",
    caveat="Half of the installations have an outline here: land outside says nothing.",
)
def military_zone_pct(sources: Sources) -> np.ndarray:
    """Zones around areas; above 0 wherever one touches the cell."""
    return np.float32(100.0) * near_military(sources)


@layer(
    parameters=terms_of,
    layer_id="campus_zone_pct",
    family="land",
    title="Known campuses and the land around",
    unit="%",
    meaning="Share of the cell within known campuses, or mapped buildings of data centers, and the clearance around them.",
    better="context",
    valid=(0.0, 100.0),
    sources=(CAMPUS_LABELS, DATA_CENTERS),
    grade="E4",
    caveat="Discs of the mapped area: true outlines reach farther in some directions; land bought and not yet built on "
    "is not known.",
)
def campus_zone_pct(sources: Sources) -> np.ndarray:
    """Zones around campuses and buildings; above 0 wherever one touches the cell."""
    return np.float32(100.0) * near_campuses(sources)


@layer(
    parameters=terms_of,
    rests_on=(LAYER_OF["plants"], LAYER_OF["closed_plants"]),
    layer_id="plant_ground_pct",
    family="land",
    title="Taken by power plants, running or closed",
    unit="%",
    meaning="Share of the cell that power plants take, or closed ones took: the larger of the two.",
    better="context",
    valid=(0.0, 100.0),
    sources=(PLANTS, REUSABLE),
    grade="E4",
    caveat="Discs around points; what was cleared, sold or built anew on the ground of a closed plant is not known.",
)
def plant_ground_pct(sources: Sources) -> np.ndarray:
    """The larger of two shares."""
    return np.float32(100.0) * np.maximum(share_of(sources, "plants"), share_of(sources, "closed_plants"))


@layer(
    parameters=terms_of,
    rests_on=tuple(LAYER_OF.values()),
    layer_id="land_taken_pct",
    family="land",
    title="Taken already",
    unit="%",
    meaning="Share of the cell that power plants, running and closed, stations, wastewater plants, known campuses, airports, "
    "protected federal units, rights of way and rivers take together.",
    better="low",
    valid=(0.0, 100.0),
    sources=FILES,
    grade="E4",
    caveat="Causes are combined as if they lay independently of each other; industry, mines and local roads are not in it.",
)
def land_taken_pct(sources: Sources) -> np.ndarray:
    """One less the product of what each cause leaves."""
    return np.float32(100.0) * (np.float32(1.0) - left_of(sources, *CAUSES))
