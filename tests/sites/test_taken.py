"""What is taken of a campus, in percent and in words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sitefinder.sites.campuses import Campus
from sitefinder.sites.taken import LAYERS, taken

#: percent of four cells
SHARES = {"taken_lines_pct": [10.0, 10.0, 0.0, 0.0], "taken_plants_pct": [0.0, 21.0, 0.0, 90.0]}


class FakeStack:
    """Layers held in memory."""

    def at(self, layer_id, index):
        """Values at cells."""
        return np.array(SHARES.get(layer_id, [0.0] * 4), np.float32)[index]


FIELD = SimpleNamespace(land=SimpleNamespace(index_of=lambda cells: cells))


def campus(cells, share=None, excluded=(), cleared=()):
    """A campus of cells."""
    area = np.ones(len(cells)) if share is None else np.array(share, np.float64)
    return Campus(
        np.array(cells, np.int32),
        area,
        0.0,
        excluded=np.array(excluded, np.int32),
        excluded_share=np.ones(len(excluded)),
        cleared=cleared,
    )


def test_shares_are_means_over_the_area_with_the_largest_cause_first():
    """Two whole cells; a campus on free land names nothing."""
    first, second = taken([campus([0, 1]), campus([2])], FIELD, FakeStack())
    assert first.taken_pct == pytest.approx((10.0 + 28.9) / 2)
    assert first.taken_by == "power plants 10.5 %; transmission lines 10.0 %"
    assert (second.taken_pct, second.taken_by) == (0.0, "")


def test_a_parcel_counts_the_cells_that_a_gate_excludes():
    """Half a cell of free land and a whole one with a plant."""
    (parcel,) = taken([campus([2], [0.5], excluded=[3])], FIELD, FakeStack())
    assert parcel.taken_pct == pytest.approx(60.0)


def test_an_excluded_cell_counts_with_its_part_of_the_parcel():
    """A tenth of a cell full of a plant beside a whole free one."""
    corner = Campus(np.array([2], np.int32), np.ones(1), 0.0, excluded=np.array([3], np.int32), excluded_share=np.array([0.1]))
    assert taken([corner], FIELD, FakeStack())[0].taken_pct == pytest.approx(90.0 * 0.1 / 1.1)


def test_what_the_user_states_to_be_gone_takes_nothing():
    """The other causes stay, and so do those of the next site."""
    cleared, other = taken([campus([0, 1], cleared=("plants",)), campus([0, 1])], FIELD, FakeStack())
    assert (cleared.taken_pct, cleared.taken_by) == (pytest.approx(10.0), "transmission lines 10.0 %")
    assert "power plants" in other.taken_by


def test_no_campus_asks_no_layer():
    """An empty list."""
    assert taken([], FIELD, FakeStack()) == []
    assert "taken_plants_pct" in LAYERS
