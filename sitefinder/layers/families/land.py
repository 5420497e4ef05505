"""Land: terrain, water, cover, who lives there, and what share of a cell could be built on."""

from __future__ import annotations

import numpy as np

from sitefinder.grid import Grid, Land
from sitefinder.layers.files import (
    COUNTIES,
    COUNTY_CROPLAND,
    COUNTY_ECONOMY,
    FLAT,
    GENTLE,
    LANDCOVER,
    POPULATION,
    RELIEF,
    SLOPE,
)
from sitefinder.layers.held import FILES as FILES_OF_HELD
from sitefinder.layers.held import LAYERS as LAYERS_OF_HELD
from sitefinder.layers.held import held_share
from sitefinder.layers.open_water import FILES as WATER_FILES
from sitefinder.layers.open_water import water_share
from sitefinder.layers.sources import Sources, read_raster
from sitefinder.layers.spec import layer
from sitefinder.layers.taken import FILES_OF_BUILDABLE, IN_BUILDABLE, LAYER_OF, left_of, share_of, terms_of
from sitefinder.units import M2_PER_KM2, M2_PER_MI2

#: slope up to which land counts as gently sloping, percent (Hammond 1964); parcel screens refuse means above 5 to 8 percent
GENTLE_SLOPE_PCT = 8.0
#: people per km2 of developed land: 2,553 per square mile, mean of US urban areas in the 2020 census
URBAN_DENSITY_KM2 = 2553.0 / (M2_PER_MI2 / M2_PER_KM2)
#: radius within which population density estimates developed land
DENSITY_KM = 2.0
#: pixel size of the land cover
LANDCOVER_M = 5000.0
#: MODIS IGBP classes
WETLAND_CLASS, URBAN_CLASS = 11, 13


@layer(
    layer_id="slope_pct",
    family="land",
    title="Slope between heights 1.9 km apart",
    unit="%",
    meaning="Slope of the land at large, from heights on both sides, 1.9 km apart.",
    better="low",
    valid=(0.0, 150.0),
    sources=(SLOPE,),
    grade="E4",
    caveat="From a 30 arc-second elevation model, scaled to the watershed means of the USGS: the ground within hills is five to "
    "ten times as steep; gentle_pct says how much of it is gentle.",
)
def slope_pct(sources: Sources) -> np.ndarray:
    """Raster value in percent."""
    return sources.raster(SLOPE) / np.float32(10.0)


@layer(
    layer_id="gentle_pct",
    family="land",
    title="Gently sloping land",
    unit="%",
    meaning="Estimated share of the cell with slopes below 8 %.",
    better="high",
    valid=(0.0, 100.0),
    sources=(GENTLE,),
    rests_on=("slope_pct",),
    grade="E4",
    caveat="Fitted to the landform class of counties (above 80, 50 to 80, 20 to 50, below 20 %) from heights 900 m apart: two "
    "counties in three fall into their class. Valley floors beside steep walls may be gentler, single ravines steeper.",
)
def gentle_pct(sources: Sources) -> np.ndarray:
    """Raster value; where the user gave mean slopes m of a finer model, slopes are taken as exponential: 1 - exp(-8 / m)."""
    return _gentle(sources)


def _gentle(sources: Sources) -> np.ndarray:
    compiled = sources.raster(GENTLE)
    if "slope_pct" not in sources.replaced:
        return compiled
    mean_slope = np.maximum(sources.given("slope_pct"), 0.01)
    return np.where(np.isnan(mean_slope), compiled, -100.0 * np.expm1(-GENTLE_SLOPE_PCT / mean_slope)).astype(np.float32)


@layer(
    layer_id="flat_land_pct",
    family="land",
    title="Flat land",
    unit="%",
    meaning="Share of the 5 km square around with slopes below 1 %.",
    better="high",
    valid=(0.0, 100.0),
    sources=(FLAT,),
    grade="E4",
    caveat="Counts whole 1 km cells of a 30 arc-second elevation model.",
)
def flat_land_pct(sources: Sources) -> np.ndarray:
    """Raster value."""
    return sources.raster(FLAT)


@layer(
    layer_id="relief_m",
    family="land",
    title="Relief within 6 km",
    unit="m",
    meaning="Difference between the highest and lowest point of a 6 km window of the 1 km elevation model.",
    better="low",
    valid=(0.0, 4500.0),
    sources=(RELIEF,),
    grade="E4",
    caveat="From heights 900 m apart: summits and valleys between them are missed.",
)
def relief_m(sources: Sources) -> np.ndarray:
    """Raster value."""
    return sources.raster(RELIEF)


@layer(
    layer_id="open_water_pct",
    family="land",
    title="Open water",
    unit="%",
    meaning="Share of the cell covered by lakes, reservoirs, wide rivers, bays and lagoons.",
    better="low",
    valid=(0.0, 100.0),
    sources=WATER_FILES,
    grade="E4",
    caveat="Outlines simplified to 100 m, bays and lagoons rougher; water bodies below 25 ha are missing; flood plains are not "
    "water here.",
)
def open_water_pct(sources: Sources) -> np.ndarray:
    """Coverage in percent."""
    return 100.0 * water_share(sources)


@layer(
    layer_id="wetland_pct",
    family="land",
    title="Permanent wetland (5 km majority class)",
    unit="%",
    meaning="100 where permanent wetland is the majority land cover of the 5 km pixel, otherwise 0.",
    better="low",
    valid=(0.0, 100.0),
    sources=(LANDCOVER,),
    grade="E5",
    caveat="A screen for the great swamps only; ordinary wetlands need the National Wetlands Inventory.",
)
def wetland_pct(sources: Sources) -> np.ndarray:
    """Majority class as 0 or 100."""
    return _majority(sources, WETLAND_CLASS)


@layer(
    layer_id="urban_pct",
    family="land",
    title="Urban land around",
    unit="%",
    meaning="Share of the nine surrounding 5 km pixels (15 km square) whose majority land cover is built-up: it also sees "
    "industry and ports, where nobody lives.",
    better="low",
    valid=(0.0, 100.0),
    sources=(LANDCOVER,),
    grade="E5",
    caveat="One class per 5 km pixel of 2019: a screen for the inside of large built-up areas, not for single plants.",
)
def urban_pct(sources: Sources) -> np.ndarray:
    """Mean of a 3 x 3 window, interpolated."""
    from scipy.ndimage import uniform_filter

    coarse = Grid(LANDCOVER_M)
    everywhere = Land(coarse, np.arange(coarse.height * coarse.width, dtype=np.int32))
    cover = read_raster(sources.package.verified(LANDCOVER), everywhere, method="nearest").reshape(coarse.shape)
    share = uniform_filter(np.where(cover == URBAN_CLASS, 100.0, 0.0), size=3, mode="nearest")
    return sources.interpolated(np.clip(share, 0.0, 100.0), coarse)


@layer(
    layer_id="cropland_pct",
    family="land",
    title="Cropland of the county",
    unit="%",
    meaning="Share of the county's land that was cropland in 2017.",
    better="context",
    valid=(0.0, 100.0),
    sources=(COUNTY_CROPLAND, COUNTIES),
    grade="E3",
    caveat="One number per county: large flat lots are likelier there, and so are rules that protect farm land.",
)
def cropland_pct(sources: Sources) -> np.ndarray:
    """County statistic."""
    return 100.0 * sources.by_county(COUNTY_CROPLAND, "cropland_share")


def _majority(sources: Sources, wanted: int) -> np.ndarray:
    cover = sources.raster(LANDCOVER, method="nearest")
    return np.where(np.isnan(cover), np.nan, np.where(cover == wanted, 100.0, 0.0)).astype(np.float32)


def _people_within(sources: Sources, radius_km: float) -> np.ndarray:
    def measure() -> np.ndarray:
        people = sources.features(POPULATION)
        return sources.sum_within_km(people.geometry.values, people["population"].to_numpy(), radius_km)

    return sources.once(("people", radius_km), measure)


@layer(
    layer_id="population_2km",
    family="land",
    title="People in block groups within 2 km",
    unit="people",
    meaning="Residents of the block groups whose centre of population lies within 2 km of the cell centre.",
    better="low",
    valid=(0.0, 5_000_000.0),
    sources=(POPULATION,),
    grade="E3",
    caveat="A rural block group is one point: its people are gathered there, land around it looks emptier than it is. For "
    "use by others: score and gates take people_2km.",
)
def population_2km(sources: Sources) -> np.ndarray:
    """Sum of residents."""
    return _people_within(sources, 2.0)


@layer(
    layer_id="population_10km",
    family="land",
    title="People in block groups within 10 km",
    unit="people",
    meaning="Residents of the block groups whose centre of population lies within 10 km of the cell centre.",
    better="low",
    valid=(0.0, 5_000_000.0),
    sources=(POPULATION,),
    grade="E3",
    caveat="Census of 2020; context: score and gates take people_10km.",
)
def population_10km(sources: Sources) -> np.ndarray:
    """Sum of residents."""
    return _people_within(sources, 10.0)


@layer(
    parameters=terms_of,
    rests_on=(
        *("gentle_pct", "slope_pct", "open_water_pct", "population_2km"),
        *LAYERS_OF_HELD,
        *(LAYER_OF[cause] for cause in IN_BUILDABLE),
    ),
    layer_id="buildable_pct",
    family="land",
    title="Buildable share",
    unit="%",
    meaning="Estimated share of the cell that is gentle, dry, undeveloped, neither federal, national park, reservation nor "
    "military area, and not taken by plants, stations, airports, rights of way or rivers.",
    better="high",
    valid=(0.0, 100.0),
    sources=(GENTLE, *WATER_FILES, *FILES_OF_HELD, POPULATION, *FILES_OF_BUILDABLE),
    grade="E4",
    caveat="Gentle land, below 8 %, is an estimate from coarse heights, developed land one from people within 2 km; "
    "on coasts and islands beyond the federal map only parks, reservations and military areas count as held; inside forests the "
    "share of the state's private in-holdings is taken as free; industry where nobody "
    "lives looks empty; flood plains, wetlands, soils and parcels are not in it, nor are known campuses, "
    "closed plants and wastewater plants, which gates exclude.",
)
def buildable_pct(sources: Sources) -> np.ndarray:
    """Product of five shares: gentle x dry x not held x undeveloped x not taken."""
    gentle = sources.with_given("gentle_pct", _gentle(sources)) / np.float32(100.0)
    density = sources.with_given("population_2km", _people_within(sources, DENSITY_KM)) / (np.pi * DENSITY_KM**2)
    undeveloped = 1.0 - np.minimum(density / URBAN_DENSITY_KM2, 1.0)
    wet = sources.with_given("open_water_pct", water_share(sources), per=100.0)
    dry = 1.0 - np.maximum(wet, share_of(sources, "rivers"))  # a wide river is in both
    left = left_of(sources, *(cause for cause in IN_BUILDABLE if cause != "rivers"))
    return (100.0 * gentle * dry * (1.0 - held_share(sources)) * undeveloped * left).astype(np.float32)


@layer(
    layer_id="land_value_usd_acre",
    family="land",
    title="Residential land value",
    unit="USD/acre",
    meaning="County value of residential land, standardised to quarter-acre lots and given per acre.",
    better="low",
    valid=(0.0, 50_000_000.0),
    sources=(COUNTY_ECONOMY, "boundaries/counties.parquet"),
    grade="E5",
    caveat="Residential land is dearer than farm land: an upper bound; unknown in a quarter of the counties.",
)
def land_value_usd_acre(sources: Sources) -> np.ndarray:
    """County statistic, NaN where unknown."""
    return sources.by_county(COUNTY_ECONOMY, "land_value_usd_per_acre")
