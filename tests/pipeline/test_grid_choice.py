"""Points of the grid from the cache are those of the registers, to the last bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from sitefinder.cache import Cache
from sitefinder.layers.able import GridPoints, chosen_at, grid_points
from sitefinder.pipeline.grid_choice import KeptPoints


def test_kept_points_are_those_of_the_registers(tmp_path, package, default_config):
    """Stations and lines, those of unknown headroom too, when they are made and when they are read again."""
    delivery, mw = default_config.config.section("delivery"), default_config.config.project.mw
    points = grid_points(package, delivery, mw)
    rows = np.unique(np.linspace(0, points.kv.size - 1, 500).astype(np.int64))[::-1]
    rows = np.concatenate([rows, np.flatnonzero(np.isnan(points.left_mw[:, 1]))[:3], rows[:2]])
    for _ in range(2):
        same(KeptPoints(Cache(tmp_path), package, delivery, mw).take(rows), points.take(rows))
    xy = np.random.default_rng(1).uniform(0.0, 1e6, (rows.size, 2))
    kept, whole = KeptPoints(Cache(tmp_path), package, delivery, mw).chosen(xy, rows), chosen_at(points, delivery, mw, xy, rows)
    same(kept.points, whole.points)
    for name in ("row", "km", "able"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(whole, name))


def test_no_place_joins_no_point(tmp_path, package, default_config):
    """Empty rows give empty points."""
    delivery, mw = default_config.config.section("delivery"), default_config.config.project.mw
    assert KeptPoints(Cache(tmp_path), package, delivery, mw).take(np.empty(0, np.int64)).kv.size == 0


@pytest.mark.parametrize("part", ["numbers-bytes", "wkb-bytes", "names-ends"])
def test_a_damaged_file_is_made_anew(tmp_path, package, default_config, part):
    """One byte of a file."""
    delivery, mw = default_config.config.section("delivery"), default_config.config.project.mw
    rows = np.arange(5)
    before = KeptPoints(Cache(tmp_path), package, delivery, mw).take(rows)
    (path,) = tmp_path.glob(f"*-{part}.npy")
    content = bytearray(path.read_bytes())
    content[140] ^= 255
    path.write_bytes(content)
    same(KeptPoints(Cache(tmp_path), package, delivery, mw).take(rows), before)


def same(one: GridPoints, other: GridPoints) -> None:
    """Every field to the last bit."""
    for field in dataclasses.fields(GridPoints):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if field.name == "geometry":
            a, b = shapely.to_wkb(a), shapely.to_wkb(b)
        assert a.dtype == b.dtype, field.name
        np.testing.assert_array_equal(a, b, field.name)
