"""Land, continued: federal land, parks and forests, tribal land, military areas, and an earlier screen as a sign of others."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import EARLIER_SCREEN, FEDERAL, MILITARY_AREAS, PARKS, TRIBAL
from sitefinder.layers.held import outlined
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

#: bits of the CERF exclusions that rule out nearly every park and forest: gasified biomass without and with capture,
#: combined-cycle gas without and with capture. Each excludes 99.5 % or more of the cells of parks and forests; no other band does
PROTECTING_BITS = (1, 2, 6, 7)


@layer(
    layer_id="federal_pct",
    family="land",
    title="Federal land",
    unit="%",
    meaning="Estimated share of the cell owned by a federal agency.",
    better="low",
    valid=(0.0, 100.0),
    sources=(FEDERAL,),
    grade="E4",
    caveat="No agency class; read off a published map of 1.5 km pixels. Inside national forests and in the desert of southern "
    "California private land cannot be seen: the share there is fitted to a published total of the state, and no title record.",
)
def federal_pct(sources: Sources) -> np.ndarray:
    """Raster value."""
    return sources.raster(FEDERAL)


@layer(
    layer_id="park_forest_pct",
    family="land",
    title="National park, or within a national forest's outline",
    unit="%",
    meaning="Share of the cell within the outline of a unit of the National Park Service or a National Forest.",
    better="low",
    valid=(0.0, 100.0),
    sources=(PARKS,),
    grade="E2",
    caveat="Forest outlines are not ownership: they hold private land, in the East more than federal; state parks, refuges and "
    "wilderness outside these units are missing.",
)
def park_forest_pct(sources: Sources) -> np.ndarray:
    """Coverage in percent."""
    return 100.0 * outlined(sources, PARKS)


@layer(
    layer_id="national_park_pct",
    family="land",
    title="National park",
    unit="%",
    meaning="Share of the cell within the outline of a unit of the National Park Service.",
    better="context",
    valid=(0.0, 100.0),
    sources=(PARKS,),
    grade="E2",
    caveat="Any Park Service unit: parks, monuments, seashores, battlefields; some river corridors and reserves are largely "
    "private; state parks and wilderness elsewhere are missing.",
)
def national_park_pct(sources: Sources) -> np.ndarray:
    """Coverage in percent."""
    return 100.0 * outlined(sources, PARKS, "national_park")


@layer(
    layer_id="tribal_pct",
    family="land",
    title="Indian reservation",
    unit="%",
    meaning="Share of the cell within an Indian reservation or trust land, Oklahoma's former reservations left out.",
    better="low",
    valid=(0.0, 100.0),
    sources=(TRIBAL,),
    grade="E2",
    caveat="Outlines of 2016; much land inside some of them is private. A tribe may welcome a campus: the gate says that its "
    "consent decides, not that it is refused.",
)
def tribal_pct(sources: Sources) -> np.ndarray:
    """Coverage in percent."""
    return 100.0 * outlined(sources, TRIBAL, "reservation")


@layer(
    layer_id="tribal_statistical_pct",
    family="land",
    title="Inside a former reservation of Oklahoma",
    unit="%",
    meaning="Share of the cell within a tribal jurisdiction of Oklahoma where most of the surface is private: a flag, no gate.",
    better="context",
    valid=(0.0, 100.0),
    sources=(TRIBAL,),
    grade="E2",
    caveat="The source knows the Osage boundary alone; jurisdictions of eastern Oklahoma that courts affirmed since 2020 are "
    "missing. Minerals may belong to the tribe where the surface does not: ask it.",
)
def tribal_statistical_pct(sources: Sources) -> np.ndarray:
    """Coverage in percent."""
    return 100.0 * outlined(sources, TRIBAL, "statistical")


@layer(
    layer_id="military_area_pct",
    family="land",
    title="Military area (half of them are mapped)",
    unit="%",
    meaning="Share of the cell within a mapped military area: base, range, airfield, depot.",
    better="low",
    valid=(0.0, 100.0),
    sources=(MILITARY_AREAS,),
    grade="E4",
    caveat="Half of the installations have an outline here: an area counts as military, land outside it may be, too. "
    "Camp Pendleton, China Lake and Twentynine Palms are missing, Fort Irwin and the Nevada ranges in parts.",
)
def military_area_pct(sources: Sources) -> np.ndarray:
    """Coverage in percent."""
    return 100.0 * outlined(sources, MILITARY_AREAS)


@layer(
    layer_id="protected_prior_pct",
    family="land",
    title="Ruled out by an earlier national screen",
    unit="%",
    meaning="100 where the siting rules of the CERF model exclude the 1 km cell for each of the four technologies whose rules "
    "follow protected land (combined-cycle gas and gasified biomass, without and with capture), otherwise 0.",
    better="low",
    valid=(0.0, 100.0),
    sources=(EARLIER_SCREEN,),
    grade="E5",
    caveat="A sign, no proof: it holds for 99.9 % of national park cells and 99.5 % of forest cells, but for 31 % of cropland, "
    "too (one rule of the four alone: 43 %), because rules on air and water are mixed in: on the High Plains and "
    "in the dry West it mostly says that no large river is near. "
    "It stands in for state parks, refuges and habitat, which have no layer here.",
)
def protected_prior_pct(sources: Sources) -> np.ndarray:
    """All of a few bits of the packed rules as 0 or 100."""
    bits = sources.raster(EARLIER_SCREEN, method="nearest")
    known = ~np.isnan(bits)
    wanted = sum(1 << bit for bit in PROTECTING_BITS)
    hit = np.full(bits.size, np.nan, np.float32)
    hit[known] = np.where(bits[known].astype(np.int64) & wanted == wanted, 100.0, 0.0)
    return hit
