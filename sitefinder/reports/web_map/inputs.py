"""Inputs of the interactive map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sitefinder.columns import Column, Scalar
    from sitefinder.config import Config
    from sitefinder.layers.package import DataPackage
    from sitefinder.layers.stack import LayerStack
    from sitefinder.ml.learned import Learned
    from sitefinder.results.site import Site
    from sitefinder.scoring.exclusions import Exclusions
    from sitefinder.scoring.score import ValueMatrix
    from sitefinder.sites.campuses import Campus


@dataclass(frozen=True)
class Computed:
    """Layers, exclusions and scores that a run computed, besides its result files.

    Parameters
    ----------
    stack : LayerStack
    config : Config
    package : DataPackage
    excluded : Exclusions
    learned : Learned or None
    matrix : ValueMatrix
        Values of all criteria on the land of the stack.
    bounds : (west, south, east, north) or None
        Of the area that the run is about, degrees; None = the country.
    """

    stack: LayerStack
    config: Config
    package: DataPackage
    excluded: Exclusions
    learned: Learned | None
    matrix: ValueMatrix
    bounds: tuple[float, float, float, float] | None = None


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
        Name -> deflated bytes; see :mod:`sitefinder.reports.web_map.surface`.
    combinations : sequence of int
        Reason bits of each code of the plane ``run_codes``; code 0 is no land and not listed.
    """

    width: int
    height: int
    cell_m: float
    west: float
    north: float
    planes: Mapping[str, bytes]
    combinations: Sequence[int]


@dataclass(frozen=True)
class CriterionPlanes:
    """Values of single criteria on coarse cells, packed.

    Parameters
    ----------
    width, height : int
        Columns and rows.
    every : int
        Cells of the surface along a coarse cell.
    planes : mapping
        Layer id -> deflated bytes; see :mod:`sitefinder.reports.web_map.criterion_planes`.
    """

    width: int
    height: int
    every: int
    planes: Mapping[str, bytes]


@dataclass(frozen=True)
class Taken:
    """What takes land, packed.

    Parameters
    ----------
    causes : sequence of str
        In words, in the order of the bits.
    combinations : sequence of (int, int)
        Bits of the causes, and percent of the cell that all causes take, of code 1, 2, ...; code 0 is not taken, or no land.
    blobs : mapping
        Name -> deflated bytes; see :mod:`sitefinder.reports.web_map.taken_plane`.
    """

    causes: Sequence[str]
    combinations: Sequence[tuple[int, int]]
    blobs: Mapping[str, bytes]


@dataclass(frozen=True)
class CriterionInput:
    """Criterion of the page: title, weight and value function.

    Parameters
    ----------
    layer_id, family, title : str
    weight : float
        Within the family, as the configuration gives it.
    curve : str
        The value function in words.
    terms : str
        Everything but the weight, as the inside of a YAML flow mapping.
    counts : bool
        Whether it says anything about a load of the project's size; if not, it has no weight.
    """

    layer_id: str
    family: str
    title: str
    weight: float
    curve: str
    terms: str
    counts: bool


@dataclass(frozen=True)
class Parts:
    """Parts of the score of every site; with the weights of the run they add up to its score.

    With the weight of each criterion in the whole score, summing to 1, the fused score is the sum over criteria of weight x
    (``plain`` - share x ``applied``) plus share x ``learned``.

    Parameters
    ----------
    plain : (n_criteria, n_sites) float64
        Value 0..100 of the criterion, unknown as 0, mean over the free land of the site by buildable acres, or by area where
        none is buildable; NaN for sites without free land.
    applied : (n_criteria, n_sites) float64
        The same times how far the learned score counts under the configured weights.
    learned : (n_sites,) float64
        Learned score times how far it counts, the same mean; 0 without a model.
    seed : (n_sites,) int
        Flat cell of the seed: breaks ties.
    """

    plain: np.ndarray
    applied: np.ndarray
    learned: np.ndarray
    seed: np.ndarray


@dataclass(frozen=True)
class Sites:
    """A list of sites for the map, best first.

    Parameters
    ----------
    sites : sequence of Site
    outlines : sequence of mapping
        GeoJSON geometries, WGS 84.
    land : sequence of Campus
        The cells of each, its seed first.
    """

    sites: Sequence[Site] = ()
    outlines: Sequence[Mapping[str, Any]] = ()
    land: Sequence[Campus] = ()


@dataclass(frozen=True)
class SiteTable:
    """Table of sites for the page.

    Parameters
    ----------
    rows : sequence of mapping
        Values by column name, best first.
    outlines : sequence of mapping
        GeoJSON geometries, WGS 84.
    columns : sequence of Column
        What the panel shows, in order.
    parts : Parts or None
        None where the list is empty.
    """

    rows: Sequence[Mapping[str, Scalar]]
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
        See :func:`sitefinder.reports.web_map.vectors.packed`.
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
    """Inputs of the map page.

    Parameters
    ----------
    surface : Surface
    planes : CriterionPlanes
    criteria : sequence of CriterionInput
        In the order of the rows of :class:`Parts`.
    national, own : SiteTable
        The run's list and the user's own sites (may be empty).
    layers : sequence of Layer
    weights : mapping
        Family -> weight, summing to 1.
    model_share : float or None
        Share of the learned score; None without a model.
    gates : mapping
        Gate -> reason, in the order of the bits.
    states : mapping
        Postal code -> name of the state.
    config_yaml : str
        The configuration without ``weights``, ``criteria`` and ``model``, which the page writes.
    project : mapping
        Facts of the head of the page: ``name``, ``mw``, ``energise_by``, ``fingerprint``.
    bounds : (west, south, east, north) or None
        What the map shows at first, degrees; None = the country.
    taken : Taken or None
        What takes land; None = not known, and not offered.
    """

    surface: Surface
    planes: CriterionPlanes
    criteria: Sequence[CriterionInput]
    national: SiteTable
    own: SiteTable
    layers: Sequence[Layer]
    weights: Mapping[str, float]
    model_share: float | None
    gates: Mapping[str, str]
    states: Mapping[str, str]
    config_yaml: str
    project: Mapping[str, Any] = field(default_factory=dict)
    bounds: tuple[float, float, float, float] | None = None
    taken: Taken | None = None
