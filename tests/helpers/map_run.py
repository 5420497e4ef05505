"""A coarse run of the whole country with hostile names among the user's own sites, and its map; made once per session."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sitefinder.config import ConfigFile, load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.ml.learned import learn
from sitefinder.pipeline.finished import rebuilt
from sitefinder.pipeline.stages import layers_needed, run
from sitefinder.reports.web_map import Made
from sitefinder.scoring.exclusions import exclude
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import linked, once, warm

#: coarse cells and few sites: seconds instead of a minute
COARSE = {"grid.resolution_m": "20000", "candidates.count": "40", "candidates.spacing_km": "60"}
#: names that would run as a program, close an attribute, run from right to left, or need four bytes
HOSTILE = ("<script>window.hit=1</script>", "\"quoted\" 'twice' & <b>bold</b>", "موقع الاختبار", "🏭 plant", "=1+2")
PLACES = ((40.10, -88.20), (33.10, -97.50), (39.60, -82.90), (41.20, -95.80), (35.30, -90.10))


@dataclass(frozen=True)
class MapRun:
    """A finished run.

    Parameters
    ----------
    out, cache : Path
    file : ConfigFile
    page : bytes
        The map as ``sitefinder map`` writes it.
    """

    out: Path
    cache: Path
    file: ConfigFile
    page: bytes


@cache
def map_run() -> MapRun:
    """The run, made once per session; its folder is the process's own and lives as long as the process."""
    holder = tempfile.TemporaryDirectory(prefix="sitefinder-map-")
    _KEEP.append(holder)
    folder = linked(once("map-run", _rank), Path(holder.name))
    return MapRun(folder / "out", folder / "cache", _config(), (folder / "page.html").read_bytes())


def _config() -> ConfigFile:
    return load_config(ROOT / "config" / "default.yaml", COARSE)


def _rank(folder: Path) -> None:
    """Fill a folder with the user's sites, the cache, the results and the map written again."""
    folder.mkdir()
    lines = ["lat,lon,name"]
    for name, (lat, lon) in zip(HOSTILE, PLACES, strict=True):
        quoted = name.replace('"', '""')
        lines.append(f'{lat},{lon},"{quoted}"')
    (folder / "own.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    out, kept = folder / "out", warm(folder / "cache", 20_000)
    run(_config(), out=out, data=DATA, cache=kept, sites=folder / "own.csv")
    (folder / "page.html").write_bytes(rebuilt(out, data=DATA, cache=kept))


@cache
def stack_of_the_run() -> Made:
    """The run's stack, opened again."""
    ran = map_run()
    package = DataPackage(DATA)
    stack = open_stack(package, ran.file, layers_needed(ran.file.config), cache_folder=ran.cache)
    return Made(stack, ran.file.config, package, exclude(stack, ran.file.config), learn(stack, DATA))


_KEEP: list[tempfile.TemporaryDirectory] = []
