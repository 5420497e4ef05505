"""The summer peak of the power-flow study: state peaks spread over people and jobs, and plants at what they can be relied on."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.base import NOT_CONUS, Compiler, points
from sitefinder.compiling.powerflow.dispatch import Plants

SALES_RAW = "grid/eia861_2024_sales.csv"
PEAKS_RAW = "grid/eia930_demand_summary.csv"
PLANTS_RAW = "grid/power_plants_operating.csv"
VOLTAGE_RAW = "grid/eia860_2023_plants.csv"
#: full-service sales, delivery of energy bought elsewhere, and retail marketers' own: together every kWh once
SALES_PARTS = ("A", "C", "D")
#: balancing authorities of the Western Interconnection; ERCO is Texas, the rest is Eastern
WESTERN = frozenset(
    [
        "AVA",
        "AZPS",
        "BANC",
        "BPAT",
        "CHPD",
        "CISO",
        "DOPD",
        "EPE",
        "GCPD",
        "IID",
        "IPCO",
        "LDWP",
        "NEVP",
        "NWMT",
        "PACE",
        "PACW",
        "PGE",
        "PNM",
        "PSCO",
        "PSEI",
        "SCL",
        "SRP",
        "TEPC",
        "TIDC",
        "TPWR",
        "WACM",
        "WALC",
        "WAUW",
    ]
)
TEXAS = frozenset({"ERCO"})
#: what a plant can be counted on for at a summer peak, share of its capacity (NERC long-term reliability assessments,
#: rounded; general knowledge, not checked), and its place in the merit order
FUELS = {
    "Wind_MW": (0.18, 0, False),
    "Solar_MW": (0.45, 0, False),
    "Nuclear_MW": (0.97, 1, False),
    "Hydro_MW": (0.60, 1, True),
    "Geo_MW": (0.85, 1, False),
    "Bio_MW": (0.70, 1, False),
    "Other_MW": (0.60, 1, False),
    "combined_cycle_MW": (0.90, 2, True),
    "Coal_MW": (0.85, 3, True),
    "other_gas_MW": (0.88, 4, True),
    "HydroPS_MW": (0.80, 5, True),
    "Crude_MW": (0.85, 6, True),
    "Bat_MW": (0.50, 5, True),
}
#: fuels that feed in through inverters
INVERTERS = frozenset({"Wind_MW", "Solar_MW", "Bat_MW"})
#: boundaries between the register's voltages and its classes, kV
CLASS_BOUNDS, CLASSES = (100.0, 200.0, 300.0, 450.0, 700.0), (0, 138, 230, 345, 500, 765)


def state_peaks(c: Compiler) -> pd.DataFrame:
    """Peak load by state and interconnection.

    Returns
    -------
    DataFrame
        ``state``, ``grid``, ``peak_mw``, ``industrial_share`` (of the energy sold).
    """
    sales = pd.read_csv(c.raw(SALES_RAW))
    sales = sales[sales["part"].isin(SALES_PARTS) & sales["ba"].notna() & ~sales["state"].isin(NOT_CONUS)]
    area = pd.read_csv(c.raw(PEAKS_RAW))
    area["ba"] = area["area"].str.split("-").str[0]
    whole = area.groupby("ba")[["peak_mw", "mean_mw"]].sum()
    whole = whole[whole["mean_mw"] > 0]
    usual = float(whole["peak_mw"].sum() / whole["mean_mw"].sum())
    sold = sales.groupby("ba")["tot_mwh"].sum()
    per_mwh = (whole["peak_mw"] / sold).replace(np.inf, np.nan).dropna()
    hourly = float((whole["mean_mw"].sum()) / sold[sold.index.isin(whole.index)].sum())
    rate = sales["ba"].map(per_mwh).fillna(usual * hourly)
    peaks = sales.assign(
        peak_mw=sales["tot_mwh"] * rate,
        grid=np.where(sales["ba"].isin(WESTERN), "Western", np.where(sales["ba"].isin(TEXAS), "Texas", "Eastern")),
    )
    table = peaks.groupby(["state", "grid"])[["peak_mw", "ind_mwh", "tot_mwh"]].sum().reset_index()
    table["industrial_share"] = table["ind_mwh"] / table["tot_mwh"].where(table["tot_mwh"] > 0)
    return table[table["peak_mw"] > 0][["state", "grid", "peak_mw", "industrial_share"]]


def load_points(c: Compiler) -> gpd.GeoDataFrame:
    """Where people live and work: ``state``, ``people``, ``jobs`` by block group (jobs of a county follow its people)."""
    people = gpd.read_parquet(c.out_root / "land/population.parquet")
    counties = gpd.read_parquet(c.out_root / "boundaries/counties.parquet")
    economy = pd.read_parquet(c.out_root / "policy/county_economy.parquet").set_index("fips")
    point, county = counties.sindex.nearest(people.geometry.values, return_all=False)
    frame = people.iloc[point].reset_index(drop=True)
    frame["state"], frame["fips"] = counties["state"].to_numpy()[county], counties["fips"].to_numpy()[county]
    total = frame.groupby("fips")["population"].transform("sum")
    jobs = frame["fips"].map(economy["employment"]).fillna(0.0)
    frame["jobs"] = jobs * frame["population"] / total.where(total > 0)
    return frame.rename(columns={"population": "people"}).fillna({"jobs": 0.0})


def bus_load(points: gpd.GeoDataFrame, point_grid: np.ndarray, bus: np.ndarray, n_buses: int, peaks: pd.DataFrame) -> np.ndarray:
    """(n_buses,) MW: the peak of each state and interconnection over its people and, for industry, its jobs.

    Parameters
    ----------
    points : GeoDataFrame
        Of :func:`load_points`.
    point_grid : (n_points,) str
        Interconnection of the bus that serves each point.
    bus : (n_points,) int
    peaks : DataFrame
        Of :func:`state_peaks`.
    """
    frame = pd.DataFrame({"state": points["state"], "grid": point_grid, "people": points["people"], "jobs": points["jobs"]})
    total = frame.groupby(["state", "grid"])[["people", "jobs"]].transform("sum")
    frame = frame.merge(peaks, on=["state", "grid"], how="left").fillna({"peak_mw": 0.0, "industrial_share": 0.0})
    by_people = frame["people"] / total["people"].where(total["people"] > 0)
    by_jobs = frame["jobs"] / total["jobs"].where(total["jobs"] > 0)
    share = frame["industrial_share"] * by_jobs.fillna(by_people) + (1.0 - frame["industrial_share"]) * by_people
    return np.bincount(bus, weights=(share * frame["peak_mw"]).fillna(0.0).to_numpy(), minlength=n_buses)


def peak_plants(c: Compiler) -> tuple[Plants, np.ndarray]:
    """Plants of the contiguous United States, one row per fuel, and the register's code of each."""
    from sitefinder.compiling.grid_plants import mended

    raw = mended(pd.read_csv(c.raw(PLANTS_RAW), dtype=object))
    numbers = ["Plant_Code", "Longitude", "Latitude", "NG_MW", *(f for f in FUELS if f in raw)]
    raw[numbers] = raw[numbers].apply(pd.to_numeric)
    raw = points(raw, lon="Longitude", lat="Latitude")
    cycle = raw["tech_desc"].fillna("").str.contains("Combined Cycle")
    raw["combined_cycle_MW"], raw["other_gas_MW"] = raw["NG_MW"].where(cycle, 0.0), raw["NG_MW"].where(~cycle, 0.0)
    voltage = pd.read_csv(c.raw(VOLTAGE_RAW)).drop_duplicates("Plant Code").set_index("Plant Code")["Grid Voltage (kV)"]
    kv = np.asarray(CLASSES)[np.searchsorted(CLASS_BOUNDS, raw["Plant_Code"].map(voltage).fillna(0.0).to_numpy(), "right")]
    xy = shapely.get_coordinates(raw.geometry.values)
    whole = raw[list(FUELS)].fillna(0.0).sum(axis=1).to_numpy()
    rows = []
    for fuel, (counted, place_in_order, dispatchable) in FUELS.items():
        turns = fuel not in INVERTERS
        row = np.flatnonzero(raw[fuel].fillna(0.0).to_numpy() > 0)
        rows.append(
            (row, raw[fuel].to_numpy()[row] * counted, *(np.full(row.size, x) for x in (place_in_order, dispatchable, turns)))
        )
    at, mw, order, able, synchronous = (np.concatenate(column) for column in zip(*rows, strict=True))
    plants = Plants(xy[at], mw.astype(np.float64), order, able, kv[at], whole[at], synchronous)
    return plants, raw["Plant_Code"].to_numpy()[at]
