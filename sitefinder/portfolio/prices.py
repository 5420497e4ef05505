"""Limits of a portfolio one by one: how far each is used, and the terms with one unit more of it or without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.config.portfolio import CAPPED, Portfolio
from sitefinder.portfolio.limits import Limits, floor_mw, most_campuses, target_mw
from sitefinder.portfolio.pool import Sites
from sitefinder.portfolio.regret import waits

#: one unit of each limit
BUDGET_STEP_MUSD, FLOOR_STEP_MW, SPACING_STEP_KM = 1000.0, 100.0, 10.0
#: a cap that no set reaches
NO_CAP = 10_000


@dataclass(frozen=True)
class Price:
    """One limit.

    Parameters
    ----------
    limit : str
        Its key in the configuration.
    bound, used : float or None
        The limit, and what the set takes of it; None where there is no single number.
    unit : str
    step : str
        What one unit more is.
    one_more, dropped : Portfolio or None
        Terms with one unit more, and without the limit; None where there is no such thing.
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


def relaxations(sites: Sites, terms: Portfolio, limits: Limits, chosen: Sequence[int]) -> Iterator[Price]:
    """Every limit of the terms with its use by a set, in the order of the configuration; prices still to be found.

    Parameters
    ----------
    sites : Sites
    terms : Portfolio
    limits : Limits
    chosen : sequence of int
    """
    index = list(chosen)
    if terms.campuses is not None:
        one = terms.model_copy(update={"campuses": terms.campuses + 1})
        yield Price("campuses", terms.campuses, len(index), "campuses", "1 campus", one_more=one if _fits(sites, one) else None)
    if terms.spacing_km > 0:
        apart = sites.apart_km[np.ix_(index, index)][np.triu_indices(len(index), 1)]
        nearer = terms.model_copy(update={"spacing_km": max(terms.spacing_km - SPACING_STEP_KM, 0.0)})
        none = terms.model_copy(update={"spacing_km": 0.0})
        least = float(apart.min()) if apart.size else None
        yield Price("spacing_km", terms.spacing_km, least, "km", f"{SPACING_STEP_KM:g} km nearer", nearer, none)
    yield from _caps(terms, limits, index)
    if terms.budget_musd is not None:
        spent = float(sites.numbers("capex_musd_mid")[index].sum())
        more = terms.model_copy(update={"budget_musd": terms.budget_musd + BUDGET_STEP_MUSD})
        none = terms.model_copy(update={"budget_musd": None})
        yield Price("budget_musd", terms.budget_musd, spent, "million USD", f"{BUDGET_STEP_MUSD:g} million USD", more, none)
    if terms.floor:
        mw = float(floor_mw(sites, terms)[index].sum())
        lower = terms.floor.model_copy(update={"mw": max(terms.floor.mw - FLOOR_STEP_MW, 0.0)})
        less, none = terms.model_copy(update={"floor": lower}), terms.model_copy(update={"floor": None})
        yield Price("floor.mw", terms.floor.mw, mw, "MW", f"{FLOOR_STEP_MW:g} MW less", less, none)
    yield from _shared(sites, terms, limits, index)


def _fits(sites: Sites, terms: Portfolio) -> bool:
    return most_campuses(sites, terms) <= sites.size


def _caps(terms: Portfolio, limits: Limits, index: Sequence[int]) -> Iterator[Price]:
    """Caps as a whole, then those that are reached."""
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


def _shared(sites: Sites, terms: Portfolio, limits: Limits, index: Sequence[int]) -> Iterator[Price]:
    """What campuses share: stations, gas, water, disasters."""
    taken = _taken(limits, index)
    if terms.headroom:
        none = terms.model_copy(update={"headroom": None})
        yield Price("headroom", None, waits(limits, index)[0], "MW waiting", dropped=none)
    if terms.gas_shared:
        yield Price("gas_shared", None, None, "", dropped=terms.model_copy(update={"gas_shared": False}))
    if terms.water.on:
        off = terms.water.model_copy(update={"on": False})
        yield Price("water.on", None, None, "", dropped=terms.model_copy(update={"water": off}))
    for column, hazard in terms.hazards.items():
        rows = [r for r in limits.rows if r.family == f"hazards.{column}"]
        used = max((float(r.weights @ taken[r.columns]) for r in rows), default=0.0)
        share = min(hazard.share + sites.project_mw / target_mw(sites, terms), 1.0)
        wider = {**terms.hazards, column: hazard.model_copy(update={"share": share})}
        rest = {k: v for k, v in terms.hazards.items() if k != column}
        bound = max(hazard.share * target_mw(sites, terms), sites.project_mw)
        yield Price(
            f"hazards.{column}.share",
            bound,
            used,
            "MW in one place",
            "1 campus",
            terms.model_copy(update={"hazards": wider}),
            terms.model_copy(update={"hazards": rest}),
        )


def _taken(limits: Limits, index: Sequence[int]) -> np.ndarray:
    taken = np.zeros(limits.sites + len(limits.loss))
    taken[list(index)] = 1.0
    return taken
