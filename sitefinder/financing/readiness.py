"""Whether campuses are ready enough to be announced by a day: what public data show, and what the next steps can show by then.

A condition is *met*, *not met* or *open* today (:mod:`sitefinder.financing.clock`). A step of the terms that settles it is done
*in time* if its highest months end by the day, *likely* if the most likely do, *at best* if only the lowest do, else *too late*.
"""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np

from sitefinder.config.financing import NextStep, Terms
from sitefinder.errors import SitefinderError
from sitefinder.files import Json
from sitefinder.financing import clock
from sitefinder.financing.clock import Condition
from sitefinder.financing.facts import Deal, deal, facts, study_months
from sitefinder.financing.inputs import project_of
from sitefinder.financing.steps import done_after
from sitefinder.months import month_name, month_number
from sitefinder.results.chosen import Chosen
from sitefinder.results.run import Run

Timing = Literal["in time", "likely", "at best", "too late", "no step"]
#: what can be said of a campus on the day, best first
Standing = Literal["ready if the papers are clean", "only if all goes fast", "not by then", "not met"]
_STANDING: Mapping[Timing, Standing] = {
    "in time": "ready if the papers are clean",
    "likely": "ready if the papers are clean",
    "at best": "only if all goes fast",
    "too late": "not by then",
    "no step": "not by then",
}
#: the condition on the date of power
_DATE = "first_power"
#: parts of the tree of the memo that the page shows too
TAKEN = ("project", "terms", "clock", "set", "steps", "sites")


def read_day(text: str, start: str) -> datetime.date:
    """The day of ``--by``.

    Raises
    ------
    SitefinderError
        It is no day, or lies before the first month of delivery of the run.

    >>> read_day("2027-06-30", "2026-12")
    datetime.date(2027, 6, 30)
    """
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise SitefinderError(f"Invalid --by '{text[:20]}'. Write a day as YYYY-MM-DD, e.g. --by 2027-06-30.") from None
    if f"{day:%Y-%m}" < start:
        raise SitefinderError(f"Invalid --by {day}: the clock of the run starts in {start}. Name a later day.")
    return day


def readiness(run: Run, chosen: Chosen, terms: Terms, day: datetime.date) -> Json:
    """Content of ``ready.json``.

    Parameters
    ----------
    run : Run
    chosen : Chosen
        The campuses asked about; a runner-up is not looked at.
    terms : Terms
    day : date
        On which the project would be announced.
    """
    tree = facts(run, Chosen(chosen.best, (), chosen.rest), terms)
    project = project_of(run.config, terms)
    deals = [deal(run.by_id[key].site, project, terms) for key in chosen.best]
    ends = done_after(terms, study_months(run, [d.site for d in deals]))
    campuses = {
        d.site.site_id: _campus(d, terms, {k: e[i] for k, e in ends.items()}, project.start, day) for i, d in enumerate(deals)
    }
    standing, undated = (Counter(campus[key] for campus in campuses.values()) for key in ("standing", "without_date"))
    ready = {
        "day": day.isoformat(),
        "days": (day - datetime.date.fromisoformat(f"{project.start}-01")).days,
        "campuses": campuses,
        "conditions": _conditions(deals, terms, ends, project.start, day),
        "standing": {name: standing[name] for name in get_args(Standing)},
        "without_date": {name: undated[name] for name in get_args(Standing)},
        "funded_by": clock.funded_by(day, terms.programme.fund_within_business_days).isoformat(),
        "in_programme": day.isoformat() <= tree["clock"]["last_selection"],
        "days_to_end": (terms.programme.allocate_by - day).days,
        "grades": dict(sorted(Counter(str(d.site.values.get("evidence_site_grade") or "unknown") for d in deals).items())),
    }
    return {**{key: tree[key] for key in TAKEN}, "ready": ready}


def steps_of(key: str, terms: Terms) -> list[NextStep]:
    """Steps whose result answers a condition."""
    return [step for step in terms.next_steps if key in step.settles]


def timing(months: Sequence[float], start: str, day: datetime.date) -> Timing:
    """Whether a step that takes so many months (lowest, most likely, highest) is done by a day.

    >>> timing((2, 6, 9), "2026-12", datetime.date(2027, 6, 1))
    'likely'
    """
    limit = month_number(f"{day:%Y-%m}") - month_number(start)
    low, mid, high = (math.ceil(m) for m in months)
    return "in time" if high <= limit else "likely" if mid <= limit else "at best" if low <= limit else "too late"


def _slowest(key: str, terms: Terms, ends: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Months until the last step that answers a condition is done, (3,); None where no step does."""
    months = [ends[step.key] for step in steps_of(key, terms)]
    return np.max(months, axis=0) if months else None


def _campus(deal: Deal, terms: Terms, ends: Mapping[str, np.ndarray], start: str, day: datetime.date) -> Json:
    """Fields of one campus."""
    waits = {c.key: _slowest(c.key, terms, ends) for c in deal.conditions if c.state == "open"}
    states: dict[str, Timing] = {k: "no step" if m is None else timing(m.tolist(), start, day) for k, m in waits.items()}
    against = [c for c in deal.conditions if c.state == "not met"]
    worst: Timing = max(states.values(), key=get_args(Timing).index, default="in time")
    known = [m for m in waits.values() if m is not None]
    papers = np.max(known, axis=0) if known else None
    return {
        "standing": "not met" if against else _STANDING[worst],
        "without_date": "not met" if any(c.key != _DATE for c in against) else _STANDING[worst],
        "against": "; ".join(c.title for c in against) or None,
        "without_step": "; ".join(c.title for c in deal.conditions if states.get(c.key) == "no step") or None,
        "late": "; ".join(c.title for c in deal.conditions if states.get(c.key) == "too late") or None,
        "open": len(waits),
        "met": sum(c.state == "met" for c in deal.conditions),
        "conditions": len(deal.conditions),
        "papers_due": None if papers is None else _month(start, papers[1]),
        "papers_latest": None if papers is None else _month(start, papers[2]),
    }


def _month(start: str, months: float) -> str:
    return month_name(month_number(start) + math.ceil(months))


def _conditions(deals: Sequence[Deal], terms: Terms, ends: Mapping[str, np.ndarray], start: str, day: datetime.date) -> Json:
    """Condition -> states today, and the step that settles it at the slowest campus."""
    rows: dict[str, Json] = {}
    titles: dict[str, Condition] = {c.key: c for d in deals for c in d.conditions}
    for key, condition in titles.items():
        states = Counter(c.state for d in deals for c in d.conditions if c.key == key)
        steps = steps_of(key, terms)
        months = _slowest(key, terms, {k: e.max(axis=0, initial=0.0) for k, e in ends.items()})
        rows[key] = {
            "title": condition.title, "needs": condition.needs,
            **{state: states[state] for state in ("met", "open", "not met")},
            "step": "; ".join(step.title for step in steps) or None,
            "due": None if months is None else _month(start, months[1]),
            "latest": None if months is None else _month(start, months[2]),
            "timing": "no step" if months is None else timing(months.tolist(), start, day),
        }  # fmt: skip
    return rows
