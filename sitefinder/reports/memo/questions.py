"""Files of the two questions beside the memo: ready.html and ready.md with ready.json, demand.html and demand.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sitefinder.config.financing import Terms
from sitefinder.errors import DataError
from sitefinder.files import Json, write_all
from sitefinder.financing.facts import facts, facts_json
from sitefinder.financing.readiness import read_day, readiness
from sitefinder.reports.memo import html, markdown
from sitefinder.reports.memo.demand import demand_page
from sitefinder.reports.memo.document import Fields
from sitefinder.reports.memo.ready import ready_page
from sitefinder.results.chosen import Chosen
from sitefinder.results.run import read_run

READY_FILES = ("ready.json", "ready.html", "ready.md")
DEMAND_FILES = ("financing.json", "demand.html", "demand.md")


def ready_contents(tree: Mapping[str, Any]) -> dict[str, bytes]:
    """File name -> bytes of the page about readiness."""
    blocks = ready_page(Fields(tree))
    return dict(
        zip(READY_FILES, (facts_json(tree), html.page("Ready enough?", blocks, one=True), markdown.text(blocks)), strict=True)
    )


def demand_contents(tree: Mapping[str, Any]) -> dict[str, bytes]:
    """File name -> bytes of the page about demand, and the tree that it shows."""
    blocks = demand_page(Fields(tree))
    return dict(
        zip(DEMAND_FILES, (facts_json(tree), html.page("If demand turns", blocks, one=True), markdown.text(blocks)), strict=True)
    )


def write_ready(folder: Path, terms: Terms, day: str, keys: Sequence[str] = ()) -> Json:
    """Write the page about readiness into the folder of a run; its tree of fields.

    Parameters
    ----------
    folder : Path
    terms : Terms
    day : str
        Day of the announcement, YYYY-MM-DD.
    keys : sequence of str
        Sites asked about; without any, the chosen set.

    Raises
    ------
    SitefinderError
        A file is missing or does not fit, the day or a site is wrong, or the folder cannot be written.
    """
    run = read_run(folder)
    unknown = [key for key in keys if key not in run.by_id]
    if unknown:
        raise DataError(f"Invalid --site '{unknown[0]}': the run in {folder} has no such site. Take one of: sitefinder list.")
    chosen = Chosen(tuple(dict.fromkeys(keys)), (), {}) if keys else run.chosen()
    tree = readiness(run, chosen, terms, read_day(day, run.config.section("delivery").start))
    write_all(folder, ready_contents(tree))
    return tree


def write_demand(folder: Path, terms: Terms) -> Json:
    """Write the page about demand into the folder of a run with its portfolio; its tree of fields.

    Raises
    ------
    SitefinderError
        A file is missing or does not fit, the terms have no paths of demand, or no campus of the set has a financing.
    """
    if terms.demand is None:
        raise DataError("The terms have no section 'demand'. Add it as in config/assumptions/financing.yaml.")
    run = read_run(folder)
    tree = facts(run, run.chosen(), terms)
    if tree["demand"] is None:
        raise DataError(f"No campus of the set in {folder} has costs: nothing to value. Rank again: make rank.")
    write_all(folder, demand_contents(tree))
    return tree
