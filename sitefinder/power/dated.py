"""Tables of campuses with the month of their commitment, and where known the months in which megawatts came."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sitefinder.config.early_power import Options
from sitefinder.config.project import NON_FIRM
from sitefinder.errors import SitesError
from sitefinder.months import month_number, read_month
from sitefinder.power.in_hand import InHand
from sitefinder.power.skill import Truth
from sitefinder.power.stated import in_hand_of, is_empty, stated_power_of, yes_no

NEEDED = ("name", "lat", "lon", "commit")
#: columns of the load in MW, the first that a table has counts
LOAD = ("mw_full", "mw")
#: months of the events whose dates are estimated, as a table names them; the suffix "_kind" says r (realised) or p (planned)
EVENTS = ("first_power", "date_200mw", "date_500mw", "date_full")
#: the same as the result names them
RESULTS = ("first_50mw", "first_200mw", "first_500mw", "full")
REALISED = "r"
#: column of campuses on the land of a closed plant
REUSED = "reused_plant"


@dataclass(frozen=True)
class Dated:
    """Campuses of a table.

    Parameters
    ----------
    names : list of str
    lat, lon : (n,) float64
        Degrees, WGS 84.
    commit : (n,) int64
        Month of the commitment, as of :func:`sitefinder.months.month_number`.
    load_mw : (n,) float64
        NaN = not said.
    pathway : list of str or None
    hand : InHand
    truth : dict
        Event of ``RESULTS`` -> :class:`Truth`; without entries where the table has no realised dates.
    """

    names: list[str]
    lat: np.ndarray
    lon: np.ndarray
    commit: np.ndarray
    load_mw: np.ndarray
    pathway: list[str | None]
    hand: InHand
    truth: dict[str, Truth]


def read_dated(path: Path, options: Options, *, looked: str | None = None) -> Dated:
    """Read a table: CSV with ``name, lat, lon, commit`` and optional columns of load, pathway, facts and realised months.

    Parameters
    ----------
    path : Path
        CSV or Parquet.
    options : Options
        What holds where a column is missing or empty.
    looked : str, optional
        Month of the last look, for events that had not come; the latest realised month of the table where it is not given.

    Raises
    ------
    SitesError
        A column is missing, or a value or ``looked`` is wrong: one line with row, column and remedy.
    """
    if looked is not None and read_month(looked) is None:
        raise SitesError(f"Invalid month of the last look '{looked[:20]}'. Write YYYY-MM, e.g. 2026-07.")
    table = _read(path)
    missing = [name for name in NEEDED if name not in table]
    if missing or table.empty:
        what = f"lacks the column '{missing[0]}'" if missing else "holds no rows"
        raise SitesError(f"Invalid table {path}: it {what}. It needs name, lat, lon and commit (YYYY-MM).")
    months = {name: _months(path, table, name) for name in ("commit", *EVENTS) if name in table}
    if np.isnan(months["commit"]).any():
        row = int(np.isnan(months["commit"]).argmax()) + 1
        raise SitesError(f"Invalid table {path}, row {row}: commit is empty. Write YYYY-MM.")
    commit = months["commit"].astype(np.int64)
    load = next((_numbers(path, table, name, low=0.0) for name in LOAD if name in table), np.full(len(table), np.nan))
    return Dated(
        names=[str(name) for name in table["name"]],
        lat=_numbers(path, table, "lat", low=-90.0, high=90.0, needed=True),
        lon=_numbers(path, table, "lon", low=-180.0, high=180.0, needed=True),
        commit=commit,
        load_mw=np.where(load > 0, load, np.nan),
        pathway=[_pathway(value) for value in table["pathway"]] if "pathway" in table else [None] * len(table),
        hand=_hand(path, table, options, commit),
        truth=_truth(table, months, commit, None if looked is None else month_number(looked[:7])),
    )


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except FileNotFoundError:
        raise SitesError(f"Cannot read table {path}: there is no such file. Name a CSV with name, lat, lon and commit.") from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SitesError(f"Cannot read table {path}: {str(error).splitlines()[0][:120]}. Save it as CSV in UTF-8.") from None
    table = table.rename(columns=lambda name: str(name).strip().lower())
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise SitesError(f"Invalid table {path}: the column '{repeated[0]}' stands twice. Remove one.")
    return table


def _numbers(
    path: Path, table: pd.DataFrame, name: str, *, low: float, high: float = math.inf, needed: bool = False
) -> np.ndarray:
    """(n,) numbers of a column, NaN where it is empty."""
    out = np.full(len(table), np.nan)
    for i, value in enumerate(table[name]):
        if is_empty(value) and not needed:
            continue
        try:
            out[i] = float(value)
        except (TypeError, ValueError):
            out[i] = math.nan
        if not low <= out[i] <= high or math.isinf(out[i]):
            text = "" if is_empty(value) else str(value)[:20]
            raise SitesError(
                f"Invalid table {path}, row {i + 1}: {name} '{text}' is no number from {low:g} to {high:g}. Correct it."
            )
    return out


def _months(path: Path, table: pd.DataFrame, name: str) -> np.ndarray:
    """(n,) month numbers of a column, NaN where it is empty."""
    out = np.full(len(table), np.nan)
    for i, value in enumerate(table[name]):
        if is_empty(value):
            continue
        month = read_month(value)
        if month is None:
            raise SitesError(
                f"Invalid table {path}, row {i + 1}: {name} '{str(value)[:20]}' is no month. Write YYYY-MM, e.g. 2024-06."
            )
        out[i] = month_number(month)
    return out


def _pathway(value: Any) -> str | None:
    """The pathway that a word of a table means; None where it is empty.

    >>> _pathway("hybrid"), _pathway("reuse of closed plant"), _pathway("on-site gas")
    ('hybrid', 'grid', 'onsite_gas')
    """
    if is_empty(value):
        return None
    text = str(value).strip().lower().replace("-", "_").replace(" ", "_")
    if text in (NON_FIRM, "hybrid"):
        return text
    return ("hybrid" if "grid" in text else "onsite_gas") if "gas" in text else "grid"


def _hand(path: Path, table: pd.DataFrame, options: Options, commit: np.ndarray) -> InHand:
    """What the campuses had: the columns of a list of one's own, and ``reused_plant``, which is an owned connection, too."""
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    stated = [stated_power_of(row) for row in rows]
    plant = [False if is_empty(row.get(REUSED)) else yes_no(row[REUSED]) for row in rows]
    for i, (said, reused) in enumerate(zip(stated, plant, strict=True)):
        problem = said if isinstance(said, str) else f"{REUSED} {reused}." if isinstance(reused, str) else None
        if problem:
            raise SitesError(f"Invalid table {path}, row {i + 1}: {problem}")
    hand = in_hand_of([said for said in stated if not isinstance(said, str)], options, commit)
    existing = hand.existing | np.array(plant, bool)
    # who commits has what the place has to give; campuses that owned a connection filled it before they asked for more
    return replace(hand, existing=existing, runs_first=existing, approved=np.ones(len(rows), bool))


def _truth(table: pd.DataFrame, months: dict[str, np.ndarray], commit: np.ndarray, looked: float | None) -> dict[str, Truth]:
    """Realised months by event; what is only planned, or not there, had not come at the last look."""
    came = {}
    for event in EVENTS:
        if event in months:
            kind = table.get(f"{event}_kind")
            realised = ~np.isnan(months[event])
            came[event] = realised & (np.array([str(k).strip() == REALISED for k in kind]) if kind is not None else True)
    if not any(c.any() for c in came.values()):
        return {}
    last = looked if looked is not None else max(months[e][c].max() for e, c in came.items() if c.any())
    truth = {}
    for event, result in zip(EVENTS, RESULTS, strict=True):
        if event in came:
            planned = np.fmin(months[event], last)
            truth[result] = Truth(np.where(came[event], months[event], np.maximum(planned, commit)) - commit, came[event])
    return truth
