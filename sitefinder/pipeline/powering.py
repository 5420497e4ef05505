"""Megawatts by date of a list: facts about power, timetable, and what limits the station of each site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sitefinder.columns import MID
from sitefinder.config import Config
from sitefinder.costs.facts import gas_pipelines
from sitefinder.costs.formulas import firm_mw, trunk_mw
from sitefinder.layers.able import Chosen
from sitefinder.layers.files import PIPELINE_CAPACITY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.months import month_number
from sitefinder.power.columns import Network, PowerPart, power_parts
from sitefinder.power.facts import Facts, site_facts
from sitefinder.power.flexible import Authorities, non_firm
from sitefinder.power.stated import StatedPower, in_hand_of
from sitefinder.power.station_limits import StationLimits, station_limits
from sitefinder.power.timetable import Timetable, timetable
from sitefinder.routes.costs import Element, lift_musd


def powered(  # noqa: PLR0913
    stack: LayerStack,
    package: DataPackage,
    config: Config,
    index: np.ndarray,
    xy: np.ndarray,
    chosen: Chosen,
    *,
    routed: Sequence[str | None] | None,
    stated: Sequence[StatedPower] | None,
) -> tuple[Timetable, list[PowerPart]]:
    """Megawatts by date of some places.

    Parameters
    ----------
    stack : LayerStack
        With the layers of :mod:`sitefinder.power.facts`.
    package : DataPackage
    config : Config
        With the section ``delivery``.
    index : (n,) int
        Places of the land index.
    xy : (n, 2) float64
        Their EPSG:5070 positions, metres.
    chosen : Chosen
        The point of the grid of each.
    routed : sequence of str or None
        Pipeline that the gas route of each leads to; None without routes.
    stated : sequence of StatedPower or None
        What the user's list says of each; None = the options of the configuration everywhere.
    """
    delivery, project = config.section("delivery"), config.project
    load = np.full(len(index), project.mw)
    start = np.full(len(index), month_number(delivery.start) - 1)  # megawatts of a month are there at its end
    hand = None if stated is None else in_hand_of(stated, delivery.options, start)
    intact_mw, share = chosen.points.intact_mw, delivery.flexible.curtailment
    service = non_firm(Authorities(package), xy, intact_mw, load, curtailment=share, claimed=delivery.grid.claimed)
    facts = site_facts(
        stack, package, delivery, index=index, xy=xy, chosen=chosen, load_mw=load, non_firm_mw=service.mw, hand=hand
    )
    if config.needs is not None and PIPELINE_CAPACITY in package.resources:
        mmcfd = gas_pipelines(stack, package, index=index, routed=routed).mmcfd
        facts = replace(facts, trunk_mw=trunk_mw(mmcfd, config.needs.gas), firm_mw=firm_mw(mmcfd, config.needs.gas))
    table, limits = timetable(facts, delivery, project), station_limits(package, chosen)
    network = Network(service, limits, lift_price_musd(limits, facts, config), delivery.withdrawal.contested)
    return table, power_parts(table, facts, network)


def lift_price_musd(limits: StationLimits, facts: Facts, config: Config) -> np.ndarray:
    """(n,) most likely cost of strengthening what limits each station; NaN without the sections of routes and costs."""
    connections, costs = config.connections, config.costs
    if connections is None or costs is None:
        return np.full(facts.size, np.nan)
    brings = np.nan_to_num(limits.lifted_mw - limits.typical_mw)
    km, kv = np.nan_to_num(limits.limit_km), np.nan_to_num(limits.limit_kv).astype(np.int64)
    element = Element(list(limits.limit_kind), kv, km, brings, list(facts.region))
    return lift_musd(connections.grid, element, costs.substation.transformer_usd_mva)[:, MID]
