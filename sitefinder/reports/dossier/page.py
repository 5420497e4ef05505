"""One dossier: two printed pages about a site, as one HTML file that loads nothing and runs no script."""

from __future__ import annotations

import math

from sitefinder.config import Config
from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.fields import SECTIONS, column
from sitefinder.reports.dossier.lines import Section
from sitefinder.reports.dossier.panels import Book, Panels
from sitefinder.reports.html import words
from sitefinder.reports.html.glossary import linked
from sitefinder.reports.html.markup import Safe, join, tag
from sitefinder.reports.html.shell import document
from sitefinder.results.links import aerial_view
from sitefinder.results.run import Entry
from sitefinder.results.site import Site

PAPERS = ("A4", "letter")
#: fields that take the whole width, below the others
BROAD = ("risks", "beside", "unseen")


def file_name(site: Site) -> str:
    """File of a site's dossier, of plain letters only."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in site.site_id)
    return f"{'own-' if site.own is not None else ''}{plain}.html"


def dossier(book: Book, entry: Entry, *, paper: str | None = None) -> bytes:
    """HTML of the dossier of a site.

    Parameters
    ----------
    book : Book
    entry : Entry
    paper : str, optional
        Size that the style sheet asks for when printed; the printer's own by default.
    """
    parts = {s.key: _section(book, entry, s) for s in SECTIONS}
    narrow = [part for key, part in parts.items() if key not in BROAD]
    story = join([_head(book, entry.site), tag("main", tag("div", *narrow, class_="sheet"), *(parts[k] for k in BROAD))])
    body = join([linked(story), _all_columns(book, entry.site), _foot(book)])
    css = book.css + (f"@page{{size:{paper}}}" if paper in PAPERS else "")
    return document(f"{entry.site.identity.name} - dossier", css, body)


def _head(book: Book, site: Site) -> Safe:
    place = site.place
    parts = (("county", place.county), ("state", place.state), ("rto", place.rto))
    return tag(
        "header",
        tag(
            "p",
            tag("a", "All sites", href="index.html"),
            " · ",
            "site dossier · ",
            tag("span", facts.value(site, "site_id")),
            tag(
                "span",
                " · ",
                tag("a", "aerial picture", href=aerial_view(place.lat, place.lon), rel="noreferrer"),
                class_="screen",
            ),
            class_="kicker",
        ),
        tag("h1", tag("span", facts.value(site, "rank"), class_="rank"), " ", facts.value(site, "name")),
        tag("p", join([facts.value(site, key) for key, known in parts if known], ", "), class_="where"),
        tag("p", _in_short(site, book.run.config), class_="short"),
    )


def _in_short(site: Site, config: Config) -> Safe:
    """Summary of the page as one story: what is wanted and when it comes, score and rank, the weakest criterion."""
    mw = tag("data", words.figure(config.project.mw), data_r="project.mw")
    until = tag("data", words.month(config.project.energise_by), data_r="project.energise_by")
    wanted: list[Safe | str] = ["Wanted: ", mw, " MW by ", until]
    if config.delivery is not None:
        wanted += [", requests filed in ", tag("data", words.month(config.delivery.start), data_r="delivery.start")]
    return join([*wanted, ". ", *_power(site), *_standing(site), *_weakness(site)])


def _standing(site: Site) -> list[Safe | str]:
    said: list[Safe | str] = []
    if site.own is not None and site.own.excluded_by:
        said += ["Excluded by: ", facts.value(site, "excluded_by"), ". "]
    if not math.isnan(site.identity.score):
        said += ["Score ", facts.value(site, "score"), ". "]
    ranks = site.certainty.ranks if site.certainty is not None else None
    if ranks is not None and ranks.rank_p05 is not None and ranks.rank_p95 is not None:
        said += [
            "Rank ",
            facts.value(site, "rank_p05"),
            " to ",
            facts.value(site, "rank_p95"),
            " in nine of ten draws of weights and data. ",
        ]
    return said


def _power(site: Site) -> list[Safe | str]:
    said: list[Safe | str] = []
    if site.power is None:
        return said
    if not math.isnan(site.power.p_full_by_date):
        said += ["Chance of that here: ", facts.value(site, "p_full_by_date"), ". "]
    if site.power.full_load.p50:
        said += ["Half of the draws (simulated timetables) have it by ", facts.value(site, "full_load_p50"), ". "]
    if site.power.pathway:
        said += ["The fastest way, cost not weighed: ", facts.value(site, "pathway"), ". "]
    if site.power.binding_step:
        said += ["What decides the date most often: ", facts.value(site, "binding_step"), ". "]
    return said


def _weakness(site: Site) -> list[Safe | str]:
    """Criterion that loses the most points."""
    key, reasons = "drivers_down", site.quality.drivers_down
    if site.certainty is not None:
        key, reasons = "why_down", site.certainty.reasons.why_down
    if not reasons:
        return []
    return ["What costs the most points: ", tag("span", facts.split_source(reasons.split("; ")[0])[0], data_c=key), "."]


def _section(book: Book, entry: Entry, section: Section) -> Safe:
    table = facts.table(section.facts, entry.site, book.register) if section.facts else None
    special = getattr(Panels(book, entry), section.key, None)
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
    """Every column of a site with unit, meaning, source and vintage; on the screen only."""
    heads = tag("tr", *(tag("th", h, scope="col") for h in ("Column", "Value", "Meaning", "Source and vintage")))
    rows = [
        tag(
            "tr",
            tag("th", tag("code", key), scope="row", data_l=True),
            tag("td", facts.value(site, key)),
            tag("td", column(key).meaning, data_l=True),
            tag("td", facts.vintages(key, book.register) or column(key).source, data_l=True),
        )
        for key in site.values
    ]
    table = tag("table", tag("thead", heads), tag("tbody", *rows), class_="all")
    return tag("details", tag("summary", "Every column of this site, with meaning, source and vintage"), table, class_="screen")


def _foot(book: Book) -> Safe:
    """Credits, year of the dollars, configuration and version of the run."""
    manifest, costs = book.run.manifest, book.run.config.costs
    configuration = str(manifest.get("config_fingerprint", words.UNKNOWN))[:12]
    labelled = [("configuration ", configuration), (", commit ", str(manifest.get("commit") or words.UNKNOWN))]
    said = [part for label, code in labelled for part in (label, tag("code", code, data_r="manifest"))]
    credit = "Sources and licences of all data: data/LICENSES.md. Data-center labels and areas of market operators: ODbL. "
    money = ["Dollars are US dollars of ", tag("data", str(costs.year), data_r="costs.year"), ", M = million. "] if costs else []
    return tag("footer", tag("p", credit, *money, "Run: ", *said, "."))
