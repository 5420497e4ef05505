"""What the score of every site is made of adds up to the score that the run computed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sitefinder.reports.web_map import parts as module
from sitefinder.scoring.score import value_matrix
from tests.helpers.map_run import map_run, stack_of_the_run

#: built layers of the country
pytestmark = pytest.mark.stack


def features(name):
    """Features of a result file."""
    return json.loads((map_run().out / name).read_text())["features"]


def scores(found, made):
    """Fused scores by the formula of the page."""
    weights = made.config.criterion_weights()
    w, share = np.array([weights[k] for k in made.config.flat_criteria()]), made.config.model.share
    return w @ (found.plain - share * found.applied) + share * found.learned


def test_parts_of_campuses_add_up():
    """To the two decimals of the list."""
    made = stack_of_the_run()
    listed = features("sites.geojson")
    found = module.of_campuses(made, value_matrix(made.stack, made.config), listed, map_run().out / "sites.geojson")
    assert scores(found, made) == pytest.approx([f["properties"]["score"] for f in listed], abs=0.011)


def test_parts_of_own_sites_add_up():
    """Points and parcels alike; excluded sites have none."""
    made = stack_of_the_run()
    listed = features("own_sites.geojson")
    found = module.of_own_sites(made, value_matrix(made.stack, made.config), listed)
    expected = [f["properties"]["score"] for f in listed]
    assert len(expected) >= 5
    for score, wanted in zip(scores(found, made), expected, strict=True):
        assert (np.isnan(score) and wanted is None) or score == pytest.approx(wanted, abs=0.02)


def test_without_own_sites_there_are_no_parts():
    """The page holds an empty list then."""
    made = stack_of_the_run()
    assert module.of_own_sites(made, value_matrix(made.stack, made.config), []) is None
