"""Least-cost routes of the sites as GeoJSON lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from sitefinder.columns import Column, Range
from sitefinder.config.connections import Connections
from sitefinder.files import Json
from sitefinder.grid import to_wgs84
from sitefinder.results.geojson import features_of
from sitefinder.routes.columns import MEANING
from sitefinder.routes.legs import CROSSED, RIVER_M3S, Leg

#: tolerance of simplification, metres: only vertices on a straight line are dropped
STRAIGHT_M = 1.0


def feature_columns(settings: Connections) -> tuple[Column, ...]:
    """Properties of a line of ``connections.geojson``."""
    on = {**{k: t.layer for k, t in settings.terrain.items()}, **{k: a.layer for k, a in settings.avoid.items()}}
    return (
        Column("site_id", "", "Site that the route starts from", "candidates"),
        Column("route", "", "; ".join(f"{name}: to {meaning}" for name, meaning in MEANING.items()), "connection"),
        Column("to", "", "Name of the target; null if unnamed", "connection"),
        Column("kv", "kV", "Voltage class of a station", "connection", 0),
        Column("km", "km", "Length", "connection", 2),
        Column("straight_km", "km", "Straight distance to the target", "connection", 2),
        Column("easy_km", "km", "Kilometres of easy ground that the route is worth: what was made least", "connection", 2),
        Column("ground", "", "Mean multiplier of the ground on the cost, most likely", "connection", 3),
        *(Column(f"cost_musd_{level}", "million USD", f"Cost, {level}", "connection", 2) for level in Range._fields),
        *(Column(name, "", f"Number of {name} crossed{_which(name)}", "connection", 0) for name in CROSSED),
        *(Column(f"{name}_km", "km", f"Length on ground that is {name} by the layer {on[name]}", on[name], 2) for name in on),
        Column("unknown_km", "km", "Length on ground of which a layer is unknown", "connection", 2),
    )


def _which(name: str) -> str:
    return {"rivers": f" of at least {RIVER_M3S:g} m3/s", "highways": ": interstates and US routes"}.get(name, "")


def route_features(count: int, legs: Mapping[str, Leg], settings: Connections) -> list[list[Json]]:
    """GeoJSON features of the routes of every site; their ``site_id`` is None: see :func:`with_keys`.

    Parameters
    ----------
    count : int
        Number of sites.
    legs : mapping
        Of :func:`sitefinder.routes.legs.connect`.
    settings : Connections
    """
    chosen = [(site, name) for site in range(count) for name in legs if legs[name].lines[site] is not None]
    lines = np.array([legs[name].lines[site] for site, name in chosen], object)
    rows = [_row(legs[name], name, site) for site, name in chosen]
    features: list[list[Json]] = [[] for _ in range(count)]
    for (site, _), feature in zip(chosen, features_of(_in_degrees(lines), rows, feature_columns(settings)), strict=True):
        features[site].append(feature)
    return features


def with_keys(site_ids: Sequence[str], features: Sequence[Sequence[Json]]) -> list[Json]:
    """The features of all sites, site after site, each with the key of its site."""
    return [
        {**feature, "properties": feature["properties"] | {"site_id": site_id}}
        for site_id, some in zip(site_ids, features, strict=True)
        for feature in some
    ]


def _row(leg: Leg, name: str, site: int) -> Json:
    return {
        "site_id": None,
        "route": name,
        "to": leg.facts["to"][site],
        "kv": leg.facts["kv"][site] if "kv" in leg.facts else None,
        "km": leg.km[site],
        "straight_km": leg.straight_km[site],
        "easy_km": leg.cost_km[site],
        "ground": leg.ground[site, 1],
        **{f"cost_musd_{level}": leg.musd[site, i] for i, level in enumerate(Range._fields)},
        **{crossed: leg.crossings[crossed][site] for crossed in leg.crossings},
        **{f"{term}_km": km[site] for term, km in leg.over_km.items()},
    }


def _in_degrees(lines: np.ndarray) -> list[Any]:
    return list(to_wgs84(shapely.simplify(lines, STRAIGHT_M)))
