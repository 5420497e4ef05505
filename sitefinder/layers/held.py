"""Land that others hold, as shares of cells: what of it a campus cannot have."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import FEDERAL, MILITARY_AREAS, PARKS, TRIBAL
from sitefinder.layers.sources import Sources

#: compiled files that the shares rest on
FILES = (FEDERAL, PARKS, TRIBAL, MILITARY_AREAS)
#: layers of the four kinds
LAYERS = ("federal_pct", "national_park_pct", "tribal_pct", "military_area_pct")


def outlined(sources: Sources, name: str, kind: str | None = None) -> np.ndarray:
    """(n_land,) float32 share of each cell within the outlines of a file, 0 to 1; of one kind where it is given."""

    def measure() -> np.ndarray:
        features = sources.features(name)
        chosen = features if kind is None else features[features["kind"] == kind]
        return sources.covered(chosen.geometry.values)

    return sources.once(("outlined", name, kind), measure)


def held_share(sources: Sources) -> np.ndarray:
    """(n_land,) float32 share of each cell that is federal, national park, reservation or military area: the largest of the four.

    Forests count by what the map of federal land leaves of them, not by their outline: private land inside is not held.
    """
    outlines = {
        "national_park_pct": outlined(sources, PARKS, "national_park"),
        "tribal_pct": outlined(sources, TRIBAL, "reservation"),
        "military_area_pct": outlined(sources, MILITARY_AREAS),
    }
    held = np.maximum.reduce([sources.with_given(layer, share, per=100.0) for layer, share in outlines.items()])
    return np.fmax(held, sources.with_given("federal_pct", sources.raster(FEDERAL) / np.float32(100.0), per=100.0))
