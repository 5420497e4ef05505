"""What a run left in its folder, read for the dossiers: rows, outlines, curves, steps, routes, configuration."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sitefinder.errors import DataError
from sitefinder.results.differences import Run
from sitefinder.units import KM_PER_EARTH_RADIUS

#: named campuses that every dossier stands beside: name, latitude, longitude (public reports of both places)
BENCHMARKS: Mapping[str, tuple[float, float]] = {
    "Portsmouth site, Piketon OH": (39.013, -83.001),
    "Abilene TX": (32.50, -99.78),
}
#: a row this near stands for the benchmark, km (J: one campus)
NEAR_KM = 8.0
REMEDY = "Rank again: make rank"


@dataclass(frozen=True)
class Site:
    """One place of a run.

    Parameters
    ----------
    row : dict
        Properties as in the file.
    outline : dict
        GeoJSON geometry, WGS 84.
    curves : dict
        Pathway -> rows of delivery.csv.
    steps : dict
        Pathway -> rows of critical_path.csv.
    routes : list of dict
        Features of connections.geojson.
    own : bool
        From the user's list.
    """

    row: Mapping[str, Any]
    outline: Mapping[str, Any]
    curves: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    steps: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    routes: Sequence[Mapping[str, Any]] = ()
    own: bool = False

    @property
    def site_id(self) -> str:
        """Name of the place in the files."""
        return str(self.row["site_id"])


@dataclass(frozen=True)
class Folder:
    """Everything that a run left.

    Parameters
    ----------
    path : Path
    manifest : dict
        Content of run.json.
    sites, own : list of Site
        Best first.
    known : list of Site
        Named campuses that were put through the same screen besides.
    """

    path: Path
    manifest: Mapping[str, Any]
    sites: Sequence[Site]
    own: Sequence[Site]
    known: Sequence[Site] = ()

    @cached_property
    def run(self) -> Run:
        """The same run for value functions."""
        return Run(self.path, self.manifest, {})

    @property
    def project(self) -> Mapping[str, Any]:
        """What is to be built: mw, cooling, energise_by."""
        return self.manifest["config"]["project"]

    def value(self, layer_id: str, x: float | None) -> float | None:
        """Value 0..1 that the run's configuration gives to a layer's number; None if unknown or no criterion."""
        if x is None or layer_id not in self.manifest.get("weights", {}):
            return None
        try:
            return self.run.value(layer_id, x)
        except DataError:
            return None

    def benchmarks(self) -> list[tuple[str, Site | None]]:
        """Each named campus with the row nearest to it, of the user's sites first; None where no row is near."""
        return [(name, _nearest([*self.own, *self.known, *self.sites], *at)) for name, at in BENCHMARKS.items()]


def _nearest(sites: Sequence[Site], lat: float, lon: float) -> Site | None:
    near = [(not s.own, distance_km(lat, lon, s.row["lat"], s.row["lon"]), i) for i, s in enumerate(sites)]
    near = [found for found in near if found[1] <= NEAR_KM]
    return sites[min(near)[2]] if near else None


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance of two points by the haversine formula."""
    a, b = math.radians(lat), math.radians(other_lat)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * KM_PER_EARTH_RADIUS * math.asin(math.sqrt(h))


def read_folder(path: Path) -> Folder:
    """The results of a run.

    Raises
    ------
    DataError
        A file is missing or does not hold what it should; names file and remedy.
    """
    manifest = _json(path / "run.json")
    if not isinstance(manifest, dict) or "project" not in manifest.get("config", {}):
        raise DataError(f"Invalid {path / 'run.json'}: 'config.project' is missing. {REMEDY}.")
    sites = _sites(path, "", _routes(path / "connections.geojson"))
    if not sites:
        raise DataError(f"Invalid {path / 'sites.geojson'}: it holds no sites. {REMEDY}.")
    return Folder(path, manifest, sites, read_own(path) if (path / "own_sites.geojson").is_file() else [])


def read_own(path: Path) -> list[Site]:
    """The user's sites of a result folder alone.

    Raises
    ------
    DataError
        The file is missing or does not hold what it should.
    """
    return _sites(path, "own_", _routes(path / "own_connections.geojson"))


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. {REMEDY}, or name its folder with --run.") from None
    except ValueError:
        raise DataError(f"Invalid {path}: it is not JSON. {REMEDY}.") from None


def _sites(path: Path, prefix: str, routes: Mapping[str, list[Mapping[str, Any]]]) -> list[Site]:
    file = path / f"{prefix}sites.geojson"
    curves, steps = _table(path / f"{prefix}delivery.csv"), _table(path / f"{prefix}critical_path.csv")
    found = []
    try:
        for feature in _json(file)["features"]:
            row = feature["properties"]
            key = row["site_id"]
            float(row["lat"]), float(row["lon"])
            by = (routes.get(key, []), bool(prefix))
            found.append(Site(row, feature["geometry"], curves.get(key, {}), steps.get(key, {}), *by))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"Invalid {file}: a feature lacks {error}. {REMEDY}.") from None
    return found


def _routes(path: Path) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    if path.is_file():
        for feature in _json(path).get("features", []):
            found.setdefault(feature["properties"]["site_id"], []).append(feature)
    return found


def _table(path: Path) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Rows of a CSV file by site and pathway; empty where there is no file."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            row = {k: _value(k, v) for k, v in line.items() if k is not None}
            found.setdefault(str(line.get("site_id")), {}).setdefault(str(line.get("pathway")), []).append(row)
    return found


def _value(key: str, text: str | None) -> Any:
    if not text:
        return None
    if key in ("site_id", "pathway", "step"):
        return text
    try:
        return float(text)
    except ValueError:
        return text
