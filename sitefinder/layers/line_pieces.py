"""Lines cut into pieces of like length, so that what holds at a place of a line can vary along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely


@dataclass(frozen=True)
class Pieces:
    """Lines cut into pieces of like length.

    Parameters
    ----------
    geometry : (n,) shapely lines
    line : (n,) int64
        Row of the line of each.
    share : (n, 2) float64
        Shares of the whole line at which it begins and ends.
    """

    geometry: np.ndarray
    line: np.ndarray
    share: np.ndarray


def pieces(lines: np.ndarray, ends_m: float, piece_m: float) -> Pieces:
    """Lines without their ends, cut into pieces; a line that is all ends has none.

    A new station beside the old one is none, and lines that meet in one do not tie.

    Parameters
    ----------
    lines : (n,) shapely lines, metres
    ends_m : float
        Length to leave out at each end.
    piece_m : float
        Greatest length of a piece.
    """
    length = shapely.length(lines)
    inner = length - 2.0 * ends_m
    count = np.where(inner > 0.0, np.ceil(inner / piece_m), 0).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    step = inner[line] / count[line]
    begin, end = ends_m + number * step, ends_m + (number + 1) * step
    xy, of = shapely.get_coordinates(lines, return_index=True)
    run = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    run[np.diff(of, prepend=-1) > 0] = 0.0
    along = np.cumsum(run)
    along -= along[np.searchsorted(of, of)]
    start = np.cumsum(count) - count
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.floor((along - ends_m) / (inner / count)[of])
    kept = (count[of] > 0) & (along > ends_m) & (along < length[of] - ends_m)
    vertex = np.flatnonzero(kept)
    owner = start[of[vertex]] + np.minimum(within[vertex], count[of[vertex]] - 1).astype(np.int64)
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(lines[line], d)) for d in (begin, end)]
    piece = np.concatenate([np.arange(len(line)), owner, np.arange(len(line))])
    order = np.lexsort((np.concatenate([begin, along[vertex], end]), piece))
    geometry = shapely.linestrings(np.concatenate([ends[0], xy[vertex], ends[1]])[order], indices=piece[order])
    return Pieces(geometry, line, np.stack([begin, end], axis=1) / length[line, None])
