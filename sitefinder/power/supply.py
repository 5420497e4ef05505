"""Power from the grid and from gas on the site: events, the steps each needs, and the megawatts they bring.

``docs/delivery.md`` describes the order of the steps. Arrays are (n_sites, n_draws) float32; months count from the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sitefinder.config.delivery import KM_PER_STEP, Delivery
from sitefinder.kernels import schedule
from sitefinder.power.facts import Facts, planned_mw
from sitefinder.units import MONTHS_PER_YEAR

SHARES = (0.1, 0.5, 0.9)
#: share of the load that rounding may conceal
WHOLE = 1.0 - 1e-5
#: class of the line to a closed plant, kV: large plants feed in at 345 kV or close to it
PLANT_KV = 345
#: length of a step that an event does not need
NO_TIME = np.zeros((1, 1), np.float32)

#: steps of the grid pathway and those before each
GRID_AFTER: Mapping[str, tuple[str, ...]] = {
    "plant closure": (),
    "replacement process": (),
    "large-load study": (),
    "interconnection agreement": ("large-load study",),
    "planned line": (),
    "line to the closed plant": ("replacement process",),
    "new line": ("interconnection agreement",),
    "substation": ("replacement process", "interconnection agreement"),
    "transformer": (),
    "network upgrades": ("interconnection agreement",),
    "energisation": (
        "plant closure",
        "planned line",
        "line to the closed plant",
        "new line",
        "substation",
        "transformer",
        "network upgrades",
    ),
}
_BUILT = ("large-load study", "interconnection agreement", "new line", "substation", "transformer", "energisation")
#: events that bring megawatts from the grid, and the steps that each needs
GRID_EVENTS: Mapping[str, tuple[str, ...]] = {
    "reuse": ("plant closure", "replacement process", "line to the closed plant", "substation", "transformer", "energisation"),
    "headroom": _BUILT,
    "planned": (*_BUILT, "planned line"),
    "upgrade": (*_BUILT, "network upgrades"),
}
#: steps of the gas pathway and those before each
GAS_AFTER: Mapping[str, tuple[str, ...]] = {
    "air permit": (),
    "site works": ("air permit",),
    "gas lateral": (),
    "engine delivery": (),
    "turbine delivery": (),
    "turbine erection": ("site works", "turbine delivery"),
    "new pipeline": (),
    "commissioning": ("site works", "gas lateral", "engine delivery", "turbine erection", "new pipeline"),
    "further units": ("commissioning",),
}
_ON_SITE = ("air permit", "site works", "gas lateral", "commissioning", "further units")
GAS_EVENTS: Mapping[str, tuple[str, ...]] = {
    "fast": (*_ON_SITE, "engine delivery"),
    "turbines": (*_ON_SITE, "turbine delivery", "turbine erection"),
    "pipeline": ("new pipeline", "commissioning"),
}
#: draws that are no durations: amounts, rates and chances, independent of the durations and of each other
AMOUNTS = ("headroom", "right", "share", "rate", "most", "between trains", "pipeline")

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


class _Source:
    """Power from one direction: months of its steps, when each event is ready, and megawatts at any time."""

    after: Mapping[str, tuple[str, ...]]
    events: Mapping[str, tuple[str, ...]]
    months: dict[str, np.ndarray]
    shape: tuple[int, int]

    @cached_property
    def ready(self) -> list[np.ndarray]:
        """Month of each event, (n, draws) each."""
        months = []
        for steps in self.events.values():
            lengths = {s: self.months[s] if s in steps else NO_TIME for s in self.after}
            *_, last = schedule.finish_times(lengths, self.after).values()
            months.append(np.broadcast_to(last, self.shape))
        return months

    def path_to(self, event: np.ndarray, months: Mapping[str, np.ndarray]) -> Path:
        """Steps to one event per draw, with the months given."""
        happens = [event == row for row in range(len(self.events))]
        lengths = {}
        for step in self.after:
            needed = [here for here, steps in zip(happens, self.events.values(), strict=True) if step in steps]
            everywhere = np.broadcast_to(months[step], self.shape)
            lengths[step] = everywhere if len(needed) == len(happens) else everywhere * np.logical_or.reduce(needed)
        spread = [self._spread[s] if months[s] is self.months[s] else self._quantiles(months[s]) for s in self.after]
        return Path(*schedule.critical_steps(lengths, self.after), np.stack(spread, axis=1))

    @cached_property
    def _spread(self) -> dict[str, np.ndarray]:
        return {step: self._quantiles(months) for step, months in self.months.items()}

    def _quantiles(self, months: np.ndarray) -> np.ndarray:
        return np.broadcast_to(schedule.quantiles(months, SHARES), (self.shape[0], len(SHARES)))


class GridPower(_Source):
    """Power from the grid: reuse of a closed plant's connection, the station's headroom, a planned line, network upgrades."""

    after, events = GRID_AFTER, GRID_EVENTS

    def __init__(self, facts: Facts, settings: Delivery, mw: float, u: Draws) -> None:
        draw = schedule.triangular
        grid, regions = settings.grid, list(facts.region)
        closes = np.nan_to_num(facts.reusable_months)
        slip = draw(u["planned line"], np.array(settings.planned.slip))
        service = np.maximum(np.nan_to_num(facts.planned_months), 0.0).astype(np.float32)[:, None]
        to_plant = grid.line_months(np.full(facts.size, PLANT_KV), np.nan_to_num(facts.reusable_km))
        self.shape = (facts.size, settings.draws)
        self.project = mw
        self.months = {
            "plant closure": np.maximum(closes, 0.0).astype(np.float32)[:, None],
            "replacement process": draw(u["replacement process"], np.array(settings.reuse.process)),
            "large-load study": draw(u["large-load study"], grid.by_region("study", regions)),
            "interconnection agreement": draw(u["interconnection agreement"], np.array(grid.agreement)),
            "planned line": service + slip,
            "line to the closed plant": draw(u["new line"], to_plant),
            "new line": draw(u["new line"], grid.line_months(facts.station_kv, facts.station_km)),
            "substation": draw(u["substation"], np.array(grid.substation)),
            "transformer": draw(u["transformer"], np.array(grid.transformer)),
            "network upgrades": draw(u["network upgrades"], grid.by_region("upgrade", regions)),
            "energisation": draw(u["energisation"], np.array(grid.energisation)),
        }
        right = u["right"] < settings.reuse.chance(closes)[:, None]
        share = draw(u["share"], np.array(settings.planned.share))
        self.reuse_mw = np.where(right, facts.reusable_mw[:, None], 0.0).astype(np.float32)
        self.headroom_mw = schedule.between_quantiles(u["headroom"], facts.headroom_mw)
        self.planned_mw = (planned_mw(settings, facts.planned_kv)[:, None] * share).astype(np.float32)

    def mw(self, t: np.ndarray | float) -> np.ndarray:
        """MW at a time, (n, draws): the plant's connection and the headroom are the same wires, so the larger counts."""
        reuse, headroom, planned, upgrade = self.ready
        station = np.maximum(
            schedule.tranche_mw(t, reuse, self.reuse_mw),
            schedule.tranche_mw(t, headroom, self.headroom_mw),
        )
        station += schedule.tranche_mw(t, planned, self.planned_mw)
        return np.minimum(np.maximum(station, schedule.tranche_mw(t, upgrade, self.project)), self.project)

    def path(self, t: np.ndarray) -> Path:
        """Steps to the event that came last before a time."""
        return self.path_to(self.event(t), self.months)

    def event(self, t: np.ndarray) -> np.ndarray:
        """Row of the event that came last before a time, (n, draws)."""
        last, event = np.full(self.shape, -1.0, np.float32), np.zeros(self.shape, np.int8)
        for row, ready in enumerate(self.ready):
            later = (ready <= t) & (ready > last)
            np.copyto(event, np.int8(row), where=later)
            np.copyto(last, ready, where=later)
        return event


class GasPower(_Source):
    """Power from gas on the site: small units early, combined-cycle trains late, both within what the pipelines can feed."""

    after, events = GAS_AFTER, GAS_EVENTS

    def __init__(self, facts: Facts, settings: Delivery, mw: float, u: Draws) -> None:
        draw, gas = schedule.triangular, settings.gas
        stricter = draw(u["nonattainment"], np.array(gas.nonattainment)) * (facts.nonattainment > 0)[:, None]
        tens = (np.asarray(facts.gas_km, np.float32) / np.float32(KM_PER_STEP))[:, None]
        lateral = np.array(gas.lateral.base, np.float32) + np.array(gas.lateral.per_10_km, np.float32) * tens
        self.shape = (facts.size, settings.draws)
        self.project = mw
        self.months = {
            "air permit": (draw(u["air permit"], np.array(gas.permit)) + stricter).astype(np.float32),
            "site works": draw(u["site works"], np.array(gas.site_works)),
            "gas lateral": draw(u["gas lateral"], lateral),
            "engine delivery": draw(u["engine delivery"], np.array(gas.fast.lead)),
            "turbine delivery": draw(u["turbine delivery"], np.array(gas.combined_cycle.lead)),
            "turbine erection": draw(u["turbine erection"], np.array(gas.combined_cycle.erection)),
            "new pipeline": draw(u["new pipeline"], np.array(gas.new_pipeline)),
            "commissioning": draw(u["commissioning"], np.array(gas.commissioning)),
            "further units": NO_TIME,
        }
        self.block = gas.fast.block_mw
        self.every = self.block * MONTHS_PER_YEAR / draw(u["rate"], np.array(gas.fast.mw_per_year))
        self.most = draw(u["most"], np.array(gas.fast.most_mw))
        self.train = gas.combined_cycle.train_mw
        self.between = draw(u["between trains"], np.array(gas.combined_cycle.between_trains))
        pipelines = np.maximum(facts.gas_pipelines, 1.0).astype(np.float32)[:, None]
        # what lies nearby, but not more than a lateral to a pipeline of its capacity can bring
        self.fed = np.fmin(draw(u["pipeline"], np.array(gas.pipeline_mw)) * pipelines, facts.trunk_mw.astype(np.float32)[:, None])

    def small(self, t: np.ndarray | float) -> np.ndarray:
        """MW of small units on the site, (n, draws)."""
        return np.minimum(schedule.units_mw(t, self.ready[0], self.block, self.every), self.most)

    def units(self, t: np.ndarray | float) -> np.ndarray:
        """MW of all units on the site, (n, draws)."""
        return self.small(t) + schedule.units_mw(t, self.ready[1], self.train, self.between)

    def mw(self, t: np.ndarray | float) -> np.ndarray:
        """MW at a time, (n, draws)."""
        fed = np.maximum(self.fed, schedule.tranche_mw(t, self.ready[2], self.project))
        return np.minimum(np.minimum(self.units(t), fed), self.project)

    def path(self, t: np.ndarray) -> Path:
        """Steps to the event that completed the load at a time, and the wait for further units after it."""
        whole = self.project * WHOLE
        fast, fed_late = self.small(t) >= whole, (self.units(t - 1.0) >= whole) & (self.fed < whole)
        event = np.where(fed_late, np.int8(2), np.where(fast, np.int8(0), np.int8(1)))
        ready = np.where(fed_late, self.ready[2], np.where(fast, self.ready[0], self.ready[1]))
        waited = np.maximum(np.floor(t - ready), 0.0)
        return self.path_to(event, self.months | {"further units": waited.astype(np.float32)})
