"""Who serves a place where territories overlap."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.base import CRS
from sitefinder.compiling.territories import in_order, misdrawn, painted, sales_by_state

KM = 1000.0


def squares(**columns: list) -> gpd.GeoDataFrame:
    """Squares at the origin of the frame's middle, by their side in km, with other columns."""
    sides = columns.pop("km")
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(0, 1e6, s * KM, 1e6 + s * KM) for s in sides], crs=CRS)


def test_towns_before_large_co_operatives_before_owners_before_small_co_operatives() -> None:
    """The last one serves the place: a wires company of Texas comes before other investor-owned utilities."""
    pieces = squares(
        km=[1, 50, 40, 20, 60, 30, 45],
        eia_id=[1, 2, 3, 4, 5, 6, 7],
        segment=[
            "MUNICIPAL_UTILITY",
            *["INVESTOR_OWNED_UTILITY"] * 2,
            *["DISTRIBUTION_COOPERATIVE"] * 2,
            *["INVESTOR_OWNED_UTILITY"] * 2,
        ],
        ba=["PJM", "PJM", "MISO", "PJM", "SWPP", "WALC", "ERCO"],
        mwh=[1e5, 3e7, 9e6, 4e5, 5e6, None, None],
        industrial_mwh=[0, 1e7, 1e6, 1e5, 4e6, None, None],
    )
    assert in_order(pieces)["eia_id"].tolist() == [6, 4, 2, 3, 7, 5, 1]


def test_sales_are_those_of_the_utility_in_each_state() -> None:
    """Delivery counts as sales and not for the price; marketers and the line of adjustment are left out."""
    columns = ["eiaid", "utility", "part", "state", "ownership", "ba", "tot_mwh", "ind_mwh", "ind_rev_kusd"]
    raw = pd.DataFrame(
        [
            (7, "A Co", "A", "IA", "Investor Owned", "MISO", 300.0, 100.0, 6.0),
            (7, "A Co", "C", "IA", "Investor Owned", "MISO", 50.0, 50.0, 1.0),
            (7, "A Co", "A", "SD", "Investor Owned", "SWPP", 10.0, 0.0, 0.0),
            (8, "Seller", "B", "IA", "Retail Power Marketer", "MISO", 50.0, 50.0, 1.0),
            (99999, "Adjustment", "A", "IA", None, "MISO", 5.0, 5.0, 1.0),
        ],
        columns=columns,
    )
    found = sales_by_state(raw).set_index("state")
    assert found.index.tolist() == ["IA", "SD"]
    assert found.loc["IA", ["ba", "mwh", "industrial_mwh"]].tolist() == ["MISO", 350.0, 100.0]
    assert found.loc["IA", "industrial_usd_mwh"] == pytest.approx(60.0)
    assert pd.isna(found.loc["SD", "industrial_usd_mwh"])


def test_a_namesake_in_another_state_is_told_by_the_state_in_the_name() -> None:
    """St. Paul of Nebraska is not that of Minnesota; a town ends at the border; a co-operative may cross it from home."""
    pieces = pd.DataFrame(
        [
            (1, "CITY OF ST PAUL - (NE)", "MUNICIPAL_UTILITY", "MN", True),
            (2, "TOWN OF SOUTH COFFEYVILLE - (OK)", "MUNICIPAL_UTILITY", "OK", False),
            (2, "TOWN OF SOUTH COFFEYVILLE - (OK)", "MUNICIPAL_UTILITY", "KS", True),
            (3, "LAKE REGION ELECTRIC ASSN, INC - (SD)", "DISTRIBUTION_COOPERATIVE", "SD", False),
            (3, "LAKE REGION ELECTRIC ASSN, INC - (SD)", "DISTRIBUTION_COOPERATIVE", "ND", False),
            (4, "A CO-OPERATIVE - (SD)", "DISTRIBUTION_COOPERATIVE", "TX", True),
            (5, "CITY OF LIVERMORE- (IA)", "MUNICIPAL_UTILITY", "IA", False),
            (6, "NORTHERN STATES POWER CO - MINNESOTA", "INVESTOR_OWNED_UTILITY", "ND", False),
        ],
        columns=["eia_id", "name", "segment", "state", "misdrawn"],
    )
    assert misdrawn(pieces).tolist() == pieces["misdrawn"].tolist()


def test_later_areas_cover_earlier_ones_and_near_gaps_are_filled() -> None:
    """A town of 10 km in a square of 40 km keeps its ground; both reach 15 km beyond what is drawn and no farther."""
    shown = painted(squares(km=[40, 10], code=["around", "town"]), "code", (-1e5, 9e5, 2e5, 1.2e6)).set_index("code").geometry
    assert shown["town"].contains(shapely.Point(5 * KM, 1e6 + 5 * KM))
    assert not shown["around"].intersects(shapely.Point(5 * KM, 1e6 + 5 * KM))
    assert shown["around"].contains(shapely.Point(52 * KM, 1e6 + 20 * KM))
    assert shown["around"].bounds[2] < 56 * KM
    assert shown["around"].intersection(shown["town"]).area == 0
