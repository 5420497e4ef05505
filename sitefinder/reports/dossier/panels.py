"""Parts of a dossier besides its tables of facts: map, charts, risk register, comparison, open questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from sitefinder.config.project import sources_of
from sitefinder.layers import GRADES
from sitefinder.reports.dossier import facts, risks
from sitefinder.reports.dossier.benchmarks import benchmark_sites
from sitefinder.reports.dossier.fields import FAMILY_WORDS
from sitefinder.reports.dossier.missing import missing_note
from sitefinder.reports.dossier.places import Surroundings, site_map
from sitefinder.reports.html import sketch, words
from sitefinder.reports.html.markup import Safe, join, tag
from sitefinder.results.run import CurvePoint, Entry, PathStep, Run
from sitefinder.results.site import Site

#: steps shown: those on the critical path in at least this share of the draws, at most so many (J)
LEAST_CRITICAL, MOST_STEPS = 0.02, 6
MONTHS_PER_YEAR = 12.0
CURVES_NOTE = (
    "Megawatts at the end of each year. Line: median of the draws (simulated timetables); band: without the lowest and the "
    "highest tenth. Dashed: the date wanted."
)
#: what stands side by side: label, column
BESIDE = (
    ("Score", "score"),
    ("Rank", "rank"),
    ("Chance, first 10", "p_top10"),
    ("Pathway to power", "pathway"),
    ("First 200 MW (P50)", "first_200mw_p50"),
    ("Full load (P50)", "full_load_p50"),
    ("Chance by the date", "p_full_by_date"),
    ("Station for the load", "grid_station"),
    ("Its distance", "grid_station_km"),
    ("Headroom left there", "grid_headroom_mw_p50"),
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
    ("Of which gas plant", "generation_musd_mid"),
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
    ("Lines, pipes and easements that no map here shows; lawsuits", "title search, counsel"),
)
#: whom to ask about a site: label, columns that name them
WHOM = (
    ("load study, utility", ("serving_utility",)),
    ("queue, grid operator", ("rto", "balancing_authority")),
    ("zoning and taxes, county planning office", ("county", "state")),
    ("water, supplier", ("water_supplier",)),
    ("firm gas, pipeline company", ("gas_pipeline",)),
    ("air, discharge and water rights, agencies of the state", ("state",)),
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
    """Data that all dossiers of a run share.

    Parameters
    ----------
    run : Run
    land : Surroundings
        Layers for the maps, with the register of files.
    known : sequence of Entry
        Named campuses that were put through the same screen besides.
    """

    run: Run
    land: Surroundings
    known: Sequence[Entry] = ()

    @cached_property
    def benchmarks(self) -> list[tuple[str, Entry | None]]:
        """Name and site of each named campus; None without one."""
        return benchmark_sites(self.run, self.known)

    @cached_property
    def register(self) -> facts.Register:
        """Compiled file -> vintage of its data."""
        return facts.register_of(self.land.package)

    @cached_property
    def css(self) -> str:
        """The style sheet."""
        return resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")


def other_choice(run: Run, entry: Entry) -> Entry | None:
    """Next-best alternative: the next site of the national list, for the last one the site before it, for own sites the first."""
    if entry.site.own is not None:
        return run.sites[0]
    at = next(i for i, other in enumerate(run.sites) if other is entry)
    return run.sites[at + 1] if at + 1 < len(run.sites) else run.sites[at - 1] if at else None


@dataclass(frozen=True)
class Panels:
    """Drawings and tables of one site; each method is named after the section that shows it.

    Parameters
    ----------
    book : Book
    entry : Entry
    """

    book: Book
    entry: Entry

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
            if kind != "route" or self.entry.routes
        ]
        legend += [
            tag("span", "■ station", class_="key stationkey"),
            tag("span", "● people (block groups)", class_="key peoplekey"),
        ]
        taken = self.book.run.config.land
        if taken is not None:
            close = tag("span", "in the corner: the land, with what lines, pipes, roads and rails take", data_m="legend")
            legend.append(tag("span", "■ ", close, class_="key takenkey"))
        return join([site_map(self.book.land, self.entry, taken), tag("p", *legend, class_="legend")])

    def delivery(self) -> Safe:
        """Charts of megawatts by year."""
        if not self.entry.curves:
            return tag("p", "Megawatts by year: ", words.ABSENT, ".", class_="absent")
        charts = [
            self._chart(pathway, title, self.entry.curves[pathway])
            for pathway, title in words.PATHWAYS.items()
            if self.entry.curves.get(pathway)
        ]
        return join([tag("div", *charts, class_="curves"), tag("p", CURVES_NOTE, class_="note")])

    def _chart(self, pathway: str, title: str, points: Sequence[CurvePoint]) -> Safe:
        project = self.book.run.config.project
        low, mid, high = ([_optional(mw) for mw in values] for values in zip(*(p.mw for p in points), strict=True))
        years, wanted = [p.year for p in points], year_of_month(project.energise_by)
        chosen = pathway == self._pathway
        return sketch.curve(sketch.Curve(title, years, low, mid, high, full=project.mw, chosen=chosen, wanted=wanted))

    @property
    def _pathway(self) -> str | None:
        """Pathway that the page is about; None without dates."""
        return self.entry.site.power.pathway if self.entry.site.power is not None else None

    def path(self) -> Safe:
        """Steps of the pathway to power, by the share of draws in which they are on the critical path."""
        pathway = self._pathway or ""
        steps = [s for s in self.entry.steps.get(pathway, ()) if s.critical_share >= LEAST_CRITICAL]
        if not steps:
            return tag("p", "Steps: ", words.UNKNOWN if self.entry.steps else words.ABSENT, ".", class_="absent")
        steps = sorted(steps, key=lambda s: -s.critical_share)[:MOST_STEPS]
        longest = max(0.0 if math.isnan(s.months.p90) else s.months.p90 for s in steps)
        head = [tag("th", h, scope="col") for h in ("Step", "Months", "", "Holds up power in", "Decides in")]
        rows = [_step_row(pathway, s, longest) for s in steps]
        note = (
            "Shares of the draws (simulated timetables) in which power waits for a step (it is critical), and in which it is the "
            "longest of those (it binds)."
        )
        return join(
            [tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="steps"), tag("p", note, class_="note")]
        )

    def permits(self) -> Safe:
        """Likely environmental screening by lenders, and what the screen does not cover."""
        gas = self._pathway is not None and "gas" in sources_of(self._pathway)
        note = tag("p", tag("b", LENDERS), STRICT if gas else MILD, NOT_SEEN, class_="note")
        config = self.book.run.config
        passed = [gate.reason for gate in config.exclusions.values() if gate.on and gate.layer not in config.flat_criteria()]
        own = self.entry.site.own
        if (own is not None and own.excluded_by) or not passed:
            return note
        said = tag("span", "; ".join(passed), data_r="exclusions")
        return join([tag("p", "Not on the best cell, by the gates of the run: ", said, class_="note"), note])

    def rank(self) -> Safe:
        """Bars of the family scores."""
        rows = []
        for family, title in FAMILY_WORDS.items():
            score = self.entry.site.families.score[family]
            meter = None if math.isnan(score) else sketch.share(score / words.PERCENT)
            rows.append(tag("span", tag("b", title), meter, facts.value(self.entry.site, f"score_{family}"), class_="family"))
        return tag("div", *rows, class_="families")

    def evidence(self) -> Safe:
        """Explanation of the evidence marks."""
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
        return risks.table(self.book.run, self.entry, self.book.register)

    def beside(self) -> Safe:
        """The site beside the next choice and known campuses."""
        site, benchmarks = self.entry.site, self.book.benchmarks
        others = [("Next choice", other_choice(self.book.run, self.entry))]
        others += [(name, entry) for name, entry in benchmarks if entry is not None and entry is not self.entry]
        heads = [tag("th", "", scope="col"), tag("th", "This site", scope="col")]
        heads += [_beside_head(title, entry) for title, entry in others]
        sites = [site, *(entry.site for _, entry in others if entry is not None)]
        rows = []
        for label, key in BESIDE:
            if any(facts.computed(s, key) for s in sites):
                cells = [tag("td", _own_or(site, key)), *(_beside_cell(entry, key) for _, entry in others)]
                less = "more" if key in ON_SCREEN else None
                rows.append(tag("tr", tag("th", label, scope="row", data_l=True), *cells, class_=less))
        table = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="beside")
        missing = join([name for name, entry in benchmarks if entry is None], " and ")
        if not missing:
            return table
        return join([table, tag("p", "To have ", missing, " beside it: sitefinder dossiers --benchmarks.", class_="note")])

    def unseen(self) -> Safe:
        """Whom to ask about this site, open questions, and who can answer each."""
        items = [tag("li", what, tag("small", " - ask: ", who)) for what, who in UNSEEN]
        said = "A screen of public data: no load study, no offer, no advice. Open before any decision:"
        missing = missing_note(self.book.run.config.layers.replace)
        return join([self._whom(), tag("p", said), tag("ul", *items, class_="unseen"), missing])

    def _whom(self) -> Safe:
        """Who to ask, by name where a register names them: utility, grid operator, county, water, gas, state."""
        site = self.entry.site
        said: list[Safe] = []
        for label, columns in WHOM:
            known = [c for c in columns if site.values.get(c) not in (None, "")]
            if any(c in site.values for c in columns):
                values = [facts.value(site, c) for c in known] or [tag("i", "no register here names one")]
                said.append(join([f"{label}: ", join(values, ", ")]))
        return tag("p", tag("b", "Whom to ask here. "), join(said, "; "), ".", class_="whom")


def year_of_month(month: str) -> float:
    """Month as a year with decimals; a whole number is the end of that year."""
    year, _, part = month.partition("-")
    return int(year) - 1 + (int(part) if part else MONTHS_PER_YEAR) / MONTHS_PER_YEAR


def _optional(value: float) -> float | None:
    """The number; None where it is NaN."""
    return None if math.isnan(value) else value


def _step_row(pathway: str, step: PathStep, longest: float) -> Safe:
    """Table row of a step: months, bar, shares of draws; bars are scaled to the longest step."""
    key, months = f"{pathway}/{step.step}", step.months
    low, mid, high = (
        tag("data", words.UNKNOWN if math.isnan(value) else words.figure(value, 1), data_t=f"{key}/months_{quantile}")
        for quantile, value in months._asdict().items()
    )
    shares = (("critical_share", step.critical_share), ("binding_share", step.binding_share))
    return tag(
        "tr",
        tag("th", step.step, scope="row"),
        tag("td", mid, tag("small", " (", low, " to ", high, ")")),
        tag("td", sketch.bar(_optional(months.p10), _optional(months.p50), _optional(months.p90), longest)),
        *(tag("td", tag("data", _percent(share), data_t=f"{key}/{name}"), class_="num") for name, share in shares),
    )


def _beside_head(title: str, entry: Entry | None) -> Safe:
    """Column head of the comparison: title and name of the site."""
    below = tag("small", facts.value(entry.site, "name"), data_s=key_of(entry.site)) if entry else tag("small", words.ABSENT)
    return tag("th", title, tag("br"), below, scope="col", data_m="benchmark")


def _beside_cell(entry: Entry | None, key: str) -> Safe:
    if entry is None:
        return tag("td", tag("i", words.ABSENT))
    return tag("td", _own_or(entry.site, key), data_s=key_of(entry.site))


def _percent(share: float) -> str:
    return words.UNKNOWN if math.isnan(share) else f"{words.figure(share * words.PERCENT, 1)} %"


def _own_or(site: Site, key: str) -> Safe:
    """Value of a site; for an own site the rank is the one it would have in the national list."""
    return facts.value(site, "national_rank" if key == "rank" and site.own is not None else key)


def key_of(site: Site) -> str:
    """Site id with the list it is from."""
    return f"{'own/' if site.own is not None else ''}{site.site_id}"
