"""Reader of a finished run's folder, used by everything that works on results."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import shapely
import shapely.geometry
from pydantic import ValidationError

from sitefinder.certainty.columns import NearMiss
from sitefinder.columns import Column, Quantiles
from sitefinder.config import Config, Criterion
from sitefinder.config.project import Layers
from sitefinder.errors import DataError
from sitefinder.files import Json, read_json
from sitefinder.layers.added import declare_also
from sitefinder.results.chosen import Chosen, read_chosen
from sitefinder.results.manifest import misshapen
from sitefinder.results.site import Site
from sitefinder.scoring import criteria

MANIFEST, SITES, CURVES, STEPS, ROUTES = "run.json", "sites.geojson", "delivery.csv", "critical_path.csv", "connections.geojson"
NEAR_MISSES = "near_misses.csv"
#: begins the names of the files of the user's own sites
OWN = "own_"
REMEDY = "Run 'make rank' to write it again"
#: kinds of GeoJSON geometries of outlines and of routes -> levels of lists above their positions
OUTLINES, LINES = {"Polygon": 2, "MultiPolygon": 3}, {"LineString": 1, "MultiLineString": 2}
#: degrees that places on the earth have at most
MOST_LON, MOST_LAT = 180.0, 90.0
#: properties that every feature of a list of sites must have
NEEDED = ("site_id", "lat", "lon")
#: parts of a configuration that scores depend on; they are read from runs of other versions too
SCORING = ("project", "grid", "weights", "criteria")

Feature = Mapping[str, Any]
T = TypeVar("T")


class CurvePoint(NamedTuple):
    """Megawatts at the end of a year; NaN = unknown."""

    year: int
    mw: Quantiles[float]


class PathStep(NamedTuple):
    """A step of a pathway: its length in months, and the shares of draws in which it is critical and in which it binds."""

    step: str
    months: Quantiles[float]
    critical_share: float
    binding_share: float


@dataclass(frozen=True)
class Entry:
    """A site of a finished run with its curves, steps and routes.

    Parameters
    ----------
    site : Site
    outline : mapping
        GeoJSON geometry, WGS 84.
    curves : mapping
        Pathway -> megawatts by year; empty where the run did not compute them.
    steps : mapping
        Pathway -> steps to full load.
    routes : sequence of mapping
        GeoJSON features of its routes.
    """

    site: Site
    outline: Mapping[str, Any]
    curves: Mapping[str, Sequence[CurvePoint]] = field(default_factory=dict)
    steps: Mapping[str, Sequence[PathStep]] = field(default_factory=dict)
    routes: Sequence[Feature] = ()

    @property
    def site_id(self) -> str:
        """Key of the site."""
        return self.site.site_id


@dataclass(frozen=True)
class Run:
    """Results of a run in its folder; each part is read and checked when first used.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        Content of ``run.json``.
    features : sequence of mapping
        The national list as GeoJSON features, best first.
    own_features : sequence of mapping
        The user's own sites, best first; empty without any.
    """

    folder: Path
    manifest: Mapping[str, Any]
    features: Sequence[Feature]
    own_features: Sequence[Feature] = ()

    @cached_property
    def config(self) -> Config:
        """Configuration that the run was made with.

        Raises
        ------
        DataError
            It does not fit this version.
        """
        return self._validated(self.manifest["config"])

    @cached_property
    def scoring(self) -> Config:
        """The parts of the configuration that scores depend on; runs of other versions have them too.

        Raises
        ------
        DataError
            They do not fit this version.
        """
        tree = self.manifest["config"]
        return self._validated({k: tree[k] for k in SCORING if k in tree} | {"exclusions": {}})

    def _validated(self, tree: Mapping[str, Any]) -> Config:
        try:
            return Config.model_validate_json(json.dumps(tree))
        except ValidationError as error:
            key = ".".join(str(k) for k in error.errors()[0]["loc"])
            path = self.folder / MANIFEST
            raise DataError(f"Invalid {path}: '{key}' of its configuration does not fit this version. {REMEDY}.") from None

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """Layer id -> criterion with breakpoints in the layer's unit."""
        return self.scoring.flat_criteria()

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Layer id -> weight in the whole score."""
        return self.scoring.criterion_weights()

    def value(self, layer_id: str, x: float | None) -> float | None:
        """Value 0..1 that the run gives to a layer's number; None if that is unknown or the layer no criterion."""
        if x is None or math.isnan(x) or layer_id not in self.criteria:
            return None
        return float(np.nan_to_num(criteria.value(self.criteria[layer_id], np.array([x]))[0]))

    @cached_property
    def sites(self) -> list[Entry]:
        """The national list, best first.

        Raises
        ------
        DataError
            A file of the list is damaged or of another version.
        """
        return self._entries("", self.features)

    @cached_property
    def own(self) -> list[Entry]:
        """The user's own sites, best first."""
        return self._entries(OWN, self.own_features)

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, Any]]:
        """Site id -> columns of the national list as the file holds them, whatever version wrote it."""
        return {feature["properties"]["site_id"]: feature["properties"] for feature in self.features}

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """Site id -> site of the national list."""
        return {entry.site_id: entry for entry in self.sites}

    @cached_property
    def near_misses(self) -> list[NearMiss]:
        """Land one gate short of the list, best first; empty where the run did not look for it.

        Raises
        ------
        DataError
            Their file is damaged.
        """
        return _near_misses(self.folder / NEAR_MISSES)

    def chosen(self) -> Chosen:
        """The portfolio that was chosen from the run.

        Raises
        ------
        DataError
            There is none, or it was chosen from another run.
        """
        return read_chosen(self.folder, self.manifest.get("config_fingerprint"))

    def _entries(self, prefix: str, features: Sequence[Feature]) -> list[Entry]:
        curves = _curves(self.folder / f"{prefix}{CURVES}")
        steps = _steps(self.folder / f"{prefix}{STEPS}")
        routes = _routes(self.folder / f"{prefix}{ROUTES}")
        entries = []
        for feature in features:
            site = _site(feature["properties"], self.folder / f"{prefix}{SITES}")
            key = site.site_id
            more = curves.get(key, {}), steps.get(key, {}), routes.get(key, [])
            if not _is_shape(feature["geometry"], OUTLINES):
                raise DataError(
                    f"Damaged list of sites {self.folder / f'{prefix}{SITES}'}: the outline of {key} is none. {REMEDY}."
                )
            entries.append(Entry(site, feature["geometry"], *more))
        return entries


def read_run(folder: Path) -> Run:
    """The results in a folder.

    Raises
    ------
    DataError
        ``run.json`` or a list of sites is missing or damaged; names file and remedy.
    """
    path = folder / MANIFEST
    manifest = _json(path)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("config"), dict):
        raise DataError(f"Damaged {path}: it holds no configuration. {REMEDY}.")
    if part := misshapen(manifest):
        raise DataError(f"Damaged {path}: its '{part}' are none. {REMEDY}.")
    with suppress(ValidationError):  # of another version, which has its message where the configuration is asked for
        declare_also(Layers.model_validate(manifest["config"].get("layers") or {}))
    own = folder / f"{OWN}{SITES}"
    return Run(folder, manifest, read_features(folder / SITES), read_features(own) if own.is_file() else ())


def read_features(path: Path) -> list[Json]:
    """Features of a list of sites.

    Raises
    ------
    DataError
        The file is missing, damaged, or not such a list.
    """
    try:
        features = _json(path)["features"]
        if features and all(f["geometry"]["coordinates"] and all(k in f["properties"] for k in NEEDED) for f in features):
            return features
    except (KeyError, TypeError):
        pass
    raise DataError(f"Damaged list of sites {path}. {REMEDY}.")


def _is_shape(geometry: Any, kinds: Mapping[str, int]) -> bool:
    """Whether a GeoJSON geometry is of one of some kinds: nested as it should be, of places on the earth, and to be drawn."""
    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str) or geometry["type"] not in kinds:
        return False
    parts: list[Any] = [geometry.get("coordinates")]
    for _ in range(kinds[geometry["type"]]):
        if not all(isinstance(part, list) and part for part in parts):
            return False
        parts = [inner for part in parts for inner in part]
    if not all(isinstance(p, list) and len(p) in (2, 3) and all(map(_is_number, p)) for p in parts):
        return False
    if any(abs(p[0]) > MOST_LON or abs(p[1]) > MOST_LAT for p in parts):
        return False
    try:
        return not shapely.geometry.shape(geometry).is_empty
    except (shapely.errors.ShapelyError, ValueError):
        return False  # a line of one point, a ring of two


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _site(row: Mapping[str, Any], path: Path) -> Site:
    """The record of the columns of one feature of a file."""
    try:
        return Site.of(row)
    except KeyError as error:
        raise DataError(f"Invalid list of sites {path}: no column {error.args[0]}. {REMEDY}.") from None
    except (TypeError, ValueError):
        key = row["site_id"]
        raise DataError(f"Invalid list of sites {path}: a value of {key} is not of the kind of its column. {REMEDY}.") from None


def _json(path: Path) -> Any:
    try:
        return read_json(path)
    except OSError:
        raise DataError(f"Missing {path}. Run 'make rank' first, or name the folder of a finished run.") from None
    except ValueError:
        raise DataError(f"Damaged {path}: it is not JSON. {REMEDY}.") from None


def _routes(path: Path) -> dict[str, list[Feature]]:
    """Routes by site; empty where there is no file."""
    routes: dict[str, list[Feature]] = {}
    try:
        for feature in _json(path)["features"] if path.is_file() else ():
            if not _is_shape(feature["geometry"], LINES):
                raise TypeError("no line")
            routes.setdefault(feature["properties"]["site_id"], []).append(feature)
    except (KeyError, TypeError, OverflowError):
        raise DataError(f"Damaged {path}: it holds no routes of sites. {REMEDY}.") from None
    return routes


def _curves(path: Path) -> dict[str, dict[str, list[CurvePoint]]]:
    """Megawatts by year, by site and pathway; empty where there is no file."""

    def point(row: Mapping[str, str]) -> CurvePoint:
        return CurvePoint(int(row["year"]), _quantiles(row, "mw"))

    return _by_pathway(path, ("year", *_names("mw")), point)


def _steps(path: Path) -> dict[str, dict[str, list[PathStep]]]:
    """Steps to full load, by site and pathway; empty where there is no file."""
    shares = ("critical_share", "binding_share")

    def step(row: Mapping[str, str]) -> PathStep:
        return PathStep(row["step"], _quantiles(row, "months"), *(_number(row[share]) for share in shares))

    return _by_pathway(path, ("step", *_names("months"), *shares), step)


def _near_misses(path: Path) -> list[NearMiss]:
    """Rows of the table of near misses; empty where there is no file."""
    columns = NearMiss.columns()
    try:
        rows = _table(path, NearMiss.names())
        return [NearMiss.of({c.name: _cell(c, row[c.name]) for c in columns}) for row in rows]
    except (ValueError, TypeError):  # UnicodeDecodeError is a ValueError
        raise DataError(f"Damaged {path}: a value cannot be read. {REMEDY}.") from None


def _cell(column: Column, text: str) -> float | int | str | None:
    """Value of a cell of a table: a number where its column has digits; None where it is empty."""
    if not text:
        return None
    if column.decimals is None:
        return text
    return float(text) if column.decimals else int(text)


def _by_pathway(path: Path, columns: Sequence[str], read: Callable[[Mapping[str, str]], T]) -> dict[str, dict[str, list[T]]]:
    """Rows of a table, by site and pathway, in the order of the file; empty where there is no file."""
    items: dict[str, dict[str, list[T]]] = {}
    try:
        for row in _table(path, ("site_id", "pathway", *columns)):
            items.setdefault(row["site_id"], {}).setdefault(row["pathway"], []).append(read(row))
    except UnicodeDecodeError:
        raise DataError(f"Damaged {path}: it is not UTF-8. {REMEDY}.") from None
    except ValueError:
        raise DataError(f"Damaged {path}: a number cannot be read. {REMEDY}.") from None
    return items


def _table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for column in columns:
        if any(row.get(column) is None for row in rows):
            raise DataError(f"Invalid {path}: no column {column} in every row. {REMEDY}.")
    return rows


def _names(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{q}" for q in Quantiles._fields)


def _quantiles(row: Mapping[str, str], name: str) -> Quantiles[float]:
    return Quantiles(*(_number(row[column]) for column in _names(name)))


def _number(text: str) -> float:
    return float(text) if text else math.nan
