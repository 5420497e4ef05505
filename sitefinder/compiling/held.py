"""Land that others hold, as outlines: national parks and forests, tribal land, military sites and areas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.base import CRS, FRAME, NOT_CONUS, Compiler, Product, in_conus, points
from sitefinder.compiling.terrain import PUBLIC_DOMAIN

STATES = "land/states_2018_5m.parquet"
#: a forest of the register of ranger districts is added where outlines of forests hold less than this share of it
HELD_ALREADY = 0.5
#: kinds of OpenStreetMap's military areas that a campus may stand on: former or civil ones
NOT_MILITARY = ("abandoned", "school", "office")


def compile_held(c: Compiler) -> None:
    """Write parks and forests, tribal land, military sites and military areas."""
    _parks_forests(c)
    _tribal(c)
    _military(c)
    _military_areas(c)


def tidy_polygons(frame: gpd.GeoDataFrame, *, tolerance_m: float, quantum_m: float = 10.0) -> np.ndarray:
    """(n,) valid polygons, simplified by ``tolerance_m`` and rounded to ``quantum_m`` metres."""
    simple = shapely.make_valid(frame.geometry.simplify(tolerance_m).values, method="structure", keep_collapsed=False)
    return shapely.set_precision(simple, quantum_m, mode="valid_output")


def missing_forests(districts: gpd.GeoDataFrame, forests: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Forests of the ranger districts that the outlines of ``forests`` lack: columns ``name`` and ``geometry``.

    Both in one projection; ``districts`` with the column ``FORESTNAME``.
    """
    whole = districts.dissolve("FORESTNAME")
    known = shapely.union_all(forests.geometry.values)
    held = shapely.area(shapely.intersection(whole.geometry.values, known)) / shapely.area(whole.geometry.values)
    lacking = whole[held < HELD_ALREADY]
    return gpd.GeoDataFrame({"name": lacking.index.to_numpy()}, geometry=lacking.geometry.values, crs=districts.crs)


def _parks_forests(c: Compiler) -> None:
    raw, districts = "land/parks_and_forests.parquet", "land/usfs_ranger_districts.parquet"
    frame = gpd.clip(gpd.read_parquet(c.raw(raw)).to_crs(CRS), FRAME).sort_index()
    frame["kind"] = np.where(frame.managing_agency == "National Park Service", "national_park", "national_forest")
    others = gpd.read_parquet(c.raw(districts)).to_crs(CRS)
    others = others.set_geometry(shapely.make_valid(others.geometry.values, method="structure", keep_collapsed=False))
    lacking = missing_forests(in_conus(others), frame[frame.kind == "national_forest"])
    frame = pd.concat([frame[["name", "kind", "geometry"]], lacking.assign(kind="national_forest")])
    geometry = tidy_polygons(frame, tolerance_m=100.0)
    out = gpd.GeoDataFrame({"name": frame.name.str.strip().to_numpy(), "kind": frame.kind.to_numpy()}, geometry=geometry, crs=CRS)
    product = Product(
        path="land/parks_forests.parquet",
        title="National park units and national forests",
        publisher="National Park Service; US Forest Service",
        vintage="2018-2025",
        licence="public domain / CC BY",
        grade="E2",
        caveat="Outlines are good to about 300 m and are not ownership: forests of the East hold as much private land inside as "
        "federal, and some units of the Park Service (river corridors, reserves) are largely private. "
        "State parks, wildlife refuges, wilderness and BLM land are absent.",
        method="Units that touch the contiguous states, outlines simplified by 100 m after an upstream simplification of 200 m; "
        "forests that they lack from the ranger districts, joined by forest.",
        sources=(raw, districts),
        fields={
            "name": "unit name",
            "kind": "'national_park' for any Park Service unit, 'national_forest' for the Forest Service",
        },
    )
    c.vector(product, out, quantum_m=10.0)


def _tribal(c: Compiler) -> None:
    raw = "land/tribal_lands_topo.json"
    frame = gpd.read_file(c.raw(raw)).set_crs("EPSG:4326", allow_override=True)
    frame = frame.set_geometry(shapely.make_valid(frame.geometry.values, method="structure", keep_collapsed=False))
    geometry = tidy_polygons(in_conus(frame.to_crs(CRS)), tolerance_m=100.0)
    geometry = geometry[shapely.area(geometry) > 0.0]
    states = gpd.read_parquet(c.raw(STATES)).to_crs(CRS)
    oklahoma = states.geometry[states.STUSPS == "OK"].iloc[0]
    inside = shapely.intersects(oklahoma, shapely.point_on_surface(geometry))
    names = pd.array([None] * len(geometry), dtype="string")
    kind = np.where(inside, "statistical", "reservation")
    out = gpd.GeoDataFrame({"name": names, "kind": kind}, geometry=geometry, crs=CRS)
    product = Product(
        path="land/tribal.parquet",
        title="American Indian reservations and trust land",
        publisher="Bureau of Indian Affairs",
        vintage="2016",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="The drawing is quantised to about 0.5 km x 0.3 km, so an outline may be off by 300 m and small parcels "
        "are missing. No names and no class: the kind is told from the state. Most surface of the Osage boundary in Oklahoma is "
        "private; other reservations hold much private land, too (Lake Traverse, Rosebud, Crow, Yakama, Flathead). "
        "The reservations of eastern Oklahoma that courts affirmed since 2020 and off-reservation trust land are absent.",
        method="Topology decoded, self-crossing outlines repaired; outlines inside Oklahoma are called statistical.",
        sources=(raw, STATES),
        fields={
            "name": "reservation name; null throughout, for the source gives none",
            "kind": "'reservation' = consent of the tribe decides; 'statistical' = a former reservation in Oklahoma, mostly "
            "private surface, where the tribe has a say",
        },
    )
    c.vector(product, out, quantum_m=10.0)


def _military(c: Compiler) -> None:
    raw = "land/military_sites.csv"
    table = pd.read_csv(c.raw(raw))
    table = table[table.status.isin(["Active", "Caretaker"])]
    table["component"] = table.component.replace({"Unknown": None})
    out = points(table[["name", "branch", "status", "component", "lat", "lon"]], lon="lon", lat="lat")
    product = Product(
        path="land/military.parquet",
        title="Military installations (points)",
        publisher="US Army Corps of Engineers, MIRTA",
        vintage="2026-02",
        licence=PUBLIC_DOMAIN,
        grade="E2",
        caveat="Points without extent: a training range may reach tens of km from its point. Closed and excess sites "
        "are left out.",
        method="Active and caretaker sites inside the contiguous states.",
        sources=(raw,),
        fields={
            "name": "installation name",
            "branch": "service",
            "status": "'Active' or 'Caretaker'",
            "component": "active, reserve or guard; null = unknown",
        },
    )
    c.vector(product, out)


def _military_areas(c: Compiler) -> None:
    raw = "land/military_areas_osm.parquet"
    frame = gpd.read_parquet(c.raw(raw)).to_crs(CRS)
    frame = in_conus(frame[~frame.military.isin(NOT_MILITARY)])
    states = gpd.read_parquet(c.raw(STATES)).to_crs(CRS)
    country = shapely.union_all(states.geometry[~states.STUSPS.isin(NOT_CONUS)].values)
    frame = frame[shapely.intersects(country, frame.geometry.values)].sort_values(["name", "area_km2"])
    geometry = tidy_polygons(frame, tolerance_m=50.0)
    kind = frame.military.replace({"yes": None}).fillna("military land")
    out = gpd.GeoDataFrame({"name": frame.name.to_numpy(), "kind": kind.to_numpy()}, geometry=geometry, crs=CRS)
    product = Product(
        path="share_alike/military_areas_osm.parquet",
        title="Military areas (outlines)",
        publisher="OpenStreetMap contributors",
        vintage="2026-03",
        licence="ODbL",
        grade="E4",
        caveat="Partial: it holds 47 % of the 743 installations of the Corps of Engineers' list. Camp Pendleton, China Lake and "
        "Twentynine Palms are absent, Fort Irwin and the Nevada ranges are there in parts. An area in it is military; land "
        "outside it may be, too.",
        method="Areas that touch the contiguous states without offices, schools and abandoned ones, simplified by 50 m.",
        sources=(raw, STATES),
        fields={"name": "name of the area; null = none given", "kind": "kind of the area as mapped"},
        share_alike=True,
    )
    c.vector(product, out[~out.is_empty & (out.area > 0.0)], quantum_m=10.0)
