"""Known data-center campuses: mapped ones, and those whose power is followed by Epoch AI."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sitefinder.compiling.base import CRS, NOT_CONUS, Compiler, Product, points
from sitefinder.units import M_PER_FOOT

EPOCH_RAW = "labels/epoch_frontier_data_centers.csv"
OSM_RAW = "labels/osm_data_centers_2026-07.csv"
IM3_RAW = {"im3_2025": "labels/im3_atlas_2025-06.csv", "im3_2026": "labels/im3_atlas_2026-02.csv"}

#: mapped sources, newest first: of two with the same footprint and count the newer one places the campus
MAPPED = ("osm", "im3_2026", "im3_2025")
#: date of the oldest snapshot that holds a campus -> its member source, oldest first
SNAPSHOTS = {"im3_2025": "2025-06", "im3_2026": "2026-02", "osm": "2026-07", "epoch": "epoch"}
#: features closer than this belong to one campus: an assumption, a compromise between wide campuses and near neighbours
LINK_M = 1000.0
#: reach of a rough geocode to a campus of the same operator: two of the geocodes miss the mapped campus by 11 and 12 km
APPROXIMATE_REACH_M = 12_500.0
#: reach of a street address to a campus of the same operator: that of Colossus 1 misses the mapped campus by 6.4 km
ADDRESS_REACH_M = 7000.0
#: reach of a rough geocode to a campus without a name or operator on the map
UNNAMED_REACH_M = 5000.0
#: a campus that Epoch AI follows shows at least this footprint when mapped; smaller clusters are something else
LARGE_M2 = 20_000.0
#: a cluster with more operators than this is a market, which one campus of Epoch AI does not name
MARKET_OPERATORS = 5

#: published places of campuses whose geocode is wrong by 3 to 340 km: latitude, longitude (WGS 84)
CORRECTED = {
    "OpenAI Stargate Lordstown": (41.153, -80.880),
    "OpenAI Stargate Milam": (31.005, -97.018),
    "OpenAI Stargate New Mexico": (31.818, -106.667),
    "OpenAI Stargate Shackelford": (32.548, -99.561),
    "OpenAI Stargate Michigan": (42.122, -83.884),
}
#: names under which an operator's campuses are mapped, beside its own; Argo built the Helios campus of CoreWeave
ALIASES = {
    "amazon": ("amazon", "aws"),
    "coreweave": ("coreweave", "argo"),
    "meta": ("meta", "facebook"),
    "qts": ("qts", "quality technology"),
}

_EPOCH_CREDIT = "Epoch AI, Frontier Data Centers (CC BY 4.0)"


def compile_labels(c: Compiler) -> None:
    """Campus labels (share-alike) and the facts of Epoch AI."""
    epoch = _epoch(c)
    _epoch_campuses(c, epoch)
    _campus_labels(c, epoch)
    _data_centers(c)


def _epoch(c: Compiler) -> gpd.GeoDataFrame:
    """Records of Epoch AI at corrected places; power in MW, zero = unknown = NaN."""
    raw = pd.read_csv(c.raw(EPOCH_RAW))
    wrong = raw["Name"].isin(CORRECTED)
    for axis, column in enumerate(("lat", "lon")):
        raw.loc[wrong, column] = raw.loc[wrong, "Name"].map(lambda name, axis=axis: CORRECTED[name][axis])
    now, most = raw["Current power (MW)"], raw["max_mw"]
    table = pd.DataFrame(
        {
            "name": raw["Name"],
            "owner": raw["Owner"].str.replace(r"\s*#\w+", "", regex=True),
            "mw_now": now.where(now > 0.0),
            "mw_max": most.where(most > 0.0),
            "first_power": raw["first_op"],
            "full_power": raw["last_date"].where(most > 0.0),
            "position": raw["prec"].where(~wrong, "address"),
            "lon": raw["lon"],
            "lat": raw["lat"],
        }
    )
    return points(table, lon="lon", lat="lat").sort_values("name", ignore_index=True)


def _epoch_campuses(c: Compiler, epoch: gpd.GeoDataFrame) -> None:
    c.vector(
        Product(
            path="labels/epoch_campuses.parquet",
            title="Frontier data-center campuses with their power",
            publisher="Epoch AI, Frontier Data Centers",
            vintage="2026-07-19",
            licence="CC BY 4.0",
            grade="E4",
            caveat=(
                "The largest campuses for artificial intelligence only, not a census. Power is estimated from satellite "
                "pictures, permits and statements; what lies after July 2026 is a plan. Places with position 'approximate' "
                "are geocodes of a street or town, up to 12 km off where they could be checked; an address can be 6 km off. "
                "Two pairs of records share a place: Abilene with Crusoe Abilene Expansion, QTS Richmond 2 with 3."
            ),
            method=(
                "Marks of confidence removed from the owner, power of zero set to unknown, five wrong geocodes replaced by "
                "published places."
            ),
            sources=(EPOCH_RAW,),
            fields={
                "name": "campus",
                "owner": "owner or builder, as far as stated; null = unknown",
                "mw_now": "facility power in July 2026, MW; null = none yet or unknown",
                "mw_max": "largest facility power of the known plan, MW; null = unknown",
                "first_power": "date of the first operating power, ISO, a forecast when after July 2026; null = unknown",
                "full_power": "date of mw_max, ISO, a forecast when after July 2026; null = unknown",
                "position": "address = street address or published place, approximate = street or town",
            },
        ),
        epoch,
        quantum_m=10.0,
    )


def _osm(c: Compiler) -> gpd.GeoDataFrame:
    raw = pd.read_csv(c.raw(OSM_RAW))
    raw = raw[~raw["state"].isin(NOT_CONUS)].assign(source="osm", outline=raw["site_class"].isin(["site", "construction"]))
    columns = ["source", "name", "operator", "footprint_m2", "outline", "first_seen", "lon", "lat"]
    return points(raw[columns], lon="lon", lat="lat")


def _im3(c: Compiler, source: str) -> gpd.GeoDataFrame:
    raw = pd.read_csv(c.raw(IM3_RAW[source]))
    # a feature on a county line is listed once for each county
    raw = raw[~raw["state_abb"].isin(NOT_CONUS)].drop_duplicates("id")
    raw = raw.assign(source=source, footprint_m2=raw["sqft"].fillna(0.0) * M_PER_FOOT**2, outline=raw["type"].eq("campus"))
    return points(raw[["source", "name", "operator", "footprint_m2", "outline", "lon", "lat"]], lon="lon", lat="lat")


def without_repeats(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Footprint of buildings set to zero inside the outline of a site of the same source, which already holds them.

    Outlines are known by centre and area only: they are taken as circles.
    """
    sites = frame[frame["outline"] & (frame["footprint_m2"] > 0.0)]
    buildings = np.flatnonzero(~frame["outline"])
    tree = cKDTree(frame.geometry.get_coordinates().to_numpy()[buildings])
    inside = tree.query_ball_point(sites.geometry.get_coordinates().to_numpy(), np.sqrt(sites["footprint_m2"] / np.pi))
    held = buildings[np.unique(np.concatenate(inside).astype(int))]
    footprint = frame["footprint_m2"].to_numpy().copy()
    footprint[held] = 0.0
    return frame.assign(footprint_m2=footprint)


def _components(count: int, pairs: np.ndarray) -> np.ndarray:
    """(count,) component number of each node of the graph with the edges ``pairs`` (n, 2)."""
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _linked(xy: np.ndarray) -> np.ndarray:
    """(n,) cluster number of points (n, 2) in metres: single linkage at ``LINK_M``."""
    return _components(len(xy), cKDTree(xy).query_pairs(LINK_M, output_type="ndarray"))


def _operator_pattern(record: pd.Series) -> str:
    r"""Regular expression of the words by which the operator of an Epoch record is known on the map.

    >>> print(_operator_pattern(pd.Series({"name": "Meta Temple", "owner": "Meta"})))
    \b(?:facebook|meta)\b
    """
    firsts = {str(text).split()[0].lower() for text in (record["name"], record["owner"]) if isinstance(text, str)}
    words = sorted({alias for word in firsts for alias in ALIASES.get(word, (word,))})
    return rf"\b(?:{'|'.join(words)})\b"


def settled_records(epoch: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Epoch records moved to the feature of a large mapped cluster that they stand for; position 'mapped' marks them.

    A feature of the same operator is preferred, then the nearest one without name and operator; those of others are left alone.
    """
    cluster = pd.Series(_linked(mapped.geometry.get_coordinates().to_numpy()), index=mapped.index)
    footprint = mapped.groupby([cluster, mapped["source"]])["footprint_m2"].sum().groupby(level=0).max()
    large = mapped[cluster.map(footprint) >= LARGE_M2]
    texts = large["name"].fillna("") + " " + large["operator"].fillna("")
    unnamed = texts == " "
    epoch = epoch.copy()
    for row, record in epoch.iterrows():
        rough = record["position"] == "approximate"
        # an address in a cluster needs no move
        if not rough and mapped.distance(record.geometry).min() <= LINK_M:
            continue
        away = large.distance(record.geometry)
        same = texts.str.contains(_operator_pattern(record), case=False)
        near = away[same & (away <= (APPROXIMATE_REACH_M if rough else ADDRESS_REACH_M))]
        if near.empty and rough:
            near = away[unnamed & (away <= UNNAMED_REACH_M)]
        if len(near):
            epoch.loc[row, "position"] = "mapped"
            epoch.loc[row, "geometry"] = large.geometry[near.idxmin()]
    return epoch


def _members(c: Compiler, epoch: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """All features of the four sources with EPSG:5070 points, Epoch records at their settled places."""
    frames = [_osm(c), *(_im3(c, source) for source in IM3_RAW)]
    mapped = pd.concat([without_repeats(frame) for frame in frames], ignore_index=True)
    known = settled_records(epoch, mapped).assign(source="epoch", footprint_m2=0.0, outline=False)
    known = known.rename(columns={"owner": "operator", "mw_max": "mw"})
    known = known[["source", "name", "operator", "footprint_m2", "outline", "mw", "first_power", "position", "geometry"]]
    return gpd.GeoDataFrame(pd.concat([mapped, known], ignore_index=True), crs=CRS)


def _largest_source(members: pd.DataFrame) -> str:
    """Mapped source with the largest footprint; then with the most features; then the newest; 'epoch' without any."""
    present = [source for source in MAPPED if source in set(members["source"])]
    size = {source: members.loc[members["source"] == source, "footprint_m2"] for source in present}
    return max(present, key=lambda source: (round(size[source].sum()), len(size[source])), default="epoch")


def _place(members: pd.DataFrame, source: str) -> tuple[str, float, float]:
    """Kind of position and EPSG:5070 x, y in metres."""
    addressed = members[members["position"] == "address"]
    if len(addressed):
        best = addressed.sort_values("mw", ascending=False, kind="stable").iloc[0]
        return "address", best["x"], best["y"]
    own = members[members["source"] == source]
    weights = own["footprint_m2"].to_numpy()
    weights = weights if weights.sum() > 0.0 else np.ones(len(own))
    x, y = np.average(own[["x", "y"]].to_numpy(), axis=0, weights=weights)
    # a rough record that merely happens to lie beside a small mapped feature stays rough
    return "approximate" if members["position"].eq("approximate").any() else "mapped", x, y


def _telling(members: pd.DataFrame, column: str) -> str | None:
    """Epoch's text of the record with most power, else (and in a market) the text with the largest footprint in one source."""
    mapped = members[members["source"] != "epoch"]
    market = mapped["operator"].str.lower().nunique() > MARKET_OPERATORS
    known = (mapped if market else members).dropna(subset=column)
    epoch = known[known["source"] == "epoch"].sort_values("mw", ascending=False, kind="stable")
    if len(epoch):
        return str(epoch[column].iloc[0])
    weight = known.groupby([column, "source"])["footprint_m2"].agg(["sum", "size"]).groupby(level=0).max()
    return None if weight.empty else str(weight.sort_values(["sum", "size"], ascending=False, kind="stable").index[0])


def _campus(members: pd.DataFrame) -> dict[str, object]:
    """One row of the label table."""
    source = _largest_source(members)
    own = members[members["source"] == source]
    present = set(members["source"])
    footprint = own["footprint_m2"].sum()
    position, x, y = _place(members, source)
    return {
        "name": _telling(members, "name"),
        "operator": _telling(members, "operator"),
        "footprint_m2": footprint if footprint > 0.0 else np.nan,
        "land_outline": bool(own["outline"].any()),
        "mw": members["mw"].sum(min_count=1),
        "buildings": 0 if source == "epoch" else len(own),
        "first_mapped": next(date for key, date in SNAPSHOTS.items() if key in present),
        "osm_first_seen": _first(members["first_seen"]),
        "first_power": _first(members["first_power"]),
        **{f"in_{key}": key in present for key in ("osm", *IM3_RAW, "epoch")},
        "position": position,
        "x": x,
        "y": y,
    }


def _first(dates: pd.Series) -> str | None:
    return min(dates.dropna(), default=None)


def joined_campuses(members: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Clusters as rows; clusters whose labels come to lie within ``LINK_M`` are joined until none do."""
    members = members.assign(x=members.geometry.x, y=members.geometry.y).drop(columns="geometry")
    cluster = _linked(members[["x", "y"]].to_numpy())
    while True:
        rows = pd.DataFrame([_campus(group) for _, group in members.groupby(cluster)])
        joined = _linked(rows[["x", "y"]].to_numpy().round())
        if joined.max() + 1 == len(rows):
            break
        cluster = joined[cluster]
    return gpd.GeoDataFrame(rows.drop(columns=["x", "y"]), geometry=gpd.points_from_xy(rows["x"], rows["y"]), crs=CRS)


def _campus_labels(c: Compiler, epoch: gpd.GeoDataFrame) -> None:
    labels = joined_campuses(_members(c, epoch))
    labels["footprint_m2"] = labels["footprint_m2"].round()
    labels["buildings"] = labels["buildings"].astype("int32")
    labels = labels.iloc[np.argsort(labels.hilbert_distance(level=16).to_numpy(), kind="stable")]
    c.vector(_campus_labels_product((OSM_RAW, *IM3_RAW.values(), EPOCH_RAW)), labels)


def _campus_labels_product(sources: Sequence[str]) -> Product:
    return Product(
        path="share_alike/campus_labels.parquet",
        title="Known data-center campuses",
        publisher=f"OpenStreetMap contributors, also through PNNL IM3 Open Source Data Center Atlas; {_EPOCH_CREDIT}",
        vintage="2025-06 to 2026-07",
        licence="ODbL",
        grade="E2",
        caveat=(
            "Mapped data centers are mostly urban colocation, half below 12,000 m2; where none is mapped there may be one. "
            "Footprint is not power: outlines of whole sites count the land (see land_outline). first_mapped is the snapshot "
            "that first shows a campus and osm_first_seen an edit of the map; neither is the year of building. Neighbours within "
            "1 km chain into one row, so that a row of a dense market holds many owners and is many km long, while a wide campus "
            "may fall apart. Power is known for the campuses of Epoch AI only and covers its records, not the whole row; "
            "position 'approximate' can be several km off."
        ),
        method=(
            "Single linkage at 1 km of all mapped features and Epoch AI records; a record first goes to the nearest large mapped "
            "campus of its operator (within 7 km of an address, 12.5 km of a rough place), a rough one also to an unnamed "
            "campus within 5 km. Buildings inside a site outline, taken as a circle, are not counted again in the footprint. "
            "Labels within 1 km are joined."
        ),
        sources=tuple(sources),
        fields={
            "name": "name in Epoch AI, else (and with more than 5 operators) of the largest named feature; null = unknown",
            "operator": "owner in Epoch AI, else (and with more than 5 operators) operator of most footprint; null = unknown",
            "footprint_m2": "sum over the source where it is largest, m2: buildings, or land of site outlines; null = unknown",
            "land_outline": "true = the footprint contains outlines of whole sites: land, not buildings",
            "mw": "largest planned facility power of the Epoch AI records in the row, summed, MW; null = unknown",
            "buildings": "features (buildings, outlines, points) in the source of the footprint; 0 = known from Epoch AI only",
            "first_mapped": "oldest snapshot that shows it: 2025-06, 2026-02, 2026-07; epoch = not mapped",
            "osm_first_seen": "earliest date on which OpenStreetMap showed one of its features as it is, ISO; null = unknown",
            "first_power": "earliest date of operating power, Epoch AI, ISO, may be a forecast; null = unknown",
            "in_osm": "mapped in OpenStreetMap, 2026-07",
            "in_im3_2025": "in the IM3 atlas of 2025-06",
            "in_im3_2026": "in the IM3 atlas of 2026-02",
            "in_epoch": "followed by Epoch AI",
            "position": "mapped = mean of features by footprint, address = Epoch AI address, approximate = several km off",
        },
        share_alike=True,
    )


def _data_centers(c: Compiler) -> None:
    mapped = _osm(c)
    out = mapped[["footprint_m2", "outline", "geometry"]].rename(columns={"outline": "land_outline"})
    out["footprint_m2"] = out["footprint_m2"].round()
    c.vector(
        Product(
            path="share_alike/data_centers_osm.parquet",
            title="Mapped data centers, each building and site by itself",
            publisher="OpenStreetMap contributors",
            vintage="2026-07",
            licence="ODbL",
            grade="E2",
            caveat="A point and an area for each: shapes are not in it. What was built or bought since July 2026 is missing.",
            method="Buildings, sites and points of the contiguous states, position rounded to 10 m.",
            sources=(OSM_RAW,),
            fields={
                "footprint_m2": "mapped area, m2; 0 = mapped as a point",
                "land_outline": "true = the outline of a whole site, built or under construction: land, not a building",
            },
            share_alike=True,
        ),
        out.iloc[np.argsort(out.hilbert_distance(level=16).to_numpy(), kind="stable")],
        quantum_m=10.0,
    )
