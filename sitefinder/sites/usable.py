"""How much of the user's own land can be used, and what takes the rest, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from sitefinder.config import Config
from sitefinder.layers.files import LAKES, OSM_WATER
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.layers.stack import LayerStack
from sitefinder.layers.taken import LAYER_OF, WORDS
from sitefinder.scoring.exclusions import Exclusions, active_gates
from sitefinder.sites.campuses import Campus, Field

#: files of the water that is cut out of a parcel
FILES = (LAKES, OSM_WATER)
#: layers of water and of built-up land around
WATER, BUILT = "open_water_pct", "urban_pct"
#: layers that a run with sites of the user's own opens besides
LAYERS = (WATER, BUILT)
#: causes below this share are left out of the words, %
LEAST_PCT = 0.5
#: share of built-up land around from which a place may be built on already, %
BUILT_PCT = 5.0


class Usable(NamedTuple):
    """Share of the user's land that can be used.

    Parameters
    ----------
    usable_pct : float
        Neither water, nor taken, nor excluded by a gate; slopes do not count.
    usable_note : str
        The share, what takes the rest, and what the registers cannot see.
    """

    usable_pct: float
    usable_note: str


def usable(
    campuses: Sequence[Campus], field: Field, excluded: Exclusions, stack: LayerStack, package: DataPackage, config: Config
) -> list[Usable]:
    """What can be used of the land of each of the user's sites."""
    water = _water(campuses, package)
    return [_usable(campus, field, excluded, stack, config, water[i]) for i, campus in enumerate(campuses)]


def _water(campuses: Sequence[Campus], package: DataPackage) -> list[float]:
    """Percent of each parcel that mapped lakes and rivers cover, exactly; NaN for land that is made of cells."""
    parcels = [(i, c.parcel) for i, c in enumerate(campuses) if c.parcel is not None]
    wet = [float("nan")] * len(campuses)
    if not parcels:
        return wet
    areas = np.concatenate([read_features(package, name, ())["geometry"] for name in FILES])
    near = shapely.STRtree(areas)
    for i, parcel in parcels:
        hit = shapely.make_valid(areas[near.query(parcel, predicate="intersects")])
        wet[i] = 100.0 * shapely.intersection(shapely.union_all(hit), parcel).area / parcel.area if len(hit) else 0.0
    return wet


def _usable(campus: Campus, field: Field, excluded: Exclusions, stack: LayerStack, config: Config, water_pct: float) -> Usable:
    index = field.land.index_of(np.concatenate([campus.cells, campus.excluded]))
    area = np.concatenate([campus.share, campus.excluded_share])

    def mean(percent: Any) -> float:
        return float((np.asarray(percent, np.float64) * area).sum() / area.sum())

    lost = {"water": mean(stack.at(WATER, index)) if np.isnan(water_pct) else water_pct}
    left = 1.0 - lost["water"] / 100.0
    barred = np.zeros(index.size, bool)
    for i, (name, gate) in enumerate(active_gates(config).items()):
        hit = (excluded.bits[index] >> np.uint32(i) & np.uint32(1)).astype(bool)
        if gate.layer != WATER and hit.any():
            lost[gate.reason or name] = mean(100.0 * hit)
            barred |= hit
    for cause, layer in LAYER_OF.items():
        if cause != "rivers" and cause not in campus.cleared:  # water is measured on its outlines
            percent = stack.at(layer, index)
            lost[WORDS[cause]] = mean(np.where(barred, 0.0, percent) if cause == "parks" else percent)  # most parks are barred
            left *= 1.0 - lost[WORDS[cause]] / 100.0
    left *= 1.0 - mean(barred)
    named = sorted((-share, cause) for cause, share in lost.items() if share >= LEAST_PCT)
    text = f"{100.0 * left:.0f} % usable"
    text += f": {'; '.join(f'{cause} {-share:.0f} %' for share, cause in named)}" if named else ""
    built = mean(np.nan_to_num(stack.at(BUILT, index)))
    if built >= BUILT_PCT:
        text += f". {built:.0f} % of the 15 km around are built-up: works, yards and buildings on the land itself are not known"
    return Usable(100.0 * left, text)
