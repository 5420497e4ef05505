"""The eighteen fields of a dossier: which columns stand in which, in what order and under what label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from sitefinder.columns import Column, Quantiles, Range
from sitefinder.config import FAMILIES
from sitefinder.config.delivery import YEARS
from sitefinder.layers import REGISTRY
from sitefinder.reports.dossier.lines import Fact, Section
from sitefinder.results.site import YOURS, columns
from sitefinder.sites.neighbours import WITHIN_KM
from sitefinder.sites.shape import MULTIPLES

ENDS, QUANTILES = Range._fields, Quantiles._fields
#: what families are called
FAMILY_WORDS: Mapping[str, str] = {
    "grid_capacity": "Grid",
    "gas": "Gas",
    "water": "Water",
    "land": "Land",
    "fiber": "Fiber",
    "hazard": "Hazards",
    "climate": "Climate",
    "community": "Community",
}


def _one(label: str, *columns: str, more: bool = False, own: bool = False) -> Fact:
    return Fact(label, columns, more=more, own=own)


def _layer(*layer_ids: str, more: bool = False) -> tuple[Fact, ...]:
    return tuple(Fact(REGISTRY[k].spec.title, (k,), more=more) for k in layer_ids)


def _span(label: str, name: str, ends: tuple[str, ...] = ENDS, *, more: bool = False) -> Fact:
    return Fact(label, tuple(f"{name}_{end}" for end in ends), span=True, more=more)


def _route(name: str, label: str, *, more: bool = False) -> tuple[Fact, ...]:
    return (
        _one(f"{label}: to", f"{name}_route_to", f"{name}_route_km", more=more),
        _span(f"{label}: cost", f"{name}_cost_musd", more=more),
        _one(f"{label}: straight distance, and length on unknown ground", f"{name}_straight_km", f"{name}_unknown_km", more=True),
    )


_WRITTEN: tuple[Section, ...] = (
    Section(
        "place",
        "Place and land",
        "Where is it, and is there land enough?",
        (
            _one("Site", "site_id", "name", more=True),
            _one("County, its code", "county", "state", "county_fips", more=True),
            _one("Counties of the land", "counties", more=True),
            _one("Market region (grid operator)", "rto", more=True),
            _one("Point inside (north, east)", "lat", "lon"),
            _one("Buildable land", "buildable_acres"),
            _one("Footprint", "footprint_acres", more=True),
            _one("Largest rectangle of free land", "largest_rectangle_acres"),
            _one("Taken of the footprint, and by what", "taken_pct", "taken_by"),
            _one("Projects that fit on free land around", "expandable_to_x"),
            *(_one(f"Free land in reach of {k} projects", f"expansion_{k}x_acres", more=True) for k in MULTIPLES),
            _one("Compactness of the footprint (disc: 1)", "compactness", more=True),
            *_layer("gentle_pct"),
            *_layer("buildable_pct", "slope_pct", "relief_m", more=True),
            *_layer("highway_km"),
            _one("Nearest power plant of 10 MW and more", "nearest_plant", "nearest_plant_mw", "nearest_plant_km", more=True),
            _one(
                "Nearest known campus, its planned power", "nearest_campus", "nearest_campus_mw", "nearest_campus_km", more=True
            ),
            _one(
                "Cropland of the county; mean cropland of its farms", "county_cropland_pct", "cropland_acres_per_farm", more=True
            ),
            *_layer("land_value_usd_acre", "flat_land_pct", "open_water_pct", "urban_pct", "town_km", more=True),
            _one("Excluded by", "excluded_by", own=True),
            _one("Land enough", "acres_enough", own=True),
            _one("Parcel, separate parts", "parcel_acres", "parcel_parts", own=True),
            _one("Usable; stated by the user", "usable_pct", "usable_note", "stated", own=True),
            _one("Rank it would have in the national list", "national_rank", own=True),
        ),
    ),
    Section(
        "delivery",
        "Megawatts by date",
        "When is there how much power?",
        (
            _one("Pathway to power on this page", "pathway", more=True),
            *(_span(f"First {mw} MW", f"first_{mw}mw", QUANTILES, more=mw != 200) for mw in (50, 200, 500)),
            _span("Full load", "full_load", QUANTILES),
            _one("Chance by the date; of being dropped", "p_full_by_date", "p_dropped"),
            *(
                _one(f"{title}: first 200 MW, chance of all", f"{p}_first_200mw_p50", f"{p}_p_full", more=p == "non_firm")
                for p, title in (("grid", "Grid"), ("non_firm", "Non-firm"), ("onsite_gas", "Gas"), ("hybrid", "Both"))
            ),
        ),
        tuple(f"mw_{q}_{year}" for year in YEARS for q in QUANTILES),
    ),
    Section(
        "path",
        "Critical path",
        "Which step decides the date?",
        (_one("Binding step (decides the date most often)", "binding_step", more=True),),
    ),
    Section(
        "grid",
        "Grid connection",
        "Which station, how far, and how much headroom?",
        (
            _one("Station for the load", "grid_station", "grid_station_kv", "grid_station_km", "grid_connects_by"),
            _span("Its headroom left (estimate)", "grid_headroom_mw", QUANTILES),
            _one("Before; planned by campuses in 25 km", "grid_headroom_before_mw", "grid_claimed_mw"),
            _one("Other sites of the list on that station", "grid_station_sites", more=True),
            _one("What limits it; with which outage", "grid_limit", "grid_limit_lost", more=True),
            _one("Strengthening that: brings, costs", "grid_lift_mw", "grid_lift_musd", more=True),
            _one("Short-circuit power (proxy)", "grid_short_circuit_mva", more=True),
            _one("Line of the first megawatts", "cut_in_kv", "cut_in_km", more=True),
            _span("Non-firm service", "non_firm_mw", QUANTILES, more=True),
            _one("Its limit; authority", "non_firm_limit", "balancing_authority", more=True),
            _one("Serving utility", "serving_utility", more=True),
            _one("Curtailed hours; longest run", "non_firm_hours", "non_firm_longest_h", more=True),
            *_route("grid", "Route to that station"),
            _one("Circuits needed; enough for the load", "grid_route_circuits", "grid_route_kv", "grid_route_able"),
            _one("Between site and station", "grid_across"),
            _one("Points rest on; left at the route's end", "scored_station", "grid_route_headroom_mw", more=True),
            _one("Nearest 345 kV, able or not", "nearest_substation_345", "substation_345_km", more=True),
            _one("Closed plants in 25 km by age; the one counted", "reusable_aged_25km_mw", "reuse_mw", "reuse_closed"),
            _one("Generators queued within 80 km", "queue_80km_mw"),
            *_layer("transfer_mw", "grid_months_200mw", "grid_mw_by_date", more=True),
            *_layer("power_price_usd_mwh"),
        ),
    ),
    Section(
        "gas",
        "Gas",
        "Is there a pipeline, and can it feed the load?",
        (
            _one("Nearest interstate pipeline", "nearest_gas_interstate", "gas_interstate_km"),
            *_layer("gas_any_km", more=True),
            *_layer("gas_pipelines_10km"),
            _span("Gas needed for all power", "gas_need_mmcfd"),
            _one("Pipeline that would feed it", "gas_pipeline", more=True),
            _one("Its company's capacity (one state line), need as a share", "gas_company_mmcfd", "gas_share_pct"),
            _one("Load on the company", "gas_adequacy", "gas_reason"),
            *_route("gas", "Pipe to the site"),
            *_route("gas_second", "Second pipe, other company", more=True),
            *_route("gas_trunk", "Pipeline of its own, where needed"),
            _span("Diameter of the pipe", "gas_diameter_in", more=True),
        ),
    ),
    Section(
        "water",
        "Water",
        "How much is needed, and is it there in a dry year?",
        (
            _one("Mean need: evaporative cooling", "water_need_evaporative_mgd"),
            _one("Mean need: hybrid cooling", "water_need_hybrid_mgd"),
            _one("Mean need: dry cooling", "water_need_dry_mgd"),
            _span("Mean need with the project's cooling", "water_need_mgd", more=True),
            _one("Hottest day, project's cooling", "water_peak_mgd"),
            _span("Extra energy of dry cooling", "dry_cooling_penalty_pct"),
            _one("Nearest river with enough flow", "nearest_river", "river_km"),
            _one(
                "Nearest large lake, its area; no source of the points",
                "nearest_lake",
                "nearest_lake_km2",
                "nearest_lake_km",
                more=True,
            ),
            _one("River of the dry-year test", "water_river", "water_river_m3s", "water_river_km"),
            _one("Main stem that it belongs to", "water_river_system", more=True),
            _one("Mean need over its mean flow", "water_share_of_river_pct"),
            *_layer("reclaimed_25km_mgd"),
            _one("Need as a share of reclaimed water", "water_share_of_reclaimed_pct", more=True),
            _one("Need as a share of the county's use", "water_share_of_county_pct", more=True),
            _span("Available in a dry year", "water_dry_year_mgd", more=True),
            _one("Enough in a dry year, given rights", "drought_ok"),
            _one("Why", "drought_reason", more=True),
            _one("Use against local supply", "water_stress_ratio"),
            _one("County in severe drought", "drought_share"),
            *_layer("climatic_balance_mm", more=True),
            _one("Water supplier to ask; distance to its area", "water_supplier", "water_supplier_km"),
            _one("Managed groundwater", "groundwater_managed", more=True),
            _one("Water rights of the state", "water_rights", more=True),
            *_route("water", "Water main"),
            _one("Its source, and need it is sized for", "water_route_source", "water_route_need_mgd", more=True),
        ),
    ),
    Section(
        "fiber",
        "Fiber",
        "How far to networks, on how many routes?",
        (
            _one("Long-haul corridor (road or rail)", "fiber_corridor_km"),
            _one("Distinct corridors within 10 km", "fiber_corridors_10km"),
            _one("Nearest exchange", "nearest_exchange", "exchange_km"),
            *_layer("exchange_networks_80km", more=True),
            *_layer("latency_ms"),
            *_route("fiber", "Cable"),
            *_route("fiber_second", "Second cable, other side", more=True),
        ),
    ),
    Section(
        "hazards",
        "Hazards and climate",
        "What could stop it, and how warm is it?",
        (
            _one("Flood loss, rank of the county", "flood_rank"),
            _one("Homes of the county in the 1 % flood zone", "flood_homes_pct", "flood_homes_basis"),
            _one("The same as scored: only where homes were counted", "flood_home_pct", more=True),
            *_layer("tornado_per_decade", "hurricane_per_decade", "seismic_pga_pct_g", "wildfire_high_share"),
            *_layer("free_cooling_hours", "design_wetbulb_c"),
            *_layer("cooling_degree_days_f", more=True),
            _one("Distance to the climate station", "station_km", more=True),
        ),
    ),
    Section(
        "permits",
        "Permits and protected land",
        "Which permits will be hard?",
        (
            *_layer("nonattainment_count"),
            _one("Ruled out by an earlier screen", "protected_prior_pct"),
            *_layer("energy_community"),
            *_layer("federal_pct", "park_forest_pct", "national_park_pct", "tribal_pct", "wetland_pct", "forest_pct", more=True),
            *_layer("tribal_statistical_pct", "military_area_pct", "airport_km", "military_km", "superfund_km", more=True),
        ),
    ),
    Section(
        "community",
        "Community",
        "Who lives there, and how were others received?",
        (
            *(_one(f"People within {k} km of the outline", f"people_{k}km") for k in WITHIN_KM),
            _one("Estimated distance to homes", "homes_estimate_km"),
            *(_one(f"People within {k} km of the point inside", f"people_{k}km", more=True) for k in (2, 10)),
            _one("Decided by the county or a town near", "nearest_rule"),
            _one("Level: 3 ban, 2 moratorium, 1 flag, 0 nothing known", "local_rule", more=True),
            _one("Contested projects within 25 km", "contested_projects"),
            _one("State law and bills", "state_law", more=True),
            _one("Contested projects around", "precedents"),
            _one("Share of them blocked", "precedents_blocked", more=True),
            *_layer(*(k for k in REGISTRY if k.startswith("precedents_")), more=True),
            *_layer("employment_80km"),
        ),
    ),
    Section(
        "costs",
        "Costs and taxes",
        "What does this place add to the bill?",
        (
            _span("Capital that depends on the site", "capex_musd"),
            _one("Computed for; leaving out", "cost_pathway", "capex_leaves_out"),
            _span("Land", "land_musd"),
            _span("Site work", "sitework_musd", more=True),
            _span("Stations on the campus", "substation_musd", more=True),
            _span("Generation on the site", "generation_musd"),
            _span("Water treatment and storage", "water_supply_musd", more=True),
            _span("Gas pipeline of its own", "own_pipeline_musd"),
            _span("Buildings (in no total)", "facility_musd"),
            _span("Energy per year: grid", "power_grid_musd_yr"),
            _span("Energy per year: non-firm", "power_non_firm_musd_yr", more=True),
            _one("Price that it rests on", "power_price_basis"),
            _span("Of it capacity of the market region", "power_capacity_musd_yr"),
            _span("Energy per year: gas, without capital", "power_onsite_gas_musd_yr", more=True),
            _span("Energy per year: both", "power_hybrid_musd_yr", more=True),
            _one("Energy per unit: grid", "power_grid_usd_mwh", more=True),
            _one("Energy per unit: non-firm", "power_non_firm_usd_mwh", more=True),
            _one("Energy per unit: gas", "power_onsite_gas_usd_mwh", more=True),
            _one("Energy per unit: both", "power_hybrid_usd_mwh", more=True),
            _one("Gas is traded at; less Henry Hub", "gas_hub", "gas_basis_usd_mmbtu", more=True),
            _span("Gas power per unit with its capital", "onsite_full_usd_mwh"),
            _span("Sales tax where no relief applies", "sales_tax_musd", more=True),
            _one("Tax relief", "tax_relief"),
            _span("Tenants' revenue per month (gross)", "delay_musd_month"),
            _span("The same, date wanted to full load", "wait_musd"),
            *_layer("incentive_level", more=True),
            _one("Corporate income tax of the state", "corporate_tax_pct", more=True),
            _one("Contract terms for large loads", "large_load_terms"),
        ),
    ),
    Section(
        "rank",
        "Rank and how sure it is",
        "Would it still lead with other weights or data?",
        (
            _one("Rank in this run", "rank", more=True),
            _span("Rank, in nine draws of ten", "rank", ("p05", "p50", "p95")),
            _one("Tier", "tier"),
            _one("Chance: first; in the first 10", "p_first", "p_top10"),
            _one("Weight sets; in the first 50 under", "presets", "presets_top50"),
            _one("Best and worst rank under them", "preset_rank_best", "preset_rank_worst"),
            _one("Chance: in the first 50; 100", "p_top50", "p_top100", more=True),
            _one("Family weights that put it first", "wins_under", more=True),
            _one("Fused score (100 is best)", "score", more=True),
            _one("Weighted score (without the learned part)", "weighted_score", more=True),
            _one("Score if every unknown were best", "score_if_known", more=True),
        ),
        tuple(f"score_{f}" for f in FAMILIES),
    ),
    Section(
        "learned",
        "Learned score and nearest example",
        "Does it look like places where campuses were built?",
        (
            _one("Learned score (100 is best)", "ml_score"),
            _one("Chance in a half-and-half sample", "ml_chance"),
            _one("Ground known to the model; how far its score counts", "ml_applicability", "ml_counted"),
            _one("Most similar; here against there", "ml_analogue"),
            _one("Strongest effects, in log-odds: plus raises the score", "ml_drivers"),
            _one("Why learned and weighted score differ", "ml_apart", more=True),
        ),
    ),
    Section(
        "drivers",
        "What earns the score, and what would raise it",
        "Why does it rank here?",
        (
            _one("Earns most", "why_up"),
            _one("Loses most", "why_down"),
            _one("Earns most", "drivers_up"),
            _one("Loses most", "drivers_down"),
            _one("One change to rank 10", "to_rank_10"),
            _one("One change to rank 50", "to_rank_50"),
        ),
    ),
    Section(
        "evidence",
        "Evidence",
        "How good and how old are the facts?",
        (
            _one("Mean grade of the facts", "evidence_grade"),
            _one("Grade of what earns the points", "evidence_site_grade"),
            _one("Points by grade", "evidence_by_grade", more=True),
            _one("Points on models and proxies", "evidence_weak_share"),
            _one("Weakest of the main ones", "evidence_weakest_driver"),
            _one("Mean age of the data", "evidence_age_years"),
            _one("Oldest of the main ones", "evidence_oldest_driver", more=True),
            _one("Unknown points (could be added)", "unknown_points"),
        ),
    ),
    Section("risks", "Risk register", "What could go wrong, how likely, and who can act?"),
    Section("beside", "Beside known campuses and the next choice", "Better than what?"),
    Section("unseen", "What this screen cannot see", "What has to be found out before money moves?"),
)
#: field of the dossier in which layers of a family stand that no field names
_FIELD_OF_FAMILY = {"grid_capacity": "grid", "land": "place", "hazard": "hazards", "climate": "hazards"}


def _with_other_layers(section: Section, named: set[str]) -> Section:
    """A field with the layers of its families that no field names, on the screen only."""
    families = {f for f in FAMILIES if _FIELD_OF_FAMILY.get(f, f) == section.key}
    others = (k for k, layer in REGISTRY.items() if k not in named and layer.spec.family in families)
    return replace(section, facts=(*section.facts, *_layer(*others, more=True)))


def placed(sections: Sequence[Section]) -> set[str]:
    """Names of all columns that stand somewhere in the dossier."""
    return {c for s in sections for c in (*s.drawn, *(name for f in s.facts for name in f.columns))}


SECTIONS = tuple(_with_other_layers(section, placed(_WRITTEN)) for section in _WRITTEN)
#: facts that say the same: the second is left out where the first was computed
INSTEAD: Mapping[str, str] = {"drivers_up": "why_up", "drivers_down": "why_down"}


@cache
def catalogue() -> Mapping[str, Column]:
    """Column name -> column, of all that a site may have."""
    ids = tuple(REGISTRY)
    return {c.name: c for c in (*columns(ids, user=True), *columns(ids))}


def column(name: str) -> Column:
    """Unit, meaning, decimals and source of a column; those of the user's own file have no unit.

    Raises
    ------
    KeyError
        No part of a site and no layer has a column of this name.
    """
    if name.startswith(YOURS):
        return Column(name, "", "column of your own file", "your file")
    return catalogue()[name]
