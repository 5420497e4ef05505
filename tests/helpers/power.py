"""Facts of made-up sites, for the tests of megawatts by date."""

from __future__ import annotations

import dataclasses

import numpy as np

from sitefinder.power.facts import Facts

NAN = float("nan")
#: a good site in ERCOT: 345 kV station 5 km away with ample headroom, gas next door, no closed plant, no planned line
GOOD = {
    "region": "ERCOT",
    "headroom_mw": (600.0, 1500.0, 2500.0),
    "before_mw": 1600.0,
    "claimed_mw": 200.0,
    "station": "HUB",
    "station_kv": 345.0,
    "station_km": 5.0,
    "cut_in": False,
    "reusable_mw": 0.0,
    "reusable_km": NAN,
    "reusable_months": NAN,
    "planned_kv": NAN,
    "planned_km": NAN,
    "planned_months": NAN,
    "gas_km": 3.0,
    "gas_pipelines": 2.0,
    "nonattainment": 0.0,
    "trunk_mw": NAN,
}


def sites(*changes: dict) -> Facts:
    """One site for each mapping: the good one with these facts instead."""
    rows = [GOOD | c for c in changes or ({},)]
    columns = {}
    for field in dataclasses.fields(Facts):
        values = [r[field.name] for r in rows]
        text = field.name in ("region", "station")
        columns[field.name] = np.array(values, object) if text else np.array(values, np.float64)
    return Facts(**columns)
