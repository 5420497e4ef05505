"""The campuses of a finished run as arrays: what a choice among them needs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.config.portfolio import FIRST_YEAR, LAST_YEAR
from sitefinder.errors import DataError
from sitefinder.sites.kept import read_list
from sitefinder.units import KM_PER_EARTH_RADIUS

YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
QUANTILES = ("p10", "p50", "p90")
#: mean of an amount whose quantile function is straight between P10, P50 and P90 and flat beyond (also known as Swanson's rule)
MEAN_WEIGHTS = (0.3, 0.4, 0.3)
#: columns without which nothing can be chosen, and the section of the configuration that fills them
NEEDED: Mapping[str, str] = {
    "pathway": "delivery",
    **{f"mw_{q}_{y}": "delivery" for y in YEARS for q in QUANTILES},
    "capex_musd_mid": "costs",
}
#: name of the group of sites of which the group is unknown
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sites:
    """Campuses that may be chosen.

    Parameters
    ----------
    rows : list of mapping
        Properties of the list of sites, in its order.
    outlines : list of mapping
        GeoJSON geometries.
    project_mw : float
        Load of one campus at full build-out.
    left_out : mapping
        Site that cannot be chosen -> why.
    """

    rows: list[dict[str, Any]]
    outlines: list[dict[str, Any]]
    project_mw: float
    left_out: Mapping[str, str]

    @property
    def size(self) -> int:
        """Number of sites."""
        return len(self.rows)

    @cached_property
    def ids(self) -> list[str]:
        """Their names."""
        return [r["site_id"] for r in self.rows]

    def numbers(self, name: str) -> np.ndarray:
        """A column, (n,) float64; unknown or missing = NaN."""
        found = [r.get(name) for r in self.rows]
        return np.array([math.nan if v is None else float(v) for v in found])

    def groups(self, name: str) -> list[str]:
        """A column of names; unknown ones are one group."""
        return [str(r.get(name) or UNKNOWN) for r in self.rows]

    @cached_property
    def mw(self) -> np.ndarray:
        """(n, years, 3) P10, P50, P90 of the megawatts at the end of each of ``YEARS``.

        An unknown P10 counts as nothing, an unknown P50 or P90 as the value below: a site has to show what it claims.
        """
        found = np.stack([np.stack([self.numbers(f"mw_{q}_{y}") for q in QUANTILES], axis=1) for y in YEARS], axis=1)
        found[..., 0] = np.nan_to_num(found[..., 0])
        for q in (1, 2):
            found[..., q] = np.fmax(found[..., q], found[..., q - 1])
        return np.maximum.accumulate(found, axis=1)

    def mw_by(self, year: int, at: str) -> np.ndarray:
        """Megawatts of each site at the end of a year, (n,).

        Parameters
        ----------
        year : int
        at : str
            ``p10``, ``p50``, ``p90``, or ``mean``: that of straight lines between the three, held beyond them.
        """
        found = self.mw[:, YEARS.index(year)]
        return (found * MEAN_WEIGHTS).sum(axis=1) if at == "mean" else found[:, QUANTILES.index(at)]

    @cached_property
    def apart_km(self) -> np.ndarray:
        """(n, n) great-circle distance between the sites, km (haversine formula, mean radius)."""
        lat, lon = np.radians(self.numbers("lat")), np.radians(self.numbers("lon"))
        half = np.sin((lat[:, None] - lat) / 2) ** 2 + np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
        return 2.0 * KM_PER_EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


def read_run_sites(run: Path) -> Sites:
    """Campuses of a result folder.

    Raises
    ------
    DataError
        The folder holds no finished run, or its sites lack megawatts by date or costs.
    """
    features = read_list(run / "sites.geojson")
    first = features[0]["properties"]
    for column, section in NEEDED.items():
        if column not in first:
            path = run / "sites.geojson"
            raise DataError(f"Invalid list of sites {path}: no column {column}. Rank again with the section '{section}'.")
    try:
        project_mw = float(json.loads((run / "run.json").read_text(encoding="utf-8"))["config"]["project"]["mw"])
    except OSError:
        raise DataError(f"Missing {run / 'run.json'}. Run 'make rank' first, or name its folder.") from None
    except (ValueError, KeyError, TypeError):
        raise DataError(f"Damaged {run / 'run.json'}. Run 'make rank' to write it again.") from None
    return choosable([f["properties"] for f in features], [f["geometry"] for f in features], project_mw)


def choosable(rows: list[dict[str, Any]], outlines: list[dict[str, Any]], project_mw: float) -> Sites:
    """The sites of which power and capital are known.

    Parameters
    ----------
    rows : list of mapping
    outlines : list of mapping
    project_mw : float
    """
    left_out = {r["site_id"]: why for r in rows if (why := _unfit(r))}
    kept = [i for i, r in enumerate(rows) if r["site_id"] not in left_out]
    return Sites([rows[i] for i in kept], [outlines[i] for i in kept], project_mw, left_out)


def _unfit(row: Mapping[str, Any]) -> str:
    if row.get("capex_musd_mid") is None:
        return "capital unknown"
    energy = row.get(f"power_{row['pathway']}_musd_yr_mid", 0.0)
    if energy is None:
        return "cost of energy unknown"
    known = any(row.get(f"mw_{q}_{y}") is not None for y in YEARS for q in QUANTILES)
    return "" if known else "megawatts by date unknown"
