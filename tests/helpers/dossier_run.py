"""A small result folder with every column filled, for the tests of dossiers."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sitefinder.config import FAMILIES
from sitefinder.layers import REGISTRY
from sitefinder.power.timetable import STEPS
from sitefinder.reports.dossier.page import dossier
from sitefinder.reports.dossier.panels import Book
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.results.run import read_run
from sitefinder.results.site import ALWAYS, PARTS, Site, columns
from tests.helpers.records import features, manifest

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
    "ml_drivers": "substation_230_km 0.1404 (+2.2); people_10km 9.683e+04 (+1.7); highway_km 1.07 (+1.3)",
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


def full_site(site_id: str, rank: int, at: tuple[float, float], *, user: bool = False, **over: Any) -> Site:
    """A site with a value in every column and for every layer."""
    row: dict[str, Any] = {}
    for key, column in ((c.name, c) for c in columns(tuple(REGISTRY), user=user)):
        if column.decimals is not None:
            scale = 1.0 if column.unit == "share" else 900.0
            row[key] = round(noise(key + site_id) * scale, column.decimals)
            row[key] = int(row[key]) if column.decimals == 0 else row[key]
        elif key.endswith(("_p10", "_p50", "_p90")):
            row[key] = "2030-10"
        else:
            row[key] = f"Some text of {key.replace('_', ' ')}"
    row |= {key: text for key, text in TEXTS.items() if key in row}
    row |= {key: WHY for key in ("why_up", "why_down", "drivers_up", "drivers_down") if key in row}
    row |= {"site_id": site_id, "rank": rank, "name": f"{rank} km from Minooka, IL", "lat": at[0], "lon": at[1]}
    row |= {f"score_{f}": 80.5 for f in FAMILIES} | {"energy_community": 1.0, "incentive_level": 2.0, "nonattainment_count": 1.0}
    return Site.of(row | over)


def _without(site: Site, left_out: Sequence[str]) -> Site:
    """The site of a run that computed neither these parts nor these layers."""
    parts = dict.fromkeys(name for name in left_out if name in PARTS and name not in ALWAYS)
    layers = {name: value for name, value in site.layers.items() if name not in left_out}
    return replace(site, **parts, layers=layers)


def _write_sites(folder: Path, prefix: str, sites: Sequence[Site]) -> None:
    content = {"type": "FeatureCollection", "features": features(sites)}
    (folder / f"{prefix}sites.geojson").write_text(json.dumps(content, ensure_ascii=True), encoding="utf-8")
    curves = ["site_id,pathway,chosen,year,mw_p10,mw_p50,mw_p90"]
    steps = ["site_id,pathway,step,months_p10,months_p50,months_p90,critical_share,binding_share"]
    for key, (p, names) in ((site.site_id, each) for site in sites for each in STEPS.items()):
        curves += [f"{key},{p},0,{2026 + k},{40 * k},{90 * k},{min(1000, 140 * k)}" for k in range(10)]
        steps += [f"{key},{p},{s},{4.5 + k},{9.5 + k},{21.5 + k},0.{k + 1:02d},0.{k:02d}" for k, s in enumerate(names)]
    (folder / f"{prefix}delivery.csv").write_text("\n".join(curves) + "\n", encoding="utf-8")
    (folder / f"{prefix}critical_path.csv").write_text("\n".join(steps) + "\n", encoding="utf-8")
    place = sites[0].place
    line = {"type": "LineString", "coordinates": [[place.lon, place.lat], [place.lon + 0.05, place.lat]]}
    route = {"type": "Feature", "geometry": line, "properties": {"site_id": sites[0].site_id, "route": "grid"}}
    (folder / f"{prefix}connections.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [route]}))


def write_run(folder: Path, *, own: bool = True, without: Sequence[str] = (), **over: Any) -> Path:
    """Three national sites and two of the user's own; ``without`` names parts and layers that the run did not compute."""
    folder.mkdir(parents=True, exist_ok=True)
    sites = [full_site(f"IL-60022{i}", i + 1, at, **over) for i, at in enumerate(PLACES)]
    _write_sites(folder, "", [_without(site, without) for site in sites])
    if own:
        users = [full_site(f"OH-69426{i}", i + 1, (lat, lon), user=True, name=name) for i, (name, lat, lon) in enumerate(OWN)]
        _write_sites(folder, "own_", [_without(site, without) for site in users])
    (folder / "run.json").write_text(json.dumps(manifest()), encoding="utf-8")
    return folder


def open_book(folder: Path, land: Surroundings) -> Book:
    """The book of a result folder."""
    return Book(read_run(folder), land)


def first_page(folder: Path, land: Surroundings) -> str:
    """HTML of the first site's dossier."""
    book = open_book(folder, land)
    return dossier(book, book.run.sites[0]).decode()
