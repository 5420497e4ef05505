"""The risk register of a site: every line from a column or a step of the run, none made up for a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sitefinder.layers import REGISTRY
from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.facts import Register
from sitefinder.reports.dossier.reading import Folder, Site
from sitefinder.reports.html import words
from sitefinder.reports.html.markup import Safe, join, tag

#: chance of the bad end -> word; the scale of the Intergovernmental Panel on Climate Change (guidance note of 2010, K)
CHANCES = ((0.9, "very likely"), (0.66, "likely"), (0.33, "about even"), (0.1, "unlikely"), (0.0, "very unlikely"))
#: value of a criterion (1 = best) up to which its place is exposed much, and in part (J: thirds)
EXPOSED = ((1.0 / 3.0, "likely"), (2.0 / 3.0, "possible"), (1.0, "unlikely"))
ADEQUACY = {"small_share": "unlikely", "expansion": "possible", "own_pipeline": "likely"}
DROUGHT = {"yes": "unlikely", "no": "likely"}
#: layers of which the worst is the natural hazard named
HAZARDS = ("flood_rank", "tornado_per_decade", "hurricane_per_decade", "seismic_pga_pct_g", "wildfire_high_share")
#: layers of which the worst tells how likely the place is opposed
AGAINST = ("moratorium_km", "precedents_blocked_share", "population_10km")
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


def chance(p: float | None) -> str:
    """A chance in words.

    >>> chance(0.7), chance(None)
    ('likely', 'unknown')
    """
    return words.UNKNOWN if p is None else next(word for least, word in CHANCES if p >= least)


def exposure(value: float | None) -> str:
    """How likely trouble is where a criterion has this value (1 = best).

    >>> exposure(0.9)
    'unlikely'
    """
    return words.UNKNOWN if value is None else next(word for most, word in EXPOSED if value <= most)


def worst(folder: Folder, row: Mapping[str, Any], layers: Sequence[str]) -> str:
    """The layer of the lowest value; unknown values come last."""
    values = {k: folder.value(k, row.get(k)) for k in layers}
    return min(layers, key=lambda k: (values[k] is None, values[k] or 0.0))


def step_months(site: Site, pathway: str, step: str) -> Safe | None:
    """Months of a step of a pathway, low to high; None where the run has no such step."""
    for found in site.steps.get(pathway, ()):
        if found.get("step") == step and found.get("months_p10") is not None:
            ends = (
                tag("data", words.figure(found[f"months_{q}"], 1), data_t=f"{pathway}/{step}/months_{q}") for q in ("p10", "p90")
            )
            return join([step, ": ", join(ends, " to "), " months"])
    return None


def _dollars(row: Mapping[str, Any], base: str) -> Safe | None:
    keys = tuple(f"{base}_{end}" for end in ("low", "mid", "high"))
    return facts.span(row, keys) if row.get(keys[1]) is not None else None


def register(folder: Folder, site: Site) -> list[Risk]:
    """The risks of a site, in the order in which a lender asks."""
    return [*_power(folder, site), *_supply(folder, site), *_place(folder, site)]


def _power(folder: Folder, site: Site) -> list[Risk]:
    row, pathway = site.row, str(site.row.get("pathway"))
    late = None if row.get("p_full_by_date") is None else 1.0 - row["p_full_by_date"]
    step = row.get("binding_step")
    found = [
        Risk(
            "Full load comes after the date wanted",
            chance(late) if "p_full_by_date" in row else words.ABSENT,
            join(["full load: ", facts.span(row, ("full_load_p10", "full_load_p50", "full_load_p90"))])
            if late is not None
            else None,
            f"start first what decides: {step}" if step else "have the utility name its dates in writing",
            "developer, utility",
            "p_full_by_date",
        ),
        Risk(
            "The station cannot carry the load",
            _carries(row, float(folder.project["mw"])),
            _able(row) or step_months(site, "grid", "network upgrades"),
            "early load study; smaller first phase; own generation",
            "utility, developer",
            "grid_headroom_mw_p50",
        ),
        Risk(
            "The connection is dearer than thought",
            exposure(folder.value("substation_345_km", row.get("grid_route_km", row.get("substation_345_km")))),
            _dollars(row, "grid_cost_musd") or step_months(site, "grid", "new line"),
            "survey of the route; options on the right of way",
            "developer",
            "grid_route_km" if "grid_route_km" in row else "substation_345_km",
        ),
    ]
    slow = max(
        (s for s in site.steps.get(pathway, ()) if s.get("step") in ORDERED and s.get("binding_share") is not None),
        key=lambda s: (s["critical_share"] or 0.0, s["step"]),
        default=None,
    )
    if slow is not None:
        size = step_months(site, pathway, slow["step"])
        found.append(
            Risk(
                "Waiting for transformers or turbines decides",
                chance(slow["critical_share"]),
                size,
                "book factory slots",
                "developer",
                "binding_step",
            )
        )
    return found


def _carries(row: Mapping[str, Any], mw: float) -> str:
    low, mid, high = (row.get(f"grid_headroom_mw_{q}") for q in ("p10", "p50", "p90"))
    if "grid_headroom_mw_p50" not in row:
        return words.ABSENT
    if row.get("grid_route_able") is False:  # the route that is costed ends at a station that cannot
        return "likely"
    if low is None or mid is None or high is None:
        return words.UNKNOWN
    return "very unlikely" if low >= mw else "unlikely" if mid >= mw else "about even" if high >= mw else "likely"


def _able(row: Mapping[str, Any]) -> Safe | None:
    """What the route to a station that can carry the load costs, where the one costed cannot."""
    found = _dollars(row, "grid_able_cost_musd") if row.get("grid_route_able") is False else None
    return join(["route to one that can: ", found]) if found else None


def _supply(folder: Folder, site: Site) -> list[Risk]:
    row, pathway = site.row, str(site.row.get("pathway"))
    gas = "onsite_gas" if pathway == "grid" else pathway
    thin = exposure(folder.value("gas_pipelines_10km", row.get("gas_pipelines_10km")))
    dry = exposure(folder.value("water_stress_ratio", row.get("water_stress_ratio")))
    lateral = _dollars(row, "gas_cost_musd")
    pipe = join(
        [
            join(["pipe to the site ", lateral]) if lateral else None,
            step_months(site, gas, "new pipeline") or step_months(site, gas, "gas lateral"),
        ],
        "; ",
    )
    penalty = row.get("dry_cooling_penalty_pct_mid")
    return [
        Risk(
            "The pipeline cannot feed the plant",
            ADEQUACY.get(str(row["gas_adequacy"]), words.UNKNOWN) if "gas_adequacy" in row else thin,
            pipe or None,
            "firm transport from two companies",
            "pipeline company",
            "gas_adequacy" if "gas_adequacy" in row else "gas_pipelines_10km",
        ),
        Risk(
            "The air permit is refused or delayed",
            exposure(folder.value("nonattainment_count", row.get("nonattainment_count"))),
            step_months(site, gas, "air permit") or step_months(site, "onsite_gas", "air permit"),
            "offsets; cleaner engines; less diesel",
            "state agency",
            "nonattainment_count",
        ),
        Risk(
            "Water runs short in a dry year",
            DROUGHT.get(str(row["drought_ok"]), words.UNKNOWN) if "drought_ok" in row else dry,
            join(["dry cooling takes ", facts.value(row, "dry_cooling_penalty_pct_mid"), " more energy"])
            if penalty is not None
            else None,
            "dry cooling; reclaimed water; storage",
            "developer, water utility",
            "drought_ok" if "drought_ok" in row else "water_stress_ratio",
        ),
    ]


def _place(folder: Folder, site: Site) -> list[Risk]:
    row = site.row
    hazard, opposed = (worst(folder, row, layers) for layers in (HAZARDS, AGAINST))
    threat = exposure(folder.value(hazard, row.get(hazard)))
    people = join([facts.value(row, "people_5km"), " near"]) if row.get("people_5km") is not None else None
    return [
        Risk(
            "Neighbours or the county say no",
            _opposition(folder, row, opposed),
            people,
            "early agreement on noise, water, taxes, distance",
            "county, developer",
            "precedents" if row.get("precedents") else opposed,
        ),
        Risk(
            f"Worst hazard: {_lower(REGISTRY[hazard].spec.title)}",
            EXPOSURES.get(threat, threat),
            facts.value(row, hazard) if row.get(hazard) is not None else None,
            "design; elevation; insurance",
            "developer, insurer",
            hazard,
        ),
        Risk(
            "The land cannot be had in one piece",
            _land(folder, row),
            _dollars(row, "land_musd"),
            "options on several parcels, early and quietly",
            "developer",
            "largest_rectangle_acres" if "largest_rectangle_acres" in row else "buildable_acres",
        ),
        Risk(
            "Tax relief or tariff terms change",
            "not estimated",
            _dollars(row, "sales_tax_musd"),
            "terms fixed by contract before the purchase",
            "state, utility",
            "tax_relief" if "tax_relief" in row else "incentive_level",
        ),
        Risk(
            "What is modelled turns out otherwise",
            exposure(1.0 - row["evidence_weak_share"]) if row.get("evidence_weak_share") is not None else words.UNKNOWN,
            join([facts.value(row, "evidence_weak_share"), " on models and proxies"])
            if row.get("evidence_weak_share") is not None
            else None,
            "letters and surveys instead of estimates",
            "developer",
            "evidence_weak_share" if "evidence_weak_share" in row else "evidence_grade",
        ),
    ]


def _opposition(folder: Folder, row: Mapping[str, Any], layer: str) -> str:
    """The worse of what the neighbourhood's criteria say and what became of contested projects around."""
    said = exposure(folder.value(layer, row.get(layer)))
    if not row.get("precedents"):
        return said
    blocked = row.get("precedents_blocked")
    known = "possible" if blocked is None else exposure(1.0 - blocked)  # too few to tell is not friendly
    order = [word for _, word in EXPOSED]
    return min((word for word in (said, known) if word in order), key=order.index)


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def _land(folder: Folder, row: Mapping[str, Any]) -> str:
    candidates = folder.manifest["config"].get("candidates", {})
    wanted = candidates.get("acres") or float(candidates.get("acres_per_mw") or 0.0) * float(folder.project["mw"])
    found = row.get("largest_rectangle_acres", row.get("buildable_acres"))
    if found is None or not wanted:
        return words.UNKNOWN
    return "unlikely" if found >= wanted else "possible"


def table(folder: Folder, site: Site, files: Register) -> Safe:
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
        for r in register(folder, site)
    ]
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="risks")
