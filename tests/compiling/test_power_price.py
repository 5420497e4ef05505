"""Prices that a large customer could be shown without a smile."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS
from sitefinder.compiling.power_price import RETAIL_CHOICE, own_prices, state_prices
from sitefinder.costs.facts import PRICE_BAND
from tests.helpers.paths import DATA

SALES = pd.DataFrame(
    [(1, "OH", "A", 20.0), (2, "OH", "B", 80.0), (1, "OH", "C", 80.0), (3, "IA", "A", 50.0), (99999, "IA", "A", 50.0)],
    columns=["eiaid", "state", "part", "ind_mwh"],
)


@pytest.fixture(scope="module")
def utilities() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / "share_alike" / "utility_price.parquet")


@pytest.fixture(scope="module")
def states() -> pd.DataFrame:
    return pd.read_parquet(DATA / "grid" / "state_price.parquet").set_index("state")


def test_share_of_other_suppliers_by_hand() -> None:
    """80 of 100 MWh in Ohio; delivery of the same energy is not counted again, nor the adjustment of Iowa."""
    raw = pd.DataFrame({"state": ["OH", "IA", "AK"], "ind_usd_mwh": [70.0, 68.0, 190.0], "com_usd_mwh": [1.0, 1.0, 1.0]})
    found = state_prices(raw, SALES).set_index("state")
    assert found["other_suppliers_pct"].to_dict() == {"IA": 0.0, "OH": 80.0}
    assert found["retail_choice"].to_dict() == {"IA": False, "OH": True}


def test_states_of_choice_are_those_where_others_sell(states: pd.DataFrame) -> None:
    """Half of the industrial energy and more in every state of choice; elsewhere less, Montana aside."""
    others = states["other_suppliers_pct"]
    assert set(states.index[states["retail_choice"]]) == RETAIL_CHOICE
    assert others[states["retail_choice"]].min() >= 50
    assert others[~states["retail_choice"]].drop("MT").max() < 40


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"industrial_mwh": 0.9e6}, False),
        ({"industrial_usd_mwh": 69.0}, False),
        ({"industrial_usd_mwh": 141.0}, False),
        ({"industrial_usd_mwh": None}, False),
        ({"state": "OH"}, False),
        ({"state": "OH", "segment": "MUNICIPAL_UTILITY"}, True),
        ({"state": "TX", "ba": "ERCO"}, False),
        ({"state": "TX", "ba": "MISO"}, True),
    ],
)
def test_which_prices_count(change: dict[str, object], kept: bool) -> None:
    """1 TWh, 0.7 to 1.4 of the state, and no investor-owned utility where customers choose, in Texas within ERCOT."""
    row = {"name": "A", "eia_id": 1, "state": "IA", "segment": "INVESTOR_OWNED_UTILITY", "ba": "MISO"}
    row |= {"industrial_mwh": 2e6, "industrial_usd_mwh": 100.0} | change
    served = gpd.GeoDataFrame([row], geometry=[shapely.box(0, 0, 1, 1)], crs=CRS)
    found = own_prices(served, pd.Series({"IA": 100.0, "OH": 100.0, "TX": 100.0}))
    assert found["industrial_usd_mwh"].notna().tolist() == [kept]


def test_small_towns_do_not_hide_the_utility_around_them() -> None:
    """An owner without a price of its own stays, so that the one below it is not taken; a small town goes."""
    served = gpd.GeoDataFrame(
        {
            "name": ["A", "B"],
            "eia_id": [1, 2],
            "state": ["OH", "OH"],
            "segment": ["INVESTOR_OWNED_UTILITY", "MUNICIPAL_UTILITY"],
            "ba": ["PJM", "PJM"],
            "industrial_mwh": [2e6, 1e5],
            "industrial_usd_mwh": [100.0, 100.0],
        },
        geometry=[shapely.box(0, 0, 1, 1)] * 2,
        crs=CRS,
    )
    assert own_prices(served, pd.Series({"OH": 100.0}))["name"].tolist() == ["A"]


def test_prices_stay_within_the_band_of_their_state(utilities: gpd.GeoDataFrame, states: pd.DataFrame) -> None:
    """Each on 1 TWh at least; none of the few-customer averages of Ohio, Illinois and New York."""
    relative = utilities["industrial_usd_mwh"] / utilities["state"].map(states["industrial_usd_mwh"])
    own = utilities["industrial_usd_mwh"].notna()
    assert relative[own].between(*PRICE_BAND).all()
    assert utilities.loc[own, "industrial_gwh"].min() >= 1000
    assert not utilities.loc[own, "state"].isin({"OH", "IL", "NY"}).any()
    assert not utilities["name"].str.contains("Power Administration").any()


@pytest.mark.parametrize(
    ("name", "state", "usd_mwh"),
    [("Georgia Power Co", "GA", 70.96), ("MidAmerican Energy Co", "IA", 60.49), ("PacifiCorp", "UT", 78.46)],
)
def test_known_utilities_have_their_own_price_in_each_state(
    name: str, state: str, usd_mwh: float, utilities: gpd.GeoDataFrame
) -> None:
    """Industrial revenue over sales in form EIA-861 of 2024, by hand."""
    row = utilities[(utilities["name"] == name) & (utilities["state"] == state)]
    assert row["industrial_usd_mwh"].tolist() == pytest.approx([usd_mwh], abs=0.01)
