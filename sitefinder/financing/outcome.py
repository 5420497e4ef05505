"""Outcome of a financing for a site or a set: uses and sources, debt service and its cover, cost of power, cost of delay.

Million US dollars of ``terms.year`` unless the name says otherwise. A case takes one end of each group of inputs. Cases with
every group at its worse or better end span what the inputs span; cases with one group alone there say how much that group
matters. Formulas: ``docs/financing.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from sitefinder.columns import HIGH, LOW, MID
from sitefinder.config.financing import LENDERS, Terms
from sitefinder.errors import DataError
from sitefinder.financing.formulas import Split, annuity, cash_split, month_of_delay, total_uses
from sitefinder.financing.inputs import ProjectInputs, SiteInputs, loan_rates
from sitefinder.units import BASIS_POINT, HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR, USD_PER_MUSD

#: groups of inputs that move together, with the end that is worse for the lender
GROUPS: Mapping[str, int] = {"capital": HIGH, "income": LOW, "energy": HIGH, "rates": HIGH, "building": HIGH, "load": LOW}
#: the opposite end
_OTHER: Mapping[int, int] = {LOW: HIGH, MID: MID, HIGH: LOW}


@dataclass(frozen=True)
class Outcome:
    """One case of one site or of a set; amounts add up over sites.

    Parameters
    ----------
    capital, carry, uses : float
        Capital, interest and fees during construction, and their sum.
    equity, jbic, nexi, megabank : float
        Sources; they sum to ``uses``.
    service : float
        Interest and principal of the first year, the largest because every loan runs then.
    cash : float
        Income less energy and fixed cost, by the year.
    energy, fixed, mwh : float
        Cost of energy and of operation by the year, and megawatt-hours.
    charge : float
        Level yearly payment on the uses at the cost of capital over the years of operation.
    worth : float
        Present value of the cash of all years at the start of operation.
    delay : float
        Worth lost by one month of delay.
    tenant_delay : float
        Revenue that one month of delay costs the tenant's computers.
    lender_cash, host_cash : float
        Totals of the programme's split over the years of operation; 0 without the programme.
    mw : float
    units : float
        Units that the price is charged on: megawatt-hours a year, or kW of computers times months.
    """

    capital: float
    carry: float
    uses: float
    equity: float
    jbic: float
    nexi: float
    megabank: float
    service: float
    cash: float
    energy: float
    fixed: float
    mwh: float
    charge: float
    worth: float
    delay: float
    tenant_delay: float
    lender_cash: float
    host_cash: float
    mw: float
    units: float

    @property
    def dscr(self) -> float:
        """Cash over debt service."""
        return self.cash / self.service

    @property
    def debt(self) -> float:
        """All loans."""
        return self.jbic + self.nexi + self.megabank

    @property
    def usd_mwh(self) -> float:
        """Levelised cost of a delivered megawatt-hour, energy included."""
        return (self.charge + self.energy + self.fixed) * USD_PER_MUSD / self.mwh

    @property
    def usd_mw_month(self) -> float:
        """Levelised cost of a megawatt kept ready for a month, without energy."""
        return (self.charge + self.fixed) * USD_PER_MUSD / (self.mw * MONTHS_PER_YEAR)

    @property
    def npv(self) -> float:
        """Worth less uses, at the start of operation."""
        return self.worth - self.uses

    def price_for(self, cover: float, *, with_energy: bool) -> float:
        """Price per unit at which cash covers debt service so many times."""
        energy = self.energy if with_energy else 0.0
        return (cover * self.service + self.fixed + energy) * USD_PER_MUSD / self.units


#: measures of an outcome, in the order in which they are reported
MEASURES = (
    "capital", "carry", "uses", "equity", "debt", "jbic", "nexi", "megabank", "service", "cash", "dscr", "energy", "fixed",
    "usd_mwh", "usd_mw_month", "npv", "delay", "tenant_delay", "lender_cash", "host_cash", "lender_cover", "repaid_after",
    "price_needed", "price_split", "capital_room",
)  # fmt: skip


def case(*, worse: Sequence[str] = (), better: Sequence[str] = ()) -> dict[str, int]:
    """Group -> end of its range: the given groups at their worse or better end, the others at the most likely value."""
    return {g: end if g in worse else _OTHER[end] if g in better else MID for g, end in GROUPS.items()}


def cases() -> dict[str, dict[str, int]]:
    """Every case that is computed, by name."""
    by_name = {"mid": case(), "worst": case(worse=tuple(GROUPS)), "best": case(better=tuple(GROUPS))}
    for group in GROUPS:
        by_name[f"{group}_worse"] = case(worse=(group,))
        by_name[f"{group}_better"] = case(better=(group,))
    return by_name


# -- one case ------------------------------------------------------------------------------------------------------------


def outcome(site: SiteInputs, project: ProjectInputs, terms: Terms, ends: Mapping[str, int]) -> Outcome:
    """One case of a site.

    Parameters
    ----------
    site : SiteInputs
        Without anything missing.
    project : ProjectInputs
    terms : Terms
    ends : mapping
        Group of ``GROUPS`` -> end.
    """
    money, rate_end = terms.structure, ends["rates"]
    equity = money.equity[rate_end]
    shares = {name: (1.0 - equity) * share for name, share in money.by_lender.items()}
    rates = loan_rates(site.risk_bp, terms, rate_end)
    fees = {name: terms.lenders.of(name).upfront_fee[rate_end] for name in LENDERS}
    years = terms.building_months[ends["building"]] / MONTHS_PER_YEAR
    capital = site.capital[ends["capital"]]
    try:
        uses = total_uses(capital, list(shares.values()), list(rates.values()), list(fees.values()), years)
    except ValueError as error:
        raise DataError(f"Invalid terms: {error}.") from None
    loans = {name: share * uses for name, share in shares.items()}
    life = terms.income.years[_OTHER[rate_end]]
    cost_of_money = sum(shares[n] * rates[n] for n in LENDERS) + equity * terms.equity_return[rate_end]
    flows = _flows(site, project, terms, ends)
    worth = flows.cash / annuity(cost_of_money, life)
    split = _split(flows.cash, uses, terms, rate_end, life)
    return Outcome(
        capital=capital,
        carry=uses - capital,
        uses=uses,
        equity=equity * uses,
        jbic=loans["jbic"],
        nexi=loans["nexi"],
        megabank=loans["megabank"],
        service=sum(loan * annuity(rates[n], tenor(terms, n, rate_end)) for n, loan in loans.items()),
        cash=flows.cash,
        energy=flows.energy,
        fixed=flows.fixed,
        mwh=flows.mwh,
        units=flows.units,
        charge=uses * annuity(cost_of_money, life),
        worth=worth,
        delay=month_of_delay(worth, cost_of_money),
        tenant_delay=project.tenant_delay_musd[ends["income"]],
        lender_cash=split[0],
        host_cash=split[1],
        mw=project.mw,
    )


def tenor(terms: Terms, lender: str, end: int) -> int:
    """Years of a loan at one end of the rates: high rates go with short tenors."""
    return terms.lenders.of(lender).tenor_years[_OTHER[end]]


class _Flows(NamedTuple):
    """Cash, cost of energy, fixed cost, megawatt-hours and units that the price is charged on, of a year."""

    cash: float
    energy: float
    fixed: float
    mwh: float
    units: float


def _flows(site: SiteInputs, project: ProjectInputs, terms: Terms, ends: Mapping[str, int]) -> _Flows:
    income = terms.income
    mwh = project.mw * HOURS_PER_YEAR * project.load_factor[ends["load"]]
    energy = site.energy_usd_mwh[ends["energy"]] * mwh / USD_PER_MUSD
    fixed = income.fixed_musd_mw_yr[ends["energy"]] * project.mw
    if terms.scope == "campus":
        units = project.mw / project.pue[MID] * KW_PER_MW * MONTHS_PER_YEAR
        earned = income.rent_usd_kw_month[ends["income"]] * units / USD_PER_MUSD
    else:
        units = mwh
        borne = site.energy_usd_mwh[ends["energy"] if income.energy_risk == "owner" else MID]
        earned = (income.delivered_usd_mwh[ends["income"]] - borne) * mwh / USD_PER_MUSD
    return _Flows(earned - fixed, energy, fixed, mwh, units)


def _split(cash: float, owed: float, terms: Terms, end: int, years: int) -> tuple[float, float]:
    """Totals of both sides over the years of operation; nothing without the programme."""
    if not terms.programme.on:
        return 0.0, 0.0
    split = split_of(cash, owed, terms, end, years)
    return float(split.lender.sum()), float(split.host.sum())


def split_of(cash: float, owed: float, terms: Terms, end: int, years: int) -> Split:
    """The programme's split of a constant yearly cash, year by year."""
    programme = terms.programme
    rate = terms.base_rate[end] + programme.deemed_spread_bp[end] * BASIS_POINT
    return cash_split([cash] * years, owed, rate, programme.lender_share_until_repaid, programme.lender_share_after)


def total(parts: Sequence[Outcome]) -> Outcome:
    """Outcomes of several sites as one."""
    return Outcome(**{f.name: sum(getattr(p, f.name) for p in parts) for f in fields(Outcome)})


# -- measures ------------------------------------------------------------------------------------------------------------


class Measure(NamedTuple):
    """A measure in the most likely case, its span with everything at once, and its span with one group at a time.

    None = unknown, and at the high end of a time never.
    """

    mid: float | None
    low: float | None
    high: float | None
    alone_low: float | None
    alone_high: float | None


@dataclass(frozen=True)
class Financing:
    """Every case of a site or of a set.

    Parameters
    ----------
    outcomes : mapping
        Name of the case -> Outcome; empty if something is missing.
    measures : mapping
        Name of ``MEASURES`` -> its values; empty if something is missing.
    missing : tuple of str
        Columns that are unknown.
    """

    outcomes: Mapping[str, Outcome]
    measures: Mapping[str, Measure]
    missing: tuple[str, ...] = ()

    def mid(self, measure: str) -> float | None:
        """A measure in the most likely case; None = unknown."""
        return self.measures[measure].mid if self.measures else None

    def stress(self) -> dict[str, dict[str, float | None]]:
        """Debt cover with one group at its worse and at its better end."""
        if not self.outcomes:
            return {}
        return {g: {end: rounded(self.outcomes[f"{g}_{end}"].dscr) for end in ("worse", "better")} for g in GROUPS}


def finance_site(site: SiteInputs, project: ProjectInputs, terms: Terms) -> Financing:
    """All cases of a site."""
    if site.missing:
        return Financing({}, {}, site.missing)
    outcomes = {name: outcome(site, project, terms, ends) for name, ends in cases().items()}
    return Financing(outcomes, measures(outcomes, terms))


def finance_set(sites: Sequence[Financing], terms: Terms) -> Financing:
    """All cases of a set as one borrower; sites with unknown columns are left out, and the columns named."""
    known = [s for s in sites if s.outcomes]
    missing = tuple(sorted({m for s in sites for m in s.missing}))
    if not known:
        return Financing({}, {}, missing)
    outcomes = {name: total([s.outcomes[name] for s in known]) for name in cases()}
    return Financing(outcomes, measures(outcomes, terms), missing)


def measures(outcomes: Mapping[str, Outcome], terms: Terms) -> dict[str, Measure]:
    """Each of ``MEASURES`` in the most likely case, with its spans."""
    by_case = {name: _measured(o, terms, cases()[name]["rates"]) for name, o in outcomes.items()}
    table = {}
    for key in MEASURES:
        at_once = [by_case[name][key] for name in ("worst", "mid", "best")]
        alone = [values[key] for name, values in by_case.items() if name not in ("worst", "best")]
        table[key] = Measure(rounded(by_case["mid"][key]), *_span(at_once), *_span(alone))
    return table


def _measured(o: Outcome, terms: Terms, end: int) -> dict[str, float | None]:
    values: dict[str, float | None] = {k: getattr(o, k) for k in MEASURES if hasattr(o, k)}
    values["price_needed"] = o.price_for(terms.tests.dscr, with_energy=terms.scope == "power")
    values["capital_room"] = o.dscr / terms.tests.dscr - 1.0
    values["lender_cover"] = values["repaid_after"] = values["price_split"] = None
    if terms.programme.on:
        life = terms.income.years[_OTHER[end]]
        values["lender_cover"] = max(o.cash, 0.0) * terms.programme.lender_share_until_repaid / o.service
        share = terms.programme.lender_share_until_repaid
        values["price_split"] = o.price_for(1.0 / share, with_energy=terms.scope == "power") if share > 0 else None
        values["repaid_after"] = split_of(o.cash, o.uses, terms, end, life).repaid_after
    return values


def _span(values: Sequence[float | None]) -> tuple[float | None, float | None]:
    """Least and largest value; None stands for never, which is later than any number."""
    known = [v for v in values if v is not None]
    last = max(known) if len(known) == len(values) else None
    return rounded(min(known, default=None)), rounded(last)


#: significant digits of measures in files
DIGITS = 6


def rounded(value: float | None) -> float | None:
    """A number as it goes into files; None for unknown."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")
