"""Local decisions on data centers and their outcome for the community, by county."""

from __future__ import annotations

import pandas as pd

from sitefinder.compiling.base import Compiler, Product
from sitefinder.compiling.boundaries import COUNTIES_RAW, county_polygons
from sitefinder.compiling.policy import FORMER_COUNTIES

PRECEDENTS_RAW = "policy/county_community_precedents.csv"
COUNTS = ("blocked_or_withdrawn", "went_ahead", "mixed", "pending")


def compile_precedents(c: Compiler) -> None:
    """``policy/community_precedents.parquet``."""
    raw = pd.read_csv(c.raw(PRECEDENTS_RAW), dtype={"county_fips": str})
    raw["fips"] = raw["county_fips"].str.zfill(5).replace(FORMER_COUNTIES)
    grouped = raw.groupby("fips").agg({**dict.fromkeys(COUNTS, "sum"), "last_event": "max"})
    counties = county_polygons(c)["fips"].sort_values()
    table = grouped.reindex(counties)
    table[list(COUNTS)] = table[list(COUNTS)].fillna(0)
    table["blocked"] = table["blocked_or_withdrawn"]
    table["decided"] = table["blocked_or_withdrawn"] + table["went_ahead"] + table["mixed"]
    table["open"] = table["pending"]
    columns = ["blocked", "went_ahead", "mixed", "open", "decided"]
    table = table[columns].astype("int32").join(table["last_event"]).rename_axis("fips").reset_index()
    c.table(_product(), table)


def _product() -> Product:
    return Product(
        path="policy/community_precedents.parquet",
        title="Local decisions on data-center projects by county and outcome",
        publisher="George Ingebretsen, register of data-center opposition events",
        vintage="2018-03 to 2026-08",
        licence="CC BY 4.0",
        grade="E3",
        caveat=(
            "Local events collected from the press to August 2026. Counts follow announcements: a county that nobody proposed a "
            "project in has none, and quiet approvals are reported less than fights. No event is no consent."
        ),
        method="Events summed by county; a county without events has zeros, which say nothing about its mood.",
        sources=(PRECEDENTS_RAW, COUNTIES_RAW),
        fields={
            "fips": "county code",
            "blocked": "events that ended with the project blocked or withdrawn",
            "went_ahead": "events after which the project went ahead",
            "mixed": "events with a mixed outcome",
            "open": "events without an outcome yet",
            "decided": "blocked, went ahead or mixed",
            "last_event": "date of the last event, ISO; null = none",
        },
    )
