"""Operating power plants and the sites of closed or closing ones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sitefinder.compiling.base import CRS, NOT_CONUS, Compiler, Product, in_conus, points
from sitefinder.compiling.boundaries import COUNTIES_RAW, STATES_RAW, state_codes
from sitefinder.compiling.grid_plants_added import MONTHLY_RAW, STATUS_RAW, near_state, with_newer
from sitefinder.units import M_PER_KM

PLANTS_RAW = "grid/power_plants_operating.csv"
#: product column -> fuel columns of the register that it adds up, MW
FUELS = {
    "mw_gas": ("NG_MW",),
    "mw_coal": ("Coal_MW",),
    "mw_nuclear": ("Nuclear_MW",),
    "mw_hydro": ("Hydro_MW", "HydroPS_MW"),
    "mw_wind": ("Wind_MW",),
    "mw_solar": ("Solar_MW",),
    "mw_battery": ("Bat_MW",),
    "mw_other": ("Bio_MW", "Geo_MW", "Crude_MW", "Other_MW"),
}
#: columns that stay in place on a broken record; the rest of it slid onto the next line
HEAD_COLUMNS = 4
SLIDE_COLUMNS = 3
#: older closures: the switchyard has usually been rebuilt or removed
CLOSED_SINCE = "2005-01"
#: plants this close share the switchyard or the site
SAME_SITE_KM = 2.0

_PUBLIC = "public domain (US government)"


def compile_plants(c: Compiler) -> None:
    """Operating plants and reusable plant sites."""
    plants = with_newer(c, _operating(c))
    _power_plants(c, plants)
    _reusable_plants(c, plants)


def mended(raw: pd.DataFrame) -> pd.DataFrame:
    """Join records that an embedded line break split in two; the second half holds the columns from ``HEAD_COLUMNS`` on."""
    rows = raw.to_numpy(dtype=object)
    second = np.flatnonzero(raw["Plant_Code"].isna().to_numpy())
    for at in second:
        rows[at - 1, HEAD_COLUMNS:] = rows[at, HEAD_COLUMNS - SLIDE_COLUMNS : rows.shape[1] - SLIDE_COLUMNS]
    return pd.DataFrame(np.delete(rows, second, axis=0), columns=raw.columns)


def _operating(c: Compiler) -> gpd.GeoDataFrame:
    raw = mended(pd.read_csv(c.raw(PLANTS_RAW), dtype=object))
    numeric = ["Plant_Code", "Total_MW", "Longitude", "Latitude", *(f for fuels in FUELS.values() for f in fuels)]
    raw[numeric] = raw[numeric].apply(pd.to_numeric)
    codes = state_codes(c).set_index("name")["code"]
    table = pd.DataFrame(
        {
            "plant_code": raw["Plant_Code"].astype("int64"),
            "name": raw["Plant_Name"].astype(str),
            "state": raw["State"].map(codes),
            "mw": raw["Total_MW"].round(1),
            **{new: raw[list(old)].sum(axis=1, min_count=len(old)).round(1) for new, old in FUELS.items()},
            "lon": raw["Longitude"],
            "lat": raw["Latitude"],
        }
    )
    return points(table[~table["state"].isin(NOT_CONUS)], lon="lon", lat="lat").sort_values("plant_code", ignore_index=True)


def _power_plants(c: Compiler, plants: gpd.GeoDataFrame) -> None:
    fuels = {name: f"of which {name.removeprefix('mw_')}, MW" for name in FUELS}
    c.vector(
        Product(
            path="grid/power_plants.parquet",
            title="Operating power plants",
            publisher="US Energy Information Administration, Energy Atlas (EIA-860, EIA-860M, EIA-923)",
            vintage="2025-02, later plants to 2026-06",
            licence=_PUBLIC,
            grade="E2",
            caveat=(
                "Plants of 1 MW and more, net summer capacity; what began after February 2025 in nameplate. Points are reported "
                "by the owners; a few are town centres. Missing: later plants without a published position, most of them below "
                "50 MW; later hydro, biomass and geothermal. Still in it: plants closed since February 2025."
            ),
            method=(
                "Records split by a line break rejoined, fuels grouped; pumped storage counts as hydro. Plants that EIA-860M of "
                "June 2026 has operating units of and the register lacks, by plant code, are added, and later phases of solar, "
                "wind and storage; planned units count nowhere. Of later solar or wind with storage two thirds are the main kind."
            ),
            sources=(PLANTS_RAW, MONTHLY_RAW, STATUS_RAW, STATES_RAW, COUNTIES_RAW),
            fields={
                "plant_code": "EIA plant code",
                "name": "plant name",
                "state": "postal code",
                "mw": "net summer capacity, MW",
                **fuels,
                "mw_other": "of which biomass, geothermal, petroleum and other, MW",
                "source": "register = operating in February 2025; inventory = since then; both = a phase was added since",
            },
        ),
        plants,
    )


def _mw_within(sites: gpd.GeoDataFrame, plants: gpd.GeoDataFrame, *, radius_km: float) -> npt.NDArray[np.float64]:
    site, plant = plants.sindex.query(sites.geometry.values, predicate="dwithin", distance=radius_km * M_PER_KM)
    total = np.bincount(site, weights=plants["mw"].to_numpy()[plant], minlength=len(sites))
    return np.asarray(total, dtype=np.float64).round(1)


def _reusable_plants(c: Compiler, plants: gpd.GeoDataFrame) -> None:
    raw = gpd.read_file(c.raw(STATUS_RAW)).to_crs(CRS)
    keep = raw["status"].isin(["retired", "retiring"]) & (raw["planned_retirement_date"] >= CLOSED_SINCE)
    raw = in_conus(raw[keep & ~raw["state"].isin(NOT_CONUS)]).sort_values("total_capacity_mw", ascending=False, kind="stable")
    raw = raw[near_state(c, raw)]
    sites = gpd.GeoDataFrame(
        {
            "name": raw["plant_name"].astype(str),
            "state": raw["state"].astype(str),
            "mw": raw["total_capacity_mw"].round(1),
            "fuel": raw["fuel_type"].astype(str),
            "status": raw["status"].astype(str),
            "closed": raw["planned_retirement_date"].astype(str),
            "owner": raw["owner_name"].astype(str),
            "operating_mw_2km": _mw_within(raw, plants, radius_km=SAME_SITE_KM),
        },
        geometry=raw.geometry,
    )
    c.vector(_reusable_product(), sites)


def _reusable_product() -> Product:
    return Product(
        path="grid/reusable_plants.parquet",
        title="Closed and closing power plants of 50 MW and more",
        publisher="US Energy Information Administration, EIA-860M",
        vintage="2026",
        licence=_PUBLIC,
        grade="E2",
        caveat=(
            "A closed plant may have given up its interconnection right, and the switchyard may be gone. Plants of which only "
            "some units closed are left out. Announced dates move. A closing plant still counts in operating_mw_2km itself. "
            "Closures before 2005 left out."
        ),
        method=(
            "Plants with status retired or retiring from 2005 on, less those placed outside their state; operating capacity "
            "within 2 km added from the plant register."
        ),
        sources=(STATUS_RAW, PLANTS_RAW, MONTHLY_RAW, COUNTIES_RAW),
        fields={
            "name": "plant name",
            "state": "postal code",
            "mw": "nameplate capacity, MW",
            "fuel": "main technology",
            "status": "retired = all units closed, retiring = closure announced",
            "closed": "month of the (planned) closure of the last unit, YYYY-MM",
            "owner": "owner",
            "operating_mw_2km": "capacity operating within 2 km, MW: a sign that the interconnection is in use",
        },
    )
