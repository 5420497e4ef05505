"""Grid power per cell: the best station in reach and the dates of the schedule."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from sitefinder.config import ConfigFile, load_config
from sitefinder.config.delivery import REGIONS
from sitefinder.errors import ConfigError
from sitefinder.layers.families import grid_power
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.power.grid_power import GridPower
from sitefinder.power.timetable import random_numbers
from tests.helpers.power import sites

#: built layers of the country
pytestmark = pytest.mark.stack


LAYERS = ("headroom_25km_mw", "headroom_left_mw", "grid_months_200mw", "grid_mw_by_date")


@pytest.fixture(scope="module")
def stack(package: DataPackage, default_path: Path, tmp_path_factory: pytest.TempPathFactory) -> LayerStack:
    """The layers of grid power at 10 km for a late deadline."""
    late = load_config(default_path, {"grid.resolution_m": "10000", "project.energise_by": "2032-12"})
    return open_stack(package, late, LAYERS, cache_folder=tmp_path_factory.mktemp("power"))


def test_headroom_is_that_of_the_best_station_within_reach(stack: LayerStack, package: DataPackage) -> None:
    """Every tenth cell agrees with a search over all stations."""
    table = geopandas.read_parquet(package.verified(grid_power.HEADROOM))
    place, room = shapely.get_coordinates(table.geometry.values), table["n1_p50"].to_numpy()
    index = np.arange(0, stack.land.size, 10)
    cells = np.column_stack(stack.land.grid.centre(*stack.land.rows_cols(index)))
    found = stack.at("headroom_25km_mw", index)
    for xy, value in zip(cells, found, strict=True):
        near = np.hypot(*(place - xy).T) <= grid_power.REACH_KM * 1000.0
        assert value == pytest.approx(room[near].max() if near.any() else 0.0)


def test_megawatts_by_a_late_date_lie_between_nothing_and_the_load(stack: LayerStack) -> None:
    """Expected megawatts are bounded by the project, and more headroom at the station gives more of them."""
    mw, room = stack.values("grid_mw_by_date"), stack.values("headroom_left_mw")
    assert mw.min() >= 0.0
    assert mw.max() <= 1000.0
    assert mw[room >= 1000].mean() > mw[room < 200].mean() + 100.0


def test_first_megawatts_come_sooner_where_the_headroom_suffices(stack: LayerStack) -> None:
    """Cells with 200 MW of headroom have them before those that wait for upgrades."""
    months, room = stack.values("grid_months_200mw"), stack.values("headroom_left_mw")
    assert np.median(months[room >= 200]) + 12.0 < np.median(months[room < 200])


def test_tables_agree_with_the_schedule_of_the_sites(default_config: ConfigFile) -> None:
    """The median month of the headroom of a plain site is the one of its own schedule, and so is that of the upgrades.

    Plain: the layer knows neither approvals of the place nor campuses that make the study longer.
    """
    config = default_config.config
    delivery = config.delivery
    assert delivery is not None
    facts = sites({"headroom_mw": (5000.0, 5000.0, 5000.0), "station_km": 10.0, "approved": True, "claimed_mw": 0.0})
    _, median = grid_power.schedule_tables(delivery, 24.0)
    region, row = REGIONS.index("ERCOT"), grid_power.CLASSES.index(345)
    ready = GridPower(facts, delivery, random_numbers(delivery)).ready
    assert median[0, region, row, 10] == pytest.approx(np.median(ready["headroom"]), abs=1e-3)
    assert median[1, region, row, 10] == pytest.approx(np.median(ready["upgrade"]), abs=1e-3)


def test_tables_grow_with_distance_and_shrink_with_the_deadline(default_config: ConfigFile) -> None:
    """A farther station is never sooner, and a later deadline never less likely."""
    delivery = default_config.config.delivery
    assert delivery is not None
    early, median = grid_power.schedule_tables(delivery, 36.0)
    late, _ = grid_power.schedule_tables(delivery, 60.0)
    assert (np.diff(median, axis=3) >= 0).all()
    assert (late >= early).all()
    assert (median[1] >= median[0]).all()


def test_dates_need_the_delivery_section(default_config: ConfigFile) -> None:
    """A configuration without it is refused with the name of the section."""
    with pytest.raises(ConfigError, match="'delivery' section"):
        grid_power.grid_settings(default_config.config.model_copy(update={"delivery": None}))
