"""What sources of power have in common: steps, the events that they lead to, and the months of both.

``docs/delivery.md`` describes the order of the steps. Arrays are (n_sites, n_draws) float32; months count from the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sitefinder.kernels import schedule

SHARES = (0.1, 0.5, 0.9)
#: share of the load that rounding may conceal
WHOLE = 1.0 - 1e-5
#: length of a step that an event does not need
NO_TIME = np.zeros((1, 1), np.float32)
#: an event that does not happen
NEVER = np.float32(np.inf)
#: draws that are no durations: amounts, rates, chances and slips, independent of the durations and of each other
AMOUNTS = (
    "headroom",
    "right",
    "share",
    "rate",
    "most",
    "between trains",
    "pipeline",
    "line spare",
    "existing",
    "mobile",
    "first share",
    "whole",
    "left",
    "most per month",
    "utility slip",
    "own slip",
)

Draws = Mapping[str, np.ndarray]


class Path(NamedTuple):
    """Lengths of the steps to an event, and those that are critical and binding.

    Parameters
    ----------
    critical : (n_steps, n, draws) bool
    binding : (n, draws) int8
        Row of the longest critical step.
    lengths : (n, n_steps, 3) float32
        P10, P50 and P90 of the months of every step, critical or not.
    """

    critical: np.ndarray
    binding: np.ndarray
    lengths: np.ndarray


class Source:
    """Power from one direction: months of its steps, when each event is ready, and megawatts at any time."""

    after: Mapping[str, tuple[str, ...]]
    events: Mapping[str, tuple[str, ...]]
    months: dict[str, np.ndarray]
    shape: tuple[int, int]

    @cached_property
    def ready(self) -> dict[str, np.ndarray]:
        """Month of each event, (n, draws) each."""
        months = {}
        for event, steps in self.events.items():
            lengths = {s: self.months[s] if s in steps else NO_TIME for s in self.after}
            *_, last = schedule.finish_times(lengths, self.after).values()
            months[event] = np.broadcast_to(last, self.shape)
        return months

    def path_to(self, event: np.ndarray, months: Mapping[str, np.ndarray]) -> Path:
        """Steps to one event per draw, by its row, with the months given."""
        happens = [event == row for row in range(len(self.events))]
        lengths = {}
        for step in self.after:
            needed = [here for here, steps in zip(happens, self.events.values(), strict=True) if step in steps]
            everywhere = np.broadcast_to(months[step], self.shape)
            lengths[step] = (
                everywhere if len(needed) == len(happens) else np.where(np.logical_or.reduce(needed), everywhere, np.float32(0.0))
            )
        spread = [self._spread[s] if months[s] is self.months[s] else self._quantiles(months[s]) for s in self.after]
        return Path(*schedule.critical_steps(lengths, self.after), np.stack(spread, axis=1))

    @cached_property
    def _spread(self) -> dict[str, np.ndarray]:
        return {step: self._quantiles(months) for step, months in self.months.items()}

    def _quantiles(self, months: np.ndarray) -> np.ndarray:
        return np.broadcast_to(schedule.quantiles(months, SHARES), (self.shape[0], len(SHARES)))
