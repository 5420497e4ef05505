"""Predictors of the learned model: physical layers, each with the direction of its effect where physics gives one.

Left out on purpose: what campuses claim of the headroom, and layers that subtract it (they follow announcements), distance to
data centers and exchange facilities (they are data centers), moratoria and queues (they
follow announcements), incentives and energy communities (they name states and counties), land value (unknown in a quarter of
the country), land taken by lines and stations (a campus brings its own: held-out campuses would rank far better by them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

#: distance (km) over which what a near feature is worth falls to 1/e
DECAY_KM = 10.0


@dataclass(frozen=True)
class Feature:
    """One predictor.

    Parameters
    ----------
    layer : str
        Layer of the stack.
    direction : -1, 0 or 1
        -1: suitability never rises with the layer's value, 1: never falls, 0: free.
    shape : "plain", "log" or "decay"
        "log": modelled in log(1 + x), for sums and counts that span orders of magnitude. "decay": in -exp(-x / 10 km), for
        distances: the first kilometres count most. Both rise with x, so that the direction is that of the layer.
    """

    layer: str
    direction: Literal[-1, 0, 1]
    shape: Literal["plain", "log", "decay"] = "plain"

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Layer values as the model sees them, in the precision given."""
        if self.shape == "plain":
            return np.asarray(x)
        known = np.maximum(x, 0.0)
        return np.log1p(known) if self.shape == "log" else -np.exp(-known / DECAY_KM)

    def inverse(self, t: np.ndarray) -> np.ndarray:
        """Layer values of what the model sees; far distances, whose decay is as good as zero, become very far."""
        if self.shape == "plain":
            return np.asarray(t)
        return np.expm1(t) if self.shape == "log" else -DECAY_KM * np.log(np.maximum(-np.asarray(t), np.finfo(np.float64).tiny))


FEATURES = (
    Feature("substation_230_km", -1, "decay"),
    Feature("substation_345_km", -1, "decay"),
    Feature("substation_500_km", -1, "decay"),
    Feature("line_230_km", -1, "decay"),
    Feature("line_345_km", -1, "decay"),
    Feature("line_500_km", -1, "decay"),
    Feature("substation_345_line_ends", 1),
    Feature("generation_50km_mw", 1, "log"),
    Feature("reusable_25km_mw", 1, "log"),
    Feature("transfer_mw", 1, "log"),
    Feature("headroom_25km_mw", 1, "log"),
    Feature("power_price_usd_mwh", -1),
    Feature("gas_interstate_km", -1, "decay"),
    Feature("gas_any_km", -1, "decay"),
    Feature("gas_pipelines_10km", 1),
    Feature("water_stress_ratio", -1, "log"),
    Feature("river_km", -1, "decay"),
    Feature("reclaimed_25km_mgd", 1, "log"),
    Feature("drought_share", -1),
    Feature("climatic_balance_mm", 1),
    Feature("buildable_pct", 1),
    Feature("gentle_pct", 1),
    Feature("relief_m", -1, "log"),
    Feature("people_2km", 0, "log"),
    Feature("people_10km", 0, "log"),
    Feature("town_km", 0, "log"),
    Feature("highway_km", -1, "decay"),
    Feature("airport_km", 0, "log"),
    Feature("fiber_corridor_km", -1, "decay"),
    Feature("fiber_corridors_10km", 1),
    Feature("latency_ms", -1),
    Feature("flood_rank", -1),
    Feature("tornado_per_decade", -1, "log"),
    Feature("hurricane_per_decade", -1),
    Feature("seismic_pga_pct_g", -1, "log"),
    Feature("wildfire_high_share", -1),
    Feature("free_cooling_hours", 1),
    Feature("design_wetbulb_c", -1),
    Feature("employment_80km", 1, "log"),
)
