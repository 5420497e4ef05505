"""Columns of the needs and costs of a campus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sitefinder.columns import MID, Part, Range, column
from sitefinder.config.project import PATHWAYS
from sitefinder.costs.budget import Budget
from sitefinder.costs.facts import CostFacts
from sitefinder.costs.formulas import COOLINGS
from sitefinder.costs.needs import SiteNeeds
from sitefinder.layers.files import LARGE_LOAD_TERMS, PIPELINE_CAPACITY, RIVERS, STATE_POLICY, UTILITY_PRICE

PERCENT = 100.0
#: costs that no sum includes, at any site
NEVER_IN = "network upgrades beyond the station, permits, property tax, financing, computers"
MUSD = "million USD"
_PATHWAY_WORDS = {
    "grid": "from the grid",
    "non_firm": "non-firm from the grid, at the price of firm power",
    "onsite_gas": "from gas on the site, without capital",
    "hybrid": "from both",
}


@dataclass(frozen=True)
class NeedPart(Part):
    """Gas and water that the campus needs, against pipeline capacity and the water of a dry year."""

    source: ClassVar[str] = "needs"
    heading: ClassVar[str] = "Gas and water needs"

    gas_need_mmcfd: Range = column("Gas at full load if all power is generated on the site", unit="MMcf/d", decimals=0)
    gas_pipeline: str | None = column(
        "Pipeline that would supply the campus: that of the gas route, else the nearest interstate one",
    )
    gas_company_mmcfd: float = column(
        "Gas that the company of that pipeline moves across one state line; null if unknown",
        unit="MMcf/d",
        decimals=0,
        source=PIPELINE_CAPACITY,
    )
    gas_share_pct: float = column("Gas need over what the pipeline's company moves; null if unknown", unit="%", decimals=1)
    gas_adequacy: str | None = column(
        "Pipeline that the gas need requires: small_share, expansion, own_pipeline, unknown; spare capacity is not considered"
    )
    gas_reason: str | None = column("Reason for that, with the load that a lateral could bring before a pipeline of one's own")
    water_need_mgd: Range = column(
        "Mean water use of the year with project.cooling; null where the climate is unknown", unit="Mgd", decimals=2
    )
    water_need_by_cooling_mgd: Mapping[str, float] = column(
        "Mean water use of the year with {key} cooling, most likely",
        name="water_need_{key}_mgd",
        unit="Mgd",
        decimals=2,
        keys={cooling: cooling for cooling in COOLINGS},
    )
    water_peak_mgd: float = column(
        "Water use on the hottest day at full load with project.cooling, most likely", unit="Mgd", decimals=2
    )
    dry_cooling_penalty_pct: Range = column("Additional energy of dry cooling over evaporative cooling", unit="%", decimals=1)
    water_river: str | None = column(
        "River for the dry-year test: the nearest that suffices, else the largest within reach",
    )
    water_river_system: str | None = column(
        "Main stem that this river is a reach of, by its name at the outlet: campuses along one share its water", source=RIVERS
    )
    water_river_m3s: float = column(
        "Mean natural flow of the river for the dry-year test; 0 where none is within reach",
        unit="m3/s",
        decimals=1,
        source=RIVERS,
    )
    water_river_km: float = column("Straight distance to the river for the dry-year test", unit="km", decimals=1, source=RIVERS)
    water_share_of_river_pct: float = column(
        "Mean water use over the mean flow of the river; null without a river", unit="%", decimals=2
    )
    water_share_of_reclaimed_pct: float = column(
        "Mean water use over the design flow of wastewater plants within 25 km; null without any", unit="%", decimals=1
    )
    water_share_of_county_pct: float = column(
        "Mean water use over the fresh water withdrawn in the county in 2015; null without any", unit="%", decimals=2
    )
    water_dry_year_mgd: Range = column(
        "River and reclaimed water available in a dry year; null if unknown", unit="Mgd", decimals=1
    )
    drought_ok: str | None = column(
        "Whether river and reclaimed water cover the hottest day of a dry year: yes if their low end does, no if their high end "
        "does not, else unknown; utility supply, groundwater and storage are not counted"
    )
    drought_reason: str | None = column("Reason for the verdict of the dry-year test, with the supplies counted")


@dataclass(frozen=True)
class CostPart(Part):
    """Site capital, yearly energy cost, cost of delay, and taxes."""

    source: ClassVar[str] = "finance"
    heading: ClassVar[str] = "Costs"

    pathway: str | None = column("Pathway that the capital columns are for: grid, onsite_gas or hybrid", name="cost_pathway")
    land_musd: Range = column("Land: a range of shares of the county's residential land value", unit=MUSD, decimals=1)
    sitework_musd: Range = column("Site work: clearing, drainage, roads, and earthwork by slope", unit=MUSD, decimals=1)
    substation_musd: Range = column("The campus's own high-voltage stations and transformers", unit=MUSD, decimals=1)
    generation_musd: Range = column("Generation on the site with its reserve; 0 in the grid pathway", unit=MUSD, decimals=1)
    water_supply_musd: Range = column(
        "Treatment and storage of water for the hottest day; intake and main belong to the connection", unit=MUSD, decimals=1
    )
    own_pipeline_musd: Range = column(
        "Pipeline of one's own to a system that can feed the load, beside the lateral; 0 where none is needed, null = unknown",
        unit=MUSD,
        decimals=1,
    )
    capex_musd: Range = column(
        f"Capital that depends on the site: sum of the known items with the connections, without {NEVER_IN}",
        unit=MUSD,
        decimals=0,
    )
    capex_leaves_out: str | None = column("Unknown items that the sum of site capital leaves out; empty if none")
    facility_musd: Range = column(
        "Buildings with power and cooling, the same everywhere; not part of any sum", unit=MUSD, decimals=0
    )
    power_musd_yr: Mapping[str, Range] = column(
        "Energy of a year {key}", name="power_{key}_musd_yr", unit="million USD/yr", decimals=0, keys=_PATHWAY_WORDS
    )
    power_usd_mwh: Mapping[str, float] = column(
        "Unit cost of energy {key}, most likely", name="power_{key}_usd_mwh", unit="USD/MWh", decimals=1, keys=_PATHWAY_WORDS
    )
    power_price_basis: str | None = column(
        "Whose average industrial price the energy from the grid rests on, with its grade; null = price unknown",
        source=UTILITY_PRICE,
    )
    power_capacity_musd_yr: Range = column(
        "Capacity of the market region above what that price of 2024 holds, part of the energy from the grid; 0 = no capacity "
        "market, null = its price is unknown and left out",
        unit="million USD/yr",
        decimals=0,
    )
    gas_hub: str | None = column("Nearest point where gas is traded; its basis to Henry Hub is in the gas power on the site")
    gas_basis_usd_mmbtu: float = column("Price there less that at Henry Hub, most likely", unit="USD/MMBtu", decimals=2)
    onsite_full_usd_mwh: Range = column("Unit cost of gas power on the site with its capital", unit="USD/MWh", decimals=1)
    sales_tax_musd: Range = column("Sales tax on computers and electrical gear where no relief applies", unit=MUSD, decimals=0)
    delay_musd_month: Range = column(
        "Revenue of the tenants' computers lost in a month without the load, the same everywhere (costs.value_musd_gw_yr)",
        unit="million USD/month",
        decimals=0,
    )
    wait_musd: Range = column(
        "Revenue lost from project.energise_by to full load (P10, P50, P90 with the low, middle and high value); null if unknown "
        "or after 2040",
        unit=MUSD,
        decimals=0,
    )
    tax_relief: str | None = column(
        "Tax relief for data centers in the state, with its threshold; none = none found, null = unknown", source=STATE_POLICY
    )
    corporate_tax_pct: float = column(
        "Corporate income tax of the state in 2024; null = unknown", unit="%", decimals=2, source=STATE_POLICY
    )
    large_load_terms: str | None = column(
        "Contract terms of the state's large-load tariffs; null = none listed", source=LARGE_LOAD_TERMS
    )


def _range(values: np.ndarray) -> Range:
    return Range(*(float(v) for v in values))


def need_parts(needs: SiteNeeds, facts: CostFacts, cooling: str) -> list[NeedPart]:
    """Needs of every site.

    Parameters
    ----------
    needs : SiteNeeds
    facts : CostFacts
    cooling : str
        ``project.cooling``.
    """
    return [_need_part(needs, facts, cooling, i) for i in range(facts.size)]


def _need_part(needs: SiteNeeds, facts: CostFacts, cooling: str, i: int) -> NeedPart:
    return NeedPart(
        gas_need_mmcfd=_range(needs.gas_mmcfd),
        gas_pipeline=facts.pipeline[i],
        gas_company_mmcfd=facts.pipeline_mmcfd[i],
        gas_share_pct=PERCENT * needs.gas_share[i, MID],
        gas_adequacy=needs.gas_verdict[i],
        gas_reason=needs.gas_reason[i],
        water_need_mgd=_range(needs.water_mgd[cooling][i]),
        water_need_by_cooling_mgd={k: needs.water_mgd[k][i, MID] for k in COOLINGS},
        water_peak_mgd=needs.peak_mgd[MID],
        dry_cooling_penalty_pct=_range(PERCENT * needs.dry_penalty[i]),
        water_river=facts.river[i],
        water_river_system=facts.river_system[i],
        water_river_m3s=facts.river_m3s[i],
        water_river_km=facts.river_km[i],
        water_share_of_river_pct=PERCENT * needs.river_share[i],
        water_share_of_reclaimed_pct=PERCENT * needs.reclaimed_share[i],
        water_share_of_county_pct=PERCENT * needs.county_share[i],
        water_dry_year_mgd=_range(needs.supply_mgd[i]),
        drought_ok=needs.drought_ok[i],
        drought_reason=needs.drought_reason[i],
    )


def cost_parts(budget: Budget, facts: CostFacts) -> list[CostPart]:
    """Costs of every site."""
    return [_cost_part(budget, facts, i) for i in range(facts.size)]


def _cost_part(budget: Budget, facts: CostFacts, i: int) -> CostPart:
    return CostPart(
        pathway=budget.pathway[i],
        land_musd=_range(budget.items["land"][i]),
        sitework_musd=_range(budget.items["sitework"][i]),
        substation_musd=_range(budget.items["substation"][i]),
        generation_musd=_range(budget.items["generation"][i]),
        water_supply_musd=_range(budget.items["water_supply"][i]),
        own_pipeline_musd=_range(budget.items["own_pipeline"][i]),
        capex_musd=_range(budget.capex[i]),
        capex_leaves_out="; ".join(name.replace("_", " ") for name in budget.left_out[i]),
        facility_musd=_range(budget.facility),
        power_musd_yr={p: _range(budget.power_musd_yr[p][i]) for p in PATHWAYS},
        power_usd_mwh={p: budget.power_usd_mwh[p][i, MID] for p in PATHWAYS},
        power_price_basis=facts.price_basis[i],
        power_capacity_musd_yr=_range(budget.capacity_musd_yr[i]),
        gas_hub=facts.gas_hub[i],
        gas_basis_usd_mmbtu=facts.gas_basis[i, MID],
        onsite_full_usd_mwh=_range(budget.onsite_full_usd_mwh[i]),
        sales_tax_musd=_range(budget.sales_tax[i]),
        delay_musd_month=_range(budget.delay_musd_month),
        wait_musd=_range(budget.wait_musd[i]),
        tax_relief=facts.relief[i],
        corporate_tax_pct=PERCENT * facts.corporate_tax[i],
        large_load_terms=facts.terms[i],
    )
