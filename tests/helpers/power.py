"""Facts of made-up sites, for the tests of megawatts by date."""

from __future__ import annotations

import dataclasses

import numpy as np

from sitefinder.config.early_power import Options
from sitefinder.power.facts import Facts
from sitefinder.power.gas_power import GasPower
from sitefinder.power.grid_power import GridPower
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


#: no fitted factor, no slip, and every range of approvals, campus and grid a certainty
CERTAIN_CAMPUS = {
    "delivery.pace": "{halls: 1, light_halls: 1, ramp: 1, utility: 1, utility_slip: 0, own_slip: 0}",
    "delivery.approvals": (
        "{months: [1, 1, 1], full_mw: 300, contested_from: 0.5, per_blocked: [0, 0, 0], per_1000_people: [0, 0, 0]}"
    ),
    "delivery.halls.labour": "[0, 0, 0]",
    "delivery.halls.earthworks_per_slope": "[0, 0, 0]",
    "delivery.halls.standard": "{2018: [12, 12, 12]}",
    "delivery.halls.light": "[4, 4, 4]",
    "delivery.halls.whole": "[1.5, 1.5, 1.5]",
    "delivery.halls.first_share": "[0.2, 0.2, 0.2]",
    "delivery.halls.ramp": "{2018: [10, 10, 10]}",
    "delivery.halls.most_mw_per_month": "[100, 100, 100]",
    "delivery.existing": "{process: [3, 3, 3], mw: [60, 60, 60]}",
    "delivery.powered_land.left": "[0.5, 0.5, 0.5]",
}
CERTAIN_GRID = {
    "delivery.grid.letter": "[3, 3, 3]",
    "delivery.grid.first.station": "{69: [7, 7, 7]}",
    "delivery.grid.first.small_to_kv": "161",
    "delivery.grid.first.small_transformer": "0.5",
    "delivery.grid.first.line_mw": "{69: [100, 100, 100], 345: [300, 300, 300]}",
    "delivery.grid.study": "{elsewhere: [6, 6, 6]}",
    "delivery.grid.study_per_gw": "[0, 0, 0]",
    "delivery.grid.agreement": "[4, 4, 4]",
    "delivery.grid.line": "{230: {base: [10, 10, 10], per_10_km: [2, 2, 2]}}",
    "delivery.grid.substation": "{230: [18, 18, 18]}",
    "delivery.grid.transformer": "{2018: [16, 16, 16]}",
    "delivery.grid.upgrade": "{elsewhere: [40, 40, 40]}",
    "delivery.grid.energisation": "[2, 2, 2]",
    "delivery.reuse.process": "[5, 5, 5]",
    "delivery.planned.slip": "[3, 3, 3]",
    "delivery.planned.share": "[0.4, 0.4, 0.4]",
    "delivery.flexible.agreement": "[5, 5, 5]",
    "delivery.flexible.station": "{69: [9, 9, 9]}",
}
#: and every range of the gas
CERTAIN_GAS = {
    "delivery.gas.permit.minor": "{quick: [3, 3, 3], usual: [4, 4, 4], slow: [6, 6, 6]}",
    "delivery.gas.permit.major": "{quick: [12, 12, 12], usual: [15, 15, 15], slow: [30, 30, 30]}",
    "delivery.gas.nonattainment": "[6, 6, 6]",
    "delivery.gas.site_works": "[8, 8, 8]",
    "delivery.gas.lateral": "{base: [8, 8, 8], per_10_km: [4, 4, 4]}",
    "delivery.gas.fast.lead": "{2018: [10, 10, 10]}",
    "delivery.gas.fast.mw_per_year": "[300, 300, 300]",
    "delivery.gas.fast.most_mw": "[500, 500, 500]",
    "delivery.gas.combined_cycle.lead": "{2018: [48, 48, 48]}",
    "delivery.gas.combined_cycle.erection": "[12, 12, 12]",
    "delivery.gas.combined_cycle.between_trains": "[6, 6, 6]",
    "delivery.gas.commissioning": "[2, 2, 2]",
    "delivery.gas.pipeline_mw": "[400, 400, 400]",
    "delivery.gas.expansion": "[20, 20, 20]",
    "delivery.gas.new_pipeline": "[70, 70, 70]",
    "delivery.mobile": "{permit: [2, 2, 2], delivery: [5, 5, 5], mw: [150, 150, 150]}",
}
CERTAIN = {"delivery.draws": "200"} | CERTAIN_CAMPUS | CERTAIN_GRID | CERTAIN_GAS
#: months at which curves are compared
TIMES = (0.0, 12.0, 18.0, 25.0, 37.0, 49.0, 61.0, 85.0, 109.0, 200.0)


def curve(power: GridPower | GasPower) -> np.ndarray:
    """MW at ``TIMES``, (times, n, draws)."""
    return np.stack([np.broadcast_to(power.mw(t), power.shape) for t in TIMES])


def ready(power: GridPower | GasPower, event: str) -> float:
    """Month of an event in the first draw of the first site."""
    return float(power.ready[event][0, 0])
