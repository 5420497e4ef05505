"""Weights of criteria: given directly, from pairwise comparisons (AHP), or drawn around the configured ones."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.config import FAMILIES, Config
from sitefinder.config.keyed_yaml import parsed
from sitefinder.config.uncertainty import Concentration
from sitefinder.errors import ConfigError

#: mean consistency index of random reciprocal matrices of 1, 2, … 10 items (Saaty 1980; K)
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
#: largest consistency ratio accepted (Saaty 1980; K; named as the rule in the method notes)
MAX_RATIO = 0.1
#: Saaty's scale ends at "extremely more important"
MAX_JUDGEMENT = 9.0


def direct(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights scaled to sum to 1.

    Raises
    ------
    ConfigError
        A weight is negative, not finite, or all are zero.

    >>> direct({"power": 3, "water": 1})
    {'power': 0.75, 'water': 0.25}
    """
    bad = [k for k, w in weights.items() if not (np.isfinite(w) and w >= 0)]
    total = sum(weights.values())
    if bad or not total > 0:
        raise ConfigError(f"Invalid weights: {bad[0] if bad else 'all are zero'}. Give numbers of 0 and more, one above 0.")
    return {k: w / total for k, w in weights.items()}


@dataclass(frozen=True)
class Pairwise:
    """Judgements of a pairwise comparison, with the weights and the consistency that follow.

    Parameters
    ----------
    names : tuple of str
    matrix : (n, n) float64
        How many times as important the row is as the column; reciprocal, 1 on the diagonal.
    """

    names: tuple[str, ...]
    matrix: np.ndarray

    @property
    def weights(self) -> dict[str, float]:
        """Principal eigenvector, scaled to sum to 1 (Saaty 1980; K)."""
        values, vectors = np.linalg.eig(self.matrix)
        vector = np.abs(vectors[:, np.argmax(values.real)].real)
        return dict(zip(self.names, (vector / vector.sum()).tolist(), strict=True))

    @property
    def consistency_ratio(self) -> float:
        """Inconsistency relative to random judgements: 0 = none contradicts another, 1 = as bad as chance."""
        n = len(self.names)
        random = RANDOM_INDEX[min(n, len(RANDOM_INDEX)) - 1]
        if random == 0.0:
            return 0.0
        largest = float(np.linalg.eigvals(self.matrix).real.max())
        return max(0.0, (largest - n) / (n - 1) / random)

    def worst_triad(self) -> tuple[str, str, str]:
        """The three items whose judgements contradict each other most: a to b times b to c is farthest from a to c."""

        def fault(triad: tuple[int, ...]) -> float:
            i, j, k = triad
            return abs(float(np.log(self.matrix[i, j] * self.matrix[j, k] / self.matrix[i, k])))

        i, j, k = max(itertools.combinations(range(len(self.names)), 3), key=fault)
        return self.names[i], self.names[j], self.names[k]

    def explain(self, triad: Sequence[str]) -> str:
        """The judgements of a triad in words, with what the first two imply for the third."""
        a, b, c = (self.names.index(name) for name in triad)
        m, (x, y, z) = self.matrix, triad
        return f"{x}/{y} {m[a, b]:.3g} and {y}/{z} {m[b, c]:.3g} imply {x}/{z} {m[a, b] * m[b, c]:.3g}, given {m[a, c]:.3g}"


def read_pairwise(path: Path) -> Pairwise:
    """Pairwise comparisons from YAML: ``{power: {water: 5, land: 3}, water: {land: 1/2}}``, one entry per pair.

    Raises
    ------
    ConfigError
        The file cannot be read, a pair is missing, given twice with different numbers or outside 1/9 to 9, or the judgements
        contradict each other (consistency ratio above 0.1): the message names the worst triad.
    """
    from ruamel.yaml.error import YAMLError  # a run has no file of comparisons

    try:
        tree = parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"Cannot read comparisons {path}: {error.strerror}. Pass an existing file.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"Invalid YAML in {path}: {' '.join(str(error).split())}. Mend the file.") from None
    if not isinstance(tree, dict) or not all(isinstance(row, dict) for row in tree.values()):
        raise ConfigError(f"Invalid comparisons {path}: write 'power: {{water: 5, land: 3}}', one line per item.")
    names = tuple(dict.fromkeys([*tree, *(k for row in tree.values() for k in row)]))
    if len(names) > len(RANDOM_INDEX):
        raise ConfigError(f"Invalid comparisons {path}: {len(names)} items; compare at most {len(RANDOM_INDEX)} at once.")
    pairwise = Pairwise(names, _matrix(path, tree, names))
    if pairwise.consistency_ratio > MAX_RATIO:
        triad = pairwise.worst_triad()
        raise ConfigError(
            f"Inconsistent comparisons in {path}: consistency ratio {pairwise.consistency_ratio:.2f}, above {MAX_RATIO}. "
            f"Revise {', '.join(triad)} first: {pairwise.explain(triad)}."
        )
    return pairwise


def _matrix(path: Path, tree: Any, names: tuple[str, ...]) -> np.ndarray:
    matrix = np.eye(len(names))
    matrix[matrix == 0.0] = np.nan
    for a, row in tree.items():
        for b, text in row.items():
            place = f"{path}:{row.lc.data[b][0] + 1}: {a}.{b}"
            times = _judgement(place, text)
            i, j = names.index(a), names.index(b)
            known = matrix[i, j]
            if not np.isnan(known) and not np.isclose(known, times):
                raise ConfigError(f"Invalid comparison {times:g} in {place}. It contradicts {known:g} given before; keep one.")
            matrix[i, j], matrix[j, i] = times, 1.0 / times
    for i, j in itertools.combinations(range(len(names)), 2):
        if np.isnan(matrix[i, j]):
            raise ConfigError(f"Missing comparison in {path}: {names[i]} with {names[j]}. Add '{names[i]}: {{{names[j]}: 1}}'.")
    return matrix


def _judgement(place: str, text: Any) -> float:
    """A number or a fraction such as 1/3, from 1/9 to 9."""
    try:
        above, _, below = str(text).partition("/")
        times = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        times = float("nan")
    if not 1.0 / MAX_JUDGEMENT - 1e-9 <= times <= MAX_JUDGEMENT:
        raise ConfigError(f"Invalid comparison '{text}' in {place}. Give a number from 1/9 to 9.")
    return times


def draw_weights(config: Config, concentration: Concentration, draws: int, seed: int) -> np.ndarray:
    """Criterion weights drawn around the configured ones, (draws, n_criteria) float64 in reporting order; rows sum to 1.

    Families first, then the criteria within each family, each from a Dirichlet distribution whose mean is the configured
    share. A share of 0 stays 0.

    Parameters
    ----------
    config : Config
    concentration : Concentration
        None = the configured weights in every draw.
    draws : int
    seed : int
    """
    families = [f for f in FAMILIES if config.criteria.get(f)]
    shares = config.family_weights()
    outer = dirichlet(np.array([shares[f] for f in families]), concentration.families, draws, (seed, 0))
    parts = []
    for column, family in enumerate(families):
        inner = np.array(list(config.weights_within(family).values()))
        drawn = dirichlet(inner, concentration.criteria, draws, (seed, 1 + FAMILIES.index(family)))
        parts.append(outer[:, column : column + 1] * drawn)
    weights = np.concatenate(parts, axis=1)
    return weights / weights.sum(axis=1, keepdims=True)


def dirichlet(mean: np.ndarray, concentration: float | None, draws: int, seed: tuple[int, ...]) -> np.ndarray:
    """Shares around ``mean`` (scaled to sum to 1), (draws, k) float64; all zero where ``mean`` is.

    >>> dirichlet(np.array([1.0, 3.0]), None, 1, (1,)).tolist()
    [[0.25, 0.75]]
    """
    total = mean.sum()
    centre = mean / total if total > 0 else mean
    if concentration is None or total <= 0:
        return np.tile(centre, (draws, 1))
    # columns are drawn one after the other: a criterion that is added at the end leaves the others' numbers alone
    source = np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(seed))))
    gamma = np.stack([source.standard_gamma(concentration * m, draws) if m > 0 else np.zeros(draws) for m in centre], axis=1)
    sums = gamma.sum(axis=1, keepdims=True)
    return np.where(sums > 0, gamma / np.where(sums > 0, sums, 1.0), centre)
