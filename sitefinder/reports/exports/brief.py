"""The 25 columns of a list that fits on a screen, with labels for people and short names for old formats."""

from __future__ import annotations

from typing import NamedTuple

from sitefinder.columns import Column
from sitefinder.reports.dossier.fields import column
from sitefinder.reports.exports.tables import AERIAL

#: longest name of a column of a shapefile
SHORT = 10


class Brief(NamedTuple):
    """A column of the short list.

    Parameters
    ----------
    column : Column
    short : str
        At most ten characters.
    label : str
        For people.
    """

    column: Column
    short: str
    label: str


_WRITTEN = (
    ("rank", "rank", "Rank"),
    ("site_id", "site_id", "Key"),
    ("name", "name", "Name"),
    ("state", "state", "State"),
    ("county", "county", "County"),
    ("county_fips", "fips", "County code"),
    ("rto", "rto", "Market region"),
    ("balancing_authority", "ba", "Balancing authority"),
    ("serving_utility", "utility", "Serving utility"),
    ("lat", "lat", "Latitude"),
    ("lon", "lon", "Longitude"),
    ("score", "score", "Score"),
    ("tier", "tier", "Tier"),
    ("buildable_acres", "acres", "Buildable acres"),
    ("pathway", "pathway", "Pathway to power"),
    ("first_200mw_p50", "mw200_p50", "First 200 MW (P50)"),
    ("full_load_p50", "full_p50", "Full load (P50)"),
    ("p_full_by_date", "p_by_date", "Chance by the date wanted"),
    ("grid_station", "station", "Station for the load"),
    ("grid_station_kv", "stn_kv", "Its voltage"),
    ("grid_station_km", "stn_km", "Distance to it"),
    ("grid_headroom_mw_p50", "room_mw", "Headroom left there (P50)"),
    ("capex_musd_mid", "capex_musd", "Capital that depends on the site"),
    ("people_5km", "people_5km", "People within 5 km"),
)
BRIEF: tuple[Brief, ...] = (
    *(Brief(column(name), short, label) for name, short, label in _WRITTEN),
    Brief(AERIAL, "aerial", "Aerial picture"),
)
