"""The page that leads to all dossiers: the sites in one table, beside the named campuses, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence

from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.fields import SECTIONS
from sitefinder.reports.dossier.page import file_name
from sitefinder.reports.dossier.panels import Book, key_of
from sitefinder.reports.dossier.places import country
from sitefinder.reports.html import words
from sitefinder.reports.html.markup import Safe, join, tag
from sitefinder.reports.html.shell import document
from sitefinder.results.run import Entry

#: a field of the dossier with the label and the name of each of its columns
Group = tuple[str, Sequence[tuple[str, str]]]
TABLE: Sequence[Group] = (
    ("place", (("County", "county"), ("State", "state"), ("Market", "rto"), ("Buildable", "buildable_acres"))),
    (
        "delivery",
        (
            ("Pathway to power", "pathway"),
            ("First 200 MW", "first_200mw_p50"),
            ("Full load (P50)", "full_load_p50"),
            ("Full load (P90)", "full_load_p90"),
            ("Chance by the date", "p_full_by_date"),
        ),
    ),
    ("path", (("Binding step", "binding_step"),)),
    (
        "grid",
        (
            ("Station headroom", "grid_headroom_mw_p50"),
            ("Distance to it", "grid_station_km"),
            ("Grid route", "grid_route_km"),
            ("Its cost", "grid_cost_musd_mid"),
        ),
    ),
    (
        "gas",
        (
            ("Interstate pipeline", "gas_interstate_km"),
            ("Pipelines within 10 km", "gas_pipelines_10km"),
            ("Load on the company", "gas_adequacy"),
        ),
    ),
    ("water", (("River", "river_km"), ("Stress", "water_stress_ratio"), ("Enough in a dry year", "drought_ok"))),
    ("fiber", (("Corridor", "fiber_corridor_km"), ("Corridors", "fiber_corridors_10km"))),
    (
        "hazards",
        (
            ("Flood rank", "flood_rank"),
            ("Tornadoes", "tornado_per_decade"),
            ("Hurricanes", "hurricane_per_decade"),
            ("Shaking", "seismic_pga_pct_g"),
        ),
    ),
    ("permits", (("Air standards missed", "nonattainment_count"),)),
    ("community", (("People within 5 km", "people_5km"), ("Decided by the county", "nearest_rule"))),
    (
        "costs",
        (
            ("Capital, gas plant included", "capex_musd_mid"),
            ("Of which gas plant", "generation_musd_mid"),
            ("Grid energy", "power_grid_usd_mwh"),
            ("Tax relief", "incentive_level"),
        ),
    ),
    (
        "rank",
        (("Score", "score"), ("Rank, low", "rank_p05"), ("Rank, high", "rank_p95"), ("Chance first 10", "p_top10")),
    ),
    ("learned", (("Learned", "ml_score"), ("Ground known to the model", "ml_applicability"))),
    ("evidence", (("Grade", "evidence_grade"), ("Unknown", "unknown_points"))),
)
#: of these, the ones that the printed page has room for
PRINTED = (
    *("state", "rto", "pathway", "first_200mw_p50", "full_load_p50", "p_full_by_date", "binding_step", "grid_headroom_mw_p50"),
    *(
        "grid_station_km",
        "gas_interstate_km",
        "gas_adequacy",
        "drought_ok",
        "people_5km",
        "capex_musd_mid",
        "score",
        "rank_p05",
    ),
    *("rank_p95", "p_top10", "evidence_grade"),
)


def comparison(book: Book, chosen: Sequence[Entry]) -> bytes:
    """HTML of the index page: every site with a dossier in one table, and their map.

    Parameters
    ----------
    book : Book
    chosen : sequence of Entry
        Those with a dossier, best first; the user's own behind those of the national list.
    """
    known = [(name, entry) for name, entry in book.benchmarks if entry is not None]
    project = book.run.config.project
    mw = tag("data", words.figure(project.mw), data_r="project.mw")
    until = tag("data", words.month(project.energise_by), data_r="project.energise_by")
    head = tag(
        "header",
        tag("h1", "Sites side by side"),
        tag("p", "Screened for ", mw, " MW wanted by ", until, ". Each name leads to its dossier.", class_="short"),
    )
    body = join([head, _where(book, chosen, known), _table(chosen, known), _note(book)])
    return document("Sites side by side", book.css, tag("div", body, class_="wide"))


def _where(book: Book, chosen: Sequence[Entry], known: Sequence[tuple[str, Entry]]) -> Safe:
    """Map of the country with the sites and the named campuses, and its legend."""

    def points(entries: Sequence[Entry]) -> list[tuple[float, float]]:
        return [(entry.site.place.lon, entry.site.place.lat) for entry in entries]

    national = [entry for entry in chosen if entry.site.own is None]
    dots = {
        "listed": points(national[1:]),
        "own": points([entry for entry in chosen if entry.site.own is not None]),
        "bench": points([entry for _, entry in known]),
        "first": points(national[:1]),
    }
    legend = [
        ("first", "first of the list"),
        ("listed", "other sites with a dossier"),
        ("own", "your own sites"),
        ("bench", "known campuses"),
    ]
    keys = [
        tag(
            "span",
            tag("svg", tag("circle", cx=5, cy=5, r=4, class_=kind), viewBox="0 0 10 10", class_="swatch country"),
            f" {label}",
        )
        for kind, label in legend
        if dots[kind]
    ]
    return join([country(book.land, dots), tag("p", *keys, class_="legend")])


def _table(chosen: Sequence[Entry], known: Sequence[tuple[str, Entry]]) -> Safe:
    """One row per site, and below the table the columns that no site has."""
    sites = [entry.site for entry in (*chosen, *(entry for _, entry in known))]
    present = {name for _, labelled in TABLE for _, name in labelled if any(facts.computed(site, name) for site in sites)}
    groups = [(key, [c for c in labelled if c[1] in present]) for key, labelled in TABLE]
    titles = {s.key: s.title for s in SECTIONS}
    top = [tag("th", "", scope="col")] + [tag("th", titles[k], colspan=len(c), scope="colgroup") for k, c in groups if c]
    labels = [tag("th", "Site", scope="col")] + [
        tag("th", label, scope="col", data_l=True, class_=_less(name)) for _, c in groups for label, name in c
    ]
    twice = [entry for _, entry in known if entry.site.own is not None]
    rows = [_row(entry, groups, None) for entry in chosen if not any(entry is other for other in twice)]
    rows += [_row(entry, groups, name, linked=any(entry is c for c in chosen)) for name, entry in known]
    absent = [label for _, labelled in TABLE for label, name in labelled if name not in present]
    note = (
        tag("p", words.ABSENT.capitalize(), ": ", *(tag("span", f"{a}; ", data_l=True) for a in absent), class_="absent")
        if absent
        else None
    )
    table = tag("table", tag("thead", tag("tr", *top, class_="group"), tag("tr", *labels)), tag("tbody", *rows), class_="list")
    return join([tag("div", table, class_="scroll"), note])


def _less(name: str) -> str | None:
    return None if name in PRINTED else "more"


def _row(entry: Entry, groups: Sequence[Group], known: str | None, *, linked: bool = True) -> Safe:
    """A row of the table; ``known`` is the name of the campus that the site stands for."""
    site = entry.site
    link = tag("a", facts.value(site, "name"), href=file_name(site))
    title: list[Safe | str] = [link] if site.own is not None else [facts.value(site, "rank"), " ", link]
    if known:
        title = [tag("a", known, href=file_name(site)) if linked else known]
    head = tag("th", *title, scope="row", data_m="benchmark" if known else None)
    cells = [tag("td", facts.value(site, name), class_=_less(name)) for _, labelled in groups for _, name in labelled]
    return tag("tr", head, *cells, data_s=key_of(site), class_="known" if known else None)


def _note(book: Book) -> Safe:
    missing = [name for name, entry in book.benchmarks if entry is None]
    said = "Shaded rows: known campuses, put through the same screen. " if len(missing) < len(book.benchmarks) else ""
    if missing:
        said += f"{' and '.join(missing)}: {words.ABSENT}. "
    return tag("p", said, "A screen of public data: no load study, no offer, no advice.", class_="note")
