"""Sales tax and large-load terms by state."""

from __future__ import annotations

import pandas as pd
import pytest

from sitefinder.compiling.base import Compiler
from sitefinder.compiling.state_costs import SALES_TAX_PCT, TARIFFS_RAW, compile_state_costs, large_load_terms
from tests.helpers.paths import DATA, ROOT

RAW = ROOT.parent / "shared" / "data"
needs_raw = pytest.mark.skipif(not (RAW / TARIFFS_RAW).exists(), reason="the raw downloads are not on this machine")


def test_every_state_has_a_sales_tax():
    """The contiguous states and DC, those without a tax at zero, none above the highest known combined rate."""
    tax = pd.read_parquet(DATA / "policy/sales_tax.parquet").set_index("state")
    assert set(tax.index) == set(pd.read_parquet(DATA / "policy/state_policy.parquet")["state"])
    assert set(tax.index[tax["state_rate"] == 0]) == {"DE", "MT", "NH", "OR"}
    assert tax.sum(axis=1).idxmax() == "LA"
    assert tax.sum(axis=1).max() == pytest.approx(0.1012)


@pytest.mark.parametrize(
    ("state", "combined"), [("TN", 9.56), ("AR", 9.46), ("WA", 9.43), ("AL", 9.43), ("WY", 5.44), ("WI", 5.70)]
)
def test_combined_rates_are_those_of_the_report(state, combined):
    """The combined rates that the text of the Tax Foundation's report of 2025 gives."""
    assert sum(SALES_TAX_PCT[state]) == pytest.approx(combined)


def test_terms_are_ranges_over_tariffs_in_force():
    """Suspended tariffs and those for ordinary customers do not count; a utility in two states counts in both."""
    raw = pd.DataFrame(
        {
            "state": ["OH", "OH", "VA/WV", "FL", "AK"],
            "data_center_specific": [True, False, False, True, True],
            "min_load_mw": [1.0, 1.0, 50.0, 50.0, 50.0],
            "status": ["Active", "Active", "Active", "Suspended", "Active"],
            "initial_term_years": [12, 1, 14, 20, 5],
            "protections.minimum_demand_pct": [85.0, 0.0, 80.0, 90.0, 0.0],
        }
    )
    terms = large_load_terms(raw).set_index("state")
    assert list(terms.index) == ["OH", "VA", "WV"]
    assert terms.loc["OH"].tolist() == [1, 12, 12, 85, 85]


def test_compiled_terms_are_plausible():
    """Years and percentages in their ranges."""
    terms = pd.read_parquet(DATA / "policy/large_load_terms.parquet")
    assert terms["state"].is_unique
    assert terms["years_low"].between(1, 30).all()
    assert (terms["years_high"] >= terms["years_low"]).all()
    assert terms[["least_demand_pct_low", "least_demand_pct_high"]].stack().between(0, 100).all()


@needs_raw
def test_compiling_again_gives_the_same_tables(tmp_path):
    """The committed files are what the code makes."""
    compile_state_costs(Compiler(RAW, tmp_path))
    for name in ("policy/sales_tax.parquet", "policy/large_load_terms.parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / name), pd.read_parquet(DATA / name))
