"""Styles for QGIS."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from sitefinder.certainty.ranks import TIERS as TIERS_OF_RANKS
from sitefinder.reports.exports.styles import ROUTES, TIERS, layer_styles, raster_styles
from sitefinder.routes.columns import MEANING

STYLES = {**layer_styles(), **raster_styles()}


@pytest.mark.parametrize("name", STYLES)
def test_a_style_is_a_document_of_qgis(name):
    """Its head is the one that QGIS writes, and colours lie between 0 and 255."""
    head, _, text = STYLES[name].partition("\n")
    assert head.startswith("<!DOCTYPE qgis")
    assert ET.fromstring(text).tag == "qgis"
    for colour in re.findall(r'"(\d+),(\d+),(\d+),(\d+)"', text):
        assert all(0 <= int(part) <= 255 for part in colour)


@pytest.mark.parametrize("name", layer_styles())
def test_every_class_has_its_symbol(name):
    """Categories point to symbols by their names."""
    root = ET.fromstring(STYLES[name].partition("\n")[2])
    symbols = {s.get("name") for s in root.find("renderer-v2/symbols")}
    assert {c.get("symbol") for c in root.iter("category")} <= symbols
    assert symbols


def test_all_tiers_and_routes_have_a_colour():
    """A new one has to be given one."""
    assert set(TIERS) == {name for _, name in TIERS_OF_RANKS}
    assert set(ROUTES) == set(MEANING)


def test_ramps_ascend():
    """Values of a raster's classes, the last one without end where it has classes."""
    for name, text in raster_styles().items():
        values = [float(item.get("value")) for item in ET.fromstring(text.partition("\n")[2]).iter("item")]
        assert values == sorted(values), name
