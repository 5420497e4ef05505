"""Value of the set when demand holds, slows or turns, and who bears the difference.

Each campus has its contracts until they end. From the year in which demand is weak, some tenants stop paying; free capacity is
let again in part and at another price, and stands still where that would not pay for its energy. Cash pays debt service first;
what is missing the lenders lose, in the shares of their service; what is left is the owners'. Million US dollars of
``terms.year``, year by year from full load; values are at the start of operation, at the cost of money of each campus.
``docs/financing.md`` has the formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sitefinder.columns import HIGH, LOW, MID
from sitefinder.config.demand import Demand, DemandPath
from sitefinder.config.financing import LENDERS, Terms
from sitefinder.files import Json
from sitefinder.financing.formulas import annuity, cash_split, present_value
from sitefinder.financing.inputs import ProjectInputs, SiteInputs, loan_rates
from sitefinder.financing.outcome import case, outcome, rounded, tenor
from sitefinder.units import BASIS_POINT, USD_PER_MUSD

End = Literal["worse", "mid", "better"]
ENDS: tuple[End, ...] = ("worse", "mid", "better")


@dataclass(frozen=True)
class Stake:
    """A campus in operation, on the most likely figures.

    Parameters
    ----------
    revenue, energy, fixed : float
        What tenants pay in a year, cost of energy that the owner bears, cost of operation.
    service : mapping
        Lender -> level yearly payment.
    tenors : mapping
        Lender -> years of payments.
    uses, discount, deemed_rate : float
        All uses, cost of money per year, interest on the deemed amount.
    years : int
        Of operation counted.
    """

    revenue: float
    energy: float
    fixed: float
    service: Mapping[str, float]
    tenors: Mapping[str, int]
    uses: float
    discount: float
    deemed_rate: float
    years: int


@dataclass(frozen=True)
class Turn:
    """One end of a path of demand; fields as in :class:`sitefinder.config.demand.DemandPath`."""

    from_year: int
    price: float
    let: float
    walk: float
    unused: float
    contract: int


@dataclass(frozen=True)
class Years:
    """Cash of a campus and who has it, (years,) each.

    Parameters
    ----------
    cash : (years,) float64
        Before debt service.
    due : (years,) float64
        Debt service.
    paid : mapping
        Lender -> (years,) what it receives.
    owners : (years,) float64
        Cash after debt service.
    unused : (years,) float64
        What tenants pay for capacity that they do not use.
    """

    cash: np.ndarray
    due: np.ndarray
    paid: Mapping[str, np.ndarray]
    owners: np.ndarray
    unused: np.ndarray


def stake(site: SiteInputs, project: ProjectInputs, terms: Terms) -> Stake:
    """A campus of which everything is known, in the most likely case."""
    o, rates = outcome(site, project, terms, case()), loan_rates(site.risk_bp, terms, MID)
    price = terms.income.rent_usd_kw_month[MID] if terms.scope == "campus" else terms.income.delivered_usd_mwh[MID]
    revenue = price * o.units / USD_PER_MUSD
    tenors = {name: tenor(terms, name, MID) for name in LENDERS}
    loans = {"jbic": o.jbic, "nexi": o.nexi, "megabank": o.megabank}
    weight = sum(loans[n] / o.uses * rates[n] for n in LENDERS) + o.equity / o.uses * terms.equity_return[MID]
    return Stake(
        revenue=revenue,
        energy=revenue - o.cash - o.fixed,
        fixed=o.fixed,
        service={n: loans[n] * annuity(rates[n], tenors[n]) for n in LENDERS if loans[n] > 0},
        tenors=tenors,
        uses=o.uses,
        discount=weight,
        deemed_rate=terms.base_rate[MID] + terms.programme.deemed_spread_bp[MID] * BASIS_POINT,
        years=terms.income.years[MID],
    )


def turn(path: DemandPath, demand: Demand, end: End, *, contract: int | None = None) -> Turn:
    """One end of a path; worse is worse for those who own and lend.

    Parameters
    ----------
    path : DemandPath
    demand : Demand
    end : str
    contract : int, optional
        Years of the contracts, instead of those of the terms.
    """
    small, large = {"worse": (LOW, HIGH), "mid": (MID, MID), "better": (HIGH, LOW)}[end]
    years = demand.contract_years[small] if contract is None else contract
    return Turn(path.from_year[small], path.price[small], path.let[small], path.walk[large], path.unused[large], years)


def yearly(campus: Stake, bend: Turn) -> Years:
    """Cash of every year of a campus, and who has it."""
    year = np.arange(1, campus.years + 1)
    weak, running = year >= bend.from_year, year <= bend.contract
    held = np.where(running, np.where(weak, 1.0 - bend.walk, 1.0), 0.0)
    price, share = np.where(weak, bend.price, 1.0), np.where(weak, bend.let, 1.0)
    again = (1.0 - held) * share * np.maximum(price * campus.revenue - campus.energy, 0.0)
    cash = np.maximum(held * (campus.revenue - campus.energy) + again - campus.fixed, 0.0)
    owed = {name: np.where(year <= campus.tenors[name], amount, 0.0) for name, amount in campus.service.items()}
    due = np.sum(list(owed.values()), axis=0) if owed else np.zeros(campus.years)
    served = np.divide(np.minimum(cash, due), due, out=np.zeros(campus.years), where=due > 0)
    paid = {name: amount * served for name, amount in owed.items()}
    unused = held * np.where(weak, bend.unused, 0.0) * campus.revenue
    return Years(cash, due, paid, cash - np.minimum(cash, due), unused)


@dataclass(frozen=True)
class Result:
    """A path over the set, at one end.

    Parameters
    ----------
    value, owners : float
        Worth of the cash, and of the owners' part of it.
    lenders : mapping
        Lender -> worth of what it receives.
    unused : float
        Worth of what tenants pay for capacity that they do not use.
    cash, due : (years,) float64
        Of the set, year by year.
    lender_side, host_side : float
        Totals of the programme's split.
    repaid : int
        Campuses that repay the deemed amount within the years counted.
    """

    value: float
    owners: float
    lenders: Mapping[str, float]
    unused: float
    cash: np.ndarray
    due: np.ndarray
    lender_side: float
    host_side: float
    repaid: int


def run_path(campuses: Sequence[Stake], bend: Turn, terms: Terms) -> Result:
    """A path over all campuses of a set."""
    years = [yearly(campus, bend) for campus in campuses]
    programme, rates = terms.programme, [campus.discount for campus in campuses]
    splits = [
        cash_split(y.cash, c.uses, c.deemed_rate, programme.lender_share_until_repaid, programme.lender_share_after)
        for y, c in zip(years, campuses, strict=True)
    ]
    names = [name for name in LENDERS if any(name in y.paid for y in years)]
    return Result(
        value=sum(present_value(r, y.cash) for r, y in zip(rates, years, strict=True)),
        owners=sum(present_value(r, y.owners) for r, y in zip(rates, years, strict=True)),
        lenders={n: sum(present_value(r, y.paid[n]) for r, y in zip(rates, years, strict=True) if n in y.paid) for n in names},
        unused=sum(present_value(r, y.unused) for r, y in zip(rates, years, strict=True)),
        cash=np.sum([y.cash for y in years], axis=0),
        due=np.sum([y.due for y in years], axis=0),
        lender_side=sum(float(s.lender.sum()) for s in splits),
        host_side=sum(float(s.host.sum()) for s in splits),
        repaid=sum(s.repaid_after is not None for s in splits),
    )


# -- fields of financing.json -----------------------------------------------------------------------------------------------


def demand_facts(campuses: Sequence[Stake], terms: Terms) -> Json | None:
    """Fields of the page about demand; None where the terms have no paths, or nothing is known of any campus.

    Amounts have ``mid``, ``low`` and ``high``: the most likely figure, and between which the ends of a path put it. Losses are
    against the first path; those of owners and lenders add up to the loss of value.
    """
    demand = terms.demand
    if demand is None or not campuses:
        return None
    base = run_path(campuses, turn(next(iter(demand.paths.values())), demand, "mid"), terms)
    longest = max(campus.tenors[name] for campus in campuses for name in campus.service) if base.lenders else None
    return {
        "campuses": len(campuses),
        "years": campuses[0].years,
        "contract_years": list(demand.contract_years),
        "first": next(iter(demand.paths)),
        "longest_loan": longest,
        "price_bare": _bare_price(campuses, terms),
        "insured_share": demand.insured_share,
        "paths": {key: _path_facts(campuses, path, terms, base, longest) for key, path in demand.paths.items()},
    }


def _bare_price(campuses: Sequence[Stake], terms: Terms) -> float | None:
    """Price at which the set, fully let, just pays its debt service."""
    price = terms.income.rent_usd_kw_month[MID] if terms.scope == "campus" else terms.income.delivered_usd_mwh[MID]
    revenue = sum(c.revenue for c in campuses)
    needed = sum(sum(c.service.values()) + c.energy + c.fixed for c in campuses)
    return rounded(price * needed / revenue) if revenue else None


def _path_facts(campuses: Sequence[Stake], path: DemandPath, terms: Terms, base: Result, longest: int | None) -> Json:
    """Fields of one path."""
    demand = terms.demand
    if demand is None:
        raise ValueError("terms without demand")
    results = {end: run_path(campuses, turn(path, demand, end), terms) for end in ENDS}
    mid = results["mid"]
    lost = {end: {n: base.lenders[n] - r.lenders[n] for n in base.lenders} for end, r in results.items()}
    all_lost = {end: sum(parts.values()) for end, parts in lost.items()}
    whole = {end: base.value - r.value for end, r in results.items()}
    short = np.flatnonzero(mid.cash < mid.due - _CENT)
    covers = [c / d for c, d in zip(mid.cash, mid.due, strict=True) if d > 0]
    insured = {end: parts.get("nexi", 0.0) * demand.insured_share for end, parts in lost.items()}
    long = run_path(campuses, turn(path, demand, "mid", contract=longest), terms) if longest else None
    return {
        "title": path.title, "about": path.about, "source": path.source,
        "inputs": {name: list(getattr(path, name)) for name in ("from_year", "price", "let", "walk", "unused")},
        "value": _ends({e: r.value for e, r in results.items()}),
        "loss": _ends(whole),
        "loss_share": rounded(whole["mid"] / base.value) if base.value else None,
        "owners_loss": _ends({e: base.owners - r.owners for e, r in results.items()}),
        "owners_share": _share(base.owners - mid.owners, whole["mid"]),
        "lenders_loss": _ends(all_lost),
        "lenders_share": _share(all_lost["mid"], whole["mid"]),
        "lenders": {n: _ends({e: parts[n] - (insured[e] if n == "nexi" else 0.0) for e, parts in lost.items()})
                    for n in base.lenders},
        "insurer_loss": _ends(insured),
        "unused": _ends({e: r.unused for e, r in results.items()}),
        "short_years": len(short),
        "first_short": int(short[0]) + 1 if len(short) else None,
        "lowest_cover": rounded(min(covers)) if covers else None,
        "lender_side": _ends({e: r.lender_side for e, r in results.items()}),
        "host_side": _ends({e: r.host_side for e, r in results.items()}),
        "repaid": mid.repaid,
        "lenders_loss_if_contracts_last": None if long is None else rounded(_gone(base, long)),
        "by_year": [{"year": i + 1, "cash": rounded(float(c)), "service": rounded(float(d))}
                    for i, (c, d) in enumerate(zip(mid.cash, mid.due, strict=True))],
    }  # fmt: skip


#: cash that misses debt service by less than this is not short, million dollars
_CENT = 1e-6


def _gone(base: Result, other: Result) -> float:
    """Worth that all lenders lose between two results."""
    return sum(base.lenders.values()) - sum(other.lenders.values())


def _share(part: float, whole: float) -> float | None:
    """Part of a loss; None where there is none."""
    return rounded(part / whole) if whole > _CENT else None


def _ends(values: Mapping[End, float]) -> dict[str, float | None]:
    """The most likely value, the least and the largest; noise of the arithmetic is zero."""
    known = [0.0 if abs(v) < _CENT else v for v in values.values()]
    mid = 0.0 if abs(values["mid"]) < _CENT else values["mid"]
    return {"mid": rounded(mid), "low": rounded(min(known)), "high": rounded(max(known))}
