"""The ``delivery`` section of the configuration: durations of the steps to power, as ranges.

Every range is [lowest, most likely, highest] of a triangular distribution, in months unless its name says otherwise. The
numbers and their sources stand in ``config/assumptions/delivery.yaml``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from sitefinder.config.added import GivenStations
from sitefinder.config.early_power import (
    ELSEWHERE,
    Approvals,
    ByClass,
    ByYear,
    Existing,
    FirstTranche,
    Halls,
    MobileUnits,
    Options,
    Pace,
    PoweredLand,
    Withdrawal,
)
from sitefinder.config.flexible import Flexible
from sitefinder.config.kinds import Part, Positive, Range, Share
from sitefinder.months import month_number

#: market regions as the data name them
REGIONS = ("CAISO", "ERCOT", "ISONE", "MISO", "NYISO", "PJM", "SPP", "non-ISO Southeast", "non-ISO West")
KM_PER_STEP = 10.0
#: loads whose dates are reported beside that of the full one, MW
TARGETS_MW = (50.0, 200.0, 500.0)
#: the first load that the lists show, MW
FIRST_MW = 200.0
#: years at whose ends megawatts are reported
YEARS = tuple(range(2026, 2036))


def _month(value: Any) -> Any:
    """A year, a month or a day as the month's text; a year means its end."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return f"{value:04d}-12"
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m}"
    return value


def _known_month(value: str) -> str:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", value):
        raise ValueError(f"'{value}' is not a month; write 2028-12, or 2028 for the end of that year")
    return value


#: a calendar month, "2028-12"
Month = Annotated[
    str,
    BeforeValidator(_month),
    AfterValidator(_known_month),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["2028-12"]}),
]


def _regions(ranges: dict[str, Range]) -> dict[str, Range]:
    for name in ranges:
        if name not in (*REGIONS, ELSEWHERE):
            raise ValueError(f"unknown region '{name}'; use one of {', '.join((*REGIONS, ELSEWHERE))}")
    if ELSEWHERE not in ranges:
        raise ValueError(f"the entry '{ELSEWHERE}' is missing; it stands for regions without a range of their own")
    return ranges


class ByLength(Part):
    """Months of something long: a base, and more for every ten kilometres."""

    base: Range
    per_10_km: Range


def _voltages(ranges: dict[int, ByLength]) -> dict[int, ByLength]:
    if not ranges:
        raise ValueError("give at least one voltage class, kV")
    return dict(sorted(ranges.items()))


def _some_classes(entries: dict[int, float]) -> dict[int, float]:
    if not entries:
        raise ValueError("give at least one voltage class, kV")
    return dict(sorted(entries.items()))


def _lengthens(factors: tuple[float, float, float]) -> tuple[float, float, float]:
    if factors[0] < 1:
        raise ValueError(f"[{factors[0]:g}, ...] must be at least 1: no line is shorter than the straight distance")
    return factors


ByRegion = Annotated[dict[str, Range], AfterValidator(_regions)]
ByVoltage = Annotated[dict[int, ByLength], AfterValidator(_voltages)]


class CutIn(Part):
    """A new switching station on a passing line, cut in by the campus."""

    circuit_mw: Annotated[dict[int, Positive], AfterValidator(_some_classes)]
    worth_km: Annotated[float, Field(ge=0)]
    end_km: Positive
    beside_km: Positive

    def mw(self, kv: np.ndarray) -> np.ndarray:
        """(n,) MW of one circuit by class: its own or the next lower one, 0 below the lowest."""
        classes = np.array(list(self.circuit_mw))
        return np.array([0.0, *self.circuit_mw.values()])[np.searchsorted(classes, kv, side="right")]


class Claimed(Part):
    """Campuses that run or are announced and will draw on the same stations."""

    within_km: Positive
    share: Share


class GridSteps(Part):
    """Steps to power from the grid."""

    letter: Range
    study: ByRegion
    study_per_gw: Range
    agreement: Range
    first: FirstTranche
    line: ByVoltage
    routing_factor: Annotated[Range, AfterValidator(_lengthens)]
    substation: ByClass
    transformer: ByYear
    upgrade: ByRegion
    energisation: Range
    search_km: Positive
    cut_in: CutIn
    claimed: Claimed
    stations: GivenStations | None = None

    def by_region(self, step: str, regions: Sequence[str | None]) -> np.ndarray:
        """(n, 3) months of ``study`` or ``upgrade`` for the market region of each site."""
        table: dict[str, Range] = getattr(self, step)
        return np.array([table.get(r or ELSEWHERE, table[ELSEWHERE]) for r in regions], np.float32).reshape(-1, 3)

    def line_months(self, kv: np.ndarray, km: np.ndarray) -> np.ndarray:
        """Months of a new line, (n, 3) float32.

        Parameters
        ----------
        kv : (n,) voltage class; a class without an entry takes the next lower one, the lowest where there is none
        km : (n,) straight distance, km
        """
        return np.stack([self._line(kv, km, at) for at in range(3)], axis=1)

    def longer(self, kv: np.ndarray, km: np.ndarray) -> np.ndarray:
        """The part of :meth:`line_months` that grows with the length, (n, 3) float32."""
        return self.line_months(kv, km) - self.line_months(kv, np.zeros(len(km)))

    def _line(self, kv: np.ndarray, km: np.ndarray, at: int) -> np.ndarray:
        """One of the three values of :meth:`line_months`, (n,)."""
        classes = np.array(list(self.line), np.float32)
        row = np.zeros(len(km), np.int8)
        for higher in classes[1:]:
            row += np.asarray(kv) >= higher
        base = np.array([s.base[at] for s in self.line.values()], np.float32)
        more = np.array([s.per_10_km[at] for s in self.line.values()], np.float32)
        return base[row] + more[row] * (np.asarray(km, np.float32) * np.float32(self.routing_factor[1] / KM_PER_STEP))


class Reuse(Part):
    """Reuse of the interconnection of a closed or closing plant."""

    within_km: Positive
    process: Range
    chance_open: Share
    chance_recent: Share
    chance_older: Share
    recent_months: Positive

    def chance(self, closes: np.ndarray) -> np.ndarray:
        """Chance that a plant's interconnection is still available, by months from the start to its closure, (n,) float64.

        Parameters
        ----------
        closes : (n,) float64
            Negative where the plant has closed.
        """
        recent = np.where(closes > -3 * self.recent_months, self.chance_recent, self.chance_older)
        return np.where(closes > -self.recent_months, self.chance_open, recent)


class Planned(Part):
    """A planned line of 345 kV or more that ends nearby."""

    within_km: Positive
    slip: Range
    line_mw: Annotated[dict[int, Positive], Field(min_length=1)]
    share: Range


class FastUnits(Part):
    """Engines and aeroderivative turbines in small blocks."""

    lead: ByYear
    block_mw: Positive
    mw_per_year: Range
    most_mw: Range


class CombinedCycle(Part):
    """Large gas turbines with steam cycle, train by train."""

    lead: ByYear
    erection: Range
    train_mw: Positive
    between_trains: Range


class Agencies(Part):
    """Months of a permit where the agency is quick, as usual, and slow."""

    quick: Range
    usual: Range
    slow: Range


class GasPermit(Part):
    """Air permit of the units on the site, by what they may emit in a year and by the agency of the state."""

    minor: Agencies
    major: Agencies
    quick_states: list[str]
    slow_states: list[str]
    minor_mw: Positive

    def of_states(self, kind: Literal["minor", "major"], states: Sequence[str]) -> np.ndarray:
        """(n, 3) months by the state of each site."""
        ranges: Agencies = getattr(self, kind)
        rows = [
            ranges.quick if s in self.quick_states else ranges.slow if s in self.slow_states else ranges.usual for s in states
        ]
        return np.array(rows, np.float32).reshape(-1, 3)


class GasSteps(Part):
    """Steps to power from gas on the site."""

    permit: GasPermit
    nonattainment: Range
    site_works: Range
    lateral: ByLength
    fast: FastUnits
    combined_cycle: CombinedCycle
    commissioning: Range
    pipeline_mw: Range
    expansion: Range
    new_pipeline: Range


class Delivery(Part):
    """Settings of the estimate of megawatts by date."""

    start: Month
    draws: Annotated[int, Field(ge=100, le=20_000)] = 1000
    seed: Annotated[int, Field(ge=0)] = 1
    correlation: Annotated[float, Field(ge=0, lt=1)] = 0.3
    pace: Pace
    options: Options = Options()
    approvals: Approvals
    withdrawal: Withdrawal
    halls: Halls
    existing: Existing
    powered_land: PoweredLand
    flexible: Flexible
    mobile: MobileUnits
    grid: GridSteps
    reuse: Reuse
    planned: Planned
    gas: GasSteps

    @model_validator(mode="after")
    def _rates_above_zero(self) -> Self:
        if self.gas.fast.mw_per_year[0] <= 0 or self.gas.combined_cycle.between_trains[0] <= 0:
            raise ValueError("gas.fast.mw_per_year and gas.combined_cycle.between_trains must be above 0")
        return self

    @model_validator(mode="after")
    def _known_regions(self) -> Self:
        for name in self.pace.region:
            if name not in (*REGIONS, ELSEWHERE):
                raise ValueError(f"unknown region '{name}' in pace.region; use one of {', '.join((*REGIONS, ELSEWHERE))}")
        return self

    def before_claims(self) -> Self:
        """The same with nothing taken off the headroom for campuses nearby: what was there before they came."""
        claimed = self.grid.claimed.model_copy(update={"share": 0.0})
        return self.model_copy(update={"grid": self.grid.model_copy(update={"claimed": claimed})})

    def months_to_end_of(self, month: str) -> int:
        """Months from the start of ``start`` to the end of a month."""
        return month_number(month) - month_number(self.start) + 1
