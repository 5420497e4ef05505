"""What the learned model may see: physical layers, each with the direction that physics dictates, if any.

Left out on purpose: distance to data centers and exchange facilities (they are data centers), moratoria and queues (they
follow announcements), incentives and energy communities (they name states and counties), land value (unknown in a quarter of
the country).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Feature:
    """One predictor.

    Parameters
    ----------
    layer : str
        Layer of the stack.
    direction : -1, 0 or 1
        -1: suitability never rises with the layer's value, 1: never falls, 0: free.
    log : bool
        Modelled in log(1 + x): distances, sums and counts that span orders of magnitude.
    """

    layer: str
    direction: Literal[-1, 0, 1]
    log: bool = False

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Layer values as the model sees them."""
        return np.log1p(np.maximum(x, 0.0)) if self.log else np.asarray(x, np.float64)


FEATURES = (
    Feature("substation_230_km", -1, log=True),
    Feature("substation_345_km", -1, log=True),
    Feature("substation_500_km", -1, log=True),
    Feature("line_230_km", -1, log=True),
    Feature("line_345_km", -1, log=True),
    Feature("line_500_km", -1, log=True),
    Feature("substation_345_line_ends", 1),
    Feature("generation_50km_mw", 1, log=True),
    Feature("reusable_25km_mw", 1, log=True),
    Feature("transfer_mw", 1, log=True),
    Feature("power_price_usd_mwh", -1),
    Feature("gas_interstate_km", -1, log=True),
    Feature("gas_any_km", -1, log=True),
    Feature("gas_pipelines_10km", 1),
    Feature("water_stress_ratio", -1, log=True),
    Feature("river_km", -1, log=True),
    Feature("reclaimed_25km_mgd", 1, log=True),
    Feature("drought_share", -1),
    Feature("climatic_balance_mm", 1),
    Feature("buildable_pct", 1),
    Feature("slope_pct", -1, log=True),
    Feature("relief_m", -1, log=True),
    Feature("population_2km", 0, log=True),
    Feature("population_10km", 0, log=True),
    Feature("town_km", 0, log=True),
    Feature("highway_km", -1, log=True),
    Feature("airport_km", 0, log=True),
    Feature("fiber_corridor_km", -1, log=True),
    Feature("fiber_corridors_10km", 1),
    Feature("latency_ms", -1),
    Feature("county_fiber_share", 1),
    Feature("flood_rank", -1),
    Feature("tornado_per_decade", -1, log=True),
    Feature("hurricane_per_decade", -1),
    Feature("seismic_pga_pct_g", -1, log=True),
    Feature("wildfire_high_share", -1),
    Feature("free_cooling_hours", 1),
    Feature("design_wetbulb_c", -1),
    Feature("employment_80km", 1, log=True),
)
