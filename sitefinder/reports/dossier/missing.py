"""Facts of the ground that no public layer here holds at the scale of a campus, and the file of the user's own that would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sitefinder.reports.html.markup import Safe, join, tag


class Missing(NamedTuple):
    """What is missing, the finest that this screen has instead, the file that fills it, and the layer that takes it."""

    what: str
    instead: str
    file: str
    layer: str | None


#: layers whose rasters a user can put in place (``layers.replace``); None = the list of the user's own sites (``--sites``)
MISSING = (
    Missing("Wetlands", "coarse majority", "National Wetlands Inventory, percent of each cell", "wetland_pct"),
    Missing("Forest", "coarse majority", "National Land Cover Database (NLCD), percent of each cell", "forest_pct"),
    Missing("Built land", "coarse majority", "NLCD, percent of each cell", "urban_pct"),
    Missing(
        "Flood zones on the land",
        "share of the county's homes",
        "National Flood Hazard Layer, percent of each cell",
        "flood_home_pct",
    ),
    Missing("Slope of the parcel", "from coarse heights", "slope from the elevation of the USGS, percent", "slope_pct"),
    Missing("Who owns public land", "federal land of a cell", "Protected Areas Database (PAD-US), percent", "federal_pct"),
    # measured on the demand margins that Spain's operator published on 20 February 2026; docs/grid-capacity.md
    Missing(
        "Voltage and stability of the grid",
        "thermal limits, which alone hardly told where Spain's operator grants load",
        "load study or service agreement, as signed_mw",
        None,
    ),
    Missing("Parcels and private owners", "none", "polygons of the county's assessor", None),
)


def missing_note(replaced: Mapping[str, object]) -> Safe:
    """What is missing, without what the user's files have filled, as a paragraph for the screen.

    Parameters
    ----------
    replaced : mapping
        ``layers.replace`` of the run.
    """
    rows = [m for m in MISSING if m.layer is None or m.layer not in replaced]
    items = [f"{m.what} (here: {m.instead}): {m.file} -> {f'layers.replace.{m.layer}' if m.layer else '--sites'}" for m in rows]
    filled = [m.what.lower() for m in MISSING if m.layer in replaced]
    said = f" Filled by files of yours: {', '.join(filled)}." if filled else ""
    return tag(
        "p",
        tag("b", "Missing at this scale, and the file of yours that fills it: "),
        join(items, "; "),
        ".",
        said,
        class_="more missing",
    )
