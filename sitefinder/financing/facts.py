"""Everything that the memo says, as one tree of fields: project, terms, clock, set, runner-up, sites, portfolio.

``financing.json`` is this tree. A number in the memo names the path of its field here.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sitefinder.config.financing import LENDERS, Terms
from sitefinder.costs.formulas import MID
from sitefinder.errors import DataError
from sitefinder.financing import clock as deal_clock
from sitefinder.financing.inputs import ENDS, Project, Row, loan_rates, project_of, risk_bp, risk_parts, site_inputs
from sitefinder.financing.outcome import Financing, finance_set, finance_site, tenor
from sitefinder.results.chosen import Chosen
from sitefinder.results.differences import Run

#: columns of a site that the memo shows as they are
SHOWN = (
    "name", "county", "state", "rto", "rank", "rank_p05", "rank_p95", "score", "lat", "lon", "pathway", "first_200mw_p50",
    "full_load_p10", "full_load_p50", "full_load_p90", "binding_step", "grid_station", "grid_headroom_mw_p50", "gas_pipeline",
    "gas_adequacy", "drought_ok", "nonattainment_count", "moratorium_km", "capex_musd_low", "capex_musd_mid", "capex_musd_high",
    "capex_leaves_out", "facility_musd_low", "facility_musd_mid", "facility_musd_high", "sales_tax_musd_mid", "tax_relief",
    "evidence_site_grade", "evidence_weak_share", "precedents",
)  # fmt: skip


def facts(run: Run, chosen: Chosen, terms: Terms) -> dict[str, Any]:
    """The whole tree.

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
    project = project_of(run.manifest["config"], terms)
    rows = {key: _row(run, key) for key in dict.fromkeys([*chosen.best, *chosen.runner_up])}
    financed = {key: finance_site(site_inputs(row, project, terms), project, terms) for key, row in rows.items()}
    sites = {key: site_facts(row, financed[key], project, terms) for key, row in rows.items()}
    asked = run.manifest["config"]["project"]
    return {
        "project": {
            "name": asked.get("name", ""),
            "mw": project.mw,
            "energise_by": asked.get("energise_by"),
            "start": project.start,
            "cooling": asked.get("cooling"),
            "listed": len(run.sites),
            "fingerprint": str(run.manifest.get("config_fingerprint", ""))[:12],
            "commit": str(run.manifest.get("commit") or ""),
        },
        "terms": json.loads(terms.model_dump_json()) | {"structure": json.loads(terms.structure.model_dump_json())},
        "clock": clock(project, terms),
        "set": set_facts(chosen.best, sites, financed, terms),
        "runner_up": set_facts(chosen.runner_up, sites, financed, terms),
        "sites": sites,
        "portfolio": chosen.facts(),
    }


def _row(run: Run, key: str) -> Row:
    try:
        return run.sites[key]
    except KeyError:
        raise DataError(
            f"The portfolio names {key}, which is not in {run.folder / 'sites.geojson'}. Choose again: make portfolio."
        ) from None


def clock(project: Project, terms: Terms) -> dict[str, Any]:
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


def site_facts(row: Row, financed: Financing, project: Project, terms: Terms) -> dict[str, Any]:
    """Fields of one site."""
    year = deal_clock.year_end_before(terms.programme.allocate_by)
    chance = deal_clock.chance_by(row, year, terms.first_power_mw)
    found = deal_clock.gates(row, mw=project.mw, chance=chance, wanted=terms.tests.first_power_chance)
    category, why = deal_clock.environmental_category(row)
    bp = risk_bp(row, terms)
    rates = {e: loan_rates(bp, terms, i) for i, e in enumerate(ENDS)}
    return {
        **{key: row.get(key) for key in SHOWN},
        "chance": None if chance is None else {"low": chance[0], "high": chance[1]},
        "gates": {g.key: {"title": g.title, "state": g.state, "column": g.column, "needs": g.needs} for g in found},
        "verdict": deal_clock.verdict(found),
        "category": category,
        "category_why": why,
        "risk_bp": dict(zip(ENDS, bp, strict=True)),
        "risk_parts": {name: dict(zip(ENDS, part, strict=True)) for name, part in risk_parts(row, terms).items()},
        "rates": {
            name: {"tenor": tenor(terms, name, MID)} | {e: round(rates[e][name], 6) for e in ENDS}
            for name in LENDERS
            if terms.structure.by_lender[name] > 0
        },
        "money": dict(financed.measures),
        "stress": financed.stress(),
        "missing": list(financed.missing),
    }


def set_facts(keys: Sequence[str], sites: Mapping[str, Any], financed: Mapping[str, Financing], terms: Terms) -> dict[str, Any]:
    """Fields of a set as one borrower."""
    together = finance_set([financed[k] for k in keys], terms)
    chosen = [sites[k] for k in keys]
    chances = [s["chance"] or {"low": 0.0, "high": 1.0} for s in chosen]
    return {
        "sites": list(keys),
        "count": len(keys),
        "money": dict(together.measures),
        "stress": together.stress(),
        "missing": list(together.missing),
        "financed": sum(not financed[k].missing for k in keys),
        "covered": sum((s["money"].get("dscr", {}).get("mid") or 0.0) >= terms.tests.dscr for s in chosen),
        "short": [k for k in keys if sites[k]["money"] and sites[k]["money"]["dscr"]["mid"] < terms.tests.dscr],
        "capital_high_over_mid": _ratio(together.measures, "capital", "high", -1.0),
        "uses_in_months": _months(together.measures),
        "repaid": sum(s["money"].get("repaid_after", {}).get("mid") is not None for s in chosen),
        "facility": {e: _sum([s.get(f"facility_musd_{e}") for s in chosen]) for e in ENDS},
        "expected_first": {e: _sum([c[e] for c in chances]) for e in ("low", "high")},
        "likely_first": sum(c["low"] >= terms.tests.first_power_chance for c in chances),
        "verdicts": {v: sum(s["verdict"] == v for s in chosen) for v in ("ready on public data", "not shown", "not ready")},
        "gates": _gate_counts(chosen),
        "categories": {c: sum(s["category"] == c for s in chosen) for c in "ABC"},
        "risk_bp": {"low": min((s["risk_bp"]["low"] for s in chosen), default=None),
                    "high": max((s["risk_bp"]["high"] for s in chosen), default=None)},
    }  # fmt: skip


def _sum(values: Sequence[float | None]) -> float:
    """Sum of what is known, free of rounding in the last digits."""
    return round(sum(v for v in values if v is not None), 6)


def _ratio(measures: Mapping[str, Mapping[str, float | None]], key: str, end: str, plus: float) -> float | None:
    """One end of a measure over its middle, with something added."""
    found = measures.get(key, {})
    top, mid = found.get(end), found.get("mid")
    return None if top is None or not mid else round(top / mid + plus, 6)


def _months(measures: Mapping[str, Mapping[str, float | None]]) -> float | None:
    """Months of the tenants' revenue that all uses are worth."""
    uses, month = (measures.get(k, {}).get("mid") for k in ("uses", "tenant_delay"))
    return None if uses is None or not month else round(uses / month, 2)


def _gate_counts(sites: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Gate -> title, what closes it, and how many sites are in each state."""
    found: dict[str, dict[str, Any]] = {}
    for site in sites:
        for key, gate in site["gates"].items():
            entry = found.setdefault(key, {"title": gate["title"], "needs": gate["needs"], "met": 0, "not met": 0, "open": 0})
            entry[gate["state"]] += 1
    return found


def facts_json(tree: Mapping[str, Any]) -> bytes:
    """The tree as it is written."""
    return (json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def at(tree: Mapping[str, Any], path: str) -> Any:
    """The field at a dotted path; names of sites may hold dots nowhere.

    >>> at({"a": [{"b": 3}]}, "a.0.b")
    3
    """
    node: Any = tree
    for key in path.split("."):
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node
