"""One page: what happens if demand turns? Value of the set on each path of demand, and who bears the loss."""

from __future__ import annotations

from collections.abc import Sequence

from sitefinder.reports.html.markup import Safe, tag
from sitefinder.reports.html.sketch import num, path
from sitefinder.reports.memo.document import Block, Bullets, Drawing, Fields, Heading, Inline, Para, Table
from sitefinder.reports.memo.drawing import FOOT, HEAD, LEFT, WIDE

#: lenders of the table, by name
LENDERS = {"jbic": "JBIC", "nexi": "Banks with a NEXI guarantee, the part not covered", "megabank": "Banks without a guarantee"}
#: height of the chart, and where a number on an axis stands beside it
HIGH, TICK = 150.0, 4.0
#: style of a path, in order
STYLES = ("mid", "slow", "turn")
#: inputs of a path in the table: title, format
INPUTS = {
    "from_year": ("Weak from year", "count"),
    "price": ("Price of what is let again", "whole_share"),
    "let": ("Share let again", "whole_share"),
    "walk": ("Tenants that stop paying", "whole_share"),
    "unused": ("Paid and not used", "whole_share"),
}


def demand_page(f: Fields) -> list[Block]:
    """Blocks of the page.

    Parameters
    ----------
    f : Fields
        Of the tree of :func:`sitefinder.financing.facts.facts`; its ``demand`` is not null.
    """
    keys = list(f.get("demand.paths"))
    return [
        Heading("What happens if demand turns?", 1),
        Para(["The set of ", f.val("demand.campuses", "count"), " campuses after full load, over ",
              f.val("demand.years", "years"), ", in US dollars of ", f.val("terms.year", "year"),
              ". A screen, no forecast: no path has a probability."], small=True),
        Para(_answer(f, keys), lead=True),
        Heading("Value of the set"),
        Table(["Path", "What happens", "Value of the cash", "Less than the first", "Years in which debt is short",
               "Lowest cover"],
              [_value(f, key) for key in keys], (2, 6),
              ["Value: of all cash before debt service, at the start of operation; most likely, then the range from the better "
               "to the worse end of every input of the path. Short: years in which cash does not pay the debt service."]),
        Drawing(_chart(f, keys), [*_caption(f, keys)]),
        Heading("Who bears the loss"),
        _bearers(f, keys),
        Heading("What helps"),
        Bullets(_helps(f, keys)),
        Heading("What the paths assume"),
        _inputs(f, keys),
        Bullets([[f.val(f"demand.paths.{key}.title"), ": ", f.val(f"demand.paths.{key}.source"), "."] for key in keys]),
        Para(["Every number comes from a field of financing.json; the page shows its name under the pointer. Paths and sources: "
              "demand in config/assumptions/financing.yaml. Run ", f.val("project.fingerprint"), "."], small=True),
    ]  # fmt: skip


def _answer(f: Fields, keys: Sequence[str]) -> list[Inline]:
    """The worst path in a sentence or two."""
    at, first = f"demand.paths.{keys[-1]}", f"demand.paths.{f.get('demand.first')}"
    parts: list[Inline] = [
        "If demand turns as on the last path, the set is worth ", f.val(f"{at}.value.mid", "musd"), " instead of ",
        f.val(f"{first}.value.mid", "musd"), ". ",
    ]  # fmt: skip
    if f.get(f"{at}.owners_share") is not None:
        parts += ["Of the loss, owners bear ", f.val(f"{at}.owners_share", "whole_share"), " and lenders ",
                  f.val(f"{at}.lenders_share", "whole_share"), ". "]  # fmt: skip
    if f.get(f"{at}.short_years"):
        return [*parts, "Debt service is short in ", f.val(f"{at}.short_years", "count"), " years, first in year ",
                f.val(f"{at}.first_short", "count"), "."]  # fmt: skip
    return [*parts, "Debt service is paid in every year."]


def _value(f: Fields, key: str) -> list[Sequence[Inline]]:
    at = f"demand.paths.{key}"
    loss: list[Inline] = ["nothing"]
    if f.get(f"{at}.loss.mid"):
        loss = [f.val(f"{at}.loss.mid", "musd"), " (", f.val(f"{at}.loss_share", "whole_share"), ")"]
    return [
        [f.val(f"{at}.title")], [f.val(f"{at}.about")],
        [f.val(f"{at}.value.mid", "musd"), " (", *f.span(f"{at}.value", "musd"), ")"], loss,
        [f.val(f"{at}.short_years", "or_none")], [f.val(f"{at}.lowest_cover", "cover")],
    ]  # fmt: skip


def _bearers(f: Fields, keys: Sequence[str]) -> Table:
    """A line for each who loses, a column for each path but the first."""
    paths = [key for key in keys if key != f.get("demand.first")]
    lines: list[tuple[list[Inline], str]] = [(["Owners (equity and what comes after the debt)"], "owners_loss")]
    lines += [([LENDERS[name]], f"lenders.{name}") for name in f.get(f"demand.paths.{paths[0]}.lenders")]
    if f.get(f"demand.paths.{paths[0]}.lenders.nexi"):
        lines.append((["NEXI, which covers ", f.val("demand.insured_share", "share"), " of a bank's loss"], "insurer_loss"))
    lines.append((["All of them: the loss of value"], "loss"))
    lines.append((["Beside it, tenants, for capacity that they pay and do not use"], "unused"))
    rows: list[list[Sequence[Inline]]] = [
        [title, *([f.val(f"demand.paths.{k}.{field}.mid", "musd"), " (", *f.span(f"demand.paths.{k}.{field}", "musd"), ")"]
                  for k in paths)]
        for title, field in lines
    ]  # fmt: skip
    if f.get("terms.programme.on"):
        first = f"demand.paths.{f.get('demand.first')}"
        for title, field in (("Japan's side of the split, all years", "lender_side"), ("The US side, all years", "host_side")):
            rows.append([[title], *([f.val(f"demand.paths.{k}.{field}.mid", "musd"), " instead of ",
                                     f.val(f"{first}.{field}.mid", "musd")] for k in paths)])  # fmt: skip
    note: list[Inline] = [
        "Debt is served first; what is missing, lenders lose in the shares of their service. Worth at the start of operation, "
        "most likely and range. ",
    ]  # fmt: skip
    if f.get("terms.programme.on"):
        note += ["The split is of all cash, undiscounted, as if it came before the debt: the two views are not added. "]
    return Table(["Who loses", *([f.val(f"demand.paths.{k}.title")] for k in paths)], rows, (1, 1 + len(paths)), note)


def _helps(f: Fields, keys: Sequence[str]) -> list[list[Inline]]:
    at = f"demand.paths.{keys[-1]}"
    items: list[list[Inline]] = []
    if f.get("demand.longest_loan") and f.get(f"{at}.lenders_loss_if_contracts_last") is not None:
        items.append(["Contracts as long as the longest loan, ", f.val("demand.longest_loan", "years"),
                      ": on the last path lenders lose ", f.val(f"{at}.lenders_loss_if_contracts_last", "musd"), " instead of ",
                      f.val(f"{at}.lenders_loss.mid", "musd"), ", with the same tenants failing."])  # fmt: skip
    unit = " per kW of computers and month" if f.get("terms.scope") == "campus" else " per MWh"
    items += [
        ["Tenants that cannot fail: a guarantee of the parent, or a deposit, for as long as debt is out. What they owe and do "
         "not use stands above."],
        ["A price that bears a fall: fully let, the set pays its debt from ", f.val("demand.price_bare", "usd"), unit, " on."],
        ["Campuses one by one, so that what is not begun is not lost; a site with land, station and permit can wait."],
        ["Not counted: customers of the utility, who pay for lines that nobody uses; counties, which lose taxes; the tenants' "
         "computers; sale of plant or land."],
    ]  # fmt: skip
    return items


def _inputs(f: Fields, keys: Sequence[str]) -> Table:
    """Inputs of each path with their ranges."""
    rows: list[list[Sequence[Inline]]] = []
    for key in keys:
        cells: list[Sequence[Inline]] = [[f.val(f"demand.paths.{key}.title")]]
        for name, (_, kind) in INPUTS.items():
            at = f"demand.paths.{key}.inputs.{name}"
            cells.append([f.val(f"{at}.1", kind), " (", f.val(f"{at}.0", kind), " to ", f.val(f"{at}.2", kind), ")"])
        rows.append(cells)
    note: list[Inline] = [
        "Most likely and range. Price: over that of the contract. Contracts run ", f.val("demand.contract_years.1", "years"),
        " (", f.val("demand.contract_years.0", "count"), " to ", f.val("demand.contract_years.2", "count"), ").",
    ]  # fmt: skip
    return Table(["Path", *(title for title, _ in INPUTS.values())], rows, (1, 1 + len(INPUTS)), note)


def _chart(f: Fields, keys: Sequence[str]) -> Safe:
    """Cash of each path by year of operation, and the debt service."""
    first = f"demand.paths.{keys[0]}.by_year"
    count = len(f.get(first))
    curves = {key: [float(row["cash"]) for row in f.get(f"demand.paths.{key}.by_year")] for key in keys}
    service = [float(row["service"]) for row in f.get(first)]
    top = max([*service, *(max(values) for values in curves.values())]) or 1.0
    step = (WIDE - LEFT - 20.0) / max(count - 1, 1)

    def points(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(LEFT + i * step, HIGH - FOOT - v / top * (HIGH - FOOT - HEAD)) for i, v in enumerate(values)]

    parts = [tag("path", d=path(points(service)), class_="due")]
    for key, style in zip(keys, STYLES, strict=False):
        parts.append(tag("path", d=path(points(curves[key])), class_=style))
    parts.append(tag("path", d=f"M{num(LEFT)} {num(HEAD)}V{num(HIGH - FOOT)}H{num(WIDE - 8.0)}", class_="axis"))
    best = max(range(count), key=lambda i: curves[keys[0]][i])
    if curves[keys[0]][best] == top:
        parts.append(_tick(f, f"{first}.{best}.cash", "musd", LEFT - TICK, HEAD + 6.0, "end"))
    for i in range(0, count, max(count // 8, 1)):
        parts.append(_tick(f, f"{first}.{i}.year", "count", LEFT + i * step, HIGH - 5.0, "middle"))
    box = f"0 0 {num(WIDE)} {num(HIGH)}"
    return tag("svg", *parts, viewBox=box, role="img", aria_label="Cash by year of operation and path", class_="curve demand")


def _tick(f: Fields, field: str, kind: str, x: float, y: float, anchor: str) -> Safe:
    value = f.val(field, kind)
    return tag("text", value.text, x=num(x), y=num(y), data_f=value.path, data_k=value.kind, class_="tick", text_anchor=anchor)


def _caption(f: Fields, keys: Sequence[str]) -> list[Inline]:
    names = ("blue line", "dotted line", "red line")
    parts: list[Inline] = ["Cash of a year before debt service, by year of operation: "]
    for n, (key, name) in enumerate(zip(keys, names, strict=False)):
        parts += ["; " if n else "", f"{name}, ", f.val(f"demand.paths.{key}.title")]
    return [*parts, "; grey dashes, debt service due."]
