"""One place explained: its score and where it comes from, the gates, and what lies around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sitefinder.config import FAMILIES, Config, ConfigFile
from sitefinder.errors import SitesError
from sitefinder.grid import Land, from_lonlat
from sitefinder.layers import REGISTRY
from sitefinder.layers.able import MEDIAN, choose, grid_points
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.ml.learned import fuse, learn
from sitefinder.pipeline.stages import layers_needed
from sitefinder.power.flexible import Authorities
from sitefinder.scoring.criteria import check_layers
from sitefinder.scoring.exclusions import active_gates, footprint_gates, gate_mask, included
from sitefinder.scoring.score import ValueMatrix, profile, score_cells, value_matrix
from sitefinder.sites.around import around_parts

#: digits of scores and of layer values
SCORE_DECIMALS, LAYER_DECIMALS = 2, 3


class Hit(NamedTuple):
    """A gate that a place fails: its name, the reason it gives, its layer, that layer's value and unit.

    ``whole`` is True where it takes the place out of the score, False where it only keeps campuses of the list off the cell.
    """

    gate: str
    reason: str
    layer: str
    value: float
    unit: str
    whole: bool


class Contribution(NamedTuple):
    """What a criterion earns: its layer, title, value and unit, points of the weighted score, and points it could earn."""

    layer: str
    title: str
    value: float | None
    unit: str
    points: float
    of: float


class Station(NamedTuple):
    """The point of the grid that serves a place: kV, straight distance in km, headroom left (P50) in MW, whether it suffices."""

    name: str
    kv: int
    km: float
    headroom_mw: float | None
    able: bool


@dataclass(frozen=True)
class Explained:
    """Everything said about one place.

    Parameters
    ----------
    lat, lon : float
        As asked for, degrees; all layer values are those of the cell that holds the point.
    state, county, county_fips, region : str
        ``region`` is the market region; None where there is none.
    score : float or None
        As in the raster ``suitability.tif``; None where a gate excludes the place.
    score_without_gates, weighted : float
        The same without gates, and its weighted part.
    learned, applicability : float or None
        Learned score and how far it applies; None without a model.
    families : mapping
        Score 0-100 within each family.
    unknown_points : float
        Points that unknown criteria could add.
    gates : sequence of Hit
    contributions : sequence of Contribution
        Most points first.
    station : Station or None
        None without the section ``delivery``.
    plant, campus : mapping
        Name, MW and km of the nearest power plant and known campus.
    utility, authority : str or None
    """

    lat: float
    lon: float
    state: str
    county: str
    county_fips: str
    region: str | None
    score: float | None
    score_without_gates: float
    weighted: float
    learned: float | None
    applicability: float | None
    families: Mapping[str, float]
    unknown_points: float
    gates: Sequence[Hit]
    contributions: Sequence[Contribution]
    station: Station | None
    plant: Mapping[str, Any]
    campus: Mapping[str, Any]
    utility: str | None
    authority: str | None

    def tree(self) -> dict[str, Any]:
        """Mappings, lists and plain values, as JSON holds them."""
        lists = {"gates": [hit._asdict() for hit in self.gates], "contributions": [c._asdict() for c in self.contributions]}
        return asdict(self) | lists | {"station": self.station._asdict() if self.station else None}


def explain(file: ConfigFile, lat: float, lon: float, *, data: Path, cache: Path) -> Explained:
    """Score of a place under a configuration, and what lies around it.

    Parameters
    ----------
    file : ConfigFile
    lat, lon : float
        Degrees.
    data, cache : Path
        Compiled layers and the folder of built ones.

    Raises
    ------
    SitesError
        The place does not lie on land of the contiguous states.
    SitefinderError
        Configuration or data are wrong.
    """
    check_layers(file)
    config, package = file.config, DataPackage(data)
    stack = open_stack(package, file, layers_needed(config), cache_folder=cache)
    x, y = (float(v) for v in from_lonlat(lon, lat))
    place, xy = _cell(stack.land, x, y, lat=lat, lon=lon), np.array([[x, y]])
    hits = list(_hits(stack, config, place))
    weighted, learned, applicability, fused = _scores(stack, config, place, data)
    criteria = profile(stack, config, np.array([place]))
    county, around = stack.zones.county_of(place), around_parts(package, xy)[0]
    return Explained(
        lat=lat,
        lon=lon,
        state=county["state"],
        county=county["name"],
        county_fips=county["fips"],
        region=stack.zones.rto_of(place),
        score=None if any(hit.whole for hit in hits) else fused,
        score_without_gates=fused,
        weighted=weighted,
        learned=learned,
        applicability=applicability,
        families={f: round(float(criteria.family_score(f)[0]), SCORE_DECIMALS) for f in FAMILIES},
        unknown_points=round(float(criteria.unknown_points[0]), SCORE_DECIMALS),
        gates=hits,
        contributions=_contributions(criteria.ids, criteria.layers[:, 0], criteria.points[:, 0], 100.0 * criteria.weights),
        station=_station(package, config, xy),
        plant={"name": around.plant, "mw": around.plant_mw, "km": round(around.plant_km, 1)},
        campus={"name": around.campus, "mw": around.campus_mw, "km": round(around.campus_km, 1)},
        utility=around.utility,
        authority=Authorities(package).at(xy)[0],
    )


def _cell(land: Land, x: float, y: float, *, lat: float, lon: float) -> int:
    """Place of the land index that holds a point."""
    row, col = land.grid.cell_at(np.array([x]), np.array([y]))
    index = land.index_of(row * land.grid.width + col)[0] if land.grid.inside(row, col)[0] else -1
    if index < 0:
        where = "It does not lie on land of the contiguous states"
        raise SitesError(f"Invalid place '{lat:g}, {lon:g}'. {where}; write latitude, longitude in degrees, e.g. 41.48,-88.25.")
    return int(index)


def _hits(stack: LayerStack, config: Config, place: int) -> list[Hit]:
    """Gates that the cell fails, those that exclude it first."""
    hits: list[Hit] = []
    if included(config, lambda layer_id: stack.at(layer_id, np.array([place])), 1)[0]:
        return hits
    for gates, whole in ((active_gates(config), True), (footprint_gates(config), False)):
        for name, gate in gates.items():
            value = stack.at(gate.layer, np.array([place]))
            if gate_mask(gate, value)[0]:
                hits.append(Hit(name, gate.reason, gate.layer, round(float(value[0]), LAYER_DECIMALS), gate.unit, whole))
    return hits


def _scores(stack: LayerStack, config: Config, place: int, data: Path) -> tuple[float, float | None, float | None, float]:
    """Weighted score, learned score, its applicability, and the fused score: the same sums as for the whole country."""
    matrix = value_matrix(stack, config)
    one = ValueMatrix(matrix.ids, np.ascontiguousarray(matrix.values[:, place : place + 1]), matrix.incomplete)
    weighted = score_cells(one, config, np.zeros(1, np.uint32))
    if config.model.share == 0:
        alone = round(float(weighted[0]), SCORE_DECIMALS)
        return alone, None, None, alone
    learned = learn(stack, data)
    here = replace(learned, score=learned.score[[place]], applicability=learned.applicability[[place]])
    numbers = (weighted, here.score, here.applicability, fuse(weighted, here, config.model.share))
    plain, model, applies, fused = (round(float(n[0]), SCORE_DECIMALS) for n in numbers)
    return plain, model, applies, fused


def _contributions(ids: Sequence[str], values: np.ndarray, points: np.ndarray, weights: np.ndarray) -> list[Contribution]:
    order = np.argsort(-points, kind="stable")
    rows = []
    for k in order:
        spec, value = REGISTRY[ids[k]].spec, float(values[k])
        known = None if np.isnan(value) else round(value, LAYER_DECIMALS)
        rows.append(Contribution(ids[k], spec.title, known, spec.unit, round(float(points[k]), 2), round(float(weights[k]), 2)))
    return rows


def _station(package: DataPackage, config: Config, xy: np.ndarray) -> Station | None:
    if config.delivery is None:
        return None
    points = grid_points(package, config.delivery, config.project.mw)
    chosen = choose(points, config.delivery, config.project.mw, xy)
    room = float(chosen.points.left_mw[0, MEDIAN])
    known = None if np.isnan(room) else round(room)
    km = round(float(chosen.km[0]), 1)
    return Station(str(chosen.points.name[0]), int(chosen.points.kv[0]), km, known, bool(chosen.able[0]))
