"""One row per campus: everything the outputs say about a site, computed in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sitefinder.config import FAMILIES, Config
from sitefinder.grid import to_lonlat
from sitefinder.layers import REGISTRY
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned, calibrated_chances, learned_reasons, nearest_analogues
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.scoring.score import Profile, profile
from sitefinder.sites.campuses import Campus, Field, Footprints, site_name

#: layers that every run opens besides the criteria and gates: they name a site or back its evidence
CONTEXT_LAYERS = ("town_km", "station_km")
#: drivers listed in each direction
DRIVERS = 4
#: grade number of an unknown criterion: below the weakest evidence
UNKNOWN_GRADE = 6.0


def site_rows(
    campuses: Sequence[Campus],
    field: Field,
    stack: LayerStack,
    config: Config,
    *,
    nearest: dict[str, str],
    learned: Learned | None = None,
) -> list[dict[str, Any]]:
    """Properties of every campus, in the order given.

    Parameters
    ----------
    campuses : sequence of Campus
    field : Field
    stack : LayerStack
    config : Config
    nearest : dict
        Output column -> layer whose nearest feature fills it.
    learned : Learned, optional
        The learned score, when it takes part.
    """
    if not campuses:
        return []
    land = Footprints.of(campuses, field)
    seeds = land.seeds
    made_of = profile(stack, config, land.index)
    means = _footprint_means(made_of, land) | _scores(made_of, land, learned, config.model.share)
    told = _learned_words(learned, stack, seeds)
    names = {column: stack.names(layer, seeds) for column, layer in nearest.items() if layer in stack.records}
    towns, town_km = stack.names("town_km", seeds), stack.at("town_km", seeds)
    station_km = stack.at("station_km", seeds)
    lon, lat = _lon_lat(field, campuses)
    rows = []
    for i, campus in enumerate(campuses):
        county = stack.zones.county_of(seeds[i])
        rows.append(
            {
                "site_id": site_name(field, campus, county["state"]),
                "rank": i + 1,
                "name": f"{town_km[i]:.0f} km from {towns[i]}",
                "state": county["state"],
                "county": county["name"],
                "county_fips": county["fips"],
                "rto": stack.zones.rto_of(seeds[i]),
                "lat": lat[i],
                "lon": lon[i],
                "buildable_acres": campus.acres,
                "footprint_acres": float(campus.share.sum() * field.land.grid.cell_acres),
                **{column: words[i] for column, words in told.items()},
                "station_km": station_km[i],
                **{name: column[i] for name, column in means.items()},
                **_drivers(made_of, land.first[i]),
                **{column: found[i] for column, found in names.items()},
                **dict(zip(made_of.ids, made_of.layers[:, land.first[i]], strict=True)),
            }
        )
    _tell_apart(rows)
    return rows


def _learned_words(learned: Learned | None, stack: LayerStack, seeds: Any) -> dict[str, Sequence[Any]]:
    """What the learned model says about the first cell of each campus, by column; None without a model."""
    if learned is None:
        return dict.fromkeys(("ml_chance", "ml_drivers", "ml_analogue"), [None] * len(seeds))
    return {
        "ml_chance": calibrated_chances(learned, stack, seeds),
        "ml_drivers": learned_reasons(learned, stack, seeds),
        "ml_analogue": nearest_analogues(learned, stack, seeds),
    }


def _tell_apart(rows: list[dict[str, Any]]) -> None:
    """Number the sites of one lattice cell: -2, -3 and so on from the second."""
    seen: dict[str, int] = {}
    for row in rows:
        name = row["site_id"]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            row["site_id"] = f"{name}-{seen[name]}"


def _footprint_means(made_of: Profile, land: Footprints) -> dict[str, Any]:
    """Scores of the campuses as means over their land.

    Parameters
    ----------
    made_of : Profile
        Of all cells of the land.
    land : Footprints
    """
    unknown = land.mean(np.isnan(made_of.values).astype(float))
    return {
        "unknown_points": land.mean(made_of.unknown_points),
        "evidence_grade": evidence_grades(made_of.ids, made_of.weights, unknown),
        **{f"score_{f}": land.mean(made_of.family_score(f)) for f in FAMILIES},
    }


def _scores(made_of: Profile, land: Footprints, learned: Learned | None, model_share: float) -> dict[str, Any]:
    """Weighted, learned and fused score of the campuses, and what unknowns could add.

    Parameters
    ----------
    made_of : Profile
        Of all cells of the land.
    land : Footprints
    learned : Learned or None
    model_share : float
        How much the learned score counts where it applies fully.
    """
    weighted = made_of.score
    if learned is None:
        fused, kept = weighted, np.ones_like(weighted)
    else:
        kept = 1.0 - model_share * learned.applicability[land.index].astype(np.float64)
        fused = kept * weighted + (1.0 - kept) * learned.score[land.index]
    score = land.mean(fused)
    empty = [None] * land.size
    return {
        "score": score,
        "weighted_score": land.mean(weighted),
        "score_if_known": score + land.mean(kept * made_of.unknown_points),
        "ml_score": land.mean(learned.score[land.index]) if learned else empty,
        "ml_applicability": land.mean(learned.applicability[land.index]) if learned else empty,
    }


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


def _drivers(made_of: Profile, i: int) -> dict[str, str]:
    earned = made_of.points[:, i]
    lost = 100.0 * made_of.weights - earned
    return {
        "drivers_up": "; ".join(_driver(made_of, k, i, earned[k]) for k in np.argsort(-earned, kind="stable")[:DRIVERS]),
        "drivers_down": "; ".join(_driver(made_of, k, i, -lost[k]) for k in np.argsort(-lost, kind="stable")[:DRIVERS]),
    }


def _driver(made_of: Profile, k: int, i: int, points: float) -> str:
    spec = REGISTRY[made_of.ids[k]].spec
    x = made_of.layers[k, i]
    shown = "unknown" if np.isnan(x) else f"{x:,.{0 if abs(x) >= 100 else 1}f} {spec.unit}"
    return f"{spec.title} {shown} ({points:+.1f} points)"


def _lon_lat(field: Field, campuses: Sequence[Campus]) -> tuple[np.ndarray, np.ndarray]:
    grid = field.land.grid
    seed = np.array([c.cells[0] for c in campuses])
    return to_lonlat(*grid.centre(seed // grid.width, seed % grid.width))


def user_rows(
    rows: Sequence[dict[str, Any]], names: Sequence[str], campuses: Sequence[Campus], field: Field, excluded: Exclusions
) -> list[dict[str, Any]]:
    """Rows of the user's sites: their own names, what excludes them, whether the land suffices."""
    finished = []
    for row, name, campus in zip(rows, names, campuses, strict=True):
        alive = excluded.bits[field.land.index_of(campus.cells)] == 0
        everywhere = np.concatenate([campus.cells, campus.excluded])
        gates = excluded.reasons(int(np.bitwise_or.reduce(excluded.bits[field.land.index_of(everywhere)])))
        finished.append(
            {
                **row,
                "name": name,
                "excluded_by": "; ".join(gates),
                "acres_enough": campus.enough,
                "score": row["score"] if alive.all() else None,
            }
        )
    return finished


def rank_user_rows(rows: Sequence[dict[str, Any]], national: Sequence[float]) -> list[int]:
    """Order of the user's sites, best first and excluded ones last; writes ``rank`` and ``national_rank`` into the rows.

    Parameters
    ----------
    rows : sequence of dict
    national : sequence of float
        Scores of the national list, best first.
    """
    order = sorted(range(len(rows)), key=lambda i: (rows[i]["score"] is None, -(rows[i]["score"] or 0.0), i))
    for rank, i in enumerate(order, start=1):
        score = rows[i]["score"]
        rows[i]["rank"] = rank
        better = sum(s > score for s in national) if score is not None else len(national)
        rows[i]["national_rank"] = better + 1 if better < len(national) and rows[i]["acres_enough"] else None
    return order
