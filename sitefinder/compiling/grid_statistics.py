"""Statistics of lines and transformers by voltage class, from a synthetic network whose places are invented."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sitefinder.compiling.base import Compiler
from sitefinder.compiling.powerflow.parameters import Statistics
from sitefinder.grid import great_circle_km

SYNTHETIC_RAW = tuple(f"grid/synthetic_network/tamu_{name}.parquet" for name in ("bus", "branch", "bus2sub", "sub"))
#: voltages of the synthetic network, kV, and the class of the line register that they belong to
CLASS_OF_KV = {100: 138, 115: 138, 138: 138, 161: 138, 230: 230, 345: 345, 500: 500, 765: 765}
#: base of the per-unit system of the synthetic network, MVA
BASE_MVA = 100.0
#: shorter lines say more about how the bus was drawn than about the line
LEAST_KM = 3.0
#: pairs of classes with fewer transformers get those of the nearest pair that has enough
ENOUGH = 20
QUANTILES = (0.1, 0.5, 0.9)


def line_statistics(c: Compiler) -> Statistics:
    """Quantiles of reactance and rating per class, and how often branches are doubled."""
    bus, branch, to_sub, sub = (pd.read_parquet(c.raw(name)) for name in SYNTHETIC_RAW)
    at = bus[["bus_id", "baseKV"]].merge(to_sub[["bus_id", "sub_id"]]).merge(sub[["sub_id", "lat", "lon"]]).set_index("bus_id")
    a, b = at.loc[branch["from_bus_id"]], at.loc[branch["to_bus_id"]]
    table = pd.DataFrame(
        {
            "kv": np.maximum(a["baseKV"].to_numpy(), b["baseKV"].to_numpy()),
            "low": np.minimum(a["baseKV"].to_numpy(), b["baseKV"].to_numpy()),
            "x": branch["x"].to_numpy(),
            "mva": branch["rateA"].to_numpy(),
            "km": great_circle_km(a["lat"].to_numpy(), a["lon"].to_numpy(), b["lat"].to_numpy(), b["lon"].to_numpy()),
            "pair": [tuple(sorted(p)) for p in zip(branch["from_bus_id"], branch["to_bus_id"], strict=True)],
            "line": branch["branch_device_type"].eq("Line").to_numpy(),
        }
    )
    table["class"], table["low_class"] = table["kv"].map(CLASS_OF_KV), table["low"].map(CLASS_OF_KV)
    table = table[table["class"].notna() & table["low_class"].notna() & (table["mva"] > 0)]
    lines = table[table["line"] & (table["kv"] == table["low"])]
    banks = table[~table["line"] & (table["class"] != table["low_class"])]
    long = lines[lines["km"] > LEAST_KM]
    ohm = long["x"] * long["kv"] ** 2 / BASE_MVA / long["km"]
    doubled = lines[lines["class"] >= 230].groupby("pair").size()
    number = banks.groupby("pair").size().clip(upper=3)
    return Statistics(
        _by_class(ohm, long["class"]),
        _by_class(lines["mva"], lines["class"]),
        bank_ratings(banks),
        _quantiles(banks["x"] * banks["mva"] / BASE_MVA),
        float((doubled > 1).mean()),
        np.array([(number == k).mean() for k in (1, 2, 3)]),
    )


def _by_class(values: pd.Series, kv: pd.Series) -> dict[int, np.ndarray]:
    return {level: _quantiles(values[kv == level]) for level in sorted(set(CLASS_OF_KV.values()))}


def bank_ratings(banks: pd.DataFrame) -> dict[tuple[int, int], np.ndarray]:
    """Ratings (MVA) of transformer banks by the pair of voltage classes that they join."""
    classes = sorted(set(CLASS_OF_KV.values()))
    pairs = [(a, b) for a in classes for b in classes if a > b]
    groups = {p: banks["mva"][(banks["class"] == p[0]) & (banks["low_class"] == p[1])] for p in pairs}
    known = {p: _quantiles(v) for p, v in groups.items() if len(v) >= ENOUGH}
    return {p: known[_nearest_pair(p, list(known))] for p in pairs}


def _nearest_pair(pair: tuple[int, int], known: list[tuple[int, int]]) -> tuple[int, int]:
    """Known pair of classes nearest to another pair, by the higher class first."""
    return min(known, key=lambda other: (abs(other[0] - pair[0]), abs(other[1] - pair[1])))


def _quantiles(values: pd.Series) -> np.ndarray:
    return np.asarray(values.quantile(list(QUANTILES)).to_numpy(np.float64))
