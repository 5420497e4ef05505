"""The stack: what is cached, what is built anew, and what an interrupted build leaves."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sitefinder.cache.sealed import content_of
from sitefinder.config import load_config
from sitefinder.errors import DataError, OutputError
from sitefinder.layers import REGISTRY
from sitefinder.layers.spec import Layer
from sitefinder.layers.stack import KEPT_BUILDS, LayerStack, open_stack

#: built layers of the country
pytestmark = pytest.mark.stack


@pytest.fixture
def cache(tmp_path):
    """An empty cache folder."""
    return tmp_path / "cache"


def opened(package, config, cache, layers=("slope_pct", "town_km")) -> tuple[LayerStack, list[str]]:
    """The stack and the layers that were built for it."""
    built: list[str] = []
    stack = open_stack(package, config, layers, cache_folder=cache, report=lambda name, done, total: built.append(name))
    return stack, built


def test_layers_are_built_once(package, tiny_config, cache):
    """The second opening builds nothing and reads the same numbers."""
    first, built = opened(package, tiny_config, cache)
    second, again = opened(package, tiny_config, cache)
    assert sorted(built) == ["slope_pct", "town_km"]
    assert again == []
    np.testing.assert_array_equal(first.values("slope_pct"), second.values("slope_pct"))


def test_a_changed_input_rebuilds_its_layer_only(package, tiny_config, cache, monkeypatch):
    """The checksum of the compiled file is part of the fingerprint."""
    opened(package, tiny_config, cache)
    name = "land/slope_permille.tif"
    monkeypatch.setitem(package.resources, name, package.resources[name] | {"title": "same bytes"})
    assert opened(package, tiny_config, cache)[1] == []
    monkeypatch.setitem(package.resources, name, package.resources[name] | {"hash": "sha256:other"})
    with pytest.raises(DataError, match="checksum"):
        opened(package, tiny_config, cache)


def test_another_cell_size_has_its_own_folder(package, default_path, cache):
    """Two resolutions never share a file."""
    for size in ("25000", "20000"):
        opened(package, load_config(default_path, {"grid.resolution_m": size}), cache)
    assert sorted(p.name for p in cache.iterdir()) == ["grid-20000m", "grid-25000m"]


def test_values_at_a_few_places_equal_the_whole(package, tiny_config, cache):
    """Reading some cells gives what reading all gives."""
    stack, _ = opened(package, tiny_config, cache)
    index = np.array([5, 0, stack.land.size - 1])
    np.testing.assert_array_equal(stack.at("slope_pct", index), stack.values("slope_pct")[index])


def test_held_places_have_the_values_and_names_of_the_files(package, tiny_config, cache):
    """From the first run and from the records of the second; places that are not held are read from the files."""
    stack, _ = opened(package, tiny_config, cache)
    groups = {"one": np.array([40, 7, 9]), "two": np.array([500])}
    for _ in range(2):
        held = stack.holding(groups)
        for index in (np.array([9, 500, 40]), np.array([9, 11])):
            for layer in stack.records:
                np.testing.assert_array_equal(held.at(layer, index), stack.at(layer, index))
                assert held.names(layer, index) == stack.names(layer, index)
    path = cache / "grid-25000m" / f"{stack.records['slope_pct']['stem']}.npy"
    path.unlink()
    assert held.at("slope_pct", np.array([9, 500])).dtype == np.float32
    assert not path.exists()
    held.at("slope_pct", np.array([9, 11]))
    assert path.exists()


def test_names_are_none_where_a_layer_keeps_none(package, tiny_config, cache):
    """A raster has no nearest feature; a town has a name."""
    stack, _ = opened(package, tiny_config, cache)
    index = np.array([0, 100])
    assert stack.names("slope_pct", index) == [None, None]
    assert all("," in name for name in stack.names("town_km", index))


def test_a_failing_layer_leaves_no_half_written_file(package, tiny_config, cache, monkeypatch):
    """A number outside the valid range stops the build; the next run finds nothing to trust."""
    spec = REGISTRY["slope_pct"].spec
    wrong = Layer(spec, lambda sources: np.full(sources.land.size, 1000.0, np.float32))
    monkeypatch.setitem(REGISTRY, "slope_pct", wrong)
    with pytest.raises(DataError, match=r"slope_pct.*valid range 0 to 150"):
        opened(package, tiny_config, cache, ["slope_pct"])
    assert not list(cache.rglob("*slope_pct*"))


def test_a_layer_without_any_value_is_refused(package, tiny_config, cache, monkeypatch):
    """A raster that misses the country says so."""
    spec = REGISTRY["slope_pct"].spec
    empty = Layer(spec, lambda sources: np.full(sources.land.size, np.nan, np.float32))
    monkeypatch.setitem(REGISTRY, "slope_pct", empty)
    with pytest.raises(DataError, match="covers no land cell"):
        opened(package, tiny_config, cache, ["slope_pct"])


def test_unknown_share_is_recorded(package, tiny_config, cache):
    """The manifest says how much of the land a layer knows."""
    stack, _ = opened(package, tiny_config, cache, ["land_value_usd_acre", "town_km"])
    assert stack.has_unknown("land_value_usd_acre")
    assert not stack.has_unknown("town_km")
    known = np.isfinite(stack.values("land_value_usd_acre")).mean()
    assert stack.records["land_value_usd_acre"]["known_share"] == pytest.approx(known)


def test_land_is_the_contiguous_united_states(package, tiny_config, cache):
    """About 7.8 million square kilometres in 48 states and the District of Columbia, within 2 % at 25 km."""
    stack, _ = opened(package, tiny_config, cache)
    assert stack.land.size * 25.0**2 == pytest.approx(7.81e6, rel=0.02)
    states = {c["state"] for c in stack.zones.names["county"]}
    assert len(states) == 49
    assert {"AK", "HI", "PR"} & states == set()


def test_the_manifest_of_a_layer_is_json(package, tiny_config, cache):
    """Other tools can read what was built."""
    opened(package, tiny_config, cache)
    (record,) = [p for p in cache.rglob("town_km-*.json") if "labels" not in p.name]
    assert json.loads(content_of(record))["labelled"] is True


def test_the_builds_used_last_are_kept(package, default_path, cache):
    """Of six loads, the dates of the last four stay, each with its record; a load asked for again counts as used."""

    def dates(mw: int) -> None:
        config = load_config(default_path, {"grid.resolution_m": "25000", "project.mw": str(mw)})
        opened(package, config, cache, ["grid_mw_by_date"])

    for mw in (600, 700, 800, 900, 600, 1000):
        dates(mw)
    records = list(cache.rglob("grid_mw_by_date-*.json"))
    assert len(records) == KEPT_BUILDS == 4
    assert {p.stem for p in records} == {p.stem for p in cache.rglob("grid_mw_by_date-*.npy")}
    before = {p.name for p in records}
    dates(600)
    assert {p.name for p in cache.rglob("grid_mw_by_date-*.json")} == before


@pytest.mark.parametrize("part", [".npy", ".json", ".nearest.npy", ".labels.json"])
@pytest.mark.parametrize("while_open", [True, False])
def test_a_layer_with_a_damaged_file_is_built_again(package, tiny_config, cache, part, while_open):
    """Before the stack is opened, and while it is open: numbers and names are those of a sound one, and the file is mended."""
    stack, _ = opened(package, tiny_config, cache, ["town_km"])
    index, right = np.arange(0, stack.land.size, 7), stack.values("town_km")
    nearest, names = stack.nearest("town_km", index), stack.names("town_km", index)
    path = stack.folder / f"{stack.records['town_km']['stem']}{part}"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + (bytes(len(whole) - len(whole) // 2) if while_open else b""))
    again = stack if while_open else opened(package, tiny_config, cache, ["town_km"])[0]
    np.testing.assert_array_equal(again.at("town_km", index), right[index])
    np.testing.assert_array_equal(again.values("town_km"), right)
    np.testing.assert_array_equal(again.nearest("town_km", index), nearest)
    assert again.names("town_km", index) == names
    if not (while_open and part == ".json"):  # an open stack holds the record of its layers
        assert path.read_bytes() == whole


def test_a_damaged_layer_that_nobody_can_build_is_refused(package, tiny_config, cache):
    """One line with the layer and the remedy."""
    stack, _ = opened(package, tiny_config, cache, ["town_km"])
    alone = LayerStack(stack.land, stack.zones, stack.records, stack.folder)
    (stack.folder / f"{stack.records['town_km']['stem']}.npy").write_bytes(b"no array")
    with pytest.raises(OutputError, match=r"Damaged layer 'town_km' in the cache .*Run again"):
        alone.values("town_km")
