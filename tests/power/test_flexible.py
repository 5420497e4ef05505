"""Curtailable megawatts of sites: the authority's room, the station with all lines in, and the hours given up."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sitefinder.config.delivery import Claimed
from sitefinder.config.flexible import RunHours
from sitefinder.layers.files import BALANCING_AREAS, CURTAILMENT
from sitefinder.layers.package import DataPackage
from sitefinder.power.flexible import AUTHORITY, STATION, Authorities, engines_carry, non_firm
from tests.helpers.able import written_grid
from tests.helpers.paths import DATA

KM = 1000.0
CLAIMED = Claimed(within_km=25.0, share=0.5)
#: A has hours, B none; the site at 500 km lies in neither
SITES = np.array([[10.0, 10.0], [110.0, 10.0], [500.0, 10.0]]) * KM


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    """Two areas of 100 km; A takes 1,000 MW at 0.5 % and campuses there plan 800."""
    areas = gpd.GeoDataFrame(
        {"ba": ["A", "B"]}, geometry=[shapely.box(0, 0, 1e5, 1e5), shapely.box(1e5, 0, 2e5, 1e5)], crs="EPSG:5070"
    )
    table = pd.DataFrame(
        {
            "ba": ["A", "A"],
            "curtailed_pct": [0.5, 1.0],
            "added_mw": [1000.0, 1500.0],
            "hours": [150.0, 300.0],
            "hours_half_left": [100.0, 200.0],
            "longest_h": [8.0, 12.0],
            "longest_worst_h": [20.0, 30.0],
        }
    )
    campuses = [{"x": 20.0, "y": 20.0, "mw": 800.0}, {"x": 30.0, "y": 20.0, "mw": np.nan}, {"x": 150.0, "y": 20.0, "mw": 500.0}]
    others = {BALANCING_AREAS: areas, CURTAILMENT: table}
    return Authorities(written_grid(tmp_path_factory.mktemp("flexible"), [{"mw": 1.0}], campuses=campuses, others=others))


def intact(*median: float) -> np.ndarray:
    """(n, 3) MW with 100 less and more at the ends."""
    return np.array([[m - 100.0, m, m + 100.0] for m in median])


def test_a_place_has_the_authority_that_serves_it(authorities: Authorities) -> None:
    """Unknown outside all areas; hours of one of them are known."""
    assert authorities.at(SITES).tolist() == ["A", "B", None]
    assert authorities.known == ("A",)
    np.testing.assert_array_equal(authorities.planned_mw(authorities.at(SITES)), [800.0, 500.0, np.nan])


def test_room_and_hours_lie_between_the_rows(authorities: Authorities) -> None:
    """Half the load of the first row has half its share and hours; beyond the last row nothing is known."""
    code = np.array(["A", "A", "A", "B", None], object)
    np.testing.assert_allclose(authorities.room_mw(code, 0.0075), [1250.0, 1250.0, 1250.0, np.nan, np.nan])
    found = authorities.curtailed(code, np.array([500.0, 1250.0, 1600.0, 500.0, 500.0]))
    np.testing.assert_allclose(found.share, [0.0025, 0.0075, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(found.hours, [75.0, 225.0, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(found.longest_worst_h, [10.0, 25.0, np.nan, np.nan, np.nan])


def test_the_least_of_load_station_and_authority_counts(authorities: Authorities) -> None:
    """1,000 MW less half of 800 are 600 of the authority's: by hand for each limit."""
    xy = SITES[[0, 0, 0]]
    found = non_firm(authorities, xy, intact(400.0, 2000.0, 2000.0), np.full(3, 1000.0), curtailment=0.005, claimed=CLAIMED)
    assert found.authority_mw.tolist() == [600.0] * 3
    assert found.mw.tolist() == [[300.0, 400.0, 500.0], [600.0, 600.0, 600.0], [600.0, 600.0, 600.0]]
    assert found.limit.tolist() == [STATION, AUTHORITY, AUTHORITY]
    np.testing.assert_allclose(found.curtailed.hours, [120.0, 150.0, 150.0])  # with the 400 MW of the others
    small = non_firm(authorities, xy, intact(400.0, 2000.0, 2000.0), np.full(3, 200.0), curtailment=0.005, claimed=CLAIMED)
    assert small.mw[:, 1].tolist() == [200.0] * 3
    assert small.limit.tolist() == [None] * 3


def test_unknown_hours_leave_the_megawatts_unknown(authorities: Authorities) -> None:
    """No authority, or one without hours; and a station whose headroom is unknown."""
    stations = np.vstack([intact(2000.0, 2000.0), [[np.nan] * 3]])
    xy = SITES[[1, 2, 0]]
    found = non_firm(authorities, xy, stations, np.full(3, 1000.0), curtailment=0.005, claimed=CLAIMED)
    assert np.isnan(found.mw).all()
    assert found.limit.tolist() == [None] * 3
    assert np.isnan(found.curtailed.hours).all()


def test_emergency_engines_carry_few_hours(authorities: Authorities) -> None:
    """Fifty hours of other use, not the hundred of tests; unknown stays unknown."""
    assert engines_carry(np.array([50.0, 51.0, np.nan]), RunHours(test=100.0, other=50.0)).tolist() == [True, False, None]


def test_the_shipped_authorities_answer() -> None:
    """At half a per cent PJM gives up about 149 hours a year, more than engines for emergencies may run."""
    shipped = Authorities(DataPackage(DATA))
    pjm = np.array(["PJM"], object)
    room = shipped.room_mw(pjm, 0.005)
    assert room[0] == pytest.approx(17_817.0, rel=1e-3)
    hours = shipped.curtailed(pjm, room).hours
    assert hours[0] == pytest.approx(148.6, abs=0.2)
    assert engines_carry(hours, RunHours(test=100.0, other=50.0)).tolist() == [False]
    assert len(shipped.known) == 22
    assert set(shipped.known) <= set(shipped.codes)
