"""Campuses whose commitment and first megawatts are dated, to fit and to test the dates of the schedule."""

from __future__ import annotations

import pandas as pd

from sitefinder.compiling.base import Compiler, Product

DATES_RAW = "check/power_dates.csv"
#: month up to which the table was kept: what had not come by then is only known to be later
LOOKED = "2026-07"
#: columns kept, in this order
KEPT = (
    *("name", "state", "lat", "lon", "pathway", "commit", "commit_basis", "mw_full"),
    *("first_power", "first_power_kind", "date_200mw", "date_200mw_kind", "date_500mw", "date_500mw_kind"),
    *("date_full", "date_full_kind", "mobile_gas", "battery", "flexible", "phased", "existing_interconnection", "powered_land"),
    *("reused_plant", "grade", "source"),
)
FLAGS = ("mobile_gas", "battery", "flexible", "phased", "existing_interconnection", "powered_land", "reused_plant")


def compile_power_dates(c: Compiler) -> None:
    """``grid/power_dates.parquet``."""
    table = pd.read_csv(c.raw(DATES_RAW))[list(KEPT)]
    table[list(FLAGS)] = table[list(FLAGS)].astype(bool)
    table["mw_full"] = table["mw_full"].where(table["mw_full"] > 0)
    c.table(_product(), table.sort_values(["commit", "name"]).reset_index(drop=True))


def _product() -> Product:
    dates = {
        event: f"month of {words}, YYYY-MM; null = not known"
        for event, words in (
            ("first_power", "the first running load or energised capacity"),
            ("date_200mw", "200 MW"),
            ("date_500mw", "500 MW"),
            ("date_full", "full load"),
        )
    }
    kinds = {f"{event}_kind": "r = realised, p = planned; null = not known" for event in dates}
    return Product(
        path="grid/power_dates.parquet",
        title="Campuses committed before 2024 with the months of their megawatts",
        publisher="Epoch AI, operators, utilities and the press, as each row says",
        vintage=f"2018 to {LOOKED}",
        licence="CC BY 4.0",
        grade="E3",
        caveat=(
            "31 campuses, not drawn at random: those whose dates were published. First power is the first load seen or the first "
            "capacity energised, as the source has it; dates from satellite images are good to a month or two."
        ),
        method="Rows as they are; a full load of 0 MW is unknown. Satellite dates: Epoch AI, Frontier Data Centers (CC BY 4.0).",
        sources=(DATES_RAW,),
        fields={
            "name": "campus",
            "state": "two letters",
            "lat": "degrees north, WGS 84",
            "lon": "degrees east, WGS 84",
            "pathway": "how it is powered",
            "commit": "month of the commitment, YYYY-MM",
            "commit_basis": "what that month is taken from",
            "mw_full": "full load, MW; null = not known",
            **dates,
            **kinds,
            "mobile_gas": "mobile generation bridged",
            "battery": "batteries",
            "flexible": "interruptible load",
            "phased": "halls were to run one by one",
            "existing_interconnection": "a connection stood",
            "powered_land": "lines and stations had been prepared",
            "reused_plant": "on the land of a closed plant",
            "grade": "how well the dates are known, A best",
            "source": "pages",
        },
    )
