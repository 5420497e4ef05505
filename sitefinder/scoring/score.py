"""Weighted scores: of every cell of the country, and by criterion and family at chosen cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from sitefinder.cache import Cache, CheckedRows, DamagedError, code_of, digest, let_go
from sitefinder.config import FAMILIES, Config
from sitefinder.kernels import score as kernel
from sitefinder.layers.stack import LayerStack
from sitefinder.scoring import criteria

#: matrices of values kept in the cache: the latest and the one before
KEPT_MATRICES = 2


@dataclass(frozen=True)
class ValueMatrix:
    """Values of all criteria on the land index.

    Parameters
    ----------
    ids : tuple of str
        Layer id of each row.
    values : (n_criteria, n_land) uint16
        See :mod:`sitefinder.kernels.score`.
    incomplete : (n_criteria,) bool
        True for rows with unknown values.
    name : str
        Under which the values are kept.
    """

    ids: tuple[str, ...]
    values: np.ndarray
    incomplete: np.ndarray
    name: str = ""


def value_matrix(stack: LayerStack, config: Config, *, thorough: bool = True) -> ValueMatrix:
    """Values of every criterion, from the cache beside the stack or computed and cached.

    Parameters
    ----------
    stack : LayerStack
    config : Config
    thorough : bool
        Compare all values with what was written; :func:`valued_and_scored` does so while it reads them.

    Raises
    ------
    OutputError
        The cache cannot be written.
    """
    members = config.flat_criteria()
    ids = tuple(members)
    key = [[stack.records[k]["stem"], members[k].model_dump(mode="json", exclude={"weight", "per"})] for k in ids]
    name = f"values-{digest([key, code_of(criteria.__name__)])}"

    def rows() -> Iterator[np.ndarray]:
        row = np.empty(stack.land.size, np.uint16)
        for layer_id, criterion in members.items():
            criteria.write_values(criterion, stack.values(layer_id), row)
            yield row

    values = Cache(stack.folder).rows(name, (len(members), stack.land.size), rows, keep=KEPT_MATRICES, thorough=thorough)
    return ValueMatrix(ids, values, np.array([stack.has_unknown(k) for k in ids]), name)


def valued_and_scored(stack: LayerStack, config: Config) -> tuple[ValueMatrix, np.ndarray]:
    """Values of every criterion, and the weighted score that each cell would have without any gate, (n_land,) float32.

    The values are read once: what is read is compared with what was written while it is added.

    Raises
    ------
    OutputError
        The cache cannot be written.
    """
    matrix = value_matrix(stack, config, thorough=False)
    try:
        with Cache(stack.folder).checked_rows(matrix.name) as rows:
            return matrix, _sums(matrix, config, rows)
    except DamagedError:
        matrix = value_matrix(stack, config)  # finds the damage, and makes it anew
        return matrix, score_cells(matrix, config)


def _sums(matrix: ValueMatrix, config: Config, rows: CheckedRows) -> np.ndarray:
    score = np.empty(rows.shape[1], np.float32)
    kernel.weighted_sum(rows, _weights(matrix, config), matrix.incomplete, None, score)
    return score


def _weights(matrix: ValueMatrix, config: Config) -> np.ndarray:
    weights = config.criterion_weights()
    return np.array([weights[k] for k in matrix.ids])


def score_cells(matrix: ValueMatrix, config: Config, bits: np.ndarray | None = None) -> np.ndarray:
    """Weighted score 0..100 of every land cell, (n_land,) float32; NaN where excluded, nowhere without ``bits``.

    Unknown values earn nothing.
    """
    score = np.empty(matrix.values.shape[1], np.float32)
    weights = _weights(matrix, config)
    kernel.weighted_sum(matrix.values, weights, matrix.incomplete, bits, score, after=partial(let_go, matrix.values))
    return score


@dataclass(frozen=True)
class Profile:
    """Layer values, values 0..1 and points of a few cells, in double precision.

    Parameters
    ----------
    ids : tuple of str
    layers : (n_criteria, n) float64
        Layer values in their own units, NaN = unknown.
    values : (n_criteria, n) float64
        0..1, NaN = unknown.
    weights : (n_criteria,) float64
        Sum to 1.
    families : tuple of str
        Family of each criterion.
    """

    ids: tuple[str, ...]
    layers: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    families: tuple[str, ...]

    @cached_property
    def points(self) -> np.ndarray:
        """(n_criteria, n) points of the 0-100 score that each criterion earns; unknown earns 0."""
        return 100.0 * self.weights[:, None] * np.nan_to_num(self.values)

    @cached_property
    def score(self) -> np.ndarray:
        """(n,) score 0..100."""
        return self.points.sum(axis=0)

    @cached_property
    def unknown_points(self) -> np.ndarray:
        """(n,) points that unknown criteria could add at most."""
        return 100.0 * (self.weights[:, None] * np.isnan(self.values)).sum(axis=0)

    def family_score(self, family: str) -> np.ndarray:
        """(n,) score 0..100 within one family."""
        member = np.array([f == family for f in self.families])
        total = self.weights[member].sum()
        return self.points[member].sum(axis=0) / total if total > 0 else np.full(self.score.shape, np.nan)


def profile(stack: LayerStack, config: Config, index: np.ndarray) -> Profile:
    """Contributions of every criterion at chosen places of the land index."""
    return profile_of(np.array([stack.at(k, index) for k in config.flat_criteria()], np.float64), config)


def profile_of(layers: np.ndarray, config: Config) -> Profile:
    """Contributions of every criterion at some places.

    Parameters
    ----------
    layers : (n_criteria, n) float64
        Layer values in the order of the configuration, NaN = unknown.
    config : Config
    """
    members = config.flat_criteria()
    weights = config.criterion_weights()
    values = np.array([criteria.value(c, x) for c, x in zip(members.values(), layers, strict=True)])
    families = tuple(f for f in FAMILIES for _ in config.criteria.get(f, {}))
    return Profile(tuple(members), layers, values, np.array([weights[k] for k in members]), families)
