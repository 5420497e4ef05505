"""The best set as files, portfolio.json, portfolio.csv and portfolio.geojson, and as a summary for the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sitefinder.columns import MID, Quantiles, Range, Scalar
from sitefinder.config.delivery import YEARS
from sitefinder.config.portfolio import CAPPED
from sitefinder.files import Json, guarded
from sitefinder.portfolio.choice import Choice, SelectionProblem
from sitefinder.portfolio.limits import WAIT_FROM
from sitefinder.portfolio.prices import Price
from sitefinder.portfolio.regret import Rule, waits
from sitefinder.portfolio.solver import GAP, Solution
from sitefinder.portfolio.values import MW_AT, tail_mean
from sitefinder.results.site import Site

FILES = ("portfolio.json", "portfolio.csv", "portfolio.geojson")
#: digits of billion dollars and of shares
DECIMALS = 3
#: levels of the quantiles of values, in the order of :class:`Quantiles`
SHARES = MW_AT
#: columns of the list of sites that are repeated in the files
COPIED = ("name", "rank", "score", "state", "county", "rto", "gas_pipeline", "pathway", "lat", "lon", "capex_musd_mid")
#: meaning of the numbers
UNITS = {
    "value": "billion USD, present value at the end of 2026: revenue less energy and site capital, without buildings",
    "mw": "MW at the end of the year, if all campuses of the set are built",
    "expected_built_mw": "mean MW times the chance that each campus is built",
    "capital": "million USD that depend on the site, sums of low, most likely and high ends",
    "gain": "billion USD of objective; 0 where below price_resolution_busd",
}


class YearMw(NamedTuple):
    """Megawatts of a set at the end of a year: quantiles and mean if all campuses are built, and the mean that is built."""

    year: int
    p10: float | None
    p50: float | None
    p90: float | None
    mean: float | None
    expected_built: float | None


def contents(choice: Choice, *, fingerprint: str | None = None) -> dict[str, bytes]:
    """File name -> bytes.

    Parameters
    ----------
    choice : Choice
    fingerprint : str, optional
        Fingerprint of the configuration of the run that the campuses come from.
    """
    tree = {"config_fingerprint": fingerprint, **summary(choice)}
    text = json.dumps(tree, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    table = members_csv(tree)
    return {"portfolio.json": text.encode(), "portfolio.csv": table, "portfolio.geojson": _geojson(choice, tree)}


def summary(choice: Choice) -> Json:
    """Content of portfolio.json; numbers rounded, unknown ones None."""
    problem, best = choice.problem, choice.best
    listed = problem.pool.size + len(problem.pool.left_out)
    runner = choice.runner_up
    return {
        "terms": problem.terms.model_dump(mode="json"),
        "units": UNITS,
        "sites": {"listed": listed, "choosable": problem.pool.size, "left_out": dict(problem.pool.left_out)},
        "set": {**_set(choice, best), "gap": _round(best.gap, 6)},
        "members": [_member(choice, i) for i in _by_rank(choice, best)],
        "runner_up": _runner_up(choice) if runner.possible else None,
        "frontier": [_point(choice, aversion, s) for aversion, s in choice.frontier],
        "price_resolution_busd": _round(GAP * abs(best.objective)),
        "limits": [_limit(p) for p in choice.prices],
        "regret": [_rule(choice, r) for r in choice.rules],
        "robust": _robust(choice),
    }


def _by_rank(choice: Choice, solution: Solution) -> list[int]:
    ranks = choice.problem.pool.ranks
    return sorted(solution.chosen, key=lambda i: (ranks[i], i))


def _names(choice: Choice, chosen: Sequence[int]) -> list[str]:
    return [choice.problem.pool.ids[i] for i in chosen]


def _round(value: float | None, decimals: int = DECIMALS) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), decimals)


def _set(choice: Choice, solution: Solution) -> Json:
    """One set: value, risk, megawatts by year, capital, and its campuses by group."""
    problem, index = choice.problem, list(solution.chosen)
    pool, aim = problem.pool, problem.aim
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
        "mw_by_year": [year._asdict() for year in mw_by_year(problem, index, waiting)],
        "capital_musd": {e: _round(v, 0) for e, v in zip(Range._fields, pool.capex_musd[index].sum(axis=0), strict=True)},
        **{f"by_{c}": dict(sorted(Counter(pool.groups(c)[i] for i in index).items())) for c in (*CAPPED, "pathway")},
    }


def mw_by_year(problem: SelectionProblem, index: Sequence[int], waiting: float) -> list[YearMw]:
    """Megawatts of a set at the end of each year: quantiles over the draws of the sum, less those that still wait.

    Parameters
    ----------
    problem : SelectionProblem
    index : sequence of int
        Campuses of the set.
    waiting : float
        Megawatts that wait for upgrades.
    """
    draws = problem.draws
    headroom = problem.terms.headroom
    until = WAIT_FROM + (headroom.wait_years[MID] if headroom else 0.0)
    chance = draws.chance[list(index)]
    years = []
    for y, year in enumerate(YEARS):
        mw = draws.mw[list(index), y]
        total = np.maximum(mw.sum(axis=0) - (waiting if year <= until else 0.0), 0.0)
        amounts = [*np.quantile(total, SHARES), total.mean(), (mw * chance).sum(axis=0).mean()]
        years.append(YearMw(year, *(_round(amount, 0) for amount in amounts)))
    return years


def _member(choice: Choice, i: int) -> Json:
    """One campus of the set: place, value, and the best set without it."""
    problem, option = choice.problem, choice.problem.pool.options[i]
    without = choice.without[i]
    entered = sorted(set(without.chosen) - set(choice.best.chosen))
    left = sorted(set(choice.best.chosen) - set(without.chosen) - {i})
    year = problem.terms.compare_year
    return {
        "site_id": option.site.site_id,
        **_copied(option.site),
        "value_mean_busd": _round(problem.draws.mean[i]),
        "value_p10_busd": _round(np.quantile(problem.draws.value[i], SHARES[0])),
        "value_p90_busd": _round(np.quantile(problem.draws.value[i], SHARES[-1])),
        "chance_built": _round(problem.draws.chance[i].mean()),
        **{f"mw_{q}_{year}": _round(problem.pool.mw[i, YEARS.index(year), k], 0) for k, q in enumerate(Quantiles._fields)},
        "share_of_single_draws": _round(choice.shares[i]),
        "loss_without_busd": _round(max(choice.best.objective - without.objective, 0.0)) if without.possible else None,
        "replaced_by": _names(choice, entered) if without.possible else None,
        "also_leaves": _names(choice, left) if without.possible else None,
    }


def _copied(site: Site) -> dict[str, Scalar]:
    return {name: site.values[name] for name in COPIED}


def _runner_up(choice: Choice) -> Json:
    best, other = choice.best, choice.runner_up
    return {
        **_set(choice, other),
        "gap": _round(other.gap, 6),
        "loss_busd": _round(max(best.objective - other.objective, 0.0)),
        "enters": _names(choice, sorted(set(other.chosen) - set(best.chosen))),
        "leaves": _names(choice, sorted(set(best.chosen) - set(other.chosen))),
    }


def _point(choice: Choice, aversion: float, solution: Solution) -> Json:
    totals = choice.problem.aim.totals(solution.chosen)
    return {
        "aversion": aversion,
        "sites": _names(choice, _by_rank(choice, solution)),
        "mean_busd": _round(totals.mean()),
        "worst_draws_mean_busd": _round(tail_mean(totals, choice.problem.aim.tail)),
        "gap": _round(solution.gap, 6),
        "in_common": len(set(solution.chosen) & set(choice.best.chosen)),
    }


def _limit(price: Price) -> Json:
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


def _rule(choice: Choice, rule: Rule) -> Json:
    problem, chosen = choice.problem, rule.chosen
    totals = problem.aim.totals(chosen)
    years = mw_by_year(problem, chosen, rule.waiting_mw)
    return {
        "rule": rule.name,
        "sites": _names(choice, _by_rank(choice, replace(choice.best, chosen=chosen))),
        "objective_busd": _round(rule.objective),
        "mean_busd": _round(totals.mean()),
        "worst_draws_mean_busd": _round(tail_mean(totals, problem.aim.tail)),
        "mw_p50": {str(y.year): y.p50 for y in years},
        "mw_mean": {str(y.year): y.mean for y in years},
        "breaks": list(rule.breaks),
        "this_set_gains_busd": _round(choice.best.objective - rule.objective),
    }


def _robust(choice: Choice) -> Json:
    """Sensitivity of the choice to single draws and to the range of revenue."""
    ids, shares = choice.problem.pool.ids, choice.shares
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


def members_csv(tree: Json) -> bytes:
    """One line per campus of the set."""
    text = io.StringIO()
    names = list(tree["members"][0])
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for member in tree["members"]:
        cells = (member[n] for n in names)
        writer.writerow(["" if c is None else guarded("; ".join(c) if isinstance(c, list) else c) for c in cells])
    return text.getvalue().encode()


def _geojson(choice: Choice, tree: Json) -> bytes:
    """Outlines of the set and of the campuses that only the runner-up has, RFC 7946."""
    entering = [i for i in _by_rank(choice, choice.runner_up) if i not in choice.best.chosen]
    members = {m["site_id"]: {"set": "chosen", **m} for m in tree["members"]}
    lines = []
    for i in [*_by_rank(choice, choice.best), *entering]:
        entry = choice.problem.pool.options[i].entry
        other = {"set": "runner_up", "site_id": entry.site_id, **_copied(entry.site)}
        properties = members.get(entry.site_id, other)
        feature = {"type": "Feature", "geometry": entry.outline, "properties": properties}
        lines.append(json.dumps(feature, separators=(",", ":"), ensure_ascii=False, allow_nan=False))
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n").encode()


def words(choice: Choice) -> str:
    """Summary for the terminal."""
    tree = summary(choice)
    chosen, year = tree["set"], str(choice.problem.terms.compare_year)
    wide, region = (max([least, *(len(m[key] or "-") for m in tree["members"])]) for key, least in (("name", 5), ("rto", 13)))
    lines = [
        f"{'site':<11} {'rank':>4}  {'place':<{wide}}  {'market region':<{region}} {'billion USD':>12} {'MW ' + year:>8} "
        f"{'lost without':>12}"
    ]
    for m in tree["members"]:
        lost = "-" if m["loss_without_busd"] is None else f"{m['loss_without_busd']:.2f}"
        mw = m[f"mw_p50_{year}"]
        lines.append(
            f"{m['site_id']:<11} {m['rank']:>4}  {m['name'] or '-':<{wide}}  {m['rto'] or '-':<{region}} "
            f"{m['value_mean_busd']:>12.1f} {mw:>8,.0f} {lost:>12}"
        )
    lines.append(
        f"\n{chosen['campuses']} campuses worth {chosen['mean_busd']:.1f} billion USD, {chosen['worst_draws_mean_busd']:.1f} in "
        f"the worst draws; proven best within {100 * choice.best.gap:.3f} % in {choice.seconds:.1f} s"
    )
    for r in tree["regret"][1:]:
        text = f"against '{r['rule']}': {r['this_set_gains_busd']:+.2f} billion USD"
        lines.append(text + (f"; it violates {', '.join(r['breaks'])}" if r["breaks"] else ""))
    binding = [x for x in tree["limits"] if x["binding"]]
    lines += [f"binding limit: {x['limit']}, {x['gain_without_busd'] or x['gain_per_step_busd']} billion USD" for x in binding]
    return "\n".join(lines)
