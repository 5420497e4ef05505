"""Fingerprints of layers: what changes them and what does not."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.project import Replacement
from sitefinder.layers import REGISTRY
from sitefinder.layers.fingerprint import land_fingerprint, layer_fingerprint
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack

COARSE = {"grid.resolution_m": "25000"}


@pytest.fixture
def changed_layers(package, default_path):
    """Layers whose fingerprints differ between the shipped configuration and a tuned one."""

    def compare(**tuned):
        configs = [load_config(default_path, COARSE | extra).config for extra in ({}, tuned)]
        prints = [{k: layer_fingerprint(layer, package, c) for k, layer in REGISTRY.items()} for c in configs]
        return {k for k in REGISTRY if prints[0][k] != prints[1][k]}

    return compare


@pytest.mark.parametrize(
    ("key", "value", "layers"),
    [
        ("weights.water", "0.5", set()),
        ("needs.water.wue.hybrid", "[0.4, 0.98, 2.0]", {"river_km"}),
        ("needs.water.wue.dry", "[0.1, 0.3, 0.4]", set()),
        ("delivery.grid.transformer", "[30, 40, 50]", {"grid_months_200mw", "grid_mw_by_date"}),
        ("project.energise_by", "2030-12", {"grid_mw_by_date"}),
        ("project.mw", "2000", {"able_grid_km", "headroom_left_mw", "grid_months_200mw", "grid_mw_by_date", "river_km"}),
    ],
)
def test_a_setting_changes_the_layers_that_it_builds(changed_layers, key, value, layers):
    """A layer is built anew for what it depends on and for nothing else."""
    assert changed_layers(**{key: value}) == layers


def test_another_cell_size_changes_every_layer(changed_layers):
    """Each resolution has layers of its own."""
    assert changed_layers(**{"grid.resolution_m": "20000"}) == set(REGISTRY)


def test_a_changed_file_changes_its_layers(package, tiny_config, monkeypatch):
    """By the checksum in the register, for land as for layers."""
    before = [layer_fingerprint(REGISTRY[k], package, tiny_config.config) for k in ("slope_pct", "town_km")]
    land = land_fingerprint(package)
    monkeypatch.setitem(package.resources, "land/slope_permille.tif", {"hash": "sha256:other"})
    after = [layer_fingerprint(REGISTRY[k], package, tiny_config.config) for k in ("slope_pct", "town_km")]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True]
    assert land_fingerprint(package) == land
    monkeypatch.setitem(package.resources, "boundaries/counties.parquet", {"hash": "sha256:other"})
    assert land_fingerprint(package) != land


def test_a_replaced_layer_depends_on_the_file_of_the_user(package, tiny_config, tmp_path):
    """Its size and time count, the compiled files do not."""
    path = tmp_path / "slope.tif"
    path.write_bytes(b"one")
    replaced = {"slope_pct": Replacement(file=str(path))}
    first = layer_fingerprint(REGISTRY["slope_pct"], package, tiny_config.config, replaced)
    path.write_bytes(b"three")
    assert (
        layer_fingerprint(REGISTRY["slope_pct"], package, tiny_config.config, {"slope_pct": Replacement(file=str(path))}) != first
    )


@pytest.mark.stack
def test_a_thirstier_campus_is_farther_from_its_river(package: DataPackage, default_path, tmp_path):
    """Litres per kWh of the section ``needs`` decide which rivers count."""
    kilometres = [
        open_stack(package, load_config(default_path, COARSE | tuned), ["river_km"], cache_folder=tmp_path)
        .values("river_km")
        .mean()
        for tuned in ({}, {"needs.water.wue.hybrid": "[0.4, 0.98, 2.0]"})
    ]
    assert kilometres[1] > 1.2 * kilometres[0]


def test_a_layer_depends_on_the_rasters_of_what_it_is_made_of(package, tiny_config, tmp_path):
    """The buildable share changes with the user's slope and its sidecar; the distance to a town does not."""
    path = tmp_path / "slope.tif"
    path.write_bytes(b"one")
    replaced = {"slope_pct": Replacement(file=str(path))}

    def prints(of):
        return [layer_fingerprint(REGISTRY[k], package, tiny_config.config, of) for k in ("buildable_pct", "town_km")]

    plain, before = prints({}), prints(replaced)
    path.write_bytes(b"three")
    after, banded = prints(replaced), prints({"slope_pct": Replacement(file=str(path), band=2)})
    assert len({p[0] for p in (plain, before, after, banded)}) == 4
    assert len({p[1] for p in (plain, before, after, banded)}) == 1
