"""Distance to the nearest segment, against exact geometry and against the distance transform of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from sitefinder.kernels.distance import nearest_segment
from sitefinder.layers.sources import segments_of

#: float32 metres over some 100 km
ROUNDING_M = 0.02
#: frame of the random worlds: 60 rows and 80 columns of 1 km
SHAPE, ORIGIN, CELL_M = (60, 80), (0.0, 60_000.0), 1000.0
FRAME = shapely.box(0, 0, 80_000, 60_000)
inside = st.floats(0, 60_000, allow_nan=False)
anywhere = st.floats(-40_000, 120_000, allow_nan=False)


def exact_m(geometry, shape=SHAPE, origin=ORIGIN, cell_m=CELL_M):
    """Distance of every cell centre to the nearest geometry, by GEOS."""
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    centres = shapely.points(origin[0] + (cols + 0.5) * cell_m, origin[1] - (rows + 0.5) * cell_m)
    _, metres = shapely.STRtree(geometry).query_nearest(centres.ravel(), return_distance=True, all_matches=False)
    return metres.reshape(shape)


def measured_m(geometry, shape=SHAPE, origin=ORIGIN, cell_m=CELL_M):
    """Distance and nearest segment by the kernel, with the segments."""
    segments, _ = segments_of(np.asarray(geometry))
    metres, nearest = nearest_segment(segments, shape, origin=origin, resolution_m=cell_m)
    return metres, nearest, segments


def world(seed):
    """Fifteen random lines and ten points inside the frame."""
    rng = np.random.default_rng(seed)
    starts = rng.uniform((0, 0), (80_000, 60_000), (15, 1, 2))
    steps = rng.normal(0, 3000, (15, 12, 2))
    lines = shapely.linestrings(np.concatenate([starts, steps], axis=1).cumsum(axis=1))
    points = shapely.points(rng.uniform(0, 60_000, (10, 2)))
    return shapely.intersection(np.concatenate([lines, points]), FRAME)


def point_segment_m(x, y, segment):
    """Distance from points to one segment, written apart from the kernel."""
    a, b = segment[:2], segment[2:]
    along = b - a
    length2 = along @ along
    t = np.zeros_like(x) if length2 == 0 else np.clip(((x - a[0]) * along[0] + (y - a[1]) * along[1]) / length2, 0, 1)
    return np.hypot(x - a[0] - t * along[0], y - a[1] - t * along[1])


@pytest.mark.parametrize("seed", range(6))
def test_random_lines_and_points_agree_with_geos(seed):
    """Never shorter than the truth; 99 % of cells within 3 m, 1 m in the mean, no cell off by a cell."""
    geometry = world(seed)
    error = measured_m(geometry)[0] - exact_m(geometry)
    assert error.min() > -ROUNDING_M
    assert error.mean() < 1.0
    assert np.quantile(error, 0.99) < 3.0
    assert error.max() < CELL_M


@pytest.mark.parametrize("cell_m", [500.0, 1000.0, 2000.0])
def test_real_transmission_lines_agree_with_geos(abilene, abilene_lines, cell_m):
    """Real lines around Abilene keep the same bounds at three cell sizes."""
    west, south, east, north = abilene.bounds
    shape = (int((north - south) / cell_m), int((east - west) / cell_m))
    metres, _, _ = measured_m(abilene_lines, shape, (west, north), cell_m)
    error = metres - exact_m(abilene_lines, shape, (west, north), cell_m)
    assert error.min() > -ROUNDING_M
    assert error.mean() < 1.0
    assert np.quantile(error, 0.99) < 3.0
    assert error.max() < cell_m


@given(x0=inside, y0=inside, x1=inside, y1=inside)
def test_one_segment_is_exact_everywhere(x0, y0, x1, y1):
    """With a single segment nothing can be handed on wrongly: every cell is exact."""
    segment = np.array([[x0, y0, x1, y1]])
    metres, _ = nearest_segment(segment, SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    truth = point_segment_m((cols + 0.5) * CELL_M, ORIGIN[1] - (rows + 0.5) * CELL_M, segment[0])
    np.testing.assert_allclose(metres, truth, atol=ROUNDING_M)


@given(x0=inside, y0=inside, x1=anywhere, y1=anywhere)
def test_segment_that_leaves_the_frame_counts_with_its_outer_part(x0, y0, x1, y1):
    """The part outside the frame is still measured to, because the whole segment is handed on."""
    segment = np.array([[x0, y0, x1, y1]])
    metres, nearest = nearest_segment(segment, SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    truth = point_segment_m((cols + 0.5) * CELL_M, ORIGIN[1] - (rows + 0.5) * CELL_M, segment[0])
    np.testing.assert_allclose(metres, truth, atol=ROUNDING_M)
    assert (nearest == 0).all()


@pytest.mark.parametrize("density", [0.001, 0.01, 0.1, 0.5])
def test_points_at_cell_centres_agree_with_the_distance_transform(density):
    """For points at cell centres the kernel is a Euclidean distance transform."""
    rng = np.random.default_rng(7)
    mask = rng.random(SHAPE) < density
    mask[30, 40] = True
    rows, cols = np.nonzero(mask)
    x, y = (cols + 0.5) * CELL_M, ORIGIN[1] - (rows + 0.5) * CELL_M
    metres, _ = nearest_segment(np.stack([x, y, x, y], axis=1), SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    np.testing.assert_allclose(metres, distance_transform_edt(~mask) * CELL_M, atol=0.05)


def test_points_anywhere_stay_within_half_a_diagonal_of_the_burned_transform():
    """Burning a point moves it by at most half a cell diagonal, so the two distances differ by no more."""
    rng = np.random.default_rng(3)
    xy = rng.uniform((0, 0), (80_000, 60_000), (40, 2))
    metres, _ = nearest_segment(np.hstack([xy, xy]), SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    mask = np.zeros(SHAPE, bool)
    mask[((ORIGIN[1] - xy[:, 1]) // CELL_M).astype(int), (xy[:, 0] // CELL_M).astype(int)] = True
    burned = distance_transform_edt(~mask) * CELL_M
    assert np.abs(metres - burned).max() <= CELL_M * np.sqrt(0.5) + ROUNDING_M
    assert np.abs(metres - burned).max() > 100.0


@pytest.mark.parametrize("seed", [0, 1])
def test_named_segment_lies_at_the_stated_distance(seed):
    """The identity is right: measuring to the named segment gives the stated distance in every cell."""
    metres, nearest, segments = measured_m(world(seed))
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    x, y = (cols + 0.5) * CELL_M, ORIGIN[1] - (rows + 0.5) * CELL_M
    lines = shapely.linestrings(segments.reshape(-1, 2, 2))[nearest]
    np.testing.assert_allclose(shapely.distance(lines, shapely.points(x, y)), metres, atol=ROUNDING_M)


def test_nearest_of_two_points_changes_at_their_bisector():
    """Left of the bisector the first point is named, right of it the second."""
    points = np.array([[20_500.0, 30_500.0, 20_500.0, 30_500.0], [60_500.0, 30_500.0, 60_500.0, 30_500.0]])
    _, nearest = nearest_segment(points, SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    assert (nearest[:, :40] == 0).all()
    assert (nearest[:, 41:] == 1).all()


def test_no_feature_is_infinitely_far():
    """Without any segment the distance is infinite and nothing is named."""
    metres, nearest = nearest_segment(np.empty((0, 4)), SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    assert np.isposinf(metres).all()
    assert (nearest == -1).all()


@pytest.mark.parametrize(("x", "y"), [(-5_000.0, 30_000.0), (90_000.0, 30_000.0), (40_000.0, -5_000.0), (40_000.0, 70_000.0)])
def test_point_outside_the_frame_disturbs_nothing(x, y):
    """A point beyond any side of the frame neither crashes nor changes what lies inside it."""
    home = [40_500.0, 30_500.0, 40_500.0, 30_500.0]
    alone, _ = nearest_segment(np.array([home]), SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    metres, nearest = nearest_segment(np.array([home, [x, y, x, y]]), SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    near = alone < 15_000.0
    np.testing.assert_array_equal(metres[near], alone[near])
    assert (nearest[near] == 0).all()
    assert (metres <= alone).all()


def test_segment_across_the_frame_with_both_ends_outside_is_found():
    """A line that only passes through is walked from its first cell inside to its last."""
    metres, nearest = nearest_segment(np.array([[-1e5, 30_500.0, 2e5, 30_500.0]]), SHAPE, origin=ORIGIN, resolution_m=CELL_M)
    rows = np.arange(SHAPE[0])
    np.testing.assert_allclose(metres, np.abs(rows - 29)[:, None] * CELL_M + np.zeros(SHAPE[1]), atol=0.05)
    assert (nearest == 0).all()


def test_mirrored_world_gives_mirrored_distances():
    """East and west are treated alike: no sweep direction is preferred."""
    geometry = world(11)
    mirrored = shapely.transform(geometry, lambda xy: xy * [-1, 1] + [80_000, 0])
    difference = np.abs(measured_m(geometry)[0] - measured_m(mirrored)[0][:, ::-1])
    assert (difference < 1.0).mean() > 0.99
    assert difference.max() < CELL_M
