"""Names of places resolved into cells and sites, on the real data."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely

from sitefinder.config.area import Area
from sitefinder.errors import ConfigError, DataError
from sitefinder.grid import Grid, Land, from_wgs84, great_circle_km, to_lonlat
from sitefinder.layers.area import resolved
from sitefinder.layers.package import DataPackage
from sitefinder.layers.zones import open_land
from tests.helpers.paths import DATA

#: the land of the country
pytestmark = pytest.mark.stack
#: a place in Abilene TX: state, county, market region, latitude and longitude
ABILENE = ("TX", "48441", "ERCOT", (32.45, -99.73))
MINOOKA = ("IL", "17093", "PJM", (41.486, -88.263))


@pytest.fixture(scope="module")
def country(tiny_config, tmp_path_factory):
    """Land and zones of a coarse grid."""
    return open_land(DataPackage(DATA), tiny_config.config, cache_folder=tmp_path_factory.mktemp("cache"))


def within(**keys):
    """An area resolved."""
    return resolved(Area(**keys), DataPackage(DATA), lambda key: f"area.{key}")


@pytest.mark.parametrize(
    ("keys", "abilene", "minooka"),
    [
        ({"where": ["TX"]}, True, False),
        ({"where": ["tx", "17093"]}, True, True),
        ({"where": ["pjm"]}, False, True),
        ({"where": ["ba:ERCO"]}, True, False),
        ({"where": ["utility:commonwealth edison"]}, False, True),
        ({"not_in": ["TX"]}, False, True),
        ({"where": ["TX"], "not_in": ["48441"]}, False, False),
        ({"near": [41.5, -88.2, 50]}, False, True),
        ({"near": [41.5, -88.2, 4]}, False, False),
        ({"near": [41.5, -88.2, 50], "not_in": ["PJM"]}, False, False),
    ],
)
def test_places_lie_in_the_areas_that_hold_them(keys, abilene, minooka):
    """States, counties, market regions, balancing authorities, utilities, distances."""
    assert (within(**keys).holds(*ABILENE), within(**keys).holds(*MINOOKA)) == (abilene, minooka)


@pytest.mark.parametrize("keys", [{"where": ["TX", "OK"]}, {"where": ["ERCOT"], "not_in": ["48441"]}, {"not_in": ["TX"]}])
def test_cells_are_those_of_the_zones(country, keys):
    """The county and market region of each cell decide, as for its sites."""
    land, zones = country
    area, inside = within(**keys), within(**keys).cells(land, zones)
    assert 0 < inside.sum() < land.size
    for i in range(0, land.size, 97):
        county = zones.county_of(i)
        assert inside[i] == area.holds(county["state"], county["fips"], zones.rto_of(i), _lat_lon(land, i))


def _lat_lon(land: Land, i: int) -> tuple[float, float]:
    row, col = land.rows_cols(np.array([i]))
    lon, lat = to_lonlat(*land.grid.centre(row, col))
    return float(lat[0]), float(lon[0])


def test_cells_near_a_point_are_those_within_the_distance(country):
    """Great circles, not the stretched distances of the projection."""
    land, zones = country
    inside = within(near=[47.5, -121.0, 400.0]).cells(land, zones)
    lon, lat = to_lonlat(*land.grid.centre(*land.rows_cols(np.arange(land.size))))
    assert (inside == (great_circle_km(lat, lon, 47.5, -121.0) <= 400.0)).all()
    assert inside.sum() > 100


@pytest.mark.parametrize("name", ["area.geojson", "area.gpkg", "area.parquet"])
def test_polygons_of_a_file_are_an_area(country, tmp_path, name):
    """In whatever reference system; points of the file say nothing."""
    land, zones = country
    box = from_wgs84(shapely.box(-101, 31, -97, 34))
    frame = geopandas.GeoDataFrame(geometry=[box], crs=5070).to_crs(4326)
    path = tmp_path / name
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_file(path)
    area = within(where=[str(path)])
    assert area.holds(*ABILENE)
    assert not area.holds(*MINOOKA)
    x, y = land.grid.centre(*land.rows_cols(np.arange(land.size)))
    assert area.cells(land, zones).sum() == pytest.approx(shapely.contains_xy(box, x, y).sum(), abs=2)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("TXX", "did you mean 'TX'"),
        ("ercott", "did you mean 'ERCOT'"),
        ("Oncor", "did you mean 'utility:Oncor'"),
        ("SWPP", "did you mean 'ba:SWPP'"),
        ("99999", "Invalid county code '99999'"),
        ("ba:ZZ", "Use one of AECI"),
        ("utility:", "Invalid utility"),
        ("", "Write a state"),
    ],
)
def test_unknown_names_are_refused_with_a_suggestion(name, said):
    """One line with the key."""
    with pytest.raises(ConfigError) as refusal:
        within(where=[name])
    assert said in str(refusal.value)
    assert "area.where" in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


def test_files_that_are_no_areas_are_refused(tmp_path):
    """Missing, damaged, of points only, without a reference system."""
    points = geopandas.GeoDataFrame(geometry=[shapely.Point(-99, 32)], crs=4326)
    points.to_file(tmp_path / "points.geojson")
    (tmp_path / "damaged.geojson").write_text("{", encoding="utf-8")
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1")
    geopandas.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]).to_file(tmp_path / "nowhere.gpkg")
    cases = {"none.gpkg": "Missing file", "points.geojson": "No polygon", "damaged.geojson": "Cannot read"}
    for name, said in {**cases, "damaged.parquet": "Cannot read", "nowhere.gpkg": "No reference system"}.items():
        with pytest.raises(DataError, match=f"{said}.*area.where"):
            within(where=[str(tmp_path / name)])


def test_an_area_beyond_the_land_has_no_cells(coarse_land):
    """A polygon in the sea marks nothing."""
    area = within(near=[26.0, -90.0, 30.0])
    land = Land(Grid(25_000.0), coarse_land.cells[:100])  # the northern rows only
    assert not area.cells(land, None).any()
