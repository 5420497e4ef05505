"""First half of the memo: the ask, the set, when power comes, what it costs and who pays."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sitefinder.financing.joint import QUANTILES
from sitefinder.reports.memo import words
from sitefinder.reports.memo.document import Block, Bullets, Drawing, Fields, Heading, Inline, Para, Table
from sitefinder.reports.memo.drawing import Outlines, country, curve

LENDERS = {"jbic": "JBIC loans", "nexi": "Bank loans with a NEXI guarantee", "megabank": "Bank loans without a guarantee"}
SCOPE = {"power": "power and sites", "campus": "power, sites and buildings"}


def opening(f: Fields, outlines: Outlines) -> list[Block]:
    """Blocks of the first half.

    Parameters
    ----------
    f : Fields
    outlines : sequence of shapely geometry
        States, EPSG:5070.
    """
    return [*ask(f), *the_set(f, outlines), *dates(f), *money(f)]


def priced(f: Fields, path: str) -> list[Inline]:
    """A price of power or of rent with its unit."""
    if f.get("terms.scope") == "campus":
        return [f.val(path, "usd"), " per kW of computers and month"]
    return [f.val(path, "usd"), " per MWh"]


def income_path(f: Fields) -> str:
    """Field of the price that tenants are assumed to pay."""
    return "terms.income.rent_usd_kw_month" if f.get("terms.scope") == "campus" else "terms.income.delivered_usd_mwh"


def ask(f: Fields) -> list[Block]:
    """Title, request, and the short answer."""
    head: list[Inline] = ["To the investment committee. A screen of public data, in US dollars of ", f.val("terms.year", "year")]
    return [
        Heading(["Memo: ", f.val("set.count", "count"), " campuses of ", f.val("project.mw", "mw")], 1),
        Para([*head, ". It replaces no study, offer or advice."], small=True),
        *([Para([f.val("project.deadline_words", "text")], lead=True)] if f.get("project.deadline_words") else []),
        Heading("The ask"),
        Para(_request(f)),
        *_steps(f),
        Para(_view(f)),
        Bullets([*_when(f), _cover_line(f), *_split_line(f), _ready_line(f)]),
    ]


def all_ready(f: Fields) -> bool:
    """Whether public data show every condition met at every campus."""
    return bool(f.get("set.verdicts.ready on public data") == f.get("set.count"))


def carries(f: Fields) -> bool:
    """Whether cash covers debt service as lenders ask, on the most likely figures."""
    return (f.get("set.money.dscr.mid") or 0.0) >= float(f.get("terms.tests.dscr"))


def _request(f: Fields) -> list[Inline]:
    """The request and the capital that it would take."""
    scope = SCOPE[str(f.get("terms.scope"))]
    count: list[Inline] = [f.val("set.count", "count"), " campuses, chosen together out of "]
    count += [f.val("portfolio.sites.listed", "count"), " sites"]
    amount: list[Inline] = [
        f.val("joint.uses.p50", "musd"), " for ", scope, " in the middle of the draws; eight draws of ten lie between ",
        f.val("joint.uses.p10", "musd"), " and ", f.val("joint.uses.p90", "musd"), ". ",
    ]  # fmt: skip
    if f.get("terms.scope") == "power":
        amount += ["Buildings would take another ", f.val("set.facility.mid", "musd"),
                   "; they and the computers are the tenants' and not in this memo. "]  # fmt: skip
    if all_ready(f) and carries(f):
        return ["We ask the committee to commit to ", *count, ". That takes ", *amount]
    sum_: list[Inline] = []
    if f.get("steps.list"):
        ends = f.span("steps.musd", "musd_fine", ("p10", "p90"))
        sum_ = [": ", f.val("steps.musd.p50", "musd_fine"), " (eight draws of ten: ", *ends, ") for the steps below"]
    return ["We ask the committee to take the next steps with ", *count, *sum_, ". We ask for no capital today. If every "
            "condition is met, the capital is ", *amount]  # fmt: skip


def _steps(f: Fields) -> list[Block]:
    """What is asked for: sum, order, owner, dates and stop rule of each step; nothing where the terms name no steps."""
    rows: list[list[Sequence[Inline]]] = []
    for i in range(len(f.get("steps.list") or [])):
        at = f"steps.list.{i}"
        rows.append([
            [f.val(f"{at}.title")], [f.val(f"{at}.owner")],
            [f.val(f"{at}.musd.p50", "musd_fine"), " (", *f.span(f"{at}.musd", "bare_musd", ("p10", "p90")), ")"],
            [f.val(f"{at}.due", "month"), " (", f.val(f"{at}.latest", "month"), ")"], _stop(f, f"{at}.stop"),
        ])  # fmt: skip
    if not rows:
        return []
    unpriced: list[Inline] = []
    if f.get("steps.land_unknown"):
        unpriced = [" Land without a price, left out: ", f.val("steps.land_unknown", "count"), " campuses."]
    head: list[Inline] = [
        "Step, at every campus",
        "Owner",
        "Sum, set (range)",
        "Done by (at the latest)",
        "Stop there if",
    ]
    note: list[Inline] = [
        "Steps begin in ", f.val("steps.start", "month"), ", in this order. A campus that meets a stop rule is dropped, and one "
        "of the runner-up's takes its place. Sums are joint draws over the campuses; ranges and their sources stand under next "
        "steps in config/assumptions/financing.yaml.", *unpriced,
    ]  # fmt: skip
    return [Table(head, rows, (2, 3), note)]


def _stop(f: Fields, path: str) -> list[Inline]:
    """A stop rule, with the first megawatts and their date in it."""
    values = {"{mw}": f.val("terms.first_power_mw", "mw"), "{date}": f.val("clock.allocate_by", "day")}
    marks = re.split(r"(\{mw\}|\{date\})", str(f.get(path)))
    return [values.get(piece, piece) for piece in marks if piece]


def _view(f: Fields) -> list[Inline]:
    """The recommendation in a few sentences."""
    first = (
        "On the most likely figures the set carries its debt. "
        if carries(f)
        else "On the most likely figures the set does not carry its debt as lenders ask. "
    )
    if all_ready(f):
        return [first, "Public data show nothing against any of the campuses."]
    likely: list[Inline] = [f.val("set.likely_first", "or_none"), " of the ", f.val("set.count", "count")]
    return [first, "It is not ready enough for the money: ", *likely, " campuses have an even chance of first power by ",
            f.val("clock.allocate_by", "day"), closes(f), ". Release money campus by campus, and only when the "
            "conditions of that campus, under Ready enough, are met."]  # fmt: skip


def closes(f: Fields) -> str:
    """Words after the date of the programme's end."""
    return ", when the programme closes" if f.get("terms.programme.on") else ""


def _when(f: Fields) -> list[list[Inline]]:
    """Megawatts at the two year ends that matter."""
    lines: list[list[Inline]] = []
    at = _year(f, f.get("clock.power_year"))
    if at:
        lines.append(["By the end of ", f.val(f"{at}.year", "year"), ", half of the draws, which are simulated timetables, have ",
                      f.val(f"{at}.p50", "mw"), " or more over the whole set, a lucky tenth ", f.val(f"{at}.p90", "mw"),
                      ". The number of campuses with first power then is ", *f.span("set.expected_first", "ratio"),
                      " on average."])  # fmt: skip
    at = _year(f, f.get("portfolio.terms.compare_year"))
    if at:
        built: list[Inline] = []
        if f.get(f"{at}.expected_built") is not None:
            built = [" Allowing for campuses that are never built, ", f.val(f"{at}.expected_built", "mw"), " are expected."]
        lines.append(["By the end of ", f.val(f"{at}.year", "year"), ": ", f.val(f"{at}.p50", "mw"), " in half of the draws, ",
                      f.val(f"{at}.p10", "mw"), " in the unlucky tenth, if every campus is built.", *built])  # fmt: skip
    return lines


def _year(f: Fields, year: int | None) -> str | None:
    """Path of a year in the curve of the set."""
    rows = f.get("portfolio.set.mw_by_year") or []
    return next((f"portfolio.set.mw_by_year.{i}" for i, row in enumerate(rows) if row["year"] == year), None)


def _cover_line(f: Fields) -> list[Inline]:
    return ["If tenants pay ", *priced(f, f"{income_path(f)}.1"), ", the cash of a year covers its debt service ",
            f.val("set.money.dscr.mid", "cover"), " times; lenders ask for ", f.val("terms.tests.dscr", "cover"),
            ". With everything drawn at once, ", f.val("joint.covered", "whole_share"), " of the draws reach that; ",
            f.val("set.covered", "count"), " of the ", f.val("set.count", "count"), " campuses do on their own."]  # fmt: skip


def _split_line(f: Fields) -> list[list[Inline]]:
    """Debt service against the programme's split of cash; nothing without the programme."""
    if not f.get("terms.programme.on"):
        return []
    cover = f.get("set.money.lender_cover.mid") or 0.0
    line: list[Inline] = [
        "The programme gives Japan ", f.val("terms.programme.lender_share_until_repaid", "whole_share"),
        " of the cash until its money is repaid. That share alone pays ", f.val("set.money.lender_cover.mid", "cover"),
        " times the debt service",
    ]  # fmt: skip
    if cover >= 1.0:
        return [[*line, ", so loans and split fit together."]]
    return [[*line, ". Loans and split do not fit together unless debt is served first, or tenants pay ",
             *priced(f, "set.money.price_split.mid"), "."]]  # fmt: skip


def _ready_line(f: Fields) -> list[Inline]:
    return ["Campuses at which public data show every condition met: ", f.val("set.verdicts.ready on public data", "or_none"),
            ". With one that cannot be told: ", f.val("set.verdicts.not shown", "or_none"), ". With one that is not met: ",
            f.val("set.verdicts.not ready", "or_none"), "."]  # fmt: skip


def the_set(f: Fields, outlines: Outlines) -> list[Block]:
    """Map and table of the set."""
    rows: list[list[Sequence[Inline]]] = []
    for key in f.get("set.sites"):
        at = f"sites.{key}"
        chance: list[Inline] = f.span(f"{at}.chance", "whole_share") if f.get(f"{at}.chance") else ["unknown"]
        ranks: list[Inline] = [" (", *f.span(at, "count", ("rank_p05", "rank_p95")), ")"] if f.get(f"{at}.rank_p05") else []
        rows.append([
            f.place(key), [f.val(f"{at}.rank", "count"), *ranks], [f.val(f"{at}.rto")], [f.val(f"{at}.pathway", "pathway")],
            [f.val(f"{at}.first_200mw_p50", "month")], [f.val(f"{at}.full_load_p50", "month")], chance,
            [f.val(f"{at}.money.uses.mid", "bare_busd"), " (", *f.span(f"{at}.money.uses", "bare_busd"), ")"],
            [f.val(f"{at}.money.dscr.mid", "cover"), " (", f.val(f"{at}.money.dscr.alone_low", "cover"), ")"],
            [f.val(f"{at}.risk_bp.mid", "bp")],
        ])  # fmt: skip
    head: list[Inline] = [
        "Place", "Rank (nine draws of ten)", "Market", "Power from", "First power", "Full load", "Chance by the date",
        "Total uses, billion",
        "Cover (worst)", "Site risk",
    ]  # fmt: skip
    note: list[Inline] = [
        "First power means ", f.val("terms.first_power_mw", "mw"), ". First power and full load: the month by which half of the "
        "draws have it. Chance: of first power by ", f.val("clock.allocate_by", "day"), closes(f), ". Uses: most likely, then "
        "the range. Worst: with one thing alone at its worse end. Site risk: basis points that the site adds to the spread of "
        "its loans. Ranks: of the run, and between which they lie in nine draws of ten of weights and errors; places whose "
        "ranges overlap cannot be told apart by this screen.",
    ]  # fmt: skip
    caption = ["Filled: the set. Open: campuses that only the runner-up has. Numbers are ranks in the country."]
    return [Heading("The set"), Drawing(country(f, outlines), caption), Table(head, rows, (7, 10), note), Para(_why_together(f))]


def _why_together(f: Fields) -> list[Inline]:
    """Gain of choosing the set together over taking the top of the list, and the limits that bind."""
    rules = f.get("portfolio.regret") or []
    at = next((i for i, r in enumerate(rules) if r["rule"] == "first of the list that fit"), None)
    parts: list[Inline] = [
        "The campuses are chosen together, because neighbours compete for the same station, pipeline and river. Worth is what "
        "their megawatts earn over the years, less energy and site capital, and unlucky draws weigh more. "
    ]
    if at is not None and (rules[at]["this_set_gains_busd"] or 0) > 0:
        parts += ["Against simply walking down the list within the same limits, the set is worth ",
                  f.val(f"portfolio.regret.{at}.this_set_gains_busd", "busd"), " more. "]  # fmt: skip
    binding = [i for i, x in enumerate(f.get("portfolio.limits") or []) if x["binding"]]
    if binding:
        parts.append("Limits that bind: ")
        for n, i in enumerate(binding):
            gain = "gain_per_step_busd" if f.get(f"portfolio.limits.{i}.gain_per_step_busd") else "gain_without_busd"
            step: Inline = ["a step of ", f.val(f"portfolio.limits.{i}.step")] if gain == "gain_per_step_busd" else "dropping it"
            parts += ["; " if n else "", words.limit(str(f.get(f"portfolio.limits.{i}.limit"))), " (", step, " would add ",
                      f.val(f"portfolio.limits.{i}.{gain}", "busd"), ")"]  # fmt: skip
        parts.append(".")
    return parts


def dates(f: Fields) -> list[Block]:
    """Megawatts by year."""
    years = f.get("portfolio.set.mw_by_year") or []
    if not years:
        return []
    kept = [i for i, row in enumerate(years) if row["p90"]] or [len(years) - 1]
    kept = list(range(max(kept[0] - 1, 0), len(years)))
    full = next((i for i in kept if years[i]["p10"] == years[-1]["p10"]), kept[-1])
    kept = [i for i in kept if i <= full]
    base = "portfolio.set.mw_by_year"
    rows: list[list[Sequence[Inline]]] = [
        [label, *([f.val(f"{base}.{i}.{q}", "count")] for i in kept)]
        for label, q in ((["Unlucky tenth"], "p10"), (["Half of the draws"], "p50"), (["Lucky tenth"], "p90"))
    ]
    head: list[Inline] = ["Megawatts at the end of", *(f.val(f"{base}.{i}.year", "year") for i in kept)]
    caption: list[Inline] = [
        "Megawatts of the whole set at year ends: line, half of the draws; band, from the unlucky to the lucky tenth; "
        "if every campus is built."
    ]
    return [Heading("When the power comes"), Drawing(curve(f, base, kept), caption), Table(head, rows, (1, len(head)))]


def money(f: Fields) -> list[Block]:
    """Uses, sources, cover and cost of delay."""
    lines = [("Capital", "capital"), ("Interest and fees while building", "carry"), ("Total uses", "uses"), ("Equity", "equity")]
    lines += [(LENDERS[k], k) for k, share in f.get("terms.structure.debt").items() if share > 0]
    lines += [("Debt service a year", "service"), ("Cash for debt service a year", "cash")]
    rows: list[list[Sequence[Inline]]] = [
        [[label], *([f.val(f"joint.{key}.{end}", "musd")] for end in QUANTILES)] for label, key in lines
    ]
    stress = sorted(f.get("set.stress") or {}, key=lambda g: f.get(f"set.stress.{g}.worse"))
    table: list[list[Sequence[Inline]]] = [
        [[words.WORSE[g]], [f.val(f"set.stress.{g}.worse", "cover")], [f.val(f"set.stress.{g}.better", "cover")]] for g in stress
    ]
    scope = SCOPE[str(f.get("terms.scope"))]
    return [
        Heading("What it costs and who pays"),
        Table([f"Whole set, {scope}", "Lucky tenth below", "Middle", "Unlucky tenth above"], rows, (1, 4), _joint_note(f)),
        Para(_tranche(f)),
        _side_by_side(f),
        Para(_terms_of(f)),
        Para(_cost_of_power(f)),
        Table(["Cover of debt service if one thing alone changes", "For the worse", "For the better"], table, (1, 3),
              ["Most likely: ", f.val("set.money.dscr.mid", "cover"), ". Asked: ", f.val("terms.tests.dscr", "cover"), "."]),
        *_shared(f),
        Para(["Waiting: a month later costs the owners ", f.val("set.money.delay.mid", "musd"),
              " of value, and the tenants' computers ", *f.span("set.money.tenant_delay", "musd"),
              " of revenue, as claimed publicly; it is not profit. The whole capital is what those computers would earn in ",
              f.val("set.uses_in_months", "number"), " months, so to tenants early power matters more than cheap power."]),
    ]  # fmt: skip


def _joint_note(f: Fields) -> list[Inline]:
    """How the columns of the money are made."""
    return [f.val("joint.draws", "count"), " draws of all inputs at once; the tenth, the half and nine tenths of each line on "
            "its own, so that the lines of a column do not add up. The middle lies above the most likely uses, ",
            f.val("set.money.uses.mid", "musd"), ", because ranges reach further up than down. Adding every low end would give ",
            f.val("set.money.uses.low", "musd"), ", every high end ", f.val("set.money.uses.high", "musd"), ": what the items "
            "span, not what is likely. For cash, the first column is the poor one."]  # fmt: skip


def _tranche(f: Fields) -> list[Inline]:
    """Whether the budget of the choice, the first published tranche, pays for the set."""
    if f.get("joint.within_budget") is None:
        return ["No budget was set for the choice."]
    return ["The budget of the choice (as shipped, the programme's first published tranche) is ",
            f.val("portfolio.terms.budget_musd", "musd"), ": the capital of the set stays within it in ",
            f.val("joint.within_budget", "whole_share"), " of the draws."]  # fmt: skip


def _side_by_side(f: Fields) -> Block:
    """The programme and the market, most likely figures of the same set."""
    lines = (("Equity, share of all uses", "equity_share", "share"), ("Equity", "equity", "musd"), ("Loans", "debt", "musd"),
             ("Debt service a year", "service", "musd"), ("Cover of debt service", "dscr", "cover"))  # fmt: skip
    rows: list[list[Sequence[Inline]]] = [
        [[label], *([f.val(f"structures.{name}.{key}", kind)] for name in ("programme", "market"))] for label, key, kind in lines
    ]
    rows.append([["Price at which lenders are satisfied"],
                 *(priced(f, f"structures.{name}.price_needed") for name in ("programme", "market"))])  # fmt: skip
    return Table(["The same set, most likely figures", "Under the programme", "As a project on the market"], rows, (1, 3))


def _terms_of(f: Fields) -> list[Inline]:
    """Equity, and the rates and tenors of the lenders."""
    key = f.get("set.sites.0")
    equity: list[Inline] = [f.val("terms.structure.equity.0", "share"), " to ", f.val("terms.structure.equity.2", "share")]
    parts: list[Inline] = ["Equity is ", *equity,
                        " of all uses"]  # fmt: skip
    parts += [" under the published terms of the programme. " if f.get("terms.programme.on") else ". "]
    for name in f.get(f"sites.{key}.rates") or {}:
        keys = f.get("set.sites")
        low = min(keys, key=lambda k: f.get(f"sites.{k}.rates.{name}.mid"))
        high = max(keys, key=lambda k: f.get(f"sites.{k}.rates.{name}.mid"))
        parts += [LENDERS[name], " cost ", f.val(f"sites.{low}.rates.{name}.mid", "share"), " to ",
                  f.val(f"sites.{high}.rates.{name}.mid", "share"), " a year, by the risk of the site, over ",
                  f.val(f"sites.{key}.rates.{name}.tenor", "years"), ". "]  # fmt: skip
    return [*parts, "Site risk adds ", f.val("set.risk_bp.low", "bp"), " to ", f.val("set.risk_bp.high", "bp"),
            " basis points before each lender takes its part of it."]  # fmt: skip


def _cost_of_power(f: Fields) -> list[Inline]:
    return ["Over its life a delivered megawatt-hour costs ", *f.mid_span("set.money.usd_mwh", "usd", alone=True),
            ", energy included, and a megawatt kept ready for a month ",
            *f.mid_span("set.money.usd_mw_month", "thousand_usd", alone=True), ", energy not included. Ranges here change one "
            "thing at a time. To cover debt service as lenders ask, tenants must pay ",
            *priced(f, "set.money.price_needed.mid"), "."]  # fmt: skip


def _shared(f: Fields) -> list[Block]:
    """The split of cash with the programme."""
    if not f.get("terms.programme.on"):
        return []
    return [Para(["The programme's split of cash: half and half until the deemed amount with its interest is repaid, then ",
                  f.val("terms.programme.lender_share_after", "whole_share"), " to Japan. On the most likely figures ",
                  f.val("set.repaid", "count"), " of the ", f.val("set.count", "count"), " campuses have repaid it within the ",
                  f.val("terms.income.years.1", "years"), " counted. Over that time Japan receives ",
                  f.val("set.money.lender_cash.mid", "musd"), " and the US side ",
                  f.val("set.money.host_cash.mid", "musd"), ", before Japan pays its own lenders."])]  # fmt: skip
