"""Hazard: flood, wind, earthquake and fire."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import COUNTY_FLOOD_HOMES, COUNTY_SEISMIC, COUNTY_WILDFIRE, HURRICANES, RISK_INDEX, TORNADOES
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

TORNADO_KM, TORNADO_YEARS = 40.0, 43
HURRICANE_KM, HURRICANE_YEARS = 100.0, 50


@layer(
    layer_id="flood_rank",
    family="hazard",
    title="Riverine flood loss per person, national rank",
    unit="percentile",
    meaning="Percentile of the county's modelled riverine flood loss per resident among the counties of the country.",
    better="low",
    valid=(0.0, 100.0),
    sources=(RISK_INDEX, "boundaries/counties.parquet"),
    grade="E4",
    caveat="One number per county: it cannot say whether a parcel lies in a flood zone; check the FEMA map of the parcel.",
)
def flood_rank(sources: Sources) -> np.ndarray:
    """County statistic."""
    return sources.by_county(RISK_INDEX, "flood_rank")


@layer(
    layer_id="flood_home_pct",
    family="hazard",
    title="Homes of the county in the 1 % flood zone",
    unit="%",
    meaning="Share of the county's homes in FEMA's special flood hazard area, the zone of the flood of 1 % chance a year.",
    better="low",
    valid=(0.0, 100.0),
    sources=(COUNTY_FLOOD_HOMES, "boundaries/counties.parquet"),
    grade="E3",
    caveat="Homes, not land, and one number per county: it cannot say whether a parcel lies in the zone. Unknown where FEMA "
    "counted insured homes only (one county in five) and in Connecticut.",
)
def flood_home_pct(sources: Sources) -> np.ndarray:
    """County statistic; a lower bound is no value."""
    share = sources.by_county(COUNTY_FLOOD_HOMES, "home_share")
    bound = sources.by_county(COUNTY_FLOOD_HOMES, "lower_bound")
    return np.where(bound == 0.0, 100.0 * share, np.float32(np.nan))


@layer(
    layer_id="tornado_per_decade",
    family="hazard",
    title="Strong tornadoes per decade",
    unit="per decade",
    meaning=f"Tornadoes of EF2 and above whose path came within {TORNADO_KM:.0f} km, per decade, 1980 to 2022.",
    better="low",
    valid=(0.0, 60.0),
    sources=(TORNADOES,),
    grade="E2",
    caveat="Reports grow with population; paths are straight lines between first and last touch-down.",
)
def tornado_per_decade(sources: Sources) -> np.ndarray:
    """Count of tracks."""
    tracks = sources.features(TORNADOES)
    count = sources.groups_within_km(tracks.geometry.values, np.arange(len(tracks)), TORNADO_KM)
    return count * np.float32(10.0 / TORNADO_YEARS)


@layer(
    layer_id="hurricane_per_decade",
    family="hazard",
    title="Hurricanes per decade",
    unit="per decade",
    meaning=f"Storms that passed within {HURRICANE_KM:.0f} km at hurricane strength, per decade, 1975 to 2024.",
    better="low",
    valid=(0.0, 20.0),
    sources=(HURRICANES,),
    grade="E2",
    caveat="Straight lines between six-hourly fixes; surge is not in it.",
)
def hurricane_per_decade(sources: Sources) -> np.ndarray:
    """Count of storms."""
    segments = sources.features(HURRICANES)
    storm = (segments["storm"].astype(str) + segments["year"].astype(str)).astype("category").cat.codes.to_numpy()
    count = sources.groups_within_km(segments.geometry.values, storm, HURRICANE_KM)
    return count * np.float32(10.0 / HURRICANE_YEARS)


@layer(
    layer_id="seismic_pga_pct_g",
    family="hazard",
    title="Peak ground acceleration",
    unit="%g",
    meaning="County mean of the peak ground acceleration with 10 % chance of exceedance in 50 years.",
    better="low",
    valid=(0.0, 150.0),
    sources=(COUNTY_SEISMIC, "boundaries/counties.parquet"),
    grade="E4",
    caveat="Hazard map of 2002; rock site; county mean.",
)
def seismic_pga_pct_g(sources: Sources) -> np.ndarray:
    """County statistic."""
    return sources.by_county(COUNTY_SEISMIC, "pga_pct_g")


@layer(
    layer_id="wildfire_high_share",
    family="hazard",
    title="Land of high wildfire potential",
    unit="share",
    meaning="Share of the county in the classes high and very high of the wildfire hazard potential.",
    better="low",
    valid=(0.0, 1.0),
    sources=(COUNTY_WILDFIRE, "boundaries/counties.parquet"),
    grade="E4",
    caveat="Edition of 2014, county share; smoke is not in it.",
)
def wildfire_high_share(sources: Sources) -> np.ndarray:
    """County statistic."""
    return sources.by_county(COUNTY_WILDFIRE, "high_share")
