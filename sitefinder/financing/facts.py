"""Content of ``financing.json``: one tree of fields about project, terms, dates, set, runner-up, sites and portfolio.

Every number in the memo names the path of its field in this tree.
"""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from sitefinder.columns import MID, Range
from sitefinder.config.financing import LENDERS, Terms
from sitefinder.config.portfolio import RiskTerms
from sitefinder.errors import DataError
from sitefinder.files import Json
from sitefinder.financing import clock as deal_clock
from sitefinder.financing.clock import Category, Chance, Condition, Verdict
from sitefinder.financing.demand import demand_facts, stake
from sitefinder.financing.inputs import ProjectInputs, loan_rates, project_of, risk_parts, site_inputs, total
from sitefinder.financing.joint import Luck, joint, quantiles, uncertain
from sitefinder.financing.outcome import Financing, finance_set, finance_site, tenor
from sitefinder.financing.steps import next_steps
from sitefinder.results.chosen import Chosen
from sitefinder.results.deadline import deadline
from sitefinder.results.run import SITES, Run
from sitefinder.results.site import Site

#: columns of a site that are repeated in the tree
SHOWN = (
    "name", "county", "state", "rto", "rank", "rank_p05", "rank_p95", "tier", "score", "lat", "lon", "pathway", "first_200mw_p50",
    "full_load_p10", "full_load_p50", "full_load_p90", "binding_step", "grid_station", "grid_headroom_mw_p50", "gas_pipeline",
    "gas_adequacy", "drought_ok", "nonattainment_count", "local_rule", "capex_musd_low", "capex_musd_mid", "capex_musd_high",
    "capex_leaves_out", "facility_musd_low", "facility_musd_mid", "facility_musd_high", "sales_tax_musd_mid", "tax_relief",
    "evidence_site_grade", "evidence_weak_share", "precedents",
    "water_supplier", "groundwater_managed", "water_rights", "serving_utility", "contested_projects",
)  # fmt: skip
#: how the column of contested projects begins where none is named
NO_EVENT = "none"
#: chance of a site whose megawatts are unknown
ANY_CHANCE = Chance(0.0, 1.0)


@dataclass(frozen=True)
class Deal:
    """A site under the terms of a financing.

    Parameters
    ----------
    site : Site
    financing : Financing
    chance : Chance or None
        Of the first megawatts by the end of the programme; None = unknown.
    conditions : sequence of Condition
    verdict : str
    category, category_why : str
        Environmental category, and the reason.
    risk : mapping
        Component of the site's risk -> basis points.
    """

    site: Site
    financing: Financing
    chance: Chance | None
    conditions: Sequence[Condition]
    verdict: Verdict
    category: Category
    category_why: str
    risk: Mapping[str, Range]

    @property
    def risk_bp(self) -> Range:
        """Basis points of all components together."""
        return total(list(self.risk.values()))


def facts(run: Run, chosen: Chosen, terms: Terms) -> Json:
    """Content of ``financing.json``.

    Parameters
    ----------
    run : Run
    chosen : Chosen
        The set and the runner-up.
    terms : Terms

    Raises
    ------
    DataError
        The run has no costs, counts in other dollars, or lacks a site of the set.
    """
    project = project_of(run.config, terms)
    deals = {key: deal(_site(run, key), project, terms) for key in dict.fromkeys([*chosen.best, *chosen.runner_up])}
    wanted, luck = run.config.project, _luck(run)
    best = [deals[key] for key in chosen.best]
    return {
        "project": {
            "name": wanted.name,
            "mw": project.mw,
            "energise_by": wanted.energise_by,
            "start": project.start,
            "cooling": wanted.cooling,
            "listed": len(run.sites),
            **_deadline(run),
            "fingerprint": str(run.manifest.get("config_fingerprint", ""))[:12],
            "commit": str(run.manifest.get("commit") or ""),
        },
        "terms": json.loads(terms.model_dump_json()) | {"structure": json.loads(terms.structure.model_dump_json())},
        "clock": clock(project, terms),
        "set": set_facts(best, terms),
        "joint": _joint(best, project, terms, luck, chosen.facts()),
        "steps": next_steps([d.site for d in best], terms, luck, project.start, study_months(run, [d.site for d in best])),
        "structures": _structures(best, project, terms),
        "demand": _demand(best, project, terms),
        "runner_up": set_facts([deals[key] for key in chosen.runner_up], terms),
        "sites": {key: site_facts(each, terms) for key, each in deals.items()},
        "portfolio": chosen.facts(),
    }


def _deadline(run: Run) -> Json:
    """Whether any site of the list meets the date wanted; nulls where there are no dates."""
    answer = deadline([entry.site for entry in run.sites], run.config.project)
    if answer is None:
        return {"deadline": None, "deadline_words": None}
    return {"deadline": answer.title, "deadline_words": answer.words}


def _luck(run: Run) -> Luck:
    """How much luck campuses share: as in the choice of the set."""
    risk = run.config.portfolio.risk if run.config.portfolio else RiskTerms()
    return Luck(risk.nation, risk.region, risk.seed)


def study_months(run: Run, sites: Sequence[Site]) -> np.ndarray:
    """(n, 3) months of the load study at each campus."""
    return run.config.section("delivery").grid.by_region("study", [site.place.rto for site in sites])


def _joint(deals: Sequence[Deal], project: ProjectInputs, terms: Terms, luck: Luck, portfolio: Mapping[str, Any]) -> Json | None:
    """Money of the set by joint draws, and the shares of them that stay within the budget and reach the cover asked."""
    inputs = [(d.site, site_inputs(d.site, project, terms)) for d in deals]
    known = [uncertain(site, each) for site, each in inputs if not each.missing]
    if not known:
        return None
    money = joint(known, project, terms, luck)
    budget = (portfolio.get("terms") or {}).get("budget_musd")
    return {
        **{name: quantiles(values) for name, values in money.items()},
        "draws": len(money["uses"]),
        "covered": round(float((money["dscr"] >= terms.tests.dscr).mean()), 4),
        "within_budget": None if budget is None else round(float((money["capital"] <= budget).mean()), 4),
    }


def _demand(deals: Sequence[Deal], project: ProjectInputs, terms: Terms) -> Json | None:
    """The set under the paths of demand."""
    inputs = [site_inputs(d.site, project, terms) for d in deals]
    return demand_facts([stake(each, project, terms) for each in inputs if not each.missing], terms)


def _structures(deals: Sequence[Deal], project: ProjectInputs, terms: Terms) -> Json:
    """The most likely figures of the set under the programme, and as an ordinary project on the market."""
    table: Json = {}
    for name, on in (("programme", True), ("market", False)):
        other = terms.model_copy(update={"programme": terms.programme.model_copy(update={"on": on})})
        financed = [finance_site(site_inputs(d.site, project, other), project, other) for d in deals]
        together = finance_set(financed, other)
        measures = ("uses", "equity", "debt", "service", "dscr", "price_needed", "lender_cover")
        table[name] = {"equity_share": other.structure.equity[MID]} | {m: together.mid(m) for m in measures}
    return table


def _site(run: Run, key: str) -> Site:
    if key not in run.by_id:
        path = run.folder / SITES
        raise DataError(f"The portfolio names {key}, which is not in {path}. Choose again: make portfolio.")
    return run.by_id[key].site


def clock(project: ProjectInputs, terms: Terms) -> Json:
    """Dates of the programme."""
    year, month = (int(v) for v in project.start.split("-")[:2])
    selected = terms.programme.select_on or datetime.date(year, month, 1)
    end, days = terms.programme.allocate_by, terms.programme.fund_within_business_days
    return {
        "selected_on": selected.isoformat(),
        "funded_by": deal_clock.funded_by(selected, days).isoformat(),
        "allocate_by": end.isoformat(),
        "days_left": (end - selected).days,
        "last_selection": deal_clock.last_selection(end, days).isoformat(),
        "power_year": deal_clock.year_end_before(end),
        "power_evidence": deal_clock.power_evidence(),
    }


def deal(site: Site, project: ProjectInputs, terms: Terms) -> Deal:
    """A site under the terms."""
    chance = deal_clock.chance_by(site.power, deal_clock.year_end_before(terms.programme.allocate_by), terms.first_power_mw)
    conditions = deal_clock.conditions(site, mw=project.mw, chance=chance, wanted=terms.tests.first_power_chance)
    category, why = deal_clock.environmental_category(site)
    return Deal(
        site=site,
        financing=finance_site(site_inputs(site, project, terms), project, terms),
        chance=chance,
        conditions=conditions,
        verdict=deal_clock.verdict(conditions),
        category=category,
        category_why=why,
        risk=risk_parts(site, terms),
    )


def site_facts(deal: Deal, terms: Terms) -> Json:
    """Fields of one site."""
    rates = {end: loan_rates(deal.risk_bp, terms, i) for i, end in enumerate(Range._fields)}
    return {
        **{name: deal.site.values.get(name) for name in SHOWN},  # a layer out of use has no column
        "chance": deal.chance._asdict() if deal.chance else None,
        "gates": {c.key: {"title": c.title, "state": c.state, "column": c.column, "needs": c.needs} for c in deal.conditions},
        "contested_first": _first_event(deal.site.values.get("contested_projects")),
        "verdict": deal.verdict,
        "category": deal.category,
        "category_why": deal.category_why,
        "risk_bp": deal.risk_bp._asdict(),
        "risk_parts": {name: part._asdict() for name, part in deal.risk.items()},
        "rates": {
            name: {"tenor": tenor(terms, name, MID)} | {end: round(rates[end][name], 6) for end in Range._fields}
            for name in LENDERS
            if terms.structure.by_lender[name] > 0
        },
        **_money(deal.financing),
    }


def _first_event(events: Any) -> str | None:
    """The first named project of the column of contested ones; None where none is named."""
    if not events or str(events).startswith(NO_EVENT):
        return None
    return str(events).split(" [")[0].split("; ")[0].strip()


def _money(financing: Financing) -> Json:
    """Fields of a financing."""
    return {
        "money": {name: measure._asdict() for name, measure in financing.measures.items()},
        "stress": financing.stress(),
        "missing": list(financing.missing),
    }


def set_facts(deals: Sequence[Deal], terms: Terms) -> Json:
    """Fields of a set as one borrower."""
    together = finance_set([d.financing for d in deals], terms)
    covers = {d.site.site_id: d.financing.mid("dscr") for d in deals}
    chances = [d.chance or ANY_CHANCE for d in deals]
    facility = [d.site.costs.facility_musd for d in deals if d.site.costs]
    return {
        "sites": list(covers),
        "count": len(deals),
        **_money(together),
        "financed": sum(not d.financing.missing for d in deals),
        "covered": sum((cover or 0.0) >= terms.tests.dscr for cover in covers.values()),
        "short": [key for key, cover in covers.items() if cover is not None and cover < terms.tests.dscr],
        "capital_high_over_mid": _excess(together),
        "uses_in_months": _months(together),
        "repaid": sum(d.financing.mid("repaid_after") is not None for d in deals),
        "facility": {end: round(_sum(getattr(musd, end) for musd in facility)) for end in Range._fields},
        "expected_first": {end: _sum(getattr(chance, end) for chance in chances) for end in Chance._fields},
        "likely_first": sum(chance.low >= terms.tests.first_power_chance for chance in chances),
        "silent_precedents": sum(_first_event(d.site.values.get("contested_projects")) is None for d in deals),
        "verdicts": {verdict: sum(d.verdict == verdict for d in deals) for verdict in get_args(Verdict)},
        "gates": _condition_counts(deals),
        "categories": {category: sum(d.category == category for d in deals) for category in get_args(Category)},
        "risk_bp": {"low": min((d.risk_bp.low for d in deals), default=None),
                    "high": max((d.risk_bp.high for d in deals), default=None)},
    }  # fmt: skip


def _sum(values: Iterable[float]) -> float:
    """Sum of the known values, without floating-point noise in the last digits."""
    return round(sum(v for v in values if not math.isnan(v)), 6)


def _excess(financing: Financing) -> float | None:
    """Share by which the high end of the capital exceeds the most likely one."""
    capital = financing.measures.get("capital")
    if capital is None or capital.high is None or not capital.mid:
        return None
    return round(capital.high / capital.mid - 1.0, 6)


def _months(financing: Financing) -> float | None:
    """Months of the tenants' revenue that equal all uses."""
    uses, month = financing.mid("uses"), financing.mid("tenant_delay")
    return None if uses is None or not month else round(uses / month, 2)


def _condition_counts(deals: Sequence[Deal]) -> dict[str, Json]:
    """Condition -> title, document that would settle it, and number of sites in each state."""
    counts: dict[str, Json] = {}
    for condition in (c for d in deals for c in d.conditions):
        blank = {"title": condition.title, "needs": condition.needs, "met": 0, "not met": 0, "open": 0}
        counts.setdefault(condition.key, blank)[condition.state] += 1
    return counts


def facts_json(tree: Mapping[str, Any]) -> bytes:
    """Content of the file."""
    return (json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def at(tree: Mapping[str, Any], path: str) -> Any:
    """The field at a dotted path; site ids must not contain dots.

    >>> at({"a": [{"b": 3}]}, "a.0.b")
    3
    """
    node: Any = tree
    for key in path.split("."):
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node
