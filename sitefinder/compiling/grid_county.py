"""County tables of the grid, and what follows from retail territories: prices and market regions."""

from __future__ import annotations

import pandas as pd

from sitefinder.compiling.balancing_areas import compile_balancing_areas
from sitefinder.compiling.base import Compiler, Product, fips
from sitefinder.compiling.boundaries import COUNTIES_RAW, county_polygons
from sitefinder.compiling.market_regions import compile_market_regions
from sitefinder.compiling.power_price import compile_power_price
from sitefinder.compiling.territories import territories

QUEUE_RAW = "grid/county_interconnection_queue_mw.csv"
TRANSFER_RAW = "grid/county_transfer_capacity_naris.csv"
ISO_FUELS = ["iso_gas", "iso_nuclear", "iso_other", "iso_solar", "iso_storage", "iso_wind"]
#: states that lie (almost) wholly in ERCOT, MISO, PJM or SPP, whose queue files are therefore complete there
ISO_STATES = frozenset(
    {"AR", "DC", "DE", "IA", "IL", "IN", "KS", "LA", "MD", "MI", "MN", "ND", "NE", "NJ", "OH", "OK", "PA", "TX", "VA", "WI", "WV"}
)
#: far-west Texas belongs to the Western Interconnection and to no queue file
NOT_ERCOT = frozenset({"48141", "48229"})
#: Connecticut: the planning region of 2022 that holds most of each former county
CONNECTICUT = {
    "09001": "09190",
    "09003": "09110",
    "09005": "09160",
    "09007": "09130",
    "09009": "09170",
    "09011": "09180",
    "09013": "09110",
    "09015": "09150",
}
CONNECTICUT_STATE_FIPS = "09"

_PUBLIC = "public domain (US government)"


def compile_county_grid(c: Compiler) -> None:
    """Queue, transfer limits, state and utility prices, market and balancing areas."""
    counties = county_polygons(c)[["fips", "state"]]
    _county_queue(c, counties)
    _county_transfer(c, counties)
    served = territories(c)
    compile_power_price(c, served)
    compile_market_regions(c, served)
    compile_balancing_areas(c, served)


def queue_of_counties(raw: pd.DataFrame) -> pd.DataFrame:
    """Counties with the megawatts in the queue, the operator's list where it is complete; NaN = unknown."""
    iso = raw[ISO_FUELS].clip(lower=0.0).sum(axis=1)
    complete = raw["STCODE"].isin(ISO_STATES) & ~raw["fips"].isin(NOT_ERCOT)
    iso = iso.where(raw["iso_src"].notna() | complete)
    reeds = raw["reeds_total"]
    larger = pd.concat([iso, reeds], axis=1).max(axis=1)
    return pd.DataFrame(
        {
            "fips": raw["fips"],
            "queue_iso_mw": iso.round(1),
            "queue_reeds_mw": reeds.round(1),
            "queue_mw": larger.where(~complete, iso).round(1),
        }
    )


def _county_queue(c: Compiler, counties: pd.DataFrame) -> None:
    raw = pd.read_csv(c.raw(QUEUE_RAW))
    raw["fips"] = fips(raw["FIPS"])
    table = queue_of_counties(raw[~raw["fips"].str.startswith(CONNECTICUT_STATE_FIPS)])
    table = counties[["fips"]].merge(table, on="fips", how="left", validate="one_to_one")
    c.table(
        Product(
            path="grid/county_queue.parquet",
            title="Generation and storage waiting for interconnection, by county",
            publisher="CAISO, ERCOT, MISO, PJM and SPP queue files; NREL ReEDS interconnection queue table",
            vintage="2023-2026",
            licence=_PUBLIC,
            grade="E2",
            caveat=(
                "Most requests are never built. Requests are counted in the county of the point of interconnection. Outside "
                "the four complete operators the figures are older (about 2023) and include projects withdrawn since, so "
                "levels differ: the West looks several times fuller than it is. Connecticut is missing."
            ),
            method=(
                "queue_mw is the operators' figure in states wholly inside ERCOT, MISO, PJM or SPP (2026, active requests "
                "only); elsewhere the larger of both, since each list is incomplete there. Negative capacity changes count as "
                "zero."
            ),
            sources=(QUEUE_RAW, COUNTIES_RAW),
            fields={
                "fips": "county code",
                "queue_iso_mw": (
                    "active requests in the operators' files, MW; null where no complete operator file covers the county"
                ),
                "queue_reeds_mw": "active requests in the national table, MW",
                "queue_mw": "the figure to use, MW; null = unknown",
            },
        ),
        table,
    )


def _county_transfer(c: Compiler, counties: pd.DataFrame) -> None:
    raw = pd.read_csv(c.raw(TRANSFER_RAW), usecols=["r", "rr", "MW_f0", "MW_r0"])
    forward = pd.DataFrame({"zone": raw["rr"], "mw": raw["MW_f0"]})
    reverse = pd.DataFrame({"zone": raw["r"], "mw": raw["MW_r0"]})
    inward = pd.concat([forward, reverse])
    zones = inward.groupby(inward["zone"].str.removeprefix("p"))["mw"].agg(import_mw="sum", interfaces="size")
    wanted = counties["fips"].replace(CONNECTICUT)
    limits = zones.reindex(wanted)
    table = pd.DataFrame(
        {
            "fips": counties["fips"].to_numpy(),
            "import_mw": limits["import_mw"].round(1).to_numpy(),
            "interfaces": limits["interfaces"].astype("Int16").array,
        }
    )
    c.table(
        Product(
            path="grid/county_transfer.parquet",
            title="Modelled transfer limits into each county",
            publisher="NREL ReEDS, NARIS 2024 interface limits",
            vintage="2024",
            licence=_PUBLIC,
            grade="E4",
            caveat=(
                "Modelled limits, summed as if all interfaces could be used at once: an upper bound that says nothing about a "
                "single substation. Former counties of Connecticut carry the value of the planning region that holds most of "
                "them."
            ),
            method="Sum over all county-to-county interfaces of the limit in the direction of the county.",
            sources=(TRANSFER_RAW, COUNTIES_RAW),
            fields={
                "fips": "county code",
                "import_mw": "sum of limits into the county, MW; null = not modelled",
                "interfaces": "number of interfaces with neighbours; null = not modelled",
            },
        ),
        table,
    )
