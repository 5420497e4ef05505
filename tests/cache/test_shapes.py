"""Kept shapes: those near a box are those of a full search, in their order, and a damaged file is made anew."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely

from sitefinder.cache.shapes import KeptShapes
from sitefinder.cache.store import Cache

DIGEST = "0123456789abcdef"


@pytest.fixture
def shapes() -> dict[str, np.ndarray]:
    """Points and lines at random, one of them empty and one missing."""
    xy = np.random.default_rng(4).uniform(0.0, 1000.0, (200, 2))
    lines = [shapely.LineString([a, b]) for a, b in pairwise(xy)]
    return {"points": shapely.points(xy), "lines": np.array([*lines, shapely.LineString(), None], object)}


def kept(folder: Path, shapes: dict[str, np.ndarray], calls: list[int]) -> KeptShapes:
    """The shapes, kept below a folder; ``calls`` grows when they are made."""

    def make() -> dict[str, np.ndarray]:
        calls.append(1)
        return shapes

    return KeptShapes(Cache(folder), f"shapes-{DIGEST}", ("points", "lines"), make, 2)


BOXES = np.array([[100.0, 100.0, 320.0, 260.0], [700.0, 0.0, 720.0, 30.0]])


def searched(shapes: dict[str, np.ndarray]) -> dict[str, list[str]]:
    """Shapes whose bounds touch a box, as text, by looking at each."""
    boxes = [shapely.box(*box) for box in BOXES]
    return {
        name: [
            s.wkt for s in some if s is not None and any(shapely.box(*s.bounds).intersects(b) for b in boxes if not s.is_empty)
        ]
        for name, some in shapes.items()
    }


def test_shapes_near_boxes_are_those_of_a_full_search(tmp_path, shapes):
    """In both groups, in order, from what was made and from what was kept."""
    calls: list[int] = []
    for _ in range(2):
        near = kept(tmp_path, shapes, calls).near(BOXES)
        assert {name: [s.wkt for s in some] for name, some in near.items()} == searched(shapes)
    assert calls == [1]
    assert len(near["points"]) > 0
    assert len(near["lines"]) > len(near["points"])


def test_no_shape_near_is_no_shape(tmp_path, shapes):
    """A box far from everything."""
    near = kept(tmp_path, shapes, []).near(np.array([[5e4, 5e4, 6e4, 6e4]]))
    assert [some.size for some in near.values()] == [0, 0]


@pytest.mark.parametrize("part", ["places", "wkb-bytes", "wkb-ends"])
def test_a_damaged_file_is_made_anew(tmp_path, shapes, part):
    """One byte of either file."""
    calls: list[int] = []
    kept(tmp_path, shapes, calls).near(BOXES)
    path = tmp_path / f"shapes-{DIGEST}-{part}.npy"
    content = bytearray(path.read_bytes())
    content[200] ^= 255
    path.write_bytes(content)
    whole = np.array([[-1.0, -1.0, 1001.0, 1001.0]])
    near = kept(tmp_path, shapes, calls).near(whole)
    assert calls == [1, 1]
    assert [s.wkt for s in near["points"]] == [s.wkt for s in shapes["points"]]
