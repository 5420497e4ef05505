"""Compiled community precedents."""

from __future__ import annotations

import pandas as pd
import pytest

from sitefinder.compiling.base import Compiler
from sitefinder.compiling.precedents import PRECEDENTS_RAW, compile_precedents
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / PRECEDENTS_RAW).exists(), reason="the raw downloads are not on this machine")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_parquet(DATA / "policy/community_precedents.parquet")


def test_every_county_has_one_row(table: pd.DataFrame) -> None:
    """The counties of the map, whether or not anything happened there."""
    counties = pd.read_parquet(DATA / "boundaries/counties.parquet", columns=["fips"])["fips"]
    assert sorted(counties) == table["fips"].tolist()


def test_decided_events_are_those_with_an_outcome(table: pd.DataFrame) -> None:
    """Blocked, went ahead or mixed."""
    assert (table["decided"] == table["blocked"] + table["went_ahead"] + table["mixed"]).all()
    assert (table.drop(columns=["fips", "last_event"]) >= 0).all().all()


def test_county_without_events_has_no_date(table: pd.DataFrame) -> None:
    """And one with a decided or open event has one."""
    any_event = table["decided"] + table["open"] > 0
    assert table.loc[any_event, "last_event"].notna().all()
    assert table.loc[~any_event, "last_event"].isna().all()


def test_well_known_county_is_there(table: pd.DataFrame) -> None:
    """Prince William, Virginia, fought over the largest campus of its day."""
    assert table.set_index("fips").loc["51153", "decided"] > 0


@needs_raw
def test_compiling_again_gives_the_same_file(tmp_path) -> None:
    """Byte by byte, with the counts of the source."""
    compile_precedents(Compiler(RAW, tmp_path))
    name = "policy/community_precedents.parquet"
    assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
    raw = pd.read_csv(RAW / PRECEDENTS_RAW)
    written = pd.read_parquet(tmp_path / name)
    assert written["blocked"].sum() <= raw["blocked_or_withdrawn"].sum()
    assert written["blocked"].sum() >= 0.98 * raw["blocked_or_withdrawn"].sum()
