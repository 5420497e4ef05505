"""Drawings: charts, bars, labels."""

from __future__ import annotations

import re

from sitefinder.reports.html import sketch


def _curve(low, mid, high, **more):
    years = list(range(2026, 2026 + len(mid)))
    return sketch.curve(sketch.Curve("grid", years, low, mid, high, full=1000.0, **more))


def test_a_curve_stays_in_its_frame():
    """Every point lies within the drawing, also where more than the full load comes."""
    svg = _curve([0, 0, 200], [0, 500, 1000], [100, 1000, 1400], wanted=2027.0)
    points = [tuple(map(float, p)) for d in re.findall(r' d="([^"]+)"', svg) for p in re.findall(r"(-?[\d.]+) (-?[\d.]+)", d)]
    assert points
    assert all(0 <= x <= sketch.WIDE and 0 <= y <= sketch.HIGH for x, y in points)
    assert 'class="wanted"' in svg


def test_an_unknown_curve_says_so_and_draws_no_line():
    """Null is no nought: nothing is drawn, and the word stands in its place."""
    svg = _curve([None] * 3, [None] * 3, [None] * 3)
    assert ">unknown<" in svg
    assert 'class="mid"' not in svg
    assert "middle unknown" in _curve([0, 0, 0], [None] * 3, [10, 20, 30])


def test_a_bar_is_as_long_as_its_step():
    """The longest step fills the width; an unknown one is a word."""
    assert f'x="{sketch.num(sketch.BAR_WIDE / 2)}" y="0" width="{sketch.num(sketch.BAR_WIDE / 2)}"' in sketch.bar(5, 8, 10, 10)
    assert "unknown" in sketch.bar(None, 8, 10, 10)


def test_shares_stay_within_their_bar():
    """A share above one fills the bar and no more."""
    assert sketch.share(1.7) == sketch.share(1.0)


def test_labels_do_not_overlap_and_stay_inside():
    """Of two labels at one point the second goes elsewhere; where there is no room it is left out."""
    labels = sketch.Labels(100, 40)
    first, second = labels.place(50, 20, "Piketon", 8), labels.place(50, 20, "Waverly", 8)
    assert first != second
    placed = [labels.place(50, 20, "Chillicothe", 8) for _ in range(6)]
    assert placed[-1] is None
    boxes = labels.taken
    assert not any(sketch.overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert sketch.Labels(10, 10).place(5, 5, "too long for this", 8) is None


def test_paths_drop_points_that_fall_together():
    """A path of one place is one point; numbers have no needless noughts."""
    assert sketch.path([(0.0, 0.0), (0.01, 0.0), (1.25, 2.0)], close=True) == "M0 0L1.2 2Z"
    assert sketch.path([]) == ""
