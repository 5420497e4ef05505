"""Community and policy: local bans and moratoria, air permits, incentives, workforce."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sitefinder.layers.built import Built
from sitefinder.layers.files import COUNTIES, COUNTY_ECONOMY, ENERGY_COMMUNITIES, MORATORIA, NONATTAINMENT, STATE_POLICY
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer
from sitefinder.layers.taken import touched_share

#: a moratorium whose known end lies before this date no longer counts; extensions after the register's date are unknown
AS_OF = "2026-11-01"
#: levels of the layer of local rules
FLAG, PAUSED, BANNED = 1, 2, 3
#: radius around the point of a town within which its rules are a flag, km: half the diagonal of a township of six by six miles,
#: rounded up, because the area of the town is not known (J)
TOWN_KM = 8.0
#: radius from which a construction workforce commutes
COMMUTE_KM = 80.0
#: codes of the incentive layer
INCENTIVE_CODES = {"none": 0.0, "paused": 0.0, "local_only": 1.0, "statewide": 2.0}
#: kind of rule -> words
RULES = {
    "ban": "ban",
    "near_ban": "rules that permit no campus",
    "ordinance": "rules for data centers",
    "moratorium": "moratorium",
    "proposal": "moratorium proposed",
}


@layer(
    layer_id="local_rule",
    family="community",
    title="What county and town decided on data centers",
    unit="level",
    meaning="3 = the county bans data centers, 2 = it has a moratorium in force, 1 = flag: rules, a proposal or a moratorium run "
    "out in the county, or any rule of a town within 8 km of its point, 0 = nothing known.",
    better="low",
    valid=(0.0, 3.0),
    sources=(MORATORIA, COUNTIES),
    grade="E3",
    caveat="Register of 30 April 2026 from council papers and press, two thirds unverified: later bans, renewals and repeals are "
    "missing, nothing known is not consent. County rules usually bind unincorporated land only; those of a town bind an area "
    "that is not known here.",
)
def local_rule(sources: Sources) -> Built:
    """Level with the words of the decision, that of the county before that of a town near."""
    rules = about_data_centers(sources.features(MORATORIA))
    labels = [rule_words(row) for row in rules.to_dict("records")]
    towns = rules[~rules["county_wide"]]
    row = sources.largest_within_km(towns.geometry.values, -np.arange(len(towns), dtype=float), TOWN_KM)
    nearest = np.where(row >= 0, towns.index.to_numpy(np.int32)[row], -1)
    level = (row >= 0).astype(np.float32) * FLAG

    strongest = _of_counties(rules)
    of_county = sources.features(COUNTIES)["fips"].map(dict(zip(strongest["fips"], strongest.index, strict=True)))
    rule = of_county.fillna(-1).to_numpy(np.int32)[sources.county_index]
    decided = (rule >= 0) & (sources.county_index >= 0)
    level[decided] = strongest["level"].reindex(rule[decided]).to_numpy(np.float32)
    return Built(level, np.where(decided, rule, nearest).astype(np.int32), labels)


def about_data_centers(rules: Any) -> Any:
    """Rows of the register that say anything of data centers, numbered from 0."""
    return rules[rules["covers_data_centers"] & ~rules["rule"].fillna("none").eq("none")].reset_index(drop=True)


def _of_counties(rules: Any) -> Any:
    """The strongest rule of each county, with its level."""
    wide = rules[rules["county_wide"] & rules["fips"].notna()].copy()
    wide["level"] = [county_level(row) for row in wide.to_dict("records")]
    return wide.sort_values("level", kind="stable").drop_duplicates("fips", keep="last")


@layer(
    layer_id="county_ban_pct",
    family="community",
    title="In a county with a ban or moratorium",
    unit="%",
    meaning="Share of the cell in counties that ban data centers or have a moratorium in force; above 0 wherever one is touched.",
    better="low",
    valid=(0.0, 100.0),
    sources=(MORATORIA, COUNTIES),
    grade="E3",
    caveat="Register of 30 April 2026; county outlines are drawn for maps of 1:5 million.",
)
def county_ban_pct(sources: Sources) -> np.ndarray:
    """Coverage in percent, and the border: a footprint must not reach over it."""
    strongest = _of_counties(about_data_centers(sources.features(MORATORIA)))
    closed = strongest.loc[strongest["level"] >= PAUSED, "fips"]
    counties = sources.features(COUNTIES)
    return np.float32(100.0) * touched_share(sources, counties.geometry.values[counties["fips"].isin(closed)])


def lapsed(rule: Mapping[str, Any]) -> bool:
    """Whether a moratorium has run out by the date looked at; one without a known end has not."""
    return rule["rule"] == "moratorium" and str(rule["expires"] or "9999") < AS_OF


def county_level(rule: Mapping[str, Any]) -> int:
    """Level of a county's rule."""
    if rule["rule"] == "ban":
        return BANNED
    return PAUSED if rule["rule"] == "moratorium" and not lapsed(rule) else FLAG


def rule_words(rule: Mapping[str, Any]) -> str:
    """A local rule in words, as the register has it.

    >>> rule_words({"jurisdiction": "Marshall County", "state": "IN", "county_wide": True, "rule": "ban",
    ...             "rule_since": "2026-04-20", "expires": None})
    'Marshall County, IN: ban since 2026-04-20'

    A month that the register lacks, None or NaN, is left out:

    >>> rule_words({"jurisdiction": "Kootenai County", "state": "ID", "county_wide": True, "rule": "ordinance",
    ...             "rule_since": float("nan"), "expires": None})
    'Kootenai County, ID: rules for data centers'
    """
    began, ends = (month if isinstance(month, str) and month else None for month in (rule["rule_since"], rule["expires"]))
    since = f" since {began}" if began else ""
    end = ""
    if rule["rule"] == "moratorium":
        end = f", {'ran out' if lapsed(rule) else 'ends'} {ends}" if ends else ", no end known"
    near = "" if rule["county_wide"] else " (a town near; its area is not known)"
    return f"{rule['jurisdiction'].partition(' (')[0]}, {rule['state']}: {RULES[rule['rule']]}{since}{end}{near}"


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
    meaning="2 = statewide sales or property tax relief for data centers, 1 = local programmes only, 0 = none found, or "
    "paused for new applicants.",
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
