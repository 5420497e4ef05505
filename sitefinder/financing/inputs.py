"""What a run and a site bring to a financing: the project, capital, cost of energy, and the risk that the spread follows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sitefinder.config.financing import LENDERS, Ladder, Terms
from sitefinder.costs.budget import delay_musd_month
from sitefinder.costs.formulas import HIGH, LOW, MID
from sitefinder.errors import DataError
from sitefinder.financing.clock import chance_by, year_end_before
from sitefinder.units import BASIS_POINT, HOURS_PER_YEAR, USD_PER_MUSD

Row = Mapping[str, Any]
Triple = tuple[float, float, float]
ENDS = ("low", "mid", "high")
UNKNOWN = math.nan


@dataclass(frozen=True)
class Project:
    """What the run was made for.

    Parameters
    ----------
    mw : float
    load_factor, pue : (low, mid, high)
    year : int
        Of the run's dollars.
    start : str
        First month of delivery, YYYY-MM.
    tenant_delay_musd : (low, mid, high)
        Revenue that a month without the load costs the tenants' computers.
    """

    mw: float
    load_factor: Triple
    pue: Triple
    year: int
    start: str
    tenant_delay_musd: Triple


@dataclass(frozen=True)
class SiteInputs:
    """What a site brings to its financing, (low, mid, high) each.

    Parameters
    ----------
    capital : million dollars
    energy_usd_mwh : dollars per megawatt-hour
    risk_bp : basis points added to the spread
    missing : columns that are unknown; with any, there is no outcome
    """

    capital: Triple
    energy_usd_mwh: Triple
    risk_bp: Triple
    missing: tuple[str, ...] = ()


def project_of(config: Mapping[str, Any], terms: Terms) -> Project:
    """The project of a run, from the configuration in its ``run.json``.

    Raises
    ------
    DataError
        The run has no costs, or its dollars are of another year than those of the terms.
    """
    try:
        project, needs, year = config["project"], config["needs"], int(config["costs"]["year"])
        pue = needs["water"]["pue"][project["cooling"]]
        found = Project(
            float(project["mw"]),
            _triple(needs["load_factor"]),
            _triple(pue),
            year,
            str(config["delivery"]["start"]),
            _triple(delay_musd_month(float(project["mw"]), config["costs"]["value_musd_gw_yr"])),
        )
    except (KeyError, TypeError):
        raise DataError("Invalid run.json: the run has no costs, needs or delivery. Rank again: make rank.") from None
    if found.year != terms.year:
        raise DataError(
            f"The run counts in dollars of {found.year}, the terms in dollars of {terms.year}. "
            f"Set 'year: {found.year}' in the terms, and prices of that year."
        )
    return found


def _triple(values: Iterable[float]) -> Triple:
    low, mid, high = (float(v) for v in values)
    return low, mid, high


def site_inputs(row: Row, project: Project, terms: Terms) -> SiteInputs:
    """Capital, energy and risk of a site from its columns."""
    pathway = str(row.get("cost_pathway") or row.get("pathway") or "grid")
    parts = ["capex_musd"] if terms.scope == "power" else ["capex_musd", "facility_musd"]
    columns = [*parts, f"power_{pathway}_musd_yr"]
    missing = tuple(f"{c}_{e}" for c in columns for e in ENDS if row.get(f"{c}_{e}") is None)
    if missing:
        return SiteInputs((UNKNOWN,) * 3, (UNKNOWN,) * 3, risk_bp(row, terms), missing)
    capital = [sum(float(row[f"{c}_{e}"]) for c in parts) for e in ENDS]
    hours = [project.mw * HOURS_PER_YEAR * f for f in project.load_factor]
    energy = [float(row[f"{columns[-1]}_{e}"]) * USD_PER_MUSD / h for e, h in zip(ENDS, hours, strict=True)]
    return SiteInputs(_triple(capital), _triple(energy), risk_bp(row, terms))


def risk_parts(row: Row, terms: Terms) -> dict[str, Triple]:
    """Basis points that each part of the site's risk adds: part -> [low, most likely, high].

    An interval of chances takes its low end from the better chance and its high end from the worse one.
    """
    risk, grade = terms.site_risk, str(row.get("evidence_site_grade") or row.get("evidence_grade") or "unknown")
    parts = {"evidence_grade": risk.by_grade(grade)}
    chance = chance_by(row, year_end_before(terms.programme.allocate_by), terms.first_power_mw)
    ladder = risk.power_by_date
    parts["power_by_date"] = (
        ladder.unknown
        if chance is None
        else (ladder.bp(chance[1])[LOW], ladder.bp(sum(chance) / 2.0)[MID], ladder.bp(chance[0])[HIGH])
    )
    ends = row.get("rank_p05"), row.get("rank_p95")
    width = None if ends[0] is None or ends[1] is None else float(ends[1]) - float(ends[0])
    parts["rank_interval"] = risk.rank_interval.bp(width)
    return parts | {name: _hazard(row, name, found) for name, found in risk.hazards.items()}


def _hazard(row: Row, name: str, ladder: Ladder) -> Triple:
    value = row.get(name)
    return ladder.bp(None if value is None else float(value))


def risk_bp(row: Row, terms: Terms) -> Triple:
    """Sum of the parts."""
    parts = risk_parts(row, terms).values()
    return _triple([sum(p[i] for p in parts) for i in range(len(ENDS))])


def loan_rates(risk: Triple, terms: Terms, end: int) -> dict[str, float]:
    """All-in rate of each lender at one end: base rate, spread, the site's risk, guarantee."""
    rates = {}
    for name in LENDERS:
        lender = getattr(terms.lenders, name)
        margin = lender.spread_bp[end] + lender.site_risk_share * risk[end] + lender.guarantee_bp[end]
        rates[name] = terms.base_rate[end] + margin * BASIS_POINT
    return rates
