"""Residents of every square kilometre: people of the census block groups spread over the land where people live.

Only the centre of population of a block group is public here, not its outline. Each cell of a county is shared out to the
nearest centres of that county (Thiessen), and the people of a centre go to its cells in proportion to a density expected there:
that of towns on built-up land and around places, that of the open country elsewhere, less far from roads, on water and on public
land. People of a block group stay in its county, and none is lost: the expected numbers are rounded so that their sum is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterio.features
import shapely
from rasterio.transform import Affine
from scipy import ndimage
from scipy.spatial import KDTree

from sitefinder.compiling.base import CRS, NATURAL_EARTH, Compiler, Product, in_conus
from sitefinder.compiling.islands import without_islands
from sitefinder.compiling.terrain import BYTE_NODATA, WORD_NODATA, frame_grid
from sitefinder.layers.files import COUNTIES, FEDERAL, HIGHWAYS, LANDCOVER, PARKS, PEOPLE, PLACES
from sitefinder.units import M2_PER_KM2, M2_PER_MI2, M_PER_KM

GROUPS = "land/block_group_population_2020.parquet"
URBAN_AREAS = "ne_50m_urban_areas"
LAKE_LAYERS = ("ne_10m_lakes", "ne_10m_lakes_north_america")
RAW_LAKES = "water/lakes.parquet"
#: raw files of the compiled ones that are read here
BEHIND = (
    "land/counties_2018_5m.parquet",
    "land/federal_land_fraction_1km_5070.tif",
    "land/highways.parquet",
    "land/landcover_modis_2019_5km.tif",
    "land/parks_and_forests.parquet",
    "land/places.parquet",
)
CELL_M = 1000.0
#: side of the squares by which shares of a cell are measured, metres
FINE_M = 250.0
#: class of built-up land in the land cover (MODIS IGBP)
BUILT_CLASS = 13
#: people per km2 of towns: 2,553 per square mile, mean of the urban areas of the 2020 census
TOWN_KM2 = 2553.0 / (M2_PER_MI2 / M2_PER_KM2)
#: people per km2 of open country within reach of a road: 66 million rural residents of 2020 on about 7.5 million km2 of land (K)
COUNTRY_KM2 = 9.0
#: most people of a place that is taken as a town around its point: larger ones hold many block groups, and an outline (J)
SMALL_PLACE = 25_000
#: distance from a numbered road over which the density of open country falls to 1/e, and the least share that is left (J)
ROAD_KM, LEAST_BY_ROAD = 5.0, 0.1
#: share of the density of open country on federal land, and in a national park (J)
ON_FEDERAL, IN_PARK = 0.1, 0.02
#: share of a cell of a built-up pixel of the land cover that is built up: it is the majority of 25 km2 (J)
OF_BUILT_PIXEL = 0.5
#: density that no land falls below, so that a block group on water or public land alone keeps its people
LEAST_KM2 = 1e-3
#: squares along the side of a cell by which it is shared out: near a centre, where several centres lie in it, and elsewhere
NEAR, CROWDED, FAR = 5, 10, 1
#: centres in a cell from which it is crowded
CROWD = 4
#: points along the diameter of the disc of a place
DISC = 12


class Frame(NamedTuple):
    """The 1 km cells of the study frame: their transform, (rows, columns), and the county of each, -1 = none."""

    transform: Affine
    shape: tuple[int, int]
    county: np.ndarray


@dataclass(frozen=True)
class Centres:
    """Centres of population: (n,) EPSG:5070 metres, residents, and row of the county."""

    x: np.ndarray
    y: np.ndarray
    people: np.ndarray
    county: np.ndarray


def compile_people(c: Compiler) -> None:
    """Write ``land/people_1km.tif``; after boundaries and the other products below ``land/``."""
    counties = gpd.read_parquet(c.out_root / COUNTIES)
    frame = county_frame(counties)
    people = spread(read_centres(c, counties), expected_density(c, frame), frame)
    if people.max() >= WORD_NODATA:
        raise ValueError(f"{people.max()} people in a cell do not fit into 16 bits")
    product = Product(
        path=PEOPLE,
        title="Residents of each 1 km cell",
        publisher="US Census Bureau, 2020 centres of population, spread over built-up land of Natural Earth and NASA MODIS, "
        "places of GeoNames and roads of NOAA",
        vintage="2020",
        licence="public domain / CC BY 4.0",
        grade="E4",
        caveat="Modelled: block groups are known by their centre alone, so in open country a cell holds what is usual in its "
        "surroundings, not the houses that stand there. Sums over a county are those of the census.",
        method="Each cell of a county goes to the nearest centres of the county; the people of a centre are spread over its "
        "cells by expected density (986 per km2 on built-up land and around places, 9 in open country near roads, less far from "
        "them and on federal land, none on water) and rounded so that every county keeps its sum.",
        sources=(GROUPS, NATURAL_EARTH, RAW_LAKES, *BEHIND),
        fields={"band_1": "residents, persons, 65535 = outside the country"},
    )
    values = np.where(frame.county >= 0, people, WORD_NODATA).astype("uint16")
    c.raster(product, values, frame.transform, nodata=WORD_NODATA)


def county_frame(counties: gpd.GeoDataFrame) -> Frame:
    """The cells of the study frame with the county that holds the centre of each."""
    transform, shape = frame_grid(CELL_M)
    shapes = zip(counties.geometry, range(len(counties)), strict=True)
    county = rasterio.features.rasterize(shapes, out_shape=shape, transform=transform, fill=-1, dtype="int32")
    return Frame(transform, shape, county)


def read_centres(c: Compiler, counties: gpd.GeoDataFrame) -> Centres:
    """The block groups with residents in the counties given."""
    table = pd.read_parquet(c.raw(GROUPS))
    row = pd.Series(range(len(counties)), index=counties["fips"])
    table["county"] = table["geoid"].str[:5].map(row)
    table = table[table["county"].notna() & (table["POPULATION"] > 0)]
    at = gpd.GeoSeries(gpd.points_from_xy(table["LONGITUDE"], table["LATITUDE"]), crs="EPSG:4326").to_crs(CRS)
    people, county = (table[name].to_numpy(np.int64) for name in ("POPULATION", "county"))
    return Centres(at.x.to_numpy(), at.y.to_numpy(), people, county)


# -- where people live ---------------------------------------------------------------------------------------------------


def expected_density(c: Compiler, frame: Frame) -> np.ndarray:
    """(rows, columns) float64 people per km2 that a cell of such land usually has: only their ratios count."""
    built = np.maximum(_built(c, frame), places_share(gpd.read_parquet(c.out_root / PLACES), frame))
    open_country = COUNTRY_KM2 * _by_road(c, frame) * _by_owner(c, frame)
    dry = 1.0 - _share(frame, _lakes(c))
    return np.maximum(dry * (built * TOWN_KM2 + (1.0 - built) * open_country), LEAST_KM2)


def _share(frame: Frame, *polygons: gpd.GeoDataFrame) -> np.ndarray:
    """(rows, columns) float64 share of each cell within polygons, by squares of ``FINE_M``."""
    per = int(CELL_M / FINE_M)
    shape = (frame.shape[0] * per, frame.shape[1] * per)
    transform = frame.transform * Affine.scale(1.0 / per)
    hit = np.zeros(shape, np.uint8)
    for some in polygons:
        rasterio.features.rasterize(some.geometry, out=hit, transform=transform, default_value=1)
    return hit.reshape(frame.shape[0], per, frame.shape[1], per).mean(axis=(1, 3))


def _lakes(c: Compiler) -> gpd.GeoDataFrame:
    """Lakes of both sources without their islands, on which people do live (Grand Island NY, Mercer Island WA)."""
    layers = [gpd.read_file(c.raw(NATURAL_EARTH), layer=layer) for layer in LAKE_LAYERS]
    drawn = pd.concat([some[["geometry"]].to_crs(CRS) for some in (gpd.read_parquet(c.raw(RAW_LAKES)), *layers)])
    drawn = in_conus(gpd.GeoDataFrame(drawn, crs=CRS).reset_index(drop=True))
    return without_islands(drawn.set_geometry(shapely.make_valid(drawn.geometry.values)).explode(ignore_index=True))


def _built(c: Compiler, frame: Frame) -> np.ndarray:
    """Built-up share of each cell: of the urban areas on a map for 1:10 million, and of the land cover in 5 km pixels."""
    urban = _share(frame, gpd.read_file(c.raw(NATURAL_EARTH), layer=URBAN_AREAS).to_crs(CRS))
    with rasterio.open(c.out_root / LANDCOVER) as source:
        per = round(source.res[0] / CELL_M)
        pixels = (source.read(1) == BUILT_CLASS).repeat(per, axis=0).repeat(per, axis=1)
    return np.maximum(urban, OF_BUILT_PIXEL * pixels[: frame.shape[0], : frame.shape[1]])


def places_share(places: gpd.GeoDataFrame, frame: Frame) -> np.ndarray:
    """(rows, columns) float64 share of each cell within discs around small places, as large as a town of their people is."""
    known = places["population"].notna() & (places["population"] <= SMALL_PLACE)
    people = places["population"][known].to_numpy(np.float64)
    radius = np.sqrt(people / TOWN_KM2 / np.pi)  # in cells of 1 km
    x, y = places.geometry[known].x.to_numpy(), places.geometry[known].y.to_numpy()
    step = (np.arange(DISC) + 0.5) / (DISC / 2) - 1.0
    disc = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2)
    disc = disc[(disc**2).sum(axis=1) <= 1.0]
    col = np.floor((x[:, None] - frame.transform.c) / CELL_M + radius[:, None] * disc[:, 0]).astype(np.int64)
    row = np.floor((frame.transform.f - y[:, None]) / CELL_M + radius[:, None] * disc[:, 1]).astype(np.int64)
    area = np.broadcast_to((np.pi * radius**2 / len(disc))[:, None], row.shape)
    inside = (row >= 0) & (row < frame.shape[0]) & (col >= 0) & (col < frame.shape[1])
    flat = row[inside] * frame.shape[1] + col[inside]
    return np.minimum(np.bincount(flat, area[inside], minlength=frame.county.size).reshape(frame.shape), 1.0)


def _by_road(c: Compiler, frame: Frame) -> np.ndarray:
    """Share of the density of open country by distance from interstates, US and state routes."""
    roads = gpd.read_parquet(c.out_root / HIGHWAYS)
    road = rasterio.features.rasterize(roads.geometry, out_shape=frame.shape, transform=frame.transform, all_touched=True)
    away_km = ndimage.distance_transform_edt(road == 0) * (CELL_M / M_PER_KM)
    return np.maximum(np.exp(-away_km / ROAD_KM), LEAST_BY_ROAD)


def _by_owner(c: Compiler, frame: Frame) -> np.ndarray:
    """Share of the density of open country on federal land and in national parks."""
    with rasterio.open(c.out_root / FEDERAL) as source:
        percent = source.read(1)
    federal = np.where(percent == BYTE_NODATA, 0.0, percent / 100.0)
    parks = gpd.read_parquet(c.out_root / PARKS)
    park = _share(frame, parks[parks["kind"] == "national_park"])
    return (1.0 - (1.0 - ON_FEDERAL) * federal) * (1.0 - (1.0 - IN_PARK) * park)


# -- sharing out ---------------------------------------------------------------------------------------------------------


def spread(centres: Centres, density: np.ndarray, frame: Frame) -> np.ndarray:
    """(rows, columns) int64 residents of each cell; sums over the cells of a county are those of its centres.

    Parameters
    ----------
    centres : Centres
    density : (rows, columns) float64
        Above 0.
    frame : Frame
    """
    out = np.zeros(frame.county.size, np.int64)
    side = _squares(centres, frame).reshape(-1)
    density = density.reshape(-1)
    of_county = _grouped(frame.county.reshape(-1), int(centres.county.max()) + 1)
    for county, rows in enumerate(_grouped(centres.county, len(of_county))):
        cells = of_county[county]
        if not rows.size or not cells.size:
            continue
        cell, x, y, area = _sampled(cells, side[cells], frame)
        nearest = KDTree(np.stack([centres.x[rows], centres.y[rows]], axis=1)).query(np.stack([x, y], axis=1))[1]
        pair = nearest * cells.size + np.searchsorted(cells, cell)
        pairs, at = np.unique(pair, return_inverse=True)
        weight = np.bincount(at, area * density[cell])
        centre, place = pairs // cells.size, pairs % cells.size
        missing = np.setdiff1d(np.arange(rows.size), centre)  # so close to another that no square is nearest to it
        if missing.size:
            own = KDTree(np.stack([x, y], axis=1)).query(np.stack([centres.x[rows[missing]], centres.y[rows[missing]]], axis=1))[
                1
            ]
            centre, weight = np.append(centre, missing), np.append(weight, np.ones(missing.size))
            place = np.append(place, np.searchsorted(cells, cell[own]))
        np.add.at(out, cells[place], shared_out(centres.people[rows], centre, place, weight))
    return out.reshape(frame.shape)


def shared_out(people: np.ndarray, centre: np.ndarray, place: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(pairs,) int64 people of each pair of centre and cell, in proportion to its weight; every centre keeps its sum.

    Along the cells of a centre what rounding leaves is handed on to the next, so that sums over neighbours hold, too.

    >>> shared_out(np.array([5]), np.zeros(4, int), np.arange(4), np.array([1.0, 1.0, 1.0, 1.0])).tolist()
    [1, 2, 1, 1]
    """
    order = np.lexsort((place, centre))
    of = centre[order]
    last = np.append(of[1:] != of[:-1], True)
    first = np.append(True, last[:-1])
    run = np.cumsum(weight[order])
    before = np.repeat((run - weight[order])[first], np.diff(np.append(np.flatnonzero(first), of.size)))
    whole = np.bincount(centre, weight, minlength=len(people))
    until = np.floor((run - before) / whole[of] * people[of] + 0.5)
    until = np.where(last, people[of], np.minimum(until, people[of])).astype(np.int64)
    amount = np.empty(of.size, np.int64)
    amount[order] = until - np.where(first, 0, np.append(0, until[:-1]))
    return amount


def _squares(centres: Centres, frame: Frame) -> np.ndarray:
    """(rows, columns) squares along the side of each cell: more where centres lie in it or beside it."""
    col = np.floor((centres.x - frame.transform.c) / CELL_M).astype(np.int64)
    row = np.floor((frame.transform.f - centres.y) / CELL_M).astype(np.int64)
    number = np.zeros(frame.shape, np.int64)
    np.add.at(number, (row, col), 1)
    near = ndimage.binary_dilation(number > 0, np.ones((3, 3), bool), iterations=2)
    return np.where(number >= CROWD, CROWDED, np.where(near, NEAR, FAR))


def _sampled(cells: np.ndarray, side: np.ndarray, frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cell, x, y (metres) and area (cells) of the squares into which cells are cut."""
    parts = []
    for per in np.unique(side):
        some = np.repeat(cells[side == per], per * per)
        down, right = np.divmod(np.tile(np.arange(per * per), np.count_nonzero(side == per)), per)
        x = frame.transform.c + (some % frame.shape[1] + (right + 0.5) / per) * CELL_M
        y = frame.transform.f - (some // frame.shape[1] + (down + 0.5) / per) * CELL_M
        parts.append((some, x, y, np.full(some.size, 1.0 / per**2)))
    cell, x, y, area = (np.concatenate(part) for part in zip(*parts, strict=True))
    return cell, x, y, area


def _grouped(of: np.ndarray, count: int) -> list[np.ndarray]:
    """Rows of each of the groups 0 to count - 1, ascending."""
    order = np.argsort(of, kind="stable")
    bounds = np.searchsorted(of[order], np.arange(count + 1))
    return [order[bounds[i] : bounds[i + 1]] for i in range(count)]
