"""Headroom of the buses of a planner's network, by the method of the mapped one: every limit and rating is that of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sitefinder.errors import DataError
from sitefinder.kernels.added_load import largest_added
from sitefinder.power.case import UNLIMITED, Case
from sitefinder.power.flow import inverse, laplacian, outage_factors, reduce_network, transfer_factors
from sitefinder.power.headroom import DARK, LEAST_FACTOR, outages_near

#: buses of this voltage and more are watched, as in the mapped network, kV
WATCH_KV = 230.0
#: columns of the table
HEAD = ("bus", "name", "kv", "lat", "lon", "n0_mw", "n1_mw", "limit", "lost", "lifted_mw", "idle_mw")


@dataclass(frozen=True)
class Hosting:
    """What each watched bus can take.

    Parameters
    ----------
    bus : (n,) int
        Places in the case.
    intact, outage, lifted : (n,) float64
        Added load with all branches in service, with the worst single outage nearby, and the latter with the branch that limits
        it strengthened, MW; no more than the idle generation of its island.
    limit, lost : (n,) object
        Names of the branch that limits, and of the outage behind it; "idle generation"; None for none.
    idle : (n,) float64
        Idle generation of the island, MW.
    """

    bus: np.ndarray
    intact: np.ndarray
    outage: np.ndarray
    lifted: np.ndarray
    limit: np.ndarray
    lost: np.ndarray
    idle: np.ndarray


def hosting(case: Case, least_kv: float = WATCH_KV) -> Hosting:
    """Headroom of every bus of ``least_kv`` and more, island by island.

    New load is fed by what is idle in its island, in proportion. Where load and generation differ, the load is scaled to the
    generation, as in a direct-current flow without losses.

    Raises
    ------
    DataError
        No bus is of that voltage, nothing is idle, or the equations have no solution.
    """
    watched = case.kv >= least_kv
    if not watched.any():
        raise DataError(f"No bus of {least_kv:g} kV and more in the case: the highest is {case.kv.max():g} kV. Give --least-kv.")
    island = _islands(case)
    parts = [_of_island(case, np.flatnonzero(island == k), watched) for k in np.unique(island[watched])]
    solved = [part for part in parts if part is not None]
    if not solved:
        raise DataError("No headroom in the case: nothing is idle or in service. Give generators with Pmax above Pg.")
    joined = {f.name: np.concatenate([getattr(part, f.name) for part in solved]) for f in fields(Hosting)}
    order = np.argsort(joined["bus"])
    return Hosting(**{name: column[order] for name, column in joined.items()})


def _islands(case: Case) -> np.ndarray:
    """(n,) island of each bus."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(case.number)
    links = coo_array((np.ones(case.start.size), (case.start, case.end)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1])


def _of_island(case: Case, own: np.ndarray, watched: np.ndarray) -> Hosting | None:
    """One island; None where fewer than two of its buses are watched or nothing is idle."""
    idle = case.idle_mw[own].sum()
    if watched[own].sum() < 2 or idle <= 0:
        return None
    place = np.full(len(case.number), -1)
    place[own] = np.arange(own.size)
    inside = np.flatnonzero(place[case.start] >= 0)
    start, end, b = place[case.start[inside]], place[case.end[inside]], case.susceptance[inside]
    try:
        reduction = reduce_network(start, end, b, watched[own])
        at = np.full(own.size, -1)
        at[reduction.kept] = np.arange(reduction.kept.size)
        both = np.flatnonzero((at[start] >= 0) & (at[end] >= 0))
        s, e, n = at[start[both]], at[end[both]], reduction.kept.size
        matrix = reduction.matrix + laplacian(s, e, b[both], n).toarray()
        x = inverse(matrix, int(np.argmax(np.diagonal(matrix))))
    except (ValueError, RuntimeError) as error:
        raise DataError(f"The case has no solution: {error}") from None
    transfer = transfer_factors(x, s, e, b[both])
    factors, bridge = outage_factors(transfer, s, e)
    shifted = b * case.shift[inside]
    flow = transfer @ reduction.inject(_injection(case, own, (start, end, shifted))) - shifted[both]
    fed = transfer @ reduction.inject(case.idle_mw[own] / idle)
    answer = np.ascontiguousarray((fed[:, None] - transfer).T.astype(np.float32))
    limits = np.stack([case.rating[inside[both]], case.emergency[inside[both]]])
    near = outages_near(s, e, n)

    def solve(strengthened: np.ndarray) -> tuple[np.ndarray, ...]:
        effects = factors.astype(np.float32), bridge
        return largest_added(answer, flow, limits, *effects, near, (LEAST_FACTOR, DARK), strengthened)

    intact, outage, limit, lost = solve(np.full(n, -1))
    lifted = solve(limit)[1]
    names = [_branch_name(case, k) for k in inside[both]]
    short = outage >= idle
    capped = [np.minimum(mw, idle) for mw in (intact, outage, lifted)]
    return Hosting(
        own[reduction.kept],
        capped[0],
        capped[1],
        capped[2],
        np.where(short, "idle generation", _named(names, limit)),
        np.where(short, np.array(None, object), _named(names, lost)),
        np.full(n, idle),
    )


def _injection(case: Case, own: np.ndarray, shifters: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """(n,) generation less load of an island, scaled to the generation, and what its phase shifters move, MW."""
    start, end, shifted = shifters
    load, generation = case.load_mw[own], case.generation_mw[own]
    if load.sum() > 0 and generation.sum() > 0:
        load = load * (generation.sum() / load.sum())
    elif load.sum() != generation.sum():
        raise DataError("The case has no solution: an island has load without generation, or the other way round. Correct it.")
    moved = np.bincount(start, shifted, own.size) - np.bincount(end, shifted, own.size)
    return np.asarray(generation - load + moved)


def _branch_name(case: Case, k: int) -> str:
    """Words for a branch, as in the table of the mapped network."""
    a, b = int(case.start[k]), int(case.end[k])
    high, low = max(case.kv[a], case.kv[b]), min(case.kv[a], case.kv[b])
    if high != low:
        return f"{high:g}/{low:g} kV transformer {case.name[a]}"
    return f"{high:g} kV {case.name[a]} - {case.name[b]}"


def _named(names: Sequence[str], rows: np.ndarray) -> np.ndarray:
    return np.array([names[i] if i >= 0 else None for i in rows], object)


def rows_of(case: Case, room: Hosting) -> list[list[object]]:
    """Rows of the table under ``HEAD``: megawatts whole, unknown places and names empty."""

    def mw(value: float) -> object:
        return "" if value >= UNLIMITED else round(max(value, 0.0))

    rows: list[list[object]] = []
    for i, bus in enumerate(room.bus):
        place = ["" if np.isnan(degree) else round(float(degree), 6) for degree in case.lat_lon[bus]]
        named = [room.limit[i] or "", room.lost[i] or ""]
        first = [case.number[bus], case.name[bus], f"{case.kv[bus]:g}", *place, mw(room.intact[i]), mw(room.outage[i])]
        rows.append([*first, *named, mw(room.lifted[i]), mw(room.idle[i])])
    return rows


def classes(kv: np.ndarray, intact: np.ndarray, outage: np.ndarray) -> str:
    """The report: stations of each class with P50 (P10 to P90) of both headrooms, and the share without any, as text.

    Parameters
    ----------
    kv : (n,)
    intact, outage : (n,) float64
        MW.
    """
    lines = ["class    stations  all in service, MW     one line out, MW       none with one line out"]
    for level in np.unique(kv):
        here = kv == level
        said = [_spread(values[here]) for values in (intact, outage)]
        lines.append(f"{f'{level:g} kV':8} {here.sum():8,}  {said[0]:21}  {said[1]:21}  {np.mean(outage[here] < 1.0):.0%}")
    return "\n".join(lines)


def _spread(values: np.ndarray) -> str:
    p10, p50, p90 = np.quantile(values, (0.1, 0.5, 0.9))
    return f"{p50:,.0f} ({p10:,.0f}-{p90:,.0f})"
