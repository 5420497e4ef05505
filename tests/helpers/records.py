"""Records of sites made from the few columns that a test is about, and runs that hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sitefinder.config import Config, load_config
from sitefinder.layers import REGISTRY
from sitefinder.results.run import Entry, Run
from sitefinder.results.site import Site, columns
from sitefinder.sites.columns import OwnPart
from tests.helpers.paths import ROOT

#: what no list leaves out
IDENTITY: Mapping[str, Any] = {
    "site_id": "TX-1", "rank": 1, "name": "near Abilene, TX", "score": 80.0, "weighted_score": 80.0, "state": "TX",
    "county": "Taylor", "lat": 32.5, "lon": -99.7,
}  # fmt: skip


def site(**given: Any) -> Site:
    """A site with these columns, in a sensible place; every other column is unknown.

    It is one of the user's own sites where a column says what only those have.

    Raises
    ------
    KeyError
        There is no such column and no such layer.
    """
    user = any(name in OwnPart.names() for name in given)
    row: dict[str, Any] = {c.name: None for c in columns((), user=user)} | dict(IDENTITY)
    for name in given:
        if name not in row and name not in REGISTRY:
            raise KeyError(name)
    return Site.of(row | given)


def square(of: Site, degrees: float = 0.01) -> dict[str, Any]:
    """A square outline whose south-western corner is the point of a site, GeoJSON."""
    west, south = round(of.place.lon, 6), round(of.place.lat, 6)
    east, north = round(west + degrees, 6), round(south + degrees, 6)
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


def entry(of: Site) -> Entry:
    """A site as a run left it, with a square outline."""
    return Entry(of, square(of))


@cache
def default_config() -> Config:
    """The shipped configuration."""
    return load_config(ROOT / "config" / "default.yaml").config


def manifest(config: Config | None = None, **other: Any) -> dict[str, Any]:
    """What ``run.json`` says; by default of the shipped configuration."""
    config = config or default_config()
    said = {"config": config.model_dump(mode="json"), "weights": config.criterion_weights(), "inputs": {}, "commit": "abc123"}
    return {"config_fingerprint": config.fingerprint(), **said, **other}


def features(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """A list of sites as GeoJSON features with square outlines."""
    return [{"type": "Feature", "geometry": square(s), "properties": dict(s.values)} for s in sites]


def run(sites: Sequence[Site], config: Config | None = None, folder: Path = Path("out"), **other: Any) -> Run:
    """A finished run in memory; other fields go into its manifest."""
    return Run(folder, manifest(config, **other), features(sites))


def write_run(folder: Path, sites: Sequence[Site], config: Config | None = None, **other: Any) -> Path:
    """The same run as files: ``run.json`` and ``sites.geojson``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"type": "FeatureCollection", "features": features(sites)})
    (folder / "sites.geojson").write_text(text, encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(manifest(config, **other)), encoding="utf-8")
    return folder
