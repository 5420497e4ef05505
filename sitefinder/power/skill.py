"""How well estimated dates agree with realised ones: coverage, PIT, CRPS, rank correlation, and what simple rules reach.

A date that has not come yet is one-sided: it lies after the month of the last look. Months; draws are (n, draws), infinite =
never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: bins of the PIT histogram
PIT_BINS = 5
#: months beyond which dates count as equally late, so that "never" has a finite score
LATEST = 240.0


@dataclass(frozen=True)
class Truth:
    """Realised months of some campuses.

    Parameters
    ----------
    months : (n,) float64
        Months to the event, or to the last look where it had not come; NaN = nothing is known.
    came : (n,) bool
        The event has come.
    """

    months: np.ndarray
    came: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """(n,) bool: a date or a bound is known."""
        return ~np.isnan(self.months)


def crps(draws: np.ndarray, months: float, *, came: bool = True) -> float:
    """Continuous ranked probability score of one date, months; 0 is best.

    For a bound, the part of the integral up to it: what the estimate loses by having expected the event before
    (threshold-weighted CRPS, Gneiting & Ranjan 2011).

    Parameters
    ----------
    draws : (draws,)
    months : float
    came : bool

    >>> crps(np.array([10.0, 20.0]), 10.0), crps(np.array([30.0]), 20.0, came=False)
    (2.5, 0.0)
    """
    x = np.sort(np.minimum(draws, LATEST))
    share = np.arange(1, len(x) + 1) / len(x)
    before = np.append(np.minimum(x, months), months)
    below = float((share**2 * np.diff(before)).sum())
    if not came:
        return below
    after = np.concatenate([[months], np.maximum(x, months)])
    return below + float(((1.0 - np.concatenate([[0.0], share[:-1]])) ** 2 * np.diff(after)).sum())


def mean_crps(draws: np.ndarray, truth: Truth) -> float:
    """Mean of :func:`crps` over the campuses of which something is known."""
    return float(np.mean([crps(draws[i], truth.months[i], came=bool(truth.came[i])) for i in np.flatnonzero(truth.known)]))


def coverage(draws: np.ndarray, truth: Truth) -> tuple[int, int, int]:
    """How many realised dates lie before P10, within P10 to P90, and after P90."""
    low, high = np.quantile(draws, (0.1, 0.9), axis=1, method="inverted_cdf")
    early, late = (truth.months < low)[truth.came], (truth.months > high)[truth.came]
    return int(early.sum()), int((~early & ~late).sum()), int(late.sum())


def pit_counts(draws: np.ndarray, truth: Truth) -> np.ndarray:
    """(PIT_BINS,) realised dates by the share of the draws that came earlier; flat where ranges are right."""
    at = (draws < truth.months[:, None]).mean(axis=1) + 0.5 * (draws == truth.months[:, None]).mean(axis=1)
    return np.histogram(at[truth.came], bins=PIT_BINS, range=(0.0, 1.0))[0]


def rank_correlation(draws: np.ndarray, truth: Truth) -> float:
    """Spearman correlation of the medians with the realised dates; NaN for fewer than three, and where either are all alike."""
    from scipy.stats import spearmanr

    middle = np.quantile(np.minimum(draws, LATEST), 0.5, axis=1)[truth.came]
    realised = truth.months[truth.came]
    if len(realised) < 3 or np.ptp(middle) == 0 or np.ptp(realised) == 0:
        return float("nan")
    return float(spearmanr(middle, realised).statistic)


def constant(truth: Truth) -> np.ndarray:
    """What the other campuses took, for each campus: (n, draws), the realised months without its own."""
    realised = np.flatnonzero(truth.came)
    rows = [truth.months[realised[realised != i]] for i in range(len(truth.months))]
    size = min(len(r) for r in rows)
    return np.stack([np.quantile(r, (np.arange(size) + 0.5) / size) for r in rows])


def kaplan_meier(truth: Truth, group: Sequence[str | None], *, draws: int = 200) -> np.ndarray:
    """Product-limit estimate from the other campuses of the same group, (n, draws); of all others where it has fewer than three.

    Bounds count as what they are (Kaplan & Meier 1958). What lies beyond the last realised month is that month.
    """
    group_of = np.array([g or "" for g in group], object)
    rows = []
    for i in range(len(truth.months)):
        others = truth.known & (np.arange(len(truth.months)) != i)
        same = others & (group_of == group_of[i])
        rows.append(_product_limit(truth, same if truth.came[same].sum() >= 3 else others, draws))
    return np.stack(rows)


def _product_limit(truth: Truth, use: np.ndarray, draws: int) -> np.ndarray:
    """Quantiles of the product-limit estimate, (draws,)."""
    months, came = truth.months[use], truth.came[use]
    at = np.unique(months[came])
    left = np.cumprod([1.0 - (months[came] == t).sum() / (months >= t).sum() for t in at])
    row = np.searchsorted(1.0 - left, (np.arange(draws) + 0.5) / draws, side="left")
    return at[np.minimum(row, len(at) - 1)]
