"""The best set as files and words: portfolio.json, portfolio.csv, portfolio.geojson, and a summary for the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sitefinder.config.portfolio import CAPPED
from sitefinder.portfolio.choice import Choice
from sitefinder.portfolio.limits import WAIT_FROM
from sitefinder.portfolio.pool import QUANTILES, YEARS
from sitefinder.portfolio.prices import Price
from sitefinder.portfolio.regret import waits
from sitefinder.portfolio.solver import GAP, Solution
from sitefinder.portfolio.values import MID, Draws, tail_mean

FILES = ("portfolio.json", "portfolio.csv", "portfolio.geojson")
#: digits of billion dollars and of shares
DECIMALS = 3
SHARES = (0.1, 0.5, 0.9)
ENDS = ("low", "mid", "high")
#: columns of portfolio.csv that are taken over from the list of sites
COPIED = ("name", "rank", "score", "state", "county", "rto", "gas_pipeline", "pathway", "lat", "lon", "capex_musd_mid")
#: what the numbers are
UNITS = {
    "value": "billion USD, present value at the end of 2026: revenue less energy and site capital, without buildings",
    "mw": "MW at the end of the year, if all campuses of the set are built",
    "expected_built_mw": "mean MW times the chance that each campus is built",
    "capital": "million USD that depend on the site, sums of low, most likely and high ends",
    "gain": "billion USD of objective; below price_resolution_busd told as 0",
}


def contents(choice: Choice, *, fingerprint: str | None = None) -> dict[str, bytes]:
    """File name -> bytes.

    Parameters
    ----------
    choice : Choice
    fingerprint : str, optional
        Of the configuration of the run that the sites come from.
    """
    found = {"config_fingerprint": fingerprint, **summary(choice)}
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    table = members_csv(found)
    return {"portfolio.json": text.encode(), "portfolio.csv": table, "portfolio.geojson": _geojson(choice, found)}


def summary(choice: Choice) -> dict[str, Any]:
    """Everything in one tree; numbers rounded, unknown as None."""
    problem, best = choice.problem, choice.best
    listed = problem.sites.size + len(problem.sites.left_out)
    runner = choice.runner_up
    return {
        "terms": problem.terms.model_dump(mode="json"),
        "units": UNITS,
        "sites": {"listed": listed, "choosable": problem.sites.size, "left_out": dict(problem.sites.left_out)},
        "set": {**_set(choice, best), "gap": _round(best.gap, 6)},
        "members": [_member(choice, i) for i in _by_rank(choice, best)],
        "runner_up": _runner_up(choice) if runner.possible else None,
        "frontier": [_point(choice, aversion, s) for aversion, s in choice.frontier],
        "price_resolution_busd": _round(GAP * abs(best.objective)),
        "limits": [_limit(p) for p in choice.prices],
        "regret": [_rule(choice, r.name, r.chosen, r.objective, r.breaks) for r in choice.rules],
        "robust": _robust(choice),
    }


def _by_rank(choice: Choice, solution: Solution) -> list[int]:
    ranks = choice.problem.sites.numbers("rank")
    return sorted(solution.chosen, key=lambda i: (ranks[i], i))


def _names(choice: Choice, chosen: Sequence[int]) -> list[str]:
    return [choice.problem.sites.ids[i] for i in chosen]


def _round(value: float | None, decimals: int = DECIMALS) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), decimals)


def _set(choice: Choice, solution: Solution) -> dict[str, Any]:
    """One set: value, risk, megawatts by year, capital, where it lies."""
    problem, index = choice.problem, list(solution.chosen)
    sites, aim = problem.sites, problem.aim
    totals, fresh = aim.totals(index), problem.fresh.value[index].sum(axis=0)
    waiting, lost = waits(problem.limits, index)
    return {
        "sites": _names(choice, _by_rank(choice, solution)),
        "campuses": len(index),
        "objective_busd": _round(aim.of(index) - lost),
        "mean_busd": _round(totals.mean()),
        "worst_draws_mean_busd": _round(tail_mean(totals, aim.tail)),
        "p10_busd": _round(np.quantile(totals, SHARES[0])),
        "p90_busd": _round(np.quantile(totals, SHARES[-1])),
        "fresh_draws": {"mean_busd": _round(fresh.mean()), "worst_draws_mean_busd": _round(tail_mean(fresh, aim.tail))},
        "mw_waiting": _round(waiting, 0),
        "mw_by_year": mw_by_year(problem.draws, index, waiting, problem),
        "capital_musd": {end: _round(sites.numbers(f"capex_musd_{end}")[index].sum(), 0) for end in ENDS},
        **{f"by_{c}": dict(sorted(Counter(sites.groups(c)[i] for i in index).items())) for c in (*CAPPED, "pathway")},
    }


def mw_by_year(draws: Draws, index: Sequence[int], waiting: float, problem: Any) -> list[dict[str, Any]]:
    """Megawatts of a set at the end of each year: quantiles over the draws of the sum, less what still waits.

    Parameters
    ----------
    draws : Draws
    index : sequence of int
        Sites of the set.
    waiting : float
        Megawatts that wait for upgrades.
    problem : Problem
        Read for how long they wait.
    """
    headroom = problem.terms.headroom
    until = WAIT_FROM + (headroom.wait_years[MID] if headroom else 0.0)
    rows = []
    for y, year in enumerate(YEARS):
        mw = draws.mw[list(index), y]
        total = np.maximum(mw.sum(axis=0) - (waiting if year <= until else 0.0), 0.0)
        row = {"year": year, **{q: _round(v, 0) for q, v in zip(QUANTILES, np.quantile(total, SHARES), strict=True)}}
        rows.append({**row, "mean": _round(total.mean(), 0), "expected_built": _round(_built(draws, index, y), 0)})
    return rows


def _built(draws: Draws, index: Sequence[int], y: int) -> float:
    return float((draws.mw[list(index), y] * draws.chance[list(index)]).sum(axis=0).mean())


def _member(choice: Choice, i: int) -> dict[str, Any]:
    """One campus of the set: where it is, what it is worth, and what happens without it."""
    problem, row = choice.problem, choice.problem.sites.rows[i]
    without = choice.without[i]
    entered = sorted(set(without.chosen) - set(choice.best.chosen))
    left = sorted(set(choice.best.chosen) - set(without.chosen) - {i})
    year = problem.terms.compare_year
    return {
        "site_id": row["site_id"],
        **{name: row.get(name) for name in COPIED},
        "value_mean_busd": _round(problem.draws.mean[i]),
        "value_p10_busd": _round(np.quantile(problem.draws.value[i], SHARES[0])),
        "value_p90_busd": _round(np.quantile(problem.draws.value[i], SHARES[-1])),
        "chance_built": _round(problem.draws.chance[i].mean()),
        **{f"mw_{q}_{year}": _round(problem.sites.mw[i, YEARS.index(year), k], 0) for k, q in enumerate(QUANTILES)},
        "share_of_single_draws": _round(choice.shares[i]),
        "loss_without_busd": _round(max(choice.best.objective - without.objective, 0.0)) if without.possible else None,
        "replaced_by": _names(choice, entered) if without.possible else None,
        "also_leaves": _names(choice, left) if without.possible else None,
    }


def _runner_up(choice: Choice) -> dict[str, Any]:
    best, other = choice.best, choice.runner_up
    return {
        **_set(choice, other),
        "gap": _round(other.gap, 6),
        "loss_busd": _round(max(best.objective - other.objective, 0.0)),
        "enters": _names(choice, sorted(set(other.chosen) - set(best.chosen))),
        "leaves": _names(choice, sorted(set(best.chosen) - set(other.chosen))),
    }


def _point(choice: Choice, aversion: float, solution: Solution) -> dict[str, Any]:
    totals = choice.problem.aim.totals(solution.chosen)
    return {
        "aversion": aversion,
        "sites": _names(choice, _by_rank(choice, solution)),
        "mean_busd": _round(totals.mean()),
        "worst_draws_mean_busd": _round(tail_mean(totals, choice.problem.aim.tail)),
        "gap": _round(solution.gap, 6),
        "in_common": len(set(solution.chosen) & set(choice.best.chosen)),
    }


def _limit(price: Price) -> dict[str, Any]:
    return {
        "limit": price.limit,
        "bound": _round(price.bound),
        "used": _round(price.used, 1),
        "unit": price.unit,
        "binding": price.binding,
        "step": price.step,
        "gain_per_step_busd": _round(price.gain_one),
        "gain_without_busd": _round(price.gain_dropped),
    }


def _rule(choice: Choice, name: str, chosen: tuple[int, ...], objective: float, breaks: Sequence[str]) -> dict[str, Any]:
    problem = choice.problem
    totals = problem.aim.totals(chosen)
    waiting, _ = waits(problem.limits, chosen)
    rows = mw_by_year(problem.draws, chosen, waiting, problem)
    return {
        "rule": name,
        "sites": _names(choice, _by_rank(choice, replace(choice.best, chosen=chosen))),
        "objective_busd": _round(objective),
        "mean_busd": _round(totals.mean()),
        "worst_draws_mean_busd": _round(tail_mean(totals, problem.aim.tail)),
        "mw_p50": {str(r["year"]): r["p50"] for r in rows},
        "mw_mean": {str(r["year"]): r["mean"] for r in rows},
        "breaks": list(breaks),
        "this_set_gains_busd": _round(choice.best.objective - objective),
    }


def _robust(choice: Choice) -> dict[str, Any]:
    """How the choice stands when luck or revenue is otherwise."""
    ids, shares = choice.problem.sites.ids, choice.shares
    order = sorted(np.flatnonzero(shares > 0), key=lambda i: (-shares[i], i))
    best = set(choice.best.chosen)
    return {
        "share_of_single_draws": {ids[i]: _round(shares[i]) for i in order},
        "changes": [
            {
                "about": c.about,
                "in_common": len(best & set(c.solution.chosen)),
                "enters": _names(choice, sorted(set(c.solution.chosen) - best)),
                "leaves": _names(choice, sorted(best - set(c.solution.chosen))),
            }
            for c in choice.changes
        ],
    }


def members_csv(found: dict[str, Any]) -> bytes:
    """One line per campus of the set."""
    text = io.StringIO()
    names = list(found["members"][0])
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for member in found["members"]:
        cells = (member[n] for n in names)
        writer.writerow(["" if c is None else "; ".join(c) if isinstance(c, list) else c for c in cells])
    return text.getvalue().encode()


def _geojson(choice: Choice, found: dict[str, Any]) -> bytes:
    """Outlines of the set and of what the runner-up has besides, RFC 7946."""
    sites = choice.problem.sites
    entering = [i for i in _by_rank(choice, choice.runner_up) if i not in choice.best.chosen]
    members = {m["site_id"]: {"set": "chosen", **m} for m in found["members"]}
    lines = []
    for i in [*_by_rank(choice, choice.best), *entering]:
        row = sites.rows[i]
        fallback = {"set": "runner_up", "site_id": row["site_id"], **{name: row.get(name) for name in COPIED}}
        properties = members.get(row["site_id"], fallback)
        feature = {"type": "Feature", "geometry": sites.outlines[i], "properties": properties}
        lines.append(json.dumps(feature, separators=(",", ":"), ensure_ascii=False, allow_nan=False))
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n").encode()


def words(choice: Choice) -> str:
    """The result in a dozen lines."""
    found = summary(choice)
    chosen, year = found["set"], str(choice.problem.terms.compare_year)
    lines = [f"{'site':<11} {'rank':>4}  {'place':<30} {'RTO':<18} {'value':>6} {'MW ' + year:>8} {'lost without':>12}"]
    for m in found["members"]:
        lost = "-" if m["loss_without_busd"] is None else f"{m['loss_without_busd']:.2f}"
        place = (m["name"] or "-")[:30]
        mw = m[f"mw_p50_{year}"]
        lines.append(
            f"{m['site_id']:<11} {m['rank']:>4}  {place:<30} {(m['rto'] or '-')[:18]:<18} "
            f"{m['value_mean_busd']:>6.1f} {mw:>8.0f} {lost:>12}"
        )
    lines.append(
        f"\n{chosen['campuses']} campuses worth {chosen['mean_busd']:.1f} billion USD, {chosen['worst_draws_mean_busd']:.1f} in "
        f"the worst draws; proven best within {100 * choice.best.gap:.3f} % in {choice.seconds:.1f} s"
    )
    for r in found["regret"][1:]:
        text = f"against '{r['rule']}': {r['this_set_gains_busd']:+.2f} billion USD"
        lines.append(text + (f"; it breaks {', '.join(r['breaks'])}" if r["breaks"] else ""))
    binding = [x for x in found["limits"] if x["binding"]]
    lines += [f"binds: {x['limit']}, {x['gain_without_busd'] or x['gain_per_step_busd']} billion USD" for x in binding]
    return "\n".join(lines)
