"""Stack and configuration to scores: per cell for the whole country, and per criterion and family for chosen cells."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from sitefinder.config import FAMILIES, Config
from sitefinder.errors import OutputError
from sitefinder.kernels import score as kernel
from sitefinder.layers.stack import LayerStack, forget
from sitefinder.scoring import criteria

#: matrices of values kept in the cache: today's and the one before, so that one can go back and forth
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
    """

    ids: tuple[str, ...]
    values: np.ndarray
    incomplete: np.ndarray


def value_matrix(stack: LayerStack, config: Config) -> ValueMatrix:
    """Values of every criterion, from the cache beside the stack or computed and cached.

    Raises
    ------
    OutputError
        The cache cannot be written.
    """
    members = config.flat_criteria()
    ids = tuple(members)
    key = [[stack.records[k]["stem"], members[k].model_dump(mode="json", exclude={"weight", "per"})] for k in ids]
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    path = stack.folder / f"values-{digest}.npy"
    if not path.exists():
        try:
            _write_matrix(path, stack, config)
            forget(stack.folder, "values-*.npy", KEPT_MATRICES)
        except OSError as error:
            raise OutputError(
                f"Cannot write the cache {path}: {error.strerror or error}. Free space or name another folder with --cache."
            ) from None
    os.utime(path)  # used now: the last to be forgotten
    incomplete = np.array([stack.has_unknown(k) for k in ids])
    return ValueMatrix(ids, np.asarray(np.load(path, mmap_mode="r")), incomplete)


def _write_matrix(path: Path, stack: LayerStack, config: Config) -> None:
    """Write the matrix row by row, so that only one layer is in memory."""
    members = config.flat_criteria()
    tmp = path.with_name(f".{os.getpid()}.{path.name}")
    row = np.empty(stack.land.size, np.uint16)
    try:
        with tmp.open("wb") as stream:
            header = {"descr": "<u2", "fortran_order": False, "shape": (len(members), stack.land.size)}
            np.lib.format.write_array_header_1_0(stream, header)
            for layer_id, criterion in members.items():
                criteria.write_values(criterion, stack.values(layer_id), row)
                stream.write(row.data)
        tmp.replace(path)
    finally:
        tmp.unlink(missing_ok=True)


def score_cells(matrix: ValueMatrix, config: Config, bits: np.ndarray) -> np.ndarray:
    """Weighted score 0..100 of every land cell, (n_land,) float32; NaN where excluded.

    Unknown values earn nothing: a site has to show what it claims.
    """
    weights = config.criterion_weights()
    score = np.empty(bits.size, np.float32)
    kernel.weighted_sum(matrix.values, np.array([weights[k] for k in matrix.ids]), matrix.incomplete, bits, score)
    return score


@dataclass(frozen=True)
class Profile:
    """What the score of a few cells is made of, in double precision.

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
        """(n,) points that unknown criteria could still add at best."""
        return 100.0 * (self.weights[:, None] * np.isnan(self.values)).sum(axis=0)

    def family_score(self, family: str) -> np.ndarray:
        """(n,) score 0..100 within one family."""
        member = np.array([f == family for f in self.families])
        total = self.weights[member].sum()
        return self.points[member].sum(axis=0) / total if total > 0 else np.full(self.score.shape, np.nan)


def profile(stack: LayerStack, config: Config, index: np.ndarray) -> Profile:
    """Contributions of every criterion at chosen places of the land index."""
    members = config.flat_criteria()
    weights = config.criterion_weights()
    layers = np.array([stack.at(k, index) for k in members], np.float64)
    values = np.array([criteria.value(c, x) for c, x in zip(members.values(), layers, strict=True)])
    families = tuple(f for f in FAMILIES for _ in config.criteria.get(f, {}))
    return Profile(tuple(members), layers, values, np.array([weights[k] for k in members]), families)
