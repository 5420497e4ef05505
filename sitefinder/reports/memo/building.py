"""Files of the memo of a run: memo.html, memo.md, and financing.json, from which every number in them comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sitefinder.config.financing import Terms
from sitefinder.files import Json, write_all
from sitefinder.financing.facts import facts, facts_json
from sitefinder.layers.files import STATES
from sitefinder.layers.package import DataPackage
from sitefinder.reports.memo import formats, html, markdown
from sitefinder.reports.memo.closing import closing
from sitefinder.reports.memo.document import Block, Fields
from sitefinder.reports.memo.drawing import Outlines
from sitefinder.reports.memo.opening import opening
from sitefinder.results.run import read_run

FILES = ("financing.json", "memo.html", "memo.md")
TITLE = "Memo to the investment committee"


def memo(tree: Mapping[str, Any], outlines: Outlines) -> list[Block]:
    """Text of the memo.

    Parameters
    ----------
    tree : mapping
        From :func:`sitefinder.financing.facts.facts`.
    outlines : sequence of shapely geometry
        States, EPSG:5070.
    """
    fields = Fields(tree)
    return [*opening(fields, outlines), *closing(fields)]


def contents(tree: Mapping[str, Any], outlines: Outlines, wanted: Collection[str] = ()) -> dict[str, bytes]:
    """File name -> bytes; with those of the formats wanted (:mod:`sitefinder.reports.memo.formats`)."""
    blocks = memo(tree, outlines)
    page = html.page(TITLE, blocks)
    files = {"financing.json": facts_json(tree), "memo.html": page, "memo.md": markdown.text(blocks)}
    return files | formats.more("memo", TITLE, blocks, page, wanted)


def write_memo(folder: Path, terms: Terms, *, data: Path, wanted: Collection[str] = ()) -> Json:
    """Write the memo into the folder of a run; its tree of fields.

    Parameters
    ----------
    folder : Path
        Results with ``run.json``, ``sites.geojson`` and ``portfolio.json``.
    terms : Terms
    data : Path
        Compiled layers, for the outlines of the states.
    wanted : collection of str
        Other formats, too: docx, pdf.

    Raises
    ------
    SitefinderError
        A file is missing or does not fit, or the folder cannot be written.
    """
    import geopandas

    finished = read_run(folder)
    tree = facts(finished, finished.chosen(), terms)
    outlines = geopandas.read_parquet(DataPackage(data).verified(STATES)).geometry.to_numpy()
    write_all(folder, contents(tree, outlines, wanted), retire=formats.names("memo"))
    return tree
