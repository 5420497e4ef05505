"""Whether any site of a list meets the date wanted, in plain words, and what would have to change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sitefinder.config.project import Project
from sitefinder.months import month_words
from sitefinder.results.site import Site

#: a site meets the date when it is likelier than not
EVEN = 0.5
#: what brings dates forward, each an option of the configuration and a column of a list of one's own
WAYS = (
    "service that may be curtailed, a connection that is owned or bought, land with study and agreement done, units on order or "
    "rented, or a later date"
)


@dataclass(frozen=True)
class Deadline:
    """Chance of the whole load by the date wanted, over a list.

    Parameters
    ----------
    mw : float
    wanted : str
        Month, YYYY-MM.
    sites : int
        Sites with a known chance.
    even : int
        Sites that are likelier than not to have the whole load by then.
    best : float
        Largest chance; NaN where none is known.
    earliest : str or None
        First month in which any site is likelier than not to have the whole load; None = after the years looked at.
    """

    mw: float
    wanted: str
    sites: int
    even: int
    best: float
    earliest: str | None

    @property
    def met(self) -> bool:
        """Whether any site is likelier than not to meet the date."""
        return self.even > 0

    @property
    def title(self) -> str:
        """A few words.

        >>> Deadline(1000.0, "2028-12", 500, 0, 0.03, "2030-09").title
        'no site is likely to have 1,000 MW by Dec 2028'
        """
        number = f"{self.even:,} of {self.sites:,} sites are" if self.met else "no site is"
        return f"{number} likely to have {self.mw:,.0f} MW by {month_words(self.wanted)}"

    @property
    def verdict(self) -> str:
        """The answer in one or two sentences."""
        if math.isnan(self.best):
            return f"Whether any site has {self.mw:,.0f} MW by {month_words(self.wanted)} is unknown."
        first = f"{self.title[0].upper()}{self.title[1:]}: the best chance is {_percent(self.best)}."
        if self.met or not self.earliest:
            return first
        return f"{first} The earliest is likely to have them by {month_words(self.earliest)}."

    @property
    def change(self) -> str:
        """What would change the answer; empty where the date is met or nothing is known."""
        return "" if self.met or math.isnan(self.best) else f"What would change that: {WAYS}."

    @property
    def words(self) -> str:
        """The answer in two or three sentences."""
        return f"{self.verdict} {self.change}".strip()


def _percent(chance: float) -> str:
    """A chance in whole percent.

    >>> _percent(0.031), _percent(0.002), _percent(0.0)
    ('3 %', 'below 1 %', '0 %')
    """
    whole = f"{chance:.0%}".replace("%", " %")
    return "below 1 %" if whole == "0 %" and chance > 0 else whole


def deadline(sites: Sequence[Site], project: Project) -> Deadline | None:
    """The answer for a list; None where no site has dates."""
    power = [site.power for site in sites if site.power is not None]
    if not power:
        return None
    chances = [p.p_full_by_date for p in power if not math.isnan(p.p_full_by_date)]
    months = [p.full_load.p50 for p in power if p.full_load.p50 is not None]
    return Deadline(
        mw=project.mw,
        wanted=project.energise_by,
        sites=len(chances),
        even=sum(chance >= EVEN for chance in chances),
        best=max(chances, default=math.nan),
        earliest=min(months, default=None),
    )
