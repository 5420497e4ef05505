"""Record of a campus in a list: typed parts, each a group of columns, and the values of all layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Self

from sitefinder.certainty.columns import CertaintyPart
from sitefinder.columns import Column, Part, Scalar
from sitefinder.costs.columns import CostPart, NeedPart
from sitefinder.layers import REGISTRY
from sitefinder.power.columns import PowerPart
from sitefinder.routes.columns import RoutePart
from sitefinder.sites.around import AroundPart
from sitefinder.sites.columns import FamilyPart, IdentityPart, LandPart, LocalPart, NearestPart, OwnPart, PlacePart, QualityPart

#: parts of a site in the order of the files; a national list has no ``own``, a list of the user's own sites no ``certainty``
PARTS: Mapping[str, type[Part]] = {
    "identity": IdentityPart,
    "certainty": CertaintyPart,
    "own": OwnPart,
    "families": FamilyPart,
    "place": PlacePart,
    "land": LandPart,
    "local": LocalPart,
    "power": PowerPart,
    "routes": RoutePart,
    "needs": NeedPart,
    "costs": CostPart,
    "quality": QualityPart,
    "nearest": NearestPart,
    "around": AroundPart,
}
#: parts that every list holds
ALWAYS = ("identity", "families", "place", "land", "local", "quality", "nearest", "around")
#: begins the names of the columns of the user's own file
YOURS = "your_"
#: heading of the values of layers
LAYER_HEADING = "Layer values at the site"


@dataclass(frozen=True)
class Site:
    """A campus in a list with all its columns; None = the run did not compute that part.

    Parameters
    ----------
    identity, families, place, land, local, quality, nearest, around : Part
    power, routes, needs, costs : Part or None
    certainty : CertaintyPart or None
        Of national lists.
    own : OwnPart or None
        Of the user's own sites.
    layers : mapping
        Layer id -> value at the site's point; NaN = unknown.
    yours : mapping
        Columns of the user's own file, ``your_<column>``; empty for national lists.
    """

    identity: IdentityPart
    families: FamilyPart
    place: PlacePart
    land: LandPart
    local: LocalPart
    quality: QualityPart
    nearest: NearestPart
    around: AroundPart
    layers: Mapping[str, float]
    power: PowerPart | None = None
    routes: RoutePart | None = None
    needs: NeedPart | None = None
    costs: CostPart | None = None
    certainty: CertaintyPart | None = None
    own: OwnPart | None = None
    yours: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def site_id(self) -> str:
        """Key of the site."""
        return self.identity.site_id

    @cached_property
    def values(self) -> Mapping[str, Scalar]:
        """Column name -> value as the files hold it: rounded; None = unknown or not computed."""
        written = columns(tuple(self.layers), user=self.own is not None)
        row: dict[str, object] = dict(self.layers)
        for name in PARTS:
            part = getattr(self, name)
            if part is not None:
                row.update(zip(part.names(), part.as_values(), strict=True))
        return {c.name: c.written(row.get(c.name)) for c in written} | dict(self.yours)

    def layer(self, layer_id: str) -> float | None:
        """Value of a layer at the site's point; None = unknown or not in the list."""
        value = self.layers.get(layer_id, math.nan)
        return None if math.isnan(value) else float(value)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The site whose :attr:`values` these are.

        Raises
        ------
        KeyError
            A column is missing; its name is the argument.
        TypeError, ValueError
            A value is not of the kind of its column.
        """
        own = any(name in row for name in OwnPart.names())
        parts: dict[str, Any] = {}
        for name, part in PARTS.items():
            if name == ("certainty" if own else "own"):
                continue
            known = name in ALWAYS or any(row[column] is not None for column in part.names())
            parts[name] = part.of(row) if known else None
        fixed = {c.name for c in columns((), user=own)}
        layers = {k: math.nan if v is None else float(v) for k, v in row.items() if k in REGISTRY and k not in fixed}
        return cls(**parts, layers=layers, yours={k: v for k, v in row.items() if k.startswith(YOURS)})


def layer_column(layer_id: str) -> Column:
    """Value of one layer at the site's point."""
    spec = REGISTRY[layer_id].spec
    return Column(layer_id, spec.unit, spec.meaning, ", ".join(spec.sources), 3, LAYER_HEADING)


@cache
def columns(layer_ids: tuple[str, ...], *, user: bool = False) -> tuple[Column, ...]:
    """All columns of a sites file in the order of the file.

    Parameters
    ----------
    layer_ids : tuple of str
        Criteria in use.
    user : bool
        True for the file of the user's own sites.
    """
    left_out = "certainty" if user else "own"
    fixed = tuple(c for name, part in PARTS.items() if name != left_out for c in part.columns())
    fixed_names = {c.name for c in fixed}
    return fixed + tuple(layer_column(k) for k in layer_ids if k not in fixed_names)
