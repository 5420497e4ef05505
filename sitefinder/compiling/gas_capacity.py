"""Capacity of each gas pipeline company at one state line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from sitefinder.compiling.base import Compiler, Product
from sitefinder.compiling.gas import PIPELINES_RAW

CAPACITY_RAW = "gas/pipeline_capacity_by_company.json"

#: abbreviations of the two sources, whole words
WORDS = {
    "PL": "PIPELINE",
    "PIPELINES": "PIPELINE",
    "LINE": "PIPELINE",
    "TRANS": "TRANSMISSION",
    "TRANMISSION": "TRANSMISSION",
    "NAT": "NATURAL",
    "SYS": "SYSTEM",
    "AM": "AMERICA",
}
#: words that name a legal form and no company
FORMS = frozenset({"CO", "CORP", "COMPANY", "INC", "LLC", "LP", "LTD", "OF", "THE"})
#: words that most names share
KINDS = frozenset({"PIPELINE", "GAS", "NATURAL", "TRANSMISSION", "SYSTEM", "SUPPLY"})
#: pipelines under another name in the capacity figures: renamed, sold or spelt otherwise
ALIASES = {
    "Cove Point Pipeline": "DOMINION COVE POINT LNG LP",
    "Destin Pipeline Offshore (SHELL)": "DESTIN PIPELINE CO",
    "Enbridge Pipelines (AlaTenn)": "AMERICAN MIDSTREAM (ALATENN), LLC",
    "Enbridge Pipelines (UTOS)": "DELFIN LNG (UTOS PIPELINE)",
    "Gulfstream Pipeline Co": "GULFSTREAM NATURAL GAS SYSTEM (VIA THE GULF OF AMERICA)",
    "Maritimes & Northeast PL US": "MARITIMES/NORTHEAST PL CO",
    "Midla-Natchez Pipeline": "AMERICAN MIDSTREAM (MIDLA)",
    "Mississippi River Trans Corp": "ENABLE MISSISSIPPI RIVER TRANSMISSION, LLC",
    "Mojave Pipeline Co": "MOHAVE PIPELINE CO",
    "Panther Interstate Pipeline LLC": "PANTHER INTERSTATE PIPELINE ENERGY FISH HOOK",
    "South Carolina PL Corp": "DOMINION CAROLINA GAS TRANSMISSION",
}
#: intrastate pipelines built to cross the border to Mexico: only of these does a border figure tell what the line moves
EXPORT_LINES = frozenset(
    {
        "Comanche Trail Pipeline",
        "NET Mexico Pipeline",
        "Roadrunner",
        "Sierrita Gas Pipeline",
        "Trans Pecos Pipeline",
        "Valley Crossing Pipeline",
    }
)
#: border figure below which a system is only touched by the border, MMcf/d
LEAST_MMCFD = 20.0


def compile_gas_capacity(c: Compiler) -> None:
    """Capacity by pipeline name."""
    figures = originals(json.loads(c.raw(CAPACITY_RAW).read_text(encoding="utf-8")))
    lines = gpd.read_parquet(c.raw(PIPELINES_RAW), columns=["pipeline", "type", "geometry"])
    interstate = lines["type"].str.lower().eq("interstate").groupby(lines["pipeline"]).any()
    names = sorted(n for n, crosses in interstate.items() if crosses or n in EXPORT_LINES)
    companies = match(names, figures)
    table = pd.DataFrame({"pipeline": names, "company": [companies.get(n) for n in names]})
    table["mmcfd"] = table["company"].map(figures).where(lambda v: v >= LEAST_MMCFD)
    table.loc[table["mmcfd"].isna(), "company"] = None
    c.table(
        Product(
            path="gas/pipeline_capacity.parquet",
            title="Capacity of gas pipeline companies at one state line",
            publisher="US Energy Information Administration, state-to-state capacity and pipeline maps",
            vintage="about 2024",
            licence="public domain (US government)",
            grade="E3",
            caveat=(
                "One figure per company, by all signs its largest capacity across one state line: neither the capacity at a "
                "place nor spare capacity. Systems that gather and deliver within the same states move more than it says. "
                "Matched by name; null = unknown, so are intrastate systems, which are left out."
            ),
            method=(
                "Names of both sources compared without legal forms and abbreviations, then without words that most names "
                "share where that leaves one candidate; renamed companies by hand. Figures below 20 MMcf/d are left out."
            ),
            sources=(CAPACITY_RAW, PIPELINES_RAW),
            fields={
                "pipeline": "name as in gas/pipelines.parquet",
                "company": "name under which the capacity is given; null = none found",
                "mmcfd": "capacity, million cubic feet per day; null = unknown",
            },
        ),
        table,
    )


def originals(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures without derived spellings: a name is dropped that is an earlier one of the same figure with letters left out.

    >>> originals({"SABLE GAS CO": 20.0, "SABLE": 20.0, "SABLE RIDGE": 30.0})
    {'SABLE GAS CO': 20.0, 'SABLE RIDGE': 30.0}
    """
    kept: dict[str, float] = {}
    for name, figure in figures.items():
        if not any(figure == other and _within(name, longer) for longer, other in kept.items()):
            kept[name] = figure
    return kept


def _within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)


def plain(name: str) -> tuple[str, ...]:
    """Words of a name in order, abbreviations written out, without legal forms and what stands in brackets.

    >>> plain("NAT GAS P L CO OF AMERICA")
    ('NATURAL', 'GAS', 'PIPELINE', 'AMERICA')
    """
    bare = re.sub(r"\(.*?\)", " ", name.upper())
    words = re.sub(r"[^A-Z0-9 ]", " ", re.sub(r"\bP L\b", "PL", bare.replace("-", " "))).split()
    return tuple(WORDS.get(w, w) for w in words if w not in FORMS)


def match(names: list[str], figures: Mapping[str, float]) -> dict[str, str]:
    """Pipeline name -> name in the figures; names without a sure counterpart are left out.

    Names in brackets tell a branch from the main line, so a pipeline with brackets is matched by hand only.
    """
    whole = {plain(k): k for k in reversed(list(figures))}
    short: dict[frozenset[str], set[str]] = {}
    for company in figures:
        short.setdefault(_short(company), set()).add(company)
    branches = {_short(n) for n in names if "(" not in n}
    rivals = {s: [n for n in names if _short(n) == s and "(" not in n] for s in branches}
    company_of = {}
    for name in names:
        key = ALIASES.get(name)
        if key is None and "(" not in name:
            candidates = short.get(_short(name), set())
            alone = next(iter(candidates)) if len(candidates) == 1 and len(rivals[_short(name)]) == 1 else None
            key = whole.get(plain(name), alone)
        if key in figures:
            company_of[name] = str(key)
    return company_of


def _short(name: str) -> frozenset[str]:
    return frozenset(plain(name)) - KINDS
