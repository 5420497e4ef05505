"""Grid capacity, continued: interconnections of closed and closing plants, by what their rights are still worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.layers.files import REUSABLE
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer
from sitefinder.months import month_number

if TYPE_CHECKING:
    from sitefinder.config import Config

#: radius within which a closed plant's interconnection can be reached by a new line
REUSE_KM = 25.0


def reuse_settings(config: Config) -> Mapping[str, Any]:
    """What the layer takes from the configuration: the month of the start, and the chances of a right."""
    delivery = config.section("delivery")
    return {"start": delivery.start, "reuse": delivery.reuse.model_dump(mode="json")}


@layer(
    layer_id="reusable_aged_25km_mw",
    family="grid_capacity",
    title="Reusable MW of retired or retiring plants within 25 km",
    unit="MW",
    meaning="Capacity of retired and retiring plants (50 MW and more) within 25 km whose interconnection may be reused, each "
    "counted by the chance that its right still exists over that of a plant still open: in full up to a year after its closure, "
    "less up to three years, least later; capacity operating today within 2 km of a retired plant is subtracted.",
    better="high",
    valid=(0.0, 20_000.0),
    sources=(REUSABLE,),
    grade="E4",
    caveat="Whether the owner kept the interconnection right is not public; the chances are judgement; repowered plants are left "
    "out.",
    parameters=reuse_settings,
)
def reusable_aged_25km_mw(sources: Sources) -> np.ndarray:
    """Sum of MW that left or leaves the grid nearby, times what is left of each right."""
    plants, delivery = sources.features(REUSABLE), sources.config.section("delivery")
    in_use = np.where(plants["status"] == "retired", plants["operating_mw_2km"], 0.0)
    free = np.maximum(plants["mw"].to_numpy(np.float64) - in_use, 0.0)
    closes = np.array([month_number(m) - month_number(delivery.start) for m in plants["closed"]], np.float64)
    left = delivery.reuse.chance(closes) / max(delivery.reuse.chance_open, np.finfo(np.float64).tiny)
    return sources.sum_within_km(plants.geometry.values, free * left, REUSE_KM)
