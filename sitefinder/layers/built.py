"""A finished layer on the land index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Built:
    """A finished layer on the land index.

    Parameters
    ----------
    values : (n_land,) float32, NaN = unknown
    nearest : (n_land,) int32, optional
        Row of ``labels``: the feature the value refers to; -1 = none.
    labels : list of str, optional
        Names of the features.
    """

    values: np.ndarray
    nearest: np.ndarray | None = None
    labels: list[str] | None = None
