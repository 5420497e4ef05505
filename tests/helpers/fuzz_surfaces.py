"""What a user or a file can reach, as surfaces: each makes an input from a generator of numbers, and gives it to its reader.

``take`` returns where the input is taken, raises a ``SitefinderError`` where it is refused; anything else is a fault.
"""

from __future__ import annotations

import random
import shlex
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.cli.main import cli
from sitefinder.cli.options import area_of, overrides
from sitefinder.config import Config, ConfigFile
from sitefinder.config.checking import checked
from sitefinder.config.extends import extended
from sitefinder.config.keyed_yaml import DEEPEST, KeyTree, Place, items, override, parsed, read_tree
from sitefinder.config.loading import SHIPPED, load_config
from sitefinder.layers import area
from sitefinder.layers.package import DataPackage
from sitefinder.layers.zones import open_land
from sitefinder.months import read_month
from sitefinder.routes.friction import check_layers as check_route_layers
from sitefinder.scoring import criteria
from sitefinder.scoring.exclusions import active_gates, distance_gates, footprint_gates
from tests.helpers.dossier_run import write_run
from tests.helpers.fuzz_base import Surface
from tests.helpers.fuzz_changes import bytes_changed, text_changed, tree_changed
from tests.helpers.fuzz_files import Model, Raster, RunFolder
from tests.helpers.fuzz_sites import SITES
from tests.helpers.paths import DATA, ROOT

#: numbers at which the value functions of an accepted configuration are asked
#: parts of the shipped configuration that are changed: small ones, because most of the time goes into those that did not change
BASES = 16
ASKED = np.array([np.nan, -1e9, -1.0, 0.0, 1e-6, 0.5, 1.0, 30.0, 1e3, 1e9], np.float32)


class _Configured(Surface):
    """What is asked of a configuration once it is accepted, as far as it needs no layers."""

    def warm_up(self) -> None:
        whole = _copied(load_config(ROOT / "config" / "default.yaml").tree.values)
        self.bases = [_part(whole, random.Random(n)) for n in range(BASES)]
        for base in self.bases:
            Config.model_validate(base)
        super().warm_up()

    def use(self, tree: KeyTree) -> None:
        config = checked(tree, Config, SHIPPED)
        file = ConfigFile(tree.path, tree, config)
        config.fingerprint()
        criteria.check_layers(file)
        check_route_layers(file)
        config.criterion_weights()
        for criterion in config.flat_criteria().values():
            if not np.nanmax(np.abs(np.nan_to_num(criteria.value(criterion, ASKED)) - 0.5)) <= 0.5 + 1e-9:
                raise AssertionError("a value lies outside of 0..1")
        for gates in (active_gates, footprint_gates, distance_gates):
            gates(config)


def _part(whole: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The shipped configuration with one or two of the sections that may be left out, and two criteria of each family."""
    may = [k for k in whole if not Config.model_fields[k].is_required()]
    left = {k: v for k, v in whole.items() if k not in may or k in rng.sample(may, 2)}
    families = whole["criteria"].items()
    return left | {"criteria": {f: {k: c[k] for k in rng.sample(list(c), min(2, len(c)))} for f, c in families}}


class ConfigurationTree(_Configured):
    """Structured changes of the shipped configuration."""

    def input(self, rng: random.Random) -> Any:
        while True:
            tree = tree_changed(rng, rng.choice(self.bases))
            if _writable(tree):
                return tree

    def take(self, content: Any, rng: random.Random) -> None:
        if isinstance(content, dict):
            self.use(KeyTree(self.folder / "a.yaml", _copied(content)))

    def shown(self, content: Any) -> str:
        if not isinstance(content, dict):
            return repr(content)[:500]
        try:
            return min((repr(_differing(content, base)) for base in self.bases), key=len)[:2000]
        except RecursionError:
            return "nested without end"


def _writable(node: Any, depth: int = 0) -> bool:
    """Whether the reader of YAML could have made it: no half characters, and no deeper than it lets through."""
    if depth > DEEPEST:
        return False
    if isinstance(node, str):
        return not any("\ud800" <= c <= "\udfff" for c in node)
    return all(_writable(key, depth + 1) and _writable(value, depth + 1) for key, value in items(node))


def _copied(node: Any) -> Any:
    """A copy of mappings and lists, to any depth that the reader of YAML lets through."""
    if isinstance(node, dict):
        return {k: _copied(v) for k, v in node.items()}
    return [_copied(v) for v in node] if isinstance(node, list) else node


def _differing(new: Any, old: Any) -> Any:
    if isinstance(new, dict) and isinstance(old, dict):
        return {str(k): _differing(v, old.get(k)) for k, v in new.items() if v is not old.get(k)}
    return new


class ConfigurationText(_Configured):
    """Pages of YAML that extend the shipped configuration, changed byte by byte."""

    def warm_up(self) -> None:
        super().warm_up()
        shipped = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "config").rglob("*.yaml"))]
        paragraphs = [block for page in shipped for block in page.split("\n\n") if 10 < len(block) < 1500]
        self.pages = tuple(f"extends: base.yaml\n{block}\n".encode() for block in paragraphs)
        place = Place(self.folder / "base.yaml", 1)
        self.places = [{tuple(map(str, keys)): place for keys in _paths(base, ())} for base in self.bases]
        (self.folder / "base.yaml").write_text("{}\n", encoding="utf-8")

    def input(self, rng: random.Random) -> Any:
        page = bytes_changed(rng, rng.choice(self.pages), self.pages)
        return page if rng.random() < 0.95 else page[len(b"extends: base.yaml\n") :]

    def take(self, content: Any, rng: random.Random) -> None:
        path, at = self.write("a.yaml", content), rng.randrange(BASES)

        def read(one: Path) -> KeyTree:
            if one.name == "base.yaml":
                return KeyTree(one, _copied(self.bases[at]), dict(self.places[at]), (one,))
            return read_tree(one, SHIPPED)

        self.use(extended(path, read))


class Settings(_Configured):
    """Texts of ``--set``, ``--mw`` and ``--resolution``."""

    def warm_up(self) -> None:
        super().warm_up()
        self.keys = [[".".join(map(str, keys)) for keys in _paths(base, ())] for base in self.bases]

    def input(self, rng: random.Random) -> Any:
        at = rng.randrange(BASES)
        key = rng.choice(self.keys[at]) if rng.random() < 0.8 else text_changed(rng, rng.choice(self.keys[at]))
        value = text_changed(rng, rng.choice(("1", "0.3", "[1, 2, 3]", "{a: 1}", "true", "2031-06", "text", "null", "-5", "1e6")))
        return at, f"{key}={value}"

    def take(self, content: Any, rng: random.Random) -> None:
        at, setting = content
        tree = KeyTree(self.folder / "a.yaml", _copied(self.bases[at]))
        for key, text in overrides([setting], mw=rng.choice((None, None, "2000", setting[:5]))).items():
            override(tree, key, text)
        self.use(tree)


def _paths(node: Any, keys: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    below = list(items(node))
    return [(*keys, k) for k, _ in below] + [path for k, v in below for path in _paths(v, (*keys, k))]


class Places(Surface):
    """Texts of ``--where``, ``--not``, ``--near`` and ``--by``."""

    TEXTS = ("TX,OK", "17093", "PJM,ERCOT", "ba:SWPP", "utility:Oncor", "41.5,-88.2,50", "a.geojson", "48113, tx", "ba:,utility:")

    def warm_up(self) -> None:
        self.package = DataPackage(DATA)
        config = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": "25000"}).config
        self.land, self.zones = open_land(self.package, config, cache_folder=self.folder / "cache")
        area.read_features = cache(area.read_features)
        super().warm_up()

    def input(self, rng: random.Random) -> Any:
        def text() -> str:
            return text_changed(rng, rng.choice(self.TEXTS), self.TEXTS)

        return tuple(text() if rng.random() < share else None for share in (0.7, 0.3, 0.4, 0.3))

    def take(self, content: Any, rng: random.Random) -> None:
        where, not_in, near, by = content
        if by is not None:
            read_month(by)
        asked = area_of(where, not_in, near)
        if asked:
            within = area.resolved(asked, self.package, str, self.zones)
            within.holds("TX", "48113", None, (32.5, -99.7))
            within.cells(self.land, self.zones)


class Parsed(Surface):
    """Values of YAML alone, made of pieces of its grammar."""

    PIECES = (
        *(
            "a",
            "b: ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ": ",
            ", ",
            "\n",
            "\n  ",
            "\n    ",
            "&x ",
            "*x",
            "<<: ",
            "!!int ",
            "!!set ",
            "? ",
        ),
        *(
            "1",
            "2031-06-31",
            "0x1f",
            "0o17",
            "1_000",
            "12:30:45",
            ".nan",
            "-.inf",
            "'",
            '"',
            "|\n",
            ">-\n",
            "#",
            "%YAML 1.1\n---\n",
        ),
        *(
            "---\n",
            "...\n",
            "!!binary ",
            "!!timestamp ",
            "!!omap ",
            "!!python/name:a ",
            "\t",
            "@",
            "`",
            "\\x",
            "\\u",
            "=",
            "~",
            "é",
        ),
    )

    def input(self, rng: random.Random) -> Any:
        return "".join(rng.choice(self.PIECES) for _ in range(rng.randrange(1, 24)))

    def take(self, content: Any, rng: random.Random) -> None:
        from ruamel.yaml.error import YAMLError

        from sitefinder.errors import ConfigError

        try:
            parsed(content)
        except YAMLError as error:
            raise ConfigError(f"Invalid YAML: {error}") from None


class Command(Surface):
    """Whole lines of the command line, of commands that need no built layers."""

    LINES = (
        "list --run {run} --top 3 --where IL --columns site_id,rank,county",
        "list --run {run} --by 2031-06 --price 60 --min-mw 100 --acres 500 --people 10000 --best-of state",
        "show IL-600220 --run {run} --all",
        "diff {run} {run}",
        "config --config {config} --explain delivery.grid.transformer",
        "ahp {run}/a.csv",
    )

    def warm_up(self) -> None:
        names = {"run": write_run(self.folder / "run"), "config": ROOT / "config" / "default.yaml"}
        self.lines = [shlex.split(line.format(**names)) for line in self.LINES]
        super().warm_up()

    def input(self, rng: random.Random) -> Any:
        line = list(rng.choice(self.lines))
        for _ in range(rng.choice((1, 1, 2, 3))):
            at = rng.randrange(1, len(line))
            kind = rng.randrange(4)
            if kind == 0:
                del line[at]
            elif kind == 1:
                line.insert(at, rng.choice(rng.choice(self.lines)))
            else:
                line[at] = text_changed(rng, line[at])
            if len(line) < 2:
                break
        return line

    def take(self, content: Any, rng: random.Random) -> None:
        import click

        try:
            cli(args=content, standalone_mode=False)
        except (click.exceptions.Exit, click.Abort):
            return


#: name -> surface
SURFACES: Mapping[str, Callable[[Path], Surface]] = {
    "yaml": Parsed,
    "configuration, text": ConfigurationText,
    "configuration, tree": ConfigurationTree,
    "settings": Settings,
    "places": Places,
    "command line": Command,
    **SITES,
    "raster": Raster,
    "model": Model,
    "run folder": RunFolder,
}
