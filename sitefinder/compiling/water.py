"""Water layers: lakes, county use and drought, wastewater, scarcity, and (through ``runoff`` and ``rivers``) streams."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, FRAME, NATURAL_EARTH, NOT_CONUS, Compiler, Product, in_conus, points
from sitefinder.compiling.held import tidy_polygons
from sitefinder.compiling.islands import without_islands
from sitefinder.compiling.rivers import compile_rivers
from sitefinder.compiling.runoff import STATES, compile_runoff, load_grid, runoff_map
from sitefinder.compiling.terrain import PUBLIC_DOMAIN
from sitefinder.compiling.water_supply import compile_supply
from sitefinder.units import M2_PER_KM2

SMALLEST_LAKE_KM2 = 1.0
SMALLEST_OSM_KM2 = 0.25
#: shared water (Great Lakes, Rio Grande) touches the states within this distance; farther out it is foreign
BORDER_M = 2000.0
#: two drawings are one lake when they share at least this part of it
SAME_LAKE_SHARE = 0.3
#: county codes outside the contiguous states: Alaska, Hawaii and everything after Wyoming (56)
OUTSIDE_STATES = frozenset({"02", "15"})
LAST_STATE = "56"
SMALLEST_PLANT_MGD = 0.5
#: entries of one flow nearer than this are one plant; works of one authority this near may drain into each other
SAME_PLANT_M, SAME_WORKS_M = 250.0, 5000.0
#: flows that differ by less than this share of themselves are the same
SAME_FLOW = 1e-3
#: entries that describe a programme or a sewer project instead of a plant
NOT_A_PLANT = r"\bCIP\b|citywide|collection system"


def compile_water(c: Compiler) -> None:
    """Write every product below ``water/`` and the open water of OpenStreetMap."""
    grid = load_grid(c)
    runoff = runoff_map(c, grid)
    compile_runoff(c, runoff)
    compile_rivers(c, grid)
    _lakes(c)
    _open_water(c)
    _county_use(c)
    _county_drought(c)
    _wastewater(c)
    _scarcity(c)
    compile_supply(c)


def conus_counties(codes: pd.Series) -> pd.Series:
    """True where a five-character county code lies in the 48 states or DC."""
    state = codes.str[:2]
    return codes.str.fullmatch(r"\d{5}").fillna(False) & ~state.isin(OUTSIDE_STATES) & (state <= LAST_STATE)


def _country(c: Compiler) -> shapely.Geometry:
    """The contiguous states with a rim of 2 km, EPSG:5070."""
    states = gpd.read_parquet(c.raw(STATES))
    country = states[~states.STUSPS.isin(NOT_CONUS)].to_crs(CRS).union_all().simplify(500.0).buffer(BORDER_M)
    shapely.prepare(country)
    return country


def _polygons(frame: gpd.GeoDataFrame, country: shapely.Geometry) -> gpd.GeoDataFrame:
    """Repaired polygonal parts in EPSG:5070 that touch the country, with area_km2."""
    frame = in_conus(frame.to_crs(CRS))
    frame = frame.set_geometry(shapely.make_valid(frame.geometry.values)).explode(ignore_index=True)
    frame = frame[(frame.geom_type == "Polygon") & shapely.intersects(country, frame.geometry.values)]
    return frame.assign(area_km2=(frame.area / M2_PER_KM2).round(3))


def _lakes(c: Compiler) -> None:
    raw = "water/lakes.parquet"
    country = _country(c)
    drawn = _polygons(gpd.read_parquet(c.raw(raw))[["geometry"]], country)
    drawn = drawn[drawn.area_km2 >= SMALLEST_LAKE_KM2].reset_index(drop=True)
    layers = [gpd.read_file(c.raw(NATURAL_EARTH), layer=x) for x in ("ne_10m_lakes", "ne_10m_lakes_north_america")]
    known = pd.concat([x[["name", "featurecla", "geometry"]] for x in layers], ignore_index=True)
    # Laguna Madre is an arm of the sea
    known = _polygons(known[known.name != "Laguna Madre"], country)
    known = known[known.area_km2 >= SMALLEST_LAKE_KM2].sort_values("area_km2", ascending=False, ignore_index=True, kind="stable")
    known = known[~_repeats(known)].reset_index(drop=True)
    lakes = without_islands(_merged(known, drawn))
    geometry = tidy_polygons(lakes, tolerance_m=100.0)
    lakes = gpd.GeoDataFrame(lakes[["name", "area_km2"]].astype({"name": "string"}), geometry=geometry, crs=CRS)
    product = Product(
        path="water/lakes.parquet",
        title="Lakes and reservoirs of at least 1 km2",
        publisher="NOAA National Weather Service map data; Natural Earth (Great Lakes and largest lakes)",
        vintage="about 2013 (NOAA); 5.x (Natural Earth)",
        licence="public domain",
        grade="E2",
        caveat="Shores are drawn for maps: up to 500 m off, more in Natural Earth. Salt lakes are among them. Depth, "
        "level and the right "
        "to draw water are unknown. Dry reservoirs keep their full outline.",
        method="Weather-service outlines, to which Natural Earth gives names and the lakes that are missing; repeats "
        "by overlap removed. That source draws islands as outlines of their own: they are cut out.",
        sources=(raw, NATURAL_EARTH, STATES),
        fields={"name": "name, null = unknown", "area_km2": "area of the outline before simplification, km2"},
    )
    c.vector(product, lakes, quantum_m=10.0)


def _merged(known: gpd.GeoDataFrame, drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Drawn lakes with the names of the known ones, and known lakes of which too little is drawn in place of those pieces."""
    a, b, shared = _overlap(known, drawn)
    covered = np.bincount(a, shared, minlength=len(known)) / known.area.to_numpy()
    missing = covered < SAME_LAKE_SHARE
    inside = shared / drawn.area.to_numpy()[b]
    replaced = np.unique(b[missing[a] & (inside > SAME_LAKE_SHARE)])
    # the largest drawn piece of a known lake bears its name; smaller ones may be bays or neighbours
    same_lake = pd.DataFrame({"a": a, "b": b, "shared": shared})[~missing[a] & (inside > SAME_LAKE_SHARE)]
    same_lake = same_lake.sort_values("shared", ascending=False, kind="stable").drop_duplicates("a").drop_duplicates("b")
    drawn = drawn.assign(name=drawn.index.map(pd.Series(known.name.to_numpy()[same_lake.a], index=same_lake.b)))
    return pd.concat([drawn.drop(index=replaced), known[missing]], ignore_index=True)


def _overlap(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of left and right that meet and the area (m2) they share."""
    b, a = left.sindex.query(right.geometry.values, predicate="intersects")
    return a, b, shapely.area(shapely.intersection(left.geometry.values[a], right.geometry.values[b]))


def _repeats(frame: gpd.GeoDataFrame) -> np.ndarray:
    """(n,) bool: polygon largely covered by one that stands higher in the table."""
    a, b, shared = _overlap(frame, frame)
    repeated = np.zeros(len(frame), bool)
    repeated[b[(a < b) & (shared > SAME_LAKE_SHARE * frame.area.to_numpy()[b])]] = True
    return repeated


def _open_water(c: Compiler) -> None:
    raws = {"lake": "water/lakes_osm.parquet", "river": "water/river_areas_osm.parquet"}
    country = _country(c)
    parts = [_polygons(gpd.read_parquet(c.raw(raw)), country).assign(kind=kind) for kind, raw in raws.items()]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame.area_km2 >= SMALLEST_OSM_KM2]
    frame = gpd.GeoDataFrame(frame[["kind", "area_km2"]], geometry=tidy_polygons(frame, tolerance_m=100.0), crs=CRS)
    frame["area_km2"] = frame.area_km2.astype("float32")
    frame = frame.iloc[np.argsort(frame.hilbert_distance(level=16).to_numpy(), kind="stable")]
    product = Product(
        path="share_alike/open_water_osm.parquet",
        title="Lakes and wide rivers as areas",
        publisher="OpenStreetMap contributors",
        vintage="2017-11",
        licence="ODbL",
        grade="E2",
        caveat="No names; drawn by volunteers, so small water is uneven by region. Outlines are good to about 200 m. "
        "Seasonal lakes and salt lagoons of the coast count.",
        method="Areas of at least 0.25 km2 that touch the country, simplified by 100 m.",
        sources=(*raws.values(), STATES),
        fields={"kind": "'lake' or 'river'", "area_km2": "area before simplification, km2"},
        share_alike=True,
    )
    c.vector(product, frame, quantum_m=10.0)


def _county_use(c: Compiler) -> None:
    raw = "water/county_water_use_2015.csv"
    table = pd.read_csv(c.raw(raw), header=1, dtype={"FIPS": str}, na_values="--")
    table = table[conus_counties(table.FIPS)]
    columns = {
        "fresh_mgd": "TO-WFrTo",
        "groundwater_mgd": "TO-WGWFr",
        "public_supply_mgd": "PS-WFrTo",
        "irrigation_mgd": "IR-WFrTo",
        "thermoelectric_mgd": "PT-WFrTo",
    }
    out = pd.DataFrame({"fips": table.FIPS} | {name: table[column].astype("float32") for name, column in columns.items()})
    product = Product(
        path="water/county_use.parquet",
        title="Freshwater withdrawals by county (million gallons per day)",
        publisher="USGS, estimated use of water 2015 (usco2015 v2.0)",
        vintage="2015",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="Estimates by state offices with differing methods, ten years old. Withdrawal, not consumption. "
        "Connecticut has its old counties.",
        method="Fresh groundwater and surface water, columns of the five uses that matter.",
        sources=(raw,),
        fields={
            "fips": "county code",
            "fresh_mgd": "all fresh withdrawals, million US gallons per day",
            "groundwater_mgd": "fresh groundwater, million US gallons per day",
            "public_supply_mgd": "public supply, fresh, million US gallons per day",
            "irrigation_mgd": "irrigation, fresh, million US gallons per day",
            "thermoelectric_mgd": "thermoelectric power, fresh, million US gallons per day",
        },
    )
    c.table(product, out.sort_values("fips"))


def _county_drought(c: Compiler) -> None:
    raw = "water/county_drought_2000_2025.csv"
    table = pd.read_csv(c.raw(raw), dtype={"fips": str})
    table = table[conus_counties(table.fips)]
    columns = {
        "d2_area_share": "y2000_2025_mean_frac_D2plus",
        "d2_area_share_10y": "last10y_mean_frac_D2plus",
        "d2_half_county_weeks_share": "frac_weeks_half_county_D2plus",
    }
    out = pd.DataFrame({"fips": table.fips} | {name: table[column].astype("float32") for name, column in columns.items()})
    product = Product(
        path="water/county_drought.parquet",
        title="Time and area in severe drought by county",
        publisher="US Drought Monitor (National Drought Mitigation Center, USDA, NOAA)",
        vintage="2000 to 2025-09",
        licence="free with credit to the National Drought Mitigation Center",
        grade="E3",
        caveat="The drought classes are judged by experts relative to local normal: a dry county is not in drought for "
        "being dry.",
        method="Mean over 1,344 weekly maps of the county area in class D2 (severe) or worse.",
        sources=(raw,),
        fields={
            "fips": "county code",
            "d2_area_share": "mean share of the area in D2 or worse 2000-2025, 0..1",
            "d2_area_share_10y": "the same for the last ten years, 0..1",
            "d2_half_county_weeks_share": "share of weeks with at least half the county in D2 or worse, 0..1",
        },
    )
    c.table(product, out.sort_values("fips"))


def _wastewater(c: Compiler) -> None:
    raw = "water/wastewater_plants.csv"
    table = pd.read_csv(c.raw(raw))
    # the facility type is one of several and calls some of the largest plants sewers, so it cannot select
    table = table[(table.FLOW_2022_MGD_FINAL >= SMALLEST_PLANT_MGD) & ~table.STATE_CODE.isin(NOT_CONUS)]
    table = table[~table.FACILITY_NAME.str.contains(NOT_A_PLANT, case=False, regex=True)]
    frame = pd.DataFrame(
        {
            "name": table.FACILITY_NAME.str.strip(),
            "city": table.CITY.str.strip().str.title(),
            "state": table.STATE_CODE,
            "design_mgd": table.FLOW_2022_MGD_FINAL.astype("float32"),
            "authority": table.AUTHORITY_NAME.str.strip(),
            "lon": table.LONGITUDE,
            "lat": table.LATITUDE,
        }
    ).drop_duplicates(["lon", "lat", "design_mgd"])
    located = points(frame, lon="lon", lat="lat")
    located = located[~counted_twice(located)].drop(columns="authority")
    product = Product(
        path="water/wastewater.parquet",
        title="Municipal wastewater plants of at least 0.5 million gallons per day (reuse water)",
        publisher="US Environmental Protection Agency, Clean Watersheds Needs Survey 2022",
        vintage="2022",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="Design flow; the actual flow is usually lower and may already be sold or owed to a river. Some entries "
        "are sewer systems "
        "of a plant listed elsewhere, and some points mark an office instead of the plant.",
        method="Entries with design flow of at least 0.5; programmes without a plant, repeats of one flow within 250 m, and "
        "works whose flows add up to that of another entry of their authority within 5 km, into which they drain, removed.",
        sources=(raw,),
        fields={
            "name": "facility name",
            "city": "city, null = unknown",
            "state": "postal code of the state",
            "design_mgd": "design flow, million US gallons per day",
        },
    )
    c.vector(product, located, quantum_m=10.0)


def counted_twice(plants: gpd.GeoDataFrame) -> np.ndarray:
    """(n,) bool: the flow of a plant stands in another entry of the table, too.

    Parameters
    ----------
    plants : GeoDataFrame
        ``state``, ``design_mgd``, ``authority`` and points in metres. Of two entries of one flow within ``SAME_PLANT_M`` the
        second counts twice; so do two or more plants whose flows add up to that of another one of their authority within
        ``SAME_WORKS_M``, because it takes what they treat first.
    """
    flow, at = plants["design_mgd"].to_numpy(np.float64), plants.geometry.to_numpy()
    first, second = shapely.STRtree(at).query(at, predicate="dwithin", distance=SAME_PLANT_M)
    state = plants["state"].to_numpy(object)
    twice = np.zeros(len(plants), bool)
    twice[second[(first < second) & (flow[first] == flow[second]) & (state[first] == state[second])]] = True
    place = pd.Series(range(len(plants)))
    for _, rows in place.groupby([plants["state"].to_numpy(), plants["authority"].to_numpy()]):
        for last in rows[~twice[rows]]:
            others = np.array([r for r in rows if r != last and not twice[r]], np.int64)
            others = others[shapely.distance(at[others], at[last]) <= SAME_WORKS_M]
            if len(others) > 1 and math.isclose(flow[others].sum(), flow[last], rel_tol=SAME_FLOW):
                twice[others] = True
    return twice


def _scarcity(c: Compiler) -> None:
    raw = "water/aware12_scarcity.parquet"
    frame = gpd.read_parquet(c.raw(raw)).to_crs(CRS)
    frame = frame.set_geometry(shapely.make_valid(frame.geometry.values, method="structure", keep_collapsed=False))
    frame = gpd.clip(frame, FRAME).sort_index()
    out = gpd.GeoDataFrame(
        {"annual_nonagri": frame.annual_non_agriculture.astype("float32")},
        geometry=shapely.coverage_simplify(frame.geometry.values, 2000.0),
        crs=CRS,
    )
    product = Product(
        path="water/scarcity_aware.parquet",
        title="Water scarcity by basin (AWARE 1.2)",
        publisher="WULCA, AWARE 1.2 (Boulay et al. 2018)",
        vintage="2017",
        licence="free with citation (Boulay et al. 2018)",
        grade="E4",
        caveat="A global model with half-degree cells: a large basin is one number, and outlines are good to some 25 km only.",
        method="Yearly factor for uses other than farming, outlines simplified by 2 km without gaps.",
        sources=(raw,),
        fields={"annual_nonagri": "m3 world equivalents per m3, 0.1 (plenty) to 100 (none left), null = undefined"},
    )
    c.vector(product, out, quantum_m=100.0)
