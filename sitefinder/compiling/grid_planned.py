"""Planned transmission projects of 345 kV and more, placed at the registered stations that they name."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from sitefinder.compiling.base import CRS, Compiler, Product

PLANNED_RAW = "grid/planned_transmission_projects.json"
SUBSTATIONS_RAW = "grid/substations.parquet"
#: lowest voltage of a project that can bring power for a campus, kV
LEAST_KV = 345
#: words of the plans that mean: it is there already, or it is no longer pursued
DONE = frozenset({"In Service", "In-Service", "Complete", "Closed Out", "Re-evaluation"})
#: parts of a station's name that plans and register write differently
_NOISE = r"\b(?:\d+|KV|SUBSTATION|SUB|SWITCHYARD|SWITCH|STATION|SS|TAP|INTERCHANGE)\b|\d+KV|[^A-Z]"
#: words in the name of a project that builds a new circuit, where the plan has no type
_NEW = r"\b(?:new|build|construct)\b.*\b(?:lines?|circuit|ckt)\b"


def compile_planned(c: Compiler) -> None:
    """Ends of planned lines that can be placed."""
    raw = pd.read_json(c.raw(PLANNED_RAW), dtype={"pid": str})
    raw = raw[(raw["kv"] >= LEAST_KV) & ~raw["status"].isin(DONE)]
    ends = pd.concat([_ends(raw, side) for side in ("from", "to")], ignore_index=True)
    stations = _stations(c)
    placed = ends[ends["key"].isin(stations.index)]
    projects = gpd.GeoDataFrame(placed, geometry=stations.loc[placed["key"], "geometry"].to_numpy(), crs=CRS)
    projects = projects.drop(columns="key").drop_duplicates(["project_id", "name", "station"])
    order = ["in_service", "project_id", "name", "station"]
    c.vector(_product(), projects.sort_values(order, kind="stable"))


def _ends(raw: pd.DataFrame, side: str) -> pd.DataFrame:
    untyped = raw["ftype"].isin(["", "Planned", "Under Construction"])
    new = raw["ftype"].eq("Line New") | (untyped & raw["name"].str.contains(_NEW, case=False))
    return pd.DataFrame(
        {
            "project_id": raw["pid"].astype(str),
            "name": raw["name"].str.strip(),
            "from_station": raw["from_sub"].str.strip(),
            "to_station": raw["to_sub"].str.strip(),
            "station": raw[f"{side}_sub"].str.strip(),
            "kv": raw["kv"].astype("int16"),
            "in_service": year_months(raw["isd"]),
            "status": raw["status"].where(~raw["status"].isin(["", "#N/A"])),
            "new_line": new.to_numpy(bool),
            "planner": raw["iso"],
            "state": raw["state"],
            "key": station_keys(raw[f"{side}_sub"], raw["state"]),
        }
    )


def year_months(dates: pd.Series) -> pd.Series:
    """Dates in two notations as YYYY-MM, null where there is none."""
    iso = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce")
    return iso.fillna(pd.to_datetime(dates, format="%m/%d/%Y", errors="coerce")).dt.strftime("%Y-%m")


def station_keys(names: pd.Series, states: pd.Series) -> pd.Series:
    """Station names without voltages and filler words, with the state; empty names have no key."""
    plain = names.fillna("").str.upper().str.replace(_NOISE, "", regex=True)
    return (plain + "|" + states.astype(str)).where(plain.str.len() > 0)


def _stations(c: Compiler) -> gpd.GeoDataFrame:
    """Registered stations whose name occurs once in their state, by key."""
    raw = gpd.read_parquet(c.raw(SUBSTATIONS_RAW), columns=["sub_name", "state", "src", "geometry"]).to_crs(CRS)
    raw = raw[raw["src"].eq("hifld2020")]
    raw = raw.assign(key=station_keys(raw["sub_name"], raw["state"])).dropna(subset="key")
    return raw[~raw["key"].duplicated(keep=False)].set_index("key")


def _product() -> Product:
    return Product(
        path="grid/planned_lines.parquet",
        title="Stations named by planned transmission projects of 345 kV and more",
        publisher="ERCOT, MISO and SPP transmission plans",
        vintage="2026",
        licence="facts",
        grade="E3",
        caveat=(
            "Three planners only; the rest of the country is unknown, not without plans. Published positions are not used: "
            "many are shared placeholders, and a quarter of the others that can be checked lie over 195 km from the station. An "
            "end counts only where exactly one registered station of the state has its name: fewer than a third of the ends, and "
            "rarely a new station. A namesake can be elsewhere. Dates slip. A planned line is not capacity for one customer."
        ),
        method=(
            "Projects of 345 kV and more that are not finished; one row per end, placed at the station of that name in the "
            "project's state in the station register of 2020; names compared without voltages and filler words."
        ),
        sources=(PLANNED_RAW, SUBSTATIONS_RAW),
        fields={
            "project_id": "identifier in the plan",
            "name": "name of the project",
            "from_station": "one end, as the plan names it",
            "to_station": "other end, as the plan names it",
            "station": "the end that this row places",
            "kv": "nominal voltage, kV",
            "in_service": "planned month of service, YYYY-MM",
            "status": "status in the plan's words, null = none given",
            "new_line": "a new circuit, by the plan's type or the project's name; otherwise an upgrade, a station or upkeep",
            "planner": "ERCOT, MISO or SPP",
            "state": "postal code",
        },
    )
