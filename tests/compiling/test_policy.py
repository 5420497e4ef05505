"""Compiled policy products."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from sitefinder.compiling.base import CRS, FRAME, Compiler
from sitefinder.compiling.policy import (
    MORATORIA_RAW,
    compile_policy,
    enactment_date,
    expiry_date,
    incentive_kind,
    minimum_investment,
    settled,
)
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / MORATORIA_RAW).exists(), reason="the raw downloads are not on this machine")
STATUSES = {"active", "extended", "pending", "expired", "rescinded", "replaced"}


@pytest.fixture(scope="module")
def moratoria() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / "policy/moratoria.parquet")


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    return gpd.read_parquet(DATA / "boundaries/counties.parquet").set_index("fips")


def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(DATA / f"policy/{name}.parquet")


def instrument(**changes: object) -> pd.Series:
    row = {
        "duration": "6 months",
        "current_status": "Active",
        "duration_kind": "fixed_days",
        "duration_days": 180.0,
        "enacted_status": "active",
        "enacted": "2026-01-01",
        "date_enacted_iso": "2026-01-01",
    }
    return pd.Series(row | changes)


@pytest.mark.parametrize("name", ["moratoria", "doe_sites"])
def test_points_lie_in_the_frame(name: str) -> None:
    """All points are in the common projection and inside the study frame."""
    frame = gpd.read_parquet(DATA / f"policy/{name}.parquet")
    west, south, east, north = frame.total_bounds
    assert frame.crs == CRS
    assert FRAME[0] <= west <= east <= FRAME[2]
    assert FRAME[1] <= south <= north <= FRAME[3]


def test_moratoria_have_known_states(moratoria: gpd.GeoDataFrame) -> None:
    """Each entry has one of six states, a place and a unique identifier."""
    assert len(moratoria) == 220
    assert set(moratoria["status"]) == STATUSES
    assert moratoria["moratorium_id"].is_unique


def test_what_holds_is_known_of_all_entries_but_one(moratoria: gpd.GeoDataFrame) -> None:
    """Six bans, one of them of mining alone; the five of data centers with their day; only Buncombe County is not known."""
    counts = moratoria["rule"].value_counts()
    assert counts.to_dict() == {"moratorium": 146, "none": 26, "proposal": 21, "ordinance": 17, "ban": 6, "near_ban": 3}
    bans = moratoria[moratoria["rule"].eq("ban") & moratoria["covers_data_centers"]].set_index("moratorium_id")["rule_since"]
    assert bans.to_dict() == {
        "ca-monterey-park-2026": "2026-04-20",
        "ga-fayetteville-2026": "2026-03-05",
        "in-marshall-county-2025": "2026-04-20",
        "nc-clay-county-2026": "2026-01-08",
        "tn-hawkins-county-2025": "2025-09-22",
    }
    assert moratoria.loc[moratoria["rule"].isna(), "moratorium_id"].tolist() == ["nc-buncombe-county-2023"]


def test_states_with_a_bill_are_those_of_the_source() -> None:
    """Seven pending bills in October 2026; Illinois and Delaware are unknown."""
    policy = table("state_policy").set_index("state")["moratorium_bill"]
    assert sorted(policy.index[policy == "yes"]) == ["MI", "NC", "NJ", "NY", "OH", "PA", "VA"]
    assert sorted(policy.index[policy.isna()]) == ["DE", "IL"]


def test_moratoria_lie_in_their_state(moratoria: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> None:
    """The county under the point belongs to the state of the instrument."""
    assert (moratoria["fips"].map(counties["state"]) == moratoria["state"]).all()


def test_county_instruments_lie_in_the_county_they_name(moratoria: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> None:
    """'Tama County' stands in Tama County."""
    wide = moratoria[moratoria["county_wide"]]
    names = wide["fips"].map(counties["name"])
    pairs = zip(wide["jurisdiction"], names, strict=True)
    assert [j for j, n in pairs if n.lower().replace(".", "") not in j.lower().replace(".", "")] == []


def test_moratoria_end_after_they_begin(moratoria: gpd.GeoDataFrame) -> None:
    """Where both dates are known the expiry is later."""
    both = moratoria.dropna(subset=["enacted", "expires"])
    assert len(both) > 120
    assert (both["expires"] > both["enacted"]).all()


def test_active_moratoria_had_not_run_out_when_registered(moratoria: gpd.GeoDataFrame) -> None:
    """The register closed on 2026-04-30; an active entry with an earlier expiry is a parsing error."""
    active = moratoria[moratoria["status"].isin(["active", "extended"]) & moratoria["expires"].notna()]
    assert len(active) > 100
    assert active["expires"].min() >= "2026-04-30"


def test_pending_moratoria_have_no_dates(moratoria: gpd.GeoDataFrame) -> None:
    """What is not enacted has neither a beginning nor an end."""
    pending = moratoria[moratoria["status"] == "pending"]
    assert len(pending) > 10
    assert pending[["enacted", "expires"]].isna().all(axis=None)


def test_mining_only_moratoria_are_marked(moratoria: gpd.GeoDataFrame) -> None:
    """Entries about cryptocurrency mining alone do not bind data centers."""
    entry = moratoria.set_index("moratorium_id")["covers_data_centers"]
    assert not entry["ia-jackson-county-2024"]
    assert entry["ne-red-willow-county-2025"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "2026-06-30"),
        ({"duration": "Initial moratorium through 2026-03-06; extended through 2026-06-05"}, "2026-06-05"),
        ({"duration": "Through end of 2026", "duration_kind": "until_date"}, "2026-12-31"),
        ({"duration": "Until the earlier of 2027-01-01 or 90 days after a report"}, "2027-01-01"),
        ({"enacted_status": "extended", "duration": "Extended several times"}, None),
        ({"duration_kind": "indefinite", "duration_days": float("nan"), "duration": "Indefinite"}, None),
        ({"duration": "12 months", "current_status": "no repeal in minutes through 2026-04-27"}, "2026-06-30"),
    ],
)
def test_expiry_of_an_instrument(changes: dict[str, object], expected: str | None) -> None:
    """The last date named as the end wins, then the fixed term; an extension without a date is unknown."""
    assert expiry_date(instrument(**changes)) == expected


def test_vague_dates_of_enactment_are_unknown() -> None:
    """A month alone is not a date, and a proposal has none."""
    assert enactment_date(instrument()) == "2026-01-01"
    assert enactment_date(instrument(date_enacted_iso="2026-01")) is None
    assert enactment_date(instrument(enacted_status="pending")) is None


def test_state_policy_covers_every_state_once(counties: gpd.GeoDataFrame) -> None:
    """48 states and DC; DC is unknown rather than 'none'."""
    policy = table("state_policy").set_index("state")
    assert set(policy.index) == set(counties["state"])
    assert policy.index.is_unique
    assert pd.isna(policy.loc["DC", "incentive"])


def test_state_policy_known_facts() -> None:
    """Virginia and Texas have a statewide exemption, Oregon local ones, California none; South Dakota taxes no income."""
    policy = table("state_policy").set_index("state")
    assert policy.loc[["VA", "TX", "OR", "CA"], "incentive"].tolist() == ["statewide", "statewide", "local_only", "none"]
    assert policy.loc["SD", "corporate_tax_rate"] == 0.0
    assert policy["corporate_tax_rate"].dropna().between(0.0, 0.12).all()


def test_threshold_is_the_range_of_the_amounts() -> None:
    """Several amounts make a range; words without a number make nothing."""
    assert minimum_investment("$150M / $70M for distressed areas") == "70-150 million USD"
    assert minimum_investment("100 MW or greater IT load") == "100 MW"
    assert minimum_investment("Varies by program") is None


def test_taxes_of_an_incentive_are_named_once() -> None:
    """Arizona calls its sales tax TPT."""
    assert incentive_kind("TPT and Use Tax Exemption") == "sales_tax"
    assert incentive_kind(float("nan")) is None


def test_energy_communities_are_current_counties(counties: gpd.GeoDataFrame) -> None:
    """Codes of counties that no longer exist were replaced, none is repeated; a coal county is included."""
    codes = table("energy_communities")["fips"]
    assert codes.is_unique
    assert codes.isin(counties.index).all()
    assert "54045" in set(codes)


def test_land_value_is_positive_or_unknown() -> None:
    """Negative values of the source are unknown, and land in Loudoun County is dearer than around Abilene."""
    value = table("county_economy").set_index("fips")["land_value_usd_per_acre"]
    assert value.min() > 0
    assert 2000 < value.notna().sum() < 2300
    assert value["51107"] > value["48441"]


def test_employment_counts_the_joint_units_of_virginia() -> None:
    """Fairfax County carries the figure of its joint unit, the cities inside it none; the nation has some 200 million jobs."""
    jobs = table("county_economy").set_index("fips")["employment"]
    assert jobs["51059"] > 900_000
    assert pd.isna(jobs["51600"])
    assert 1.9e8 < jobs.sum() < 2.1e8


def test_doe_sites_include_the_first_four() -> None:
    """Four sites were selected in July 2025: Idaho, Oak Ridge, Paducah and Savannah River."""
    sites = table("doe_sites")
    assert len(sites) == 19
    assert set(sites.loc[sites["status"] == "selected", "state"]) == {"ID", "TN", "KY", "SC"}


@needs_raw
def test_policy_is_reproduced_from_the_raw_files(tmp_path: Path) -> None:
    """Compiling again gives the committed moratoria."""
    compile_policy(Compiler(RAW, tmp_path))
    again = gpd.read_parquet(tmp_path / "policy/moratoria.parquet")
    pd.testing.assert_frame_equal(
        again.drop(columns="geometry"), gpd.read_parquet(DATA / "policy/moratoria.parquet").drop(columns="geometry")
    )


def test_sources_that_disagree_are_settled() -> None:
    """By hand: a pause goes before the list, a sure "no" takes its tax out, an unsure one is unknown, a listed tariff is one."""
    columns = [
        "state",
        "incentive",
        "incentive_kind",
        "minimum_investment",
        "sales_tax_exemption",
        "large_load_tariff",
        "confidence",
    ]
    rows = [
        ("OH", "statewide", "sales_tax", "1 MW", "paused", "yes", "high"),
        ("NE", "statewide", "sales_tax", None, "no", None, "low"),
        ("XX", "statewide", "property_tax;sales_tax", None, "no", "no", "high"),
        ("YY", "statewide", "sales_tax", None, "no", "no", "med"),
        ("AR", "statewide", "sales_tax", None, "yes", "no", "med"),
        ("MT", "statewide", "property_tax", None, "no", "no", "med"),
    ]
    out = settled(pd.DataFrame(rows, columns=columns), pd.Series(["AR"])).set_index("state")
    assert out["incentive"].to_dict() == {
        **{"OH": "paused", "NE": "statewide", "XX": "statewide", "YY": "none", "AR": "statewide", "MT": "statewide"}
    }
    assert out.loc["XX", "incentive_kind"] == "property_tax"
    assert pd.isna(out.loc["NE", "sales_tax_exemption"])
    assert out["large_load_tariff"].fillna("?").to_list() == ["yes", "?", "no", "no", "yes", "no"]


def test_no_state_says_two_things_about_its_taxes_or_tariffs() -> None:
    """On the shipped files: no paused or refused sales-tax relief is called statewide, every listed tariff is a tariff."""
    policy = table("state_policy").set_index("state")
    sales = policy["incentive_kind"].fillna("").str.contains("sales_tax") & (policy["incentive"] == "statewide")
    assert not (sales & policy["sales_tax_exemption"].isin(["paused", "no"])).any()
    assert policy.loc[["OH", "IL", "AZ", "MA"], "incentive"].tolist() == ["paused"] * 4
    listed = pd.read_parquet(DATA / "policy/large_load_terms.parquet")["state"]
    assert (policy.loc[listed, "large_load_tariff"] == "yes").all()
