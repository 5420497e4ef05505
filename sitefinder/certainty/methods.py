"""Scores of the same values by four aggregation methods, and the agreement of their rankings.

All take values on absolute anchors (0 worst, 1 best, set by physical breakpoints), so that adding or removing a site cannot
reverse the order of two others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

#: a weighted product is zero as soon as one value is; values below this count as this (J)
PRODUCT_FLOOR = 0.01
#: top-ranked sites of each ranking that are compared
TOP = 50
#: attitudes towards risk compared: a cautious one weighs the weak criteria of a site, a bold one the strong ones (J)
CAUTIOUS, BOLD = 0.3, 0.7


def weighted_sum(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted sum, (n,) float64 in 0..1: a strong criterion compensates for a weak one.

    Parameters
    ----------
    values : (n, k) float64, 0..1
        Unknown values as 0.
    weights : (k,) float64
        Sum to 1.
    """
    return values @ weights


def weighted_product(values: np.ndarray, weights: np.ndarray, floor: float = PRODUCT_FLOOR) -> np.ndarray:
    """Weighted geometric mean, (n,) float64 in 0..1: a weak criterion costs more than in the sum; arguments as there.

    Parameters
    ----------
    floor : float
        Least value, above 0.
    """
    return np.exp(np.log(np.maximum(values, floor)) @ weights)


def topsis(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Closeness to the ideal site, (n,) float64 in 0..1; arguments as in :func:`weighted_sum`.

    Hwang and Yoon (1981; K), with the ideals at value 1 and 0 in every criterion instead of the best and worst of the list,
    and without normalisation: values are on one scale already.
    """
    to_best = np.sqrt((((1.0 - values) * weights) ** 2).sum(axis=1))
    to_worst = np.sqrt(((values * weights) ** 2).sum(axis=1))
    return to_worst / (to_best + to_worst)


def owa(values: np.ndarray, weights: np.ndarray, attitude: float) -> np.ndarray:
    """Ordered weighted average with importances, (n,) float64 in 0..1; other arguments as in :func:`weighted_sum`.

    A site's values are taken from best to worst; the first share p of the importance gets the weight p^a, a = (1 - attitude) /
    attitude (Yager 1996; K). 0.5 is the weighted sum; towards 0 only the weakest side counts, towards 1 only the strongest.

    Parameters
    ----------
    attitude : float
        Above 0, below 1.

    Raises
    ------
    ValueError
        ``attitude`` is outside.
    """
    if not 0.0 < attitude < 1.0:
        raise ValueError(f"attitude {attitude:g} is not between 0 and 1")
    order = np.argsort(-values, axis=1, kind="stable")
    share = np.minimum(np.cumsum(weights[order], axis=1), 1.0)
    reached = share ** ((1.0 - attitude) / attitude)
    steps = np.diff(reached, axis=1, prepend=0.0)
    return (np.take_along_axis(values, order, axis=1) * steps).sum(axis=1)


def side_by_side(values: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Score of every site by every method; arguments as in :func:`weighted_sum`."""
    return {
        "weighted_sum": weighted_sum(values, weights),
        "weighted_product": weighted_product(values, weights),
        "topsis": topsis(values, weights),
        "owa_cautious": owa(values, weights, CAUTIOUS),
        "owa_bold": owa(values, weights, BOLD),
    }


def ranks(scores: np.ndarray) -> np.ndarray:
    """(n,) int rank of each site, 1 = best; equal scores in the order of the list.

    >>> ranks(np.array([0.2, 0.9, 0.5])).tolist()
    [3, 1, 2]
    """
    rank = np.empty(scores.size, np.int64)
    rank[np.argsort(-scores, kind="stable")] = np.arange(1, scores.size + 1)
    return rank


def kendall_tau(one: np.ndarray, other: np.ndarray) -> float:
    """Kendall's tau of two rankings without ties: pairs in the same order less those in the opposite one, as a share of all.

    Written out: loading the library that has it takes longer than all the rest of the comparison.

    Parameters
    ----------
    one, other : (n,) int
        Ranks, each of them once; a single site agrees with itself.

    >>> kendall_tau(np.array([1, 2, 3]), np.array([1, 3, 2]))
    0.3333333333333333
    """
    if one.size < 2:
        return 1.0
    order = np.argsort(one, kind="stable")
    later = np.sign(other[order][None, :] - other[order][:, None])
    return float(np.triu(later, 1).sum(dtype=np.int64) / (one.size * (one.size - 1) / 2))


@dataclass(frozen=True)
class Agreement:
    """Agreement of several rankings of the same sites.

    Parameters
    ----------
    names : tuple of str
    kendall : (m, m) float64
        Kendall's tau-b over the sites that are in the first places of any of the rankings: -1 reversed, 0 unrelated, 1 equal.
    overlap : (m, m) float64
        Share of the first places of one that are among those of another.
    ranks : (m, n) int
        Rank of each site by each.
    top : int
        Places compared.
    """

    names: tuple[str, ...]
    kendall: np.ndarray
    overlap: np.ndarray
    ranks: np.ndarray
    top: int

    @property
    def liked_by_all(self) -> np.ndarray:
        """Sites among the first places of every ranking, best mean rank first."""
        inside = np.flatnonzero((self.ranks <= self.top).all(axis=0))
        return inside[np.argsort(self.ranks[:, inside].mean(axis=0), kind="stable")]

    @property
    def consensus(self) -> np.ndarray:
        """Sites by their mean rank over all rankings (Borda count), as many as places are compared."""
        return np.argsort(self.ranks.mean(axis=0), kind="stable")[: self.top]


def agreement(scores: Mapping[str, np.ndarray], top: int = TOP) -> Agreement:
    """Agreement of rankings of the same sites.

    Parameters
    ----------
    scores : mapping
        Name -> (n,) scores, best = highest.
    top : int
    """
    names = tuple(scores)
    placed = np.stack([ranks(np.asarray(s)) for s in scores.values()])
    top = min(top, placed.shape[1])
    head = placed <= top
    any_head = head.any(axis=0)
    m = len(names)
    kendall, overlap = np.eye(m), np.eye(m)
    for i in range(m):
        for j in range(i):
            kendall[i, j] = kendall[j, i] = kendall_tau(placed[i, any_head], placed[j, any_head])
            overlap[i, j] = overlap[j, i] = (head[i] & head[j]).sum() / top
    return Agreement(names, kendall, overlap, placed, top)
