"""Fit the pace of the schedule to the dated campuses, each judged by a fit to the others; writes docs/power-dates.md."""

import argparse
import sys
from pathlib import Path

import numpy as np

from sitefinder.compiling.power_dates import LOOKED
from sitefinder.config import load_config
from sitefinder.config.early_power import Pace
from sitefinder.pipeline.dated import dated_campuses, dated_facts, scores_text
from sitefinder.power.backtest import Backtest, fit_pace, leave_one_out, skills
from sitefinder.power.dated import RESULTS

EVENTS = {"first_50mw": "first power", "first_200mw": "200 MW", "first_500mw": "500 MW", "full": "full load"}


def page(done: Backtest, fitted: Pace, shipped: Pace) -> str:
    """The page: scores, the fit beside the pace of the configuration, misses by name, every campus."""
    lines = [
        "# Dates beside what happened",
        "",
        "Written by `scripts/fit_power_dates.py`. Each campus of `data/grid/power_dates.parquet` is estimated with a pace "
        "fitted to the *other* campuses, from the month of its commitment, with what it had in hand. Months. A date that had not "
        f"come by {LOOKED} counts as later than that.",
        "",
        "| event | realised | not yet | in P10-P90 | earlier | later | PIT, fifths | CRPS | constant | Kaplan-Meier | Spearman |",
        "|---|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|",
    ]
    for event, s in skills(done).items():
        pit = " ".join(map(str, s.pit))
        lines.append(
            f"| {EVENTS[event]} | {s.realised} | {s.one_sided} | {s.within} | {s.early} | {s.late} | {pit} "
            f"| {s.crps_months:.1f} | {s.constant_crps_months:.1f} | {s.region_crps_months:.1f} | {s.spearman:.2f} |"
        )
    lines += ["", "CRPS over realised and one-sided dates, Kaplan-Meier by region. Of realised dates alone:", ""]
    for event, s in skills(done).items():
        lines.append(f"- {EVENTS[event]}: {s.crps_realised_months:.1f}, constant {s.constant_realised_months:.1f}")
    lines += ["", f"Fitted to all of them: {words(fitted)}.", "", *beside(fitted, shipped), "## Misses", ""]
    lines += [f"- {text}" for text in misses(done)]
    lines += [
        "",
        "## Every campus",
        "",
        "| campus | region | " + " | ".join(EVENTS.values()) + " |",
        "|---|---|" + "---|" * len(EVENTS),
    ]
    for i, name in enumerate(done.campuses.names):
        cells = [cell(done, event, i) for event in RESULTS]
        lines.append(f"| {name} | {done.region[i] or '-'} | " + " | ".join(cells) + " |")
    lines += ["", "P10 / P50 / P90, then what happened; > = not before.", ""]
    return "\n".join(lines)


def words(pace: Pace) -> str:
    """The factors by name."""
    return ", ".join(f"{k} {v}" for k, v in pace.model_dump().items())


def beside(fitted: Pace, shipped: Pace) -> list[str]:
    """What `config/assumptions/delivery.yaml` holds, and whether it is this fit."""
    if fitted == shipped:
        return ["That is the pace of `config/assumptions/delivery.yaml`.", ""]
    return [
        f"`config/assumptions/delivery.yaml` holds: {words(shipped)}.",
        "",
        "That is not this fit, which the script gives on the data as they are. The dates of a run rest on the pace of the "
        "configuration, the scores of this page do not.",
        "",
    ]


def cell(done: Backtest, event: str, i: int) -> str:
    """Estimate and truth of one campus."""
    truth = done.truth(event)
    months = " / ".join("never" if not np.isfinite(q) else f"{q:.0f}" for q in done.quantiles(event)[i])
    if truth is None or np.isnan(truth.months[i]):
        return months
    return f"{months}: {'' if truth.came[i] else '> '}{truth.months[i]:.0f}"


def misses(done: Backtest) -> list[str]:
    """Realised dates of first power and of 200 MW outside P10 to P90, by name."""
    found = []
    for event in RESULTS[:2]:
        truth = done.truth(event)
        if truth is None:
            continue
        low, _, high = done.quantiles(event).T
        for i in np.flatnonzero(truth.came & ((truth.months < low) | (truth.months > high))):
            side = "earlier" if truth.months[i] < low[i] else "later"
            span = f"{low[i]:.0f} to {high[i]:.0f}"
            found.append(f"{done.campuses.names[i]}: {EVENTS[event]} after {truth.months[i]:.0f} months, {side} than {span}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("config/default.yaml"))
    parser.add_argument("--draws", default="400")
    parser.add_argument("--steps", type=int, default=90)
    parser.add_argument("--out", type=Path, default=Path("docs/power-dates.md"))
    arguments = parser.parse_args()
    data, cache = Path("data"), Path(".cache")
    file = load_config(arguments.config, {"delivery.draws": arguments.draws})
    delivery = file.config.section("delivery")
    campuses, path = dated_campuses(file, None, looked=LOOKED, data=data)
    facts = dated_facts(file, campuses, path, data=data, cache=cache)
    pace = fit_pace(facts, campuses, delivery, use=np.ones(facts.size, bool), steps=2 * arguments.steps)
    sys.stdout.write(f"{pace}\n")
    done = leave_one_out(facts, campuses, delivery, steps=arguments.steps)
    sys.stdout.write(f"{scores_text(done)}\n")
    arguments.out.write_text(page(done, pace, delivery.pace), encoding="utf-8")
