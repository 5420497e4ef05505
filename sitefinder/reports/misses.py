"""Page ``docs/what-it-got-wrong.md``: campuses that the back-tests of place and date got wrong, and rules that did better.

The page shows numbers of a record alone. The record (``docs/what-it-got-wrong.json``) comes from ``make backtest`` and from dates
that are estimated with a pace fitted to the other campuses; ``make misses`` writes both.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.config import ConfigFile
from sitefinder.files import Json
from sitefinder.layers.files import MODEL_FILE, POWER_DATES
from sitefinder.power.backtest import Backtest, skills
from sitefinder.power.dated import RESULTS
from sitefinder.results.manifest import file_checksum

#: scores of the list, as the back-test names them
WEIGHTED, LEARNED, FUSED = "weighted score", "learned score", "fused score"
#: rules without learning that the list should beat; the additive model and deeper trees are no rules
RULES = ("nearest 230 kV substation", "nearest data center", "population within 10 km", "nine distances, equal decay")
#: splits of the back-test, hardest first
SPLITS: Mapping[str, str] = {
    "later_big": "mapped later than mid 2025, 300 MW and more",
    "later": "mapped later than mid 2025, all large",
    "one_out": "one campus left out with all within 25 km",
    "regions": "one market region left out",
    "blocks": "spatial blocks",
}
#: measure -> heading, and whether it is a share
MEASURES: Mapping[str, tuple[str, bool]] = {
    "auc_land": ("AUC against all land", False),
    "best_1%": ("in the best 1 %", True),
    "best_5%": ("in the best 5 %", True),
    "best_10%": ("in the best 10 %", True),
}
#: a campus on land below these shares of all land is a miss; the worse of the two groups first
POOR, FAIR = 0.90, 0.95
#: points by which the learned part has to lower a campus to be named
LOWERED = 0.01
#: words of the events of dates
EVENTS: Mapping[str, str] = dict(zip(RESULTS, ("first power", "200 MW", "500 MW", "full load"), strict=True))
EARLIER, LATER, OVERDUE = "earlier", "later", "not yet"


@dataclass(frozen=True)
class Placed:
    """A held-out campus: shares of all land that score lower.

    Parameters
    ----------
    name : str
    mw : float or None
        None where the place is named without a size.
    weighted, learned, fused : float
        Shares from 0 to 1.
    """

    name: str
    mw: float | None
    weighted: float
    learned: float
    fused: float


@dataclass(frozen=True)
class DateRow:
    """An event of a dated campus: the estimate by a pace fitted to the others, and what happened. Months from the commitment.

    Parameters
    ----------
    campus, region, event : str
        The event is one of ``RESULTS``.
    p10, p50, p90 : float or None
        None = never.
    months : float
        When it came, or how long it had not come.
    came : bool
    """

    campus: str
    region: str
    event: str
    p10: float | None
    p50: float | None
    p90: float | None
    months: float
    came: bool

    @property
    def miss(self) -> str | None:
        """Which side of P10 to P90 it missed; None where it did not, or where nothing can be said yet."""
        if self.p10 is not None and self.came and self.months < self.p10:
            return EARLIER
        if self.p90 is not None and self.months > self.p90:
            return LATER if self.came else OVERDUE
        return None

    @property
    def by_months(self) -> float:
        """Months outside P10 to P90; 0 within."""
        if self.miss is None:
            return 0.0
        end = self.p10 if self.miss == EARLIER else self.p90
        return abs(self.months - (end or 0.0))


def inputs(file: ConfigFile, data: Path) -> dict[str, str | None]:
    """Checksums of what the record rests on: the model, the dated campuses, the section ``delivery`` without its comments.

    With other values of these the record is out of date. Layers change the back-test of place a little, too; who compiles them
    trains the model again, which shows here.
    """
    delivery = file.config.section("delivery").model_dump_json()
    return {
        "model": file_checksum(data / MODEL_FILE),
        "dated_campuses": file_checksum(data / POWER_DATES),
        "delivery": f"sha256:{hashlib.sha256(delivery.encode()).hexdigest()}",
    }


def place_record(result: Mapping[str, Any]) -> Json:
    """The part of ``backtest.json`` that the page shows: figures of each split without intervals, and every named campus."""
    splits: Json = {}
    for key in SPLITS:
        models = {m: row for m, row in result[key].items() if m in (*RULES, WEIGHTED, LEARNED, FUSED)}
        figures = {m: {k: round(float(row[k][0]), 4) for k in MEASURES} for m, row in models.items()}
        splits[key] = {"campuses": result[key]["campuses"], "models": figures}
    places = [r for r in result["named"] if r["same_as"] is None] + list(result["campuses"])
    rows = [Placed(r["name"], r.get("mw"), *(round(float(r[k]), 4) for k in (WEIGHTED, LEARNED, FUSED))) for r in places]
    return {"splits": splits, "campuses": [asdict(row) for row in rows]}


def date_record(done: Backtest, looked: str) -> Json:
    """Estimates beside what happened, and the scores of every event.

    Parameters
    ----------
    done : Backtest
        From :func:`sitefinder.power.backtest.leave_one_out`.
    looked : str
        Month of the last look.
    """
    rows = []
    for event in RESULTS:
        truth, quantiles = done.truth(event), done.quantiles(event)
        if truth is None:
            continue
        for i in np.flatnonzero(truth.known):
            p10, p50, p90 = (round(float(q), 3) if math.isfinite(q) else None for q in quantiles[i])
            name, region = done.campuses.names[i], done.region[i] or ""
            rows.append(DateRow(name, region, event, p10, p50, p90, float(truth.months[i]), bool(truth.came[i])))
    scores = {event: {k: _plain(v) for k, v in asdict(s).items()} for event, s in skills(done).items()}
    return {"looked": looked, "scores": scores, "rows": [asdict(row) for row in rows]}


def _plain(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def page(record: Mapping[str, Any]) -> str:
    """Markdown of the page; a pure function of the record."""
    place, dates = record["place"], record["dates"]
    campuses = [Placed(**row) for row in place["campuses"]]
    rows = [DateRow(**row) for row in dates["rows"]]
    parts = [*_head(campuses, rows), *_places(campuses), *_beaten(place["splits"]), *_dates(rows, dates)]
    return "\n".join(parts) + "\n"


def _head(campuses: Sequence[Placed], rows: Sequence[DateRow]) -> list[str]:
    worst = sorted(campuses, key=lambda c: c.fused)[:3]
    missed = [r for r in rows if r.came and r.miss]
    came = [r for r in rows if r.came]
    early = sum(r.miss == EARLIER for r in missed)
    return [
        "# What it got wrong",
        "",
        "Written by `make misses` from the program's own back-tests; a test holds that the page says what they say. Nothing here "
        "was seen by the model or the pace that is judged: each campus was left out, with all within 25 km, before its place was "
        "scored, and each date is estimated by a pace fitted to the other campuses. What it got right stands in "
        "[learned-score.md](learned-score.md) and [power-dates.md](power-dates.md).",
        "",
        f"- **Place.** {_below(campuses, POOR)} of {len(campuses)} campuses stand on land outside its best 10 %, "
        f"{_below(campuses, FAIR)} outside its best 5 %. The worst: "
        + ", ".join(f"{c.name} ({c.fused:.1%} of all land scores lower)" for c in worst)
        + ".",
        f"- **Date.** {len(missed)} of {len(came)} dates that have come lie outside P10 to P90, where a fifth would be expected: "
        f"{early} earlier, {len(missed) - early} later.",
        "",
    ]


def _below(campuses: Sequence[Placed], share: float) -> int:
    return sum(c.fused < share for c in campuses)


def _places(campuses: Sequence[Placed]) -> Iterator[str]:
    """Campuses that it would not have looked at, and those that the learned part lowered."""
    yield from ("## Campuses that it ranks low", "")
    yield (
        "Share of all land that scores lower than the campus. A campus below 95 % would not be among the land that anybody looks "
        "at first. *Held back by* is the part of the score that puts it lower."
    )
    yield from ("", "| campus | MW | fused | weighted | learned | held back by |", "|---|--:|--:|--:|--:|---|")
    for c in sorted(campuses, key=lambda c: c.fused):
        if c.fused < FAIR:
            part = "the criteria" if c.weighted < c.learned else "the learned part"
            yield f"| {c.name} | {_mw(c.mw)} | {c.fused:.1%} | {c.weighted:.1%} | {c.learned:.1%} | {part} |"
    yield ""
    yield (
        "What to make of it: on remote land with one strong line, read the weighted and the learned score apart, and look at "
        "`near_misses.csv` and the disagreement layer of the map before such land is crossed out."
    )
    yield ""
    yield from ("## Campuses that the learned part makes worse", "")
    lowered = [c for c in campuses if c.fused < c.weighted - LOWERED]
    if not lowered:
        yield from ("None by more than one point.", "")
        return
    yield "More than one point lower with the learned part than by the criteria alone."
    yield from ("", "| campus | MW | weighted | fused | points lost |", "|---|--:|--:|--:|--:|")
    for c in sorted(lowered, key=lambda c: c.fused - c.weighted):
        yield f"| {c.name} | {_mw(c.mw)} | {c.weighted:.1%} | {c.fused:.1%} | {100 * (c.weighted - c.fused):.1f} |"
    yield ""


def _mw(mw: float | None) -> str:
    return "not said" if mw is None else f"{mw:,.0f}"


def _beaten(splits: Mapping[str, Any]) -> Iterator[str]:
    """Where a rule that anybody can apply does as well as the score of the list, or better."""
    yield from ("## Where a plain rule does as well or better", "")
    yield "The score of the list against rules without any learning, on campuses that were held out."
    yield from ("", "| campuses held out | measure | rule | its figure | fused score |", "|---|---|---|--:|--:|")
    losses = 0
    for key, title in SPLITS.items():
        models, count = splits[key]["models"], splits[key]["campuses"]
        for measure, (heading, share) in MEASURES.items():
            ours = models[FUSED][measure]
            for rule in RULES:
                theirs = models[rule][measure]
                if theirs >= ours:
                    losses += 1
                    yield f"| {title} ({count}) | {heading} | {rule} | {_figure(theirs, share)} | {_figure(ours, share)} |"
    yield from ("", f"{losses} of {len(SPLITS) * len(MEASURES) * len(RULES)} comparisons.", "")


def _figure(value: float, share: bool) -> str:  # noqa: FBT001 - a column of the table
    return f"{value:.0%}" if share else f"{value:.3f}"


def _dates(rows: Sequence[DateRow], dates: Mapping[str, Any]) -> Iterator[str]:
    """Dates outside their ranges, dates overdue, and events where a constant does better."""
    yield from ("## Dates outside P10 to P90", "")
    yield f"Months from the commitment; last look {dates['looked']}. A date that had not come by then counts where it is overdue."
    yield from ("", "| campus | market region | event | estimate: P10 / P50 / P90 | what happened | months outside |")
    yield "|---|---|---|---|---|--:|"
    for r in sorted((r for r in rows if r.miss), key=lambda r: (-r.by_months, r.campus, RESULTS.index(r.event))):
        came = f"{r.miss}: after {r.months:.0f}" if r.came else f"{OVERDUE} after {r.months:.0f}"
        yield f"| {r.campus} | {r.region or 'none'} | {EVENTS[r.event]} | {_months(r)} | {came} | {r.by_months:.0f} |"
    yield from ("", "## How far the middle estimate was off", "")
    yield "Of dates that have come: realised months less P50. *Earlier* means that power came before the middle estimate."
    yield from ("", "| event | dates | earlier than P50 | median error | largest error |", "|---|--:|--:|--:|---|")
    for event in RESULTS:
        off = [(r.months - r.p50, r.campus) for r in rows if r.event == event and r.came and r.p50 is not None]
        if off:
            size, campus = max(off, key=lambda o: abs(o[0]))
            middle = float(np.median([o[0] for o in off]))
            yield f"| {EVENTS[event]} | {len(off)} | {sum(o[0] < 0 for o in off)} | {middle:+.0f} | {size:+.0f} ({campus}) |"
    yield from ("", "## Where what others took is the better estimate", "")
    better = [e for e, s in dates["scores"].items() if s["constant_realised_months"] <= s["crps_realised_months"]]
    if not better:
        yield "Nowhere: on dates that have come the estimate is nearer than the realised months of the others, for every event."
        return
    yield "Mean error of the whole range (CRPS, months) on dates that have come, beside the realised months of the others."
    yield from ("", "| event | dates | estimate | what others took |", "|---|--:|--:|--:|")
    for event in better:
        s = dates["scores"][event]
        yield f"| {EVENTS[event]} | {s['realised']} | {s['crps_realised_months']:.1f} | {s['constant_realised_months']:.1f} |"


def _months(row: DateRow) -> str:
    return " / ".join("never" if m is None else f"{m:.0f}" for m in (row.p10, row.p50, row.p90))


def refreshed(text: str, report: str) -> str:
    """A page with the tables of ``backtest.md`` in the place of its own with the same heads; prose and other tables stay.

    Tables of the same head are taken in order; heads are compared without what stands in brackets, which are figures too.

    Parameters
    ----------
    text : str
        ``docs/learned-score.md``.
    report : str
        ``backtest.md``.
    """
    tables: dict[str, list[list[str]]] = {}
    for block in _blocks(report):
        if block[0].startswith("|"):
            tables.setdefault(_head_of(block[0]), []).append(block)
    lines: list[str] = []
    for block in _blocks(text):
        same = tables.get(_head_of(block[0])) if block[0].startswith("|") else None
        lines += same.pop(0) if same else block
    return "\n".join(lines) + "\n"


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines of a text, those of a table together."""
    for is_table, group in itertools.groupby(text.splitlines(), lambda line: line.startswith("|")):
        lines = list(group)
        yield from [lines] if is_table else [[line] for line in lines]


def _head_of(line: str) -> str:
    return re.sub(r"\([^)]*\)", "", line)
