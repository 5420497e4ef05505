"""Power from gas on the site: units at hand or on order, mobile units, small units early, combined-cycle trains late."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sitefinder.config.delivery import KM_PER_STEP, Delivery
from sitefinder.config.early_power import of_year
from sitefinder.kernels import schedule
from sitefinder.power.approvals import approval_months
from sitefinder.power.facts import Facts
from sitefinder.power.source import NO_TIME, WHOLE, Draws, Path, Source
from sitefinder.units import MONTHS_PER_YEAR

#: steps of the gas pathway and those before each
GAS_AFTER: Mapping[str, tuple[str, ...]] = {
    "permit of mobile units": (),
    "delivery of mobile units": (),
    "local approvals": (),
    "minor air permit": (),
    "air permit": (),
    "site works": ("local approvals",),
    "temporary lateral": (),
    "gas lateral": ("local approvals",),
    "engine delivery": ("local approvals",),
    "turbine delivery": ("local approvals",),
    "turbine erection": ("site works", "turbine delivery"),
    "firm capacity": (),
    "new pipeline": (),
    "commissioning": (
        "permit of mobile units",
        "delivery of mobile units",
        "minor air permit",
        "air permit",
        "site works",
        "temporary lateral",
        "gas lateral",
        "engine delivery",
        "turbine erection",
        "firm capacity",
        "new pipeline",
    ),
    "further units": ("commissioning",),
}
_ON_SITE = ("local approvals", "site works", "gas lateral", "commissioning", "further units")
GAS_EVENTS: Mapping[str, tuple[str, ...]] = {
    "mobile": ("permit of mobile units", "delivery of mobile units", "temporary lateral", "commissioning"),
    "in hand": ("air permit", *_ON_SITE),
    "minor": ("minor air permit", "engine delivery", *_ON_SITE),
    "fast": ("air permit", "engine delivery", *_ON_SITE),
    "turbines": ("air permit", "turbine delivery", "turbine erection", *_ON_SITE),
    "expansion": ("firm capacity", "commissioning"),
    "pipeline": ("new pipeline", "commissioning"),
}


class GasPower(Source):
    """Power from gas on the site, within what the pipelines can feed.

    Parameters
    ----------
    facts : Facts
    settings : Delivery
    u : mapping
        Common random numbers of every step and amount.
    """

    after, events = GAS_AFTER, GAS_EVENTS

    def __init__(self, facts: Facts, settings: Delivery, u: Draws) -> None:
        draw, gas, hand = schedule.triangular, settings.gas, facts.hand
        self.shape = (facts.size, settings.draws)
        self.load = facts.load_mw.astype(np.float32)[:, None]
        self.months = _months(facts, settings, u)
        self.block = gas.fast.block_mw
        self.every = self.block * MONTHS_PER_YEAR / draw(u["rate"], np.array(gas.fast.mw_per_year))
        self.most = draw(u["most"], np.array(gas.fast.most_mw))
        self.minor = gas.permit.minor_mw
        self.ordered = np.nan_to_num(hand.ordered_mw).astype(np.float32)[:, None]
        self.mobile = np.where(hand.mobile[:, None], draw(u["mobile"], np.array(settings.mobile.mw)), 0.0).astype(np.float32)
        self.train = gas.combined_cycle.train_mw
        self.between = draw(u["between trains"], np.array(gas.combined_cycle.between_trains))
        pipelines = np.maximum(facts.gas_pipelines, 1.0).astype(np.float32)[:, None]
        # what lies nearby, but not more than a lateral to a pipeline of its capacity can bring
        nearby = draw(u["pipeline"], np.array(gas.pipeline_mw)) * pipelines
        self.firm, self.expanded = (np.fmin(nearby, mw.astype(np.float32)[:, None]) for mw in (facts.firm_mw, facts.trunk_mw))

    def small(self, t: np.ndarray | float) -> np.ndarray:
        """MW of small units on the site, (n, draws): the first under a minor permit, those in hand beside those ordered later."""
        early = np.minimum(schedule.units_mw(t, self.ready["minor"], self.block, self.every), self.minor)
        later = np.minimum(schedule.units_mw(t, self.ready["fast"], self.block, self.every), self.most)
        return np.maximum(early, later) + schedule.tranche_mw(t, self.ready["in hand"], self.ordered)

    def units(self, t: np.ndarray | float) -> np.ndarray:
        """MW of all lasting units on the site, (n, draws)."""
        return self.small(t) + schedule.units_mw(t, self.ready["turbines"], self.train, self.between)

    def mw(self, t: np.ndarray | float) -> np.ndarray:
        """MW at a time, (n, draws); mobile units leave when as many lasting ones stand."""
        fed = np.maximum(self.firm, schedule.tranche_mw(t, self.ready["expansion"], self.expanded))
        fed = np.maximum(fed, schedule.tranche_mw(t, self.ready["pipeline"], self.load))
        units = np.maximum(self.units(t), schedule.tranche_mw(t, self.ready["mobile"], self.mobile))
        return np.minimum(np.minimum(units, fed), self.load)

    def path(self, t: np.ndarray) -> Path:
        """Steps to the event that completed the load at a time, and the wait for further units after it."""
        whole = self.load * WHOLE
        row = {name: np.int8(i) for i, name in enumerate(self.events)}
        with_mobile = schedule.tranche_mw(t, self.ready["mobile"], self.mobile) >= whole
        units = self.units(t - 1.0) >= whole
        fast, own, expanded = self.small(t) >= whole, units & (self.expanded < whole), units & (self.firm < whole)
        chain = [
            (own, "pipeline"),
            (expanded, "expansion"),
            (with_mobile, "mobile"),
            (self.ordered >= whole, "in hand"),
            (fast, "fast"),
        ]
        event = np.select([is_it for is_it, _ in chain], [row[name] for _, name in chain], row["turbines"])
        ready = np.select([is_it for is_it, _ in chain], [self.ready[name] for _, name in chain], self.ready["turbines"])
        waited = np.maximum(np.floor(t - ready), 0.0)
        return self.path_to(event.astype(np.int8), self.months | {"further units": waited.astype(np.float32)})


def _months(facts: Facts, settings: Delivery, u: Draws) -> dict[str, np.ndarray]:
    """Months of every step of the gas at every site."""
    draw, gas = schedule.triangular, settings.gas
    stricter = draw(u["nonattainment"], np.array(gas.nonattainment)) * (facts.nonattainment > 0)[:, None]
    tens = (np.asarray(facts.gas_km, np.float32) / np.float32(KM_PER_STEP))[:, None]
    temporary = np.array(gas.lateral.per_10_km, np.float32) * tens
    major = (draw(u["air permit"], gas.permit.of_states("major", list(facts.state))) + stricter).astype(np.float32)
    minor = draw(u["minor air permit"], gas.permit.of_states("minor", list(facts.state)))
    slip = schedule.lognormal(u["own slip"], settings.pace.own_slip)
    return {
        "local approvals": approval_months(facts, settings, u),
        "permit of mobile units": draw(u["permit of mobile units"], np.array(settings.mobile.permit)),
        "delivery of mobile units": draw(u["delivery of mobile units"], np.array(settings.mobile.delivery)),
        "minor air permit": minor + stricter,
        "air permit": np.where((facts.load_mw <= gas.permit.minor_mw)[:, None], minor + stricter, major).astype(np.float32),
        "site works": draw(u["site works"], np.array(gas.site_works)) * slip,
        "temporary lateral": draw(u["gas lateral"], temporary),
        "gas lateral": draw(u["gas lateral"], np.array(gas.lateral.base, np.float32) + temporary),
        "engine delivery": draw(u["engine delivery"], of_year(gas.fast.lead, facts.year)),
        "turbine delivery": draw(u["turbine delivery"], of_year(gas.combined_cycle.lead, facts.year)),
        "turbine erection": draw(u["turbine erection"], np.array(gas.combined_cycle.erection)) * slip,
        "firm capacity": draw(u["firm capacity"], np.array(gas.expansion)),
        "new pipeline": draw(u["new pipeline"], np.array(gas.new_pipeline)),
        "commissioning": draw(u["commissioning"], np.array(gas.commissioning)),
        "further units": NO_TIME,
    }
