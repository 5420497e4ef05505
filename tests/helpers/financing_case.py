"""A small run with a portfolio, made by hand: what the tests of financing and memo share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from sitefinder.columns import Range
from sitefinder.config.financing import Terms, load_terms
from sitefinder.financing.facts import facts
from sitefinder.financing.inputs import ProjectInputs
from sitefinder.results.chosen import Chosen
from sitefinder.results.run import Run
from sitefinder.results.site import Site
from tests.helpers.paths import ROOT
from tests.helpers.records import run as run_of
from tests.helpers.records import site as record
from tests.helpers.records import write_run as write_records

TERMS = ROOT / "config" / "assumptions" / "financing.yaml"
PROJECT = ProjectInputs(
    1000.0, Range(0.7, 0.85, 0.95), Range(1.1, 1.18, 1.3), 2025, "2026-12", Range(10_000 / 12, 11_000 / 12, 1000.0)
)
#: one square stands for the country
OUTLINES = [shapely.box(-2_000_000, 400_000, 2_000_000, 3_000_000)]


def terms(**overrides: str) -> Terms:
    """The shipped terms; ``programme__on="false"`` sets ``programme.on``."""
    return load_terms(TERMS, {k.replace("__", "."): v for k, v in overrides.items()})


def site(site_id: str = "TX-1", **changes: Any) -> Site:
    """A site with gas and grid of which everything is known."""
    columns: dict[str, Any] = {
        "site_id": site_id,
        "name": f"near {site_id}",
        "county": f"County of {site_id}",
        "state": site_id[:2],
        "rto": "ERCOT",
        "rank": 1,
        "rank_p05": 1,
        "rank_p95": 30,
        "score": 80.0,
        "weighted_score": 80.0,
        "lat": 32.4,
        "lon": -99.7,
        "pathway": "hybrid",
        "cost_pathway": "hybrid",
        "first_200mw_p50": "2028-10",
        "full_load_p10": "2029-01",
        "full_load_p50": "2029-09",
        "full_load_p90": "2031-02",
        "binding_step": "transformer",
        "grid_headroom_mw_p10": 1100,
        "grid_headroom_mw_p50": 1500,
        "grid_headroom_mw_p90": 2500,
        "gas_adequacy": "small_share",
        "drought_ok": "yes",
        "nonattainment_count": 0.0,
        "local_rule": 0.0,
        "expandable_to_x": 5,
        "evidence_site_grade": "E3",
        "flood_rank": 10.0,
        "tornado_per_decade": 2.0,
        "hurricane_per_decade": 0.0,
        "seismic_pga_pct_g": 5.0,
        "wildfire_high_share": 0.0,
        "capex_leaves_out": "",
        "mw_p10_2028": 0,
        "mw_p50_2028": 300,
        "mw_p90_2028": 1000,
    }
    for name, ends in (
        ("capex_musd", (900.0, 2400.0, 9000.0)),
        ("facility_musd", (20_000.0, 25_000.0, 30_000.0)),
        ("power_hybrid_musd_yr", (150.0, 390.0, 700.0)),
    ):
        columns |= {f"{name}_{e}": v for e, v in zip(Range._fields, ends, strict=True)}
    return record(**(columns | changes))


def sites(changes: Mapping[str, Mapping[str, Any]] | None = None, **every: Any) -> list[Site]:
    """Two good sites, a dear one, and one with a name that is markup; columns to change by site, and at every site."""
    cases: dict[str, dict[str, Any]] = {
        "TX-1": {},
        "OH-2": {"rank": 2, "lat": 40.0, "lon": -83.0, "mw_p50_2028": 100, "gas_adequacy": "own_pipeline"},
        "NY-3": {"rank": 3, "lat": 42.0, "lon": -75.0, "capex_musd_mid": 6000.0, "drought_ok": "unknown"},
        "IA-4": {"rank": 4, "lat": 42.0, "lon": -93.0, "county": "<b>Polk & Co|</b>"},
    }
    return [site(key, **(columns | every | dict((changes or {}).get(key, {})))) for key, columns in cases.items()]


def portfolio() -> dict[str, Any]:
    """A portfolio.json of these sites."""
    years = [
        {"year": y, "p10": 0.0, "p50": m, "p90": 2 * m, "mean": m}
        for y, m in ((2026, 0.0), (2027, 0.0), (2028, 300.0), (2029, 900.0), (2030, 1500.0))
    ]
    return {
        "config_fingerprint": "abc",
        "terms": {"compare_year": 2030},
        "sites": {"listed": 4, "choosable": 4},
        "set": {"sites": ["TX-1", "OH-2", "NY-3"], "mw_by_year": years},
        "members": [{"site_id": "TX-1", "loss_without_busd": 2.0}, {"site_id": "OH-2", "loss_without_busd": 0.25}],
        "runner_up": {"sites": ["TX-1", "OH-2", "IA-4"], "loss_busd": 0.5, "enters": ["IA-4"], "leaves": ["NY-3"]},
        "limits": [
            {"limit": "caps.rto.ERCOT", "binding": True, "step": "1 campus", "gain_per_step_busd": 0.2, "gain_without_busd": 0.3},
            {
                "limit": "spacing_km",
                "binding": False,
                "step": "10 km nearer",
                "gain_per_step_busd": 0.0,
                "gain_without_busd": 0.0,
            },
        ],
        "regret": [{"rule": "first of the list that fit", "this_set_gains_busd": 1.5}],
        "frontier": [],
        "robust": {"changes": [{"about": "revenue 10 billion", "enters": ["IA-4"], "leaves": ["NY-3"]}]},
    }


def chosen() -> Chosen:
    """The portfolio as it is read."""
    content = portfolio()
    return Chosen(tuple(content["set"]["sites"]), tuple(content["runner_up"]["sites"]), content)


def run(listed: Sequence[Site] = ()) -> Run:
    """The run in memory."""
    return run_of(listed or sites(), config_fingerprint="abc")


def tree(**overrides: str) -> dict[str, Any]:
    """All fields of the memo."""
    return facts(run(), chosen(), terms(**overrides))


def write_run(folder: Path) -> None:
    """The run as files."""
    write_records(folder, sites(), config_fingerprint="abc", commit="1234")
    (folder / "portfolio.json").write_text(json.dumps(portfolio()))
