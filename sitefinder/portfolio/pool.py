"""The pool of campuses of a finished run from which a set is chosen, as records and as arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sitefinder.columns import Quantiles
from sitefinder.config.delivery import YEARS
from sitefinder.costs.columns import CostPart, NeedPart
from sitefinder.errors import DataError
from sitefinder.grid import great_circle_km
from sitefinder.power.columns import PowerPart
from sitefinder.results.run import SITES, Entry, Run
from sitefinder.results.site import Site

#: mean of an amount whose quantile function is straight between P10, P50 and P90 and flat beyond (also known as Swanson's rule)
MEAN_WEIGHTS = (0.3, 0.4, 0.3)
#: name of the group of campuses of which the group is unknown
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Option:
    """A campus that may be chosen, with the parts of its record that the choice rests on.

    Parameters
    ----------
    entry : Entry
    power : PowerPart
        With megawatts in at least one year.
    costs : CostPart
        With known capital.
    pathway : str
        How it is supplied with power.
    energy_musd_yr : float
        Cost of a year's energy by that pathway.
    """

    entry: Entry
    power: PowerPart
    costs: CostPart
    pathway: str
    energy_musd_yr: float

    @property
    def site(self) -> Site:
        """Its record."""
        return self.entry.site


#: properties by which campuses are counted, the caps among them
GROUPS: Mapping[str, Callable[[Option], str | None]] = {
    "rto": lambda option: option.site.place.rto,
    "state": lambda option: option.site.place.state,
    "gas_pipeline": lambda option: option.site.needs.gas_pipeline if option.site.needs else None,
    "pathway": lambda option: option.pathway,
}


@dataclass(frozen=True)
class Pool:
    """Campuses that may be chosen, in the order of the list.

    Parameters
    ----------
    options : sequence of Option
    project_mw : float
        Load of one campus at full build-out.
    left_out : mapping
        Site id that cannot be chosen -> reason.
    """

    options: Sequence[Option]
    project_mw: float
    left_out: Mapping[str, str]

    @property
    def size(self) -> int:
        """Number of campuses."""
        return len(self.options)

    @cached_property
    def ids(self) -> list[str]:
        """Site ids."""
        return [option.entry.site_id for option in self.options]

    def of_site(self, value: Callable[[Site], float]) -> np.ndarray:
        """A number of each campus's record, (n,) float64; NaN = unknown."""
        return np.array([value(option.site) for option in self.options], np.float64)

    def of_power(self, value: Callable[[PowerPart], float]) -> np.ndarray:
        """A number of each campus's power, (n,) float64; NaN = unknown."""
        return np.array([value(option.power) for option in self.options], np.float64)

    def of_needs(self, value: Callable[[NeedPart], float]) -> np.ndarray:
        """A number of each campus's needs, (n,) float64; NaN = unknown or not computed."""
        needs = (option.site.needs for option in self.options)
        return np.array([math.nan if part is None else value(part) for part in needs], np.float64)

    def of_layer(self, layer_id: str) -> np.ndarray:
        """Value of a layer at each campus, (n,) float64; NaN = unknown or not in the list."""
        return self.of_site(lambda site: site.layers.get(layer_id, math.nan))

    def groups(self, name: str) -> list[str]:
        """Group of each campus by a property of ``GROUPS``; campuses of unknown group form one group."""
        return [GROUPS[name](option) or UNKNOWN for option in self.options]

    @property
    def has_needs(self) -> bool:
        """Whether the run computed what campuses need of gas and water."""
        return any(option.site.needs for option in self.options)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Place in the list, (n,) float64."""
        return self.of_site(lambda site: site.identity.rank)

    @cached_property
    def capex_musd(self) -> np.ndarray:
        """Capital that depends on the site, million USD, (n, 3): low, most likely, high; NaN = unknown."""
        return np.array([option.costs.capex_musd for option in self.options], np.float64).reshape(-1, 3)

    @cached_property
    def mw(self) -> np.ndarray:
        """(n, years, 3) P10, P50, P90 of the megawatts at the end of each of ``YEARS``.

        An unknown P10 counts as zero, an unknown P50 or P90 as the value below it: unknown is never better than known.
        """
        mw = np.array([[option.power.mw[year] for year in YEARS] for option in self.options], np.float64)
        mw[..., 0] = np.nan_to_num(mw[..., 0])
        for q in (1, 2):
            mw[..., q] = np.fmax(mw[..., q], mw[..., q - 1])
        return np.maximum.accumulate(mw, axis=1)

    def mw_by(self, year: int, at: str) -> np.ndarray:
        """Megawatts of each campus at the end of a year, (n,).

        Parameters
        ----------
        year : int
        at : str
            ``p10``, ``p50``, ``p90``, or ``mean``: of a distribution whose quantile function is straight between the three and
            constant beyond them.
        """
        mw = self.mw[:, YEARS.index(year)]
        return (mw * MEAN_WEIGHTS).sum(axis=1) if at == "mean" else mw[:, Quantiles._fields.index(at)]

    @cached_property
    def apart_km(self) -> np.ndarray:
        """(n, n) great-circle distance between the campuses, km."""
        lat, lon = self.of_site(lambda site: site.place.lat), self.of_site(lambda site: site.place.lon)
        return great_circle_km(lat[:, None], lon[:, None], lat, lon)


def pool_of(run: Run) -> Pool:
    """Campuses of a finished run that may be chosen.

    Raises
    ------
    DataError
        The folder holds no finished run, or the run computed no megawatts by date or no costs.
    """
    sites = [entry.site for entry in run.sites]
    for content, section, computed in (
        ("megawatts by date", "delivery", any(site.power for site in sites)),
        ("costs", "costs", any(site.costs for site in sites)),
    ):
        if not computed:
            path = run.folder / SITES
            raise DataError(f"Invalid list of sites {path}: it holds no {content}. Rank again with the section '{section}'.")
    return pooled(run.sites, run.config.project.mw)


def pooled(entries: Sequence[Entry], project_mw: float) -> Pool:
    """The campuses of which power and capital are known; the others with the reason why not.

    Parameters
    ----------
    entries : sequence of Entry
    project_mw : float
    """
    options, left_out = [], {}
    for entry in entries:
        option = _option(entry)
        if isinstance(option, str):
            left_out[entry.site_id] = option
        else:
            options.append(option)
    return Pool(options, project_mw, left_out)


def _option(entry: Entry) -> Option | str:
    """The campus as an option, or the reason why it is none."""
    power, costs = entry.site.power, entry.site.costs
    if costs is None or math.isnan(costs.capex_musd.mid):
        return "capital unknown"
    if power is None or all(math.isnan(mw) for quantiles in power.mw.values() for mw in quantiles):
        return "megawatts by date unknown"
    if power.pathway is None:
        return "pathway to power unknown"
    energy = costs.power_musd_yr[power.pathway].mid
    return "cost of energy unknown" if math.isnan(energy) else Option(entry, power, costs, power.pathway, energy)
