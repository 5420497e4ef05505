"""The map and the chart."""

from __future__ import annotations

import re

from sitefinder.reports.memo.document import Fields
from sitefinder.reports.memo.drawing import MAP_HIGH, MAP_WIDE, country, curve
from tests.helpers.financing_case import OUTLINES, tree


def test_every_campus_has_a_dot_inside_the_map():
    """Filled for the set, open for what only the runner-up has."""
    svg = country(Fields(tree()), OUTLINES)
    assert svg.count('<circle cx="') == 4
    assert len(re.findall('class="other"></circle>', svg)) == 1
    for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg):
        assert 0 < float(x) < MAP_WIDE
        assert 0 < float(y) < MAP_HIGH


def test_west_is_left_and_north_is_up():
    """Texas lies left of and below Ohio."""
    svg = country(Fields(tree()), OUTLINES)
    (_, iowa), (texas, low), (ohio, high), _ = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg)]
    assert texas < ohio
    assert high < low
    assert iowa < low


def test_the_curve_rises_and_names_its_years():
    """More megawatts stand higher; every year is a field."""
    svg = curve(Fields(tree()), "portfolio.set.mw_by_year", [2, 3, 4])
    assert re.findall(r">(\d{4})<", svg) == ["2028", "2029", "2030"]
    ys = [float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", re.search(r'd="([^"]+)" class="mid"', svg)[1])]
    assert ys == sorted(ys, reverse=True)
