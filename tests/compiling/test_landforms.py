"""Gently sloping land: the fit to the published landform of counties, and places where maps settle the matter."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import rasterio.features
from pyproj import Transformer
from rasterio.transform import Affine

from sitefinder.compiling.base import CRS
from sitefinder.compiling.elevation import CELL_M
from sitefinder.compiling.landforms import CLASS_OF_CODE, CLASSES, bend_pct, gentle_pct
from sitefinder.compiling.terrain import frame_grid
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


def read(name: str) -> np.ndarray:
    """A compiled raster as float, NaN = unknown."""
    with rasterio.open(DATA / "land" / f"{name}.tif") as source:
        return source.read(1, masked=True).astype("float32").filled(np.nan)


@pytest.fixture(scope="module")
def classes() -> pd.DataFrame:
    """Published class of each county as 0 (fewest gentle) to 3, ours, and that of slopes taken as exponential."""
    transform, shape = frame_grid(CELL_M)
    counties = gpd.read_parquet(DATA / "boundaries" / "counties.parquet")
    zone = rasterio.features.rasterize(
        zip(counties.geometry, range(1, len(counties) + 1), strict=True), out_shape=shape, transform=transform, dtype="int32"
    )
    gentle, slope = read("gentle_pct"), read("slope_permille") / 10.0
    known = (zone > 0) & np.isfinite(gentle)
    cells = np.bincount(zone[known], minlength=len(counties) + 1)

    def grade(share: np.ndarray) -> pd.Series:
        total = np.bincount(zone[known], share[known], minlength=cells.size)
        mean = pd.Series(total[1:] / np.maximum(cells[1:], 1), counties["fips"])
        return pd.Series(np.digitize(mean, [20.0, 50.0, 80.0]), mean.index)

    forms = pd.read_parquet(DATA / "land" / "county_landforms.parquet").set_index("fips")
    theirs = pd.Series(np.searchsorted([0.0, 20.0, 50.0, 80.0], forms["gentle_low_pct"]), forms.index)
    before = 100.0 * -np.expm1(-8.0 / np.maximum(slope, 0.01))
    table = pd.DataFrame({"theirs": theirs, "ours": grade(gentle), "before": grade(before)}).dropna()
    return table[cells[1:][counties.set_index("fips").index.get_indexer(table.index)] > 0]


def test_counties_fall_into_their_published_class(classes: pd.DataFrame) -> None:
    """Two in three, nearly all into it or the next; the commonest class gets fewer than half, exponential slopes one in six."""
    assert len(classes) > 3050
    ours, before = (classes[k] - classes["theirs"] for k in ("ours", "before"))
    assert (ours == 0).mean() > 0.65
    assert (ours.abs() <= 1).mean() > 0.99
    assert (classes["theirs"] == 2).mean() < 0.47
    assert (before == 0).mean() < 0.2


@pytest.mark.parametrize("state", ["54", "39", "19", "48", "06", "37"])
def test_no_state_is_off_as_a_whole(classes: pd.DataFrame, state: str) -> None:
    """West Virginia, Ohio, Iowa, Texas, California, North Carolina: the mean class is right to half a class."""
    of = classes[classes.index.str.startswith(state)]
    assert abs((of["ours"] - of["theirs"]).mean()) < 0.5


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "low", "high"),
    [
        ("Champaign IL", -88.2, 40.0, 85, 100),
        ("Clarksdale MS", -90.57, 34.2, 75, 100),
        ("Mesa AZ", -111.62, 33.35, 80, 100),
        ("West Jordan UT", -112.0, 40.6, 60, 90),
        ("Grafton WV", -80.075, 39.347, 5, 45),
        ("Pikeville KY", -82.52, 37.48, 0, 20),
        ("Gatlinburg TN", -83.51, 35.71, 0, 20),
        ("Aspen CO", -106.82, 39.19, 0, 20),
    ],
)
def test_known_places(place: str, longitude: float, latitude: float, low: float, high: float) -> None:
    """Prairie and delta are gentle, plateaus cut by streams and mountains are not (K: any contour map)."""
    with rasterio.open(DATA / "land" / "gentle_pct.tif") as source:
        share = next(source.sample([TO_ALBERS.transform(longitude, latitude)]))[0]
    assert low <= share <= high, place


def test_a_saw_bends_and_a_plane_does_not() -> None:
    """Heights that go up and down post by post lie a tooth off the line between their neighbours, those of a plane on it."""
    step = 1.0 / 120.0
    transform = Affine(step, 0.0, -90.0, 0.0, -step, 3.0 * step)
    saw = np.tile([0.0, 10.0], (6, 3))
    expected = 100.0 * 10.0 / (111_195.0 * step)  # at the equator; north to south there is no tooth
    assert bend_pct(saw, transform) == pytest.approx(np.full(saw.shape, expected / 2.0), rel=1e-4)
    rows, columns = np.mgrid[0:6, 0:6]
    assert bend_pct(30.0 * rows + 50.0 * columns, transform) == pytest.approx(np.zeros((6, 6)), abs=1e-9)


def test_the_share_falls_from_all_to_none() -> None:
    """Level ground is gentle, no bend makes the share negative, and a plane twice as steep as the limit counts half."""
    share = gentle_pct(np.array([0.0, 0.5, 0.9, 5.0, 100.0]), np.zeros(5))
    assert share[0] == 100.0
    assert share[2] == pytest.approx(50.0)
    assert (np.diff(share) < 0).all()
    assert share[-1] > 0.0
    assert gentle_pct(np.zeros(2), np.array([16.0, 3.0])) == pytest.approx([50.0, 100.0], abs=0.2)


def test_every_code_has_a_class_and_the_classes_fill_the_scale() -> None:
    """Codes 1 to 21; limits follow one another from 0 to 100."""
    assert sorted(CLASS_OF_CODE) == list(range(1, 22))
    limits = sorted(CLASSES.values())
    assert [low for low, _ in limits] == [0.0, *(high for _, high in limits[:-1])]
    assert limits[-1][1] == 100.0
