"""Plants that began after the register was published: found by code, placed by name, none counted twice, none that is planned."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS
from sitefinder.compiling.grid_plants_added import absent, by_kind, grown, located
from tests.helpers.paths import ROOT

KINDS = ["mw_gas", "mw_coal", "mw_nuclear", "mw_hydro", "mw_wind", "mw_solar", "mw_battery", "mw_other"]


def place(lon: float, lat: float) -> shapely.Point:
    """A point in EPSG:5070."""
    return gpd.GeoSeries([shapely.Point(lon, lat)], crs="EPSG:4326").to_crs(CRS).iloc[0]


def register(rows: list[dict[str, object]], at: list[shapely.Point] | None = None) -> gpd.GeoDataFrame:
    """A register whose plants have the kinds named, else none."""
    frame = pd.DataFrame(rows)
    frame = frame.reindex(columns=[*frame.columns, *[k for k in KINDS if k not in frame]]).fillna(0.0)
    return gpd.GeoDataFrame(frame, geometry=at or [shapely.Point(0, 0)] * len(frame), crs=CRS)


def monthly(**columns: list[object]) -> gpd.GeoDataFrame:
    """Plants of the inventory, at the origin."""
    n = len(columns["id"])
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(0, 0)] * n, crs=CRS)


def test_a_plant_under_its_code_is_not_absent_and_one_that_changed_its_code_is_the_same() -> None:
    """1 is in the register; 3 stands where 2 was given up, same kind and size; a battery there and twice its size are new."""
    old = register([{"plant_code": 1, "mw_wind": 99.0}, {"plant_code": 2, "mw_wind": 30.0}])
    newer = monthly(
        id=[1, 3, 4, 5],
        operatingMw=[99.0, 30.0, 60.0, 30.0],
        fuel_group=["wind", "wind", "wind", "energy-storage"],
        technology=["Onshore Wind Turbine"] * 3 + ["Batteries"],
    )
    assert absent(old, newer)["id"].tolist() == [4, 5]


def test_a_neighbour_of_the_same_size_is_new_while_the_old_code_still_stands() -> None:
    """Sundance and Winquepin are two solar plants of 74.9 MW side by side."""
    old = register([{"plant_code": 66553, "mw_solar": 74.9}])
    newer = monthly(id=[66553, 67692], operatingMw=[74.9, 74.9], fuel_group=["solar"] * 2, technology=["Solar Photovoltaic"] * 2)
    assert absent(old, newer)["id"].tolist() == [67692]


def test_solar_with_storage_is_split_and_petroleum_is_no_gas() -> None:
    """Under the technology of batteries a solar plant has both; oil stands in the group of gas."""
    plants = pd.DataFrame(
        {
            "operatingMw": [300.0, 100.0, 50.0, 40.0],
            "fuel_group": ["solar", "solar", "energy-storage", "oil-and-gas"],
            "technology": ["Batteries", "Solar Photovoltaic", "Batteries", "Petroleum Liquids"],
        }
    )
    found = pd.DataFrame(by_kind(plants, KINDS))
    assert found["mw_solar"].tolist() == [200.0, 100.0, 0.0, 0.0]
    assert found["mw_battery"].tolist() == [100.0, 0.0, 50.0, 0.0]
    assert found["mw_other"].tolist() == [0.0, 0.0, 0.0, 40.0]
    assert found["mw_gas"].sum() == 0.0


def test_positions_come_by_name_only_where_it_is_the_only_one() -> None:
    """A large plant is placed by name, a name that stands twice by its own coordinates, and one without either not at all."""
    plants = pd.DataFrame(
        {"name": ["A", "B", "B", "C"], "state": ["TX"] * 4, "lon": [-98.0, -99.0, None, None], "lat": [27.0, 30.0, None, None]}
    )
    status = gpd.GeoDataFrame(
        {"plant_name": ["A", "B", "C"], "state": ["TX"] * 3, "status": ["operating", "operating", "retired"]},
        geometry=[place(-98.0, 29.6), place(-97.0, 31.0), place(-96.0, 31.0)],
        crs=CRS,
    )
    found = located(plants, status)
    assert found["name"].tolist() == ["A", "B"]
    assert found.geometry.iloc[0].distance(place(-98.0, 29.6)) < 1
    assert found.geometry.iloc[1].distance(place(-99.0, 30.0)) < 1


def test_phases_are_added_where_both_files_count_alike() -> None:
    """A second wind farm, storage beside solar, solar beside storage; not nameplate of gas against its summer capacity."""
    old = register(
        [
            {"plant_code": 1, "mw": 128.0, "mw_wind": 128.0},
            {"plant_code": 2, "mw": 200.0, "mw_solar": 200.0},
            {"plant_code": 3, "mw": 72.2, "mw_battery": 72.2},
            {"plant_code": 4, "mw": 900.0, "mw_gas": 900.0},
            {"plant_code": 5, "mw": 200.0, "mw_solar": 200.0},
        ]
    ).assign(source="register")
    now = pd.DataFrame(
        {
            "id": [1, 2, 3, 4, 5],
            "operatingMw": [478.0, 310.0, 328.1, 1200.0, 205.0],
            "fuel_group": ["wind", "solar", "solar", "oil-and-gas", "solar"],
            "technology": [
                "Onshore Wind Turbine",
                "Batteries",
                "Batteries",
                "Natural Gas Fired Combined Cycle",
                "Solar Photovoltaic",
            ],
        }
    )
    after = grown(old, now)
    assert after["mw"].tolist() == [478.0, 310.0, 328.1, 900.0, 200.0]
    assert after["mw_wind"].iloc[0] == 478.0
    assert after[["mw_solar", "mw_battery"]].iloc[1].tolist() == [200.0, 110.0]
    assert after[["mw_solar", "mw_battery"]].iloc[2].tolist() == pytest.approx([255.9, 72.2])
    assert (after["source"] == "both").tolist() == [True, True, True, False, False]


@pytest.fixture(scope="module")
def plants() -> gpd.GeoDataFrame:
    """The committed register."""
    return gpd.read_parquet(ROOT / "data/grid/power_plants.parquet")


@pytest.mark.parametrize(
    ("name", "kind", "mw", "lon", "lat"),
    [
        ("White Tail Solar", "mw_solar", 140.0, -83.65, 42.13),
        ("Palisades", "mw_nuclear", 811.8, -86.3145, 42.3222),
        ("Cachi", "mw_battery", 200.0, -97.96, 29.57),
        ("Magnolia Power", "mw_gas", 722.9, -91.2, 30.2),
    ],
)
def test_plants_that_began_since_stand_where_they_are(
    plants: gpd.GeoDataFrame, name: str, kind: str, mw: float, lon: float, lat: float
) -> None:
    """Named plants of after February 2025, within 30 km of their town; Cachi's own coordinates lie 330 km off."""
    found = plants[(plants["name"] == name) & (plants["source"] == "inventory")]
    assert len(found) == 1
    assert found[kind].iloc[0] == pytest.approx(mw)
    assert found.geometry.iloc[0].distance(place(lon, lat)) < 30_000


def test_what_is_planned_is_left_out(plants: gpd.GeoDataFrame) -> None:
    """Ridgely runs 177 MW of 304; Pepper Hammock is a proposal of 2,500 MW; Mesa Wind has changed its code and counts once."""
    assert plants.loc[plants["name"].str.startswith("Ridgely Energy"), "mw"].tolist() == [177.0]
    assert not plants["name"].str.startswith("Pepper Hammock").any()
    assert plants["name"].str.startswith("Mesa Wind").sum() == 1
    added = plants[plants["source"] == "inventory"]
    assert 330 < len(added) < 380
    assert 40e3 < added["mw"].sum() < 43e3
