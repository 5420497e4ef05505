"""Sites made up for the tests of needs and costs."""

from __future__ import annotations

from typing import Any

import numpy as np

from sitefinder.costs.facts import CostFacts

#: a place where everything is known
KNOWN: dict[str, Any] = {
    "state": "OH",
    "free_hours": 6100.0,
    "wetbulb_c": 23.0,
    "drought": 0.1,
    "reclaimed_mgd": 40.0,
    "county_mgd": 30.0,
    "river": "Scioto River",
    "river_system": "Scioto River",
    "river_m3s": 100.0,
    "river_km": 5.0,
    "pipeline": "Texas Eastern Trans Co",
    "pipeline_mmcfd": 2000.0,
    "land_usd_acre": 200_000.0,
    "slope_pct": 2.0,
    "price_usd_mwh": 70.0,
    "price_basis": "mean of the state: customers choose their supplier (E4)",
    "region": "MISO",
    "gas_hub": "Henry Hub",
    "gas_basis": (0.0, 0.0, 0.0),
    "sales_tax": 0.05,
    "local_tax": 0.01,
    "corporate_tax": 0.06,
    "relief": "none",
    "terms": None,
}
TEXT = ("state", "river", "river_system", "pipeline", "relief", "terms", "price_basis", "region", "gas_hub")


def sites(*changes: dict[str, Any]) -> CostFacts:
    """One site per mapping of what differs from ``KNOWN``; None for a number is unknown."""
    rows = [KNOWN | change for change in (changes or ({},))]
    arrays: dict[str, np.ndarray] = {}
    for name in KNOWN:
        values = [row[name] for row in rows]
        if name in TEXT:
            arrays[name] = np.array(values, object)
        else:
            arrays[name] = np.array([np.nan if v is None else v for v in values], np.float64)
    return CostFacts(**arrays)
