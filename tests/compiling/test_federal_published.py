"""The published table of federal land."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from sitefinder.compiling.federal_published import FEDERAL_PCT, NOT_COUNTED_PCT
from tests.helpers.paths import DATA

#: the "coterminous western states" of the report's summary
WEST = {"AZ", "CA", "CO", "ID", "MT", "NV", "NM", "OR", "UT", "WA", "WY"}


def test_the_table_holds_every_contiguous_state():
    """48, the capital left out."""
    assert set(FEDERAL_PCT) == set(gpd.read_parquet(DATA / "boundaries" / "states.parquet")["code"]) - {"DC"}


def test_the_table_adds_up_to_the_summary_of_the_report():
    """45.9 % of eleven western states and 4.1 % of the others, here without Hawaii, weighted by area."""
    states = gpd.read_parquet(DATA / "boundaries" / "states.parquet").set_index("code")
    area = states.area.loc[list(FEDERAL_PCT)]
    share = pd.Series(FEDERAL_PCT)
    west = share.index.isin(WEST)
    assert (share * area)[west].sum() / area[west].sum() == pytest.approx(45.9, abs=0.3)
    assert (share * area)[~west].sum() / area[~west].sum() == pytest.approx(4.1, abs=0.2)


def test_what_the_table_leaves_out_is_land():
    """Nothing exceeds a state."""
    assert all(0.0 < pct < 100.0 - FEDERAL_PCT[state] for state, pct in NOT_COUNTED_PCT.items())
