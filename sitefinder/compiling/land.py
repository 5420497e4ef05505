"""Land layers: airports, population, roads, places; rasters and land that is held by others stand in modules beside this one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, NOT_CONUS, Compiler, Product, in_conus, points
from sitefinder.compiling.elevation import compile_elevation
from sitefinder.compiling.federal import compile_federal
from sitefinder.compiling.held import compile_held
from sitefinder.compiling.landforms import compile_landforms
from sitefinder.compiling.terrain import PUBLIC_DOMAIN, compile_terrain

MIN_RUNWAY_FT = 3000
#: two entries of one name and state nearer than this are one place
SAME_PLACE_M = 5000.0
HIGHWAY_KINDS = {"interstate": "interstate", "us_highway": "us", "state_highway": "state"}


def compile_land(c: Compiler) -> None:
    """Write every product below ``land/``."""
    compile_terrain(c)
    compile_elevation(c)
    compile_landforms(c)
    compile_federal(c)
    compile_held(c)
    compile_airports(c)
    compile_airfields(c)
    _population(c)
    _highways(c)
    _superfund(c)
    _places(c)
    _cropland(c)


def compile_airports(c: Compiler) -> None:
    """Public airports that are open, as points."""
    raw = "land/airports_faa.parquet"
    frame = gpd.read_parquet(c.raw(raw)).to_crs(CRS)
    frame = frame[(frame["type"] == "AIRPORT") & (frame.use == "PUBLIC") & (frame.status == "OPEN")]
    frame = frame[(frame.maxRunwayFt >= MIN_RUNWAY_FT) & frame.state.notna() & ~frame.state.isin(NOT_CONUS)]
    frame = in_conus(frame)
    out = frame[["faaId", "name", "maxRunwayFt", "geometry"]].rename(columns={"faaId": "faa_id", "maxRunwayFt": "runway_ft"})
    out["runway_ft"] = out.runway_ft.astype("int32")
    product = Product(
        path="land/airports.parquet",
        title="Public airports with a runway of at least 3,000 ft",
        publisher="Federal Aviation Administration, NASR",
        vintage="2026-09",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="One reference point per airport, up to 2 km from a runway end. Military and private fields are absent.",
        method="Open land airports for public use, longest runway at least 3,000 ft.",
        sources=(raw,),
        fields={"faa_id": "FAA location identifier", "name": "airport name", "runway_ft": "longest runway, feet"},
    )
    c.vector(product, out)


def compile_airfields(c: Compiler) -> None:
    """Open airfields that :func:`compile_airports` leaves out: of private use, or with short runways."""
    raw = "land/airports_faa.parquet"
    frame = gpd.read_parquet(c.raw(raw)).to_crs(CRS)
    frame = frame[(frame["type"] == "AIRPORT") & (frame.status == "OPEN") & frame.state.notna() & ~frame.state.isin(NOT_CONUS)]
    frame = in_conus(frame[(frame.use != "PUBLIC") | (frame.maxRunwayFt < MIN_RUNWAY_FT)])
    out = frame[["faaId", "name", "use", "maxRunwayFt", "geometry"]].rename(
        columns={"faaId": "faa_id", "maxRunwayFt": "runway_ft"}
    )
    out["use"] = out.use.str.lower()
    out["runway_ft"] = out.runway_ft.astype("int32")
    product = Product(
        path="land/airfields.parquet",
        title="Airfields of private use, and public ones with runways below 3,000 ft",
        publisher="Federal Aviation Administration, NASR",
        vintage="2026-09",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="One reference point per airfield; private strips come and go without a word to the register. No heliports.",
        method="Open land airports that the file of public airports leaves out.",
        sources=(raw,),
        fields={
            "faa_id": "FAA location identifier",
            "name": "name",
            "use": "public or private",
            "runway_ft": "longest runway, feet",
        },
    )
    c.vector(product, out)


def _population(c: Compiler) -> None:
    raw = "land/block_group_population_2020.parquet"
    table = pd.read_parquet(c.raw(raw), columns=["POPULATION", "LATITUDE", "LONGITUDE"])
    table = table[table.POPULATION > 0].rename(columns={"POPULATION": "population"})
    out = points(table, lon="LONGITUDE", lat="LATITUDE")
    # neighbours next to each other compress better
    out = out.iloc[np.argsort(out.hilbert_distance(level=16).to_numpy(), kind="stable")]
    product = Product(
        path="land/population.parquet",
        title="Residents by census block group",
        publisher="US Census Bureau, 2020 centres of population",
        vintage="2020",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="A block group is one point: in open country it stands for hundreds of km2, so nearby houses may be missed.",
        method="Block groups with residents, position rounded to 10 m.",
        sources=(raw,),
        fields={"population": "residents, persons"},
    )
    c.vector(product, out.astype({"population": "int32"}), quantum_m=10.0)


def _highways(c: Compiler) -> None:
    raw = "land/highways.parquet"
    frame = in_conus(gpd.read_parquet(c.raw(raw)).to_crs(CRS))
    frame = frame.assign(kind=frame["class"].map(HIGHWAY_KINDS)).dropna(subset="kind")
    parts = []
    for kind, group in frame.groupby("kind"):
        merged = shapely.get_parts(shapely.line_merge(shapely.union_all(group.geometry.values)))
        parts.append(
            gpd.GeoDataFrame({"kind": kind}, geometry=shapely.simplify(merged, 100.0), index=range(len(merged)), crs=CRS)
        )
    product = Product(
        path="land/highways.parquet",
        title="Interstate, US and state highways",
        publisher="NOAA National Weather Service map data",
        vintage="about 2013",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="A base map for weather charts: no names, no roads opened after about 2013, pieces of an unexplained class "
        "(33,900 km) left out. Interstates were measured at 143 exits of 21 of them: 245 m off at the median, 776 m at P90, "
        "863 m at P95, 1.7 km at most; US routes are off by 0.3 to 1.2 km where they were looked at.",
        method="Pieces of one class joined, simplified by 100 m.",
        sources=(raw,),
        fields={"kind": "'interstate', 'us' or 'state'"},
    )
    c.vector(product, pd.concat(parts), quantum_m=10.0)


def _superfund(c: Compiler) -> None:
    raw = "land/superfund_npl.csv"
    # the second line continues the heading; the last one is a total
    table = pd.read_csv(c.raw(raw), skiprows=[1], dtype={"EPA ID": "string"}).dropna(subset=["EPA ID"])
    table = table.drop_duplicates("EPA ID")
    listed = pd.to_datetime(table["NPL Status"], format="%m/%d/%y")
    frame = pd.DataFrame(
        {
            "name": table["Site Name"].str.strip(),
            "epa_id": table["EPA ID"],
            "status": "final, listed " + listed.dt.strftime("%Y-%m-%d"),
            "lon": table.Longitude,
            "lat": table.Latitude,
        }
    )
    product = Product(
        path="land/superfund.parquet",
        title="Superfund sites on the final National Priorities List",
        publisher="US Environmental Protection Agency",
        vintage="2025",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="One point per site; contaminated ground may reach kilometres from it. Proposed, deleted and state "
        "sites are absent.",
        method="Heading fault removed, sites inside the contiguous states kept.",
        sources=(raw,),
        fields={"name": "site name", "epa_id": "EPA identifier", "status": "list status with the date of listing"},
    )
    c.vector(product, points(frame, lon="lon", lat="lat"))


def _places(c: Compiler) -> None:
    raw = "land/places.parquet"
    frame = in_conus(gpd.read_parquet(c.raw(raw)).to_crs(CRS))
    frame = frame.sort_values(["population", "geonameid"], ascending=[False, True])
    frame = frame[~repeated_entries(frame)]
    out = gpd.GeoDataFrame(
        {
            "name": frame.name,
            "state": frame.admin1code,
            "population": frame.population.where(frame.population > 0).astype("Int32"),
        },
        geometry=frame.geometry,
        crs=CRS,
    )
    product = Product(
        path="land/places.parquet",
        title="Towns and cities with population",
        publisher="GeoNames",
        vintage="2026",
        licence="CC BY 4.0",
        grade="E3",
        caveat="Populations come from mixed years; null = not given. City districts appear beside their city, so "
        "populations must not be added.",
        method="Repeated entries of one name within 5 km merged into the largest.",
        sources=(raw,),
        fields={"name": "place name", "state": "postal code of the state", "population": "residents, persons; null = unknown"},
    )
    c.vector(product, out, quantum_m=10.0)


def _cropland(c: Compiler) -> None:
    raw = "land/county_cropland_2017.csv"
    table = pd.read_csv(c.raw(raw), dtype={"fips": str}, usecols=["fips", "cropland_share", "mean_cropland_acres_per_farm"])
    table = table.rename(columns={"mean_cropland_acres_per_farm": "cropland_acres_per_farm"})
    product = Product(
        path="land/county_cropland.parquet",
        title="Cropland share of counties, and cropland per farm",
        publisher="US Department of Agriculture, Census of Agriculture",
        vintage="2017",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="Counted where the farm is run, not where each field lies; null = withheld by the publisher.",
        method="Cropland acres divided by the county's land, and by the farms that have any; taken over.",
        sources=(raw,),
        fields={
            "fips": "county code",
            "cropland_share": "share of the county's land that is cropland; null = withheld",
            "cropland_acres_per_farm": "mean cropland of the farms that have any, acres; null = withheld",
        },
    )
    c.table(product, table.sort_values("fips"))


def repeated_entries(frame: gpd.GeoDataFrame) -> np.ndarray:
    """(rows,) bool: an entry of the same name and state, nearer than ``SAME_PLACE_M``, stands higher in the table."""
    repeated = np.zeros(len(frame), bool)
    positions = pd.Series(range(len(frame)), index=frame.index)
    geometry = frame.geometry.to_numpy()
    for _, rows in positions.groupby([frame.name, frame.admin1code]):
        for rank, row in enumerate(rows.iloc[1:], start=1):
            repeated[row] = (shapely.distance(geometry[rows.iloc[:rank]], geometry[row]) < SAME_PLACE_M).any()
    return repeated
