"""Training data of the models: presences, background and their features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sitefinder.errors import DataError
from sitefinder.layers.files import CAMPUS_LABELS
from sitefinder.layers.package import DataPackage
from sitefinder.ml.features import FEATURES

if TYPE_CHECKING:
    from sitefinder.layers.stack import LayerStack

#: fewer presences than this do not make a model
MIN_LABELS = 50
#: a campus of this footprint (m2) or power (MW) is "large": the size of a hyperscale building and more
LARGE_M2, LARGE_MW = 20_000.0, 50.0
#: what a campus without a name is called
UNNAMED = "unnamed campus"
#: up to this many places are read one by one; for more, reading the whole layer is quicker
FEW_PLACES = 2000
#: weights of small and of unknown-size labels against large ones: most mapped data centers are urban colocation
SMALL_WEIGHT, UNKNOWN_WEIGHT = 0.05, 0.05
#: a campus with fewer people within 10 km than this is rural, the kind that is asked for; what the others weigh against it
RURAL_PEOPLE, URBAN_WEIGHT = 60_000.0, 0.1

_PEOPLE = [f.layer for f in FEATURES].index("people_10km")


@dataclass(frozen=True)
class Presences:
    """Labelled campuses on the land index.

    Parameters
    ----------
    index : (n,) int64
        Place in the land index.
    xy : (n, 2) float64
        EPSG:5070, metres.
    x : (n, n_features) float64
    mw : (n,) float64
        NaN = unknown.
    footprint_m2 : (n,) float64
        NaN = unknown.
    first_mapped : (n,) str
    name : (n,) object
    rto : (n,) int32
    """

    index: np.ndarray
    xy: np.ndarray
    x: np.ndarray
    mw: np.ndarray
    footprint_m2: np.ndarray
    first_mapped: np.ndarray
    name: np.ndarray
    rto: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    @property
    def large(self) -> np.ndarray:
        """(n,) bool: campuses of the size the product is about."""
        return (np.nan_to_num(self.mw) >= LARGE_MW) | (np.nan_to_num(self.footprint_m2) >= LARGE_M2)

    @property
    def weight(self) -> np.ndarray:
        """(n,) weight by size and surroundings: see :attr:`size_weight`; a tenth of it among many people."""
        return self.size_weight * np.where(self.rural, 1.0, URBAN_WEIGHT)

    @property
    def rural(self) -> np.ndarray:
        """(n,) bool: campuses with few people within 10 km."""
        return self.x[:, _PEOPLE] < RURAL_PEOPLE

    @property
    def size_weight(self) -> np.ndarray:
        """(n,) weight by size: large campuses grow with the logarithm of their power or footprint."""
        size = np.fmax(self.mw / LARGE_MW, self.footprint_m2 / LARGE_M2)
        grown = 1.0 + np.log10(np.maximum(size, 1.0))
        return np.where(np.isnan(size), UNKNOWN_WEIGHT, np.where(self.large, grown, SMALL_WEIGHT))

    def take(self, mask: np.ndarray) -> Presences:
        """The presences of a mask or index."""
        return Presences(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


def require_layers(stack: LayerStack) -> None:
    """Refuse a stack that lacks a layer of the model.

    Raises
    ------
    DataError
        Names the layers.
    """
    missing = [f.layer for f in FEATURES if f.layer not in stack.records]
    if missing:
        raise DataError(
            f"The stack lacks {', '.join(map(repr, missing))}, which the learned model needs. Open it with the model's layers."
        )


def features_at(stack: LayerStack, index: np.ndarray) -> np.ndarray:
    """(n, n_features) float64 layer values at places of the land index, NaN = unknown.

    Raises
    ------
    DataError
        The stack lacks a layer that the model needs.
    """
    require_layers(stack)
    few = len(index) < FEW_PLACES
    columns = [stack.at(f.layer, index) if few else stack.values(f.layer)[index] for f in FEATURES]
    return np.column_stack(columns).astype(np.float64)


def read_presences(package: DataPackage, stack: LayerStack) -> Presences:
    """Labels that lie on land, with their features."""
    import geopandas
    import shapely

    table = geopandas.read_parquet(package.verified(CAMPUS_LABELS))
    xy = shapely.get_coordinates(table.geometry.values)
    row, col = stack.land.grid.cell_at(xy[:, 0], xy[:, 1])
    inside = stack.land.grid.inside(row, col)
    table, xy = table[inside], xy[inside]
    index = stack.land.position[row[inside], col[inside]].astype(np.int64)
    on_land = index >= 0
    table, xy, index = table[on_land], xy[on_land], index[on_land]
    return Presences(
        index,
        xy,
        features_at(stack, index),
        table["mw"].to_numpy(np.float64, na_value=np.nan),
        table["footprint_m2"].to_numpy(np.float64, na_value=np.nan),
        table["first_mapped"].to_numpy(str),
        table["name"].fillna(UNNAMED).to_numpy(object),
        stack.zones.rto[index],
    )


def background_index(size: int, candidates: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ascending places of the land index drawn uniformly from ``candidates``; ascending, so that reading them is quick."""
    return np.sort(rng.choice(candidates, size, replace=False))


def positions(stack: LayerStack, index: np.ndarray) -> np.ndarray:
    """(n, 2) EPSG:5070 cell centres."""
    return np.column_stack(stack.land.grid.centre(*stack.land.rows_cols(index)))
