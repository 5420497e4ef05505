"""Files of the two questions beside the memo: ready.html and ready.md with ready.json, demand.html and demand.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sitefinder.config.financing import Terms
from sitefinder.errors import DataError
from sitefinder.files import Json, write_all
from sitefinder.financing.facts import facts, facts_json
from sitefinder.financing.readiness import read_day, readiness
from sitefinder.reports.memo import formats, html, markdown
from sitefinder.reports.memo.demand import demand_page
from sitefinder.reports.memo.document import Block, Fields
from sitefinder.reports.memo.ready import ready_page
from sitefinder.results.chosen import Chosen
from sitefinder.results.run import read_run

READY_FILES = ("ready.json", "ready.html", "ready.md")
DEMAND_FILES = ("financing.json", "demand.html", "demand.md")


def ready_contents(tree: Mapping[str, Any], wanted: Collection[str] = ()) -> dict[str, bytes]:
    """File name -> bytes of the page about readiness."""
    return _contents(READY_FILES, "Ready enough?", tree, ready_page(Fields(tree)), wanted)


def demand_contents(tree: Mapping[str, Any], wanted: Collection[str] = ()) -> dict[str, bytes]:
    """File name -> bytes of the page about demand, and the tree that it shows."""
    return _contents(DEMAND_FILES, "If demand turns", tree, demand_page(Fields(tree)), wanted)


def _contents(
    names: Sequence[str], title: str, tree: Mapping[str, Any], blocks: Sequence[Block], wanted: Collection[str]
) -> dict[str, bytes]:
    """The tree, the page, its Markdown, and the formats wanted."""
    page = html.page(title, blocks, one=True)
    files = dict(zip(names, (facts_json(tree), page, markdown.text(blocks)), strict=True))
    return files | formats.more(Path(names[1]).stem, title, blocks, page, wanted)


def write_ready(folder: Path, terms: Terms, day: str, keys: Sequence[str] = (), *, wanted: Collection[str] = ()) -> Json:
    """Write the page about readiness into the folder of a run; its tree of fields.

    Parameters
    ----------
    folder : Path
    terms : Terms
    day : str
        Day of the announcement, YYYY-MM-DD.
    keys : sequence of str
        Sites asked about; without any, the chosen set.
    wanted : collection of str
        Other formats, too: docx, pdf.

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
    write_all(folder, ready_contents(tree, wanted), retire=formats.names("ready"))
    return tree


def write_demand(folder: Path, terms: Terms, *, wanted: Collection[str] = ()) -> Json:
    """Write the page about demand into the folder of a run with its portfolio; its tree of fields. Parameters as above.

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
    write_all(folder, demand_contents(tree, wanted), retire=formats.names("demand"))
    return tree
