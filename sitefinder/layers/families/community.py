"""Community and policy: moratoria, air permits, incentives, workforce."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.built import Built
from sitefinder.layers.files import COUNTIES, COUNTY_ECONOMY, ENERGY_COMMUNITIES, MORATORIA, NONATTAINMENT, STATE_POLICY
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

#: states of a moratorium that bind today or may soon
IN_FORCE = ("active", "extended", "pending")
#: a moratorium whose known end lies before this date no longer counts; extensions after the register's date are unknown
AS_OF = "2026-11-01"
#: radius from which a construction workforce commutes
COMMUTE_KM = 80.0
#: codes of the incentive layer
INCENTIVE_CODES = {"none": 0.0, "local_only": 1.0, "statewide": 2.0}


@layer(
    layer_id="moratorium_km",
    family="community",
    title="Distance to a data-center moratorium",
    unit="km",
    meaning="Distance to the nearest jurisdiction with an active, extended or pending moratorium on data centers; 0 within a "
    "county that has a county-wide one.",
    better="high",
    valid=(0.0, 2500.0),
    sources=(MORATORIA, COUNTIES),
    grade="E3",
    caveat="Register of 30 April 2026 from council papers and press, two thirds unverified; those that ended by 1 November 2026 "
    "are left out although some may have been extended; jurisdictions are points; no moratorium is not consent.",
)
def moratorium_km(sources: Sources) -> Built:
    """Distance with the jurisdiction's name."""
    rules = sources.features(MORATORIA)
    lapsed = rules["expires"].fillna("9999") < AS_OF
    rules = rules[rules["covers_data_centers"] & rules["status"].isin(IN_FORCE) & ~lapsed].reset_index(drop=True)
    labels = (rules["jurisdiction"] + ", " + rules["state"]).tolist()
    to_boundary = sources.distance_km(rules.geometry.values, labels)
    wide = rules[rules["county_wide"] & rules["fips"].notna()]
    row_of = sources.features(COUNTIES)["fips"].map(dict(zip(wide["fips"], wide.index, strict=True)))
    rule = row_of.fillna(-1).to_numpy(np.int32)[sources.county_index]
    inside = (rule >= 0) & (sources.county_index >= 0)
    values = np.where(inside, np.float32(0.0), to_boundary.values)
    nearest = np.where(inside, rule, -1 if to_boundary.nearest is None else to_boundary.nearest)
    return Built(values, nearest.astype(np.int32), labels)


@layer(
    layer_id="nonattainment_count",
    family="community",
    title="Air-quality standards not met",
    unit="standards",
    meaning="Number of pollutants (ozone, fine particles, sulfur dioxide, others) for which the county or part of it is in "
    "nonattainment: it lengthens the permit of turbines and diesel backup.",
    better="low",
    valid=(0.0, 4.0),
    sources=(NONATTAINMENT, COUNTIES),
    grade="E1",
    caveat="Status of 2021; designations cover parts of some counties.",
)
def nonattainment_count(sources: Sources) -> np.ndarray:
    """Count of pollutants; counties that the register does not list attain all standards."""
    table = sources.table(NONATTAINMENT)
    count = table[["ozone", "pm25", "so2", "other"]].sum(axis=1).groupby(table["fips"]).max()
    values = sources.features(COUNTIES)["fips"].map(count).fillna(0).to_numpy(np.float32)
    return values[sources.county_index]


@layer(
    layer_id="incentive_level",
    family="community",
    title="Data-center tax incentive",
    unit="level",
    meaning="2 = statewide sales or property tax relief for data centers, 1 = local programmes only, 0 = none found.",
    better="high",
    valid=(0.0, 2.0),
    sources=(STATE_POLICY, COUNTIES),
    grade="E3",
    caveat="Compiled in 2026 without statute citations; several legislatures debate repeal.",
)
def incentive_level(sources: Sources) -> np.ndarray:
    """State code."""
    table = sources.table(STATE_POLICY)
    code = dict(zip(table["state"], table["incentive"].map(INCENTIVE_CODES), strict=True))
    values = sources.features(COUNTIES)["state"].map(code).to_numpy(np.float32, na_value=np.nan)
    return values[sources.county_index]


@layer(
    layer_id="energy_community",
    family="community",
    title="Energy community",
    unit="flag",
    meaning="1 where the county qualifies as an energy community by fossil employment.",
    better="high",
    valid=(0.0, 1.0),
    sources=(ENERGY_COMMUNITIES, COUNTIES),
    grade="E1",
    caveat="Fossil-employment criterion of 2023 only; coal closures and brownfields are not in it.",
)
def energy_community(sources: Sources) -> np.ndarray:
    """Flag by county."""
    listed = sources.features(COUNTIES)["fips"].isin(sources.table(ENERGY_COMMUNITIES)["fips"]).to_numpy(np.float32)
    return listed[sources.county_index]


@layer(
    layer_id="employment_80km",
    family="community",
    title="Jobs within 80 km",
    unit="jobs",
    meaning="Employment of the counties within 80 km, spread evenly over each county: the pool a construction site draws on.",
    better="high",
    valid=(0.0, 20_000_000.0),
    sources=(COUNTY_ECONOMY, COUNTIES),
    grade="E3",
    caveat="All jobs, not building trades; large western counties are smeared.",
)
def employment_80km(sources: Sources) -> np.ndarray:
    """Sum of jobs."""
    return sources.county_total_within_km(COUNTY_ECONOMY, "employment", COMMUTE_KM)
