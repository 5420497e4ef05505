"""Choosing among the sites of a finished list: by place, date, price, megawatts, acres and people; the best of each region."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sitefinder.layers.area import Within
from sitefinder.results.site import Site


class Limit(NamedTuple):
    """What a filter looks at: the column, words for it, and whether its number is a least or a most."""

    column: str
    words: str
    least: bool


#: name of a filter -> what it looks at
LIMITS: Mapping[str, Limit] = {
    "price": Limit("power_price_usd_mwh", "industrial power price", False),
    "mw": Limit("grid_headroom_mw_p50", "headroom left at the station", True),
    "acres": Limit("buildable_acres", "buildable acres", True),
    "people": Limit("people_5km", "people within 5 km", False),
}
#: column of the date that a filter by date looks at
DATE = "full_load_p50"
#: places by which a list is divided
GROUPS: Mapping[str, Callable[[Site], str | None]] = {
    "region": lambda site: site.place.rto,
    "state": lambda site: site.place.state,
    "utility": lambda site: site.around.utility,
    "authority": lambda site: site.power.balancing_authority if site.power else None,
}


@dataclass(frozen=True)
class Filters:
    """What the sites of a list must satisfy.

    Parameters
    ----------
    by : str or None
        Month by which half of the draws have full load.
    limits : mapping
        Name of :data:`LIMITS` -> its number.
    within : Within or None
        Where they must lie.
    """

    by: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    within: Within | None = None

    def passes(self, site: Site) -> bool:
        """Whether a site satisfies all of them; an unknown value satisfies none."""
        place = site.place
        if self.within and not self.within.holds(place.state, place.county_fips, place.rto, (place.lat, place.lon)):
            return False
        return self.unknown(site) is None and self._in_limits(site)

    def unknown(self, site: Site) -> str | None:
        """Column that a filter needs and that is unknown at a site; None where all are known."""
        needed = [DATE] if self.by else []
        needed += [LIMITS[name].column for name in self.limits]
        return next((column for column in needed if site.values.get(column) is None), None)

    def _in_limits(self, site: Site) -> bool:
        if self.by and str(site.values[DATE]) > self.by:
            return False
        for name, bound in self.limits.items():
            value = site.values[LIMITS[name].column]
            if not isinstance(value, int | float) or (value < bound if LIMITS[name].least else value > bound):
                return False
        return True


def best_of_each(sites: Sequence[Site], group: str) -> list[Site]:
    """The best site of each place of a kind, best first; sites of which the place is unknown are left out.

    Parameters
    ----------
    sites : sequence of Site
        Best first.
    group : str
        Of :data:`GROUPS`.
    """
    best: dict[str, Site] = {}
    for site in sites:
        name = GROUPS[group](site)
        if name is not None and not math.isnan(site.identity.score):
            best.setdefault(name, site)
    return list(best.values())
