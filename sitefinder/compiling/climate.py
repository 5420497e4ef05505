"""Climate for cooling: degree days, design wet bulb, and the air-quality areas that limit generators."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from sitefinder.compiling.base import Compiler, Product, points
from sitefinder.compiling.terrain import PUBLIC_DOMAIN
from sitefinder.compiling.water import conus_counties

STATES = "land/states_2018_5m.parquet"
#: the degree-day table files Washington, DC under Maryland
DC_ID, DC_FIPS = "MD-511", "11001"
HEADING_LINES = 3
#: column of the product -> how the standard's name begins
POLLUTANTS = {"ozone": "8-Hour Ozone", "pm25": "PM-2.5", "so2": "Sulfur Dioxide"}


def compile_climate(c: Compiler) -> None:
    """Write every product below ``climate/``."""
    _degree_days(c)
    _stations(c)
    _nonattainment(c)


def _degree_days(c: Compiler) -> None:
    raw = "climate/county_cooling_degree_days.csv"
    # not comment="#": names such as O&#39;Brien hold that sign
    table = pd.read_csv(c.raw(raw), skiprows=HEADING_LINES)
    states = pd.DataFrame(gpd.read_parquet(c.raw(STATES))[["STUSPS", "STATEFP"]]).set_index("STUSPS").STATEFP
    code = (table.ID.str[:2].map(states) + table.ID.str[3:]).mask(table.ID == DC_ID, DC_FIPS)
    out = pd.DataFrame(
        {"fips": code, "cdd_f": table.Value.astype("float32"), "cdd_f_mean": table["1901-2000 Mean"].astype("float32")}
    )
    product = Product(
        path="climate/county_cdd.parquet",
        title="Cooling degree days by county",
        publisher="NOAA National Centers for Environmental Information, nClimDiv",
        vintage="2023 and mean 1901-2000",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="County means hide mountains; one year is weather, and the mean of the last century is cooler than today. "
        "Lexington city, Virginia, is not in the table.",
        method="State letters turned into county codes.",
        sources=(raw, STATES),
        fields={
            "fips": "county code",
            "cdd_f": "cooling degree days of 2023, base 65 F, degree-days F",
            "cdd_f_mean": "mean of 1901-2000, degree-days F",
        },
    )
    c.table(product, out[conus_counties(out.fips)].sort_values("fips"))


def _stations(c: Compiler) -> None:
    raw = "climate/station_design_wetbulb.csv"
    table = pd.read_csv(c.raw(raw))
    columns = {
        "station": "name",
        "state": "state",
        "elev_m": "elev_m",
        "wb_996": "wetbulb_996_c",
        "db_996": "drybulb_996_c",
        "hours_wb_le_15": "free_cooling_hours",
        "wb_mean": "wetbulb_mean_c",
    }
    frame = table.rename(columns=columns)[[*columns.values(), "lon", "lat"]]
    product = Product(
        path="climate/stations.parquet",
        title="Design wet bulb and hours of free cooling at weather stations",
        publisher="NREL, typical meteorological year 3",
        vintage="TMY3 (1976-2005)",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="113 airports: far apart, and a typical year smooths extremes; the wet bulb is on average 0.45 C below "
        "the usual 0.4 percent "
        "design value. Later warming is not in it.",
        method="Percentiles of the 8,760 hours of the typical year.",
        sources=(raw,),
        fields={
            "name": "station",
            "state": "postal code of the state",
            "elev_m": "metres above sea level",
            "wetbulb_996_c": "wet bulb that 99.6 percent of hours stay below, degrees C",
            "drybulb_996_c": "air temperature that 99.6 percent of hours stay below, degrees C",
            "free_cooling_hours": "hours a year with a wet bulb of at most 15 C",
            "wetbulb_mean_c": "mean wet bulb, degrees C",
        },
    )
    c.vector(product, points(frame, lon="lon", lat="lat"))


def _nonattainment(c: Compiler) -> None:
    raw = "climate/county_nonattainment.csv"
    table = pd.read_csv(c.raw(raw), encoding="utf-8-sig", dtype=str)
    table["fips"] = table.fips_state + table.fips_cnty
    table = table[table.pw_2021.notna() & table.revoked_naaqs.isna() & conus_counties(table.fips)]
    for column, begins in POLLUTANTS.items():
        table[column] = table.pollutant.str.startswith(begins)
    table["other"] = ~table[list(POLLUTANTS)].any(axis=1)
    table["whole"] = table.pw_2021 == "W"
    flags = table.groupby("fips")[[*POLLUTANTS, "other", "whole"]].any()
    flags["whole_or_part"] = flags.pop("whole").map({True: "W", False: "P"})
    product = Product(
        path="climate/nonattainment.parquet",
        title="Counties in nonattainment of national air-quality standards",
        publisher="US Environmental Protection Agency, Green Book",
        vintage="2021-02-28",
        licence=PUBLIC_DOMAIN,
        grade="E1",
        caveat="State of early 2021: later redesignations and the 2024 PM-2.5 standard are missing. 'P' = part of the "
        "county, and the "
        "part is not drawn. A county that is absent was in attainment or unclassified.",
        method="Designations in force in 2021 under standards that were not revoked.",
        sources=(raw,),
        fields={
            "fips": "county code",
            "ozone": "8-hour ozone (2008, 2015)",
            "pm25": "PM-2.5 (1997, 2006, 2012)",
            "so2": "sulfur dioxide (1971, 2010)",
            "other": "PM-10, lead or another pollutant",
            "whole_or_part": "'W' when one designation covers the whole county, else 'P'",
        },
    )
    c.table(product, flags.reset_index())
