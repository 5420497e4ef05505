"""What a dossier shows besides its tables of facts: map, charts, register of risks, comparison, and what is not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

from sitefinder.layers import GRADES
from sitefinder.reports.dossier import facts, risks
from sitefinder.reports.dossier.facts import QUIET
from sitefinder.reports.dossier.fields import FAMILY_WORDS
from sitefinder.reports.dossier.places import Surroundings, site_map
from sitefinder.reports.dossier.reading import Folder, Site
from sitefinder.reports.html import sketch, words
from sitefinder.reports.html.markup import Safe, join, tag

#: steps shown: those on the critical path in at least this share of the draws, at most so many (J)
LEAST_CRITICAL, MOST_STEPS = 0.02, 7
MONTHS_PER_YEAR = 12.0
CURVES_NOTE = (
    "Megawatts at the end of each year. Line: half of the draws have more; band: all but the lowest and the highest tenth of the "
    "draws. Dashed: the date wanted."
)
#: what stands side by side: label, column
BESIDE = (
    ("Score", "score"),
    ("Place in the list", "rank"),
    ("Chance, first 10", "p_top10"),
    ("Way to power", "pathway"),
    ("First 200 MW, half the draws", "first_200mw_p50"),
    ("Full load, half the draws", "full_load_p50"),
    ("Chance by the date", "p_full_by_date"),
    ("Station can still carry", "grid_headroom_mw_p50"),
    ("Station of the route can carry", "grid_route_headroom_mw"),
    ("Station of 345 kV and more", "substation_345_km"),
    ("Cost of the grid route", "grid_cost_musd_mid"),
    ("Interstate gas pipeline", "gas_interstate_km"),
    ("Pipelines within 10 km", "gas_pipelines_10km"),
    ("River with enough flow", "river_km"),
    ("Enough water in a dry year", "drought_ok"),
    ("Fiber corridor", "fiber_corridor_km"),
    ("Air standards not met", "nonattainment_count"),
    ("People within 5 km", "people_5km"),
    ("Buildable land", "buildable_acres"),
    ("Capital, gas plant included", "capex_musd_mid"),
    ("Of it gas plant", "generation_musd_mid"),
    ("Learned score", "ml_score"),
)
#: of these, the ones that the printed page has no room for
ON_SCREEN = ("ml_score", "fiber_corridor_km", "nonattainment_count", "gas_pipelines_10km")
#: what nobody can read from public data, and who can tell
UNSEEN = (
    ("Load study, place in the queue, who pays for upgrades", "the utility and the grid operator"),
    ("Title, mineral rights, easements, willingness to sell", "title search, owners"),
    ("Soil, ground water, sinkholes, old mines", "borings on the site"),
    ("Flood line, wetlands, species, graves and digs on the parcel", "surveys in season"),
    ("Spare capacity of the pipeline and of its feeders", "an open season or a firm offer"),
    ("Water rights, will-serve letter, discharge", "water utility, state engineer"),
    ("Zoning, noise limits, mood of the board", "county, neighbours"),
    ("Projects announced nearby that take the same station, pipe and river", "utility, press, filings"),
    ("Customer, contracts, insurance, security", "the parties themselves"),
    ("Property tax and abatements, network upgrades, cost of financing: in no sum here", "county, utility, lenders"),
    ("Contract and price of gas at the place; firm service; factory slots", "pipeline company, marketers, makers"),
    ("Lines and pipes across the land, not deducted from its acres; lawsuits", "title search, counsel"),
)
LENDERS = (
    "Environmental screening of the lenders (Japan Bank for International Cooperation; Nippon Export and Investment Insurance): "
)
STRICT = (
    "a gas plant with its line and pipe falls, by their checklists, most likely into the strictest class: impact assessment and "
    "records of consultation. An indication, not a ruling. "
)
MILD = "lines and stations are on their checklists; the class depends on route and resettlement. An indication, not a ruling. "
NOT_SEEN = "Species, wetlands of ordinary size and cultural sites are not in this screen."


@dataclass(frozen=True)
class Book:
    """What all dossiers of a run share.

    Parameters
    ----------
    folder : Folder
    land : Surroundings
        Layers for the maps, with the register of files.
    """

    folder: Folder
    land: Surroundings

    @cached_property
    def register(self) -> Mapping[str, Mapping[str, Any]]:
        """Compiled file -> its entry in the data register."""
        return self.land.package.resources

    @cached_property
    def css(self) -> str:
        """The style sheet."""
        return resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")


def other_choice(folder: Folder, site: Site) -> Site | None:
    """The next-best alternative: the next site down the country's list; above the last. For own sites the first of the list."""
    if site.own:
        return folder.sites[0]
    at = next(i for i, s in enumerate(folder.sites) if s is site)
    return folder.sites[at + 1] if at + 1 < len(folder.sites) else folder.sites[at - 1] if at else None


@dataclass(frozen=True)
class Panels:
    """The drawings and tables of one site; a method is named after the field in which it stands.

    Parameters
    ----------
    book : Book
    site : Site
    """

    book: Book
    site: Site

    def place(self) -> Safe:
        """The map with its legend."""
        keys = [
            ("wire kv765", "765 kV"),
            ("wire kv500", "500 kV"),
            ("wire kv345", "345 kV"),
            ("wire kv230", "230 kV"),
            ("wire kv138", "138 kV"),
        ]
        keys += [
            ("pipe", "gas pipeline"),
            ("river", "river"),
            ("road us", "highway"),
            ("route", "route to be built"),
            ("campus", "campus"),
        ]
        legend = [
            tag(
                "span",
                tag("svg", tag("path", d="M2 1H14V9H2Z" if kind == "campus" else "M0 5H16", class_=kind), viewBox="0 0 16 10"),
                tag("span", label, data_m="legend"),
                class_="key",
            )
            for kind, label in keys
            if kind != "route" or self.site.routes
        ]
        legend += [
            tag("span", "■ station", class_="key stationkey"),
            tag("span", "● people (block groups)", class_="key peoplekey"),
        ]
        return join(
            [site_map(self.book.land, self.site.outline, self.site.row, self.site.routes), tag("p", *legend, class_="legend")]
        )

    def delivery(self) -> Safe:
        """Charts of megawatts by year."""
        if not self.site.curves:
            return tag("p", "Megawatts by year: ", words.ABSENT, ".", class_="absent")
        project = self.book.folder.project
        wanted = year_of_month(str(project["energise_by"]))
        charts = []
        for pathway, said in words.PATHWAYS.items():
            found = self.site.curves.get(pathway, ())
            if found:
                low, mid, high = ([r.get(f"mw_{q}") for r in found] for q in ("p10", "p50", "p90"))
                years = [int(r["year"]) for r in found]
                chosen = self.site.row.get("pathway") == pathway
                data = sketch.Curve(said, years, low, mid, high, full=float(project["mw"]), chosen=chosen, wanted=wanted)
                charts.append(sketch.curve(data))
        return join([tag("div", *charts, class_="curves"), tag("p", CURVES_NOTE, class_="note")])

    def path(self) -> Safe:
        """Steps of the way to power, by how often they count."""
        pathway = str(self.site.row.get("pathway"))
        found = [s for s in self.site.steps.get(pathway, ()) if (s.get("critical_share") or 0.0) >= LEAST_CRITICAL]
        if not found:
            return tag("p", "Steps: ", words.ABSENT if not self.site.steps else words.UNKNOWN, ".", class_="absent")
        found = sorted(found, key=lambda s: -s["critical_share"])[:MOST_STEPS]
        longest = max((s["months_p90"] or 0.0) for s in found)
        head = [tag("th", h, scope="col") for h in ("Step", "Months", "", "Counts in", "Longest in")]
        rows = []
        for s in found:
            key = f"{pathway}/{s['step']}"
            months = [
                tag(
                    "data",
                    words.UNKNOWN if s[f"months_{q}"] is None else words.figure(s[f"months_{q}"], 1),
                    data_t=f"{key}/months_{q}",
                )
                for q in ("p10", "p50", "p90")
            ]
            shares = [
                tag("td", tag("data", _percent(s.get(k)), data_t=f"{key}/{k}"), class_="num")
                for k in ("critical_share", "binding_share")
            ]
            rows.append(
                tag(
                    "tr",
                    tag("th", s["step"], scope="row"),
                    tag("td", months[1], tag("small", " (", months[0], " to ", months[2], ")")),
                    tag("td", sketch.bar(s["months_p10"], s["months_p50"], s["months_p90"], longest)),
                    *shares,
                )
            )
        note = "Shares of the draws in which the step lies on the critical path, and in which it is its longest."
        return join(
            [tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="steps"), tag("p", note, class_="note")]
        )

    def permits(self) -> Safe:
        """What lenders ask, and what is not seen."""
        gas = self.site.row.get("pathway") in ("onsite_gas", "hybrid")
        note = tag("p", tag("b", LENDERS), STRICT if gas else MILD, NOT_SEEN, class_="note")
        gates = self.book.folder.manifest["config"].get("exclusions") or {}
        passed = [str(g["reason"]) for g in gates.values() if g.get("on", True) and g.get("layer") in QUIET]
        if self.site.row.get("excluded_by") or not passed:
            return note
        said = tag("span", "; ".join(passed), data_r="exclusions")
        return join([tag("p", "Not on the best cell, by the gates of the run: ", said, class_="note"), note])

    def rank(self) -> Safe:
        """Scores of the families."""
        rows = []
        for family, said in FAMILY_WORDS.items():
            key = f"score_{family}"
            if key in self.site.row:
                score = self.site.row[key]
                meter = sketch.share(score / words.PERCENT) if score is not None else None
                rows.append(tag("span", tag("b", said), meter, facts.value(self.site.row, key), class_="family"))
        return tag("div", *rows, class_="families")

    def evidence(self) -> Safe:
        """How to read the marks."""
        said = "; ".join(f"{grade} {meaning}" for grade, meaning in GRADES.items())
        return tag(
            "p",
            "Marks in the right margin: grade and year of the oldest file behind a fact. ",
            tag("span", said, data_m="grades"),
            f"; {facts.COMPUTED}: computed here from such facts and from ranges that are partly judgement or unchecked general "
            "knowledge.",
            class_="note",
        )

    def risks(self) -> Safe:
        """The risk register."""
        return risks.table(self.book.folder, self.site, self.book.register)

    def beside(self) -> Safe:
        """The site beside the next choice and known campuses."""
        other = other_choice(self.book.folder, self.site)
        others = [(None, other), *((n, s) for n, s in self.book.folder.benchmarks() if s is None or s is not self.site)]
        heads = [tag("th", "", scope="col"), tag("th", "This site", scope="col")]
        for said, found in others:
            title = said or "Next choice"
            below = tag("small", facts.value(found.row, "name"), data_s=key_of(found)) if found else tag("small", words.ABSENT)
            heads.append(tag("th", title, tag("br"), below, scope="col", data_m="benchmark"))
        rows = []
        for label, key in BESIDE:
            if key not in self.site.row and not any(s and key in s.row for _, s in others):
                continue
            cells = [tag("td", _own_or(self.site, key))]
            cells += [
                tag("td", _own_or(s, key) if s else tag("i", words.ABSENT), data_s=key_of(s) if s else None) for _, s in others
            ]
            less = "more" if key in ON_SCREEN else None
            rows.append(tag("tr", tag("th", label, scope="row", data_l=True), *cells, class_=less))
        missing = [n for n, s in self.book.folder.benchmarks() if s is None]
        note = (
            tag(
                "p",
                "To have ",
                join(missing, " and "),
                " beside it: sitefinder dossiers --benchmarks.",
                class_="note",
            )
            if missing
            else None
        )
        return join([tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="beside"), note])

    def unseen(self) -> Safe:
        """What has to be asked elsewhere."""
        items = [tag("li", what, tag("small", " - ask: ", who)) for what, who in UNSEEN]
        said = "A screen of public data. It is no load study, no offer and no advice. Open before any decision:"
        return join([tag("p", said), tag("ul", *items, class_="unseen")])


def year_of_month(month: str) -> float:
    """A month as a place on the axis, where a whole year stands for its end."""
    year, _, part = month.partition("-")
    return int(year) - 1 + (int(part) if part else MONTHS_PER_YEAR) / MONTHS_PER_YEAR


def _percent(share: float | None) -> str:
    return words.UNKNOWN if share is None else f"{words.figure(share * words.PERCENT, 1)} %"


def _own_or(site: Site, key: str) -> Safe:
    """A value; the rank of the user's own sites is the one that they would take in the country."""
    return facts.value(site.row, "national_rank" if key == "rank" and site.own else key)


def key_of(site: Site) -> str:
    """Site id with the list it is from."""
    return f"{'own/' if site.own else ''}{site.site_id}"
