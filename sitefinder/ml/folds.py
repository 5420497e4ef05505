"""Folds for cross-validation: random, spatial and by group; autocorrelation range; thinning.

Coordinates are metres of EPSG:5070. Nothing here reads the global random state: every choice comes from the generator given.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

#: most points whose pairs make a variogram: 1.1 million pairs, enough for bins of tens of thousands
MAX_VARIOGRAM_POINTS = 1500
#: points that make a variogram of a column at least: about 400 pairs
MIN_VARIOGRAM_POINTS = 30
#: bins with pairs below which three parameters are not fitted
MIN_LAGS = 5
#: standard errors by which near points have to be alike; below it the fitted range is that of noise
LEAST_LIKENESS = 3.0
#: block columns and rows are counted from here, so that ids stay positive; a block id is column * BLOCK_ROWS + row
BLOCK_ORIGIN = 2**30
BLOCK_ROWS = 2**31
#: search a little farther than the distance of thinning and decide by the exact distance
SEARCH_MARGIN = 1.0 + 1e-9


def _coordinates(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Coordinates as (n, 2) float64, metres; refused unless finite."""
    xy = np.column_stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
    if not np.isfinite(xy).all():
        raise ValueError(f"Invalid coordinates: {int((~np.isfinite(xy)).any(axis=1).sum())} points are not finite.")
    return xy


def _check_positive(value: float, name: str) -> None:
    """Refuse a size or count that is not above 0."""
    if not value > 0:
        raise ValueError(f"Invalid {name} '{value}'. It must be above 0.")


def random_folds(n: int, k: int, rng: np.random.Generator) -> np.ndarray:
    """Points to folds at random.

    Parameters
    ----------
    n, k : int
        Number of points and of folds.
    rng : numpy.random.Generator

    Returns
    -------
    (n,) int64
        Fold 0..k-1 of each point; the sizes of folds differ by one at most.
    """
    _check_positive(k, "number of folds")
    return rng.permutation(np.arange(n, dtype=np.int64) % k)


def block_ids(x: np.ndarray, y: np.ndarray, size_m: float) -> np.ndarray:
    """Square block in which each point lies.

    Parameters
    ----------
    x, y : (n,) float, metres
    size_m : float
        Side of a block; blocks are counted from the origin of the projection.

    Returns
    -------
    (n,) int64
        An id that depends on the place alone: the same block has the same id in every call of the same size.
    """
    _check_positive(size_m, "size_m")
    column, row = np.floor(_coordinates(x, y) / size_m).astype(np.int64).T
    return (column + BLOCK_ORIGIN) * BLOCK_ROWS + (row + BLOCK_ORIGIN)


def block_folds(
    x: np.ndarray, y: np.ndarray, size_m: float, *, k: int, rng: np.random.Generator, is_presence: np.ndarray
) -> np.ndarray:
    """Whole blocks to folds, with presences as even over folds as blocks allow.

    Blocks with presences go, the richest first, to the fold with the fewest presences; blocks without go, the largest
    first, to the fold with the fewest points. Equal blocks are taken in random order.

    Parameters
    ----------
    x, y : (n,) float, metres
    size_m : float
        Side of a block.
    k : int
        Number of folds; with fewer blocks with presences than folds, some folds hold no presence.
    rng : numpy.random.Generator
        The same state gives the same folds.
    is_presence : (n,) bool

    Returns
    -------
    (n,) int64
        Fold 0..k-1 of each point.
    """
    _check_positive(k, "number of folds")
    _, block = np.unique(block_ids(x, y, size_m), return_inverse=True)
    points = np.bincount(block)
    presences = np.bincount(block[np.asarray(is_presence, bool)], minlength=points.size)
    order = rng.permutation(points.size)
    order = order[np.lexsort((-points[order], -presences[order]))]
    fold = np.empty(points.size, np.int64)
    held_presences, held_points = np.zeros(k, np.int64), np.zeros(k, np.int64)
    for b in order:
        by = (held_points, held_presences) if presences[b] else (held_points,)
        fold[b] = np.lexsort(by)[0]
        held_presences[fold[b]] += presences[b]
        held_points[fold[b]] += points[b]
    return fold[block]


def spherical_semivariogram(lag: np.ndarray, nugget: float, structure: float, reach: float) -> np.ndarray:
    """Spherical semivariogram: level beyond ``reach``."""
    h = np.minimum(lag / reach, 1.0)
    return nugget + structure * (1.5 * h - 0.5 * h**3)


def exponential_semivariogram(lag: np.ndarray, nugget: float, structure: float, reach: float) -> np.ndarray:
    """Exponential semivariogram: 95 % of the way to its level at ``reach``, the practical range."""
    return nugget + structure * (1.0 - np.exp(-3.0 * lag / reach))


def _fit(model: Callable[..., np.ndarray], lag: np.ndarray, gamma: np.ndarray, count: np.ndarray) -> tuple[float, float]:
    """Range of one model in units of the lag, and its weighted squared error; NaN and inf if it does not converge."""
    level = float(gamma.max())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OptimizeWarning)
            (nugget, structure, reach), _ = curve_fit(
                model,
                lag,
                gamma,
                p0=(0.2 * level, 0.8 * level, 0.4),
                sigma=1.0 / np.sqrt(count),
                bounds=([0.0, 0.0, 0.5 * lag[0]], [2.0 * level, 3.0 * level, 1.0]),
            )
    except RuntimeError:
        return float("nan"), float("inf")
    return float(reach), float(np.sum(count * (model(lag, nugget, structure, reach) - gamma) ** 2))


def _likeness(z: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]) -> float:
    """Moran's I of the pairs in standard errors: products of independent standardised values have variance 1."""
    product = z[pairs[0]] * z[pairs[1]]
    product = product[np.isfinite(product)]
    return float(product.sum() / np.sqrt(product.size)) if product.size else 0.0


def _column_range(column: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], lag: np.ndarray, bins: int) -> float:
    """Range of one column as a share of the greatest lag; NaN if it is constant, too short or without structure.

    Parameters
    ----------
    column : (n,) float64, NaN = unknown
    pairs : two (n_pairs,) int
        The points of each pair.
    lag : (n_pairs,) float64
        Distance of each pair, 0..1 of the greatest.
    bins : int
    """
    known = np.isfinite(column)
    if known.sum() < MIN_VARIOGRAM_POINTS or not column[known].std() > 0:
        return float("nan")
    z = (column - column[known].mean()) / column[known].std()
    half_square = 0.5 * (z[pairs[0]] - z[pairs[1]]) ** 2
    used = np.isfinite(half_square)
    member = np.minimum((lag[used] * bins).astype(np.int64), bins - 1)
    count = np.bincount(member, minlength=bins)
    filled = count > 0
    if filled.sum() < MIN_LAGS:
        return float("nan")
    count = count[filled]
    gamma = np.bincount(member, half_square[used], bins)[filled] / count
    mean_lag = np.bincount(member, lag[used], bins)[filled] / count
    if not (gamma.max() > 0 and mean_lag[0] > 0):
        return float("nan")
    fits = [_fit(model, mean_lag, gamma, count) for model in (spherical_semivariogram, exponential_semivariogram)]
    reach = min(fits, key=lambda fit: fit[1])[0]
    within = lag <= max(reach, 1.0 / bins)
    return reach if _likeness(z, (pairs[0][within], pairs[1][within])) >= LEAST_LIKENESS else float("nan")


def autocorrelation_range_m(
    x: np.ndarray,
    y: np.ndarray,
    values: np.ndarray,
    rng: np.random.Generator,
    *,
    max_m: float = 600_000.0,
    bins: int = 24,
) -> tuple[np.ndarray, float]:
    """Distance beyond which points are no more alike than any two, from the empirical semivariogram of each column.

    A spherical and an exponential model with nugget are fitted to the semivariances, weighted by their number of pairs;
    the range is that of the better one (for the exponential the practical range, where it has risen by 95 %). It counts only
    where the pairs within it are alike by Moran's I.

    Parameters
    ----------
    x, y : (n,) float, metres
    values : (n, n_columns) float, NaN = unknown
        In any unit; columns are standardised.
    rng : numpy.random.Generator
        Chooses ``MAX_VARIOGRAM_POINTS`` points where there are more.
    max_m : float
        Greatest distance of a pair. A column still rising there gets ``max_m``, which then means at least that.
    bins : int
        Distance classes of equal width; ranges below half the first class are not resolved.

    Returns
    -------
    (n_columns,) float64, metres
        NaN for a column that is constant, mostly unknown, without spatial structure, or whose fit does not converge.
    float, metres
        Median of the columns that have a range; NaN if none has.
    """
    _check_positive(max_m, "max_m")
    _check_positive(bins, "bins")
    xy, table = _coordinates(x, y), np.asarray(values, np.float64)
    if table.ndim != 2 or table.shape[0] != xy.shape[0]:
        raise ValueError(f"Invalid values of shape {table.shape}. Give (n, n_columns) for {xy.shape[0]} points.")
    if xy.shape[0] > MAX_VARIOGRAM_POINTS:
        chosen = rng.choice(xy.shape[0], MAX_VARIOGRAM_POINTS, replace=False)
        xy, table = xy[chosen], table[chosen]
    lag = pdist(xy) / max_m if xy.shape[0] > 1 else np.empty(0)
    near = lag <= 1.0
    first, second = np.triu_indices(xy.shape[0], 1)
    pairs = first[near], second[near]
    range_m = max_m * np.array([_column_range(column, pairs, lag[near], bins) for column in table.T])
    finite_m = range_m[np.isfinite(range_m)]
    return range_m, float(np.median(finite_m)) if finite_m.size else float("nan")


def buffered_train_mask(x: np.ndarray, y: np.ndarray, centre_xy: tuple[float, float], radius_m: float) -> np.ndarray:
    """Points that may train when the place of one is held out.

    Parameters
    ----------
    x, y : (n,) float, metres
    centre_xy : tuple of float = (x, y), metres
        The held-out place.
    radius_m : float

    Returns
    -------
    (n,) bool
        True for points farther than the radius from the centre.
    """
    offset = _coordinates(x, y) - np.asarray(centre_xy, np.float64)
    return np.hypot(offset[:, 0], offset[:, 1]) > radius_m


def group_folds(groups: np.ndarray, is_presence: np.ndarray | None = None) -> list[tuple[str, np.ndarray]]:
    """Leave one group out.

    Parameters
    ----------
    groups : (n,) str
        Group of each point, such as its state; None, NaN or an empty text for points of no group, which are never held out.
    is_presence : (n,) bool, optional
        Groups without presences are skipped: there is nothing to find in them.

    Returns
    -------
    list of (str, (n,) bool)
        Name and held-out points of each group, by name.
    """
    names = ["" if g is None or g != g else str(g) for g in np.asarray(groups).tolist()]
    labels = np.array(names, str)
    tested = labels if is_presence is None else labels[np.asarray(is_presence, bool)]
    return [(str(name), labels == name) for name in np.unique(tested) if name]


def thin(x: np.ndarray, y: np.ndarray, distance_m: float, order: np.ndarray) -> np.ndarray:
    """Points of which no two are nearer than a distance, taken greedily.

    Parameters
    ----------
    x, y : (n,) float, metres
    distance_m : float
        Least distance of two kept points; points exactly that far apart both stay.
    order : (m,) int
        Indices of the points to consider, the most wanted first.

    Returns
    -------
    (n_kept,) int64
        Indices of the kept points, in the given order.
    """
    xy, order = _coordinates(x, y), np.asarray(order, np.int64)
    if order.size == 0:
        return order
    tree = cKDTree(xy)
    free = np.ones(xy.shape[0], bool)
    kept = []
    for i in order:
        if free[i]:
            near = np.array(tree.query_ball_point(xy[i], distance_m * SEARCH_MARGIN))
            offset = xy[near] - xy[i]
            free[near[np.hypot(offset[:, 0], offset[:, 1]) < distance_m]] = False
            free[i] = False
            kept.append(i)
    return np.array(kept, np.int64)
