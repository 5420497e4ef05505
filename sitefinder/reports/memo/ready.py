"""One page: is the project ready enough to be announced by a day? Conditions, evidence, clock."""

from __future__ import annotations

from collections.abc import Sequence

from sitefinder.reports.memo.document import Block, Bullets, Fields, Heading, Inline, Para, Table

#: words for how a step stands to the day
TIMING = {
    "in time": "in time",
    "likely": "likely in time",
    "at best": "only if all goes fast",
    "too late": "too late",
    "no step": "no step brings it",
}


def ready_page(f: Fields) -> list[Block]:
    """Blocks of the page.

    Parameters
    ----------
    f : Fields
        Of the tree of :func:`sitefinder.financing.readiness.readiness`.
    """
    return [
        Heading(["Ready enough to be announced by ", f.val("ready.day", "day"), "?"], 1),
        Para(["A screen of public data for ", f.val("project.name"), ": ", f.val("set.count", "count"), " campuses of ",
              f.val("project.mw", "mw"), ". It replaces no study, offer or advice."], small=True),
        Para(_answer(f), lead=True),
        Heading("The clock"),
        Para(_clock(f)),
        Heading("The conditions"),
        _conditions(f),
        Heading("The campuses"),
        _campuses(f),
        Heading("The evidence"),
        Para(_evidence(f)),
        Heading("What would make it ready"),
        Bullets(_remedies(f)),
        Para(["Every number comes from a field of ready.json; the page shows its name under the pointer. Steps and their months: "
              "next steps in config/assumptions/financing.yaml. Run ", f.val("project.fingerprint"), "."], small=True),
    ]  # fmt: skip


#: what is said of the campuses of each standing, best first
SAID = {
    "ready if the papers are clean": "can have every paper in hand by then",
    "only if all goes fast": "only if all goes fast",
    "not by then": "cannot have every paper by then",
    "not met": "fail a condition by public data already",
}


def _answer(f: Fields) -> list[Inline]:
    """Yes, in part or no, the counts behind it, and the condition that fails most often."""
    count, ready = f.get("set.count"), f.get("ready.standing.ready if the papers are clean")
    word = "Yes, if every paper comes back clean" if ready == count else "In part" if ready else "No"
    parts: list[Inline] = [word, ". Of ", f.val("set.count", "count"), " campuses, "]
    counted = [name for name in SAID if f.get(f"ready.standing.{name}")]
    for n, name in enumerate(counted):
        parts += ["; " if n else "", f.val(f"ready.standing.{name}", "count"), f" {SAID[name]}"]
    parts.append(". ")
    worst = max(f.get("ready.conditions"), key=lambda key: f.get(f"ready.conditions.{key}.not met"))
    if f.get(f"ready.conditions.{worst}.not met"):
        at = f"ready.conditions.{worst}"
        parts += ["What fails most often: ", f.val(f"{at}.title"), ", at ", f.val(f"{at}.not met", "count"), ". "]
    return [*parts, "No paper is in hand today, as far as this screen can see."]


def _clock(f: Fields) -> list[Inline]:
    parts: list[Inline] = [
        "From the start of the steps in ", f.val("project.start", "month"), " it is ", f.val("ready.days", "count"),
        " days to the day. ",
    ]  # fmt: skip
    if f.get("terms.programme.on"):
        parts += ["A project selected on that day has to be funded by ", f.val("ready.funded_by", "day"), ". "]
        parts += ["That fits into the programme, which closes on " if f.get("ready.in_programme") else
                  "That is too late for the programme, which closes on ", f.val("clock.allocate_by", "day"),
                  "; the last day of a selection is ", f.val("clock.last_selection", "day"), ". "]  # fmt: skip
    likely: list[Inline] = [f.val("set.likely_first", "or_none"), " of the ", f.val("set.count", "count")]
    return [*parts, "After the announcement the clock is that of power: ", *likely, " campuses have an even chance of their "
            "first ", f.val("terms.first_power_mw", "mw"), " by ", f.val("clock.allocate_by", "day"), "."]  # fmt: skip


def _conditions(f: Fields) -> Table:
    """Where each condition stands today, what settles it, and when."""
    rows: list[list[Sequence[Inline]]] = []
    for key in f.get("ready.conditions"):
        at = f"ready.conditions.{key}"
        when: list[Inline] = ["none"]
        if f.get(f"{at}.due"):
            when = [f.val(f"{at}.due", "month"), " (", f.val(f"{at}.latest", "month"), ")"]
        counts = [[f.val(f"{at}.{state}", "count")] for state in ("met", "open", "not met")]
        timing = TIMING[str(f.get(f"{at}.timing"))] if f.get(f"{at}.open") else "met"
        if f.get(f"{at}.not met"):
            timing = "not met, unless a paper says otherwise"
        rows.append([[f.val(f"{at}.title")], *counts, [f.val(f"{at}.needs")], when, [timing]])
    head = ["Condition", "Met", "Cannot be told", "Not met", "What settles it", "In hand (at the latest)", "By the day"]
    note = [
        "Number of campuses in each state today, by public data. In hand: month of the step that brings the paper at the slowest "
        "campus, most likely and at the latest. A met condition wants its paper all the same."
    ]
    return Table(head, rows, (1, 4), note)


def _campuses(f: Fields) -> Table:
    """Each campus: what is against it, when its papers can be in hand, and what follows."""
    rows: list[list[Sequence[Inline]]] = []
    for key in f.get("set.sites"):
        at, site = f"ready.campuses.{key}", f"sites.{key}"
        chance: list[Inline] = f.span(f"{site}.chance", "whole_share") if f.get(f"{site}.chance") else ["unknown"]
        papers: list[Inline] = ["none wanted"]
        if f.get(f"{at}.papers_due"):
            papers = [f.val(f"{at}.papers_due", "month"), " (", f.val(f"{at}.papers_latest", "month"), ")"]
        against: Inline = f.val(f"{at}.against") if f.get(f"{at}.against") else "nothing that public data show"
        rows.append([f.place(key), [f.val(f"{site}.first_200mw_p50", "month")], chance, [f.val(f"{site}.evidence_site_grade")],
                     [against], papers, [f.val(f"{at}.standing")]])  # fmt: skip
    head = ["Place", "First power", "Chance by the programme's end", "Evidence", "Not met", "Papers in hand (at the latest)",
            "On the day"]  # fmt: skip
    return Table(head, rows, (0, 0), ["First power: month by which half of the draws have it."])


def _evidence(f: Fields) -> list[Inline]:
    grades: list[Inline] = []
    for grade in f.get("ready.grades"):
        grades += [", " if grades else "", f.val(f"ready.grades.{grade}", "count"), " of ", _grade(f, grade)]
    return [
        "By the grade on which most of a campus's points rest: ", *grades, ". The case for power rests on grade ",
        f.val("clock.power_evidence"), " at its weakest; the scale runs from law and contract to proxies.",
    ]  # fmt: skip


def _grade(f: Fields, grade: str) -> Inline:
    """A grade as the value of a campus that has it."""
    for key in f.get("set.sites"):
        if f.get(f"sites.{key}.evidence_site_grade") == grade:
            return ["grade ", f.val(f"sites.{key}.evidence_site_grade")]
    return "unknown grade"


def _remedies(f: Fields) -> list[list[Inline]]:
    """What is against it, and what no step brings; then the order of the steps."""
    items: list[list[Inline]] = []
    undated = f.get("ready.without_date.ready if the papers are clean")
    if undated != f.get("ready.standing.ready if the papers are clean") or f.get("ready.without_date.only if all goes fast"):
        items.append(["A later date of power: without the condition on the first megawatts, ",
                      f.val("ready.without_date.ready if the papers are clean", "or_none"), " campuses would be ready if the "
                      "papers are clean, ", f.val("ready.without_date.only if all goes fast", "or_none"),
                      " only if all goes fast, and ", f.val("ready.without_date.not met", "or_none"),
                      " would still fail another condition."])  # fmt: skip
    for key in f.get("ready.conditions"):
        at = f"ready.conditions.{key}"
        waiting = [k for k in f.get("set.sites") if f.get(f"sites.{k}.gates.{key}.state") == "open"]
        if f.get(f"{at}.timing") == "no step" and waiting:
            items.append(["No step of the plan brings the ", f.val(f"{at}.needs"), " (", f.val(f"{at}.title"), ") for ",
                          *f.names(waiting), ": add one, or leave them out of the announcement."])  # fmt: skip
    against = [key for key in f.get("set.sites") if f.get(f"ready.campuses.{key}.against")]
    if against and len(against) < f.get("set.count"):
        items.append(["Leave out, or announce without a date: ", *f.names(against), "."])
    late = [key for key in f.get("ready.conditions") if f.get(f"ready.conditions.{key}.timing") == "too late"]
    if late:
        items.append(["A later day, or papers begun earlier: too late for the day are ",
                      *[[", " if n else "", f.val(f"ready.conditions.{key}.title")] for n, key in enumerate(late)],
                      "."])  # fmt: skip
    items.append(["Begin every step in ", f.val("steps.start", "month"), " at all campuses at once: together they cost ",
                  f.val("steps.musd.p50", "musd_fine"), " (eight draws of ten: ",
                  *f.span("steps.musd", "musd_fine", ("p10", "p90")), "), without any capital."])  # fmt: skip
    items.append(["Announce places and megawatts wanted, not a date of power, until a utility has promised one in writing."])
    return items
