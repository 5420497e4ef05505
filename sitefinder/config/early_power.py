"""Parts of the ``delivery`` section about the first megawatts: approvals, halls, cut-in, and what a developer has in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from sitefinder.config.kinds import Part, Positive, Range, Share

#: keys of a range that is given without years, and without voltage classes
FIRST_YEAR, LOWEST_KV = 2000, 1
#: the entry that stands for land outside all market regions
ELSEWHERE = "elsewhere"
#: what a developer may have or accept, each an option of the configuration and a column of the user's list
Option = Literal["flexible", "mobile_gas", "existing_interconnection", "powered_land", "battery"]


def _every_year(ranges: Any) -> Any:
    """A plain range holds for starts of every year."""
    return {FIRST_YEAR: ranges} if isinstance(ranges, list | tuple) else ranges


def _every_class(ranges: Any) -> Any:
    """A plain range holds for every voltage class."""
    return {LOWEST_KV: ranges} if isinstance(ranges, list | tuple) else ranges


def _some_years(ranges: dict[int, Range]) -> dict[int, Range]:
    if not ranges:
        raise ValueError("give the range of at least one year")
    return dict(sorted(ranges.items()))


#: ranges by the year of the start, each valid until the next
ByYear = Annotated[dict[int, Range], BeforeValidator(_every_year), AfterValidator(_some_years)]


def of_year(ranges: Mapping[int, Range], years: np.ndarray) -> np.ndarray:
    """(n, 3) range of the year of each start: the latest that is not later, the first for still earlier ones.

    >>> of_year({2020: (1.0, 2.0, 3.0), 2023: (4.0, 5.0, 6.0)}, np.array([2019, 2022, 2026]))[:, 0].tolist()
    [1.0, 1.0, 4.0]
    """
    known = np.array(list(ranges))
    row = np.maximum(np.searchsorted(known, years, side="right") - 1, 0)
    return np.array(list(ranges.values()), np.float32)[row]


def by_class(ranges: Mapping[int, Range], kv: np.ndarray) -> np.ndarray:
    """(n, 3) range of the voltage class of each: its own or the next lower one, the lowest where there is none.

    >>> by_class({69: (1.0, 1.0, 1.0), 230: (2.0, 2.0, 2.0)}, np.array([138.0, 345.0]))[:, 0].tolist()
    [1.0, 2.0]
    """
    classes = np.array(list(ranges), np.float64)
    row = np.maximum(np.searchsorted(classes, np.nan_to_num(kv), side="right") - 1, 0)
    return np.array(list(ranges.values()), np.float32)[row]


def _classes(ranges: dict[int, Range]) -> dict[int, Range]:
    if not ranges:
        raise ValueError("give at least one voltage class, kV")
    return dict(sorted(ranges.items()))


ByClass = Annotated[dict[int, Range], BeforeValidator(_every_class), AfterValidator(_classes)]


class FirstTranche(Part):
    """First megawatts over a cut-in to the nearest line, before the station that carries the whole load is reached."""

    within_km: Positive
    smallest_kv: Positive
    station: ByClass
    line_mw: ByClass
    small_to_kv: Positive
    small_transformer: Annotated[float, Field(gt=0, le=1)]

    def transformer_factor(self, kv: np.ndarray) -> np.ndarray:
        """(n,) lead of the transformers of a cut-in over that of large ones, by its voltage class."""
        return np.where(np.nan_to_num(kv) <= self.small_to_kv, self.small_transformer, 1.0)


class Approvals(Part):
    """Zoning, site plan and local permits, before anybody builds."""

    months: Range
    full_mw: Positive
    contested_from: Share
    per_blocked: Range
    per_1000_people: Range


class Withdrawal(Part):
    """Campuses that are proposed and never built.

    Parameters
    ----------
    contested : float
        Share of proposals that meet opposition; a place's own share of blocked ones is that of the register of decisions.
    """

    contested: Share


class Halls(Part):
    """Building time of the campus: its first hall, and how the load grows to the whole."""

    labour: Range
    labour_jobs: tuple[Positive, Positive]
    earthworks_per_slope: Range
    standard: ByYear
    light: Range
    light_with: Sequence[Option]
    whole: Range
    first_share: Range
    first_mw: Positive
    ramp: ByYear
    most_mw_per_month: Range


class Existing(Part):
    """A connection that the developer owns or buys with the land."""

    process: Range
    mw: Range


class PoweredLand(Part):
    """Land whose study and agreement are done, and of whose lines and stations a part stands."""

    left: Range


class MobileUnits(Part):
    """Mobile or temporary generation that bridges the time until the grid comes."""

    permit: Range
    delivery: Range
    mw: Range


class Pace(Part):
    """Factors on ranges of steps, fitted to finished campuses, and the spread of two slips that all steps of a kind share.

    Parameters
    ----------
    halls, light_halls, ramp, utility : float
        Factor on the first hall, on a light one, on the growth to full load, and on what a utility builds.
    utility_slip, own_slip : float
        Standard deviation of the logarithm of the common slip of a utility, and of the developer.
    region : dict
        Factor of a market region on all of them; 1 where none is given.
    """

    halls: Positive
    light_halls: Positive
    ramp: Positive
    utility: Positive
    utility_slip: Annotated[float, Field(ge=0, le=1)]
    own_slip: Annotated[float, Field(ge=0, le=1)]
    region: dict[str, Positive] = Field(default_factory=dict)

    def of_region(self, regions: Sequence[str | None]) -> np.ndarray:
        """(n, 1) float32 factor of the market region of each site."""
        return np.array([[self.region.get(r or ELSEWHERE, 1.0)] for r in regions], np.float32).reshape(-1, 1)


class Options(Part):
    """What the developer has or accepts at every site; a row of the user's list may say otherwise for its own."""

    flexible: bool = False
    mobile_gas: bool = False
    existing_interconnection: bool = False
    powered_land: bool = False
    battery: bool = False
    phased: bool = True
