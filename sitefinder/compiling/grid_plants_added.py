"""Power plants that began to operate after the register of operating plants was published, from the newer monthly inventory."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sitefinder.compiling.base import CRS, NOT_CONUS, Compiler, in_conus
from sitefinder.compiling.boundaries import county_polygons
from sitefinder.units import M_PER_KM

MONTHLY_RAW = "grid/eia860m_2026_capacity_by_fuel.csv"
STATUS_RAW = "grid/plants_status_50mw_plus.geojson"
#: group of fuels in the inventory -> column of the register; petroleum stands under oil and gas there
KIND_OF_GROUP: Mapping[str, str] = {
    "solar": "mw_solar",
    "wind": "mw_wind",
    "energy-storage": "mw_battery",
    "nuclear": "mw_nuclear",
    "coal": "mw_coal",
    "oil-and-gas": "mw_gas",
}
#: the inventory adds solar or wind and their storage up under this technology
WITH_STORAGE = "Batteries"
#: share of the main kind in such a plant: median of the 108 plants of the register that have solar and storage
MAIN_SHARE = 2.0 / 3.0
#: a plant further than this from its reported state has a wrong position
STATE_TOLERANCE_KM = 20.0
#: a plant of the same kind and size this close, under a code that the inventory no longer knows, is the same one
SAME_SITE_KM, SAME_SIZE = 2.0, 0.25
#: an increase of a plant of solar, wind or storage below this or below this share of it is a matter of rounding or rating, MW
LEAST_GROWTH_MW, LEAST_GROWTH = 20.0, 0.1
#: columns whose nameplate and net summer capacity are about the same, so that the two files can be compared
COMPARABLE = ("mw_solar", "mw_wind", "mw_battery")


def with_newer(c: Compiler, register: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The register with the plants and phases that the inventory knows besides, and ``source`` of each row.

    Parameters
    ----------
    c : Compiler
    register : GeoDataFrame
        EPSG:5070: ``plant_code``, ``name``, ``state``, ``mw`` and ``mw_*`` by kind.
    """
    monthly = pd.read_csv(c.raw(MONTHLY_RAW))
    monthly = monthly[(monthly["operatingMw"] > 0) & ~monthly["state"].isin(NOT_CONUS)]
    newer = absent(register, located(monthly, gpd.read_file(c.raw(STATUS_RAW)).to_crs(CRS)))
    newer = newer[near_state(c, newer)]
    rows = gpd.GeoDataFrame(
        {
            "plant_code": newer["id"].astype("int64"),
            "name": newer["name"].astype(str),
            "state": newer["state"].astype(str),
            "mw": newer["operatingMw"].round(1),
            **by_kind(newer, [c for c in register if c.startswith("mw_")]),
            "source": "inventory",
        },
        geometry=newer.geometry,
    )
    both = pd.concat([grown(register.assign(source="register"), monthly), rows], ignore_index=True)
    columns = [*rows.columns.drop("geometry"), "geometry"]
    return both[columns].sort_values("plant_code", ignore_index=True)


def located(monthly: pd.DataFrame, status: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Plants of the inventory whose position is known: from the file of plants of 50 MW and more, else their own.

    The file of large plants has no codes, so a name must be the only one of its state in both. It counts what is planned as well,
    so that only its positions are taken.

    Parameters
    ----------
    monthly : DataFrame
        ``name``, ``state``, ``lat``, ``lon``.
    status : GeoDataFrame
        EPSG:5070: ``plant_name``, ``state``, ``status``.
    """
    once = status[status["status"] == "operating"].drop_duplicates(["plant_name", "state"], keep=False)
    keys = pd.MultiIndex.from_frame(monthly[["name", "state"]])
    place = once.set_index(["plant_name", "state"]).geometry.reindex(keys[~keys.duplicated(keep=False)])
    by_name = gpd.GeoSeries(place.reindex(keys).to_numpy(), index=monthly.index, crs=CRS)
    own = gpd.GeoSeries(gpd.points_from_xy(monthly["lon"], monthly["lat"]), index=monthly.index, crs="EPSG:4326").to_crs(CRS)
    known = by_name.notna() | monthly["lat"].notna()
    return in_conus(gpd.GeoDataFrame(monthly, geometry=by_name.where(by_name.notna(), own))[known])


def absent(register: gpd.GeoDataFrame, newer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Plants of the inventory that the register has under no code: neither their own, nor one that was given up since.

    Parameters
    ----------
    register : GeoDataFrame
        ``plant_code``, ``mw_*``.
    newer : GeoDataFrame
        ``id``, ``operatingMw``, ``fuel_group``, ``technology``.
    """
    gone = register[~register["plant_code"].isin(newer["id"])].reset_index(drop=True)
    new = newer[~newer["id"].isin(register["plant_code"])].reset_index(drop=True)
    at, old = gone.sindex.query(new.geometry.values, predicate="dwithin", distance=SAME_SITE_KM * M_PER_KM)
    kind = kinds(new).to_numpy()
    size = np.array([gone[kind[i]].iat[j] for i, j in zip(at, old, strict=True)], np.float64)
    apart = np.abs(size / new["operatingMw"].to_numpy()[at] - 1.0)
    pairs = pd.DataFrame({"new": at, "old": old, "apart": apart})[apart <= SAME_SIZE].sort_values("apart", kind="stable")
    return new.drop(index=pairs.drop_duplicates("old")["new"].unique())


def kinds(plants: pd.DataFrame) -> pd.Series:
    """Column of the register of the main kind of each plant of the inventory."""
    kind = plants["fuel_group"].map(KIND_OF_GROUP)
    return kind.mask(plants["technology"].str.startswith("Petroleum"), "mw_other")


def by_kind(plants: pd.DataFrame, columns: list[str]) -> dict[str, pd.Series]:
    """Megawatts of each kind; of a plant with storage, ``MAIN_SHARE`` are of the main kind and the rest is the battery."""
    kind, mw = kinds(plants), plants["operatingMw"]
    mixed = (plants["technology"] == WITH_STORAGE) & kind.isin(["mw_solar", "mw_wind"])
    main = (mw * np.where(mixed, MAIN_SHARE, 1.0)).round(1)
    out = {column: main.where(kind == column, 0.0) for column in columns}
    return out | {"mw_battery": out["mw_battery"] + (mw - main).where(mixed, 0.0).round(1)}


def grown(register: gpd.GeoDataFrame, monthly: pd.DataFrame) -> gpd.GeoDataFrame:
    """The register with later phases of its plants of solar, wind and storage.

    What came is put under the main kind of the inventory where the register lacks it, under storage where that is new, else under
    the main kind.

    Parameters
    ----------
    register : GeoDataFrame
        ``plant_code``, ``mw``, ``mw_*``, ``source``.
    monthly : DataFrame
        ``id``, ``operatingMw``, ``fuel_group``, ``technology``.
    """
    now = monthly.set_index("id").reindex(register["plant_code"]).set_index(register.index)
    more = (now["operatingMw"] - register["mw"]).round(1)
    alike = register[list(COMPARABLE)].sum(axis=1) >= 0.9 * register["mw"]
    rows = register.index[alike & (more >= np.maximum(LEAST_GROWTH_MW, LEAST_GROWTH * register["mw"]))]
    out = register.copy()
    for row in rows:
        kind = KIND_OF_GROUP[str(now.at[row, "fuel_group"])]
        if register.at[row, kind] > 0 and now.at[row, "technology"] == WITH_STORAGE and register.at[row, "mw_battery"] == 0:
            kind = "mw_battery"
        out.at[row, kind] = round(register.at[row, kind] + more[row], 1)
    out.loc[rows, "mw"] = (register.loc[rows, "mw"] + more[rows]).round(1)
    out.loc[rows, "source"] = "both"
    return out


def near_state(c: Compiler, sites: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """(n,) sites within ``STATE_TOLERANCE_KM`` of a county of their state."""
    counties = county_polygons(c)
    site, county = counties.sindex.query(sites.geometry.values, predicate="dwithin", distance=STATE_TOLERANCE_KM * M_PER_KM)
    same = sites["state"].to_numpy()[site] == counties["state"].to_numpy()[county]
    return np.bincount(site[same], minlength=len(sites)) > 0
