"""Names of the compiled files: each in the register, and each written once."""

from __future__ import annotations

import re

from sitefinder.layers import REGISTRY, files
from sitefinder.layers.package import DataPackage

PATH = re.compile(r"[a-z_]+/[a-z0-9_]+\.(parquet|tif|json)")
NAMES = {name: value for name, value in vars(files).items() if isinstance(value, str) and PATH.fullmatch(value)}
#: written by training, not by compiling: its own checksum is inside
NOT_COMPILED = {files.MODEL_FILE}
#: compiled for people and for validation; no layer reads them
UNREAD = {
    "fiber/cloud_regions.parquet",
    "land/state_federal.parquet",
    "policy/doe_sites.parquet",
    "water/gauges.parquet",
    "water/scarcity_aware.parquet",
}


def test_every_name_is_a_compiled_file(package: DataPackage) -> None:
    """A name that the register does not know would fail in the middle of a run."""
    assert set(NAMES.values()) - NOT_COMPILED == set(package.resources) - UNREAD


def test_every_file_is_named_once(package: DataPackage) -> None:
    """Two names for one file would be changed one at a time; the register lists no file twice either."""
    assert len(set(NAMES.values())) == len(NAMES)
    text = (package.root / "datapackage.json").read_text(encoding="utf-8")
    assert [path for path in package.resources if text.count(f'"path": "{path}"') != 1] == []


def test_layers_name_only_these_files() -> None:
    """What a layer says it is made of is a compiled file."""
    used = {source for layer in REGISTRY.values() for source in layer.spec.sources}
    assert used <= set(NAMES.values())
