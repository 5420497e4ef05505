"""Megawatts by date as columns of the sites and as two tables: the curves, and the steps behind them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sitefinder.months import month_name, month_number
from sitefinder.power.facts import Facts
from sitefinder.power.timetable import PATHWAYS, STEPS, YEARS, Pathway, Timetable

QUANTILES = ("p10", "p50", "p90")
CURVES_HEAD = "site_id,pathway,chosen,year,mw_p10,mw_p50,mw_p90"
STEPS_HEAD = "site_id,pathway,step,months_p10,months_p50,months_p90,critical_share,binding_share"
#: digits of shares and months in the tables
DECIMALS = 3


def delivery_columns(table: Timetable, facts: Facts) -> list[dict[str, Any]]:
    """Values of the columns of ``outputs.columns.DELIVERY``, one mapping per site; unknown and never are None."""
    return [_site(table, facts, i) for i in range(facts.size)]


def _site(table: Timetable, facts: Facts, i: int) -> dict[str, Any]:
    name = str(table.chosen[i])
    chosen = table.pathways[name]
    row: dict[str, Any] = {
        "pathway": name,
        "first_200mw_p50": _month(table, chosen.first_months[i, 1]),
        **{f"full_load_{q}": _month(table, chosen.full_months[i, k]) for k, q in enumerate(QUANTILES)},
        "p_full_by_date": chosen.p_full[i],
        "binding_step": _binding(name, chosen, i),
    }
    for pathway, found in table.pathways.items():
        row[f"{pathway}_first_200mw_p50"] = _month(table, found.first_months[i, 1])
        row[f"{pathway}_p_full"] = found.p_full[i]
    row |= {f"mw_{q}_{year}": chosen.mw[i, y, k] for y, year in enumerate(YEARS) for k, q in enumerate(QUANTILES)}
    row |= {"grid_station": facts.station[i], "grid_station_kv": facts.station_kv[i], "grid_station_km": facts.station_km[i]}
    return row | {f"grid_headroom_mw_{q}": facts.headroom_mw[i, k] for k, q in enumerate(QUANTILES)}


def _month(table: Timetable, months: float) -> str | None:
    """Calendar month that ends this many months after the start; None for unknown and never."""
    return month_name(month_number(table.start) + max(int(months) - 1, 0)) if math.isfinite(months) else None


def _binding(name: str, pathway: Pathway, i: int) -> str | None:
    shares = pathway.binding[i]
    return None if np.isnan(shares).any() else STEPS[name][int(shares.argmax())]


def curves_csv(table: Timetable, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Megawatts at the end of each year, per site and pathway; empty = unknown."""
    lines = [CURVES_HEAD]
    for i, row in enumerate(rows):
        for pathway in PATHWAYS:
            mw = table.pathways[pathway].mw[i]
            head = f"{row['site_id']},{pathway},{int(table.chosen[i] == pathway)}"
            lines += [f"{head},{year},{','.join(_number(v, 0) for v in mw[y])}" for y, year in enumerate(YEARS)]
    return ("\n".join(lines) + "\n").encode()


def steps_csv(table: Timetable, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Length of each step and how often it lies on the critical path to full load; steps that never do are left out."""
    lines = [STEPS_HEAD]
    for i, row in enumerate(rows):
        for pathway in PATHWAYS:
            found = table.pathways[pathway]
            for s, step in enumerate(STEPS[pathway]):
                if found.critical[i, s] != 0.0:
                    months = ",".join(_number(v, 1) for v in found.step_months[i, s])
                    shares = f"{_number(found.critical[i, s], DECIMALS)},{_number(found.binding[i, s], DECIMALS)}"
                    lines.append(f"{row['site_id']},{pathway},{step},{months},{shares}")
    return ("\n".join(lines) + "\n").encode()


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""
