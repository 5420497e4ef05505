"""Load that each balancing authority can add below its seasonal peaks, by the share of its energy that may be curtailed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from sitefinder.compiling.base import Compiler, Product
from sitefinder.kernels import curtailment as kernel

#: hourly demand, MW, one column per authority; lies beside the folder of the other downloads
HOURS_RAW = "../truth/curtailment/eia930_hourly_2016_2024.parquet"
#: first hour of that file, UTC, and whole years in it
FIRST_HOUR, YEARS = "2016-01-01", range(2016, 2025)
#: hours from UTC to local standard time, by code of form EIA-930; the headroom does not depend on it by more than 1e-5
UTC_OFFSET_H: Mapping[str, int] = {
    **dict.fromkeys(("PJM", "ISNE", "NYIS", "DUK", "CPLE", "FPC", "FPL", "SCEG", "SC"), -5),
    **dict.fromkeys(("MISO", "ERCO", "SWPP", "SOCO", "TVA"), -6),
    **dict.fromkeys(("AZPS", "PACE", "PSCO", "SRP"), -7),
    **dict.fromkeys(("CISO", "BPAT", "PACW", "PGE"), -8),
}
#: months of the peaks where the report departs from June to August and from December to February
SUMMER: Mapping[str, frozenset[int]] = {"CISO": frozenset({5, 6, 7, 8, 9})}
WINTER: Mapping[str, frozenset[int]] = dict.fromkeys(("CISO", "AZPS", "FPL"), frozenset({11, 12, 1, 2, 3}))
#: curtailed shares of the table: evenly spaced in the logarithm, and the four of the report
REPORTED = (0.0025, 0.005, 0.01, 0.05)
SHARES = np.unique(np.concatenate([np.geomspace(0.0001, 0.2, 37), REPORTED]))
LEFT = {"hours_half_left": 0.5, "hours_three_quarters_left": 0.75, "hours_nine_tenths_left": 0.9}
PERCENT = 100.0


class Demand(NamedTuple):
    """Hours of one authority: (n,) MW, months and years in local standard time."""

    mw: np.ndarray
    month: np.ndarray
    year: np.ndarray


def compile_flexible(c: Compiler) -> None:
    """``grid/curtailment.parquet``: one row per authority and curtailed share."""
    hours = pd.read_parquet(c.raw(HOURS_RAW))
    c.table(product(), pd.concat([authority_table(code, local(hours[code])) for code in sorted(hours.columns)]))


def local(demand: pd.Series) -> Demand:
    """Demand with months and years of local standard time; the few hours outside the whole years count with the nearest."""
    utc = pd.date_range(FIRST_HOUR, periods=len(demand), freq="h")
    here = utc + pd.Timedelta(hours=UTC_OFFSET_H[str(demand.name)])
    return Demand(demand.to_numpy(np.float64), here.month.to_numpy(), here.year.to_numpy().clip(YEARS[0], YEARS[-1]))


def peaks_of(code: str, demand: Demand) -> kernel.Peaks:
    """Seasonal peaks in the months that the report uses for this authority."""
    return kernel.seasonal_peaks(
        demand.mw, demand.month, summer=SUMMER.get(code, kernel.SUMMER), winter=WINTER.get(code, kernel.WINTER)
    )


def authority_table(code: str, demand: Demand) -> pd.DataFrame:
    """Rows of one authority, columns as in :func:`product`."""
    peaks = peaks_of(code, demand)
    room = kernel.room_of(demand.mw, demand.month, peaks)
    ordered = kernel.sorted_room(room, len(YEARS))
    added = kernel.headroom_mw(ordered, SHARES)
    table = pd.DataFrame(
        {
            "ba": code,
            "curtailed_pct": PERCENT * SHARES,
            "added_mw": added,
            "hours": kernel.curtailed_hours(ordered, added),
            **{name: kernel.curtailed_hours(ordered, added, left=left) for name, left in LEFT.items()},
        }
    )
    runs = [kernel.events(room < mw, demand.year) for mw in added]
    longest = np.array([[lengths[year == y].max(initial=0) for y in YEARS] for lengths, year in runs], np.float64)
    factors = load_factors(demand, peaks)
    return table.assign(
        event_h=[lengths.mean() if lengths.size else 0.0 for lengths, _ in runs],
        longest_h=longest.mean(axis=1),
        longest_worst_h=longest.max(axis=1),
        summer_peak_mw=peaks.summer,
        winter_peak_mw=peaks.winter,
        **{name: np.float64(value) for name, value in factors.items()},
    ).astype({"added_mw": np.float64})


def load_factors(demand: Demand, peaks: kernel.Peaks) -> dict[str, float]:
    """Mean demand over the peak: of all hours, of November to March, of June to August."""
    cold, warm = ~np.isin(demand.month, list(kernel.WARM)), np.isin(demand.month, list(kernel.SUMMER))
    return {
        "load_factor": float(demand.mw.mean() / demand.mw.max()),
        "winter_load_factor": float(demand.mw[cold].mean() / peaks.winter),
        "summer_load_factor": float(demand.mw[warm].mean() / peaks.summer),
    }


def product() -> Product:
    """Register entry."""
    return Product(
        path="grid/curtailment.parquet",
        title="Load that balancing authorities can add below their seasonal peaks, by curtailed share",
        publisher=(
            "US Energy Information Administration, form EIA-930; cleaned by Ruggles et al. (2020), doi 10.1038/s41597-020-0483-x"
        ),
        vintage="2016-2024",
        licence="CC BY 4.0",
        grade="E4",
        caveat=(
            "Room below past peaks of demand, of the whole authority: no lines, no fuel, no plants closed or added since, no "
            "reserve for weather worse than nine years, and nothing taken by load that has been contracted since. All new load "
            "of the authority shares it. Imputed hours are up to a tenth of 2016-2019 in SWPP, SC, PACE and PACW."
        ),
        method=(
            "Norris et al. (2025), Rethinking Load Growth, Duke University: a constant load is curtailed by what exceeds the "
            "peak of summer (April to October) or winter (November to March), all years together; share = curtailed energy / "
            "(load x 8,760 h), mean over the years. Solved for the load exactly."
        ),
        sources=(HOURS_RAW,),
        fields={
            "ba": "code of the authority in form EIA-930",
            "curtailed_pct": "share of the new load's yearly energy that is curtailed, %",
            "added_mw": "largest constant new load at that share, MW",
            "hours": "hours per year in which some of it is curtailed",
            "hours_half_left": "of these, hours with at least half of the load running",
            "hours_three_quarters_left": "of these, hours with at least three quarters running",
            "hours_nine_tenths_left": "of these, hours with at least nine tenths running",
            "event_h": "mean length of a run of curtailed hours, h",
            "longest_h": "longest run of curtailed hours of a year, mean over the years, h",
            "longest_worst_h": "longest run in all years, h",
            "summer_peak_mw": "highest demand of June to August (CISO: May to September), MW",
            "winter_peak_mw": "highest demand of December to February (CISO, AZPS, FPL: November to March), MW",
            "load_factor": "mean over highest demand, all hours",
            "winter_load_factor": "mean of November to March over the winter peak",
            "summer_load_factor": "mean of June to August over the summer peak",
        },
    )
