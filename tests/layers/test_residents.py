"""Residents around a cell: parts of discs, and the raster that they come from."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from sitefinder.errors import DataError
from sitefinder.grid import Grid, Land
from sitefinder.layers.files import PEOPLE
from sitefinder.layers.package import DataPackage
from sitefinder.layers.residents import disc_parts, read_residents, residents_within_km
from sitefinder.layers.sources import Sources

#: a window of central Iowa on the grid of the residents
AROUND = (slice(1000, 1030), slice(2500, 2530))


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.0, 10.0])
def test_the_parts_of_a_disc_are_its_area(radius):
    """In cells; the middle cell is whole once the disc holds it, and the disc lies in the middle."""
    parts = disc_parts(radius)
    assert parts.sum() == pytest.approx(np.pi * radius**2, rel=0.02)
    np.testing.assert_allclose(parts, parts[::-1, ::-1])
    assert parts.max() <= 1.0


def test_people_within_a_radius_are_counted_cell_by_cell(package, default_config):
    """The same as adding up the cells by their part of the disc."""
    residents, grid = read_residents(package)
    rows, cols = np.mgrid[AROUND]
    land = Land(grid, (rows * grid.width + cols).ravel().astype(np.int32))
    people = residents_within_km(Sources(package, land, default_config.config), 2.0).reshape(rows.shape)
    parts = disc_parts(2.0)
    for row, col in ((1003, 2504), (1020, 2519)):
        by_hand = (residents[row - 2 : row + 3, col - 2 : col + 3] * parts).sum()
        assert people[row - 1000, col - 2500] == pytest.approx(by_hand, abs=0.05)


def test_a_coarse_cell_looks_as_far_as_half_of_it(package, default_config):
    """On cells of 25 km the density of 12.5 km stands for that of 2 km."""
    grid = Grid(25_000.0)
    land = Land(grid, np.arange(grid.width * grid.height, dtype=np.int32))
    sources = Sources(package, land, default_config.config)
    near, far = residents_within_km(sources, 2.0), residents_within_km(sources, 12.5)
    np.testing.assert_allclose(near, far * (2.0 / 12.5) ** 2, rtol=1e-4, atol=0.01)


def test_a_raster_on_another_frame_is_refused(tmp_path):
    """Cells must be those of the study."""
    path = tmp_path / PEOPLE
    path.parent.mkdir()
    profile = {"driver": "GTiff", "height": 4, "width": 4, "count": 1, "dtype": "uint16", "crs": "EPSG:5070"}
    with rasterio.open(path, "w", transform=Affine(1000.0, 0, 0, 0, -1000.0, 0), **profile) as target:
        target.write(np.zeros((4, 4), np.uint16), 1)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [{"path": PEOPLE, "hash": f"sha256:{digest}"}]}))
    with pytest.raises(DataError, match="does not lie on the frame"):
        read_residents(DataPackage(tmp_path))
