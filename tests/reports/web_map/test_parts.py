"""What the score of every site is made of adds up to the score that the run computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sitefinder.reports.web_map import parts as module
from sitefinder.scoring.score import value_matrix
from tests.helpers.map_run import inputs_of_the_run

#: built layers of the country
pytestmark = pytest.mark.stack


def parts(land, computed=None):
    """Parts of campuses on the stack of the run."""
    computed = computed or inputs_of_the_run().computed
    return module.parts_of(computed, value_matrix(computed.stack, computed.config), land)


def scores(of, config):
    """Fused scores by the formula of the page."""
    weights, share = config.criterion_weights(), config.model.share
    return np.array([weights[k] for k in config.flat_criteria()]) @ (of.plain - share * of.applied) + share * of.learned


def test_parts_of_campuses_add_up():
    """To the two decimals of the list."""
    known = inputs_of_the_run()
    listed = [site.identity.score for site in known.national.sites]
    assert len(listed) == 40
    assert scores(parts(known.national.land), known.computed.config) == pytest.approx(listed, abs=0.011)


def test_parts_of_own_sites_add_up():
    """Points and parcels alike, to the six decimals of the degrees of a parcel's outline."""
    known = inputs_of_the_run()
    listed = [site.identity.score for site in known.own.sites]
    assert [site.own.parcel_acres > 0 for site in known.own.sites].count(True) == 1
    assert scores(parts(known.own.land), known.computed.config) == pytest.approx(listed, abs=0.02, nan_ok=True)


def test_excluded_cells_do_not_count():
    """A site with one cell more, which a gate excludes, has the same parts; one without a free cell has none."""
    known = inputs_of_the_run()
    computed, campus = known.computed, known.national.land[0]
    barred = computed.stack.land.cells[np.flatnonzero(computed.excluded.bits)[:2]]
    larger = replace(campus, cells=np.append(campus.cells, barred[:1]), share=np.append(campus.share, 1.0))
    sums = parts([campus, larger, replace(campus, cells=barred, share=np.ones(2)), campus])
    for values in (sums.plain.T, sums.applied.T, sums.learned):
        assert np.array_equal(values[0], values[1])
        assert np.array_equal(values[0], values[3])
        assert np.isnan(values[2]).all()
    assert sums.seed.tolist() == [campus.cells[0], campus.cells[0], barred[0], campus.cells[0]]


def test_without_a_model_the_learned_parts_are_nought():
    """The score is the weighted one then."""
    known = inputs_of_the_run()
    sums = parts(known.national.land, replace(known.computed, learned=None))
    assert not sums.applied.any()
    assert not sums.learned.any()
    weights = known.computed.config.criterion_weights()
    weighted = np.array([weights[k] for k in known.computed.config.flat_criteria()]) @ sums.plain
    assert weighted == pytest.approx([site.identity.weighted_score for site in known.national.sites], abs=0.011)


def test_without_own_sites_there_are_no_parts():
    """The page holds an empty list then."""
    assert parts([]) is None
