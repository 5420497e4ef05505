"""Discs, groups, labels and coverage, against brute force, rasterio and exactextract."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given
from hypothesis import strategies as st
from rasterio.features import rasterize
from rasterio.transform import Affine

from sitefinder.kernels.burn import count_groups_within, cover_polygons, label_polygons, stamp_discs

SHAPE = (24, 31)
SUBROWS = 4


def centres(shape=SHAPE):
    """Column and row coordinates of the cell centres."""
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    return cols + 0.5, rows + 0.5


def rings_of(polygons):
    """Vertices, ring starts and feature starts, as the kernels take them; polygons already in cell units."""
    vertices, ring_start, feature_start = [np.empty((0, 2))], [0], [0]
    for polygon in polygons:
        for part in shapely.get_parts(polygon):
            for ring in (part.exterior, *part.interiors):
                vertices.append(shapely.get_coordinates(ring))
                ring_start.append(ring_start[-1] + len(vertices[-1]))
        feature_start.append(len(ring_start) - 1)
    return np.concatenate(vertices), np.array(ring_start, np.int64), np.array(feature_start, np.int64)


def labels_of(polygons, shape=SHAPE):
    """Labels by the kernel, -1 where no polygon."""
    out = np.full(shape, -1, np.int32)
    label_polygons(*rings_of(polygons), out)
    return out


def cover_of(polygons, shape=SHAPE, subrows=SUBROWS):
    """Coverage by the kernel."""
    out = np.zeros(shape, np.float32)
    cover_polygons(*rings_of(polygons), subrows, out)
    return out


def exact_cover(polygon, shape):
    """Coverage of every cell by exactextract; rows count downwards as in the kernels."""
    source = NumPyRasterSource(np.ones(shape), 0, 0, shape[1], shape[0])
    flipped = shapely.transform(polygon, lambda xy: np.column_stack([xy[:, 0], shape[0] - xy[:, 1]]))
    feature = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(flipped))}
    found = exact_extract(source, [feature], ["cell_id", "coverage"])[0]["properties"]
    cover = np.zeros(shape)
    cover.reshape(-1)[np.asarray(found["cell_id"], np.int64)] = found["coverage"]
    return cover


def in_cells(polygons, frame, shape):
    """Polygons in metres as polygons in cell units of a frame (west, south, east, north)."""
    west, south, east, north = frame
    scale = np.array([shape[1] / (east - west), -shape[0] / (north - south)])
    return shapely.transform(polygons, lambda xy: (xy - [west, north]) * scale)


def star(seed, spikes=14):
    """A concave polygon in cell units."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, spikes, endpoint=False)
    radius = rng.uniform(3, 11, spikes)
    return shapely.Polygon(np.column_stack([15.3 + radius * np.cos(angle), 12.1 + radius * np.sin(angle)]))


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.7, 9.3])
def test_discs_sum_what_lies_within_the_radius(radius):
    """Every cell holds the sum over the points within the radius of its centre, also for points outside the frame."""
    rng = np.random.default_rng(1)
    xy, amount = rng.uniform((-6, -6), (37, 30), (40, 2)), rng.uniform(0, 100, 40)
    out = np.zeros(SHAPE, np.float32)
    stamp_discs(xy, amount, radius, out)
    x, y = centres()
    near = np.hypot(x[..., None] - xy[:, 0], y[..., None] - xy[:, 1]) <= radius
    np.testing.assert_allclose(out, near @ amount, rtol=1e-5, atol=1e-3)


def test_disc_edge_is_inclusive():
    """A cell centre at exactly the radius counts."""
    out = np.zeros((5, 5), np.float32)
    stamp_discs(np.array([[2.5, 2.5]]), np.array([1.0]), 2.0, out)
    assert out[2].tolist() == [1, 1, 1, 1, 1]
    assert out.sum() == 13


def test_discs_add_to_what_is_there():
    """The raster is added to, so that several calls make one sum."""
    out = np.full((3, 3), 2.0, np.float32)
    stamp_discs(np.array([[1.5, 1.5]]), np.array([5.0]), 0.5, out)
    assert out.tolist() == [[2, 2, 2], [2, 7, 2], [2, 2, 2]]


@given(seed=st.integers(0, 10_000), radius=st.floats(0.5, 8))
def test_group_counts_equal_brute_force(seed, radius):
    """A group counts once however many of its segments are near; points and outer segments too."""
    rng = np.random.default_rng(seed)
    segments = rng.uniform((-4, -4, -4, -4), (35, 28, 35, 28), (12, 4))
    segments[0, 2:] = segments[0, :2]
    group = np.sort(rng.integers(0, 4, 12)).astype(np.int32)
    count, seen = np.zeros(SHAPE, np.int16), np.full(SHAPE, -1, np.int32)
    count_groups_within(segments, group, radius, count, seen)
    lines = shapely.linestrings(segments.reshape(-1, 2, 2))
    metres = shapely.distance(lines[:, None, None], shapely.points(*centres()))
    expected = sum((metres[group == g] <= radius).any(axis=0).astype(int) for g in np.unique(group))
    edge = (np.abs(metres - radius) < 1e-9).any(axis=0)
    np.testing.assert_array_equal(count[~edge], expected[~edge])


def test_labels_of_real_counties_equal_rasterio(texas_counties):
    """Real county outlines give the labels of GDAL's rasteriser: the polygon at the cell centre."""
    bounds = shapely.total_bounds(texas_counties)
    frame = (bounds[0] + 100_000, bounds[1], bounds[2] + 50_000, bounds[3] - 50_000)
    shape = (180, 220)
    burned = rasterize(
        zip(texas_counties, range(len(texas_counties)), strict=True),
        out_shape=shape,
        fill=-1,
        transform=Affine((frame[2] - frame[0]) / shape[1], 0, frame[0], 0, -(frame[3] - frame[1]) / shape[0], frame[3]),
        dtype="int32",
    )
    found = labels_of(in_cells(texas_counties, frame, shape), shape)
    assert np.unique(found).size > 200
    assert (found != burned).mean() < 1e-4


@pytest.mark.parametrize("seed", range(4))
def test_labels_equal_point_in_polygon(seed):
    """A concave outline labels exactly the centres that GEOS finds inside."""
    polygon = star(seed)
    x, y = centres()
    np.testing.assert_array_equal(labels_of([polygon]) == 0, shapely.contains_xy(polygon, x, y))


def test_hole_keeps_no_label():
    """Cells in a hole stay unlabelled."""
    polygon = shapely.box(2, 2, 12, 12).difference(shapely.box(5, 5, 9, 9))
    labels = labels_of([polygon])
    assert (labels == 0).sum() == 100 - 16
    assert (labels[5:9, 5:9] == -1).all()


def test_later_polygon_wins_where_two_overlap():
    """The last of two overlapping polygons names the shared cells."""
    labels = labels_of([shapely.box(2, 2, 8, 8), shapely.box(5, 5, 12, 12)])
    assert labels[6, 6] == 1
    assert labels[3, 3] == 0


def test_neighbours_share_no_cell_and_leave_no_gap():
    """Two polygons along one slanted border label every cell of their union once."""
    left = shapely.Polygon([(0, 0), (20, 0), (9, 24), (0, 24)])
    right = shapely.Polygon([(20, 0), (31, 0), (31, 24), (9, 24)])
    labels = labels_of([left, right])
    assert (labels >= 0).all()
    assert set(np.unique(labels)) == {0, 1}


def test_empty_polygon_is_skipped_without_shifting_labels():
    """A feature without rings labels nothing and the next one keeps its own number."""
    labels = labels_of([shapely.Polygon(), shapely.box(3, 3, 5, 5)])
    assert (labels == 1).sum() == 4
    assert (labels == 0).sum() == 0


@pytest.mark.parametrize(("x", "y"), [(-20, 5), (40, 5), (5, -20), (5, 40)])
def test_polygon_outside_the_frame_marks_nothing(x, y):
    """A polygon beyond any side neither crashes nor marks."""
    outside = shapely.box(x, y, x + 6, y + 6)
    assert (labels_of([outside]) == -1).all()
    assert not cover_of([outside]).any()


def test_polygon_across_a_corner_is_cut_at_the_frame():
    """Only the part inside the frame is labelled and covered."""
    corner = shapely.box(-5, -5, 3, 2)
    assert (labels_of([corner]) == 0).sum() == 6
    assert cover_of([corner]).sum() == pytest.approx(6)


def test_square_shifted_by_half_a_cell_covers_quarters_halves_and_wholes():
    """The analytic case: corners 0.25, edges 0.5, inside 1."""
    cover = cover_of([shapely.box(1.5, 1.5, 4.5, 4.5)], (6, 6))
    expected = np.outer([0, 0.5, 1, 1, 0.5, 0], [0, 0.5, 1, 1, 0.5, 0])
    np.testing.assert_allclose(cover, expected, atol=1e-6)


def test_coverage_of_a_hole_is_its_complement():
    """A hole shifted by half a cell leaves 0.75 at its corners, 0.5 along its edges and nothing inside."""
    polygon = shapely.box(0, 0, 8, 8).difference(shapely.box(2.5, 2.5, 5.5, 5.5))
    cover = cover_of([polygon], (8, 8))
    expected = 1.0 - np.outer([0, 0, 0.5, 1, 1, 0.5, 0, 0], [0, 0, 0.5, 1, 1, 0.5, 0, 0])
    np.testing.assert_allclose(cover, expected, atol=1e-6)


def test_coverage_adds_over_features():
    """Two halves of a cell from two features make a whole."""
    cover = cover_of([shapely.box(2, 2, 2.5, 3), shapely.box(2.5, 2, 3, 3)])
    assert cover[2, 2] == pytest.approx(1.0)
    assert cover.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(4))
def test_coverage_of_a_concave_polygon_agrees_with_exactextract(seed):
    """Within one half subrow in every cell and far less in the mean."""
    error = cover_of([star(seed)]) - exact_cover(star(seed), SHAPE)
    assert np.abs(error).max() <= 1 / (2 * SUBROWS) + 1e-6
    assert np.abs(error).mean() < 0.005


def test_coverage_of_real_counties_agrees_with_exactextract(texas_counties):
    """Real county outlines: within one half subrow per cell and without bias."""
    frame, shape = shapely.total_bounds(texas_counties), (120, 125)
    polygons = in_cells(texas_counties[:40], frame, shape)
    error = np.concatenate([(cover_of([p], shape) - exact_cover(p, shape)).ravel() for p in polygons])
    touched = error[error != 0]
    assert touched.size > 500
    assert np.abs(touched).max() <= 1 / (2 * SUBROWS) + 1e-6
    assert np.abs(touched).mean() < 0.02
    assert abs(touched.mean()) < 0.002


def test_more_subrows_bring_coverage_closer_to_the_truth():
    """The error falls as the subrows become finer."""
    truth = exact_cover(star(2), SHAPE)
    errors = [np.abs(cover_of([star(2)], subrows=n) - truth).mean() for n in (1, 4, 16)]
    assert errors[0] > 2 * errors[1]
    assert errors[1] > 2 * errors[2]
