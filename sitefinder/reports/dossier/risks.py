"""Risk register of a site; every line follows from a column or a step of the run.

Besides laying out, this module computes how likely each risk is: from the chances of the run, or from the value that the criteria
of the run give to a layer. Nothing else rests on these words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sitefinder.config.project import sources_of, with_source
from sitefinder.layers import REGISTRY
from sitefinder.power.columns import PowerPart
from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.facts import Register
from sitefinder.reports.dossier.fields import ENDS
from sitefinder.reports.html import words
from sitefinder.reports.html.markup import Safe, join, tag
from sitefinder.results.run import Entry, Run
from sitefinder.results.site import Site
from sitefinder.routes.across import NOTHING

#: chance of the bad end -> word; the scale of the Intergovernmental Panel on Climate Change (guidance note of 2010, K)
CHANCES = ((0.9, "very likely"), (0.66, "likely"), (0.33, "about even"), (0.1, "unlikely"), (0.0, "very unlikely"))
#: value of a criterion (1 = best) up to which its place is exposed much, and in part (J: thirds)
EXPOSED = ((1.0 / 3.0, "likely"), (2.0 / 3.0, "possible"), (1.0, "unlikely"))
ADEQUACY = {"small_share": "unlikely", "expansion": "possible", "own_pipeline": "likely"}
DROUGHT = {"yes": "unlikely", "no": "likely"}
#: layers of which the worst is the natural hazard named
HAZARDS = ("flood_rank", "tornado_per_decade", "hurricane_per_decade", "seismic_pga_pct_g", "wildfire_high_share")
#: layers of which the worst tells how likely the place is opposed
AGAINST = ("local_rule", "precedents_blocked_expected", "people_10km")
#: how far a place is exposed, in the words of a hazard
EXPOSURES = {"unlikely": "low exposure", "possible": "medium exposure", "likely": "high exposure"}
#: steps that wait for a factory
ORDERED = ("transformer", "turbine delivery", "engine delivery")


class Risk(NamedTuple):
    """One line of the register: what, how likely in words, how large, what helps, who, and the column behind it."""

    title: str
    likely: str
    size: Safe | None
    helps: str
    who: str
    evidence: str


def chance(p: float) -> str:
    """A chance in words; NaN = unknown.

    >>> chance(0.7), chance(math.nan)
    ('likely', 'unknown')
    """
    return words.UNKNOWN if math.isnan(p) else next(word for least, word in CHANCES if p >= least)


def exposure(value: float | None) -> str:
    """Likelihood of a problem, in words, where a criterion has this value (1 = best).

    >>> exposure(0.9)
    'unlikely'
    """
    if value is None or math.isnan(value):
        return words.UNKNOWN
    return next(word for most, word in EXPOSED if value <= most)


def exposure_to(run: Run, site: Site, layer: str) -> str:
    """Likelihood of a problem, in words, by the value of a layer at the site."""
    return exposure(run.value(layer, site.layer(layer)))


def worst(run: Run, site: Site, layers: Sequence[str]) -> str:
    """The layer of the lowest value; unknown values come last."""
    values = {layer: run.value(layer, site.layer(layer)) for layer in layers}
    return min(layers, key=lambda layer: (values[layer] is None, values[layer] or 0.0))


def step_months(entry: Entry, pathway: str, step: str) -> Safe | None:
    """Months of a step of a pathway, low to high; None where the run has no such step."""
    for each in entry.steps.get(pathway, ()):
        if each.step == step and not math.isnan(each.months.p10):
            ends = (("p10", each.months.p10), ("p90", each.months.p90))
            figures = (tag("data", words.figure(months, 1), data_t=f"{pathway}/{step}/months_{q}") for q, months in ends)
            return join([step, ": ", join(figures, " to "), " months"])
    return None


def _dollars(site: Site, base: str) -> Safe | None:
    """A range of costs; None where its middle is unknown."""
    keys = tuple(f"{base}_{end}" for end in ENDS)
    return facts.span(site, keys) if facts.is_known(site, keys[1]) else None


def _with(before: str, value: Safe | None, after: str = "") -> Safe | None:
    """Phrase around a value; None without a value."""
    return join([before, value, after]) if value is not None else None


def register(run: Run, entry: Entry) -> list[Risk]:
    """The risks of a site, in the order in which a lender asks."""
    site = entry.site
    risks = (
        _late(site),
        _station(run, entry),
        _connection(run, entry),
        _border(site),
        _factory(entry),
        _pipeline(run, entry),
        _permit(run, entry),
        _water(run, site),
        _opposition(run, site),
        _jurisdiction(site),
        _in_forest(site),
        _hazard(run, site),
        _land(run, site),
        _terms(site),
        _models(site),
    )
    return [risk for risk in risks if risk is not None]


def _late(site: Site) -> Risk:
    power = site.power
    late = 1.0 - power.p_full_by_date if power is not None else math.nan
    size = None if math.isnan(late) else facts.span(site, ("full_load_p10", "full_load_p50", "full_load_p90"))
    step = power.binding_step if power is not None else None
    return Risk(
        "Full load comes after the date wanted",
        words.ABSENT if power is None else chance(late),
        _with("full load: ", size),
        f"start first what decides: {step}" if step else "have the utility name its dates in writing",
        "developer, utility",
        "p_full_by_date",
    )


def _station(run: Run, entry: Entry) -> Risk:
    site = entry.site
    return Risk(
        "The station cannot carry the load",
        words.ABSENT if site.power is None else _overload(site.power, run.config.project.mw),
        step_months(entry, "grid", "network upgrades"),
        "early load study; smaller first phase; own generation",
        "utility, developer",
        "grid_headroom_mw_p50",
    )


def _overload(power: PowerPart, mw: float) -> str:
    """Likelihood, in words, that the headroom of the station is too small, by its quantiles."""
    low, mid, high = power.grid_headroom_mw
    if any(math.isnan(headroom) for headroom in power.grid_headroom_mw):
        return words.UNKNOWN
    return "very unlikely" if low >= mw else "unlikely" if mid >= mw else "about even" if high >= mw else "likely"


def _connection(run: Run, entry: Entry) -> Risk:
    site, layer = entry.site, "able_grid_km"
    km = site.layer(layer) if site.routes is None else site.routes.grid.km
    return Risk(
        "The connection is dearer than thought",
        exposure(run.value(layer, km)),
        _dollars(site, "grid_cost_musd") or step_months(entry, "grid", "new line"),
        "survey of the route; options on the right of way",
        "developer",
        layer if site.routes is None else "grid_route_km",
    )


def _border(site: Site) -> Risk | None:
    """The station lies beyond a state line, in another market region, or across a large river."""
    between = site.routes.grid_across if site.routes is not None else None
    if between is None or between == NOTHING:
        return None
    return Risk(
        "The station lies across a border or a river",
        "likely" if "market region" in between else "possible",
        facts.known_value(site, "grid_across"),
        "ask the utility of the site first; a station on its own side, if need be farther",
        "utilities, commissions, Army Corps",
        "grid_across",
    )


def _factory(entry: Entry) -> Risk | None:
    """Risk of late equipment, where a step of the pathway is a delivery."""
    pathway = _pathway(entry.site)
    steps = (s for s in entry.steps.get(pathway, ()) if s.step in ORDERED and not math.isnan(s.binding_share))
    slow = max(steps, key=lambda s: (0.0 if math.isnan(s.critical_share) else s.critical_share, s.step), default=None)
    if slow is None:
        return None
    return Risk(
        "Waiting for transformers or turbines decides",
        chance(slow.critical_share),
        step_months(entry, pathway, slow.step),
        "book factory slots",
        "developer",
        "binding_step",
    )


def _pathway(site: Site) -> str:
    """Pathway that the page is about; empty without dates."""
    return (site.power.pathway or "") if site.power is not None else ""


def _gas_pathway(site: Site) -> str:
    """Pathway whose steps tell how long a pipeline and an air permit take."""
    pathway = _pathway(site)
    return pathway if pathway and "gas" in sources_of(pathway) else with_source("gas")[0]


def _pipeline(run: Run, entry: Entry) -> Risk:
    site, gas, layer = entry.site, _gas_pathway(entry.site), "gas_pipelines_10km"
    pipe = _with("pipe to the site ", _dollars(site, "gas_cost_musd"))
    months = step_months(entry, gas, "new pipeline") or step_months(entry, gas, "gas lateral")
    return Risk(
        "The pipeline cannot feed the plant",
        exposure_to(run, site, layer) if site.needs is None else ADEQUACY.get(site.needs.gas_adequacy or "", words.UNKNOWN),
        join([pipe, months], "; ") or None,
        "firm transport from two companies",
        "pipeline company",
        layer if site.needs is None else "gas_adequacy",
    )


def _permit(run: Run, entry: Entry) -> Risk:
    gas, step = _gas_pathway(entry.site), "air permit"
    return Risk(
        "The air permit is refused or delayed",
        exposure_to(run, entry.site, "nonattainment_count"),
        step_months(entry, gas, step) or step_months(entry, "onsite_gas", step),
        "offsets; cleaner engines; less diesel",
        "state agency",
        "nonattainment_count",
    )


def _water(run: Run, site: Site) -> Risk:
    layer = "water_stress_ratio"
    return Risk(
        "Water runs short in a dry year",
        exposure_to(run, site, layer) if site.needs is None else DROUGHT.get(site.needs.drought_ok or "", words.UNKNOWN),
        _with("dry cooling takes ", facts.known_value(site, "dry_cooling_penalty_pct_mid"), " more energy"),
        "dry cooling; reclaimed water; storage",
        "developer, water utility",
        layer if site.needs is None else "drought_ok",
    )


def _opposition(run: Run, site: Site) -> Risk:
    """Likelihood of opposition: the worse of the community criteria and the outcome of contested projects around."""
    layer = worst(run, site, AGAINST)
    likely, evidence = exposure_to(run, site, layer), layer
    contested = site.certainty.precedents if site.certainty is not None else None
    if contested is not None and contested.precedents:
        blocked = contested.precedents_blocked
        around = "possible" if math.isnan(blocked) else exposure(1.0 - blocked)  # too few to tell is not friendly
        order = [word for _, word in EXPOSED]
        likely = min((word for word in (likely, around) if word in order), key=order.index)
        evidence = "precedents"
    return Risk(
        "Neighbours or the county say no",
        likely,
        _with("", facts.known_value(site, "people_5km"), " near"),
        "early agreement on noise, water, taxes, distance",
        "county, developer",
        evidence,
    )


def _jurisdiction(site: Site) -> Risk | None:
    """Inside a former reservation of Oklahoma: no gate, but the tribe has a say."""
    if not site.layer("tribal_statistical_pct"):  # none, or a list of an earlier version
        return None
    return Risk(
        "Inside a tribal jurisdiction or statistical area: ask",
        "not estimated",
        facts.known_value(site, "tribal_statistical_pct"),
        "ask the tribe about minerals, easements, taxes and permits before options",
        "tribe, developer",
        "tribal_statistical_pct",
    )


def _in_forest(site: Site) -> Risk | None:
    """Within a park's or a national forest's outline: who owns the parcel is not known here."""
    if not site.layer("park_forest_pct"):
        return None
    return Risk(
        "Within the outline of a national forest or park: who owns it?",
        "not estimated",
        facts.known_value(site, "park_forest_pct"),
        "read the title of every parcel; federal and private land are mixed",
        "county recorder, Forest Service",
        "park_forest_pct",
    )


def _hazard(run: Run, site: Site) -> Risk:
    layer = worst(run, site, HAZARDS)
    threat, title = exposure_to(run, site, layer), REGISTRY[layer].spec.title
    return Risk(
        f"Worst hazard: {title[:1].lower() + title[1:]}",
        EXPOSURES.get(threat, threat),
        facts.known_value(site, layer),
        "design; elevation; insurance",
        "developer, insurer",
        layer,
    )


def _land(run: Run, site: Site) -> Risk:
    acres = site.land.largest_rectangle_acres
    return Risk(
        "The land cannot be had in one piece",
        words.UNKNOWN if math.isnan(acres) else "unlikely" if acres >= run.config.campus_acres else "possible",
        _dollars(site, "land_musd"),
        "options on several parcels, early and quietly",
        "developer",
        "largest_rectangle_acres",
    )


def _terms(site: Site) -> Risk:
    return Risk(
        "Tax relief or tariff terms change",
        "not estimated",
        _dollars(site, "sales_tax_musd"),
        "terms fixed by contract before the purchase",
        "state, utility",
        "incentive_level" if site.costs is None else "tax_relief",
    )


def _models(site: Site) -> Risk:
    share = site.certainty.evidence.weak_share if site.certainty is not None else math.nan
    return Risk(
        "What is modelled turns out otherwise",
        exposure(1.0 - share),
        _with("", facts.known_value(site, "evidence_weak_share"), " on models and proxies"),
        "letters and surveys instead of estimates",
        "developer",
        "evidence_grade" if site.certainty is None else "evidence_weak_share",
    )


def table(run: Run, entry: Entry, files: Register) -> Safe:
    """The register as a table."""
    head = tag("tr", *(tag("th", h, scope="col") for h in ("Risk", "How likely", "Size", "What helps, and who", "Evidence")))
    rows = [
        tag(
            "tr",
            tag("th", r.title, scope="row"),
            tag("td", r.likely, class_="likely is-" + r.likely.replace(" ", "-")),
            tag("td", r.size if r.size else tag("i", "no figure in this run")),
            tag("td", r.helps, tag("small", " (", r.who, ")")),
            tag("td", facts.mark(r.evidence, files), class_="ev"),
        )
        for r in register(run, entry)
    ]
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="risks")
