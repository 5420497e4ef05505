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


def curve_rows(table: Timetable, i: int) -> list[str]:
    """Megawatts of one site at the end of each year by pathway, as rows without its key; empty = unknown."""
    rows = []
    for pathway in PATHWAYS:
        head = f"{pathway},{int(table.chosen[i] == pathway)}"
        mw = table.pathways[pathway].mw[i].tolist()
        rows += [f"{head},{year},{','.join(_number(v, 0) for v in mw[y])}" for y, year in enumerate(YEARS)]
    return rows


def step_rows(table: Timetable, i: int) -> list[str]:
    """Length of each step of one site and how often it lies on the critical path to full load, as rows without its key.

    Steps that never lie on it are left out.
    """
    rows = []
    for pathway in PATHWAYS:
        path = table.pathways[pathway]
        for s, step in enumerate(STEPS[pathway]):
            if path.critical[i, s] != 0.0:
                months = ",".join(_number(v, 1) for v in path.step_months[i, s])
                rows.append(
                    f"{pathway},{step},{months},{_number(path.critical[i, s], DECIMALS)},{_number(path.binding[i, s], DECIMALS)}"
                )
    return rows


def keyed_csv(head: str, site_ids: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A table of the rows of every site, each with the key of its site before it."""
    lines = [head, *(f"{site_id},{row}" for site_id, some in zip(site_ids, rows, strict=True) for row in some)]
    return ("\n".join(lines) + "\n").encode()


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""
