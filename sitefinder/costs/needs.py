"""Gas and water need of the campus at each site, against the local supply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sitefinder.columns import MID
from sitefinder.config import Project
from sitefinder.config.costs import Needs
from sitefinder.costs.facts import CostFacts
from sitefinder.costs.formulas import (
    COOLINGS,
    OWN_PIPELINE,
    UNKNOWN,
    drought_verdict,
    dry_penalty,
    dry_year_supply,
    gas_share,
    gas_verdict,
    peak_mgd,
    trunk_mw,
    water_mgd,
)
from sitefinder.units import M3S_PER_MGD


@dataclass(frozen=True)
class SiteNeeds:
    """Gas and water need of every site; ``(n, 3)`` and ``(3,)`` hold [low, most likely, high], NaN is unknown.

    Parameters
    ----------
    gas_mmcfd : (3,)
        Gas at full load if all of it is generated on the site.
    gas_share : (n, 3)
        Over what the company of the nearest interstate pipeline moves across one state line.
    gas_verdict : (n,) object
        small_share, expansion, own_pipeline or unknown.
    gas_reason : (n,) object
        In words.
    water_mgd : mapping
        Cooling option -> (n, 3), mean of the year.
    peak_mgd : (3,)
        Hottest day, for the option of the project.
    dry_penalty : (n, 3)
        Energy of dry cooling above evaporative cooling, fraction.
    river_share, reclaimed_share, county_share : (n,)
        Mean need of the project's option over the river's mean flow, the design flow of reclaimed water within 25 km, and the
        fresh water withdrawn in the county; infinite where there is none.
    supply_mgd : (n, 3)
        River and reclaimed water of a dry year.
    drought_ok : (n,) object
        yes, no or unknown.
    drought_reason : (n,) object
        In words.
    """

    gas_mmcfd: np.ndarray
    gas_share: np.ndarray
    gas_verdict: np.ndarray
    gas_reason: np.ndarray
    water_mgd: Mapping[str, np.ndarray]
    peak_mgd: np.ndarray
    dry_penalty: np.ndarray
    river_share: np.ndarray
    reclaimed_share: np.ndarray
    county_share: np.ndarray
    supply_mgd: np.ndarray
    drought_ok: np.ndarray
    drought_reason: np.ndarray


def site_needs(facts: CostFacts, needs: Needs, project: Project) -> SiteNeeds:
    """Gas and water need of every site.

    Parameters
    ----------
    facts : CostFacts
    needs : Needs
    project : Project
    """
    gas = needs.gas.mmcfd(project.mw)
    water: dict[str, np.ndarray] = {k: water_mgd(project.mw, k, needs, facts.free_hours) for k in COOLINGS}
    peak = peak_mgd(project.mw, project.cooling, needs.water)
    supply = dry_year_supply(facts.river_m3s, facts.drought, facts.reclaimed_mgd, needs.water)
    verdict = drought_verdict(peak[MID], supply)
    mean = water[project.cooling][:, MID]
    return SiteNeeds(
        gas_mmcfd=gas,
        gas_share=gas_share(gas, facts.pipeline_mmcfd),
        gas_verdict=gas_verdict(gas, facts.pipeline_mmcfd, needs.gas),
        gas_reason=_gas_reasons(facts, needs, project),
        water_mgd=water,
        peak_mgd=peak,
        dry_penalty=dry_penalty(needs.water, facts.wetbulb_c),
        river_share=_share(mean, facts.river_m3s / M3S_PER_MGD),
        reclaimed_share=_share(mean, facts.reclaimed_mgd),
        county_share=_share(mean, facts.county_mgd),
        supply_mgd=supply.total,
        drought_ok=verdict,
        drought_reason=np.array([_reason(facts, i, peak[MID], verdict[i], supply.total[i]) for i in range(facts.size)], object),
    )


def _share(need: np.ndarray, of: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(need == 0.0, 0.0, need / of)


def _gas_reasons(facts: CostFacts, needs: Needs, project: Project) -> np.ndarray:
    """Reason for the verdict on the pipeline of each site, in words, (n,) object."""
    need, able = needs.gas.mmcfd(project.mw)[MID], trunk_mw(facts.pipeline_mmcfd, needs.gas)
    verdict = gas_verdict(needs.gas.mmcfd(project.mw), facts.pipeline_mmcfd, needs.gas)
    words = []
    for name, moves, mw, needed in zip(facts.pipeline, facts.pipeline_mmcfd, able, verdict, strict=True):
        line = name or "the nearest pipeline"
        known = f"{100 * need / moves:,.0f} % of the {moves:,.0f} MMcf/d that the company of {line} moves"
        text = f"{need:,.0f} MMcf/d: " + (f"what the company of {line} moves is unknown" if np.isnan(moves) else known)
        if needed == OWN_PIPELINE:
            text += f"; a lateral could bring gas for some {mw:,.0f} MW, the rest waits for a pipeline of its own"
        words.append(text)
    return np.array(words, object)


def _reason(facts: CostFacts, i: int, peak: float, verdict: str, supply: np.ndarray) -> str:
    """Reason for the verdict of the dry-year test, in words."""
    river = f"{facts.river[i] or 'unnamed river'}, mean {facts.river_m3s[i]:,.0f} m3/s, {facts.river_km[i]:.0f} km away"
    parts = [
        river if facts.river_m3s[i] > 0 else "no river within reach",
        "wastewater plants unknown" if np.isnan(facts.reclaimed_mgd[i]) else f"{facts.reclaimed_mgd[i]:,.0f} Mgd of wastewater",
    ]
    if np.isnan(facts.drought[i]):
        parts.append("drought record unknown")
    low, high = supply[0], supply[-1]
    span = f"{low:,.1f} to {'?' if np.isnan(high) else f'{high:,.1f}'} Mgd"
    words = {"yes": "covered even at the low end", "no": "not covered even at the high end", UNKNOWN: "depends on the low flow"}
    return f"{peak:,.1f} Mgd on the hottest day, dry-year supply {span}: {words[verdict]} ({'; '.join(parts)})"
