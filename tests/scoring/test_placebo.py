"""A layer whose values are dealt out anew moves the ranking as its weight says; a real one left out finds fewer campuses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sitefinder.config import Config, load_config
from sitefinder.kernels.score import TOP, UNKNOWN
from sitefinder.layers.stack import open_stack
from sitefinder.ml.dataset import read_presences
from sitefinder.ml.metrics import auc
from sitefinder.pipeline.stages import layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import ValueMatrix, score_cells, value_matrix
from tests.helpers.paths import ROOT
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack

DEFAULT = ROOT / "config" / "default.yaml"
#: cells at the head of the ranking that are followed
FIRST = 50
#: standard errors by which a mean rank may miss what is expected of it
SURE = 4.0


@dataclass(frozen=True)
class Country:
    """Values of all criteria, which cells are free, and where campuses stand."""

    config: Config
    matrix: ValueMatrix
    bits: np.ndarray
    campuses: np.ndarray

    def scores(self, matrix: ValueMatrix | None = None) -> np.ndarray:
        """(n_free,) float64 weighted scores of the free cells."""
        return score_cells(matrix or self.matrix, self.config, self.bits)[self.bits == 0].astype(np.float64)

    def found_by(self, config: Config) -> float:
        """AUC of large campuses against all land, gates left out."""
        score = score_cells(self.matrix, config, np.zeros_like(self.bits))
        others = np.delete(score, self.campuses)
        return auc(score[self.campuses], others)


@pytest.fixture(scope="module")
def country(tmp_path_factory, package) -> Country:
    """The shipped configuration on cells of 25 km."""
    file = load_config(DEFAULT, {"grid.resolution_m": "25000"})
    cache = warm(tmp_path_factory.mktemp("placebo"))
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=cache)
    presences = read_presences(package, stack)
    large = np.unique(presences.index[presences.large])
    return Country(file.config, value_matrix(stack, file.config), exclude(stack, file.config).bits, large)


def dealt_anew(country: Country, row: int, seed: int) -> ValueMatrix:
    """The matrix with one criterion's values shuffled among the free cells."""
    values = np.array(country.matrix.values)
    free = np.flatnonzero(country.bits == 0)
    values[row, free] = np.random.default_rng(seed).permutation(values[row, free])
    return replace(country.matrix, values=values)


def points(country: Country, row: int, matrix: ValueMatrix | None = None) -> np.ndarray:
    """(n_free,) points that a criterion gives the free cells."""
    steps = (matrix or country.matrix).values[row][country.bits == 0].astype(np.float64)
    weight = country.config.criterion_weights()[country.matrix.ids[row]]
    return 100.0 * weight * np.where(steps == UNKNOWN, 0.0, steps / TOP)


def mean_rank(scores: np.ndarray, followed: np.ndarray) -> float:
    """Mean place of some cells, 1 = best."""
    ordered = np.sort(scores)
    return float((scores.size - np.searchsorted(ordered, scores[followed], side="right") + 1).mean())


def expected_rank(country: Country, row: int, shuffled: ValueMatrix, followed: np.ndarray) -> tuple[float, float]:
    """Mean place of some cells if every other cell drew its points of the criterion from those of all, and its error."""
    own = points(country, row)
    rest = country.scores() - own
    drawn = np.sort(own)
    score = rest[followed] + points(country, row, shuffled)[followed]
    ahead = 1.0 - np.searchsorted(drawn, score[:, None] - rest[None, :], side="right") / drawn.size
    ahead[np.arange(followed.size), followed] = 0.0
    return float(1.0 + ahead.sum(axis=1).mean()), float(np.sqrt((ahead * (1.0 - ahead)).sum(axis=1).max()))


def test_a_shuffled_layer_moves_the_first_sites_as_its_weight_says_and_no_more(country):
    """Every criterion that counts: the mean place of the first 50 against what chance and the weight say."""
    before = country.scores()
    followed = np.argsort(-before)[:FIRST]
    missed = {}
    for row, layer_id in enumerate(country.matrix.ids):
        shuffled = dealt_anew(country, row, seed=row)
        expected, error = expected_rank(country, row, shuffled, followed)
        seen = mean_rank(country.scores(shuffled), followed)
        if abs(seen - expected) > SURE * error + 0.5:
            missed[layer_id] = (seen, expected, error)
    assert missed == {}


def test_a_heavier_layer_moves_more(country):
    """Shuffling every layer of a family moves the first 50 the more, the heavier the family."""
    followed = np.argsort(-country.scores())[:FIRST]
    moved = {}
    for family, weight in country.config.weights.items():
        values = country.matrix
        for row, layer_id in enumerate(country.matrix.ids):
            if layer_id in country.config.criteria.get(family, {}):
                values = dealt_anew(replace(country, matrix=values), row, seed=row)
        moved[family] = (weight, mean_rank(country.scores(values), followed))
    heaviest = max(moved, key=lambda family: moved[family][0])
    assert max(moved, key=lambda family: moved[family][1]) == heaviest


@pytest.mark.parametrize("family", ["grid_capacity", "fiber"])
def test_without_a_real_family_the_score_finds_fewer_campuses(country, family):
    """The back-test of the weighted score falls when what draws campuses is left out."""
    whole = country.found_by(country.config)
    without = country.config.model_copy(update={"weights": country.config.weights | {family: 0.0}})
    assert country.found_by(without) < whole - 0.005
