"""Tuned lists are those of runs: the same campuses in the same order with the same scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.certainty.study import rivals
from sitefinder.config import ConfigFile
from sitefinder.errors import ConfigError
from sitefinder.grid import Grid, Land
from sitefinder.ml.learned import fuse, learn
from sitefinder.pipeline.stages import kept_exclusions, kept_land_left, kept_occupied, run
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Campus, Field
from sitefinder.tuning.ranking import Places, Ranker, campus_means
from sitefinder.tuning.settings import checked, tuned
from tests.helpers.paths import DATA
from tests.helpers.tuning import coarse, opened

#: built layers of the country
pytestmark = pytest.mark.stack

#: settings under which lists are compared
SETTINGS = (
    {},
    {"weights.water": 0.35},
    {"weights.grid_capacity": 0.0, "weights.gas": 0.2},
    {"model.share": 0.0},
    {"model.share": 1.0},
    {"model.share": 0.25, "weights.gas": 0.0, "criteria.water.river_km.weight": 0.0, "criteria.land.slope_pct.weight": 2.5},
    {"weights.hazard": 1, "weights.climate": 0},
)


def as_set(settings: dict[str, float]) -> dict[str, str]:
    """The settings as ``--set`` takes them."""
    return {key: repr(value) for key, value in settings.items()}


def campuses_of_a_run(ranker: Ranker, file: ConfigFile) -> list[Campus]:
    """The campuses that a run lists."""
    stack, config = ranker.country.stack, file.config
    score = score_cells(value_matrix(stack, config), config, kept_exclusions(stack, config)[0].bits)
    score = fuse(score, learn(stack, DATA), config.model.share) if config.model.share else score
    field = Field.of(stack.land, score, kept_land_left(stack)).without(kept_occupied(stack, config))
    return rivals(field.beginning_in(stack.inside), config)[: config.candidates.count]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_campuses_are_those_of_a_run(ranker: Ranker, settings: dict[str, float]) -> None:
    """Seeds, cells and acres, in order; weights of zero, no learned share and nothing but it."""
    config = ranker.country.file.config
    listed = ranker.rank(tuned(config, checked(config, settings))).campuses
    expected = campuses_of_a_run(ranker, coarse(as_set(settings)))
    assert [c.cells.tolist() for c in listed] == [c.cells.tolist() for c in expected]
    assert [c.acres for c in listed] == [c.acres for c in expected]
    assert max(c.cells.size for c in listed) > 1


def test_the_list_is_that_of_rank_with_the_same_settings(ranker: Ranker, coarse_cache: Path, tmp_path: Path) -> None:
    """Ranks, keys, names, states, and scores to the last bit."""
    config, settings = ranker.country.file.config, SETTINGS[5]
    rows = ranker.rank(tuned(config, checked(config, settings))).rows
    result = run(coarse(as_set(settings)), out=tmp_path, data=DATA, cache=coarse_cache, with_map=False)
    expected = [(s.identity.rank, s.site_id, s.identity.name, s.place.state, s.identity.score) for s in result.sites]
    assert [(row.rank, row.site_id, row.name, row.state, row.score) for row in rows] == expected


def test_what_was_ranked_before_leaves_no_trace(ranker: Ranker) -> None:
    """The first list comes back to the bit."""
    config = ranker.country.file.config
    first = ranker.rank(config)
    other = ranker.rank(tuned(config, {"weights.land": 5.0}))
    assert other.rows != first.rows
    again = ranker.rank(config)
    assert again.rows == first.rows
    assert again.picture.tobytes() == first.picture.tobytes()


def test_a_part_of_the_country_is_ranked_as_a_run_ranks_it(coarse_cache: Path) -> None:
    """Sites of the state alone, the same campuses as a run's; the picture shows nothing else."""
    place = {"area": "{where: [TX]}"}
    of_texas = Ranker(opened(coarse_cache, place))
    ranking = of_texas.rank(of_texas.country.file.config)
    expected = campuses_of_a_run(of_texas, coarse(place))
    assert [c.cells.tolist() for c in ranking.campuses] == [c.cells.tolist() for c in expected]
    assert {row.state for row in ranking.rows} == {"TX"}
    assert 0 < np.count_nonzero(ranking.picture) < 0.2 * ranking.picture.size


def test_no_room_for_a_campus_is_the_users_error(coarse_cache: Path) -> None:
    """One line with the acres and a remedy."""
    crowded = Ranker(opened(coarse_cache, {"exclusions.far_from_grid.above": "0"}))
    with pytest.raises(ConfigError, match="No campus of 100000 acres fits"):
        crowded.rank(crowded.country.file.config)


def test_means_are_those_of_the_field_to_the_bit() -> None:
    """Campuses of any size: the order in which a sum is added up decides its last bit, and that decides ties."""
    rng, grid = np.random.default_rng(2), Grid(25_000.0)
    land = Land(grid, np.arange(grid.width * grid.height, dtype=np.int32))
    score = rng.uniform(0, 100, land.size).astype(np.float32)
    field = Field.of(land, score, rng.uniform(0, 100, land.size).astype(np.float32))
    sizes = [*range(1, 40), *rng.integers(1, 300, 200).tolist(), 129, 1000]
    cells = [rng.choice(land.size, size, replace=False).astype(np.int32) for size in sizes]
    offset = np.cumsum([0, *sizes])
    joined = np.concatenate(cells)
    means = campus_means(score[joined], field.acres.reshape(-1)[joined], offset)
    assert means == [field.mean_score(Campus(c, np.ones(c.size), 0.0)) for c in cells]


def test_layers_of_places_are_those_of_the_stack(ranker: Ranker) -> None:
    """Read at the start or when first asked for, in any order, asked twice."""
    stack, ids = ranker.country.stack, ranker.country.ids
    places = Places(stack, ids, np.arange(0, 500, 2))
    for index in (np.array([7, 4, 4, 498]), np.arange(stack.land.size)[::-3], np.array([7])):
        np.testing.assert_array_equal(places.layers(index), np.array([stack.at(k, index) for k in ids], np.float64))
