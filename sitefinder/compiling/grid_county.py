"""County and state tables of the grid, and the share-alike price and market areas."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, NOT_CONUS, Compiler, Product, fips, in_conus
from sitefinder.compiling.boundaries import COUNTIES_RAW, county_polygons

QUEUE_RAW = "grid/county_interconnection_queue_mw.csv"
TRANSFER_RAW = "grid/county_transfer_capacity_naris.csv"
PRICE_RAW = "grid/state_power_price.csv"
UTILITY_RAW = "grid/utility_territories.parquet"
RTO_RAW = "grid/iso_rto_regions.parquet"
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
#: smaller industrial sales: the average price rests on a handful of customers
MIN_INDUSTRIAL_GWH = 100.0
#: averages outside are reporting errors or sales of surplus, USD/MWh
PLAUSIBLE_USD_MWH = (20.0, 400.0)
#: federal hydropower goes to public bodies by law; its price is no offer to a campus
FEDERAL_MARKETER = "POWER ADMINISTRATION"
MWH_PER_GWH = 1000.0
AREA_SIMPLIFY_M = 500.0
RTO_CODES = {
    "iso-caiso": ("CAISO", "California Independent System Operator"),
    "iso-ercot": ("ERCOT", "Electric Reliability Council of Texas"),
    "iso-iso-ne": ("ISONE", "ISO New England"),
    "iso-miso": ("MISO", "Midcontinent Independent System Operator"),
    "iso-nyiso": ("NYISO", "New York Independent System Operator"),
    "iso-pjm": ("PJM", "PJM Interconnection"),
    "iso-spp": ("SPP", "Southwest Power Pool"),
    "iso-southeast-non-iso": ("non-ISO Southeast", "Southeast without a market operator"),
    "iso-west-non-iso": ("non-ISO West", "West without a market operator"),
}

_PUBLIC = "public domain (US government)"
_ODBL = "ODbL"


def compile_county_grid(c: Compiler) -> None:
    """Queue, transfer limits, state and utility prices, market areas."""
    counties = county_polygons(c)[["fips", "state"]]
    _county_queue(c, counties)
    _county_transfer(c, counties)
    _state_price(c)
    _utility_price(c)
    _rto_regions(c)


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


def _state_price(c: Compiler) -> None:
    raw = pd.read_csv(c.raw(PRICE_RAW))
    raw = raw[~raw["state"].isin(NOT_CONUS)].sort_values("state")
    table = raw.rename(columns={"ind_usd_mwh": "industrial_usd_mwh", "com_usd_mwh": "commercial_usd_mwh"})
    c.table(
        Product(
            path="grid/state_price.parquet",
            title="Average electricity price by state",
            publisher="US Energy Information Administration, EIA-861",
            vintage="2024",
            licence=_PUBLIC,
            grade="E3",
            caveat="Average revenue of all industrial or commercial customers; a gigawatt customer negotiates its own contract.",
            method="Revenue divided by sales of all suppliers in the state.",
            sources=(PRICE_RAW,),
            fields={
                "state": "postal code",
                "industrial_usd_mwh": "average industrial price, USD/MWh",
                "commercial_usd_mwh": "average commercial price, USD/MWh",
            },
        ),
        table[["state", "industrial_usd_mwh", "commercial_usd_mwh"]],
    )


def _utility_price(c: Compiler) -> None:
    raw = gpd.read_parquet(c.raw(UTILITY_RAW)).to_crs(CRS)
    gwh = raw["ind_mwh"] / MWH_PER_GWH
    keep = (gwh >= MIN_INDUSTRIAL_GWH) & raw["ind_usd_mwh"].between(*PLAUSIBLE_USD_MWH) & ~raw["state"].isin(NOT_CONUS)
    keep &= ~raw["name"].str.contains(FEDERAL_MARKETER)
    table = gpd.GeoDataFrame(
        {
            "name": raw["name"].astype(str),
            "eia_id": raw["eiaId"].astype("int64"),
            "state": raw["state"].astype(str),
            "industrial_usd_mwh": raw["ind_usd_mwh"].round(2),
            "industrial_gwh": gwh.round(1),
        },
        geometry=raw.geometry,
    )[keep]
    areas = _simplified_areas(table)
    largest_first = areas.loc[areas.area.sort_values(ascending=False).index]
    c.vector(
        Product(
            path="share_alike/utility_price.parquet",
            title="Average industrial electricity price by utility",
            publisher="HIFLD Electric Retail Service Territories; US Energy Information Administration, EIA-861",
            vintage="2024",
            licence=_ODBL,
            grade="E3",
            caveat=(
                "Average revenue per MWh, not a tariff; outliers reflect special contracts or power sold without delivery. "
                "Territories overlap about twofold: rows are ordered from the largest to the smallest area, so later rows "
                "should win. A utility in several states has one mean price. Utilities below 100 GWh of industrial sales and "
                "federal power marketers are left out."
            ),
            method="Utilities with 100 GWh or more of industrial sales and 20-400 USD/MWh; outlines simplified by 500 m.",
            sources=(UTILITY_RAW,),
            share_alike=True,
            fields={
                "name": "utility",
                "eia_id": "EIA utility number",
                "state": "postal code of its head office",
                "industrial_usd_mwh": "average industrial price, USD/MWh",
                "industrial_gwh": "industrial sales, GWh per year",
            },
        ),
        largest_first,
        quantum_m=10.0,
    )


def _rto_regions(c: Compiler) -> None:
    raw = gpd.read_parquet(c.raw(RTO_RAW))
    raw = raw[raw["file"].isin(RTO_CODES)]
    table = gpd.GeoDataFrame(
        {"code": raw["file"].map(lambda f: RTO_CODES[f][0]), "name": raw["file"].map(lambda f: RTO_CODES[f][1])},
        geometry=shapely.make_valid(raw.geometry.values),
        crs=raw.crs,
    ).to_crs(CRS)
    c.vector(
        Product(
            path="share_alike/rto_regions.parquet",
            title="Areas of the wholesale market operators",
            publisher="HIFLD / US Energy Information Administration",
            vintage="2024",
            licence=_ODBL,
            grade="E2",
            caveat=(
                "Borders follow utility territories and overlap by several km; the operator that matters is that of the "
                "utility at the point of interconnection."
            ),
            method="Outlines simplified by 500 m; Alaska and Hawaii dropped.",
            sources=(RTO_RAW,),
            share_alike=True,
            fields={"code": "short name of the operator or of the region without one", "name": "full name"},
        ),
        _simplified_areas(table.sort_values("code")),
        quantum_m=10.0,
    )


def _simplified_areas(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas thinned by ``AREA_SIMPLIFY_M``, valid, polygons only, and snapped so that the coarser rounding keeps them valid."""
    simple = shapely.make_valid(shapely.simplify(areas.geometry.values, AREA_SIMPLIFY_M))
    simple = shapely.set_precision(shapely.buffer(simple, 0.0), 10.0)
    return in_conus(areas.set_geometry(simple))
