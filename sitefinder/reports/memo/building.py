"""The memo of a run as files: memo.html, memo.md, and financing.json, from which every number in them comes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sitefinder.config.financing import Terms
from sitefinder.files import write_all
from sitefinder.financing.facts import facts, facts_json
from sitefinder.layers.files import STATES
from sitefinder.layers.package import DataPackage
from sitefinder.reports.memo import html, markdown
from sitefinder.reports.memo.closing import closing
from sitefinder.reports.memo.document import Block, Facts
from sitefinder.reports.memo.opening import opening
from sitefinder.results.chosen import read_chosen
from sitefinder.results.differences import read_run

FILES = ("financing.json", "memo.html", "memo.md")


def memo(tree: Mapping[str, Any], outlines: Any) -> list[Block]:
    """The text.

    Parameters
    ----------
    tree : mapping
        As :func:`sitefinder.financing.facts.facts` makes it.
    outlines : array of shapely geometries
        States, EPSG:5070.
    """
    found = Facts(tree)
    return [*opening(found, outlines), *closing(found)]


def contents(tree: Mapping[str, Any], outlines: Any) -> dict[str, bytes]:
    """File name -> bytes."""
    blocks = memo(tree, outlines)
    return {
        "financing.json": facts_json(tree),
        "memo.html": html.page("Memo to the investment committee", blocks),
        "memo.md": markdown.text(blocks),
    }


def write_memo(run: Path, terms: Terms, *, data: Path) -> dict[str, Any]:
    """Write the memo into the folder of a run; the tree behind it.

    Parameters
    ----------
    run : Path
        Folder with ``run.json``, ``sites.geojson`` and ``portfolio.json``.
    terms : Terms
    data : Path
        Compiled layers, for the outlines of the states.

    Raises
    ------
    SitefinderError
        A file is missing or does not fit, or the folder cannot be written.
    """
    import geopandas

    found = read_run(run)
    chosen = read_chosen(run, str(found.manifest.get("config_fingerprint") or "") or None)
    tree = facts(found, chosen, terms)
    outlines = geopandas.read_parquet(DataPackage(data).verified(STATES)).geometry.to_numpy()
    write_all(run, contents(tree, outlines))
    return tree
