"""Compiled boundaries, grid, gas and fiber products."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString

from sitefinder.compiling.base import CRS, FRAME, Compiler
from sitefinder.compiling.fiber_corridors import close_gaps, strokes
from sitefinder.compiling.grid_county import queue_of_counties
from sitefinder.compiling.grid_plants import PLANTS_RAW, compile_plants, mended
from sitefinder.units import M_PER_MILE
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / PLANTS_RAW).exists(), reason="the raw downloads are not on this machine")

VECTORS = [
    "boundaries/states",
    "boundaries/counties",
    "grid/transmission_lines",
    "grid/substations",
    "grid/power_plants",
    "grid/reusable_plants",
    "share_alike/utility_price",
    "share_alike/rto_regions",
    "gas/pipelines",
    "fiber/corridors",
    "fiber/exchange_facilities",
    "fiber/cloud_regions",
]


def vector(name: str) -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / f"{name}.parquet")


def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(DATA / f"{name}.parquet")


def place(lon: float, lat: float) -> shapely.Point:
    return gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs(CRS).iloc[0]


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    return vector("boundaries/counties")


@pytest.fixture(scope="module")
def substations() -> gpd.GeoDataFrame:
    return vector("grid/substations")


@pytest.mark.parametrize("name", VECTORS)
def test_vector_lies_in_the_frame(name: str) -> None:
    """Every product is in the common projection and touches nothing but the study frame's surroundings."""
    frame = vector(name)
    west, south, east, north = frame.total_bounds
    slack = 150_000.0 if name.startswith("share_alike") else 0.0
    assert frame.crs == CRS
    assert west >= FRAME[0] - slack
    assert south >= FRAME[1] - slack
    assert east <= FRAME[2] + slack
    assert north <= FRAME[3] + slack


@pytest.mark.parametrize("name", VECTORS)
def test_vector_has_no_empty_or_broken_geometry(name: str) -> None:
    """No feature is empty, missing or invalid."""
    geometry = vector(name).geometry
    assert not geometry.isna().any()
    assert not geometry.is_empty.any()
    assert geometry.is_valid.all()


def test_counties_tile_the_country_without_gaps(counties: gpd.GeoDataFrame) -> None:
    """Neighbouring counties share their border exactly, and there are 3,108 of them."""
    assert len(counties) == 3108
    assert shapely.coverage_is_valid(counties.geometry.values)


def test_states_and_counties_cover_the_same_land(counties: gpd.GeoDataFrame) -> None:
    """48 states and DC, each as large as its counties together."""
    states = vector("boundaries/states").set_index("code")
    assert len(states) == 49
    by_state = counties.area.groupby(counties["state"]).sum()
    np.testing.assert_allclose(states.area, by_state.reindex(states.index), rtol=1e-6)


def test_counties_are_near_their_true_area(counties: gpd.GeoDataFrame) -> None:
    """Loving County, Texas, measures 1,753 km2; drawing it coarsely may change that by two percent."""
    loving = counties[counties["fips"] == "48301"]
    assert loving.area.iloc[0] / 1e6 == pytest.approx(1753.0, rel=0.02)


def test_transmission_lines_have_the_length_of_the_register() -> None:
    """The register holds 587,000 miles; joining and thinning must not lose more than a percent of it."""
    miles = vector("grid/transmission_lines").length.sum() / M_PER_MILE
    assert 575_000 < miles < 590_000


def test_transmission_classes_are_the_known_ones() -> None:
    """Only the documented classes occur, and the direct-current lines stay without one."""
    lines = vector("grid/transmission_lines")
    assert set(lines["kv_class"]) == {0, 69, 138, 230, 345, 500, 765}
    assert (lines.loc[lines["is_dc"], "kv_class"] == 0).all()
    assert lines.loc[lines["is_dc"]].length.sum() / 1000 > 2000


def test_few_lines_still_end_on_a_tile_border() -> None:
    """Lines cut by map tiles were joined again: hardly an end is left on the meridian of a tile border."""
    lines = vector("grid/transmission_lines").to_crs("EPSG:4326")
    ends = shapely.get_x(shapely.get_point(lines.geometry.values, 0))
    tile = (ends + 180.0) / 360.0 * 256
    assert (np.abs(tile - np.round(tile)) < 4e-5).sum() < 1000


def test_abilene_has_a_345_kv_station_nearby(substations: gpd.GeoDataFrame) -> None:
    """The Stargate campus at Abilene is fed at 345 kV from within 15 km."""
    near = substations[substations["kv_class"] == 345].distance(place(-99.73, 32.45)).min()
    assert near < 15_000


def test_substations_carry_no_placeholder_names(substations: gpd.GeoDataFrame) -> None:
    """UNKNOWN123 and TAP123 are the register's way to say that it has no name."""
    names = substations["name"].dropna()
    assert len(names) > 10_000
    assert not names.str.match(r"^(?:UNKNOWN|TAP)\s*\d*$").any()


def test_substation_class_is_the_highest_line_end(substations: gpd.GeoDataFrame) -> None:
    """A class that is said to come from line ends has such an end."""
    by_ends = substations[substations["kv_basis"] == "line_ends"]
    for kv in (230, 345, 500, 765):
        assert (by_ends.loc[by_ends["kv_class"] == kv, f"ends_{kv}"] > 0).all()


def test_iowa_has_line_nodes_for_stations(substations: gpd.GeoDataFrame) -> None:
    """The register lacks Iowa, so every Iowan row is a line node."""
    iowa = substations[substations["state"] == "IA"]
    assert len(iowa) > 1000
    assert set(iowa["source"]) == {"line_node"}


def test_plants_add_up_to_the_national_fleet() -> None:
    """About 1.2 TW operate in the contiguous US, and the fuels of a plant add up to its total."""
    plants = vector("grid/power_plants")
    fuels = plants.filter(like="mw_").sum(axis=1)
    assert 1.15e6 < plants["mw"].sum() < 1.30e6
    assert (np.abs(fuels - plants["mw"]) > 1.0).sum() <= 1
    assert not plants["plant_code"].duplicated().any()


def test_broken_plant_records_were_mended() -> None:
    """Oleander, whose record is split over two lines, has its 816 MW of gas."""
    plants = vector("grid/power_plants").set_index("plant_code")
    assert plants.loc[55286, "mw_gas"] == pytest.approx(815.8)
    assert plants.loc[55286, "state"] == "FL"


def test_mending_joins_the_halves_of_a_record() -> None:
    """The second half slid three columns to the left; the first four columns stay on the first half."""
    columns = ["Plant_Code", "Plant_Name", "Utility_ID", "Utility_Name", "sector", "street", "mw"]
    broken = pd.DataFrame(
        [["1", "A", "7", "U", None, None, None], [None, "IPP", "Road 1", "5.5", None, None, None]], columns=columns
    )
    assert mended(broken).to_numpy().tolist() == [["1", "A", "7", "U", "IPP", "Road 1", "5.5"]]


def test_reusable_plants_are_closed_or_closing() -> None:
    """Closures from 2005 on, 50 MW or more; Bruce Mansfield is among them and nothing runs there."""
    sites = vector("grid/reusable_plants")
    assert set(sites["status"]) == {"retired", "retiring"}
    assert sites["closed"].min() >= "2005-01"
    assert sites["mw"].min() >= 50
    assert sites.loc[sites["name"].str.contains("Bruce Mansfield"), "operating_mw_2km"].tolist() == [0.0]


@pytest.mark.parametrize("name", ["grid/county_queue", "grid/county_transfer"])
def test_county_tables_match_the_counties(name: str, counties: gpd.GeoDataFrame) -> None:
    """One row for each county of the boundary file, Connecticut's former counties included."""
    assert table(name)["fips"].tolist() == counties["fips"].tolist()


def test_queue_is_unknown_in_connecticut_only() -> None:
    """The national table lost Connecticut; a zero there would be a lie."""
    queue = table("grid/county_queue")
    assert set(queue.loc[queue["queue_mw"].isna(), "fips"].str[:2]) == {"09"}
    assert queue["queue_mw"].min() >= 0


def test_queue_prefers_the_operator_where_its_list_is_complete() -> None:
    """Ohio takes PJM's figure even if smaller; Arizona takes the larger; a negative change counts as zero."""
    raw = pd.DataFrame(
        {"fips": ["39001", "04001", "53001"], "STCODE": ["OH", "AZ", "WA"], "iso_src": ["PJM", "CAISO_2023", None]}
    )
    for fuel in ("gas", "nuclear", "other", "storage", "wind"):
        raw[f"iso_{fuel}"] = 0.0
    raw["iso_wind"] = [-50.0, 0.0, 0.0]
    raw["iso_solar"] = [100.0, 100.0, 0.0]
    raw["reeds_total"] = [300.0, 300.0, 300.0]
    out = queue_of_counties(raw)
    assert out["queue_mw"].tolist() == [100.0, 300.0, 300.0]
    assert out["queue_iso_mw"].isna().tolist() == [False, False, True]


def test_transfer_limits_cover_almost_all_counties() -> None:
    """Only a county that the model leaves out is null."""
    transfer = table("grid/county_transfer")
    assert transfer["import_mw"].isna().sum() <= 3
    assert transfer["import_mw"].min() > 0


def test_state_prices_are_plausible() -> None:
    """49 prices; California pays more than twice what Louisiana pays."""
    price = table("grid/state_price").set_index("state")["industrial_usd_mwh"]
    assert len(price) == 49
    assert price["CA"] > 2 * price["LA"]


def test_pipelines_are_two_kinds_of_known_length() -> None:
    """About 374,000 km of interstate and intrastate pipelines, Transco among them."""
    pipes = vector("gas/pipelines")
    assert set(pipes["kind"]) == {"interstate", "intrastate"}
    assert 350_000 < pipes.length.sum() / 1000 < 390_000
    assert (pipes["pipeline"] == "Transcontinental Gas PL").any()


def test_corridors_have_distinct_numbers_over_both_kinds() -> None:
    """A number names one corridor."""
    corridors = vector("fiber/corridors")
    assert corridors["corridor_id"].is_unique
    assert set(corridors["kind"]) == {"freeway", "railway"}


def test_interstate_20_is_one_corridor_at_abilene() -> None:
    """Within 10 km of Abilene there is one freeway corridor, and it reaches from west Texas to Dallas."""
    corridors = vector("fiber/corridors")
    near = corridors[(corridors["kind"] == "freeway") & (corridors.distance(place(-99.73, 32.45)) < 10_000)]
    assert len(near) == 1
    assert near["length_km"].iloc[0] > 700


def test_freeways_are_drawn_once() -> None:
    """Two routes on one road must not make two corridors: under 4 % of the length has a twin within 300 m."""
    freeways = vector("fiber/corridors").query("kind == 'freeway'").reset_index(drop=True)
    parts = freeways.explode(ignore_index=True)
    middles = shapely.line_interpolate_point(parts.geometry.values, 0.5, normalized=True)
    at, other = freeways.sindex.query(middles, predicate="dwithin", distance=300.0)
    twins = freeways["corridor_id"].to_numpy()[other] != parts["corridor_id"].to_numpy()[at]
    assert parts.length.to_numpy()[np.unique(at[twins])].sum() < 0.04 * parts.length.sum()


def test_stroke_goes_straight_through_a_crossing() -> None:
    """Four arms that meet in a point become two strokes."""
    arms = [LineString([(0, 0), end]) for end in ((9000, 0), (-9000, 500), (0, 9000), (500, -9000))]
    corridors = strokes(np.array(arms, dtype=object))
    assert sorted(np.round(shapely.length(corridors), -2).tolist()) == [18000.0, 18000.0]


def test_stroke_stops_at_a_sharp_turn() -> None:
    """A turn of 90 degrees where a third road goes straight on ends the stroke."""
    arms = [LineString([(0, 0), end]) for end in ((9000, 0), (-9000, 0), (0, 9000))]
    corridors = strokes(np.array(arms, dtype=object))
    assert sorted(np.round(shapely.length(corridors), -2).tolist()) == [9000.0, 18000.0]


def test_shared_road_is_drawn_once() -> None:
    """Two routes over the same road give one stroke."""
    road = LineString([(0, 0), (5000, 0), (9000, 300)])
    assert len(strokes(np.array([road, road], dtype=object))) == 1


def test_gap_in_a_corridor_is_closed_but_a_detour_is_not() -> None:
    """Two aligned strokes 3 km apart become one; a stroke at a right angle stays alone."""
    lines = [LineString([(0, 0), (20000, 0)]), LineString([(23000, 0), (50000, 0)]), LineString([(21500, 2000), (21500, 40000)])]
    corridors = close_gaps(np.array(lines, dtype=object))
    assert sorted(np.round(shapely.length(corridors)).tolist()) == [38000.0, 47000.0]


def test_exchange_facilities_include_ashburn() -> None:
    """The largest facility in the country by networks is one of the known hubs."""
    facilities = vector("fiber/exchange_facilities")
    assert 1200 < len(facilities) < 1400
    assert facilities.loc[facilities["networks"].idxmax(), "city"] in {"Ashburn", "New York", "Los Angeles", "Miami"}
    assert facilities["state"].str.len().eq(2).all()


def test_cloud_regions_include_northern_virginia() -> None:
    """The first region of AWS is near Ashburn."""
    regions = vector("fiber/cloud_regions").set_index(["provider", "code"])
    assert regions.loc[("aws", "us-east-1")].geometry.distance(place(-77.49, 39.04)) < 50_000


@needs_raw
def test_plants_are_reproduced_from_the_raw_register(tmp_path: Path) -> None:
    """Compiling the plants again gives the committed table."""
    compile_plants(Compiler(RAW, tmp_path))
    again = gpd.read_parquet(tmp_path / "grid/power_plants.parquet")
    pd.testing.assert_frame_equal(again.drop(columns="geometry"), vector("grid/power_plants").drop(columns="geometry"))
