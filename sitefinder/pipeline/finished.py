"""Work on a finished run: its map again, the named campuses beside it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.reports.dossier.reading import Folder


def rebuilt(out: Path, *, data: Path, cache: Path) -> bytes:
    """The map of a result folder, from its files and the built layers.

    Raises
    ------
    DataError
        The folder holds no run, or one of another version of the configuration.
    """
    from sitefinder.config import ConfigFile
    from sitefinder.config.keyed_yaml import KeyTree
    from sitefinder.layers.package import DataPackage
    from sitefinder.layers.stack import open_stack
    from sitefinder.ml.learned import learn
    from sitefinder.pipeline.stages import layers_needed
    from sitefinder.reports.web_map import Made, map_html, map_inputs
    from sitefinder.reports.web_map.gather import OWN, ROUTES, SITES
    from sitefinder.scoring.exclusions import exclude
    from sitefinder.sites.kept import read_list

    config = run_config(out / "run.json")
    read_list(out / SITES)
    results = {name: (out / name).read_bytes() for name in (SITES, OWN, ROUTES) if (out / name).is_file()}
    package = DataPackage(data)
    file = ConfigFile(out / "run.json", KeyTree(out / "run.json"), config)
    stack = open_stack(package, file, layers_needed(config), cache_folder=cache)
    learned = learn(stack, data) if config.model.share > 0 else None
    return map_html(map_inputs(Made(stack, config, package, exclude(stack, config), learned), results))


def run_config(path: Path) -> Config:
    """Configuration that a run was made with."""
    from pydantic import ValidationError

    from sitefinder.config import Config
    from sitefinder.errors import DataError

    try:
        return Config.model_validate_json(json.dumps(json.loads(path.read_text(encoding="utf-8"))["config"]))
    except OSError:
        raise DataError(f"Missing {path}. Run 'make rank' first, or name its folder with --out.") from None
    except (ValueError, KeyError, TypeError, ValidationError):
        raise DataError(f"Damaged {path}, or of another version. Run 'make rank' to write it again.") from None


#: files of the named campuses that are kept for the next time
KEPT = ("own_sites.geojson", "own_delivery.csv", "own_critical_path.csv", "own_connections.geojson", "run.json")


def with_benchmarks(found: Folder, kept: Path, *, data: Path, cache: Path) -> Folder:
    """The same run with the named campuses as further rows, scored under its own configuration.

    They are taken from the folder ``kept`` if they were put there for the same configuration and data.

    Parameters
    ----------
    found : Folder
    kept : Path
    data, cache : Path
        Compiled layers and the folder of built ones.

    Raises
    ------
    SitefinderError
        The configuration in run.json does not fit this version, or ranking fails.
    """
    from dataclasses import replace

    from sitefinder.reports.dossier.reading import read_own

    key = ("config_fingerprint", "inputs")
    try:
        before = json.loads((kept / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    if any(before.get(k) != found.manifest.get(k) for k in key):
        _rank(found, kept, data=data, cache=cache)
    return replace(found, known=read_own(kept))


def _rank(found: Folder, kept: Path, *, data: Path, cache: Path) -> None:
    from pydantic import ValidationError

    from sitefinder.config import Config, ConfigFile
    from sitefinder.config.keyed_yaml import KeyTree
    from sitefinder.errors import DataError
    from sitefinder.files import write_all
    from sitefinder.pipeline.stages import run
    from sitefinder.reports.dossier.reading import BENCHMARKS

    path = found.path / "run.json"
    try:
        config = Config.model_validate_json(json.dumps(found.manifest["config"]))
    except ValidationError:
        raise DataError(f"Invalid {path}: its 'config' does not fit this version. Rank again: make rank.") from None
    with tempfile.TemporaryDirectory() as scratch:
        places = Path(scratch) / "benchmarks.csv"
        lines = ["name,lat,lon", *(f'"{name}",{lat},{lon}' for name, (lat, lon) in BENCHMARKS.items())]
        places.write_text("\n".join(lines) + "\n", encoding="utf-8")
        out = Path(scratch) / "out"
        run(ConfigFile(path, KeyTree(path), config), out=out, data=data, cache=cache, sites=places)
        write_all(kept, {name: (out / name).read_bytes() for name in KEPT if (out / name).is_file()})
