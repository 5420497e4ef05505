"""Readiness of a site for a loan: chance of the first megawatts by a date, evidence for its power, conditions and their state.

A condition is *met*, *not met*, or *open*: public data cannot tell, or a document has to show it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sitefinder.columns import Quantiles
from sitefinder.config.project import sources_of
from sitefinder.costs.formulas import EXPANSION, OWN_PIPELINE, SMALL_SHARE
from sitefinder.layers import REGISTRY
from sitefinder.layers.families.community import PAUSED
from sitefinder.power.columns import PowerPart
from sitefinder.results.site import Site

State = Literal["met", "not met", "open"]
Verdict = Literal["ready on public data", "not shown", "not ready"]
Category = Literal["A", "B", "C"]
#: layers that the case for power rests on
POWER_LAYERS = ("headroom_left_mw", "grid_months_200mw", "gas_interstate_km")
#: month and day of the ends of years; the programme ends in a January, so that the last year end on or before its date counts
_DECEMBER, _LAST = 12, 31


class Chance(NamedTuple):
    """Interval that a probability lies in."""

    low: float
    high: float


@dataclass(frozen=True)
class Condition:
    """One condition of a loan.

    Parameters
    ----------
    key, title : str
    state : str
    column : str or None
        Column that decides; None where only a document can.
    needs : str
        Document that would settle it.
    """

    key: str
    title: str
    state: State
    column: str | None
    needs: str


def year_end_before(day: datetime.date) -> int:
    """Last year that ends on or before a day.

    >>> year_end_before(datetime.date(2029, 1, 19))
    2028
    """
    return day.year if (day.month, day.day) == (_DECEMBER, _LAST) else day.year - 1


def chance_by(power: PowerPart | None, year: int, mw: float) -> Chance | None:
    """Chance that a site has at least so many MW at the end of a year; None = unknown."""
    quantiles = power.mw.get(year) if power else None
    return chance_of(quantiles, mw) if quantiles else None


def chance_of(quantiles: Quantiles[float], mw: float) -> Chance | None:
    """Chance of at least so many MW: the interval that three quantiles allow; None = unknown.

    >>> chance_of(Quantiles(0.0, 250.0, 900.0), 200.0)
    Chance(low=0.5, high=0.9)
    """
    if any(math.isnan(value) for value in quantiles):
        return None
    if quantiles.p10 >= mw:
        return Chance(0.9, 1.0)
    if quantiles.p50 >= mw:
        return Chance(0.5, 0.9)
    return Chance(0.1, 0.5) if quantiles.p90 >= mw else Chance(0.0, 0.1)


def power_evidence() -> str:
    """Weakest grade among the layers that the case for power rests on."""
    return max(REGISTRY[k].spec.grade for k in POWER_LAYERS)


def funded_by(selected: datetime.date, business_days: int) -> datetime.date:
    """Day by which a project selected on a day has to be funded; Saturdays and Sundays do not count, holidays do.

    >>> funded_by(datetime.date(2026, 12, 1), 45)
    datetime.date(2027, 2, 2)
    """
    day = np.busday_offset(np.datetime64(selected), business_days, roll="backward")
    return datetime.date.fromisoformat(str(day))


def last_selection(end: datetime.date, business_days: int) -> datetime.date:
    """Latest selection that can still be funded by a day.

    >>> last_selection(datetime.date(2029, 1, 19), 45)
    datetime.date(2028, 11, 17)
    """
    day = np.busday_offset(np.datetime64(end), -business_days, roll="backward")
    return datetime.date.fromisoformat(str(day))


def conditions(site: Site, *, mw: float, chance: Chance | None, wanted: float) -> list[Condition]:
    """Conditions of a loan for a site, in the order in which a lender asks.

    Parameters
    ----------
    site : Site
    mw : float
        Load of the project.
    chance : Chance or None
        Of the first megawatts by the date, from :func:`chance_by`.
    wanted : float
        Chance that is enough.
    """
    return [*_power_conditions(site, mw, chance, wanted), *_place_conditions(site), *_paper_conditions()]


def _power_conditions(site: Site, mw: float, chance: Chance | None, wanted: float) -> list[Condition]:
    first: State = "open" if chance is None or chance.low < wanted < chance.high else "met" if chance.low >= wanted else "not met"
    room = site.power.grid_headroom_mw if site.power else None
    carries: State = "open"
    if room is not None and not any(math.isnan(value) for value in room):
        carries = "met" if room.p10 >= mw else "not met" if room.p90 < mw else "open"
    both = [
        Condition(
            "first_power", "First megawatts by the date", first, "first_200mw_p50", "dated offer of the utility or the maker"
        ),
        Condition("headroom", "The station can carry the load", carries, "grid_headroom_mw_p50", "the utility's load study"),
    ]
    return [*both, *_gas_conditions(site)] if burns_gas(site) else both


def _gas_conditions(site: Site) -> list[Condition]:
    states: Mapping[str | None, State] = {SMALL_SHARE: "met", EXPANSION: "open", OWN_PIPELINE: "not met"}
    gas = states.get(site.needs.gas_adequacy if site.needs else None, "open")
    count = site.layer("nonattainment_count")
    air: State = "open" if count is None or count > 0 else "met"
    return [
        Condition("gas", "The pipeline can feed the plant", gas, "gas_adequacy", "contract for firm transport"),
        Condition("air", "Air standards are met at the place", air, "nonattainment_count", "air permit"),
    ]


def burns_gas(site: Site) -> bool:
    """Whether the pathway to power has generation from gas on the site."""
    pathway = site.power.pathway if site.power is not None else None
    return pathway is not None and "gas" in sources_of(pathway)


def _place_conditions(site: Site) -> list[Condition]:
    states: Mapping[str | None, State] = {"yes": "met", "no": "not met"}
    water = states.get(site.needs.drought_ok if site.needs else None, "open")
    level = site.layer("local_rule")
    free: State = "open" if level is None else "met" if level < PAUSED else "not met"
    times = site.land.expandable_to_x
    land: State = "open" if math.isnan(times) else "met" if times >= 1 else "not met"
    return [
        Condition("water", "Water for the hottest day of a dry year", water, "drought_ok", "water right or contract"),
        Condition(
            "land", "Enough free land in one piece, by the map", land, "expandable_to_x", "title and options on the parcels"
        ),
        Condition("moratorium", "No moratorium on record at the place", free, "local_rule", "vote of the county"),
    ]


def _paper_conditions() -> list[Condition]:
    """Conditions that no public data can show to be met."""
    papers = (
        ("control", "Control of the site", "title, options or lease"),
        ("study", "Load study and place in the queue", "study agreement and results"),
        ("offtake", "A tenant who pays", "contract and the tenant's credit"),
        ("equipment", "Slots for transformers and turbines", "orders with dates"),
    )
    return [Condition(key, title, "open", None, needs) for key, title, needs in papers]


def verdict(listed: Sequence[Condition]) -> Verdict:
    """Readiness of a site by its conditions, without those that only a document can settle."""
    states = {condition.state for condition in listed if condition.column is not None}
    if "not met" in states:
        return "not ready"
    return "not shown" if "open" in states else "ready on public data"


# -- environmental category -----------------------------------------------------------------------------------------------

#: documents that the environmental guidelines ask for (P: guidelines of 2002 and the answers on JBIC's pages), by category
PAPERS: Mapping[Category, tuple[str, ...]] = {
    "A": (
        "environmental impact assessment report",
        "environmental permits of the state and the federal agencies",
        "records of consultation with residents",
        "plan for resettlement, if anyone has to move",
        "plan for indigenous peoples, if any are affected",
        "screening form and sector checklists (thermal power, pipelines, transmission lines)",
        "monitoring plan",
    ),
    "B": ("screening form and sector checklists", "permits, where the law asks for an assessment", "monitoring plan"),
    "C": ("screening form",),
}


def environmental_category(site: Site) -> tuple[Category, str]:
    """Category that JBIC's screening would probably give, and the reason. The bank decides, after its own review.

    A where a gas-fired power plant is part of it (large thermal plants are on the guidelines' list of examples, K), or where
    much of the land may be protected; else B: a campus of this size is never C (J).
    """
    if burns_gas(site):
        return "A", "a large gas plant is part of the project"
    protected_pct = site.layer("protected_prior_pct")
    if protected_pct is not None and protected_pct > _PROTECTED_PCT:
        return "A", "much of the land may be protected"
    return "B", "grid connection without a plant; lines and substations have limited effects"


#: share of a cell that an earlier national screen rules out, above which the land counts as sensitive, % (J)
_PROTECTED_PCT = 50.0
