"""The register of output columns: name, unit, meaning and source, read by every writer, the docs and the tests."""

from __future__ import annotations

from sitefinder.certainty.columns import CERTAINTY
from sitefinder.columns import Column as Column
from sitefinder.config import FAMILIES
from sitefinder.costs.columns import COSTS, NEEDS
from sitefinder.layers import REGISTRY
from sitefinder.power.columns import DELIVERY
from sitefinder.routes.columns import CONNECTIONS
from sitefinder.sites.columns import IDENTITY, NEAREST, PLACE, QUALITY, SHAPE, USER

#: layer whose nearest feature fills each column of NEAREST
NEAREST_LAYERS = {
    "nearest_substation_345": "substation_345_km",
    "nearest_gas_interstate": "gas_interstate_km",
    "nearest_river": "river_km",
    "nearest_exchange": "exchange_km",
    "nearest_moratorium": "moratorium_km",
}


def family_column(family: str) -> Column:
    """Score of one family."""
    return Column(f"score_{family}", "points", f"Score 0-100 within the family {family}, mean over the campus", "scoring", 1)


def layer_column(layer_id: str) -> Column:
    """Value of one layer at the site's point."""
    spec = REGISTRY[layer_id].spec
    return Column(layer_id, spec.unit, spec.meaning, ", ".join(spec.sources), 3)


def columns(layer_ids: tuple[str, ...], *, user: bool = False) -> tuple[Column, ...]:
    """All columns of a sites file in output order.

    Parameters
    ----------
    layer_ids : tuple of str
        Criteria in use.
    user : bool
        True for the file of the user's own sites.
    """
    families = tuple(family_column(f) for f in FAMILIES)
    own = USER if user else CERTAINTY
    money = tuple(Column(*spec) for spec in (*NEEDS, *COSTS))
    fixed = IDENTITY + own + families + PLACE + SHAPE + DELIVERY + CONNECTIONS + money + QUALITY + NEAREST
    named = {c.name for c in fixed}
    return fixed + tuple(layer_column(k) for k in layer_ids if k not in named)
