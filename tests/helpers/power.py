"""Facts of made-up sites, for the tests of megawatts by date."""

from __future__ import annotations

import dataclasses

import numpy as np

from sitefinder.config.early_power import Options
from sitefinder.power.facts import Facts
from sitefinder.power.in_hand import InHand

NAN = float("nan")
#: a good site in ERCOT: 345 kV station 5 km away with ample headroom, gas next door, no closed plant, no planned line, no line
#: to be cut into
GOOD = {
    "load_mw": 1000.0,
    "year": 2026,
    "state": "TX",
    "region": "ERCOT",
    "headroom_mw": (600.0, 1500.0, 2500.0),
    "before_mw": 1600.0,
    "claimed_mw": 200.0,
    "station": "HUB",
    "station_kv": 345.0,
    "station_km": 5.0,
    "cut_in": False,
    "cut_in_kv": 138.0,
    "cut_in_km": np.inf,
    "non_firm_mw": (900.0, 1800.0, 2800.0),
    "reusable_mw": 0.0,
    "reusable_km": NAN,
    "reusable_months": NAN,
    "planned_kv": NAN,
    "planned_km": NAN,
    "planned_months": NAN,
    "gas_km": 3.0,
    "gas_pipelines": 2.0,
    "nonattainment": 0.0,
    "blocked": 0.5,
    "slope_pct": 1.0,
    "jobs": 300_000.0,
    "people": 100.0,
    "firm_mw": NAN,
    "trunk_mw": NAN,
}


def sites(*changes: dict) -> Facts:
    """One site for each mapping: the good one with these facts instead; keys of :class:`InHand` say what is in hand there."""
    rows = changes or ({},)
    columns = {}
    for field in dataclasses.fields(Facts):
        if field.name != "hand":
            values = [(GOOD | dict(r))[field.name] for r in rows]
            kind = object if field.name in ("state", "region", "station") else np.int64 if field.name == "year" else np.float64
            columns[field.name] = np.array(values, kind)
    nothing = InHand.of_options(Options(), 1)
    hand = {}
    for field in dataclasses.fields(InHand):
        none = getattr(nothing, field.name)[0]
        hand[field.name] = np.array([r.get(field.name, none) for r in rows])
    return Facts(hand=InHand(**hand), **columns)
