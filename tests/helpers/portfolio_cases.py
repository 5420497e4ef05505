"""Computed-up campuses for the tests of the portfolio: what a list of sites says about them, without a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.columns import Quantiles
from sitefinder.config import Config
from sitefinder.config.delivery import YEARS
from sitefinder.config.portfolio import Portfolio
from sitefinder.portfolio.pool import Pool, pooled
from sitefinder.results.site import Site
from tests.helpers.records import entry
from tests.helpers.records import site as record
from tests.helpers.records import write_run as write_records

#: no limits at all but the number
FREE: dict[str, Any] = {
    "campuses": 3,
    "value": {"busd_per_gw_year": [10, 11, 12]},
    "gas_shared": False,
    "water": {"on": False},
    "risk": {"draws": 40},
}


def campus(i: int, **other: Any) -> Site:
    """One campus that is like all others but for what is given."""
    row: dict[str, Any] = {
        "site_id": f"S{i:03d}", "rank": i + 1, "name": f"place {i}", "score": 80.0 - i / 10, "state": f"T{i}", "county": "C",
        "rto": f"R{i}", "lat": 35.0, "lon": -100.0 + i, "pathway": "hybrid", "capex_musd_low": 1000, "capex_musd_mid": 2000,
        "capex_musd_high": 5000, "power_hybrid_musd_yr_mid": 400, "power_grid_musd_yr_mid": 500, "gas_pipeline": f"P{i}",
        "grid_station": f"N{i}", "grid_station_kv": 345, "grid_station_km": 5.0, "grid_headroom_mw_p10": 500,
        "grid_headroom_mw_p50": 800, "grid_headroom_mw_p90": 1500, "gas_need_mmcfd_mid": 150, "gas_company_mmcfd": 4000,
        "water_peak_mgd": 8.0, "water_river": None, "water_river_m3s": 0.0, "reclaimed_25km_mgd": 0.0,
        "hurricane_per_decade": 0.0, "seismic_pga_pct_g": 1.0, "p_dropped": 0.4,
    }  # fmt: skip
    for year in YEARS:
        full = year >= 2031
        row |= {f"mw_{q}_{year}": 1000.0 if full else 0.0 for q in Quantiles._fields}
    return record(**(row | other))


def curve(first: int, *, early: int | None = None, late: int | None = None) -> dict[str, float]:
    """Megawatt columns of a campus with full load from a year on, in half of the draws, in the best and in the worst."""
    starts = {"p10": late or first, "p50": first, "p90": early or first}
    return {f"mw_{q}_{y}": 1000.0 if y >= start else 0.0 for q, start in starts.items() for y in YEARS}


def pool_with(sites: list[Site]) -> Pool:
    """Campuses that may be chosen, with square outlines."""
    return pooled([entry(site) for site in sites], 1000.0)


def random_pool(n: int, seed: int = 0, *, spread: float = 1.0) -> Pool:
    """Campuses of all kinds over half a continent."""
    rng = np.random.default_rng(seed)
    sites = []
    for i in range(n):
        start = int(rng.integers(2029, 2033))
        sites.append(
            campus(
                i,
                state=f"T{rng.integers(12)}",
                rto=f"R{rng.integers(6)}",
                gas_pipeline=f"P{rng.integers(15)}",
                lat=float(rng.uniform(30, 30 + 15 * spread)),
                lon=float(rng.uniform(-110, -110 + 35 * spread)),
                capex_musd_mid=float(rng.uniform(1500, 4000)),
                gas_company_mmcfd=float(rng.uniform(300, 2000)),
                water_river=f"river {rng.integers(4)}" if rng.random() < 0.7 else None,
                water_river_m3s=float(rng.uniform(10, 60)),
                hurricane_per_decade=float(rng.uniform(0, 1)),
                rank_p05=max(i - 20, 1),
                rank_p95=i + 40,
                **curve(start, early=start - int(rng.integers(2)), late=start + int(rng.integers(3))),
            )
        )
    return pool_with(sites)


def config_with(config: Config, terms: dict[str, Any]) -> Config:
    """The configuration with other terms."""
    return config.model_copy(update={"portfolio": Portfolio.model_validate(terms)})


def write_run(folder: Path, pool: Pool) -> Path:
    """A result folder that holds these campuses."""
    return write_records(folder, [option.site for option in pool.options])
