"""Needs and costs as columns of the sites."""

from __future__ import annotations

from typing import Any

import numpy as np

from sitefinder.costs.budget import ENDS, ITEMS, PATHWAYS, Budget
from sitefinder.costs.facts import CostFacts
from sitefinder.costs.formulas import COOLINGS, MID
from sitefinder.costs.needs import SiteNeeds

PERCENT = 100.0
#: one column in the order of the fields of ``outputs.columns.Column``: name, unit, meaning, source, decimals
Spec = tuple[str, str, str, str, int | None]

#: what no sum holds, at any site
NEVER_IN = "network upgrades beyond the station, permits, property tax, financing, computers"
#: how the ends of ranges are named in meanings
_END_WORDS = {"low": "low end", "mid": "most likely", "high": "high end"}
_ITEM_WORDS = {
    "land": "Land: a range of shares of the county's residential land value",
    "sitework": "Site work: clearing, drainage, roads, and earthwork by slope",
    "substation": "The campus's own high-voltage stations and transformers",
    "generation": "Generation on the site with its reserve; 0 in the grid pathway",
    "water_supply": "Treatment and storage of water for the hottest day; intake and main belong to the connection",
}
_PATHWAY_WORDS = {
    "grid": "from the grid",
    "onsite_gas": "from gas on the site, without capital",
    "hybrid": "from both",
}


def _triple(name: str, unit: str, meaning: str, source: str, decimals: int) -> tuple[Spec, ...]:
    return tuple((f"{name}_{end}", unit, f"{meaning}: {_END_WORDS[end]}", source, decimals) for end in ENDS)


NEEDS: tuple[Spec, ...] = (
    *_triple("gas_need_mmcfd", "MMcf/d", "Gas at full load if all power is made on the site", "needs", 0),
    ("gas_pipeline", "", "Pipeline that would feed it: that of the gas route, else the nearest interstate one", "needs", None),
    (
        "gas_company_mmcfd",
        "MMcf/d",
        "What its company moves across one state line; null if unknown",
        "gas/pipeline_capacity.parquet",
        0,
    ),
    ("gas_share_pct", "%", "Gas need over that figure; null if unknown", "needs", 1),
    (
        "gas_adequacy",
        "",
        "What that need asks of the company: small_share, expansion, own_pipeline, unknown; says nothing about spare capacity",
        "needs",
        None,
    ),
    *_triple(
        "water_need_mgd", "Mgd", "Mean water use of the year with project.cooling; null where the climate is unknown", "needs", 2
    ),
    *(
        (f"water_need_{cooling}_mgd", "Mgd", f"Mean water use of the year with {cooling} cooling, most likely", "needs", 2)
        for cooling in COOLINGS
    ),
    ("water_peak_mgd", "Mgd", "Water use on the hottest day at full load with project.cooling, most likely", "needs", 2),
    *_triple("dry_cooling_penalty_pct", "%", "Energy that dry cooling takes above evaporative cooling", "needs", 1),
    ("water_river", "", "River for the dry-year test: the nearest that suffices, else the largest within reach", "needs", None),
    ("water_river_m3s", "m3/s", "Its mean natural flow; 0 where none is within reach", "water/rivers.parquet", 1),
    ("water_river_km", "km", "Straight distance to it", "water/rivers.parquet", 1),
    ("water_share_of_river_pct", "%", "Mean water use over its mean flow; null without a river", "needs", 2),
    (
        "water_share_of_reclaimed_pct",
        "%",
        "Mean water use over the design flow of wastewater plants within 25 km; null without any",
        "needs",
        1,
    ),
    (
        "water_share_of_county_pct",
        "%",
        "Mean water use over the fresh water withdrawn in the county in 2015; null without any",
        "needs",
        2,
    ),
    *_triple("water_dry_year_mgd", "Mgd", "River and reclaimed water to be had in a dry year; null if unknown", "needs", 1),
    (
        "drought_ok",
        "",
        "Whether these cover the hottest day of a dry year: yes at the low end, no not even at the high end, unknown between; "
        "utility supply, groundwater and storage are not in it",
        "needs",
        None,
    ),
    ("drought_reason", "", "Why the dry-year test says so, with the supplies it counted", "needs", None),
)
COSTS: tuple[Spec, ...] = (
    ("cost_pathway", "", "Pathway that the capital columns are for: grid, onsite_gas or hybrid", "finance", None),
    *(spec for item, words in _ITEM_WORDS.items() for spec in _triple(f"{item}_musd", "million USD", words, "finance", 1)),
    *_triple(
        "capex_musd",
        "million USD",
        "Capital that depends on the site: sum of the known items, connections included (never in it: " + NEVER_IN + ")",
        "finance",
        0,
    ),
    ("capex_leaves_out", "", "Items that this sum leaves out because they are unknown; empty if none", "finance", None),
    *_triple("facility_musd", "million USD", "Buildings with power and cooling, the same everywhere; in no sum", "finance", 0),
    *(
        spec
        for p in PATHWAYS
        for spec in _triple(f"power_{p}_musd_yr", "million USD/yr", f"Energy of a year {_PATHWAY_WORDS[p]}", "finance", 0)
    ),
    *((f"power_{p}_usd_mwh", "USD/MWh", f"Unit cost of energy {_PATHWAY_WORDS[p]}, most likely", "finance", 1) for p in PATHWAYS),
    *_triple("onsite_full_usd_mwh", "USD/MWh", "Unit cost of gas power on the site with its capital", "finance", 1),
    *_triple("sales_tax_musd", "million USD", "Sales tax on computers and electrical gear where no relief applies", "finance", 0),
    *_triple(
        "delay_musd_month",
        "million USD/month",
        "Revenue that a month without the load costs the tenants' computers, the same everywhere (costs.value_musd_gw_yr)",
        "finance",
        0,
    ),
    *_triple(
        "wait_musd",
        "million USD",
        "That, from project.energise_by to full load (P10, P50, P90 with the low, middle and high value); null if unknown or "
        "after 2040",
        "finance",
        0,
    ),
    (
        "tax_relief",
        "",
        "Tax relief for data centers in the state, with its threshold; none = none found, null = unknown",
        "policy/state_policy.parquet",
        None,
    ),
    ("corporate_tax_pct", "%", "Corporate income tax of the state in 2024; null = unknown", "policy/state_policy.parquet", 2),
    (
        "large_load_terms",
        "",
        "Contract terms of the state's large-load tariffs; null = none listed",
        "policy/large_load_terms.parquet",
        None,
    ),
)


def _ends(name: str, values: np.ndarray) -> dict[str, float]:
    return {f"{name}_{end}": float(v) for end, v in zip(ENDS, values, strict=True)}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def need_columns(needs: SiteNeeds, facts: CostFacts, cooling: str) -> list[dict[str, Any]]:
    """Values of the columns of ``NEEDS``, one mapping per site; NaN is unknown.

    Parameters
    ----------
    needs : SiteNeeds
    facts : CostFacts
    cooling : str
        ``project.cooling``.
    """
    return [_need_row(needs, facts, cooling, i) for i in range(facts.size)]


def _need_row(needs: SiteNeeds, facts: CostFacts, cooling: str, i: int) -> dict[str, Any]:
    return {
        **_ends("gas_need_mmcfd", needs.gas_mmcfd),
        "gas_pipeline": facts.pipeline[i],
        "gas_company_mmcfd": facts.pipeline_mmcfd[i],
        "gas_share_pct": PERCENT * needs.gas_share[i, MID],
        "gas_adequacy": needs.gas_verdict[i],
        **_ends("water_need_mgd", needs.water_mgd[cooling][i]),
        **{f"water_need_{k}_mgd": needs.water_mgd[k][i, MID] for k in COOLINGS},
        "water_peak_mgd": needs.peak_mgd[MID],
        **_ends("dry_cooling_penalty_pct", PERCENT * needs.dry_penalty[i]),
        "water_river": facts.river[i],
        "water_river_m3s": facts.river_m3s[i],
        "water_river_km": _finite(facts.river_km[i]),
        "water_share_of_river_pct": _finite(PERCENT * needs.river_share[i]),
        "water_share_of_reclaimed_pct": _finite(PERCENT * needs.reclaimed_share[i]),
        "water_share_of_county_pct": _finite(PERCENT * needs.county_share[i]),
        **_ends("water_dry_year_mgd", needs.supply_mgd[i]),
        "drought_ok": needs.drought_ok[i],
        "drought_reason": needs.drought_reason[i],
    }


def cost_columns(budget: Budget, facts: CostFacts) -> list[dict[str, Any]]:
    """Values of the columns of ``COSTS``, one mapping per site; NaN is unknown."""
    return [_cost_row(budget, facts, i) for i in range(facts.size)]


def _cost_row(budget: Budget, facts: CostFacts, i: int) -> dict[str, Any]:
    own = [item for item in ITEMS if item in _ITEM_WORDS]
    row: dict[str, Any] = {"cost_pathway": budget.pathway[i]}
    for item in own:
        row |= _ends(f"{item}_musd", budget.items[item][i])
    row |= _ends("capex_musd", budget.capex[i])
    row["capex_leaves_out"] = "; ".join(name.replace("_", " ") for name in budget.left_out[i])
    row |= _ends("facility_musd", budget.facility)
    for pathway in PATHWAYS:
        row |= _ends(f"power_{pathway}_musd_yr", budget.power_musd_yr[pathway][i])
    row |= {f"power_{p}_usd_mwh": budget.power_usd_mwh[p][i, MID] for p in PATHWAYS}
    row |= _ends("onsite_full_usd_mwh", budget.onsite_full_usd_mwh) | _ends("sales_tax_musd", budget.sales_tax[i])
    row |= _ends("delay_musd_month", budget.delay_musd_month) | _ends("wait_musd", budget.wait_musd[i])
    row |= {"tax_relief": facts.relief[i], "corporate_tax_pct": PERCENT * facts.corporate_tax[i]}
    return row | {"large_load_terms": facts.terms[i]}
