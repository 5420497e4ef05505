"""What the interactive map is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sitefinder.outputs.columns import Column


@dataclass(frozen=True)
class Surface:
    """Scores and exclusions of the country, packed.

    Parameters
    ----------
    width, height : int
        Columns and rows.
    cell_m, west, north : float
        Cell size and the upper left corner, EPSG:5070 metres.
    planes : mapping
        Name -> deflated bytes; see :mod:`sitefinder.outputs.web_map.surface`.
    combinations : sequence of int
        Reason bits of each code of the planes ``reason_low`` and ``reason_high``; code 0 is no land and not listed.
    """

    width: int
    height: int
    cell_m: float
    west: float
    north: float
    planes: Mapping[str, bytes]
    combinations: Sequence[int]


@dataclass(frozen=True)
class Parts:
    """What the score of every campus is made of; with equal weights the page finds the score of the run.

    The fused score is the sum over families of weight x (``plain`` - share x ``applied``) plus share x ``learned``.

    Parameters
    ----------
    plain : (n_families, n_sites) float64
        Score 0..100 within the family, mean over the campus.
    applied : (n_families, n_sites) float64
        The same times the applicability of the learned score.
    learned : (n_sites,) float64
        Learned score times its applicability, mean over the campus; 0 without a model.
    seed : (n_sites,) int
        Flat cell of the seed: breaks ties.
    """

    plain: np.ndarray
    applied: np.ndarray
    learned: np.ndarray
    seed: np.ndarray


@dataclass(frozen=True)
class Listed:
    """Sites with their outlines.

    Parameters
    ----------
    rows : sequence of dict
        Best first; keys as in :mod:`sitefinder.outputs.columns`.
    outlines : sequence of geometry
        GeoJSON mappings, WGS 84.
    columns : sequence of Column
        What the panel shows, in order.
    parts : Parts or None
        None for sites whose score stays as it is in the page.
    """

    rows: Sequence[Mapping[str, Any]]
    outlines: Sequence[Mapping[str, Any]]
    columns: Sequence[Column]
    parts: Parts | None = None


@dataclass(frozen=True)
class Layer:
    """One layer of lines, points or areas.

    Parameters
    ----------
    name : str
    title : str
        As the layer picker shows it.
    kind : str
        ``line``, ``point`` or ``area``.
    columns : mapping
        Attribute -> its values, one per feature.
    shapes : bytes
        See :func:`sitefinder.outputs.web_map.vectors.packed`.
    credit : str
        Publisher and licence.
    """

    name: str
    title: str
    kind: str
    columns: Mapping[str, Sequence[Any]]
    shapes: bytes
    credit: str


@dataclass(frozen=True)
class MapInputs:
    """Everything that the page shows.

    Parameters
    ----------
    surface : Surface
    national, own : Listed
        The run's list and the user's own sites (may be empty).
    layers : sequence of Layer
    weights : mapping
        Family -> weight, summing to 1.
    model_share : float or None
        Share of the learned score; None without a model.
    gates : mapping
        Gate -> reason, in the order of the bits.
    config_yaml : str
        The configuration without ``weights`` and ``model``.
    project : mapping
        Facts of the head of the page: ``name``, ``mw``, ``energise_by``, ``fingerprint``.
    """

    surface: Surface
    national: Listed
    own: Listed
    layers: Sequence[Layer]
    weights: Mapping[str, float]
    model_share: float | None
    gates: Mapping[str, str]
    config_yaml: str
    project: Mapping[str, Any] = field(default_factory=dict)
