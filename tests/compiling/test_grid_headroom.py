"""The grid behind the headroom: main parts, regions, balance, the table, and the real grid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS, Compiler
from sitefinder.compiling.grid_headroom import (
    DEEP_M,
    FEEDER,
    LINE,
    REGIONS_RAW,
    TRANSFORMER,
    Grid,
    balanced,
    branch_name,
    build_grid,
    bus_names,
    deep_buses,
    headroom_product,
    headroom_table,
    main_parts,
    regions_of_buses,
)
from sitefinder.compiling.powerflow import study
from sitefinder.compiling.powerflow.interconnections import Interconnections, separate
from sitefinder.compiling.powerflow.parameters import Statistics
from sitefinder.compiling.powerflow.topology import Network
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / REGIONS_RAW).exists(), reason="the raw downloads are not on this machine")
PRODUCT = DATA / "grid" / "headroom.parquet"
FIGURES = [f"{kind}_{q}" for kind in ("n0", "n1") for q in ("p10", "p50", "p90")]


def network(branches: list[tuple[int, int]], kv: list[int], xy: np.ndarray | None = None) -> Network:
    """Buses of given classes, each its own station, and branches; between two classes a transformer."""
    start, end = np.array(branches).T
    level = np.array(kv)
    return Network(
        level,
        np.zeros((level.size, 2)) if xy is None else xy,
        np.arange(level.size),
        start,
        end,
        np.where(level[start] == level[end], 10.0, 0.0),
        level[start] != level[end],
    )


def at(n: int, buses: list[int]) -> np.ndarray:
    mask = np.zeros(n, bool)
    mask[buses] = True
    return mask


def test_main_parts_leave_out_islands_and_cut_branches() -> None:
    """A tie between West and East is opened, and an island belongs to no main part although its place is surely Western."""
    net = network([(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3), (6, 7)], [345] * 8)
    parts = separate(net, {"Western": at(8, [0, 6]), "Eastern": at(8, [5])})
    used, grid = main_parts(net, parts)
    assert parts.of_bus.tolist() == [0, 0, 0, 1, 1, 1, 0, 0]
    assert grid.tolist() == [0, 0, 0, 1, 1, 1, -1, -1]
    assert sorted(zip(used.start.tolist(), used.end.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)]
    assert used.kv.size == 8


def test_largest_piece_of_an_interconnection_is_its_main_part() -> None:
    """An interconnection in two pieces, the smaller numbered first: the larger one counts, whatever the other's size."""
    net = network([(0, 1), (2, 3), (3, 4), (5, 6), (6, 7), (7, 8)], [230] * 9)
    parts = Interconnections(("Western", "Eastern"), np.array([0] * 5 + [1] * 4), np.zeros(6, bool))
    assert main_parts(net, parts)[1].tolist() == [-1, -1, 0, 0, 0, 1, 1, 1, 1]


def test_load_is_scaled_to_the_generation_of_each_interconnection() -> None:
    """Where 300 MW of load meet 150 MW of plants the load halves; every interconnection adds up to zero, islands stay at 0."""
    generation, load = np.array([150.0, 0.0, 40.0, 0.0, 0.0]), np.array([100.0, 200.0, 0.0, 20.0, 7.0])
    injection = balanced(generation, load, np.array([0, 0, 1, 1, -1]))
    np.testing.assert_allclose(injection, [100.0, -100.0, 40.0, -40.0, 0.0])


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Three subregions in a row, each 800 km wide: California, Texas, the Ohio valley."""
    boxes = shapely.box([0, 800e3, 1600e3], 0, [800e3, 1600e3, 2400e3], 800e3)
    return gpd.GeoDataFrame({"name": ["CAMX", "ERCT", "RFCW"]}, geometry=boxes, crs=CRS)


def test_deep_buses_lie_far_inside_their_interconnection(areas: gpd.GeoDataFrame) -> None:
    """In the middle a bus is deep, near a border none is, and Texas asks for more distance than the others."""
    x = [400e3, 800e3 - DEEP_M["Western"] - 5e3, 800e3 - DEEP_M["Western"] + 5e3]
    x += [800e3 + DEEP_M["Western"] + 5e3, 800e3 + DEEP_M["Texas"] + 5e3, 1200e3, 2000e3]
    net = network([(0, 1)], [345] * 7, np.column_stack([x, np.full(7, 400e3)]))
    deep = deep_buses(net, areas)
    assert {name: np.flatnonzero(mask).tolist() for name, mask in deep.items()} == {
        "Western": [0, 1],
        "Texas": [4, 5],
        "Eastern": [6],
    }
    assert list(deep)[-1] == "Eastern"


def test_500_kv_in_the_texan_polygon_is_eastern(areas: gpd.GeoDataFrame) -> None:
    """Texas has no lines of 500 kV: such a bus in its heart belongs to the neighbour."""
    net = network([(0, 1)], [500, 345], np.array([[1200e3, 400e3], [1210e3, 400e3]]))
    deep = deep_buses(net, areas)
    assert (deep["Eastern"].tolist(), deep["Texas"].tolist()) == ([True, False], [False, True])


def test_region_is_the_subregion_within_the_interconnection(areas: gpd.GeoDataFrame) -> None:
    """Buses of two interconnections in one subregion are two regions; one outside every polygon takes the nearest."""
    net = network([(0, 1)], [345] * 4, np.array([[400e3, 4e5], [500e3, 4e5], [2000e3, 4e5], [2500e3, 4e5]]))
    names, region = regions_of_buses(net, areas, np.array([0, 1, 1, 1]), ("Western", "Eastern"))
    assert [names[r] for r in region] == ["Western CAMX", "Eastern CAMX", "Eastern RFCW", "Eastern RFCW"]


#: a town 4 km north of the second station
TOWNS = gpd.GeoDataFrame({"name": ["Ada"], "state": ["OH"]}, geometry=[shapely.Point(50e3, 4e3)], crs=CRS)


@pytest.fixture
def small() -> tuple[Grid, study.Outcome]:
    """A 345 kV line A - B, a transformer at B and a junction without a station, with ten draws of 100 to 1000 MW."""
    xy = np.array([[0.0, 0.0], [50e3, 0.0], [50e3, 0.0], [90e3, 0.0]])
    net = network([(0, 1), (2, 1), (2, 3)], [345, 345, 230, 230], xy)
    net.station[:] = [0, 1, 1, -1]
    stations = gpd.GeoDataFrame(
        {"sub_id": [70, -3], "name": ["Alpha", None], "is_tap": [False, False], "source": ["hifld2020", "line_node"]},
        geometry=shapely.points([[0.0, 0.0], [50e3, 0.0]]),
        crs=CRS,
    )
    case = study.Case(net, np.zeros(4, int), np.zeros(4), np.array([0, 0, 1, 1]), np.zeros((4, 2)))
    usual = np.ones(3)
    statistics = Statistics(
        {345: 0.4 * usual, 230: 0.5 * usual},
        {345: 1e3 * usual, 230: 500 * usual},
        {(345, 230): 500 * usual},
        0.1 * usual,
        0.0,
        usual / 3,
    )
    parts = Interconnections(("Eastern",), np.zeros(4, int), np.zeros(3, bool))
    supply, regions = np.array([5000.0, 450.0]), ("Eastern RFCW", "Eastern NYCW")
    machines = np.array([850.0, 0.0, 0.0, 0.0])
    grid = Grid(net, parts, case, statistics, stations, np.zeros(4), np.zeros(4), supply, regions, machines)
    draws = np.tile(np.linspace(100.0, 1000.0, 10), (4, 1))
    outcome = study.Outcome(
        np.arange(4),
        np.where(np.arange(4)[:, None] == 0, np.inf, draws + 50.0),
        draws,
        np.array([0, 1, 1, 2]),
        np.array([-1, 0, 2, -1]),
        np.zeros(3),
        np.ones(3),
        np.zeros(3, bool),
        np.array([500.0, 300.0, 0.0, 100.0]),
        np.array([900.0, 9000.0, 0.0, 100.0]),
    )
    return grid, outcome


def test_table_has_a_row_per_station_and_class_with_quantiles(small: tuple[Grid, study.Outcome]) -> None:
    """Rows in the order of station and class, none for the junction; quantiles over the draws, in order."""
    table = headroom_table(*small, TOWNS)
    assert table[["sub_id", "kv"]].to_numpy().tolist() == [[-3, 230], [-3, 345], [70, 345]]
    row = table.set_index(["sub_id", "kv"]).loc[(-3, 345)]
    np.testing.assert_allclose(row[["n1_p10", "n1_p50", "n1_p90"]].to_numpy(float), [190.0, 550.0, 910.0])
    np.testing.assert_allclose(row[["n0_p10", "n0_p50", "n0_p90"]].to_numpy(float), [240.0, 600.0, 960.0])
    assert row["region"] == "RFCW"
    assert row["interconnection"] == "Eastern"
    assert table["near"].fillna("").tolist() == ["Ada OH, 4 km", "Ada OH, 4 km", ""]
    assert table["junction"].tolist() == [True, True, False]


def test_no_headroom_is_above_the_idle_plants(small: tuple[Grid, study.Outcome]) -> None:
    """Where 450 MW are idle nothing is above 450, and idle generation is named as the limit; an infinite room is capped."""
    table = headroom_table(*small, TOWNS).set_index(["sub_id", "kv"])
    assert table.loc[(-3, 230), "n1_p50"] == 450.0
    assert table.loc[(-3, 230), "n1_p10"] == 190.0
    assert table.loc[(-3, 230), "limit"] == "idle generation"
    assert pd.isna(table.loc[(-3, 230), "lost"])
    assert table.loc[(70, 345), "n0_p50"] == 5000.0


def test_limit_and_outage_are_named(small: tuple[Grid, study.Outcome]) -> None:
    """A transformer by its classes and station, a line by its ends; a nameless station by the nearest named; none is null."""
    table = headroom_table(*small, TOWNS).set_index(["sub_id", "kv"])
    assert table.loc[(-3, 345), "limit"] == "345/230 kV transformer near Alpha"
    assert table.loc[(-3, 345), "lost"] == "345 kV Alpha - near Alpha"
    assert pd.isna(table.loc[(70, 345), "lost"])


def test_the_limit_has_its_kind_length_and_gain(small: tuple[Grid, study.Outcome]) -> None:
    """A line of 10 km, a transformer of none; strengthening brings at most what idle plants feed; none where those limit."""
    grid, outcome = small
    table = headroom_table(grid, outcome, TOWNS).set_index(["sub_id", "kv"])
    columns = ["limit_kind", "limit_kv", "limit_km", "typical_mw", "lifted_mw"]
    assert table.loc[(70, 345), columns].tolist() == [LINE, 345, 10.0, 500.0, 900.0]
    assert table.loc[(-3, 345), columns].tolist() == [TRANSFORMER, 345, 0.0, 300.0, 5000.0]
    assert pd.isna(table.loc[(-3, 230), ["limit_kind", "limit_km"]]).all()
    outcome.lost[0] = 0
    assert headroom_table(grid, outcome, TOWNS).set_index(["sub_id", "kv"]).loc[(70, 345), "limit_kind"] == FEEDER


def test_strength_falls_away_from_the_machines(small: tuple[Grid, study.Outcome]) -> None:
    """850 MW of machines at Alpha are 3,125 MVA behind their reactance there, less behind a line, least behind a transformer."""
    mva = headroom_table(*small, TOWNS).set_index(["sub_id", "kv"])["short_circuit_mva"]
    assert mva[(70, 345)] == pytest.approx(850.0 / 0.85 / 0.32, abs=0.5)
    line = 1 / (1 / 3125.0 + 0.4 * 10.0 / 345.0**2)
    assert mva[(-3, 345)] == pytest.approx(line, abs=0.5)
    assert mva[(-3, 230)] == pytest.approx(1 / (1 / line + 0.1 / 500.0), abs=0.5)


def test_bus_without_a_named_station_is_near_one(small: tuple[Grid, study.Outcome]) -> None:
    """Every bus has a name to show."""
    grid, _ = small
    assert bus_names(grid).tolist() == ["Alpha", "near Alpha", "near Alpha", "near Alpha"]
    assert branch_name(grid.network, bus_names(grid), -1) is None


def test_product_explains_every_column(small: tuple[Grid, study.Outcome]) -> None:
    """The register of the data names all columns and no others, and never promises available capacity."""
    assert set(headroom_product().fields) == set(headroom_table(*small, TOWNS).columns) - {"geometry"}
    assert "not available capacity" in headroom_product().caveat


@pytest.fixture(scope="module")
def real() -> Grid:
    """The whole mapped grid on its summer peak."""
    return build_grid(Compiler(RAW, DATA))


@needs_raw
@pytest.mark.slow
def test_real_lines_lie_in_three_interconnections(real: Grid) -> None:
    """98 % of the length of 230 kV and more is in a main part; some 20 branches part the three, at their ties."""
    net, used = real.network, real.case.network
    mapped, kept = (n.km[(n.branch_kv >= 230) & ~n.is_transformer].sum() for n in (net, used))
    assert kept / mapped > 0.98
    assert real.parts.names == ("Western", "Texas", "Eastern")
    assert 5 < real.parts.cut.sum() < 60
    assert (np.bincount(real.case.grid[real.case.grid >= 0]) > 1000).all()
    _, island = used.islands()
    for part in range(3):
        assert np.unique(island[real.case.grid == part]).size == 1


@needs_raw
@pytest.mark.slow
@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [
        (-99.7, 32.4, "Texas"),
        (-106.4, 31.8, "Western"),
        (-94.1, 30.1, "Eastern"),
        (-102.3, 35.2, "Eastern"),
        (-122.4, 37.7, "Western"),
    ],
)
def test_real_places_are_in_their_interconnection(real: Grid, lon: float, lat: float, name: str) -> None:
    """Abilene is Texan, El Paso Western, Beaumont and the 230 kV of Amarillo's utility Eastern, San Francisco Western."""
    place = gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs(CRS).iloc[0]
    distance = np.hypot(*(real.network.xy - [place.x, place.y]).T)
    near = np.flatnonzero((distance < 25_000.0) & (real.case.grid >= 0) & (real.network.kv != 345))
    assert near.size > 3
    assert (np.array(real.parts.names)[real.case.grid[near]] == name).mean() > 0.8


@needs_raw
@pytest.mark.slow
def test_real_peak_balances(real: Grid) -> None:
    """No bus is out of balance by a millionth of a megawatt, every peak is served, and every region has units that answer."""
    for part in range(3):
        here = real.case.grid == part
        assert real.generation[here].sum() == pytest.approx(real.load[here].sum(), rel=0.01)
        assert real.case.injection[here].sum() == pytest.approx(0.0, abs=1e-3)
    assert not real.case.injection[real.case.grid < 0].any()
    assert study.residual(real.case, real.statistics) < 1e-6
    np.testing.assert_allclose(real.case.answer.sum(axis=0), 1.0)
    assert real.supply.min() > 0.0


@pytest.fixture(scope="module")
def product() -> gpd.GeoDataFrame:
    """The compiled table."""
    return gpd.read_parquet(PRODUCT)


def test_committed_headroom_is_ordered(product: gpd.GeoDataFrame) -> None:
    """Quantiles rise, an outage never adds, nothing is unknown, negative or above the idle plants."""
    figures = product[FIGURES]
    assert figures.notna().all().all()
    assert figures.min().min() >= 0.0
    for kind in ("n0", "n1"):
        assert (product[f"{kind}_p10"] <= product[f"{kind}_p50"]).all()
        assert (product[f"{kind}_p50"] <= product[f"{kind}_p90"]).all()
    for q in ("p10", "p50", "p90"):
        assert (product[f"n1_{q}"] <= product[f"n0_{q}"]).all()
    assert figures.max(axis=1).le(product["supply_mw"]).all()


def test_committed_limits_can_be_lifted(product: gpd.GeoDataFrame) -> None:
    """Strengthening never takes headroom away and mostly adds some; a feeder has none before; transformers have no length."""
    assert (product["lifted_mw"] >= product["typical_mw"]).all()
    assert product["lifted_mw"].le(product["supply_mw"]).all()
    known = product[product["limit_kind"].notna()]
    assert (known["lifted_mw"] > known["typical_mw"]).mean() > 0.8
    assert set(known["limit_kind"]) == {LINE, TRANSFORMER, FEEDER}
    assert (known.loc[known["limit_kind"] == FEEDER, "typical_mw"] == 0).all()
    assert (known.loc[known["limit_kind"] == TRANSFORMER, "limit_km"] == 0).all()
    assert known["limit_km"].between(0.0, 700.0).all()
    assert (product.loc[product["limit_kind"].isna(), "limit"] == "idle generation").all()


def test_committed_strength_rises_with_the_class(product: gpd.GeoDataFrame) -> None:
    """A plausible few to tens of GVA; in the median more at 345 kV than at 230."""
    assert product["short_circuit_mva"].between(50.0, 150_000.0).all()
    by_class = product.groupby("kv")["short_circuit_mva"].median()
    assert by_class[230] < by_class[345] < by_class[500]
    assert 2_000.0 < by_class[345] < 40_000.0


def test_committed_headroom_covers_the_stations(product: gpd.GeoDataFrame) -> None:
    """One row per station and class of 230 kV and more, at stations of the register, in three interconnections."""
    assert len(product) > 5000
    assert not product.duplicated(["sub_id", "kv"]).any()
    assert set(product["kv"]) == {230, 345, 500, 765}
    assert set(product["interconnection"]) == {"Eastern", "Western", "Texas"}
    stations = gpd.read_parquet(DATA / "grid" / "substations.parquet").set_index("sub_id")
    assert product["sub_id"].isin(stations.index).all()
    assert product.crs == CRS
    texas = product[product["interconnection"] == "Texas"]
    assert set(texas["kv"]) <= {230, 345}


def test_committed_headroom_rises_with_the_class(product: gpd.GeoDataFrame) -> None:
    """In the median a 345 kV bus takes more than a 230 kV bus, 500 kV more than 345, and all a plausible few hundred or more."""
    by_class = product.groupby("kv")["n1_p50"].median()
    assert by_class[230] < by_class[345] < by_class[500]
    assert 50.0 < by_class[230] < 1000.0
