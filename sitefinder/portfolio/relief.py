"""Message for the case that no set keeps all limits: which settings to relax, and by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sitefinder.config import Config
from sitefinder.config.portfolio import Portfolio
from sitefinder.portfolio.limits import AT_LEAST, Constraint, Constraints, build, target_mw
from sitefinder.portfolio.pool import Pool
from sitefinder.portfolio.solver import Relaxation, is_possible, least_relaxation

#: alternatives named besides the smallest change
ALTERNATIVES = 3


def impossible(limits: Constraints, pool: Pool, terms: Portfolio, config: Config) -> str:
    """One line: the smallest change of all limits together, and single limits whose relaxation suffices.

    Parameters
    ----------
    limits : Constraints
        Constraints that no set keeps.
    pool : Pool
    terms : Portfolio
    config : Config
    """
    wanted = f"{terms.campuses} campuses" if terms.campuses is not None else f"{terms.mw:g} MW"
    start = f"No set of {wanted} out of {pool.size} sites keeps all limits of 'portfolio'."
    least = least_relaxation(limits)
    if least is None:
        return f"{start} Ask for fewer campuses, or rank with a larger candidates.count."
    alone = []
    families = sorted({r.family for r in limits.rows})
    for family in families:
        other = least_relaxation(limits, families=(family,))
        if other is not None and {limits.rows[k].family for k in least.amounts} != {family}:
            share = sum(a / max(abs(limits.rows[k].most), 1.0) for k, a in other.amounts.items())
            text = _spacing(pool, terms, config) if family == "spacing_km" else settings(limits, pool, terms, other)
            alone.append((share, text))
    texts = [text for _, text in sorted(alone)[:ALTERNATIVES]]
    rest = f" Or one kind of limit alone: {'; or '.join(texts)}." if texts else ""
    return f"{start} Smallest change: {settings(limits, pool, terms, least)}.{rest}"


def _spacing(pool: Pool, terms: Portfolio, config: Config) -> str:
    """Setting of the largest spacing in whole km at which a set keeps the other limits."""
    possible, too_far = 0, math.ceil(terms.spacing_km)
    while too_far - possible > 1:
        middle = (possible + too_far) // 2
        nearer = terms.model_copy(update={"spacing_km": float(middle)})
        possible, too_far = (middle, too_far) if is_possible(build(pool, nearer, config)) else (possible, middle)
    return f"portfolio.spacing_km {terms.spacing_km:g} -> {possible}"


def settings(limits: Constraints, pool: Pool, terms: Portfolio, relaxation: Relaxation) -> str:
    """Settings that make the set of a relaxation possible, as ``portfolio.key now -> then``.

    Parameters
    ----------
    limits : Constraints
    pool : Pool
    terms : Portfolio
    relaxation : Relaxation
    """
    by_family: dict[str, list[tuple[Constraint, float]]] = {}
    for k, amount in relaxation.amounts.items():
        by_family.setdefault(limits.rows[k].family, []).append((limits.rows[k], amount))
    return ", ".join(_setting(family, rows, pool, terms, relaxation.chosen) for family, rows in sorted(by_family.items()))


def _setting(family: str, rows: list[tuple[Constraint, float]], pool: Pool, terms: Portfolio, chosen: Sequence[int]) -> str:
    row, amount = max(rows, key=lambda r: r[1])
    kind, _, name = family.partition(".")
    if family == "size":
        less = sum(_whole(a) if r.key == AT_LEAST else -_whole(a) for r, a in rows)
        if terms.campuses is not None:
            return f"portfolio.campuses {terms.campuses} -> {terms.campuses - less}"
        return f"portfolio.mw {terms.mw:g} -> {max(target_mw(pool, terms) - less * pool.project_mw, 0.0):g}"
    if kind == "caps":
        return ", ".join(f"portfolio.{family}.{r.key} {r.most:g} -> {r.most + _whole(a):g}" for r, a in rows)
    if family == "budget_musd":
        return f"portfolio.budget_musd {row.most:g} -> {math.ceil(row.most + amount)}"
    if family == "floor" and terms.floor:
        return f"portfolio.floor.mw {terms.floor.mw:g} -> {max(math.floor(terms.floor.mw - amount), 0)} by {terms.floor.by}"
    if kind == "hazards":
        share = math.ceil(100.0 * (row.most + amount) / target_mw(pool, terms)) / 100.0
        return f"portfolio.{family}.share {terms.hazards[name].share:g} -> {min(share, 1.0):g}"
    if family == "spacing_km":
        apart = min(pool.apart_km[i, j] for i in chosen for j in chosen if i < j)
        return f"portfolio.spacing_km {terms.spacing_km:g} -> {math.floor(apart)}"
    off = {"headroom": "headroom.excess -> waits", "gas_shared": "gas_shared -> false", "water": "water.on -> false"}[family]
    return f"portfolio.{off} ({row.key}: {amount:.3g} {row.unit} too much)"


def _whole(amount: float) -> int:
    return math.ceil(amount - 1e-6)
