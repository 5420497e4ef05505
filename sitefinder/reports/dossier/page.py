"""One dossier: two printed pages about a site, as one HTML file without script or network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.fields import SECTIONS, Section, catalogue, column
from sitefinder.reports.dossier.panels import Book, Panels
from sitefinder.reports.dossier.reading import Site
from sitefinder.reports.html import words
from sitefinder.reports.html.markup import Safe, join, style_policy, tag

PAPERS = ("A4", "letter")
#: fields that take the whole width, below the others
BROAD = ("risks", "beside", "unseen")


def file_name(site: Site) -> str:
    """File of a site's dossier, of plain letters only."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in site.site_id)
    return f"{'own-' if site.own else ''}{plain}.html"


def dossier(book: Book, site: Site, *, paper: str | None = None) -> bytes:
    """The page of a site.

    Parameters
    ----------
    book : Book
    site : Site
    paper : str, optional
        Size that the style sheet asks for when printed; the printer's own by default.
    """
    parts = {s.key: _section(book, site, s) for s in SECTIONS}
    narrow = [found for key, found in parts.items() if key not in BROAD]
    body = join(
        [
            _head(book, site),
            tag("main", tag("div", *narrow, class_="sheet"), *(parts[k] for k in BROAD)),
            _all_columns(book, site),
            _foot(book),
        ]
    )
    return document(f"{site.row.get('name')} - dossier", book.css, body, paper=paper)


def document(title: str, css: str, body: Safe, *, paper: str | None = None) -> bytes:
    """A whole HTML file around a body; its content policy allows its own style sheet and nothing else."""
    style = css + (f"@page{{size:{paper}}}" if paper in PAPERS else "")
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=style_policy(style)),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        Safe(f"<style>{style}</style>"),
    ]
    html = Safe("<!doctype html>\n") + tag("html", tag("head", *head), tag("body", body), lang="en") + "\n"
    return html.encode("utf-8", errors="replace")


def _head(book: Book, site: Site) -> Safe:
    row, project = site.row, book.folder.project
    place = [facts.value(row, k) for k in ("county", "state", "rto") if row.get(k)]
    return tag(
        "header",
        tag(
            "p",
            tag("a", "All sites", href="index.html"),
            " · ",
            "site dossier · ",
            tag("span", facts.value(row, "site_id")),
            class_="kicker",
        ),
        tag("h1", tag("span", facts.value(row, "rank"), class_="rank"), " ", facts.value(row, "name")),
        tag("p", join(place, ", "), class_="where"),
        tag("p", _in_short(row, project, _setting(book, "delivery", "start")), class_="short"),
    )


def _in_short(row: Mapping[str, Any], project: Mapping[str, Any], start: str | None) -> Safe:
    """The page in three sentences."""
    mw = tag("data", words.figure(float(project["mw"])), data_r="project.mw")
    until = tag("data", words.month(str(project["energise_by"])), data_r="project.energise_by")
    said: list[Any] = ["Screened for ", mw, " MW wanted by ", until]
    said += [", requests filed in ", tag("data", words.month(start), data_r="delivery.start"), ". "] if start else [". "]
    if row.get("excluded_by"):
        said += ["Excluded by: ", facts.value(row, "excluded_by"), ". "]
    if row.get("score") is not None:
        said += ["Score ", facts.value(row, "score"), ". "]
    if row.get("rank_p05") is not None and row.get("rank_p95") is not None:
        said += ["In nine draws of ten its rank is ", facts.value(row, "rank_p05"), " to ", facts.value(row, "rank_p95"), ". "]
    if row.get("pathway"):
        said += ["Fastest way to power (cost not weighed): ", facts.value(row, "pathway"), ". "]
    if row.get("full_load_p50"):
        said += ["Half of the draws reach full load by ", facts.value(row, "full_load_p50")]
        said += ["; chance by the date wanted ", facts.value(row, "p_full_by_date"), ". "]
    if row.get("binding_step"):
        said += ["Most often decides: ", facts.value(row, "binding_step"), ". "]
    key = "why_down" if "why_down" in row else "drivers_down"
    if row.get(key):
        said += ["Loses most: ", tag("span", facts.split_source(str(row[key]).split("; ")[0])[0], data_c=key), "."]
    return join(said)


def _section(book: Book, site: Site, section: Section) -> Safe:
    table = facts.table(section.facts, site.row, book.register, own=site.own) if section.facts else None
    special = getattr(Panels(book, site), section.key, None)
    drawn = special() if special else None
    above = drawn if section.key in ("place", "delivery") else None
    return tag(
        "section",
        tag("h2", section.title, " ", tag("small", section.question)),
        above,
        table,
        None if above else drawn,
        id=section.key,
        class_="broad" if section.key in BROAD else None,
    )


def _all_columns(book: Book, site: Site) -> Safe:
    """Every column of the row with unit, meaning, source and vintage; on the screen only."""
    heads = tag("tr", *(tag("th", h, scope="col") for h in ("Column", "Value", "Meaning", "Source and vintage")))
    rows = []
    for key in site.row:
        known = catalogue().get(key)
        source = facts.vintages(key, book.register) or (known.source if known else "")
        rows.append(
            tag(
                "tr",
                tag("th", tag("code", key), scope="row", data_l=True),
                tag("td", facts.value(site.row, key)),
                tag("td", column(key).meaning if known else "", data_l=True),
                tag("td", source, data_l=True),
            )
        )
    table = tag("table", tag("thead", heads), tag("tbody", *rows), class_="all")
    return tag("details", tag("summary", "Every column of this site, with meaning, source and vintage"), table, class_="screen")


def _foot(book: Book) -> Safe:
    manifest = book.folder.manifest
    print_ = str(manifest.get("config_fingerprint", words.UNKNOWN))[:12]
    facts_ = [("configuration ", print_), (", commit ", str(manifest.get("commit") or words.UNKNOWN))]
    said = [part for label, found in facts_ for part in (label, tag("code", found, data_r="manifest"))]
    credit = "Sources and licences of all data: data/LICENSES.md. Data-center labels and areas of market operators: ODbL. "
    year = _setting(book, "costs", "year")
    money = ["Dollars are US dollars of ", tag("data", str(year), data_r="costs.year"), ", M = million. "] if year else []
    return tag("footer", tag("p", credit, *money, "Run: ", *said, "."))


def _setting(book: Book, part: str, key: str) -> Any:
    """A setting of the run; None where the run had no such part."""
    return (book.folder.manifest["config"].get(part) or {}).get(key)
