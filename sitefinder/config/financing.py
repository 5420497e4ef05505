"""The terms of a financing, typed and frozen, refused with file, line and remedy where they are wrong.

Every range is [low, most likely, high]. The numbers and their sources stand in ``config/assumptions/financing.yaml``;
``docs/financing.md`` has the formulas.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sitefinder.config.checking import read_checked
from sitefinder.config.costs import PositiveRange, ShareRange
from sitefinder.config.demand import Demand
from sitefinder.config.keyed_yaml import Source, suggest
from sitefinder.config.kinds import Finite, Part, Positive, Range, Share, Weight
from sitefinder.config.shipped import TERMS

#: the shipped terms
SHIPPED = Source("terms", option="--terms", model=TERMS, homes={})
#: lenders, in the order in which they are reported
LENDERS = ("jbic", "nexi", "megabank")
#: grades of evidence, best first, and none
GRADES = ("E1", "E2", "E3", "E4", "E5", "unknown")
#: conditions of a loan that a step can settle
Settled = Literal[
    "first_power", "headroom", "gas", "air", "water", "land", "moratorium", "control", "study", "offtake", "equipment"
]
#: shares that should sum to 1 may miss it by this much
_ROUNDING = 1e-9

Years = Annotated[int, Field(ge=1, le=60, strict=True)]
#: shortest, most likely and longest number of years
YearRange = tuple[Years, Years, Years]


class Programme(Part):
    """The published terms of the US-Japan memorandum; off, the plain project financing applies."""

    on: bool = True
    allocate_by: datetime.date
    fund_within_business_days: Annotated[int, Field(ge=1, le=1000, strict=True)]
    select_on: datetime.date | None = None
    lender_share_until_repaid: Share
    lender_share_after: Share
    deemed_spread_bp: Range


class Structure(Part):
    """Sources of funds: equity as a share of all, lenders as shares of the debt."""

    equity: ShareRange
    debt: dict[str, Share]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name in self.debt:
            if name not in LENDERS:
                raise ValueError(f"debt.{name}: unknown lender; {suggest(name, LENDERS)}")
        total = sum(self.debt.values())
        if abs(total - 1.0) > _ROUNDING:
            raise ValueError(f"the shares of the debt sum to {total:g}; make them sum to 1")
        return self

    @property
    def by_lender(self) -> dict[str, float]:
        """Share of the debt of every lender; 0 where none is given."""
        return {name: self.debt.get(name, 0.0) for name in LENDERS}


class Structures(Part):
    """With the programme, and without."""

    programme: Structure
    market: Structure


class Lender(Part):
    """Terms of one lender; the site's risk is added to the spread in the share given."""

    tenor_years: YearRange
    spread_bp: Range
    upfront_fee: ShareRange
    guarantee_bp: Range
    site_risk_share: Share

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if list(self.tenor_years) != sorted(self.tenor_years):
            raise ValueError(f"tenor_years {list(self.tenor_years)} is out of order; write [shortest, most likely, longest]")
        return self


class Lenders(Part):
    """The lenders by name."""

    jbic: Lender
    nexi: Lender
    megabank: Lender

    def of(self, name: str) -> Lender:
        """The lender of a name in ``LENDERS``."""
        return {"jbic": self.jbic, "nexi": self.nexi, "megabank": self.megabank}[name]


class Step(Part):
    """Basis points from a value on."""

    at_least: Finite
    bp: Range


class Ladder(Part):
    """Basis points by the size of a value; the last step that it reaches counts."""

    steps: Annotated[list[Step], Field(min_length=1)]
    unknown: Range

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        bounds = [s.at_least for s in self.steps]
        if any(b <= a for a, b in itertools.pairwise(bounds)):
            raise ValueError(f"steps at {bounds} are out of order; write at_least in ascending order")
        return self

    def bp(self, value: float | None) -> tuple[float, float, float]:
        """Basis points of a value; below the first step its own."""
        if value is None:
            return self.unknown
        reached = [step.bp for step in self.steps if value >= step.at_least]
        return reached[-1] if reached else self.steps[0].bp


class SiteRisk(Part):
    """Additions of a site's risk to the spread of its loans, basis points."""

    evidence_grade: dict[str, Range]
    power_by_date: Ladder
    rank_interval: Ladder
    hazards: dict[str, Ladder]

    @model_validator(mode="after")
    def _all_grades(self) -> Self:
        missing = [g for g in GRADES if g not in self.evidence_grade]
        if missing or len(self.evidence_grade) != len(GRADES):
            raise ValueError(f"evidence_grade: give basis points for each of {', '.join(GRADES)} and for nothing else")
        return self

    def by_grade(self, grade: str) -> tuple[float, float, float]:
        """Basis points of a grade of evidence; a grade that is none counts as unknown."""
        return self.evidence_grade.get(grade, self.evidence_grade["unknown"])


class Income(Part):
    """Rents and energy terms of a tenant."""

    delivered_usd_mwh: PositiveRange
    energy_risk: Literal["tenant", "owner"]
    rent_usd_kw_month: PositiveRange
    fixed_musd_mw_yr: Range
    years: YearRange


class Tests(Part):
    """Tests of a lender."""

    dscr: Positive
    first_power_chance: Share


class NextStep(Part):
    """A step that comes before any capital: what it costs at a campus, how long it takes, who takes it, when to stop.

    ``after`` names the step that has to be finished first. ``months: study`` takes those of the load study of each market region
    in the run (``delivery.grid.study``). In ``stop``, ``{mw}`` and ``{date}`` stand for the first megawatts and their date.
    ``settles`` names the conditions of a loan that its result answers (:mod:`sitefinder.financing.clock`).
    """

    key: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    title: str
    owner: str
    after: str | None = None
    musd: Range = (0.0, 0.0, 0.0)
    land_share: ShareRange = (0.0, 0.0, 0.0)
    months: Range | Literal["study"]
    stop: str
    settles: tuple[Settled, ...] = ()


class Terms(Part):
    """All of ``config/assumptions/financing.yaml``."""

    currency: Literal["USD"]
    year: Annotated[int, Field(ge=2020, le=2100)]
    scope: Literal["power", "campus"] = "power"
    programme: Programme
    structures: Structures
    base_rate: Range
    equity_return: Range
    building_months: PositiveRange
    lenders: Lenders
    site_risk: SiteRisk
    income: Income
    tests: Tests
    first_power_mw: Weight
    next_steps: tuple[NextStep, ...] = ()
    demand: Demand | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        known: list[str] = []
        for step in self.next_steps:
            if step.key in known or (step.after is not None and step.after not in known):
                raise ValueError(f"next_steps: '{step.key}' stands twice, or comes before '{step.after}'; write steps in order")
            known.append(step.key)
        return self

    @property
    def structure(self) -> Structure:
        """Sources of funds of the scenario that is on."""
        return self.structures.programme if self.programme.on else self.structures.market


def load_terms(path: str | Path, overrides: Mapping[str, str] | None = None) -> Terms:
    """Read the terms.

    Parameters
    ----------
    path : str or Path
    overrides : mapping, optional
        Dotted key -> YAML scalar, as given to ``--set``.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or breaks a rule; one line per problem with file, line, key and remedy.
    """
    return read_checked(Path(path), Terms, SHIPPED, overrides)[1]
