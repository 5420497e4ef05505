"""Megawatts by date as two tables: the curves, and the steps behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sitefinder.config.delivery import YEARS
from sitefinder.config.project import PATHWAYS
from sitefinder.power.timetable import STEPS, Timetable

CURVES_HEAD = "site_id,pathway,chosen,year,mw_p10,mw_p50,mw_p90"
STEPS_HEAD = "site_id,pathway,step,months_p10,months_p50,months_p90,critical_share,binding_share"
#: digits of shares and months in the tables
DECIMALS = 3


def curves_csv(table: Timetable, site_ids: Sequence[str]) -> bytes:
    """Megawatts at the end of each year, per site and pathway; empty = unknown."""
    lines = [CURVES_HEAD]
    for i, site_id in enumerate(site_ids):
        for pathway in PATHWAYS:
            mw = table.pathways[pathway].mw[i]
            head = f"{site_id},{pathway},{int(table.chosen[i] == pathway)}"
            lines += [f"{head},{year},{','.join(_number(v, 0) for v in mw[y])}" for y, year in enumerate(YEARS)]
    return ("\n".join(lines) + "\n").encode()


def steps_csv(table: Timetable, site_ids: Sequence[str]) -> bytes:
    """Length of each step and how often it lies on the critical path to full load; steps that never do are left out."""
    lines = [STEPS_HEAD]
    for i, site_id in enumerate(site_ids):
        for pathway in PATHWAYS:
            path = table.pathways[pathway]
            for s, step in enumerate(STEPS[pathway]):
                if path.critical[i, s] != 0.0:
                    months = ",".join(_number(v, 1) for v in path.step_months[i, s])
                    shares = f"{_number(path.critical[i, s], DECIMALS)},{_number(path.binding[i, s], DECIMALS)}"
                    lines.append(f"{site_id},{pathway},{step},{months},{shares}")
    return ("\n".join(lines) + "\n").encode()


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""
