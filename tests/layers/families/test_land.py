"""Gates on terrain against the places where campuses stand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Transformer

from sitefinder.config import ConfigFile
from sitefinder.layers.files import CAMPUS_LABELS, GENTLE, RELIEF
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True)


def values(name: str, xy: np.ndarray) -> np.ndarray:
    """A compiled raster at places in EPSG:5070, NaN = unknown."""
    with rasterio.open(DATA / name) as source:
        found = np.array([v[0] for v in source.sample(xy)], float)
        return np.where(found == source.nodata, np.nan, found)


def test_no_known_campus_lies_in_land_called_mountainous(default_config: ConfigFile) -> None:
    """Four at Malaga, Washington, would, at 600 m of relief."""
    gate = default_config.config.exclusions["mountainous"]
    campuses = gpd.read_parquet(DATA / CAMPUS_LABELS)
    relief = values(RELIEF, shapely.get_coordinates(campuses.to_crs("EPSG:5070").geometry.centroid.values))
    assert gate.layer == "relief_m"
    assert gate.above is not None
    assert np.nanmax(relief) < gate.above
    assert (relief > 600).sum() == 4


@pytest.mark.parametrize(
    ("place", "lat", "lon"),
    [
        ("West Jordan UT", 40.60, -112.00),
        ("Eagle Mountain UT", 40.32, -112.00),
        ("Lehi UT", 40.39, -111.85),
        ("Tahoe-Reno industrial center NV", 39.53, -119.45),
        ("Goodyear AZ", 33.43, -112.40),
        ("Mesa AZ", 33.35, -111.62),
        ("Los Lunas NM", 34.80, -106.73),
        ("Apex NV", 36.35, -114.92),
        ("Tooele UT", 40.55, -112.30),
    ],
)
def test_valleys_beside_mountains_pass(default_config: ConfigFile, place: str, lat: float, lon: float) -> None:
    """Flat or gentle land with mountains in sight, where campuses stand or are sold."""
    gates = default_config.config.exclusions
    xy = np.array([TO_ALBERS.transform(lon, lat)])
    assert values(RELIEF, xy)[0] < gates["mountainous"].above
    assert values(GENTLE, xy)[0] > gates["steep"].below


def test_the_gate_on_relief_leaves_flat_land_alone(default_config: ConfigFile) -> None:
    """It refuses a hundredth of the land, and of that next to nothing that the gate on gentle land leaves."""
    gates = default_config.config.exclusions
    with rasterio.open(DATA / RELIEF) as source:
        relief = source.read(1, masked=True).astype(float).filled(np.nan)
    with rasterio.open(DATA / GENTLE) as source:
        gentle = source.read(1, masked=True).astype(float).filled(np.nan)
    refused = relief > gates["mountainous"].above
    known = np.isfinite(relief)
    assert 0.003 < refused[known].mean() < 0.02
    assert (refused & (gentle >= gates["steep"].below))[known].mean() < 0.001


def test_few_known_campuses_lie_where_too_little_land_is_gentle(default_config: ConfigFile) -> None:
    """One in a hundred in what the gate refuses, one in fifteen where no campus of the list may lie; of all land far more."""
    gates = default_config.config.exclusions
    campuses = gpd.read_parquet(DATA / CAMPUS_LABELS)
    theirs = values(GENTLE, shapely.get_coordinates(campuses.to_crs("EPSG:5070").geometry.centroid.values))
    with rasterio.open(DATA / GENTLE) as source:
        land = source.read(1, masked=True).compressed()
    assert np.mean(theirs < gates["steep"].below) < 0.015 < 0.1 < np.mean(land < gates["steep"].below)
    assert np.mean(theirs < gates["hillside"].below) < 0.07 < 0.25 < np.mean(land < gates["hillside"].below)
