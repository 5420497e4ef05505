"""Land that the user calls unavailable, cut out of the user's own parcels along its outlines."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely

from sitefinder.config import Config
from sitefinder.layers.added import UNAVAILABLE, unavailable_shapes
from sitefinder.layers.stack import LayerStack
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.own import UserSite, campus_of, land_of_site
from sitefinder.sites.stated import freed
from sitefinder.sites.usable import LEAST_PCT, Usable


@dataclass(frozen=True)
class Called:
    """Polygons of unavailable land.

    Parameters
    ----------
    areas : sequence of shapely geometry
        EPSG:5070; empty where the user calls none.
    stack : LayerStack
        Has the share of each cell that they cover.
    """

    areas: Sequence[Any]
    stack: LayerStack

    @classmethod
    def of(cls, config: Config, stack: LayerStack) -> Self:
        """Those of a configuration."""
        return cls(unavailable_shapes(config), stack)

    def campus(self, site: UserSite, field: Field, config: Config) -> Campus:
        """The campus of a user's site; of a parcel what the outlines leave, whatever they take of its cells beside it."""
        if not self.areas or site.outline is None:
            return campus_of(site, field, config)
        campus = campus_of(site, self._without(field, land_of_site(site, field.land, config)), config)
        if site.stated.usable_acres is not None:
            return campus
        acres = campus.acres * (1.0 - self.share(site.geometry))
        return dataclasses.replace(campus, acres=acres, enough=bool(acres >= (campus.wanted or config.campus_acres)))

    def _without(self, field: Field, index: np.ndarray) -> Field:
        """The field with the acres that unavailable land takes of some cells given back."""
        acres, cells = field.acres.copy().reshape(-1), field.land.cells[index]
        left = 1.0 - self.stack.at(UNAVAILABLE, index) / 100.0
        acres[cells] = freed(acres[cells], left, field.land.grid.cell_acres)
        return dataclasses.replace(field, acres=acres.reshape(field.land.grid.shape))

    def share(self, polygon: Any) -> float:
        """Share of a polygon that is unavailable, 0 to 1."""
        hit = [self.areas[i] for i in shapely.STRtree(list(self.areas)).query(polygon, predicate="intersects")]
        return float(shapely.intersection(shapely.union_all(hit), polygon).area / polygon.area) if hit else 0.0

    def told(self, use: Usable, campus: Campus) -> Usable:
        """What can be used of the user's land, less what is unavailable of a parcel."""
        share = 100.0 * self.share(campus.parcel) if self.areas and campus.parcel is not None else 0.0
        if share < LEAST_PCT:
            return use
        left = min(use.usable_pct, use.usable_pct * (1.0 - share / 100.0))
        return Usable(left, f"{left:.0f} % usable; unavailable, as stated {share:.0f} %; of the rest: {use.usable_note}")
