"""A coarse run of the whole country with hostile names among the user's own sites, and its map; made once per session."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sitefinder.config import ConfigFile, load_config
from sitefinder.pipeline.finished import Mapped, mapped
from sitefinder.pipeline.stages import run
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import COARSE, linked, once, used

#: names that would run as a program, close an attribute, run from right to left, or need four bytes
HOSTILE = ("<script>window.hit=1</script>", "\"quoted\" 'twice' & <b>bold</b>", "موقع الاختبار", "🏭 plant", "=1+2")
PLACES = ((40.10, -88.20), (33.10, -97.50), (39.60, -82.90), (41.20, -95.80), (35.30, -90.10))
#: file of the user's sites
OWN = "own.geojson"
#: corners of a parcel from its place, degrees: a ring that follows no cell; the last place has it
RING = ((-0.31, -0.17), (0.29, -0.23), (0.34, 0.19), (-0.07, 0.27), (-0.31, -0.17))


@dataclass(frozen=True)
class MapRun:
    """A finished run.

    Parameters
    ----------
    out, cache, own : Path
        Results, built layers, and the file of the user's sites.
    file : ConfigFile
    page : bytes
        The map that the run wrote.
    """

    out: Path
    cache: Path
    own: Path
    file: ConfigFile
    page: bytes


@cache
def map_run() -> MapRun:
    """The run, made once per session; its folder is the process's own and lives as long as the process."""
    holder = tempfile.TemporaryDirectory(prefix="sitefinder-map-")
    _KEEP.append(holder)
    folder = linked(once("map-run", _rank), Path(holder.name))
    out = folder / "out"
    return MapRun(out, folder / "cache", folder / OWN, _config(), (out / "map.html").read_bytes())


def _config() -> ConfigFile:
    return load_config(ROOT / "config" / "default.yaml", COARSE)


def _rank(folder: Path) -> None:
    """Fill a folder with the user's sites (points and a parcel), the cache and the results."""
    folder.mkdir()
    shapes = [{"type": "Point", "coordinates": [lon, lat]} for lat, lon in PLACES]
    lat, lon = PLACES[-1]
    shapes[-1] = {"type": "Polygon", "coordinates": [[[lon + x, lat + y] for x, y in RING]]}
    features = [
        {"type": "Feature", "geometry": shape, "properties": {"name": name}} for name, shape in zip(HOSTILE, shapes, strict=True)
    ]
    (folder / OWN).write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    cache_folder = used(folder / "cache")
    run(_config(), out=folder / "out", data=DATA, cache=cache_folder, sites=folder / OWN)


@cache
def inputs_of_the_run() -> Mapped:
    """What the map of the run is made from: the stack opened again, and the lists read from their files."""
    ran = map_run()
    return mapped(ran.out, data=DATA, cache=ran.cache)


_KEEP: list[tempfile.TemporaryDirectory] = []
