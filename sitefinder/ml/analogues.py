"""Nearest analogue: the known campus most similar to a place, and the family of layers in which the two differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sitefinder.layers import REGISTRY
from sitefinder.layers.files import CAMPUS_LABELS, EPOCH_CAMPUSES
from sitefinder.layers.package import DataPackage
from sitefinder.ml.dataset import Presences
from sitefinder.ml.features import FEATURES
from sitefinder.ml.predict import Domain

#: smaller campuses are no example for a gigawatt (MW)
LEAST_MW = 50.0


@dataclass(frozen=True)
class Analogues:
    """Named campuses among the anchors of a domain.

    Parameters
    ----------
    anchor : (n,) int64
        Row of the domain's anchors.
    name : tuple of str
    mw : (n,) float64
        Planned power.
    """

    anchor: np.ndarray
    name: tuple[str, ...]
    mw: np.ndarray

    def describe(self, domain: Domain, x: np.ndarray) -> list[str | None]:
        """The nearest named campus of each place and the family in which they differ most, here vs there.

        None without named campuses; "same ground" where even the widest difference is negligible or unknown.

        Parameters
        ----------
        domain : Domain
        x : (n, n_features) float64
            Layer values, NaN = unknown.
        """
        if not self.name:
            return [None] * len(x)
        family = np.array([REGISTRY[f.layer].spec.family for f in FEATURES])
        known = domain.anchors[self.anchor]
        texts: list[str | None] = []
        for place, values in zip(domain.place(x), x, strict=True):
            apart = (known - place) ** 2
            best = int(apart.sum(axis=1).argmin())
            names = np.unique(family)
            widest = names[int(np.argmax([apart[best, family == k].sum() for k in names]))]
            j = int(np.argmax(np.where(family == widest, apart[best], -1.0)))
            here, there = _shown(values[j]), _shown(domain.layer_value(known[best], j))
            apart_in = f"differs most in {widest}: {FEATURES[j].layer} {here} vs {there}" if here != there else "same ground"
            texts.append(f"{self.name[best]} ({self.mw[best]:.0f} MW); {apart_in}")
        return texts


def _shown(value: float) -> str:
    """At most three significant digits below a thousand, whole numbers above."""
    if np.isnan(value):
        return "unknown"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def find_analogues(package: DataPackage, anchors: Presences) -> Analogues:
    """Anchors that bear the name of an Epoch AI record, have the power, and a position that is not rough.

    Parameters
    ----------
    package : DataPackage
    anchors : Presences
        In the order of the domain's anchors.
    """
    import pandas as pd

    public = set(pd.read_parquet(package.verified(EPOCH_CAMPUSES), columns=["name"])["name"])
    labels = pd.read_parquet(package.verified(CAMPUS_LABELS), columns=["name", "position"])
    public -= set(labels.loc[labels["position"] == "approximate", "name"].dropna())
    chosen = [i for i in range(len(anchors)) if anchors.name[i] in public and anchors.mw[i] >= LEAST_MW]
    return Analogues(np.array(chosen, np.int64), tuple(str(anchors.name[i]) for i in chosen), anchors.mw[chosen])
