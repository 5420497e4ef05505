"""Lines cut into pieces."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from sitefinder.layers.line_pieces import pieces


def test_pieces_follow_the_line_and_leave_out_its_ends() -> None:
    """A bent line of 10 km without half a kilometre at each end in five pieces; one of 1 km has none."""
    bent = shapely.LineString([(0, 0), (4000, 0), (4000, 6000)])
    cut = pieces(np.array([shapely.LineString([(0, 0), (1000, 0)]), bent], object), 500.0, 2000.0)
    assert cut.line.tolist() == [1] * 5
    assert shapely.length(cut.geometry) == pytest.approx([1800.0] * 5)
    assert cut.share.ravel() == pytest.approx(np.repeat(np.linspace(0.05, 0.95, 6), 2)[1:-1])
    assert shapely.get_coordinates(cut.geometry[1]).tolist() == [[2300.0, 0.0], [4000.0, 0.0], [4000.0, 100.0]]
    assert shapely.union_all(cut.geometry).difference(bent.buffer(1e-6)).is_empty
