"""Federal land: the drawn map, corrected where it paints whole forests and a whole planning area as federal."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterio.features
from rasterio.transform import Affine
from scipy import ndimage

from sitefinder.compiling.base import CRS, Compiler, Product, points
from sitefinder.compiling.federal_published import FEDERAL_PCT, NOT_COUNTED_PCT, SOURCE
from sitefinder.compiling.terrain import BYTE_NODATA, PUBLIC_DOMAIN, frame_grid, landcover_on, read_grid, scaled

MAP = "land/federal_land_fraction_1km_5070.tif"
UNITS = "land/parks_and_forests.parquet"
DISTRICTS = "land/usfs_ranger_districts.parquet"
RESERVATIONS = "land/tribal_lands_topo.json"
STATES = "land/states_2018_5m.parquet"
COUNTIES = "land/counties_2018_5m.parquet"
LANDCOVER = "land/landcover_modis_2019_5km.tif"
PEOPLE = "land/block_group_population_2020.parquet"
SLOPE, HEIGHT = "land/slope_permille.tif", "land/elevation_m.tif"
CELL_M = 1000.0
#: parts of a cell, along each side, at which the coverage of polygons is counted
PARTS = 4
#: counties of the California Desert Conservation Area, which the map paints as one block of federal land: Imperial, Inyo, Kern,
#: Los Angeles, Riverside, San Bernardino, San Diego
DESERT_COUNTIES = ("06025", "06027", "06029", "06037", "06065", "06071", "06073")
#: the neighbour whose private land the map does show, under the same sky: its shares stand for those of the desert counties
LOOKALIKE = "NV"
#: MODIS classes that the Bureau of Land Management does not hold: cropland, mosaics with cropland, towns; and water
TILLED_OR_BUILT, WATER = (12, 13, 14), 0
#: people per km2 in the 21 km square around, and percent of slope, that part look-alikes
PEOPLE_BINS, SLOPE_BINS = (0.1, 1.0, 10.0, 100.0), (1.0, 3.0)
PEOPLE_CELLS = 21
#: least share of a forest's outline that is federal (Wayne National Forest, Ohio: 0.29; K)
LEAST_SHARE = 0.3
#: how far above the published table land that it does not count may lift a state, points
MOST_ABOVE = 1.9
#: units of the Park Service that are federal wherever their outline is
OWNED_PARKS = ("National Park", "National Preserve", "National Seashore", "National Lakeshore", "National Monument")


@dataclass(frozen=True)
class Drawn:
    """What is known of each 1 km cell, (rows, columns): the painted share and the shares within outlines, 0 to 1.

    ``painted`` is NaN outside the country, ``state`` and ``county`` are codes (0 = none).
    """

    painted: np.ndarray
    forest: np.ndarray
    park: np.ndarray
    tribal: np.ndarray
    cover: np.ndarray
    people: np.ndarray
    slope: np.ndarray
    height: np.ndarray
    state: np.ndarray
    county: np.ndarray


def compile_federal(c: Compiler) -> None:
    """Write ``land/federal_pct.tif`` and ``land/state_federal.parquet``; needs compiled slopes and heights."""
    drawn, codes = _drawn(c)
    likely, unseen = physical(drawn, codes[LOOKALIKE])
    federal, table = calibrated(likely, unseen, drawn.state, codes)
    table["drawn_pct"] = [100.0 * float(np.nanmean(drawn.painted[drawn.state == codes[s]])) for s in table.state]
    grid, _ = frame_grid(CELL_M)
    c.raster(_map_product(), scaled(federal, scale=100.0, dtype="uint8", nodata=BYTE_NODATA), grid, nodata=BYTE_NODATA)
    c.table(_table_product(), table)


def physical(drawn: Drawn, lookalike: int) -> tuple[np.ndarray, np.ndarray]:
    """What the drawing shows, corrected by what is known of the ground.

    Parameters
    ----------
    drawn : Drawn
    lookalike : int
        Code of the state whose land stands for that of the desert counties.

    Returns
    -------
    likely : (rows, columns) float
        Federal share, NaN outside the country.
    unseen : (rows, columns) float
        Share of the cell where the drawing cannot show private land: inside forests, and in the desert counties.
    """
    outside = (drawn.forest < 0.5) & (drawn.park < 0.5)
    desert = outside & np.isin(drawn.county, [int(k) for k in DESERT_COUNTIES])
    likely = np.fmax(drawn.painted, np.where(np.isnan(drawn.painted), np.nan, drawn.park))
    likely = np.where(outside, likely * (1.0 - drawn.tribal), likely)  # land held in trust is not in the table
    shares = _shares(drawn, outside & (drawn.state == lookalike) & (drawn.tribal < 0.05))
    # below the sea lies the floor of the Salton Trough: fields, date groves and towns of Coachella and Imperial, and their lake
    worked = np.isin(drawn.cover, TILLED_OR_BUILT) | (drawn.height < 0.0)
    likely = np.where(desert, np.where(worked, 0.0, likely * shares[_kinds(drawn)]), likely)
    return likely, np.maximum(drawn.forest * (1.0 - drawn.park), desert)


def _kinds(drawn: Drawn) -> np.ndarray:
    return np.digitize(drawn.people, PEOPLE_BINS) * (len(SLOPE_BINS) + 1) + np.digitize(drawn.slope, SLOPE_BINS)


def _shares(drawn: Drawn, where: np.ndarray) -> np.ndarray:
    """Mean painted share of each kind of land among the cells ``where``; 0 for a kind that they lack."""
    where = where & np.isfinite(drawn.painted) & ~np.isin(drawn.cover, (*TILLED_OR_BUILT, WATER))
    kinds, count = _kinds(drawn)[where], (len(PEOPLE_BINS) + 1) * (len(SLOPE_BINS) + 1)
    total = np.bincount(kinds, drawn.painted[where], count)
    return total / np.maximum(np.bincount(kinds, minlength=count), 1)


def calibrated(
    likely: np.ndarray, unseen: np.ndarray, state: np.ndarray, codes: dict[str, int]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Federal share with one factor per state on what is unseen, so that the state's mean meets the published table.

    Returns
    -------
    federal : (rows, columns) float
    table : DataFrame
        A row per state: ``state``, ``published_pct``, ``not_counted_pct``, ``physical_pct`` (before the factor), ``factor``
        (null where nothing is unseen) and ``federal_pct`` (after it).
    """
    federal, rows = likely.copy(), []
    for name, published in sorted(FEDERAL_PCT.items()):
        here = (state == codes[name]) & np.isfinite(likely)
        seen, hidden = 100.0 * np.mean(likely[here] * (1.0 - unseen[here])), 100.0 * np.mean(likely[here] * unseen[here])
        above = NOT_COUNTED_PCT.get(name, 0.0)
        factor = np.nan
        if hidden > 0.0:
            factor = float(np.clip((published + min(above, MOST_ABOVE) - seen) / hidden, LEAST_SHARE, 1.0))
            federal[here] *= 1.0 - unseen[here] * (1.0 - factor)
        rows.append((name, published, above, seen + hidden, factor, 100.0 * float(np.mean(federal[here]))))
    columns = ["state", "published_pct", "not_counted_pct", "physical_pct", "factor", "federal_pct"]
    return federal, pd.DataFrame(rows, columns=columns)


def coverage(polygons: gpd.GeoSeries) -> np.ndarray:
    """(rows, columns) float32 share of each 1 km cell of the frame within polygons, in sixteenths."""
    grid, (rows, columns) = frame_grid(CELL_M)
    part_m = CELL_M / PARTS
    fine = Affine(part_m, 0.0, grid.c, 0.0, -part_m, grid.f)
    hit = rasterio.features.rasterize(polygons, out_shape=(rows * PARTS, columns * PARTS), transform=fine, dtype="uint8")
    return hit.reshape(rows, PARTS, columns, PARTS).mean((1, 3), dtype="float32")


def _zones(c: Compiler, name: str) -> tuple[np.ndarray, gpd.GeoDataFrame]:
    """Raster of Census codes as integers, 0 = none, and the zones themselves."""
    zones = gpd.read_parquet(c.raw(name)).to_crs(CRS)
    grid, shape = frame_grid(CELL_M)
    shapes = list(zip(zones.geometry, zones.GEOID.astype(int), strict=True))
    return rasterio.features.rasterize(shapes, out_shape=shape, transform=grid, dtype="int32"), zones


def _compiled(c: Compiler, name: str) -> np.ndarray:
    """(rows, columns) band of a raster that was compiled before; large where there is no land."""
    with rasterio.open(c.out_root / name) as source:
        return source.read(1, masked=True).filled(np.iinfo(source.dtypes[0]).max).astype("float32")


def _people(c: Compiler, shape: tuple[int, int], grid: Affine) -> np.ndarray:
    table = pd.read_parquet(c.raw(PEOPLE), columns=["POPULATION", "LATITUDE", "LONGITUDE"])
    located = points(table, lon="LONGITUDE", lat="LATITUDE")
    columns = (located.geometry.x.to_numpy() - grid.c) / CELL_M
    rows = (grid.f - located.geometry.y.to_numpy()) / CELL_M
    people = np.zeros(shape)
    np.add.at(people, (rows.astype(int), columns.astype(int)), located.POPULATION.to_numpy(float))
    return ndimage.uniform_filter(people, PEOPLE_CELLS, mode="constant")


def _drawn(c: Compiler) -> tuple[Drawn, dict[str, int]]:
    painted, grid = read_grid(c, MAP)
    units = gpd.read_parquet(c.raw(UNITS)).to_crs(CRS)
    of_parks = units.managing_agency == "National Park Service"
    districts = gpd.read_parquet(c.raw(DISTRICTS)).to_crs(CRS)
    tribal = gpd.read_file(c.raw(RESERVATIONS)).set_crs("EPSG:4326", allow_override=True).to_crs(CRS)
    state, states = _zones(c, STATES)
    drawn = Drawn(
        painted=painted,
        forest=coverage(pd.concat([units.geometry[~of_parks], districts.geometry])),
        park=coverage(units.geometry[of_parks & units.land_designation.isin(OWNED_PARKS)]),
        tribal=coverage(tribal.geometry),
        cover=landcover_on(c, LANDCOVER, CELL_M),
        people=_people(c, painted.shape, grid),
        slope=_compiled(c, SLOPE) / 10.0,
        height=_compiled(c, HEIGHT),
        state=state,
        county=_zones(c, COUNTIES)[0],
    )
    return drawn, dict(zip(states.STUSPS, states.GEOID.astype(int), strict=True))


def _map_product() -> Product:
    return Product(
        path="land/federal_pct.tif",
        title="Share of each 1 km cell that is federal land (percent)",
        publisher="US Department of the Interior, federal lands map; corrected",
        vintage="about 2015",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="Not a title record. The drawing has 1.5 km pixels and no agency class. Inside national forests and in the desert "
        "of southern California it cannot show private land: the share there is one number per state, fitted to a published "
        "total, and says nothing about one parcel. Nevada, Idaho, Washington and South Carolina hold federal land that the "
        "published table does not count; Nevada is up to two points too low for it (84.25 % by the state's own count).",
        method="Painted share; parks by their outline; reservations taken out. In seven desert counties of California cropland, "
        "towns and the floor of the Salton Trough are not federal, other land holds the share of Nevada's land of as many "
        "people and as much slope. Then one factor per state inside forest outlines and in those counties, 0.3 to 1, so that the "
        f"state's mean meets {SOURCE}: that table is an input here, not a check.",
        sources=(MAP, UNITS, DISTRICTS, RESERVATIONS, STATES, COUNTIES, LANDCOVER, PEOPLE),
        fields={"band_1": "federal land, percent of the cell, 255 = outside the country"},
    )


def _table_product() -> Product:
    return Product(
        path="land/state_federal.parquet",
        title="Federal land by state: published, drawn, corrected",
        publisher="Congressional Research Service",
        vintage="2018",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="Five agencies; land of the Department of Energy, of Reclamation, of the Corps of Engineers and ranges that the "
        "military uses without owning are not in the published share.",
        method=f"Published: {SOURCE}. The others are means over the state's cells of the map of federal land.",
        sources=(MAP, STATES),
        fields={
            "state": "postal code",
            "published_pct": "federal share of the state's land, percent",
            "not_counted_pct": "federal land that the published share leaves out, percent of the state's land, where known",
            "physical_pct": "share by the map after the corrections by ground, percent",
            "factor": "federal share inside forest outlines (California: and in the desert counties); null = no such land",
            "federal_pct": "share by the map as compiled, percent",
            "drawn_pct": "share by the map as drawn, percent",
        },
    )
