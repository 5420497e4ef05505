"""Map of a finished run, and named campuses ranked under its configuration."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from shapely.geometry import shape

from sitefinder.config import ConfigFile
from sitefinder.config.keyed_yaml import KeyTree
from sitefinder.errors import DataError
from sitefinder.files import read_json, write_all
from sitefinder.grid import from_wgs84
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.ml.learned import learn
from sitefinder.pipeline import stages
from sitefinder.pipeline.area import bounds_of, of_area, shown_only
from sitefinder.reports.dossier.benchmarks import BENCHMARKS
from sitefinder.reports.web_map import Computed, Sites, map_html, map_inputs
from sitefinder.results.run import CURVES, MANIFEST, OWN, ROUTES, SITES, STEPS, Entry, Feature, Run, read_features, read_run
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import value_matrix
from sitefinder.sites.campuses import Campus
from sitefinder.sites.kept import kept_own, land_of

#: files of the named campuses that are kept for the next time
KEPT = (*(f"{OWN}{name}" for name in (SITES, CURVES, STEPS, ROUTES)), MANIFEST)
#: entries of a manifest that are the same in runs of one configuration and one set of data
SAME = ("config_fingerprint", "inputs")


class Mapped(NamedTuple):
    """What the map of a finished run is made from, in the order in which :func:`map_inputs` takes it."""

    computed: Computed
    national: Sites
    own: Sites
    routes: Sequence[Feature]


def rebuilt(out: Path, *, data: Path, cache: Path) -> bytes:
    """Map of a result folder, from its files and the built layers.

    Raises
    ------
    DataError
        The folder holds no run, or one of another version of the configuration.
    """
    return map_html(map_inputs(*mapped(out, data=data, cache=cache)))


def mapped(out: Path, *, data: Path, cache: Path) -> Mapped:
    """What the map of a result folder is made from; see :func:`rebuilt`."""
    run = read_run(out)
    file = _config_file(run)
    package = DataPackage(data)
    whole = open_stack(package, file, stages.layers_needed(run.config), cache_folder=cache)
    stack = of_area(whole, file, package, [from_wgs84(shape(f["geometry"])) for f in run.own_features])
    learned = learn(stack, data) if run.config.model.share > 0 else None
    excluded = shown_only(exclude(stack, run.config), stack)
    computed = Computed(
        stack, run.config, package, excluded, learned, value_matrix(stack, run.config), bounds_of(stack, run.config)
    )
    national = _on_map(run.sites, land_of(run.features, stack.land, out / SITES))
    own = _on_map(run.own, kept_own(run.own_features, stack.land))
    return Mapped(computed, national, own, [route for entry in run.sites for route in entry.routes])


def _on_map(entries: Sequence[Entry], land: Sequence[Campus]) -> Sites:
    """Sites of a finished run as the map takes them."""
    return Sites([entry.site for entry in entries], [entry.outline for entry in entries], land)


def ranked_benchmarks(run: Run, kept: Path, *, data: Path, cache: Path) -> list[Entry]:
    """The named campuses as sites, scored under the configuration of a run.

    They come from the folder ``kept`` if it holds those of the same configuration and data; else they are ranked and kept there.

    Parameters
    ----------
    run : Run
    kept : Path
    data, cache : Path
        Compiled layers and the folder of built ones.

    Raises
    ------
    SitefinderError
        The configuration of the run does not fit this version, or ranking fails.
    """
    if not _of_same_run(run, kept):
        _rank(run, kept, data=data, cache=cache)
    return _kept_benchmarks(run, kept)


def _kept_benchmarks(run: Run, kept: Path) -> list[Entry]:
    return Run(kept, run.manifest, (), read_features(kept / f"{OWN}{SITES}")).own


def _of_same_run(run: Run, kept: Path) -> bool:
    """Whether a folder holds readable campuses of the same configuration and data."""
    try:
        manifest = read_json(kept / MANIFEST)
        _kept_benchmarks(run, kept)
        return all(manifest.get(key) == run.manifest.get(key) for key in SAME)
    except (OSError, ValueError, AttributeError, DataError):
        return False


def _rank(run: Run, kept: Path, *, data: Path, cache: Path) -> None:
    """Rank the named campuses under the configuration of a run and keep their files."""
    file = _config_file(run)
    with tempfile.TemporaryDirectory() as scratch:
        places, out = Path(scratch) / "benchmarks.csv", Path(scratch) / "out"
        with places.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("name", "lat", "lon"), *((name, *at) for name, at in BENCHMARKS.items())])
        stages.run(file, out=out, data=data, cache=cache, sites=places)
        write_all(kept, {name: (out / name).read_bytes() for name in KEPT if (out / name).is_file()})


def _config_file(run: Run) -> ConfigFile:
    """Configuration of a run in the form in which the stages take it."""
    path = run.folder / MANIFEST
    return ConfigFile(path, KeyTree(path), run.config)
