"""Capacity of gas pipeline companies: names matched, nothing guessed."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from sitefinder.compiling.base import Compiler
from sitefinder.compiling.gas_capacity import (
    ALIASES,
    CAPACITY_RAW,
    EXPORT_LINES,
    LEAST_MMCFD,
    compile_gas_capacity,
    match,
    originals,
    plain,
)
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / CAPACITY_RAW).exists(), reason="the raw downloads are not on this machine")


@pytest.fixture(scope="module")
def capacity() -> pd.DataFrame:
    """The compiled table."""
    return pd.read_parquet(DATA / "gas/pipeline_capacity.parquet").set_index("pipeline")


def test_names_exist_once_in_the_map_of_pipelines(capacity):
    """Every row belongs to mapped pipelines, each name once."""
    lines = gpd.read_parquet(DATA / "gas/pipelines.parquet")
    assert capacity.index.is_unique
    assert set(capacity.index) - EXPORT_LINES <= set(lines["pipeline"][lines["kind"] == "interstate"])


def test_most_interstate_kilometres_are_matched(capacity):
    """Over nine tenths of the length, about three quarters of the names; the rest is unknown."""
    lines = gpd.read_parquet(DATA / "gas/pipelines.parquet")
    lines = lines[lines["kind"] == "interstate"]
    known = lines["pipeline"].map(capacity["mmcfd"]).notna()
    assert lines.length[known].sum() / lines.length.sum() > 0.93
    assert 0.65 < capacity["mmcfd"].notna().mean() < 0.85


def test_known_systems_have_their_known_size(capacity):
    """Rockies Express was built for 1.8 to 2.6 Bcf/d, Transco is the largest."""
    assert 1800 <= capacity.loc["Rockies Express Pipeline", "mmcfd"] <= 2600
    assert capacity["mmcfd"].idxmax() == "Transcontinental Gas PL"
    assert capacity.loc["Northwest Pipeline", "mmcfd"] != capacity.loc["Gas Transmission - Northwest", "mmcfd"]


def test_branches_and_intrastate_systems_stay_unknown(capacity):
    """A lateral does not carry what the main line does; a border figure says nothing about a system within a state."""
    assert pd.isna(capacity.loc["Rockies Express (Entrega)", "mmcfd"])
    assert not {"Southern California Gas Co", "Northwestern Energy Co", "Houston Pipeline Co"} & set(capacity.index)
    assert capacity["mmcfd"].min() >= LEAST_MMCFD


def test_derived_spellings_are_dropped():
    """A name with letters left out is no second company; another figure is."""
    given = {"PENN YORK ENERGY CORP": 95.0, "PENN YORK ENERGYRP": 95.0, "PENN": 10.0}
    assert originals(given) == {"PENN YORK ENERGY CORP": 95.0, "PENN": 10.0}


def test_names_are_compared_without_forms_and_abbreviations():
    """Two registers spell the same company differently."""
    assert plain("Southern Star Central Gas PL Co") == plain("SOUTHERN STAR CENTRAL GAS PL CO")
    assert plain("Natural Gas PL Co of Am") == plain("NAT GAS P L CO OF AMERICA")


def test_an_ambiguous_name_is_not_matched():
    """Two candidates, or two pipelines for one candidate, are no match."""
    assert match(["Sable Gas Co"], {"SABLE PIPELINE": 1.0, "SABLE TRANSMISSION": 2.0}) == {}
    assert match(["Sable Gas Co", "Sable Pipeline"], {"SABLE TRANSMISSION": 1.0}) == {}
    assert match(["Sable Gas Co"], {"SABLE TRANSMISSION": 1.0}) == {"Sable Gas Co": "SABLE TRANSMISSION"}


@needs_raw
def test_compiling_again_gives_the_same_table(tmp_path, capacity):
    """The committed file is what the code makes; every alias names something that exists."""
    compile_gas_capacity(Compiler(RAW, tmp_path))
    again = pd.read_parquet(tmp_path / "gas/pipeline_capacity.parquet").set_index("pipeline")
    pd.testing.assert_frame_equal(again, capacity)
    assert again.loc[list(ALIASES), "mmcfd"].notna().all()
