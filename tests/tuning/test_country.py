"""What is opened once: cells that may hold a campus, and the picture of the scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.errors import ConfigError
from sitefinder.pipeline.stages import kept_exclusions, kept_occupied
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.tuning.country import EXCLUDED, LOWEST, NO_LAND
from sitefinder.tuning.ranking import Ranker
from tests.helpers.tuning import opened

#: built layers of the country
pytestmark = pytest.mark.stack


def test_only_cells_that_no_gate_refuses_are_kept(ranker: Ranker) -> None:
    """Neither excluded nor occupied, and none of the others left out."""
    stack, config = ranker.country.stack, ranker.country.file.config
    free = (kept_exclusions(stack, config)[0].bits == 0) & ~kept_occupied(stack, config)
    assert ranker.country.frame.cells.tolist() == stack.land.cells[free].tolist()


def test_the_picture_shows_scores_excluded_land_and_nothing_else(ranker: Ranker) -> None:
    """Every shown cell has the score of a run within half a step of its byte."""
    country = ranker.country
    stack, config = country.stack, country.file.config
    weights = config.criterion_weights()
    picture = country.picture.drawn(np.array([weights[k] for k in country.ids]), 0.0)
    score = stack.land.expand(score_cells(value_matrix(stack, config), config, kept_exclusions(stack, config)[0].bits), np.nan)
    land = stack.land.expand(np.ones(stack.land.size, bool), False)
    assert country.picture.every == 1
    np.testing.assert_array_equal(picture == NO_LAND, ~land)
    np.testing.assert_array_equal(picture == EXCLUDED, land & np.isnan(score))
    shown = picture >= LOWEST
    points = (picture[shown] - float(LOWEST)) * 100.0 / (255 - LOWEST)
    assert np.abs(points - score[shown]).max() <= 50.0 / (255 - LOWEST) + 1e-3


def test_an_earlier_list_cannot_be_tuned(coarse_cache: Path) -> None:
    """The key is named with a remedy."""
    with pytest.raises(ConfigError, match=r"candidates\.keep.*leave it out"):
        opened(coarse_cache, {"candidates.keep": "out/latest/sites.geojson"})
