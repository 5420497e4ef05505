"""Layers against facts that anyone can look up, and against their own specifications, on real data at 8 km."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from sitefinder.config import FAMILIES, ConfigFile, Project, load_config
from sitefinder.errors import ConfigError, DataError
from sitefinder.layers import REGISTRY
from sitefinder.layers.families.water import river_flow_needed, water_need_m3s
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.units import M3S_PER_MGD
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


DEFAULT = ROOT / "config" / "default.yaml"
#: lat, lon
PLACES = {
    "Abilene TX": (32.50, -99.79),
    "Ashburn VA": (39.04, -77.49),
    "Piketon OH": (39.01, -83.00),
    "central Nevada": (39.30, -116.50),
    "Everglades FL": (25.60, -80.90),
    "Yellowstone WY": (44.60, -110.50),
    "Homer City PA": (40.513, -79.196),
    "Stickney IL": (41.814, -87.770),
    "Spruce Creek FL": (29.080, -81.046),
    "Midewin IL": (41.382, -88.098),
    "Robins AFB GA": (32.64, -83.585),
    "Chicago IL": (41.85, -87.80),
    "Miami FL": (25.80, -80.25),
    "San Francisco CA": (37.74, -122.43),
    "Los Angeles CA": (34.00, -118.25),
    "Seattle WA": (47.60, -122.20),
    "St. Louis MO": (38.64, -90.30),
    "Moore OK": (35.34, -97.49),
    "Minot ND": (48.23, -101.30),
    "Phoenix AZ": (33.45, -112.07),
    "Houston TX": (29.76, -95.37),
    "Aspen CO": (39.19, -106.82),
    "Des Moines IA": (41.60, -93.61),
    "Navajo Nation AZ": (36.10, -109.60),
    "Quincy WA": (47.23, -119.85),
    "Vicksburg MS": (32.33, -90.95),
    "Storm Lake IA": (42.75, -95.30),
    "Lake Okeechobee FL": (26.95, -80.80),
    "Palo Verde AZ": (33.39, -112.86),
    "Denver airport CO": (39.86, -104.67),
    "New Carlisle IN": (41.69, -86.47),
    "Keweenaw MI": (47.20, -88.30),
    "Plymouth IN": (41.34, -86.31),
    "South Bend IN": (41.66, -86.27),
    "Gainesville GA": (34.32, -83.82),
    "Salisbury NC": (35.67, -80.50),
    "Blythe CA": (33.61, -114.60),
    "Pawhuska OK": (36.67, -96.34),
    "White Sands NM": (33.20, -106.40),
    "Monongahela WV": (38.90, -79.70),
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> LayerStack:
    """Every layer of the register at 8 km."""
    config = load_config(DEFAULT, {"grid.resolution_m": "8000"})
    return open_stack(DataPackage(DATA), config, REGISTRY, cache_folder=warm(tmp_path_factory.mktemp("cache")))


def at(stack: LayerStack, layer: str, place: str) -> float:
    """Value of a layer at a place."""
    return float(stack.at(layer, _index(stack, place))[0])


def _index(stack: LayerStack, place: str) -> np.ndarray:
    lat, lon = PLACES[place]
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True).transform(lon, lat)
    row, col = stack.land.grid.cell_at(np.array([x]), np.array([y]))
    index = stack.land.position[row, col]
    assert (index >= 0).all(), f"{place} is not on land at this cell size"
    return index


#: layer, place, and the range in which its value must lie
KNOWN_VALUES = [
    ("substation_345_km", "Abilene TX", 0, 20),
    ("substation_345_km", "Yellowstone WY", 120, 300),
    ("line_500_km", "Abilene TX", 400, 700),
    ("line_230_km", "Ashburn VA", 0, 8),
    ("generation_50km_mw", "Houston TX", 5000, 40000),
    ("power_price_usd_mwh", "Los Angeles CA", 120, 300),
    ("power_price_usd_mwh", "Quincy WA", 65, 67),
    ("power_price_usd_mwh", "Piketon OH", 70.9, 71.0),
    ("power_price_usd_mwh", "Ashburn VA", 79.3, 79.4),
    ("power_price_usd_mwh", "Chicago IL", 88.2, 88.3),
    ("gas_any_km", "Houston TX", 0, 15),
    ("gas_interstate_km", "Yellowstone WY", 60, 300),
    ("gas_pipelines_10km", "Vicksburg MS", 2, 12),
    ("river_km", "Vicksburg MS", 0, 10),
    ("water_stress_ratio", "Phoenix AZ", 0.4, 1000),
    ("climatic_balance_mm", "Phoenix AZ", -2500, -800),
    ("climatic_balance_mm", "Seattle WA", 100, 3000),
    ("open_water_pct", "Lake Okeechobee FL", 95, 100),
    ("federal_pct", "Yellowstone WY", 95, 100),
    ("park_forest_pct", "Yellowstone WY", 95, 100),
    ("federal_pct", "Blythe CA", 0, 40),
    ("tribal_pct", "Navajo Nation AZ", 90, 100),
    ("tribal_statistical_pct", "Pawhuska OK", 90, 100),
    ("military_area_pct", "White Sands NM", 90, 100),
    ("park_forest_pct", "Monongahela WV", 90, 100),
    ("buildable_pct", "Pawhuska OK", 30, 100),
    ("wetland_pct", "Everglades FL", 100, 100),
    ("population_10km", "Chicago IL", 500_000, 3_000_000),
    ("population_2km", "central Nevada", 0, 5),
    ("people_2km", "central Nevada", 0, 5),
    ("people_10km", "Chicago IL", 500_000, 3_000_000),
    ("buildable_pct", "Storm Lake IA", 60, 100),
    ("buildable_pct", "Des Moines IA", 0, 5),
    ("buildable_pct", "Yellowstone WY", 0, 1),
    ("slope_pct", "Aspen CO", 8, 40),
    ("slope_pct", "Houston TX", 0, 1),
    ("slope_pct", "Keweenaw MI", 0.5, 6),
    ("buildable_pct", "Keweenaw MI", 30, 100),
    ("relief_m", "Aspen CO", 300, 2500),
    ("airport_km", "Minot ND", 0, 15),
    ("cropland_pct", "Des Moines IA", 40, 80),
    ("exchange_km", "Ashburn VA", 0, 10),
    ("exchange_networks_80km", "Ashburn VA", 500, 5000),
    ("fiber_corridor_km", "St. Louis MO", 0, 8),
    ("flood_home_pct", "Miami FL", 15, 60),
    ("flood_home_pct", "Des Moines IA", 0.5, 2),
    ("hurricane_per_decade", "Miami FL", 1, 6),
    ("hurricane_per_decade", "Minot ND", 0, 0),
    ("tornado_per_decade", "Moore OK", 6, 30),
    ("tornado_per_decade", "Seattle WA", 0, 0.5),
    ("seismic_pga_pct_g", "San Francisco CA", 40, 120),
    ("seismic_pga_pct_g", "Minot ND", 0, 5),
    ("free_cooling_hours", "Miami FL", 500, 1800),
    ("free_cooling_hours", "Minot ND", 6500, 8784),
    ("design_wetbulb_c", "Houston TX", 25, 28),
    ("cooling_degree_days_f", "Phoenix AZ", 3500, 6000),
    ("nonattainment_count", "Los Angeles CA", 2, 4),
    ("nonattainment_count", "Minot ND", 0, 0),
    ("incentive_level", "Ashburn VA", 2, 2),
    ("employment_80km", "Chicago IL", 2_000_000, 8_000_000),
    ("town_km", "Ashburn VA", 0, 8),
    ("taken_plants_pct", "Palo Verde AZ", 10, 60),
    ("taken_reactors_pct", "Palo Verde AZ", 2, 5),
    ("taken_stations_pct", "Palo Verde AZ", 0.3, 3),
    ("taken_campuses_pct", "Ashburn VA", 2, 50),
    ("taken_airports_pct", "Denver airport CO", 20, 60),
    ("taken_airports_pct", "Spruce Creek FL", 0.5, 5),
    ("plant_ground_pct", "Palo Verde AZ", 10, 60),
    ("plant_ground_pct", "Homer City PA", 0.5, 100),
    ("taken_lines_pct", "Palo Verde AZ", 2, 15),
    ("taken_pipelines_pct", "Vicksburg MS", 0.05, 3),
    ("taken_freeways_pct", "St. Louis MO", 1, 6),
    ("taken_highways_pct", "Abilene TX", 0.05, 3),
    ("taken_railways_pct", "Chicago IL", 0.3, 5),
    ("taken_rivers_pct", "Vicksburg MS", 5, 25),
    ("large_river_pct", "Vicksburg MS", 5, 25),
    ("land_taken_pct", "Denver airport CO", 20, 70),
    ("taken_closed_plants_pct", "Homer City PA", 0.5, 100),
    ("taken_wastewater_pct", "Stickney IL", 0.5, 100),
    ("taken_parks_pct", "Yellowstone WY", 90, 100),
    ("taken_parks_pct", "Midewin IL", 20, 100),
    ("freeway_zone_pct", "St. Louis MO", 20, 100),
    ("campus_zone_pct", "Ashburn VA", 5, 100),
    ("military_zone_pct", "Robins AFB GA", 20, 100),
]


@pytest.mark.parametrize(("layer", "place", "low", "high"), KNOWN_VALUES)
def test_a_place_has_the_value_that_is_known_of_it(stack: LayerStack, layer: str, place: str, low: float, high: float) -> None:
    """A range wide enough for 8 km cells and narrow enough to fail on a wrong unit or a shifted grid."""
    assert low <= at(stack, layer, place) <= high


def test_known_values_would_not_hold_everywhere(stack: LayerStack) -> None:
    """Each range leaves out a tenth of the known land or more: a check that every place passes checks nothing."""
    wide = {}
    for layer, place, low, high in KNOWN_VALUES:
        values = stack.values(layer)[np.isfinite(stack.values(layer))]
        outside = ((values < low) | (values > high)).mean()
        if outside < 0.1:
            wide[layer, place] = outside
    assert wide == {}


#: most of the country has no contested project nearby: unknown there, not friendly
MOSTLY_UNKNOWN = {"precedents_blocked_share"}


@pytest.mark.parametrize("layer_id", list(REGISTRY))
def test_a_layer_stays_within_its_range_and_covers_the_land(stack: LayerStack, layer_id: str) -> None:
    """Valid range, and unknown on at most a third of the land, or two where that is the nature of the layer."""
    values = stack.values(layer_id)
    low, high = REGISTRY[layer_id].spec.valid
    assert low <= np.nanmin(values)
    assert np.nanmax(values) <= high
    assert np.isfinite(values).mean() > (0.33 if layer_id in MOSTLY_UNKNOWN else 0.66)
    assert np.nanmin(values) < np.nanmax(values)


@pytest.mark.parametrize("layer_id", list(REGISTRY))
def test_a_layer_is_no_better_than_its_worst_source(layer_id: str) -> None:
    """Evidence grades never improve on the way from the file to the layer."""
    spec = REGISTRY[layer_id].spec
    package = DataPackage(DATA)
    # corridors are a weak sign of fiber, but where the railways among them run is on a register
    geometry_only = {"boundaries/counties.parquet"} | ({"fiber/corridors.parquet"} if spec.family == "land" else set())
    worst = max((package.entry(s)["evidence_grade"] for s in spec.sources if s not in geometry_only), default="E1")
    assert spec.grade >= worst


def test_every_family_has_layers() -> None:
    """All eight families of the configuration are built."""
    assert {layer.spec.family for layer in REGISTRY.values()} == set(FAMILIES)


def test_the_nearest_station_has_a_name(stack: LayerStack) -> None:
    """The identity of the nearest feature is kept for the outputs."""
    (name,) = stack.names("substation_345_km", _index(stack, "Piketon OH"))
    assert name is not None
    assert "345 kV" in name or "765 kV" in name


def test_line_distances_nest_by_voltage(stack: LayerStack) -> None:
    """A 500 kV line is also a line of 345 kV or more, so it cannot be nearer than the nearest of those."""
    tolerance_km = 0.8  # a tenth of a cell: the accuracy that the distance kernel states
    assert (stack.values("line_500_km") - stack.values("line_345_km")).min() > -tolerance_km
    assert (stack.values("line_345_km") - stack.values("line_230_km")).min() > -tolerance_km


def test_a_county_ban_excludes_its_county_and_no_neighbour(stack: LayerStack) -> None:
    """Marshall County IN banned on 20 April 2026; St. Joseph beside it, where nothing is on record, stays free."""
    assert at(stack, "local_rule", "Plymouth IN") == 3
    assert stack.names("local_rule", _index(stack, "Plymouth IN")) == ["Marshall County, IN: ban since 2026-04-20"]
    assert at(stack, "local_rule", "South Bend IN") == 0
    gate = load_config(ROOT / "config" / "default.yaml").config.exclusions["ban"]
    assert (gate.layer, gate.above) == ("local_rule", 1.5)


def test_a_lapsed_moratorium_excludes_nothing(stack: LayerStack) -> None:
    """That of Hall County GA ran out in August 2026: a flag; that of Rowan County NC runs to April 2027."""
    assert at(stack, "local_rule", "Gainesville GA") == 1
    assert at(stack, "local_rule", "Salisbury NC") == 2


def test_buildable_land_excludes_water_and_parks(stack: LayerStack) -> None:
    """No cell has more buildable land than its parks, reservations, military areas and water leave."""
    held = ("open_water_pct", "national_park_pct", "tribal_pct", "military_area_pct")
    left = 100 - np.maximum.reduce([stack.values(layer) for layer in held])
    assert (np.nan_to_num(stack.values("buildable_pct")) <= left + 1e-3).all()


@pytest.mark.parametrize("layer_id", ["slope_pct", "gentle_pct", "relief_m", "flat_land_pct", "buildable_pct"])
def test_terrain_is_known_on_all_land(stack: LayerStack, layer_id: str) -> None:
    """Coasts, bays and islands too."""
    assert np.isfinite(stack.values(layer_id)).all()


def test_zones_name_county_and_market(stack: LayerStack) -> None:
    """Ashburn is in Loudoun County and in PJM; Abilene is in ERCOT."""
    ashburn, abilene = (int(_index(stack, p)[0]) for p in ("Ashburn VA", "Abilene TX"))
    assert stack.zones.county_of(ashburn)["name"] == "Loudoun"
    assert stack.zones.rto_of(ashburn) == "PJM"
    assert stack.zones.rto_of(abilene) == "ERCOT"


def test_water_need_follows_size_and_cooling(default_config: ConfigFile) -> None:
    """One gigawatt of evaporative cooling at 2.2 L/kWh takes 13.9 million gallons a day."""
    water = default_config.config.section("needs").water
    assert water_need_m3s(Project(mw=1000, cooling="evaporative"), water) / M3S_PER_MGD == pytest.approx(13.9, abs=0.05)
    assert river_flow_needed(Project(mw=2000), water) == pytest.approx(5.44, abs=0.01)


def test_a_missing_replacement_names_the_key(tmp_path: Path) -> None:
    """A path that does not exist."""
    config = load_config(DEFAULT, {"grid.resolution_m": "25000", "layers.replace": "{slope_pct: gone.tif}"})
    with pytest.raises(DataError, match=r"gone\.tif named by layers\.replace\.slope_pct"):
        open_stack(DataPackage(DATA), config, ["slope_pct"], cache_folder=tmp_path)


def test_a_replacement_of_an_unknown_layer_is_refused(tmp_path: Path) -> None:
    """A typo in the layer id gets a suggestion."""
    config = load_config(DEFAULT, {"grid.resolution_m": "25000", "layers.replace": "{slop_pct: a.tif}"})
    with pytest.raises(ConfigError, match="did you mean 'slope_pct'"):
        open_stack(DataPackage(DATA), config, ["slope_pct"], cache_folder=tmp_path)


@pytest.mark.parametrize(("value", "crs", "expected"), [(199.0, "EPSG:5070", "valid range"), (5.0, None, "coordinate reference")])
def test_a_replacement_with_a_wrong_range_or_frame_is_refused(
    tmp_path: Path, value: float, crs: str | None, expected: str
) -> None:
    """A file in another unit, or without a declared CRS."""
    import rasterio

    path = tmp_path / "slope.tif"
    profile = {"driver": "GTiff", "height": 10, "width": 10, "count": 1, "dtype": "float32", "crs": crs}
    transform = rasterio.transform.from_origin(-2_400_000, 3_300_000, 500_000, 500_000)
    with rasterio.open(path, "w", transform=transform, **profile) as target:
        target.write(np.full((10, 10), value, np.float32), 1)
    config = load_config(DEFAULT, {"grid.resolution_m": "25000", "layers.replace": f"{{slope_pct: {path}}}"})
    with pytest.raises(DataError, match=expected):
        open_stack(DataPackage(DATA), config, ["slope_pct"], cache_folder=tmp_path / "cache")


@pytest.mark.stack
def test_a_replaced_slope_changes_the_buildable_share(tmp_path: Path) -> None:
    """Half of the country at 40 %: a fifth of each cell there is gentle; what the file leaves out is as before."""
    import rasterio

    path = tmp_path / "slope.tif"
    profile = {"driver": "GTiff", "height": 100, "width": 100, "count": 1, "dtype": "float32", "crs": "EPSG:5070"}
    transform = rasterio.transform.from_origin(-2_400_000, 3_300_000, 25_000, 50_000)
    with rasterio.open(path, "w", transform=transform, **profile) as target:
        target.write(np.full((100, 100), 40.0, np.float32), 1)
    package, wanted = DataPackage(DATA), ["slope_pct", "gentle_pct", "buildable_pct"]
    plain = load_config(DEFAULT, {"grid.resolution_m": "25000"})
    tuned = load_config(DEFAULT, {"grid.resolution_m": "25000", "layers.replace": f"{{slope_pct: {path}}}"})
    cache = warm(tmp_path / "cache")
    before, after = (open_stack(package, file, wanted, cache_folder=cache) for file in (plain, tuned))
    old, new = before.values("buildable_pct"), after.values("buildable_pct")
    west = ~np.isnan(after.values("slope_pct"))
    assert 0.3 < west.mean() < 0.7
    np.testing.assert_array_equal(new[~west], old[~west])
    known = west & (old > 0)
    assert after.values("gentle_pct")[west] == pytest.approx(-100.0 * np.expm1(-8.0 / 40.0))
    share = before.values("gentle_pct")[known] / -np.expm1(-8.0 / 40.0) / 100.0
    np.testing.assert_allclose(new[known] * share, old[known], rtol=1e-3, atol=1e-3)


def test_a_changed_project_rebuilds_only_the_layers_that_depend_on_it(tmp_path: Path) -> None:
    """Cooling changes the river a campus needs; it does not change the power lines."""
    package = DataPackage(DATA)
    for cooling in ("hybrid", "evaporative"):
        config = load_config(DEFAULT, {"grid.resolution_m": "25000", "project.cooling": cooling})
        open_stack(package, config, ["river_km", "line_345_km"], cache_folder=tmp_path)
    assert len(list(tmp_path.rglob("river_km-*.nearest.npy"))) == 2
    assert len(list(tmp_path.rglob("line_345_km-*.npy"))) == 1


def test_the_reuse_credit_falls_with_the_months_since_closure(stack: LayerStack) -> None:
    """Never more than the plants hold, in full beside a plant that still runs; beside those long closed a quarter, as the
    chances of delivery.reuse stand to each other.
    """
    whole, aged = (stack.values(k).astype(float) for k in ("reusable_25km_mw", "reusable_aged_25km_mw"))
    near = whole > 0
    left = aged[near] / whole[near]
    reuse = load_config(DEFAULT).config.section("delivery").reuse
    assert left.max() == pytest.approx(1.0)
    assert left.min() == pytest.approx(reuse.chance_older / reuse.chance_open, rel=1e-4)
    assert np.isclose(left, left.min(), rtol=1e-4).mean() > 0.2


def test_a_plant_closed_in_2019_no_longer_earns_all_of_its_megawatts(stack: LayerStack) -> None:
    """Navajo Generating Station near Page, closed in November 2019: 2,250 MW on the register, a quarter in the credit."""
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True).transform(-111.39, 36.90)
    row, col = (int(v) for v in stack.land.grid.cell_at(x, y))
    place = np.array([stack.land.position[row, col]])
    assert stack.at("reusable_25km_mw", place)[0] > 2000
    assert 400 < stack.at("reusable_aged_25km_mw", place)[0] < 700
