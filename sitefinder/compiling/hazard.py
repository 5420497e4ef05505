"""Natural hazards: county ranks, shaking, wildfire, tornado tracks and hurricane tracks."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, Compiler, Product, fips, in_conus
from sitefinder.compiling.terrain import PUBLIC_DOMAIN
from sitefinder.compiling.water import conus_counties
from sitefinder.units import M_PER_FOOT, M_PER_MILE

POPULATION = "land/block_group_population_2020.parquet"
FEET_PER_YARD = 3
#: Shannon County, South Dakota, was renamed Oglala Lakota and given a new code in 2015
RENAMED_COUNTIES = {"46113": "46102"}
#: Bedford city, Virginia, joined Bedford County in 2013
DISSOLVED_COUNTIES = ("51515",)
#: rank column -> risk column of the index
RANKS = {
    "flood_rank": "riverine_flooding",
    "hail_rank": "hail",
    "strong_wind_rank": "strong_wind",
    "lightning_rank": "lightning",
    "ice_storm_rank": "ice_storm",
    "winter_weather_rank": "winter_weather",
    "landslide_rank": "landslide",
    "heat_wave_rank": "heat_wave",
    "cold_wave_rank": "cold_wave",
    "wildfire_rank": "wildfire",
    "tornado_rank": "tornado",
    "hurricane_rank": "hurricane",
    "earthquake_rank": "earthquake",
    "drought_rank": "drought",
}
#: from 1980 on ratings and paths were recorded in a steady way
FIRST_TORNADO_YEAR = 1980
WEAKEST_EF = 2
#: an end point so much farther away than the recorded length is a slip of the pen
PATH_SLACK = 1.5
PATH_SLACK_M = 10_000.0
#: length of the line that stands for a path with one known point
POINT_TRACK_M = 10.0
HURRICANE_KT = 64
LONGEST_STEP_H = 6.0


def compile_hazard(c: Compiler) -> None:
    """Write every product below ``hazard/``."""
    _nri(c)
    _flood_homes(c)
    _seismic(c)
    _wildfire(c)
    _tornadoes(c)
    _hurricanes(c)


def percentile(values: pd.Series) -> pd.Series:
    """Share of the other counties with a lower value, 0..100; NaN stays NaN, equal values share the lower rank.

    >>> percentile(pd.Series([0.0, 0.0, 5.0])).tolist()
    [0.0, 0.0, 100.0]
    """
    return (values.rank(method="min") - 1.0) / (values.notna().sum() - 1.0) * 100.0


def current_county(codes: pd.Series) -> pd.Series:
    """County codes with renamed counties under their present code."""
    return codes.replace(RENAMED_COUNTIES)


def _nri(c: Compiler) -> None:
    raw = "hazard/county_fema_nri_2025.parquet"
    table = pd.read_parquet(c.raw(raw))
    table = table[conus_counties(table.county_fips)]
    groups = pd.read_parquet(c.raw(POPULATION), columns=["geoid", "POPULATION"])
    residents = groups.groupby(groups.geoid.str[:5]).POPULATION.sum()
    exposed = table.county_fips.map(residents).astype(float)
    ranks = {
        name: percentile(table[f"{hazard}_risk_index_value"] / exposed).round(2).astype("float32")
        for name, hazard in RANKS.items()
    }
    out = pd.DataFrame({"fips": table.county_fips} | ranks)
    product = Product(
        path="hazard/county_nri.parquet",
        title="Natural-hazard ranks of counties, exposure divided out",
        publisher="FEMA National Risk Index; US Census Bureau (population)",
        vintage="2025 (index), 2020 (population)",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="Expected loss per resident also carries building value and farm value: sparsely peopled counties rank "
        "too high. "
        "Null = not rated, which for hurricanes means that the index sees none there.",
        method="Risk value divided by residents, then the share of rated counties of the contiguous states with a lower value.",
        sources=(raw, POPULATION),
        fields={"fips": "county code"}
        | {
            name: f"{hazard.replace('_', ' ')}: percentile 0..100 (100 worst), null = not rated" for name, hazard in RANKS.items()
        },
    )
    c.table(product, out.sort_values("fips"))


def _flood_homes(c: Compiler) -> None:
    raw = "hazard/county_flood_sfha_2025.csv"
    table = pd.read_csv(c.raw(raw), dtype={"fips": str})
    table = table[conus_counties(table.fips)]
    out = pd.DataFrame(
        {
            "fips": table.fips,
            "home_share": table.sfha_home_share.astype("float32"),
            "lower_bound": table.basis.eq("policies_lower_bound"),
        }
    )
    product = Product(
        path="hazard/county_flood_homes.parquet",
        title="Share of homes in the 1 % flood zone by county",
        publisher="FEMA, OpenFEMA NFIP residential penetration rates (uses OpenFEMA data; not endorsed by FEMA)",
        vintage="2025-12-08",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="Homes, not land: a flood plain without homes does not show, and homes crowd where rivers are. Where FEMA gave no "
        "count of buildings (one county in five) only insured homes are known, a lower bound and usually a tenth of the truth. "
        "Connecticut is counted by planning region, so its old counties are unknown.",
        method="Homes in the special flood hazard area over all homes; lower bounds marked.",
        sources=(raw,),
        fields={
            "fips": "county code (Connecticut: planning region)",
            "home_share": "share of homes in the zone of the flood of 1 % chance a year, 0..1",
            "lower_bound": "true = only insured homes were counted: the share is at least this",
        },
    )
    c.table(product, out.sort_values("fips"))


def _seismic(c: Compiler) -> None:
    raw = "hazard/county_seismic_pga.parquet"
    table = pd.DataFrame(gpd.read_parquet(c.raw(raw))[["FIPS", "pga"]])
    table["fips"] = fips(table.FIPS)
    table = table[conus_counties(table.fips) & ~table.fips.isin(DISSOLVED_COUNTIES)]
    out = pd.DataFrame({"fips": current_county(table.fips), "pga_pct_g": table.pga.astype("float32")})
    product = Product(
        path="hazard/county_seismic.parquet",
        title="Peak ground acceleration by county",
        publisher="USGS, National Atlas of the United States",
        vintage="2002",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="An old model and the mean over a county: use it to compare regions. A building code needs the present map.",
        method="Taken over; renamed and dissolved counties brought to present codes.",
        sources=(raw,),
        fields={
            "fips": "county code",
            "pga_pct_g": "acceleration with 10 percent chance of exceedance in 50 years, percent of gravity",
        },
    )
    c.table(product, out.sort_values("fips"))


def _wildfire(c: Compiler) -> None:
    raw = "hazard/county_wildfire_potential.csv"
    table = pd.read_csv(c.raw(raw), dtype={"GEOID": str}, encoding="latin-1")
    out = pd.DataFrame(
        {
            "fips": current_county(table.GEOID),
            "high_share": (table.risk_4 + table.risk_5).astype("float32"),
            "nonburnable_share": table.risk_6.astype("float32"),
        }
    )
    product = Product(
        path="hazard/county_wildfire.parquet",
        title="Wildfire hazard potential by county",
        publisher="US Forest Service, Wildfire Hazard Potential 2014",
        vintage="2014",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="Ten years of fires and growth are missing, and a county mean hides the one dangerous slope. "
        "Non-burnable land is farmed, built or bare; which of them is not told.",
        method="Classes 4 (high) and 5 (very high) added; class 6 taken over.",
        sources=(raw,),
        fields={
            "fips": "county code",
            "high_share": "share of the county in the classes high and very high, 0..1",
            "nonburnable_share": "share of the county that is non-burnable land (without water), 0..1",
        },
    )
    c.table(product, out[conus_counties(out.fips)].sort_values("fips"))


def _project(lon: pd.Series, lat: pd.Series) -> np.ndarray:
    """(n, 2) EPSG:5070 metres of WGS 84 positions."""
    located = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(CRS)
    return np.column_stack([located.x, located.y])


def _tornadoes(c: Compiler) -> None:
    raw = "hazard/tornado_tracks.parquet"
    table = pd.read_parquet(c.raw(raw)).drop_duplicates()
    table = table[(table.yr >= FIRST_TORNADO_YEAR) & (table.mag >= WEAKEST_EF)].reset_index(drop=True)
    start = _project(table.slon, table.slat)
    unknown = (table.elat == 0.0) | (table.elon == 0.0)
    end = _project(table.elon.mask(unknown, table.slon), table.elat.mask(unknown, table.slat))
    span = np.hypot(*(end - start).T)
    wrong = span > PATH_SLACK * table.len * M_PER_MILE + PATH_SLACK_M
    end[(wrong | (span < POINT_TRACK_M)).to_numpy()] = np.nan
    end = np.where(np.isnan(end), start + np.array([POINT_TRACK_M, 0.0]), end)
    out = gpd.GeoDataFrame(
        {
            "year": table.yr.astype("int16"),
            "ef": table.mag.astype("int8"),
            "width_m": (table.wid.where(table.wid > 0.0) * FEET_PER_YARD * M_PER_FOOT).astype("float32").round(0),
        },
        geometry=shapely.linestrings(np.stack([start, end], axis=1)),
        crs=CRS,
    )
    product = Product(
        path="hazard/tornado_tracks.parquet",
        title="Tornado tracks rated EF2 or stronger, 1980-2022",
        publisher="NOAA Storm Prediction Center",
        vintage="1980-2022",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="Straight lines between two reported points; where the end is unknown only the start is kept. Ratings "
        "before 2007 are on the "
        "F scale, and empty country is under-reported.",
        method="Exact repeats removed; an end point of zero, or far beyond the recorded length, counts as unknown.",
        sources=(raw,),
        fields={"year": "year", "ef": "F or EF rating, 2..5", "width_m": "greatest width, metres; null = unknown"},
    )
    c.vector(product, in_conus(out), quantum_m=10.0)


def _hurricanes(c: Compiler) -> None:
    raw = "hazard/hurricane_tracks.csv"
    table = pd.read_csv(c.raw(raw))
    table["time"] = pd.to_datetime(table[["year", "month", "day", "hour"]])
    # a storm that lives through New Year keeps its season
    table["season"] = table.year.where(table.month > 1, table.year - 1)
    table = table.sort_values(["season", "name", "time"], kind="stable").reset_index(drop=True)
    steady = table.time.diff().between(pd.Timedelta(0), pd.Timedelta(hours=LONGEST_STEP_H))
    joined = (table.name == table.name.shift()) & (table.season == table.season.shift()) & steady
    wind = pd.concat([table.wind, table.wind.shift()], axis=1).max(axis=1)
    position = _project(table.long, table.lat)
    moved = np.r_[False, (np.diff(position, axis=0) != 0.0).any(axis=1)]
    rows = np.flatnonzero(joined & moved & (wind >= HURRICANE_KT))
    out = gpd.GeoDataFrame(
        {
            "storm": table.name.to_numpy()[rows],
            "year": table.season.to_numpy()[rows].astype("int16"),
            "wind_kt": wind.to_numpy()[rows].astype("int16"),
        },
        geometry=shapely.linestrings(np.stack([position[rows - 1], position[rows]], axis=1)),
        crs=CRS,
    )
    product = Product(
        path="hazard/hurricane_segments.parquet",
        title="Tracks of storms with hurricane wind, 1975-2024",
        publisher="NOAA National Hurricane Center, HURDAT2",
        vintage="1975-2024",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="The track of the centre only: wind and surge reach far beside it. Straight lines between fixes up to "
        "six hours apart.",
        method="Steps of one storm with at least 64 kt at one end that touch the study frame.",
        sources=(raw,),
        fields={
            "storm": "storm name",
            "year": "season",
            "wind_kt": "larger sustained wind of the two fixes, knots",
        },
    )
    c.vector(product, in_conus(out), quantum_m=100.0)
