"""Inputs of a financing from a run: the project, and capital, cost of energy and risk premium of each site."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sitefinder.columns import HIGH, LOW, MID, Range
from sitefinder.config import Config
from sitefinder.config.financing import LENDERS, Terms
from sitefinder.costs.budget import DEFAULT_PATHWAY, delay_musd_month
from sitefinder.errors import DataError
from sitefinder.financing.clock import chance_by, year_end_before
from sitefinder.results.site import Site
from sitefinder.units import BASIS_POINT, HOURS_PER_YEAR, USD_PER_MUSD

UNKNOWN = Range(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class ProjectInputs:
    """The project that the run ranks sites for.

    Parameters
    ----------
    mw : float
    load_factor, pue : Range
    year : int
        Year of the dollars of the run.
    start : str
        First month of delivery, YYYY-MM.
    tenant_delay_musd : Range
        Revenue that a month without the load costs the tenants' computers.
    """

    mw: float
    load_factor: Range
    pue: Range
    year: int
    start: str
    tenant_delay_musd: Range


@dataclass(frozen=True)
class SiteInputs:
    """Capital, cost of energy and risk premium of a site.

    Parameters
    ----------
    capital : Range
        Million dollars.
    energy_usd_mwh : Range
        Dollars per megawatt-hour.
    risk_bp : Range
        Basis points added to the spread.
    missing : tuple of str
        Unknown columns; with any, there is no outcome.
    """

    capital: Range
    energy_usd_mwh: Range
    risk_bp: Range
    missing: tuple[str, ...] = ()


def project_of(config: Config, terms: Terms) -> ProjectInputs:
    """The project of a run.

    Parameters
    ----------
    config : Config
        Configuration of the run.
    terms : Terms

    Raises
    ------
    DataError
        The run has no costs, or its dollars are of another year than those of the terms.
    """
    project, needs, costs = config.project, config.needs, config.costs
    if needs is None or costs is None or config.delivery is None:
        raise DataError("Invalid run.json: the run has no costs, needs or delivery. Rank again: make rank.")
    if costs.year != terms.year:
        raise DataError(
            f"The run counts in dollars of {costs.year}, the terms in dollars of {terms.year}. "
            f"Set 'year: {costs.year}' in the terms, and prices of that year."
        )
    return ProjectInputs(
        mw=project.mw,
        load_factor=Range(*needs.load_factor),
        pue=Range(*needs.water.pue.of(project.cooling)),
        year=costs.year,
        start=config.delivery.start,
        tenant_delay_musd=Range(*(float(v) for v in delay_musd_month(project.mw, costs.value_musd_gw_yr))),
    )


def site_inputs(site: Site, project: ProjectInputs, terms: Terms) -> SiteInputs:
    """Capital, cost of energy and risk premium of a site."""
    power, costs = site.power, site.costs
    pathway = (costs and costs.pathway) or (power and power.pathway) or DEFAULT_PATHWAY
    capital = {"capex_musd": costs.capex_musd if costs else UNKNOWN}
    if terms.scope == "campus":
        capital["facility_musd"] = costs.facility_musd if costs else UNKNOWN
    energy = costs.power_musd_yr[pathway] if costs else UNKNOWN
    missing = unknown_columns(capital | {f"power_{pathway}_musd_yr": energy})
    if missing:
        return SiteInputs(UNKNOWN, UNKNOWN, risk_bp(site, terms), missing)
    hours = [project.mw * HOURS_PER_YEAR * f for f in project.load_factor]
    return SiteInputs(
        capital=total(list(capital.values())),
        energy_usd_mwh=Range(*(musd * USD_PER_MUSD / h for musd, h in zip(energy, hours, strict=True))),
        risk_bp=risk_bp(site, terms),
    )


def unknown_columns(amounts: Mapping[str, Range]) -> tuple[str, ...]:
    """Names of the columns of ranges that are unknown."""
    return tuple(f"{name}_{end}" for name, range_ in amounts.items() for end in Range._fields if math.isnan(getattr(range_, end)))


def total(ranges: Sequence[Range]) -> Range:
    """Sum of ranges: lows to lows, highs to highs."""
    return Range(*(sum(ends) for ends in zip(*ranges, strict=True)))


def risk_parts(site: Site, terms: Terms) -> dict[str, Range]:
    """Basis points that each component of a site's risk adds to the spread.

    The chance of power by the date is an interval: its better end gives the low end, its worse end the high end.
    """
    risk = terms.site_risk
    chance = chance_by(site.power, year_end_before(terms.programme.allocate_by), terms.first_power_mw)
    ladder = risk.power_by_date
    parts = {
        "evidence_grade": Range(*risk.by_grade(evidence_grade(site))),
        "power_by_date": Range(*ladder.unknown)
        if chance is None
        else Range(ladder.bp(chance.high)[LOW], ladder.bp(sum(chance) / 2.0)[MID], ladder.bp(chance.low)[HIGH]),
        "rank_interval": Range(*risk.rank_interval.bp(rank_width(site))),
    }
    return parts | {layer: Range(*steps.bp(site.layer(layer))) for layer, steps in risk.hazards.items()}


def evidence_grade(site: Site) -> str:
    """Grade of the evidence behind the points of a site; without it the weighted mean over the layers."""
    by_points = site.certainty.evidence.site_grade if site.certainty else None
    return by_points or site.quality.evidence_grade or "unknown"


def rank_width(site: Site) -> float | None:
    """Ranks between the 5th and 95th percentile; None = unknown."""
    ranks = site.certainty.ranks if site.certainty else None
    if ranks is None or ranks.rank_p05 is None or ranks.rank_p95 is None:
        return None
    return float(ranks.rank_p95 - ranks.rank_p05)


def risk_bp(site: Site, terms: Terms) -> Range:
    """Basis points that the risk of a site adds to the spread: sum of its components."""
    return total(list(risk_parts(site, terms).values()))


def loan_rates(risk: Range, terms: Terms, end: int) -> dict[str, float]:
    """All-in rate of each lender at one end: base rate, spread, risk of the site, guarantee."""
    rates = {}
    for name in LENDERS:
        lender = terms.lenders.of(name)
        margin = lender.spread_bp[end] + lender.site_risk_share * risk[end] + lender.guarantee_bp[end]
        rates[name] = terms.base_rate[end] + margin * BASIS_POINT
    return rates
