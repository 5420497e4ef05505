"""Retail territories cut by state, each with its balancing authority, sales and owner; who serves a place where they overlap."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import rasterize, shapes
from rasterio.transform import from_origin
from scipy.ndimage import distance_transform_edt

from sitefinder.compiling.base import CRS, FRAME, NOT_CONUS, Compiler, in_conus
from sitefinder.compiling.boundaries import county_polygons

UTILITY_RAW = "grid/utility_territories.parquet"
SALES_RAW = "grid/eia861_2024_sales.csv"
#: parts of form EIA-861 that the company of the territory files: bundled service, delivery for other suppliers
OWN_PARTS = ("A", "C")
#: sellers without a territory, and the line that makes the sales of a state add up
NO_TERRITORY = frozenset({"Behind the Meter", "Retail Power Marketer", "Community Choice Aggregator", "Federal"})
ADJUSTMENT_ID = 99999
#: segment of the territory file -> whether its outline is its own town or district, which no neighbour serves
EXCLUSIVE = frozenset({"MUNICIPAL_UTILITY", "POLITICAL_SUBDIVISION"})
INVESTOR_OWNED = "INVESTOR_OWNED_UTILITY"
#: balancing authority whose delivery companies sell nothing themselves
ERCOT = "ERCO"
#: bundled industrial sales in one state from which a utility's own price says something about large customers, MWh
LARGE_MWH = 1e6
#: sellers to other utilities, whose outlines cover those of their members
WHOLESALE = r"POWER ADMINISTRATION|TENNESSEE VALLEY AUTHORITY|BASIN ELECTRIC|WOLVERINE POWER|EAST KENTUCKY POWER|WPPI ENERGY"
#: state at the end of a name, as in "CITY OF ST PAUL - (NE)", of which the file draws the city in Minnesota
STATE_IN_NAME = r"\(([A-Z]{2})\)\s*$"
#: smallest piece of a territory in another state that is more than a mismatch of borders, square metres
SLIVER_M2 = 25e6
USD_PER_KUSD = 1000.0
AREA_SIMPLIFY_M = 500.0
QUANTUM_M = 10.0
#: squares on which overlapping areas are sorted out, metres
CELL_M = 500.0
#: shores are drawn this coarsely, metres
GAP_M = 15_000.0


def territories(c: Compiler) -> gpd.GeoDataFrame:
    """Territories by utility and state, in the order in which they cover each other: the last one serves a place.

    Towns and districts serve their own ground. Outlines of investor-owned and co-operative utilities follow counties and
    overlap; there the investor-owned one is taken, because a campus connects to the owner of transmission, unless the
    co-operative has a large industrial business of its own. Within each of these the smaller lies inside the larger. A piece
    in a state where the utility reports no sales is dropped, and what :func:`misdrawn` finds.

    Returns
    -------
    GeoDataFrame
        EPSG:5070: ``eia_id``, ``name``, ``state``, ``segment``, ``ba`` (code, None = unknown), ``mwh`` (all sales and
        deliveries in the state), ``industrial_mwh`` and ``industrial_usd_mwh`` (bundled service in the state), ``geometry``.
    """
    raw = gpd.read_parquet(c.raw(UTILITY_RAW)).to_crs(CRS)
    raw = raw[~raw["name"].str.contains(WHOLESALE)]
    raw = raw.set_geometry(shapely.make_valid(raw.geometry.values))
    pieces = gpd.GeoDataFrame(
        {
            "eia_id": raw["eiaId"].astype("int64"),
            "name": raw["name"].astype(str),
            "segment": raw["segment"],
            "territory_ba": raw["baCode"],
        },
        geometry=raw.geometry,
    )
    states = county_polygons(c)[["state", "geometry"]].dissolve("state").reset_index()
    pieces = gpd.overlay(simplified(pieces), states, keep_geom_type=True)
    pieces = pieces[pieces.area >= np.minimum(SLIVER_M2, pieces.area.groupby(pieces["eia_id"]).transform("max"))]
    sales = sales_by_state(pd.read_csv(c.raw(SALES_RAW)))
    merged = pieces.merge(sales, on=["eia_id", "state"], how="left")
    known = merged["eia_id"].isin(sales["eia_id"])
    merged = merged[merged["mwh"].notna() | ~known & ~misdrawn(merged)]
    merged["ba"] = merged["ba"].fillna(merged["territory_ba"])
    merged["name"] = merged["utility"].fillna(merged["name"].str.title())
    return in_order(merged.drop(columns=["territory_ba", "utility"]))


def misdrawn(pieces: pd.DataFrame) -> pd.Series:
    """Whether each piece contradicts the state that its utility's name ends in, as where a namesake elsewhere was drawn.

    Towns and districts end at the border of their state; another utility may cross it, unless no piece of it lies at home.

    Parameters
    ----------
    pieces : DataFrame
        ``eia_id``, ``name``, ``segment``, ``state`` of each piece.
    """
    home = pieces["name"].str.extract(STATE_IN_NAME, expand=False)
    away = home.notna() & (home != pieces["state"])
    nowhere = away.groupby(pieces["eia_id"]).transform("all")
    return away & (pieces["segment"].isin(EXCLUSIVE) | nowhere)


def sales_by_state(raw: pd.DataFrame) -> pd.DataFrame:
    """One row per utility and state that has a territory, from the sales sheet of form EIA-861.

    Returns
    -------
    DataFrame
        ``eia_id``, ``state``, ``utility``, ``ba`` (that of most sales), ``mwh``, ``industrial_mwh``, ``industrial_usd_mwh``
        (NaN = none).
    """
    own = raw[raw["part"].isin(OWN_PARTS) & ~raw["ownership"].isin(NO_TERRITORY) & (raw["eiaid"] != ADJUSTMENT_ID)]
    own = own[~own["state"].isin(NOT_CONUS)].sort_values("tot_mwh", ascending=False, kind="stable")
    own = own.rename(columns={"eiaid": "eia_id"})
    keys = ["eia_id", "state"]
    bundled = own[own["part"] == "A"].groupby(keys)[["ind_mwh", "ind_rev_kusd"]].sum()
    table = own.groupby(keys).agg(utility=("utility", "first"), ba=("ba", "first"), mwh=("tot_mwh", "sum"))
    table["industrial_mwh"] = bundled["ind_mwh"].reindex(table.index)
    revenue = bundled["ind_rev_kusd"].reindex(table.index) * USD_PER_KUSD
    table["industrial_usd_mwh"] = (revenue / table["industrial_mwh"]).where(table["industrial_mwh"] > 0)
    return table.reset_index()


def in_order(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pieces so that the one that probably serves a place comes last; see :func:`territories`.

    Parameters
    ----------
    pieces : GeoDataFrame
        ``eia_id``, ``segment``, ``ba``, ``mwh``, ``industrial_mwh``.
    """
    investor = pieces["segment"] == INVESTOR_OWNED
    wires = investor & (pieces["ba"] == ERCOT)
    owner = (investor & pieces["mwh"].notna()).astype(int).where(~wires, 2)
    town = pieces["segment"].isin(EXCLUSIVE) | (pieces["industrial_mwh"] >= LARGE_MWH) & (owner == 0)
    return pieces.iloc[np.lexsort((pieces["eia_id"], -pieces.area, owner.where(~town, 3)))].reset_index(drop=True)


def simplified(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas thinned by ``AREA_SIMPLIFY_M``, valid, polygons only, and snapped so that the coarser rounding keeps them valid."""
    simple = shapely.make_valid(shapely.simplify(areas.geometry.values, AREA_SIMPLIFY_M))
    simple = shapely.set_precision(shapely.buffer(simple, 0.0), QUANTUM_M)
    return in_conus(areas.set_geometry(simple))


def painted(areas: gpd.GeoDataFrame, of: str, frame: tuple[float, float, float, float] = FRAME) -> gpd.GeoDataFrame:
    """Areas merged by ``of`` without overlap, each place to the last row that covers it, on squares of ``CELL_M``.

    Shores and gaps that no row covers go to the nearest area within ``GAP_M``.

    Parameters
    ----------
    areas : GeoDataFrame
        EPSG:5070, in the order in which they cover each other.
    of : str
        Column of the text that tells areas apart.
    frame : tuple of float, optional
        West, south, east and north of the ground that is painted, metres; the whole frame by default.

    Returns
    -------
    GeoDataFrame
        ``of`` and ``geometry``, one row each; borders smoothed together, so that no gap or overlap opens.
    """
    west, south, east, north = frame
    names, number = np.unique(areas[of].to_numpy(str), return_inverse=True)
    lattice = from_origin(west, north, CELL_M, CELL_M)
    size = round((north - south) / CELL_M), round((east - west) / CELL_M)
    burnt = zip(areas.geometry.values, number + 1, strict=True)
    image = rasterize(burnt, out_shape=size, transform=lattice, fill=0, dtype=np.uint8)
    away, at = distance_transform_edt(image == 0, return_indices=True)
    image = np.where(away <= GAP_M / CELL_M, image[tuple(at)], np.uint8(0))
    outlines = [
        (shapely.geometry.shape(outline), names[int(value) - 1]) for outline, value in shapes(image, image > 0, transform=lattice)
    ]
    pieces = gpd.GeoDataFrame({of: [name for _, name in outlines]}, geometry=[shape for shape, _ in outlines], crs=CRS)
    return (
        pieces.set_geometry(shapely.coverage_simplify(pieces.geometry.values, CELL_M))
        .dissolve(of, method="coverage")
        .reset_index()
    )
