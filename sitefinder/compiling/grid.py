"""Transmission grid, power plants, interconnection queues and electricity prices."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sitefinder.compiling.base import CRS, FRAME, Compiler, Product, in_conus
from sitefinder.compiling.grid_county import compile_county_grid
from sitefinder.compiling.grid_planned import compile_planned
from sitefinder.compiling.grid_plants import PLANTS_RAW, compile_plants
from sitefinder.compiling.grid_plants_added import MONTHLY_RAW, STATUS_RAW
from sitefinder.compiling.station_names import named, near_towns

LINES_RAW = "grid/transmission_lines.parquet"
SUBSTATIONS_RAW = "grid/substations.parquet"
#: voltage classes of the line register and the nominal voltage that stands for each, kV; anything else is unknown (0)
CLASS_KV = {
    "UNDER 100": 69,
    "SUB 100": 69,
    "100-161": 138,
    "220-287": 230,
    "345": 345,
    "500": 500,
    "735 AND ABOVE": 765,
}
KV_CLASSES = (69, 138, 230, 345, 500, 765)
#: standard voltages of the station register, kV, and their class; other values there are averages and say nothing
STANDARD_KV = {69: 69, 115: 138, 138: 138, 161: 138, 230: 230, 345: 345, 500: 500, 765: 765}
#: a line this close runs through the station; both were digitised from imagery to about 10 m
PASSING_M = 50.0
#: the lines carry an error of about 6 m, so thinning by twice that loses nothing
SIMPLIFY_M = 12.0
QUANTUM_M = 2.0
#: zoom level whose tile borders cut the published lines, and how exactly the cuts sit on them (in tile widths)
CUT_ZOOM = 8
CUT_TOLERANCE_TILES = 2e-5
#: both halves of a cut end on the same point to this many decimals of a degree (0.1 m)
CUT_DIGITS = 6

_HIFLD = "DHS HIFLD Electric Power Transmission Lines and Electric Substations"
_PUBLIC = "public domain (US government)"


def compile_grid(c: Compiler) -> None:
    """All products below ``grid/`` and the two share-alike power layers."""
    lines = _clean_lines(c)
    _transmission_lines(c, lines)
    compile_plants(c)
    _substations(c, lines)
    compile_planned(c)
    compile_county_grid(c)


def _clean_lines(c: Compiler) -> gpd.GeoDataFrame:
    raw = gpd.read_parquet(c.raw(LINES_RAW), columns=["VOLT_CLASS", "geometry"])
    raw = raw[raw.geometry.notna() & ~raw.geometry.is_empty]
    lines = gpd.GeoDataFrame(
        {"kv_class": raw["VOLT_CLASS"].map(CLASS_KV).fillna(0).astype("int16"), "is_dc": raw["VOLT_CLASS"].eq("DC")},
        geometry=raw.geometry,
        crs=raw.crs,
    )
    shape = shapely.to_wkb(shapely.normalize(lines.geometry.values))
    repeated = pd.DataFrame({"kv": lines["kv_class"], "dc": lines["is_dc"], "shape": shape}).duplicated()
    lines = _rejoined(lines[~repeated.to_numpy()].reset_index(drop=True)).to_crs(CRS)
    return in_conus(lines[lines.length > 0.0]).reset_index(drop=True)


def _on_tile_border(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Points on a border of the web-map tiles that the register was published in; degrees."""
    x = (lon + 180.0) / 360.0 * 2**CUT_ZOOM
    y = (1.0 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2.0 * 2**CUT_ZOOM
    return np.minimum(np.abs(x - np.round(x)), np.abs(y - np.round(y))) < CUT_TOLERANCE_TILES


def _rejoined(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join pieces of one class across tile borders, only where exactly two meet; EPSG:4326 in and out."""
    ends = [shapely.get_coordinates(shapely.get_point(lines.geometry.values, at)) for at in (0, -1)]
    table = pd.DataFrame(np.concatenate(ends), columns=["lon", "lat"])
    table["line"] = np.tile(lines.index.to_numpy(), 2)
    table["kv"], table["dc"] = lines["kv_class"].to_numpy()[table["line"]], lines["is_dc"].to_numpy()[table["line"]]
    table = table[_on_tile_border(table["lon"].to_numpy(), table["lat"].to_numpy())]
    table[["lon", "lat"]] = table[["lon", "lat"]].round(CUT_DIGITS)
    met = table.groupby(["lon", "lat", "kv", "dc"])["line"].agg(["size", "min", "max"])
    met = met[(met["size"] == 2) & (met["min"] != met["max"])]
    links = coo_array((np.ones(len(met)), (met["min"], met["max"])), shape=(len(lines), len(lines)))
    _, member = connected_components(links, directed=False)
    order = np.argsort(member, kind="stable")
    shapes = shapely.line_merge(shapely.multilinestrings(lines.geometry.values[order], indices=member[order]))
    first = lines.iloc[order].groupby(member[order])[["kv_class", "is_dc"]].first()
    return gpd.GeoDataFrame(first, geometry=shapes, crs=lines.crs).explode(ignore_index=True)


def _transmission_lines(c: Compiler, lines: gpd.GeoDataFrame) -> None:
    shapes = shapely.clip_by_rect(shapely.simplify(lines.geometry.values, SIMPLIFY_M), *FRAME)
    thinned = lines.set_geometry(shapely.set_precision(shapes, QUANTUM_M, mode="pointwise")).explode(ignore_index=True)
    c.vector(
        Product(
            path="grid/transmission_lines.parquet",
            title="Electric transmission lines",
            publisher=_HIFLD,
            vintage="2024-09",
            licence=_PUBLIC,
            grade="E2",
            caveat=(
                "Voltage classes only, none on 5 % of the length; no ratings, circuits, owners or spare capacity. Position about "
                "20 m. Parallel circuits drawn on the same path appear once, so lengths are route lengths, not circuit lengths."
            ),
            method="Repeated shapes dropped, pieces cut at map-tile borders joined again, simplified by 12 m.",
            sources=(LINES_RAW,),
            fields={
                "kv_class": (
                    "nominal voltage of the class, kV: 69 (<100), 138 (100-161), 230 (220-287), 345, 500, 765 (>=735), 0 unknown"
                ),
                "is_dc": "direct-current line (its class is 0)",
            },
        ),
        thinned[thinned.length > 0.0],
        quantum_m=QUANTUM_M,
    )


def _substations(c: Compiler, lines: gpd.GeoDataFrame) -> None:
    raw = gpd.read_parquet(c.raw(SUBSTATIONS_RAW)).to_crs(CRS)
    raw = in_conus(raw).reset_index(drop=True)
    kv_class, basis = _station_class(raw, lines)
    xy = shapely.get_coordinates(raw.geometry.values)
    plants = gpd.read_parquet(c.out_root / "grid/power_plants.parquet")
    closed = closed_plants(gpd.read_file(c.raw(STATUS_RAW)).to_crs(CRS))
    plants_xy, closed_xy = (shapely.get_coordinates(table.geometry.values) for table in (plants, closed))
    names = named(raw.assign(kv_class=kv_class), xy, plants, plants_xy, closed, closed_xy)
    towns = gpd.read_parquet(c.out_root / "land/places.parquet")
    ends = {f"ends_{kv}": raw[f"node_n_{kv}"].astype("Int16") for kv in (230, 345, 500, 765)}
    stations = gpd.GeoDataFrame(
        {
            "sub_id": raw["sub_id"].astype("int64"),
            "name": names["name"],
            "name_basis": names["name_basis"],
            "near": near_towns(names["name"].to_numpy(object), kv_class, xy, towns),
            "state": raw["state"],
            "kv_class": kv_class,
            "kv_basis": basis,
            **ends,
            "ends_total": raw["node_n_ends"].astype("Int16"),
            "is_tap": raw["hifld_type"].eq("TAP"),
            "source": np.where(raw["src"].eq("hifld2020"), "hifld2020", "line_node"),
        },
        geometry=raw.geometry,
    )
    c.vector(_substation_product(), stations)


def closed_plants(status: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """``name`` and ``mw`` of plants all or the larger part of which is closed, whenever that was; in the study frame.

    Parameters
    ----------
    status : GeoDataFrame
        EPSG:5070: ``plant_name``, ``status``, ``total_capacity_mw``.
    """
    gone = in_conus(status[status["status"].isin(["retired", "retooled"])])
    return gone.rename(columns={"plant_name": "name", "total_capacity_mw": "mw"})[["name", "mw", "geometry"]].reset_index(
        drop=True
    )


def _station_class(raw: gpd.GeoDataFrame, lines: gpd.GeoDataFrame) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.object_]]:
    ends = raw[[f"node_n_{kv}" for kv in KV_CLASSES]].fillna(0.0).to_numpy() > 0.0
    by_ends = np.where(ends, np.array(KV_CLASSES), 0).max(axis=1)
    known = lines[lines["kv_class"] > 0].reset_index(drop=True)
    station, line = known.sindex.nearest(raw.geometry.values, return_all=False, max_distance=PASSING_M)
    by_line = np.zeros(len(raw), dtype=int)
    by_line[station] = known["kv_class"].to_numpy()[line]
    by_register = raw["base_kv"].round(3).map(STANDARD_KV).fillna(0).astype(int).to_numpy()
    choices = [by_ends > 0, by_line > 0, by_register > 0]
    kv_class = np.select(choices, [by_ends, by_line, by_register], 0).astype(np.int16)
    return kv_class, np.select(choices, ["line_ends", "passing_line", "register"], "unknown").astype(object)


def _substation_product() -> Product:
    ends = {f"ends_{kv}": f"number of {kv} kV-class line ends at the station, null = not counted" for kv in (230, 345, 500, 765)}
    return Product(
        path="grid/substations.parquet",
        title="Electric substations and taps",
        publisher=_HIFLD,
        vintage="2020 (stations) and 2024-09 (lines)",
        licence=_PUBLIC,
        grade="E2",
        caveat=(
            "No transformer or spare capacity. The register of 2020 lacks Iowa and DC; Iowa is filled with unnamed line nodes, "
            "which may be mere junctions. Stations built since 2020 appear only where lines end. The class of stations without "
            "a classed line end is that of the nearest passing line or of the register and may be wrong."
        ),
        method=(
            "Class from line ends, else the nearest classed line within 50 m, else a standard voltage in the register, else 0."
        ),
        sources=(SUBSTATIONS_RAW, LINES_RAW, PLANTS_RAW, MONTHLY_RAW, STATUS_RAW),
        fields={
            "sub_id": "identifier in the register; negative for line nodes",
            "name": "station name without voltages, null where no source has one",
            "name_basis": (
                "register; same_yard = registered name within 300 m; power_plant = plant of 100 MW within 1 km; closed_plant = "
                "closed plant of 100 MW within 700 m"
            ),
            "near": "nearest town and distance, for unnamed stations of 230 kV and more",
            "state": "postal code",
            "kv_class": "nominal voltage of the class, kV: 69, 138, 230, 345, 500, 765; 0 unknown",
            "kv_basis": "where the class comes from: line_ends, passing_line, register, unknown",
            **ends,
            "ends_total": "number of line ends of any class, null = not counted",
            "is_tap": "a tap on a line, not a station",
            "source": "hifld2020 = station register, line_node = end of lines without a registered station",
        },
    )
