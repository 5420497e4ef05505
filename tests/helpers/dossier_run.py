"""A small result folder with every column filled, for the tests of dossiers."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

from sitefinder.config import FAMILIES, load_config
from sitefinder.power.timetable import STEPS
from sitefinder.reports.dossier.fields import catalogue
from sitefinder.reports.dossier.page import dossier
from sitefinder.reports.dossier.panels import Book
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.reports.dossier.reading import read_folder
from tests.helpers.paths import ROOT

#: real places, so that maps show something: south of Chicago, by Piketon, Abilene
PLACES = ((41.4765, -88.2516), (39.40, -83.40), (32.90, -99.20))
OWN = (("Portsmouth (Piketon) OH", 39.013, -83.001), ("Abilene TX", 32.50, -99.78))
HOSTILE = '<script>alert(1)</script> "O\'Neil" & \u05d0\u05ea\u05e8 \u202eevil \U0001f3ed\x07'
TEXTS: dict[str, Any] = {
    "state": "IL",
    "county": "Will",
    "county_fips": "17197",
    "rto": "PJM",
    "pathway": "hybrid",
    "cost_pathway": "hybrid",
    "binding_step": "substation",
    "grid_route_able": True,
    "acres_enough": True,
    "excluded_by": "",
    "gas_adequacy": "expansion",
    "drought_ok": "unknown",
    "drought_reason": "8.6 Mgd on the hottest day, dry-year supply 6.4 to 95.4 Mgd",
    "evidence_grade": "E3",
    "evidence_site_grade": "E4",
    "evidence_by_grade": "E1 1 %; E2 39 %; E3 22 %; E4 26 %; E5 12 %",
    "ml_drivers": "substation_230_km 0.1404 (+2.2); population_10km 9.683e+04 (+1.7); highway_km 1.07 (+1.3)",
    "ml_analogue": "Google Midlothian (123 MW); differs most in grid_capacity: substation_500_km 9.51 vs 241",
    "precedents": "13.9 contested projects decided within 80 km, 5.5 went ahead; share blocked 0.61 (likely 0.39 to 0.79)",
    "large_load_terms": "1 tariff: 10 years, least demand billed 80 %; 2 tariffs: 12 years",
    "tax_relief": "statewide: income tax, sales tax (from 250 million USD)",
    "to_rank_10": "Distance to a substation of 345 kV or more 3.2 km instead of 9.1 (+1.3 points)",
}
WHY = "; ".join(
    f"Load-hosting headroom within 25 km (screening estimate) {i},486 MW: 4.{i} of 4.8 points, better than 7{i} % of campuses "
    "(grid/headroom.parquet, lines 2024-09, plants 2025-02, load 2023-2024)"
    for i in range(1, 6)
)


def noise(name: str) -> float:
    """A number 0..1 that belongs to a name."""
    return zlib.crc32(name.encode()) / 2**32


def full_row(site_id: str, rank: int, lat: float, lon: float, **over: Any) -> dict[str, Any]:
    """A value for every column of every register."""
    row: dict[str, Any] = {}
    for key, column in catalogue().items():
        if column.decimals is not None:
            scale = 1.0 if column.unit == "share" else 900.0
            row[key] = round(noise(key + site_id) * scale, column.decimals)
            row[key] = int(row[key]) if column.decimals == 0 else row[key]
        elif key.endswith(("_p10", "_p50", "_p90")):
            row[key] = "2030-10"
        else:
            row[key] = f"Some text of {key.replace('_', ' ')}"
    row |= TEXTS | {"why_up": WHY, "why_down": WHY, "drivers_up": WHY, "drivers_down": WHY}
    row |= {"site_id": site_id, "rank": rank, "name": f"{rank} km from Minooka, IL", "lat": lat, "lon": lon}
    row |= {f"score_{f}": 80.5 for f in FAMILIES} | {"energy_community": 1.0, "incentive_level": 2.0, "nonattainment_count": 1.0}
    return row | over


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    x, y = row["lon"], row["lat"]
    ring = [[x - 0.01, y - 0.01], [x + 0.01, y - 0.01], [x + 0.01, y + 0.01], [x - 0.01, y + 0.01], [x - 0.01, y - 0.01]]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": row}


def _write_sites(folder: Path, prefix: str, rows: list[dict[str, Any]]) -> None:
    features = {"type": "FeatureCollection", "features": [_feature(r) for r in rows]}
    (folder / f"{prefix}sites.geojson").write_text(json.dumps(features, ensure_ascii=True), encoding="utf-8")
    curves = ["site_id,pathway,chosen,year,mw_p10,mw_p50,mw_p90"]
    steps = ["site_id,pathway,step,months_p10,months_p50,months_p90,critical_share,binding_share"]
    for r in rows:
        for p, names in STEPS.items():
            curves += [f"{r['site_id']},{p},0,{2026 + k},{40 * k},{90 * k},{min(1000, 140 * k)}" for k in range(10)]
            steps += [
                f"{r['site_id']},{p},{s},{4.5 + k},{9.5 + k},{21.5 + k},0.{k + 1:02d},0.{k:02d}" for k, s in enumerate(names)
            ]
    (folder / f"{prefix}delivery.csv").write_text("\n".join(curves) + "\n", encoding="utf-8")
    (folder / f"{prefix}critical_path.csv").write_text("\n".join(steps) + "\n", encoding="utf-8")
    line = {"type": "LineString", "coordinates": [[rows[0]["lon"], rows[0]["lat"]], [rows[0]["lon"] + 0.05, rows[0]["lat"]]]}
    route = {"type": "Feature", "geometry": line, "properties": {"site_id": rows[0]["site_id"], "route": "grid"}}
    (folder / f"{prefix}connections.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [route]}))


def write_run(folder: Path, *, own: bool = True, drop: tuple[str, ...] = (), **over: Any) -> Path:
    """Three national sites and two of the user's own; columns that begin with a word of ``drop`` are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [full_row(f"IL-60022{i}", i + 1, *at, **over) for i, at in enumerate(PLACES)]
    mine = [full_row(f"OH-69426{i}", i + 1, lat, lon, name=name) for i, (name, lat, lon) in enumerate(OWN)]
    rows, mine = ([{k: v for k, v in r.items() if not k.startswith(drop or ("\0",))} for r in some] for some in (rows, mine))
    _write_sites(folder, "", rows)
    if own:
        _write_sites(folder, "own_", mine)
    config = load_config(ROOT / "config" / "default.yaml").config
    manifest = {
        "config_fingerprint": config.fingerprint(),
        "config": config.model_dump(mode="json"),
        "weights": config.criterion_weights(),
        "inputs": {},
        "commit": "abc123",
    }
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def open_book(folder: Path, land: Surroundings) -> Book:
    """The book of a result folder."""
    return Book(read_folder(folder), land)


def first_page(folder: Path, land: Surroundings) -> str:
    """HTML of the first site's dossier."""
    book = open_book(folder, land)
    return dossier(book, book.folder.sites[0]).decode()
