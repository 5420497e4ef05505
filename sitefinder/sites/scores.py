"""Scores, place and evidence of campuses, and columns of the user's own sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sitefinder.config import FAMILIES, Config
from sitefinder.grid import to_lonlat
from sitefinder.layers import REGISTRY
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned, Words, counted, words_at
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.scoring.reading import for_reading
from sitefinder.scoring.score import Profile, profile
from sitefinder.sites.campuses import Campus, Field, Footprints, site_name
from sitefinder.sites.columns import (
    NEAREST_LAYERS,
    FamilyPart,
    IdentityPart,
    NearestPart,
    OwnPart,
    PlacePart,
    QualityPart,
)
from sitefinder.sites.usable import Usable
from sitefinder.units import M2_PER_ACRE

#: layers whose value at a site's point is a column of every list, criterion or not: whom to ask about the land
FLAG_LAYERS = ("federal_pct", "park_forest_pct", "tribal_statistical_pct", "slope_pct")
#: layers that every run opens besides the criteria and gates: they name a site, back its evidence or flag its land
CONTEXT_LAYERS = ("town_km", "station_km", *FLAG_LAYERS)
#: drivers listed in each direction
DRIVERS = 4
#: points between learned and weighted score above which a site says why, and criteria named there
APART_POINTS, APART_REASONS = 20.0, 2
#: scores nearer than this are equal: the order in which cells are added up is all that differs
SAME = 1e-6
#: grade number of an unknown criterion: below the weakest evidence
UNKNOWN_GRADE = 6.0


@dataclass(frozen=True)
class Scored:
    """Columns of a campus that follow from its score; see :mod:`sitefinder.sites.columns`.

    Parameters
    ----------
    identity, families, place, quality, nearest : Part
    layers : mapping
        Layer id -> value at the cell from which the campus grew.
    """

    identity: IdentityPart
    families: FamilyPart
    place: PlacePart
    quality: QualityPart
    nearest: NearestPart
    layers: Mapping[str, float]


def scored(
    campuses: Sequence[Campus], field: Field, stack: LayerStack, config: Config, *, learned: Learned | None = None
) -> list[Scored]:
    """Scores, place and evidence of every campus, ranked in the order given.

    Parameters
    ----------
    campuses : sequence of Campus
    field : Field
    stack : LayerStack
    config : Config
    learned : Learned, optional
        The learned score, when it takes part.
    """
    if not campuses:
        return []
    land = Footprints.of(campuses, field)
    seeds = land.seeds
    criteria = profile(stack, config, land.index)
    identities = _identities(campuses, field, stack, campus_scores(criteria, land, learned, config.model.share))
    words = _learned_words(words_at(learned, stack, seeds) if learned else None, identities, criteria, land)
    quality = _qualities(criteria, land, words, stack.at("station_km", seeds))
    families = {f: land.mean(criteria.family_score(f)) for f in FAMILIES}
    lon, lat = _lon_lat(field, campuses)
    flags = {layer: stack.at(layer, seeds) for layer in FLAG_LAYERS if layer not in criteria.ids}
    nearest = {column: stack.names(layer, seeds) for column, layer in NEAREST_LAYERS.items() if layer in stack.records}
    return [
        Scored(
            identities[i],
            FamilyPart({f: values[i] for f, values in families.items()}),
            _place(campus, field, stack, seeds[i], (lat[i], lon[i])),
            quality[i],
            NearestPart(**{column: nearest[column][i] if column in nearest else None for column in NEAREST_LAYERS}),
            dict(zip(criteria.ids, criteria.layers[:, land.first[i]], strict=True))
            | {layer: float(values[i]) for layer, values in flags.items()},
        )
        for i, campus in enumerate(campuses)
    ]


def _identities(
    campuses: Sequence[Campus], field: Field, stack: LayerStack, scores: Mapping[str, np.ndarray]
) -> list[IdentityPart]:
    seeds = field.land.index_of(np.array([c.cells[0] for c in campuses]))
    towns, town_km = stack.names("town_km", seeds), stack.at("town_km", seeds)
    keys = numbered([site_name(field, c, stack.zones.county_of(seed)["state"]) for c, seed in zip(campuses, seeds, strict=True)])
    return [
        IdentityPart(
            site_id=keys[i], rank=i + 1, name=f"{town_km[i]:.0f} km from {towns[i]}", **{k: v[i] for k, v in scores.items()}
        )
        for i in range(len(campuses))
    ]


def _place(campus: Campus, field: Field, stack: LayerStack, seed: int, lat_lon: tuple[float, float]) -> PlacePart:
    county, (lat, lon) = stack.zones.county_of(seed), lat_lon
    return PlacePart(
        state=county["state"],
        county=county["name"],
        county_fips=county["fips"],
        rto=stack.zones.rto_of(seed),
        lat=lat,
        lon=lon,
        buildable_acres=campus.acres,
        footprint_acres=float(campus.share.sum() * field.land.grid.cell_acres),
    )


def _qualities(
    criteria: Profile, land: Footprints, learned: Mapping[str, Sequence[Any]], station_km: np.ndarray
) -> list[QualityPart]:
    unknown = land.mean(np.isnan(criteria.values).astype(float))
    grades = evidence_grades(criteria.ids, criteria.weights, unknown)
    points = land.mean(criteria.unknown_points)
    rows = []
    for i, start in enumerate(land.first):
        up, down = _drivers(criteria, start)
        words = {name: values[i] for name, values in learned.items()}
        rows.append(
            QualityPart(
                evidence_grade=grades[i],
                unknown_points=points[i],
                station_km=station_km[i],
                drivers_up=up,
                drivers_down=down,
                **words,
            )
        )
    return rows


def _learned_words(
    words: Sequence[Words] | None, identities: Sequence[IdentityPart], criteria: Profile, land: Footprints
) -> dict[str, Sequence[Any]]:
    """Columns of the learned model at the first cell of each campus, by field of :class:`QualityPart`."""
    if words is None:
        nothing = [None] * land.size
        return {"ml_chance": [np.nan] * land.size, "ml_drivers": nothing, "ml_analogue": nothing, "ml_apart": nothing}
    return {
        "ml_chance": [w.chance for w in words],
        "ml_drivers": [w.drivers for w in words],
        "ml_analogue": [w.analogue for w in words],
        "ml_apart": [
            _apart(w, i.ml_score - i.weighted_score, criteria, start)
            for w, i, start in zip(words, identities, land.first, strict=True)
        ],
    }


def _apart(words: Words, points: float, criteria: Profile, seed: int) -> str | None:
    """Why the learned and the weighted score differ by more than :data:`APART_POINTS`; None where they do not."""
    if abs(points) <= APART_POINTS:
        return None
    up = bool(points > 0)  # a number of NumPy is no index of a tuple
    reasons, other = words.raised if up else words.lowered, _drivers(criteria, seed)[up].split("; ")[:APART_REASONS]
    verbs = ("raised by", "loses most on") if up else ("lowered by", "earns most on")
    side = "higher" if up else "lower"
    return (
        f"learned score {abs(points):.0f} points {side}: it is {verbs[0]} {reasons or 'little'}; "
        f"the weighted score {verbs[1]} {', '.join(other)}"
    )


def numbered(names: Sequence[str]) -> list[str]:
    """Names of sites, those of one lattice cell numbered -2, -3 and so on from the second."""
    seen: dict[str, int] = {}
    keys = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        keys.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return keys


def campus_scores(criteria: Profile, land: Footprints, learned: Learned | None, model_share: float) -> dict[str, np.ndarray]:
    """Weighted, learned and fused score of the campuses, and points that unknown values could add; NaN = unknown.

    Parameters
    ----------
    criteria : Profile
        Of all cells of the land.
    land : Footprints
    learned : Learned or None
    model_share : float
        How much the learned score counts where it applies fully.
    """
    weighted = criteria.score
    unknown = np.full(land.size, np.nan)
    model = {"ml_score": unknown, "ml_applicability": unknown, "ml_counted": unknown}
    fused, kept = weighted, np.ones_like(weighted)
    if learned is not None:
        points, applies = (x[land.index].astype(np.float64) for x in (learned.score, learned.applicability))
        counts = counted(weighted, points, applies)
        kept = 1.0 - model_share * counts
        fused = kept * weighted + (1.0 - kept) * points
        model = {"ml_score": land.mean(points), "ml_applicability": land.mean(applies), "ml_counted": land.mean(counts)}
    score = land.mean(fused)
    return {
        "score": score,
        "weighted_score": land.mean(weighted),
        "score_if_known": score + land.mean(kept * criteria.unknown_points),
    } | model


def evidence_grades(ids: Sequence[str], weights: np.ndarray, unknown: np.ndarray) -> list[str]:
    """Weighted mean of the criteria's evidence grades, unknown criteria counting as worse than the worst.

    Parameters
    ----------
    ids : (n_criteria,) sequence of str
    weights : (n_criteria,) float64
        Sum to 1.
    unknown : (n_criteria, n) float64
        Share of each campus where a criterion is unknown.
    """
    number = np.array([float(REGISTRY[k].spec.grade[1]) for k in ids])[:, None]
    mean = weights @ (number * (1.0 - unknown) + UNKNOWN_GRADE * unknown)
    return [f"E{min(5, round(float(m)))}" for m in mean]


def _drivers(criteria: Profile, i: int) -> tuple[str, str]:
    """Criteria that earn and that lose most at a cell, in words."""
    earned = criteria.points[:, i]
    lost = 100.0 * criteria.weights - earned
    up = (_driver(criteria, k, i, earned[k]) for k in np.argsort(-earned, kind="stable")[:DRIVERS])
    down = (_driver(criteria, k, i, -lost[k]) for k in np.argsort(-lost, kind="stable")[:DRIVERS])
    return "; ".join(up), "; ".join(down)


def _driver(criteria: Profile, k: int, i: int, points: float) -> str:
    spec = REGISTRY[criteria.ids[k]].spec
    x, unit = for_reading(float(criteria.layers[k, i]), spec.unit)
    value = "unknown" if np.isnan(x) else f"{x:,.{0 if abs(x) >= 100 else 1}f} {unit}"
    return f"{spec.title} {value} ({points:+.1f} points)"


def _lon_lat(field: Field, campuses: Sequence[Campus]) -> tuple[np.ndarray, np.ndarray]:
    grid = field.land.grid
    seed = np.array([c.cells[0] for c in campuses])
    return to_lonlat(*grid.centre(seed // grid.width, seed % grid.width))


def own_parts(
    campuses: Sequence[Campus],
    scores: Sequence[float],
    field: Field,
    excluded: Exclusions,
    *,
    national: Sequence[float],
    words: Sequence[tuple[Usable, str]],
) -> list[OwnPart]:
    """Exclusion, sufficiency of land and rank in the national list of each of the user's sites.

    Parameters
    ----------
    campuses : sequence of Campus
    scores : sequence of float
        NaN where part of the land is excluded.
    field : Field
    excluded : Exclusions
    national : sequence of float
        Scores of the national list, best first.
    words : sequence of (Usable, str)
        What can be used of each, and what its user states.
    """
    parts = []
    for campus, score, (use, stated) in zip(campuses, scores, words, strict=True):
        everywhere = field.land.index_of(np.concatenate([campus.cells, campus.excluded]))
        gates = excluded.reasons(int(np.bitwise_or.reduce(excluded.bits[everywhere])))
        better = len(national) if np.isnan(score) else sum(s > score + SAME for s in national)
        parcel = campus.parcel
        parts.append(
            OwnPart(
                excluded_by="; ".join(gates),
                usable_pct=use.usable_pct,
                usable_note=use.usable_note,
                stated=stated,
                acres_enough=campus.enough,
                parcel_acres=np.nan if parcel is None else float(parcel.area / M2_PER_ACRE),
                parcel_parts=np.nan if parcel is None else len(getattr(parcel, "geoms", (parcel,))),
                national_rank=better + 1 if better < len(national) and campus.enough else np.nan,
            )
        )
    return parts


def free_scores(campuses: Sequence[Campus], scores: Sequence[float], field: Field, excluded: Exclusions) -> list[float]:
    """Scores of campuses, NaN where a gate excludes part of the land."""
    free = [bool((excluded.bits[field.land.index_of(c.cells)] == 0).all()) for c in campuses]
    return [score if alive else np.nan for score, alive in zip(scores, free, strict=True)]


def own_order(scores: Sequence[float]) -> list[int]:
    """Order of the user's sites: best score first, sites without a score last, ties in the order of the file."""
    return sorted(range(len(scores)), key=lambda i: (np.isnan(scores[i]), -np.nan_to_num(scores[i]), i))
