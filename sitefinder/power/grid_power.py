"""Power from the grid: an owned connection, a cut-in to a near line, a closed plant, the station, non-firm service, upgrades."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sitefinder.config.delivery import Delivery
from sitefinder.config.early_power import by_class, of_year
from sitefinder.kernels import schedule
from sitefinder.power.approvals import approval_months
from sitefinder.power.facts import Facts, planned_mw
from sitefinder.power.source import NEVER, Draws, Path, Source
from sitefinder.units import MW_PER_GW

#: class of the line to a closed plant, kV: large plants feed in at 345 kV or close to it
PLANT_KV = 345

#: steps of the grid pathway and those before each
GRID_AFTER: Mapping[str, tuple[str, ...]] = {
    "plant closure": (),
    "replacement process": (),
    "local approvals": (),
    "utility's letter": ("local approvals",),
    "large-load study": (),
    "interconnection agreement": ("large-load study",),
    "transfer of the connection": (),
    "non-firm agreement": (),
    "signed service": (),
    "planned line": (),
    "line to the closed plant": ("replacement process", "local approvals"),
    "cut-in": ("utility's letter",),
    "own station": ("utility's letter",),
    "new line": ("utility's letter",),
    "substation": ("replacement process", "utility's letter"),
    "cut-in transformer": ("utility's letter",),
    "transformer": ("utility's letter",),
    "network upgrades": ("interconnection agreement",),
    "energisation": (
        "plant closure",
        "interconnection agreement",
        "transfer of the connection",
        "non-firm agreement",
        "signed service",
        "planned line",
        "line to the closed plant",
        "cut-in",
        "cut-in transformer",
        "own station",
        "new line",
        "substation",
        "transformer",
        "network upgrades",
    ),
}
_AGREED = ("local approvals", "utility's letter", "large-load study", "interconnection agreement", "energisation")
_BUILT = (*_AGREED, "new line", "substation", "transformer")
#: events that bring megawatts from the grid, and the steps that each needs
GRID_EVENTS: Mapping[str, tuple[str, ...]] = {
    "existing": ("transfer of the connection", "energisation"),
    "signed": ("signed service",),
    "cut-in": (*_AGREED, "cut-in", "cut-in transformer"),
    "reuse": (
        "plant closure",
        "replacement process",
        "local approvals",
        "line to the closed plant",
        "substation",
        "transformer",
        "energisation",
    ),
    "non-firm": ("local approvals", "utility's letter", "non-firm agreement", "own station", "energisation"),
    "headroom": _BUILT,
    "planned": (*_BUILT, "planned line"),
    "upgrade": (*_BUILT, "network upgrades"),
}
#: no line to a customer's own station is longer, km: beyond it there is no such service
FAR_LINE_KM = 500.0
#: steps that a utility builds: they share its pace and its slip
UTILITY_BUILDS = ("cut-in", "line to the closed plant", "new line", "substation", "network upgrades")
#: steps of which only a part is left on powered land, and those that are done there
PARTLY_DONE = ("cut-in", "cut-in transformer", "new line", "substation", "transformer")
DONE = ("utility's letter", "large-load study", "interconnection agreement")


class GridPower(Source):
    """Power from the grid.

    Parameters
    ----------
    facts : Facts
    settings : Delivery
    u : mapping
        Common random numbers of every step and amount.
    non_firm : bool
        Count non-firm service at every site, not only where the developer accepts it.
    """

    after, events = GRID_AFTER, GRID_EVENTS

    def __init__(self, facts: Facts, settings: Delivery, u: Draws, *, non_firm: bool = False) -> None:
        draw, hand = schedule.triangular, facts.hand
        self.shape = (facts.size, settings.draws)
        self.load = facts.load_mw.astype(np.float32)[:, None]
        self.months = _months(facts, settings, u)
        right = u["right"] < settings.reuse.chance(np.nan_to_num(facts.reusable_months))[:, None]
        share = draw(u["share"], np.array(settings.planned.share))
        unknown_mw = draw(u["existing"], np.array(settings.existing.mw))
        owned = np.where(np.isnan(hand.existing_mw)[:, None], unknown_mw, hand.existing_mw[:, None])
        spare = draw(u["line spare"], by_class(settings.grid.first.line_mw, facts.cut_in_kv))
        within = facts.cut_in_km <= settings.grid.first.within_km
        accepted = ((hand.flexible | hand.battery | non_firm) & ~hand.runs_first)[:, None]
        served = schedule.between_quantiles(u["headroom"], facts.non_firm_mw)
        amounts = {
            "existing": np.where(hand.existing[:, None], owned, 0.0),
            "signed": np.where(np.isnan(hand.signed_mw), 0.0, hand.signed_mw)[:, None],
            "cut-in": np.where(within[:, None], spare, 0.0),
            "reuse": np.where(right, facts.reusable_mw[:, None], 0.0),
            "non-firm": np.where(accepted, served, 0.0),
            "headroom": schedule.between_quantiles(u["headroom"], facts.headroom_mw),
            "planned": planned_mw(settings, facts.planned_kv)[:, None] * share,
            "upgrade": self.load,
        }
        self.amounts = {event: mw.astype(np.float32) for event, mw in amounts.items()}

    def mw(self, t: np.ndarray | float) -> np.ndarray:
        """MW at a time, (n, draws).

        What the cut-in, the closed plant, the station and non-firm service bring are the same wires, so the largest counts; an
        owned connection and a planned line come on top. What is signed, and what upgrades bring, is at least there.
        """

        def tranche(event: str) -> np.ndarray:
            return schedule.tranche_mw(t, self.ready[event], self.amounts[event])

        wires = tranche("headroom")
        for event in ("cut-in", "reuse", "non-firm"):
            wires = np.maximum(wires, tranche(event))
        wires = wires + tranche("existing") + tranche("planned")
        return np.minimum(np.maximum(np.maximum(wires, tranche("signed")), tranche("upgrade")), self.load)

    def path(self, t: np.ndarray) -> Path:
        """Steps to the event that came last before a time."""
        return self.path_to(self.event(t), self.months)

    def event(self, t: np.ndarray) -> np.ndarray:
        """Row of the event that came last before a time and brought something, (n, draws)."""
        last, event = np.full(self.shape, -1.0, np.float32), np.zeros(self.shape, np.int8)
        for row, (name, ready) in enumerate(self.ready.items()):
            later = (ready <= t) & (ready > last) & (self.amounts[name] > 0)
            np.copyto(event, np.int8(row), where=later)
            np.copyto(last, ready, where=later)
        return event


def _own_station(facts: Facts, settings: Delivery) -> np.ndarray:
    """(n, 3) months of a customer's own station and its line: from the near line if that may carry the load and is quicker."""

    def months(kv: np.ndarray, km: np.ndarray) -> np.ndarray:
        return by_class(settings.flexible.station, kv) + settings.grid.longer(kv, np.minimum(km, FAR_LINE_KM))

    near = by_class(settings.grid.first.line_mw, facts.cut_in_kv)[:, 2] >= facts.load_mw
    at_station = months(facts.station_kv, facts.station_km)
    return np.where(near[:, None], np.minimum(months(facts.cut_in_kv, facts.cut_in_km), at_station), at_station)


def _months(facts: Facts, settings: Delivery, u: Draws) -> dict[str, np.ndarray]:
    """Months of every step of the grid at every site."""
    draw, grid, regions, hand = schedule.triangular, settings.grid, list(facts.region), facts.hand
    closes = np.nan_to_num(facts.reusable_months)
    slip = draw(u["planned line"], np.array(settings.planned.slip))
    service = np.maximum(np.nan_to_num(facts.planned_months), 0.0).astype(np.float32)[:, None]
    to_plant = grid.line_months(np.full(facts.size, PLANT_KV), np.nan_to_num(facts.reusable_km))
    near_km = np.minimum(facts.cut_in_km, grid.first.within_km)
    cut_in = by_class(grid.first.station, facts.cut_in_kv) + grid.longer(facts.cut_in_kv, near_km)
    signed = np.where(np.isnan(hand.signed_months), NEVER, np.maximum(hand.signed_months, 0.0))
    claimed_gw = grid.claimed.share * np.nan_to_num(facts.claimed_mw) / MW_PER_GW
    crowded = claimed_gw[:, None] * np.array(grid.study_per_gw)
    months = {
        "plant closure": np.maximum(closes, 0.0).astype(np.float32)[:, None],
        "replacement process": draw(u["replacement process"], np.array(settings.reuse.process)),
        "local approvals": approval_months(facts, settings, u),
        "utility's letter": draw(u["utility's letter"], np.array(grid.letter)),
        "large-load study": draw(u["large-load study"], grid.by_region("study", regions) + crowded),
        "interconnection agreement": draw(u["interconnection agreement"], np.array(grid.agreement)),
        "transfer of the connection": draw(u["transfer of the connection"], np.array(settings.existing.process)),
        "non-firm agreement": draw(u["non-firm agreement"], np.array(settings.flexible.agreement)),
        "signed service": signed.astype(np.float32)[:, None],
        "planned line": service + slip,
        "line to the closed plant": draw(u["new line"], to_plant),
        "cut-in": draw(u["cut-in"], cut_in),
        "own station": draw(u["own station"], _own_station(facts, settings)),
        "new line": draw(u["new line"], grid.line_months(facts.station_kv, facts.station_km)),
        "substation": draw(u["substation"], by_class(grid.substation, facts.station_kv)),
        "transformer": draw(u["transformer"], of_year(grid.transformer, facts.year)),
        "network upgrades": draw(u["network upgrades"], grid.by_region("upgrade", regions)),
        "energisation": draw(u["energisation"], np.array(grid.energisation)),
    }
    return {step: np.asarray(length, np.float32) for step, length in _with_what_is_in_hand(months, facts, settings, u).items()}


def _with_what_is_in_hand(months: dict[str, np.ndarray], facts: Facts, settings: Delivery, u: Draws) -> dict[str, np.ndarray]:
    """The months with the pace of the utility and of the developer, and without what is owned, delivered or built already."""
    hand, first = facts.hand, settings.grid.first
    if hand.runs_first.any():  # the enlargement of a connection that runs starts with the agreement
        agreed = months["large-load study"] + months["interconnection agreement"]
        months["utility's letter"] = np.where(hand.runs_first[:, None], agreed, months["utility's letter"])
    slow = np.float32(settings.pace.utility) * schedule.lognormal(u["utility slip"], settings.pace.utility_slip)
    slow = slow * settings.pace.of_region(list(facts.region))
    for step in UTILITY_BUILDS:
        months[step] = months[step] * slow
    months["own station"] = months["own station"] * schedule.lognormal(u["own slip"], settings.pace.own_slip)
    small = np.array([[factor] for factor in first.transformer_factor(facts.cut_in_kv)], np.float32)
    months["cut-in transformer"] = months["transformer"] * small
    if hand.transformer.any():
        for step in ("transformer", "cut-in transformer"):
            months[step] = months[step] * ~hand.transformer[:, None]
    if hand.powered.any():
        left = schedule.triangular(u["left"], np.array(settings.powered_land.left))
        for step in PARTLY_DONE:
            months[step] = np.where(hand.powered[:, None], months[step] * left, months[step])
        for step in DONE:
            months[step] = months[step] * ~hand.powered[:, None]
    return months
