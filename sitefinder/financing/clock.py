"""Is a site ready enough: chance of the first megawatts by a date, the evidence of its power, gates open and closed.

A gate is *met*, *not met*, or *open*: public data cannot tell, or a document has to show it. Nothing here replaces that document.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sitefinder.layers import REGISTRY

Row = Mapping[str, Any]
State = Literal["met", "not met", "open"]
#: layers that the case for power rests on
POWER_LAYERS = ("headroom_25km_mw", "grid_months_200mw", "gas_interstate_km")
#: year ends are a few weeks before the January in which a programme ends: the last of them on or before a date counts
_DECEMBER, _LAST = 12, 31


@dataclass(frozen=True)
class Gate:
    """One condition of a loan.

    Parameters
    ----------
    key, title : str
    state : str
    column : str or None
        Column that decides; None where only a document can.
    needs : str
        What would close it.
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


def chance_by(row: Row, year: int, mw: float) -> tuple[float, float] | None:
    """Between which shares of the draws at least this many MW are there at the end of a year.

    A run keeps three quantiles of the megawatts by year, so the share is known up to an interval. None = unknown.

    >>> chance_by({"mw_p10_2028": 0, "mw_p50_2028": 250, "mw_p90_2028": 900}, 2028, 200)
    (0.5, 0.9)
    """
    found = [row.get(f"mw_{q}_{year}") for q in ("p10", "p50", "p90")]
    if any(v is None for v in found):
        return None
    low, mid, high = (float(v) for v in found if v is not None)
    if low >= mw:
        return 0.9, 1.0
    if mid >= mw:
        return 0.5, 0.9
    return (0.1, 0.5) if high >= mw else (0.0, 0.1)


def power_evidence() -> str:
    """Weakest grade among the layers that the case for power rests on."""
    return max(REGISTRY[k].spec.grade for k in POWER_LAYERS if k in REGISTRY)


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


def gates(row: Row, *, mw: float, chance: tuple[float, float] | None, wanted: float) -> list[Gate]:
    """The gates of a site in the order in which a lender asks.

    Parameters
    ----------
    row : mapping
        Columns of the site; missing is unknown.
    mw : float
        Load of the project.
    chance : (low, high) or None
        Of the first megawatts by the date, from :func:`chance_by`.
    wanted : float
        Chance that is enough.
    """
    return [*_power_gates(row, mw, chance, wanted), *_place_gates(row), *_paper_gates()]


def _power_gates(row: Row, mw: float, chance: tuple[float, float] | None, wanted: float) -> list[Gate]:
    pathway = str(row.get("pathway") or "")
    first: State = "open" if chance is None or chance[0] < wanted < chance[1] else "met" if chance[0] >= wanted else "not met"
    room = [row.get(f"grid_headroom_mw_{q}") for q in ("p10", "p50", "p90")]
    carries: State = "open"
    if all(v is not None for v in room):
        low, _, high = (float(v) for v in room if v is not None)
        carries = "met" if low >= mw else "not met" if high < mw else "open"
    found = [
        Gate("first_power", "First megawatts by the date", first, "first_200mw_p50", "dated offer of the utility or the maker"),
        Gate("headroom", "The station can carry the load", carries, "grid_headroom_mw_p50", "the utility's load study"),
    ]
    if pathway in ("onsite_gas", "hybrid"):
        states: Mapping[str, State] = {"small_share": "met", "expansion": "open", "own_pipeline": "not met"}
        gas = states.get(str(row.get("gas_adequacy")), "open")
        found.append(Gate("gas", "The pipeline can feed the plant", gas, "gas_adequacy", "contract for firm transport"))
        air = row.get("nonattainment_count")
        clean: State = "open" if air is None or air > 0 else "met"
        found.append(Gate("air", "Air standards are met at the place", clean, "nonattainment_count", "air permit"))
    return found


def _place_gates(row: Row) -> list[Gate]:
    water: Mapping[str, State] = {"yes": "met", "no": "not met"}
    moratorium = row.get("moratorium_km")
    free: State = "open" if moratorium is None else "met" if moratorium > 0 else "not met"
    times = row.get("expandable_to_x")
    land: State = "open" if times is None else "met" if times >= 1 else "not met"
    return [
        Gate("water", "Water for the hottest day of a dry year", water.get(str(row.get("drought_ok")), "open"), "drought_ok",
             "water right or contract"),
        Gate("land", "Enough free land in one piece", land, "expandable_to_x", "title and options on the parcels"),
        Gate("moratorium", "No moratorium at the place", free, "moratorium_km", "vote of the county"),
    ]  # fmt: skip


def _paper_gates() -> list[Gate]:
    """What no public data can show."""
    papers = (
        ("control", "Control of the site", "title, options or lease"),
        ("study", "Load study and place in the queue", "study agreement and results"),
        ("offtake", "A tenant who pays", "contract and the tenant's credit"),
        ("equipment", "Slots for transformers and turbines", "orders with dates"),
    )
    return [Gate(key, title, "open", None, needs) for key, title, needs in papers]


def verdict(found: Sequence[Gate]) -> str:
    """One of ``not ready``, ``not shown``, ``ready on public data``.

    Gates that only a document can close never make a site unready; they stay on the list.
    """
    states = {g.key: g.state for g in found if g.column is not None}
    if "not met" in states.values():
        return "not ready"
    return "not shown" if "open" in states.values() else "ready on public data"


# -- environmental category -----------------------------------------------------------------------------------------------

#: papers that the environmental guidelines ask for (P: guidelines of 2002 and the answers on JBIC's pages), by category
PAPERS: Mapping[str, tuple[str, ...]] = {
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


def environmental_category(row: Row) -> tuple[str, str]:
    """Category that JBIC's screening would probably give, and why. The bank decides, after its own review.

    A where a power plant burning gas is part of it (large thermal plants are on the guidelines' list of examples, K), or where
    much of the land may be protected; else B: a campus of this size is never C (J).
    """
    if str(row.get("pathway")) in ("onsite_gas", "hybrid"):
        return "A", "a large gas plant is part of the project"
    shield = row.get("protected_prior_pct")
    if shield is not None and shield > _PROTECTED_PCT:
        return "A", "much of the land may be protected"
    return "B", "grid connection without a plant; lines and substations have limited effects"


#: share of a cell that an earlier national screen rules out, above which the land counts as sensitive, % (J)
_PROTECTED_PCT = 50.0
