"""Surfaces of the user's list of sites, one per format."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pyproj

from sitefinder.config import load_config
from sitefinder.layers.files import COUNTIES
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.layers.zones import open_land
from sitefinder.sites.own_list import Asked, note_lines, problem_lines, read_sites, skipped_csv
from sitefinder.sites.reading import headers
from sitefinder.sites.reading.entry import Limits
from tests.helpers.fuzz_base import Surface
from tests.helpers.fuzz_changes import bytes_changed, json_of, tree_changed
from tests.helpers.paths import DATA, ROOT
from tests.helpers.site_files import FORMATS as WRITERS

#: smaller limits than those of the product: inputs are small
LIMITS = Limits(file_bytes=50_000_000, vertices=100_000, site_vertices=10_000, sites=500)
#: format -> suffix of its files
SUFFIXES: dict[str, str] = {
    "csv": ".csv",
    "geojson": ".geojson",
    "geojson, a feature a line": ".geojsonl",
    "Esri JSON": ".json",
    "xlsx": ".xlsx",
    "kml": ".kml",
    "kmz": ".kmz",
    "geoparquet": ".parquet",
    "shapefile, zipped": ".zip",
    "geopackage": ".gpkg",
    "geodatabase, zipped": ".zip",
    "flatgeobuf": ".fgb",
}
ZIPS = (".xlsx", ".kmz", ".zip")
JSONS = (".geojson", ".json")


class Sites(Surface):
    """Lists of one format, changed byte by byte; members of zips also inside, JSON also as a tree."""

    def __init__(self, folder: Path, kind: str = "csv") -> None:
        super().__init__(folder)
        self.first, self.suffix = kind, SUFFIXES[kind]

    def warm_up(self) -> None:
        config = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": "25000"}).config
        package = DataPackage(DATA)
        self.land, _ = open_land(package, config, cache_folder=self.folder / "cache")
        shore = read_features(package, COUNTIES, ())["geometry"][::40]
        self.shore = lambda: shore
        _quicken()
        self.seeds = []
        for i, (name, write) in enumerate(WRITERS.items()):
            if name == self.first or (self.first == "csv" and name.startswith("csv")):
                place = self.folder / f"seed{i}"
                place.mkdir(exist_ok=True)
                self.seeds.append(write(place).read_bytes())
        self.trees = [json.loads(seed) for seed in self.seeds] if self.suffix in JSONS else []
        super().warm_up()

    def input(self, rng: random.Random) -> Any:
        if self.trees and rng.random() < 0.7:
            return json_of(tree_changed(rng, rng.choice(self.trees)))
        seed = rng.choice(self.seeds)
        if self.suffix in ZIPS and rng.random() < 0.8:
            return _rezipped(rng, seed)
        return bytes_changed(rng, seed, tuple(self.seeds))

    def take(self, content: Any, rng: random.Random) -> None:
        path = self.write(f"a{self.suffix}", content)
        crs = rng.choice(("EPSG:2277", "EPSG:4326", "banana")) if rng.random() < 0.08 else None
        asked = Asked(skip_bad=rng.random() < 0.5, strict=rng.random() < 0.2, crs=crs, limits=LIMITS)
        own = read_sites(path, self.land, asked, shore=self.shore)
        skipped_csv(own.skipped)
        "\n".join([own.taken, *note_lines(own.notes), *problem_lines(path, own.skipped)]).encode()
        json.dumps([dict(site.attributes) for site in own.sites], allow_nan=False).encode()


def _quicken() -> None:
    """Remember what is the same for all inputs: words of headers, and what reference systems are."""
    headers.plain = cache(headers.plain)
    made = cache(pyproj.CRS.from_user_input)

    def system(value: Any) -> Any:
        return made(value) if isinstance(value, str) else pyproj.CRS(value)

    pyproj.CRS.from_user_input = staticmethod(system)


def _rezipped(rng: random.Random, content: bytes) -> bytes:
    """A zip with one member changed, renamed or left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(item.filename, archive.read(item)) for item in archive.infolist() if not item.is_dir()]
    at = rng.randrange(len(members))
    name, inner = members[at]
    chance = rng.random()
    if chance < 0.05:
        del members[at]
    elif chance < 0.1:
        members[at] = rng.choice(("../a.kml", "/a.csv", "a\\b.csv", "", "a" * 300 + ".csv", "é.shp")), inner
    else:
        members[at] = name, bytes_changed(rng, inner)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for member, text in members:
            archive.writestr(zipfile.ZipInfo(member or "a"), text)
    return out.getvalue()


SITES: dict[str, Callable[[Path], Surface]] = {f"sites, {kind}": partial(Sites, kind=kind) for kind in SUFFIXES}
