"""Second half of the memo: readiness, runner-up, risks, what would change the recommendation, what is not known."""

from __future__ import annotations

from typing import get_args

from sitefinder.financing.clock import PAPERS, Category
from sitefinder.reports.memo import words
from sitefinder.reports.memo.document import Block, Bullets, Fields, Heading, Inline, Para, Table
from sitefinder.reports.memo.opening import priced


def closing(f: Fields) -> list[Block]:
    """Blocks of the second half."""
    return [*ready(f), *runner_up(f), *risks(f), *changes(f), *unknown(f)]


def ready(f: Fields) -> list[Block]:
    """Dates of the programme, conditions and their state, environmental category."""
    rows = []
    for key in f.get("set.gates"):
        at = f"set.gates.{key}"
        counts = [[f.val(f"{at}.{state}", "count")] for state in ("met", "open", "not met")]
        rows.append([[f.val(f"{at}.title")], *counts, [f.val(f"{at}.needs")]])
    clock: list[Inline] = []
    if f.get("terms.programme.on"):
        clock = [
            "A project selected on ", f.val("clock.selected_on", "day"), " has to be funded within ",
            f.val("terms.programme.fund_within_business_days", "count"), " business days, by ", f.val("clock.funded_by", "day"),
            ". The last day on which a selection can still be funded before the programme closes is ",
            f.val("clock.last_selection", "day"), ". ",
        ]  # fmt: skip
    names = {"A": "a full environmental impact assessment", "B": "a lighter review", "C": "a screening form only"}
    category: list[Inline] = ["JBIC's environmental screening would probably ask for "]
    categories: list[Category] = [c for c in get_args(Category) if f.get(f"set.categories.{c}")]
    for n, c in enumerate(categories):
        category += ["; " if n else "", names[c], f" (category {c}) at ", f.val(f"set.categories.{c}", "count"), " campuses"]
    worst: Category = categories[0] if categories else "B"
    return [
        Heading("Ready enough?"),
        Para([*clock, "The case for power rests on evidence of grade ", f.val("clock.power_evidence"),
              " at its weakest, where the scale runs from law and contract at the top to proxies at the bottom."]),
        Table(["Condition", "Met", "Cannot be told", "Not met", "What settles it"], rows, (1, 4),
              ["Number of campuses in each state. Met: public data show it, which replaces no document. Cannot be told: public "
               "data are silent or too coarse, or only a document can show it. Each campus's own data stand in its dossier."]),
        Para([*category, ". Still missing everywhere: ", "; ".join(PAPERS[worst]), ". The bank decides, after its own review."]),
    ]  # fmt: skip


def runner_up(f: Fields) -> list[Block]:
    """Section about the second best set."""
    if not f.get("runner_up.count"):
        return []
    enters = f.get("portfolio.runner_up.enters") or []
    leaves = f.get("portfolio.runner_up.leaves") or []
    return [
        Heading("The runner-up"),
        Para(["The next best set that is really different puts ", *f.names(enters), " in the place of ", *f.names(leaves),
              ". It is worth ", f.val("portfolio.runner_up.loss_busd", "busd"), " less by the measure of the choice. "
              "Its uses are ",
              f.val("runner_up.money.uses.mid", "musd"), " against ", f.val("set.money.uses.mid", "musd"), ", its cover ",
              f.val("runner_up.money.dscr.mid", "cover"), " against ", f.val("set.money.dscr.mid", "cover"),
              ", and first power by the date reaches ", *f.span("runner_up.expected_first", "ratio"), " campuses against ",
              *f.span("set.expected_first", "ratio"), ". ", _preferred(f)]),
        *_regret(f),
    ]  # fmt: skip


def _regret(f: Fields) -> list[Block]:
    """What other ways to choose would give up, in plain words."""
    rules = {r["rule"]: i for i, r in enumerate(f.get("portfolio.regret") or [])}
    parts: list[Inline] = []
    for rule, said in words.REGRET.items():
        gain = f.get(f"portfolio.regret.{rules[rule]}.this_set_gains_busd") if rule in rules else None
        if gain:
            path = f"portfolio.regret.{rules[rule]}.this_set_gains_busd"
            breaks = f.get(f"portfolio.regret.{rules[rule]}.breaks")
            parts += [said, " would give up " if gain > 0 else " would gain ", f.val(path, "busd_size"),
                      ", and breaks limits of the choice. " if breaks else ". "]  # fmt: skip
    return [Para(["What we would regret: ", *parts])] if parts else []


def _preferred(f: Fields) -> str:
    """The set that a lender alone would prefer, and the reason for the recommendation."""
    ours, other = f.get("set.money.dscr.mid") or 0.0, f.get("runner_up.money.dscr.mid") or 0.0
    if other > ours:
        return "A lender alone would prefer the runner-up; the set earns more over the years, and the two are close."
    return "A lender alone would prefer the set as well."


def _condition(f: Fields, key: str) -> list[Inline]:
    """Number of campuses that do not meet a condition, and of those where it is open."""
    at = f"set.gates.{key}"
    if not f.get(at):
        return ["at no campus"]
    if not f.get(f"{at}.not met") and not f.get(f"{at}.open"):
        return ["met at all ", f.val(f"{at}.met", "count"), " by this screen"]
    return ["not met at ", f.val(f"{at}.not met", "or_none"), ", cannot be told at ", f.val(f"{at}.open", "or_none")]


def risks(f: Fields) -> list[Block]:
    """Risks, their size, and what helps against them."""
    rows: list[list[list[Inline]]] = [
        [["Power comes after the date"], _condition(f, "first_power"),
         ["Order transformers and turbines now; a first phase on engines; offers with dates and penalties"]],
        [["The station cannot carry the load"], _condition(f, "headroom"),
         ["Load studies before money; smaller first phases; own generation"]],
        [["The pipeline cannot feed the plant"], _condition(f, "gas"),
         ["Firm transport from two companies, signed before drawdown"]],
        [["Water runs short in a dry year"], _condition(f, "water"), ["Dry cooling; reclaimed water; storage"]],
        [["Capital runs over"], ["cover falls to ", f.val("set.stress.capital.worse", "cover")],
         ["Options on land at a fixed price; fixed-price contracts for plant"]],
        [["Tenants pay less"], ["cover falls to ", f.val("set.stress.income.worse", "cover")],
         ["Take-or-pay contracts as long as the loans, signed before drawdown"]],
        [["Interest rises, or loans are short"], ["cover falls to ", f.val("set.stress.rates.worse", "cover")],
         ["Swap at the close; one tenor for all lenders"]],
    ]  # fmt: skip
    rows.insert(1, [["The county or its neighbours say no"], _precedents(f),
                    ["Ask the county before land is optioned; terms on noise, water and taxes in writing"]])  # fmt: skip
    if f.get("terms.programme.on"):
        rows.append([["Half of the cash goes to the other side before the debt is paid"],
                     ["Japan's half pays ", f.val("set.money.lender_cover.mid", "cover"), " times the debt service"],
                     ["Agree that debt service comes before the split"]])  # fmt: skip
    return [Heading("Risks and what helps"), Table(["Risk", "How large here", "What helps"], rows)]


#: named events shown of the set
_NAMED = 3


def _precedents(f: Fields) -> list[Inline]:
    """Contested projects that are named near the campuses, and how many campuses have none on record."""
    keys = f.get("set.sites")
    named = [k for k in keys if f.get(f"sites.{k}.contested_first")]
    silent: list[Inline] = [f.val("set.silent_precedents", "count"), " campuses have no named project within reach, which is no "
                            "consent"]  # fmt: skip
    events: list[Inline] = []
    for key in named[:_NAMED]:
        events += [*f.place(key), ": ", f.val(f"sites.{key}.contested_first"), "; "]
    return [*events, *silent]


def changes(f: Fields) -> list[Block]:
    """What would change the recommendation."""
    room = f.get("set.money.capital_room.mid") or 0.0
    items: list[list[Inline]] = [
        ["The price. Below ", *priced(f, "set.money.price_needed.mid"), " the set no longer covers debt service as lenders ask."],
    ]
    if room > 0:
        items.append(["Capital. An overrun of more than ", f.val("set.money.capital_room.mid", "whole_share"),
                      " uses up the margin that lenders ask for; the high end lies ",
                      f.val("set.capital_high_over_mid", "whole_share"),
                      " above the most likely figure, mostly for land and plant."])  # fmt: skip
    short = f.get("set.short") or []
    if short:
        items.append(["Single campuses. Short of the cover asked when financed alone: ", *f.names(short), ". Ask a higher price "
                      "there, or leave them out."])  # fmt: skip
    weak = _dispensable(f)
    if weak is not None:
        key = str(f.get(f"portfolio.members.{weak}.site_id"))
        items.append(["The campus missed least. Without ", *f.place(key), " the best set loses only ",
                      f.val(f"portfolio.members.{weak}.loss_without_busd", "busd"), ": if a condition fails there, "
                      "replace it."])  # fmt: skip
    for i, change in enumerate(f.get("portfolio.robust.changes") or []):
        if change["enters"]:
            items.append(
                ["With ", f.val(f"portfolio.robust.changes.{i}.about"), ", ", *f.names(change["enters"]), " would enter."]
            )
    items.append(["A dated offer. One utility that promises first power before ", f.val("clock.allocate_by", "day"),
                  " in writing outweighs every estimate here; a month is worth ", *f.span("set.money.tenant_delay", "musd"),
                  " of revenue to the tenants of the set."])  # fmt: skip
    return [Heading("What would change the recommendation"), Bullets(items)]


def _dispensable(f: Fields) -> int | None:
    """Index of the member whose loss would cost least."""
    members = f.get("portfolio.members") or []
    losses = [(m["loss_without_busd"], i) for i, m in enumerate(members) if m.get("loss_without_busd") is not None]
    return min(losses)[1] if losses else None


def unknown(f: Fields) -> list[Block]:
    """What is not known, and the source of the figures."""
    items: list[list[Inline]] = [[line] for line in words.NOT_KNOWN]
    items.append(["Who has water to spare. Public suppliers to ask, by the service areas in or near which campuses lie: ",
                  *[["; " if n else "", f.place(k), ": ", f.val(f"sites.{k}.water_supplier")]
                    for n, k in enumerate(f.get("set.sites"))], ". Rights to water stand in the dossiers."])  # fmt: skip
    left = [k for k in f.get("set.sites") if f.get(f"sites.{k}.capex_leaves_out")]
    if left:
        items.append(["Items left out of capital because they are unknown: ",
                      *[["; " if n else "", f.place(k), ": ", f.val(f"sites.{k}.capex_leaves_out")] for n, k in enumerate(left)],
                      "."])  # fmt: skip
    if f.get("set.missing"):
        items.append(["Campuses without a financing, because columns are unknown: ",
                      *f.names([k for k in f.get("set.sites") if f.get(f"sites.{k}.missing")]), "."])  # fmt: skip
    return [
        Heading("What is not known"),
        Bullets(items),
        Para(["Every number comes from a field of financing.json; the page shows its name under the pointer. Terms with their "
              "sources: config/assumptions/financing.yaml. Run ", f.val("project.fingerprint"), ", wanted for ",
              f.val("project.energise_by", "month"), "."], small=True),
    ]  # fmt: skip
