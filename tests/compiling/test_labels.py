"""Compiled campus labels and the campuses of Epoch AI."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from shapely.geometry import Point

from sitefinder.compiling.base import CRS, FRAME, Compiler
from sitefinder.compiling.labels import (
    ADDRESS_REACH_M,
    APPROXIMATE_REACH_M,
    EPOCH_RAW,
    IM3_RAW,
    LINK_M,
    MARKET_OPERATORS,
    OSM_RAW,
    compile_labels,
    joined_campuses,
    settled_records,
    without_repeats,
)
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
LABELS, EPOCH = "share_alike/campus_labels.parquet", "labels/epoch_campuses.parquet"
RAW_FILES = (EPOCH_RAW, OSM_RAW, *IM3_RAW.values())
needs_raw = pytest.mark.skipif(
    not all((RAW / name).exists() for name in RAW_FILES), reason="the raw downloads are not on this machine"
)
MEMBERS = ("in_osm", "in_im3_2025", "in_im3_2026", "in_epoch")


@pytest.fixture(scope="module")
def labels() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / LABELS)


@pytest.fixture(scope="module")
def epoch() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / EPOCH)


def place(lat: float, lon: float) -> Point:
    return gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs(CRS).iloc[0]


def within(frame: gpd.GeoDataFrame, lat: float, lon: float, km: float) -> gpd.GeoDataFrame:
    return frame[frame.distance(place(lat, lon)) <= km * 1000.0]


def feature(x: float, *, source: str = "osm", m2: float = 0.0, **more: object) -> dict[str, object]:
    row = {"source": source, "name": None, "operator": None, "footprint_m2": m2, "outline": False, "first_seen": None}
    row |= {"mw": None, "first_power": None, "position": None, "geometry": Point(x, 1_000_000.0)}
    return row | more


def features(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(list(rows), geometry="geometry", crs=CRS)
    return frame.astype({"mw": float, "name": "str", "operator": "str"})


@pytest.mark.parametrize("name", [LABELS, EPOCH])
def test_points_lie_in_the_frame(name: str) -> None:
    """All points are in the common projection and inside the study frame."""
    frame = gpd.read_parquet(DATA / name)
    west, south, east, north = frame.total_bounds
    assert frame.crs == CRS
    assert set(frame.geom_type) == {"Point"}
    assert FRAME[0] <= west <= east <= FRAME[2]
    assert FRAME[1] <= south <= north <= FRAME[3]


def test_points_lie_in_the_contiguous_states(labels: gpd.GeoDataFrame) -> None:
    """No campus of Canada, Mexico or the sea: each stands within 2 km of a county."""
    country = gpd.read_parquet(DATA / "boundaries/states.parquet").union_all()
    assert labels.distance(country).max() < 2000.0


def test_counts_are_plausible(labels: gpd.GeoDataFrame, epoch: gpd.GeoDataFrame) -> None:
    """1,853 mapped features fall into 600 to 750 campuses; Epoch AI follows 65 in the country."""
    assert 600 <= len(labels) <= 750
    assert len(epoch) == 65
    assert epoch["name"].is_unique
    assert 450 <= labels["in_im3_2025"].sum() < labels["in_im3_2026"].sum() < labels["in_osm"].sum()


def test_no_two_labels_are_nearer_than_one_kilometre(labels: gpd.GeoDataFrame) -> None:
    """Each campus has one label."""
    xy = labels.get_coordinates().to_numpy()
    assert cKDTree(xy).query(xy, k=2)[0][:, 1].min() > LINK_M


def test_columns_have_their_types(labels: gpd.GeoDataFrame, epoch: gpd.GeoDataFrame) -> None:
    """Flags are booleans, counts integers, measures floats."""
    assert all(labels[column].dtype == bool for column in (*MEMBERS, "land_outline"))
    assert labels["buildings"].dtype == "int32"
    assert all(pd.api.types.is_float_dtype(labels[column]) for column in ("footprint_m2", "mw"))
    assert all(pd.api.types.is_float_dtype(epoch[column]) for column in ("mw_now", "mw_max"))
    assert set(labels["position"]) == {"mapped", "address", "approximate"}
    assert set(epoch["position"]) == {"address", "approximate"}


def test_unknown_is_null_and_never_zero(labels: gpd.GeoDataFrame, epoch: gpd.GeoDataFrame) -> None:
    """Footprint and power are positive or null, and both occur."""
    for column in (labels["footprint_m2"], labels["mw"], epoch["mw_now"], epoch["mw_max"]):
        assert column.isna().any()
        assert column.min() > 0.0


def test_first_mapped_is_the_oldest_snapshot(labels: gpd.GeoDataFrame) -> None:
    """The date follows from the flags."""
    expected = pd.Series("epoch", labels.index)
    for flag, date in (("in_osm", "2026-07"), ("in_im3_2026", "2026-02"), ("in_im3_2025", "2025-06")):
        expected = expected.mask(labels[flag], date)
    assert labels["first_mapped"].tolist() == expected.tolist()
    assert set(expected) == {"2025-06", "2026-02", "2026-07", "epoch"}


def test_every_label_has_a_source(labels: gpd.GeoDataFrame) -> None:
    """A campus without mapped features is one of Epoch AI, without footprint."""
    unmapped = ~labels[list(MEMBERS[:3])].any(axis=1)
    assert unmapped.any()
    assert labels.loc[unmapped, "in_epoch"].all()
    assert (unmapped == labels["buildings"].eq(0)).all()
    assert labels.loc[unmapped, "footprint_m2"].isna().all()


def test_dates_are_iso(labels: gpd.GeoDataFrame, epoch: gpd.GeoDataFrame) -> None:
    """Dates are ISO text or null."""
    for column in (labels["osm_first_seen"], labels["first_power"], epoch["first_power"], epoch["full_power"]):
        assert column.dropna().str.fullmatch(r"20[1-3]\d-[01]\d-[0-3]\d").all()


def test_power_comes_from_epoch_and_adds_up(labels: gpd.GeoDataFrame, epoch: gpd.GeoDataFrame) -> None:
    """No power without a record, and none is lost or counted twice."""
    assert labels.loc[~labels["in_epoch"], "mw"].isna().all()
    assert labels["mw"].sum() == pytest.approx(epoch["mw_max"].sum())


@pytest.mark.parametrize(
    ("lat", "lon", "km", "least_mw"),
    [
        pytest.param(32.500, -99.785, 3.0, 1500.0, id="Abilene, two records"),
        pytest.param(41.690, -86.467, 3.0, 2000.0, id="New Carlisle"),
        pytest.param(31.818, -106.667, 2.0, 2000.0, id="Stargate New Mexico"),
        pytest.param(32.548, -99.561, 2.0, 1900.0, id="Stargate Shackelford"),
        pytest.param(42.122, -83.884, 2.0, 1300.0, id="Stargate Michigan"),
        pytest.param(32.271, -86.329, 2.0, 400.0, id="Meta Montgomery, 12 km from its geocode"),
    ],
)
def test_known_campuses_are_there_with_their_power(
    labels: gpd.GeoDataFrame, lat: float, lon: float, km: float, least_mw: float
) -> None:
    """The best known campuses stand where they are, once, with the power of all their records."""
    selected = within(labels, lat, lon, km)
    assert selected["in_epoch"].sum() == 1
    assert selected["mw"].max() >= least_mw


def test_lordstown_is_in_lordstown(labels: gpd.GeoDataFrame, epoch: gpd.GeoDataFrame) -> None:
    """The wrong geocode in the south of Ohio is replaced; its power is unknown."""
    for frame in (labels, epoch):
        selected = within(frame, 41.153, -80.880, 2.0)
        assert selected["name"].tolist() == ["OpenAI Stargate Lordstown"]
        assert within(frame, 39.420, -84.181, 3.0).get("name").ne("OpenAI Stargate Lordstown").all()
    assert selected["mw_max"].isna().all()


def test_ashburn_is_the_densest_market(labels: gpd.GeoDataFrame) -> None:
    """Data centers of Ashburn chain into a row with more than a hundred features."""
    densest = labels.loc[labels["buildings"].idxmax()]
    assert densest["buildings"] > 100
    assert densest.geometry.distance(place(39.02, -77.46)) < 5000.0
    assert within(labels, 39.02, -77.46, 30.0)["buildings"].sum() > 200


def test_every_epoch_campus_appears(labels: gpd.GeoDataFrame, epoch: gpd.GeoDataFrame) -> None:
    """A label that counts Epoch AI stands within the reach of each record; seven geocodes are more than 6 km off."""
    known = labels[labels["in_epoch"]].get_coordinates().to_numpy()
    away = cKDTree(known).query(epoch.get_coordinates().to_numpy())[0]
    address = epoch["position"].eq("address").to_numpy()
    assert away[address].max() < ADDRESS_REACH_M
    assert away[~address].max() < APPROXIMATE_REACH_M
    assert (away < 6000.0).sum() >= 57


def test_owner_carries_no_marks(epoch: gpd.GeoDataFrame) -> None:
    """Marks of confidence are gone, owners remain."""
    assert not epoch["owner"].str.contains("#", na=False).any()
    assert {"Microsoft", "Meta", "Google", "Amazon"} <= set(epoch["owner"])


def test_buildings_inside_a_site_outline_do_not_count_twice() -> None:
    """An outline of 1 km2 holds the building 500 m from its centre, not the one 600 m away."""
    site = feature(0.0, m2=1.0e6) | {"outline": True}
    selected = without_repeats(features(site, feature(500.0, m2=9000.0), feature(600.0, m2=9000.0)))
    assert selected["footprint_m2"].tolist() == [1.0e6, 0.0, 9000.0]


def test_points_chain_into_one_campus() -> None:
    """Single linkage: three points 900 m apart are one campus at their weighted mean; one 1.1 km further is another."""
    selected = joined_campuses(features(feature(0.0, m2=3000.0), feature(900.0), feature(1800.0, m2=1000.0), feature(4000.0)))
    assert selected["buildings"].tolist() == [3, 1]
    assert selected.geometry.x.tolist() == [450.0, 4000.0]
    assert selected["footprint_m2"].fillna(-1.0).tolist() == [4000.0, -1.0]


def test_the_largest_source_is_counted_and_not_the_sum() -> None:
    """The same building in two snapshots counts once."""
    selected = joined_campuses(features(feature(0.0, m2=5000.0), feature(1.0, source="im3_2025", m2=6000.0)))
    assert selected["footprint_m2"].tolist() == [6000.0]
    assert selected["first_mapped"].tolist() == ["2025-06"]


def test_epoch_does_not_name_a_market() -> None:
    """Among many operators the largest footprint gives the name; among few the record does."""
    record = feature(0.0, source="epoch", name="Campus", operator="Owner", mw=100.0, position="address")
    many = [feature(float(i), m2=1000.0 + i, name=f"DC{i}", operator=f"Firm {i}") for i in range(MARKET_OPERATORS + 1)]
    assert joined_campuses(features(record, *many))["name"].tolist() == [f"DC{MARKET_OPERATORS}"]
    assert joined_campuses(features(record, *many[:-1]))["name"].tolist() == ["Campus"]


@pytest.mark.parametrize(
    ("position", "x", "operator", "moved"),
    [
        ("approximate", 12_000.0, "Meta", True),
        ("approximate", 13_000.0, "Meta", False),
        ("approximate", 4_000.0, "Apple", False),
        ("approximate", 4_000.0, None, True),
        ("approximate", 6_000.0, None, False),
        ("address", 4_000.0, None, False),
        ("address", 6_000.0, "Facebook", True),
    ],
)
def test_records_go_to_the_campus_they_stand_for(position: str, x: float, operator: str | None, *, moved: bool) -> None:
    """The same operator draws from far, an unnamed campus from near, another operator never."""
    record = {"name": "Meta Somewhere", "owner": "Meta", "position": position, "geometry": Point(0.0, 1_000_000.0)}
    epoch = gpd.GeoDataFrame([record], geometry="geometry", crs=CRS)
    settled = settled_records(epoch, features(feature(x, m2=50_000.0, operator=operator)))
    assert settled.geometry.x.iloc[0] == (x if moved else 0.0)
    assert settled["position"].tolist() == ["mapped" if moved else position]


@needs_raw
@pytest.mark.slow
def test_labels_are_reproduced_from_the_raw_files(tmp_path: Path) -> None:
    """Compiling again gives the committed bytes."""
    compile_labels(Compiler(RAW, tmp_path))
    for name in (LABELS, EPOCH):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
