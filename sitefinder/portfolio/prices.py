"""Each limit of a portfolio: how far a set uses it, and the terms with one unit more of it or without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.columns import MID
from sitefinder.config.portfolio import CAPPED, Portfolio
from sitefinder.portfolio.limits import Constraints, floor_mw, most_campuses, target_mw
from sitefinder.portfolio.pool import Pool
from sitefinder.portfolio.regret import waits

#: one unit of each limit
BUDGET_STEP_MUSD, FLOOR_STEP_MW, SPACING_STEP_KM = 1000.0, 100.0, 10.0
#: a cap that no set reaches
NO_CAP = 10_000


@dataclass(frozen=True)
class Price:
    """Use of one limit by a set, and the value gained by relaxing it.

    Parameters
    ----------
    limit : str
        Its key in the configuration.
    bound, used : float or None
        The limit and what the set uses of it; None where there is no single number.
    unit : str
    step : str
        One unit more, in words.
    one_more, dropped : Portfolio or None
        Terms with one unit more, and without the limit; None where that is impossible.
    gain_one, gain_dropped : float or None
        Value gained by it, billion dollars.
    binding : bool
        Whether the set would be better without the limit.
    """

    limit: str
    bound: float | None
    used: float | None
    unit: str
    step: str = ""
    one_more: Portfolio | None = None
    dropped: Portfolio | None = None
    gain_one: float | None = None
    gain_dropped: float | None = None
    binding: bool = False


def relaxations(pool: Pool, terms: Portfolio, limits: Constraints, chosen: Sequence[int]) -> Iterator[Price]:
    """Use of every limit by a set, in the order of the configuration; the gains are still empty.

    Parameters
    ----------
    pool : Pool
    terms : Portfolio
    limits : Constraints
    chosen : sequence of int
    """
    index = list(chosen)
    if terms.campuses is not None:
        one = terms.model_copy(update={"campuses": terms.campuses + 1})
        yield Price("campuses", terms.campuses, len(index), "campuses", "1 campus", one_more=one if _fits(pool, one) else None)
    if terms.spacing_km > 0:
        apart = pool.apart_km[np.ix_(index, index)][np.triu_indices(len(index), 1)]
        nearer = terms.model_copy(update={"spacing_km": max(terms.spacing_km - SPACING_STEP_KM, 0.0)})
        none = terms.model_copy(update={"spacing_km": 0.0})
        least = float(apart.min()) if apart.size else None
        yield Price("spacing_km", terms.spacing_km, least, "km", f"{SPACING_STEP_KM:g} km nearer", nearer, none)
    yield from _caps(terms, limits, index)
    if terms.budget_musd is not None:
        spent = float(pool.capex_musd[index, MID].sum())
        more = terms.model_copy(update={"budget_musd": terms.budget_musd + BUDGET_STEP_MUSD})
        none = terms.model_copy(update={"budget_musd": None})
        yield Price("budget_musd", terms.budget_musd, spent, "million USD", f"{BUDGET_STEP_MUSD:g} million USD", more, none)
    if terms.floor:
        mw = float(floor_mw(pool, terms)[index].sum())
        lower = terms.floor.model_copy(update={"mw": max(terms.floor.mw - FLOOR_STEP_MW, 0.0)})
        less, none = terms.model_copy(update={"floor": lower}), terms.model_copy(update={"floor": None})
        yield Price("floor.mw", terms.floor.mw, mw, "MW", f"{FLOOR_STEP_MW:g} MW less", less, none)
    yield from _shared(pool, terms, limits, index)


def _fits(pool: Pool, terms: Portfolio) -> bool:
    return most_campuses(pool, terms) <= pool.size


def _caps(terms: Portfolio, limits: Constraints, index: Sequence[int]) -> Iterator[Price]:
    """All caps of a property together, then each cap that is reached."""
    taken = _taken(limits, index)
    for column in CAPPED:
        rows = [r for r in limits.rows if r.family == f"caps.{column}"]
        if not rows:
            continue
        caps = {k: v for k, v in terms.caps.items() if k != column}
        none = terms.model_copy(update={"caps": caps})
        yield Price(f"caps.{column}", None, None, "campuses", dropped=none)
        for row in rows:
            used = float(taken[row.columns].sum())
            if used >= row.most:
                more = terms.with_cap(column, row.key, int(row.most) + 1)
                free = terms.with_cap(column, row.key, NO_CAP)
                yield Price(f"caps.{column}.{row.key}", row.most, used, "campuses", "1 campus", more, free)


def _shared(pool: Pool, terms: Portfolio, limits: Constraints, index: Sequence[int]) -> Iterator[Price]:
    """Limits on shared resources and risks: stations, gas, water, disasters."""
    taken = _taken(limits, index)
    if terms.headroom:
        none = terms.model_copy(update={"headroom": None})
        yield Price("headroom", None, waits(limits, index)[0], "MW waiting", dropped=none)
    if terms.gas_shared:
        yield Price("gas_shared", None, None, "", dropped=terms.model_copy(update={"gas_shared": False}))
    if terms.water.on:
        off = terms.water.model_copy(update={"on": False})
        yield Price("water.on", None, None, "", dropped=terms.model_copy(update={"water": off}))
    for layer_id, hazard in terms.hazards.items():
        rows = [r for r in limits.rows if r.family == f"hazards.{layer_id}"]
        used = max((float(r.weights @ taken[r.columns]) for r in rows), default=0.0)
        share = min(hazard.share + pool.project_mw / target_mw(pool, terms), 1.0)
        wider = {**terms.hazards, layer_id: hazard.model_copy(update={"share": share})}
        rest = {k: v for k, v in terms.hazards.items() if k != layer_id}
        bound = max(hazard.share * target_mw(pool, terms), pool.project_mw)
        yield Price(
            f"hazards.{layer_id}.share",
            bound,
            used,
            "MW in one place",
            "1 campus",
            terms.model_copy(update={"hazards": wider}),
            terms.model_copy(update={"hazards": rest}),
        )


def _taken(limits: Constraints, index: Sequence[int]) -> np.ndarray:
    taken = np.zeros(limits.campuses + len(limits.loss))
    taken[list(index)] = 1.0
    return taken
