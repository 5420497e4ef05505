"""The user's list of sites, checked row by row."""

from __future__ import annotations

import csv
import io
import json

import geopandas
import numpy as np
import pyproj
import pytest
import shapely

from sitefinder.errors import SitesError
from sitefinder.grid import Grid, Land, from_lonlat
from sitefinder.sites.own_list import SHOWN, Asked, Problem, note_lines, problem_lines, read_sites, skipped_csv
from sitefinder.sites.reading.entry import Limits

ABILENE = "32.4487,-99.7331"
RING = [[-99.8, 32.4], [-99.7, 32.4], [-99.7, 32.5], [-99.8, 32.5], [-99.8, 32.4]]


def csv_file(folder, text):
    """The text as my.csv."""
    path = folder / "my.csv"
    path.write_text(text, encoding="utf-8")
    return path


def geojson_file(folder, *geometries, **members):
    """A feature collection as my.geojson."""
    features = [{"type": "Feature", "properties": None, "geometry": g} for g in geometries]
    path = folder / "my.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}))
    return path


def refusal(path, land=None, **asked):
    """Lines of the refusal."""
    with pytest.raises(SitesError) as caught:
        read_sites(path, land, Asked(**asked))
    return str(caught.value).splitlines()


def polygon(*ring, kind="Polygon"):
    """A GeoJSON polygon of one ring."""
    return {"type": kind, "coordinates": [[*ring, ring[0]]]}


# -- reading -------------------------------------------------------------------------------------------------------------


def test_csv_point_is_projected(tmp_path):
    """Abilene lands at its Albers coordinates, with its name and row."""
    path = csv_file(tmp_path, f"lat,lon,name\n{ABILENE},Abilene\n")
    (site,) = read_sites(path).sites
    assert (site.name, site.place) == ("Abilene", f"{path}, row 2")
    assert site.geometry.distance(shapely.Point(-349_015.5, 1_048_650.3)) < 1.0


def test_geojson_point_and_polygon_are_read(tmp_path):
    """A point stays a point, a parcel a polygon of about 104 km2."""
    point, parcel = read_sites(
        geojson_file(tmp_path, {"type": "Point", "coordinates": [-99.7331, 32.4487]}, {"type": "Polygon", "coordinates": [RING]})
    ).sites
    assert point.geometry.geom_type == "Point"
    assert parcel.geometry.area == pytest.approx(104.4e6, rel=0.01)


@pytest.mark.parametrize("row", ["nan,-99.7", "32.4,inf"])
def test_coordinate_that_is_not_finite_names_its_row(tmp_path, row):
    """nan and inf parse as numbers but are no place."""
    assert "row 2" in refusal(csv_file(tmp_path, f"lat,lon\n{row}\n"))[0]


def test_swapped_coordinates_are_recognised(tmp_path):
    """Longitude under lat: the message says which way round they go."""
    (message,) = refusal(csv_file(tmp_path, "lat,lon\n-99.7331,32.4487\n"))
    assert "row 2" in message
    assert "swapped" in message


def test_swapped_geojson_is_recognised(tmp_path):
    """GeoJSON writes longitude first."""
    (message,) = refusal(geojson_file(tmp_path, {"type": "Point", "coordinates": [32.4487, -99.7331]}))
    assert "feature 1" in message
    assert "swapped" in message


@pytest.mark.parametrize(
    "row",
    ["61.2,-149.9", "48.85,2.35", "32.4487,99.7331", "21.3,-157.8"],
    ids=["Anchorage", "Paris", "no minus sign", "Honolulu"],
)
def test_place_outside_the_contiguous_states_is_refused(tmp_path, row):
    """The box and the sign of longitudes are explained."""
    (message,) = refusal(csv_file(tmp_path, f"lat,lon\n{row}\n"))
    assert "outside the contiguous United States" in message
    assert "west longitudes negative" in message


@pytest.mark.parametrize(
    "geometry",
    [{"type": "LineString", "coordinates": RING[:2]}, {"type": "MultiPoint", "coordinates": RING}],
    ids=["line", "points"],
)
def test_geometry_that_is_no_place_is_refused(tmp_path, geometry):
    """Lines and point clouds are no sites."""
    (message,) = refusal(geojson_file(tmp_path, geometry))
    assert geometry["type"] in message
    assert "feature 1" in message


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[-99.8, 32.4], [-99.7, 32.5], [-99.7, 32.4], [-99.8, 32.5], [-99.8, 32.4]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Point", "coordinates": []},
    ],
    ids=["bow tie", "empty polygon", "empty point"],
)
def test_geometry_that_is_broken_is_refused(tmp_path, geometry):
    """A parcel that crosses itself where repairs are not wanted, or nothing at all."""
    assert "my.geojson" in refusal(geojson_file(tmp_path, geometry), strict=True)[0]


BAD = {
    "bow tie": (polygon([-99.8, 32.4], [-99.7, 32.5], [-99.7, 32.4], [-99.8, 32.5]), "crosses itself near (-99.75, 32.45)"),
    "no area": (polygon([-99.8, 32.4], [-99.7, 32.5], [-99.75, 32.45]), "covers no area"),
    "collection": (
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": p} for p in RING[:2]]},
        "GeometryCollection is not",
    ),
    "not a number": (polygon([-99.8, 32.4], [-99.7, float("nan")], [-99.7, 32.5]), "not a number"),
    "infinite": (polygon([-99.8, 32.4], [-99.7, float("inf")], [-99.7, 32.5]), "not a number"),
    "empty": ({"type": "Polygon", "coordinates": []}, "empty"),
    "none": (None, "no geometry"),
    "metres": (polygon([-349_000, 1_048_000], [-348_000, 1_048_000], [-348_000, 1_049_000]), "metres or feet"),
    "swapped": (polygon([32.4, -99.8], [32.4, -99.7], [32.5, -99.7]), "swapped"),
    "antimeridian": (polygon([179.0, 32.4], [-179.0, 32.4], [-179.0, 32.5]), "outside the contiguous"),
    "abroad": (polygon([2.3, 48.8], [2.4, 48.8], [2.4, 48.9]), "outside the contiguous"),
    "twice": (polygon(*RING[2:4], *RING[:2]), "same place as feature 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_row_is_told_and_can_be_skipped(tmp_path, name):
    """Each fault has its line beside a good parcel; with skip_bad the parcel remains and the fault is listed."""
    geometry, said = BAD[name]
    path = geojson_file(tmp_path, {"type": "Polygon", "coordinates": [RING]}, geometry)
    line, summary = refusal(path, strict=True)
    assert line.startswith(f"Invalid SITES file {path}, feature 2: ")
    assert said in line
    assert "1 of 2 sites" in summary
    assert "SKIP_BAD=1" in summary
    own = read_sites(path, None, Asked(skip_bad=True, strict=True))
    assert [s.place for s in own.sites] == [f"{path}, feature 1"]
    assert [(p.place, p.name) for p in own.skipped] == [("feature 2", "site 2")]
    assert said in own.skipped[0].text


GOOD = {
    "heights": {"type": "Polygon", "coordinates": [[[*xy, 520.0] for xy in RING]]},
    "parts": {"type": "MultiPolygon", "coordinates": [[RING], [[[x + 0.2, y] for x, y in RING]]]},
    "hole": {"type": "Polygon", "coordinates": [RING, [[-99.76, 32.44], [-99.74, 32.44], [-99.74, 32.46], [-99.76, 32.44]]]},
    "open ring": {"type": "Polygon", "coordinates": [RING[:4]]},
    "clockwise": {"type": "Polygon", "coordinates": [RING[::-1]]},
}


@pytest.mark.parametrize("name", GOOD)
def test_unusual_polygon_is_accepted(tmp_path, name):
    """Heights are dropped, parts and holes kept, rings closed, their direction is free."""
    (site,) = read_sites(geojson_file(tmp_path, GOOD[name])).sites
    expected = shapely.force_2d(shapely.geometry.shape(GOOD[name]))
    assert not site.geometry.has_z
    assert not site.outline.has_z
    geodesic = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(expected))[0])
    assert site.geometry.area == pytest.approx(geodesic, rel=2e-4)


def test_every_bad_row_is_listed_up_to_twenty(tmp_path):
    """Thirty bad rows: twenty lines, how many more, and how many of how many; without a good one no advice to skip."""
    rows = "".join(f"x,{i}\n" for i in range(30))
    lines = refusal(csv_file(tmp_path, "lat,lon\n" + rows))
    assert len(lines) == SHOWN + 2
    assert lines[-2].startswith("… and 10 more")
    assert "30 of 30" in lines[-1]
    assert "skip" not in lines[-1]
    assert "1 of 2" not in "".join(refusal(csv_file(tmp_path, f"lat,lon\n{rows}{ABILENE}\n")))


def test_skipping_every_row_is_refused(tmp_path):
    """Nothing good is left: an empty result would look like an answer."""
    assert "decimal degrees" in refusal(csv_file(tmp_path, "lat,lon\nx,y\n"), skip_bad=True)[0]


def test_same_point_with_other_acres_is_another_question(tmp_path):
    """How about 500 acres here, and how about 2,000: both are answered; the same twice is not."""
    path = csv_file(tmp_path, f"lat,lon,acres\n{ABILENE},500\n{ABILENE},2000\n{ABILENE},500\n")
    own = read_sites(path, None, Asked(skip_bad=True))
    assert [s.acres for s in own.sites] == [500.0, 2000.0]
    assert "same place as row 2" in own.skipped[0].text


def test_site_with_too_many_vertices_is_a_bad_row(tmp_path):
    """The limit of one site, below that of the file."""
    ring = shapely.geometry.mapping(shapely.Point(-99.7, 32.4).buffer(0.01, quad_segs=50))
    assert "201 vertices, the limit is 100" in refusal(geojson_file(tmp_path, ring), limits=Limits(site_vertices=100))[0]


def test_skipped_rows_come_back_as_csv():
    """Names with commas, quotes and other alphabets survive."""
    problems = [Problem("row 3", 'Cañón, "north"', "it has no geometry."), Problem("row 5", "site 4", "x")]
    rows = list(csv.reader(io.StringIO(skipped_csv(problems).decode())))
    assert rows == [["row", "name", "problem"], ["row 3", 'Cañón, "north"', "it has no geometry."], ["row 5", "site 4", "x"]]
    assert len(problem_lines("my.csv", problems * 20)) == SHOWN + 1


# -- reference systems ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "crs", ["EPSG:5070", "urn:ogc:def:crs:EPSG::26914", "EPSG:2277", "EPSG:4269", "urn:ogc:def:crs:EPSG::4326"]
)
def test_declared_reference_system_is_converted(tmp_path, crs):
    """Albers, UTM, Texas feet, NAD83 and WGS 84 with its code give the same parcel, longitude first in all of them."""
    frame = geopandas.GeoSeries([shapely.Polygon(RING)], crs=4326).to_crs(crs)
    member = {"type": "name", "properties": {"name": crs}}
    (plain,) = read_sites(geojson_file(tmp_path, {"type": "Polygon", "coordinates": [RING]})).sites
    (site,) = read_sites(geojson_file(tmp_path, shapely.geometry.mapping(frame[0]), crs=member)).sites
    assert site.geometry.hausdorff_distance(plain.geometry) < 2.0
    assert site.outline.hausdorff_distance(plain.outline) < 2e-5


def test_geoparquet_reference_system_is_converted(tmp_path):
    """The same through GeoParquet's own metadata."""
    path = tmp_path / "my.parquet"
    geopandas.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Polygon(RING)], crs=4326).to_crs(26914).to_parquet(path)
    (site,) = read_sites(path).sites
    assert site.name == "a"
    assert site.outline.hausdorff_distance(shapely.Polygon(RING)) < 1e-6


@pytest.mark.parametrize("crs", ["EPSG:1", "nonsense", "EPSG:4978", "EPSG:5703"])
def test_unknown_reference_system_is_refused(tmp_path, crs):
    """No such code, no code at all, the geocentre, and a system of heights."""
    member = {"type": "name", "properties": {"name": crs}}
    (line,) = refusal(geojson_file(tmp_path, {"type": "Polygon", "coordinates": [RING]}, crs=member))
    assert f"'{crs}' is unknown" in line


def test_degrees_labelled_as_metres_are_told(tmp_path):
    """A parcel in degrees under a projected system lands far from the country, or nowhere."""
    member = {"type": "name", "properties": {"name": "EPSG:26914"}}
    (line,) = refusal(geojson_file(tmp_path, {"type": "Polygon", "coordinates": [RING]}, crs=member))
    assert "outside the contiguous United States" in line


@pytest.fixture(scope="module")
def land():
    """A square of 30 km around Abilene."""
    grid = Grid(1000.0)
    row, col = (int(v) for v in grid.cell_at(-349_000.0, 1_048_700.0))
    rows, cols = np.mgrid[row - 15 : row + 15, col - 15 : col + 15]
    return Land(grid, (rows * grid.width + cols).ravel().astype(np.int32))


def test_point_off_the_land_is_a_bad_row(tmp_path, land):
    """With the land index at hand the sea is found while reading."""
    path = csv_file(tmp_path, f"lat,lon\n{ABILENE}\n36.0,-72.0\n")
    assert "row 3: it lies outside the land" in refusal(path, land)[0]


def test_parcel_acres_are_those_of_the_globe(tmp_path):
    """Acres of the projected polygon equal the geodesic area of the one drawn, to a hundredth of a percent."""
    (parcel,) = read_sites(geojson_file(tmp_path, polygon([-99.8, 32.4], [-99.77, 32.4], [-99.77, 32.43]))).sites
    geodesic = abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(parcel.outline)[0])
    assert parcel.geometry.area == pytest.approx(geodesic, rel=1e-4)


# -- what is mended, and told ---------------------------------------------------------------------------------------------


def test_outline_that_crosses_itself_is_mended_and_told(tmp_path):
    """The change in acres is logged and stands in the results; the other rows have the column too."""
    bow = polygon([-99.8, 32.4], [-99.7, 32.5], [-99.7, 32.4], [-99.8, 32.5])
    path = geojson_file(tmp_path, bow, {"type": "Polygon", "coordinates": [[[x + 0.3, y] for x, y in RING]]})
    own = read_sites(path)
    (note,) = own.notes
    assert note.startswith(
        f"{path}, feature 1: the polygon crosses itself near (-99.75, 32.45); repaired, it has 12,883 acres instead of 0."
    )
    assert "crosses itself" in own.sites[0].attributes["your_note"]
    assert own.sites[1].attributes["your_note"] is None


def test_the_old_datum_is_told(tmp_path):
    """Without the grids of its shifts places are right to ten metres; a file of NAD83 says nothing."""
    member = {"type": "name", "properties": {"name": "EPSG:32040"}}
    own = read_sites(geojson_file(tmp_path, {"type": "Point", "coordinates": [2_963_503.91, 254_759.80]}, crs=member))
    assert "of NAD27: places are right to some ten metres" in own.notes[0]
    assert "NAD27" in own.sites[0].attributes["your_note"]
    assert own.sites[0].geometry.distance(shapely.Point(*from_lonlat(-96.0, 28.5))) < 60.0


def test_many_notes_are_counted():
    """Twenty and how many more."""
    lines = note_lines([f"note {i}" for i in range(SHOWN + 3)])
    assert len(lines) == SHOWN + 1
    assert lines[-1].startswith("… and 3 more")
    assert note_lines(["a"]) == ["a"]


def test_row_that_stands_twice_is_left_out_and_told(tmp_path):
    """The second one is listed among the skipped rows."""
    own = read_sites(csv_file(tmp_path, f"lat,lon,name\n{ABILENE},a\n{ABILENE},b\n"))
    assert [s.name for s in own.sites] == ["a"]
    assert [(p.place, p.text) for p in own.skipped] == [("row 3", "it is the same place as row 2 and is left out.")]


def test_shapes_that_only_look_broken_are_read(tmp_path):
    """Parts that share an edge, and a ring that touches itself, pass where repairs are refused."""
    neighbour = [[x + 0.1, y] for x, y in RING]
    parts = {"type": "MultiPolygon", "coordinates": [[RING], [neighbour]]}
    ring = polygon(
        [-99.8, 31.4], [-99.4, 31.4], [-99.4, 31.8], [-99.6, 31.8], [-99.5, 31.6], [-99.7, 31.6], [-99.6, 31.8], [-99.8, 31.8]
    )
    own = read_sites(geojson_file(tmp_path, parts, ring), None, Asked(strict=True))
    assert own.notes == []
    assert own.sites[0].outline.area == pytest.approx(0.02)
    assert own.sites[1].outline.area == pytest.approx(0.16 - 0.02)


def test_parts_in_different_regions_are_refused(tmp_path):
    """Texas and Ohio are no site; parts in one county are, and the user is told."""
    ohio = [[x + 17, y + 7] for x, y in RING]
    near = [[x + 0.4, y] for x, y in RING]
    assert "its parts lie" in refusal(geojson_file(tmp_path, {"type": "MultiPolygon", "coordinates": [[RING], [ohio]]}))[0]
    own = read_sites(geojson_file(tmp_path, {"type": "MultiPolygon", "coordinates": [[RING], [near]]}))
    assert "2 places up to 28 km apart" in own.notes[0]


def test_place_on_the_shore_is_scored_on_the_nearest_land(tmp_path, land):
    """Just off the last land cell it is taken if the outlines of the land say so, and refused if they do not."""
    x, y = land.grid.centre(*(v[0] for v in land.rows_cols(np.array([0]))))
    to_wgs84 = pyproj.Transformer.from_crs(5070, 4326, always_xy=True).transform
    lon, lat = to_wgs84(x - 800, y)
    path = csv_file(tmp_path, f"lat,lon\n{lat},{lon}\n")
    coast = np.array([shapely.box(x - 900, y - 900, x, y)])
    own = read_sites(path, land, shore=lambda: coast)
    assert "row 2: the centre of its cell is not on land: it is scored on the nearest land cell, 0.8 km away" in own.notes[0]
    far = np.array([shapely.box(x + 5_000, y, x + 6_000, y + 1_000)])
    with pytest.raises(SitesError, match="outside the land"):
        read_sites(path, land, shore=lambda: far)


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-2", "@SUM(1)"])
def test_a_skipped_name_is_no_formula(name: str) -> None:
    """A spreadsheet shows it as text; other names stay as they are."""
    content = skipped_csv([Problem("row 2", name, "bad"), Problem("row 3", "Minooka", "bad")])
    assert list(csv.reader(content.decode().splitlines()))[1:] == [["row 2", f"'{name}", "bad"], ["row 3", "Minooka", "bad"]]
