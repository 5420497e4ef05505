"""People of block groups spread over cells: nobody lost, towns before open country, sums of the census."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from sitefinder.compiling.people import COUNTRY_KM2, TOWN_KM2, Centres, Frame, county_frame, places_share, shared_out, spread
from sitefinder.grid import Grid, from_lonlat
from tests.helpers.paths import DATA

#: published 2020 census: 331,449,281 in all less Alaska's 733,391 and Hawaii's 1,455,271
CONTIGUOUS = 331_449_281 - 733_391 - 1_455_271
#: published 2020 census of counties, from the largest to the smallest
COUNTIES = {"06037": 10_014_009, "17031": 5_275_541, "48201": 4_731_145, "36061": 1_694_251, "48301": 64}
SIDE = 30
#: a square country of two counties, west and east
FRAME = Frame(
    Affine(1000.0, 0.0, 0.0, 0.0, -1000.0, SIDE * 1000.0),
    (SIDE, SIDE),
    np.tile(np.where(np.arange(SIDE) < 15, 0, 1).astype(np.int32), (SIDE, 1)),
)


@pytest.fixture(scope="module")
def compiled():
    """Residents of the compiled raster, masked outside the country."""
    with rasterio.open(DATA / "land" / "people_1km.tif") as source:
        return source.read(1, masked=True).filled(0).astype(np.int64)


def window(people, lat, lon, cells):
    """Residents of the cells around a place."""
    row, col = (int(v) for v in Grid(1000.0).cell_at(*from_lonlat(lon, lat)))
    return people[row - cells : row + cells + 1, col - cells : col + cells + 1]


def test_the_country_has_its_published_population(compiled):
    """Within a tenth of a percent, as the census gives it."""
    assert compiled.sum() == pytest.approx(CONTIGUOUS, rel=1e-3)


def test_counties_have_their_published_populations(compiled):
    """Cells whose centre lies in the county; the largest of the country and the smallest."""
    counties = gpd.read_parquet(DATA / "boundaries" / "counties.parquet")
    county = county_frame(counties).county
    for fips, people in COUNTIES.items():
        row = counties.index[counties["fips"] == fips][0]
        assert compiled[county == row].sum() == pytest.approx(people, rel=1e-3), fips


@pytest.mark.parametrize(
    ("place", "lat", "lon", "cells", "least", "most"),
    [
        ("open country of Grundy County IA", 42.45, -92.75, 4, 2, 15),
        ("open country of Pocahontas County IA, a village in it", 42.72, -94.75, 8, 2, 15),
        ("central Nevada", 38.9, -116.8, 10, 0, 0.5),
        ("Upper East Side of Manhattan", 40.775, -73.955, 1, 20_000, 60_000),
        ("Grundy Center IA, 2,800 people", 42.361, -92.768, 1, 150, 400),
    ],
)
def test_named_places_are_as_dense_as_they_are(compiled, place, lat, lon, cells, least, most):
    """People per km2 of a window, and nobody gathers in one cell of open country."""
    around = window(compiled, lat, lon, cells)
    assert least <= around.mean() <= most, place


def centres(*rows):
    """Centres of population from (x, y, people, county)."""
    x, y, people, county = zip(*rows, strict=True)
    return Centres(np.array(x, float), np.array(y, float), np.array(people, np.int64), np.array(county, np.int64))


def test_a_block_group_in_open_country_is_not_one_crowded_cell():
    """1,500 people over 450 km2 of like land: three or four in each cell, none beyond the county."""
    people = spread(centres((7300.0, 15_200.0, 1500, 0)), np.full(FRAME.shape, 9.0), FRAME)
    assert people.sum() == 1500
    assert people[:, 15:].sum() == 0
    assert people[:, :15].min() >= 3
    assert people.max() <= 4


def test_people_go_to_the_town_of_their_block_group_first():
    """One town cell among open country takes its part by density."""
    density = np.full(FRAME.shape, COUNTRY_KM2)
    density[10, 4] = TOWN_KM2
    people = spread(centres((7300.0, 15_200.0, 1500, 0)), density, FRAME)
    part = TOWN_KM2 / (TOWN_KM2 + 449 * COUNTRY_KM2)
    assert people[10, 4] == pytest.approx(1500 * part, abs=1)


def test_every_county_keeps_its_people_however_crowded():
    """Ten centres in one cell, one of them at the place of another, and one across the border."""
    rng = np.random.default_rng(3)
    rows = [
        (15_100.0 + x, 15_100.0 + y, n, 1) for x, y, n in zip(*rng.uniform(0, 700, (2, 9)), rng.integers(1, 3000, 9), strict=True)
    ]
    rows += [(rows[0][0], rows[0][1], 77, 1), (14_900.0, 15_100.0, 500, 0)]
    people = spread(centres(*rows), np.full(FRAME.shape, 9.0), FRAME)
    assert people[:, 15:].sum() == sum(n for *_, n, county in rows if county == 1)
    assert people[:, :15].sum() == 500


def test_rounding_keeps_every_sum():
    """However small the shares: each centre gives out all its people and no cell gets fewer than none."""
    rng = np.random.default_rng(0)
    centre = np.repeat(np.arange(50), 40)
    given = rng.integers(1, 60, 50)
    amount = shared_out(given, centre, np.tile(np.arange(40), 50), rng.uniform(1e-6, 1.0, centre.size))
    assert (np.bincount(centre, amount) == given).all()
    assert amount.min() >= 0


def test_a_place_takes_the_land_that_a_town_of_its_people_needs():
    """A town of 2,000 about 2 km2; a city of a million is left to its block groups."""
    at = gpd.points_from_xy([15_000.0, 5000.0], [15_000.0, 5000.0])
    places = gpd.GeoDataFrame({"population": [2000.0, 1e6]}, geometry=at)
    share = places_share(places, FRAME)
    assert share.sum() == pytest.approx(2000 / TOWN_KM2, rel=1e-6)
    assert share[24, 5] == 0.0
