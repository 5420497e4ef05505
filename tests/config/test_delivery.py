"""The ``delivery`` section: months, regions, voltages, and how mistakes in it are refused."""

from __future__ import annotations

import datetime
import shutil

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.config.delivery import REGIONS
from sitefinder.errors import ConfigError
from tests.helpers.paths import ROOT


@pytest.fixture(scope="module")
def delivery(default_config):
    """The shipped section."""
    return default_config.config.delivery


def refusal(path, overrides):
    """Message of the refusal."""
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides)
    return str(caught.value)


def test_months_run_from_the_first_day_to_the_last(delivery):
    """The start month itself is one month long; two years later 25 have passed."""
    assert delivery.start == "2026-12"
    assert [delivery.months_to_end_of(m) for m in ("2026-12", "2028-12")] == [1, 25]


def test_dates_in_the_file_are_read_like_those_on_the_command_line(default_path, tmp_path):
    """YAML makes a date of 2030-06-15 by itself."""
    path = tmp_path / "my.yaml"
    path.write_text(f"extends: {default_path}\nproject:\n  energise_by: 2030-06-15\n")
    assert datetime.date(2030, 6, 15).strftime("%Y-%m") == load_config(path).config.project.energise_by


def test_a_deadline_before_the_start_is_refused(default_path):
    """Nothing can be delivered before the site is chosen."""
    message = refusal(default_path, {"project.energise_by": "2026-05"})
    assert "lies before delivery.start (2026-12)" in message


def test_an_unknown_pathway_is_refused(default_path):
    """The message lists the pathways."""
    assert "'onsite_gas'" in refusal(default_path, {"project.pathway": "solar"})


@pytest.mark.parametrize(
    ("old", "new", "place", "why"),
    [
        ("agreement: [2, 4, 9]", "agreement: [9, 4, 2]", "delivery.grid.agreement", "out of order"),
        ("agreement: [2, 4, 9]", "agrement: [2, 4, 9]", "delivery.grid.agrement", "did you mean 'agreement'?"),
        ("ERCOT: [5, 11, 24]", "ERCT: [5, 11, 24]", "delivery.grid.study", "nknown region 'ERCT'"),
        ("elsewhere: [3, 12, 36]", "", "delivery.grid.study", "'elsewhere' is missing"),
        ("routing_factor: [1.0, 1.3, 1.44]", "routing_factor: [0.9, 1.3, 1.44]", "delivery.grid.routing_factor", "at least 1"),
        ("block_mw: 50", "block_mw: 0", "delivery.gas.fast.block_mw", "greater than 0"),
        ("process: [5, 9, 18]", "process: 9", "delivery.reuse.process", "Not a range"),
        ("mw_per_year: [100, 250, 600]", "mw_per_year: [0, 250, 600]", "delivery", "must be above 0"),
    ],
)
def test_mistakes_are_told_with_file_line_and_key(tmp_path, old, new, place, why):
    """Each mistake is answered in one line that names where it stands and what is wrong."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    path = tmp_path / "config" / "assumptions" / "delivery.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    message = refusal(tmp_path / "config" / "default.yaml", {}).splitlines()
    line = next(m for m in message if why in m)
    assert f": {place}" in line
    assert f"{path}:" in line


def test_every_market_region_of_the_data_has_ranges(delivery, package):
    """A region that the data name is not served by the fallback without anyone having decided so."""
    import geopandas

    codes = geopandas.read_parquet(package.verified("share_alike/rto_regions.parquet"))["code"]
    assert set(codes) == set(REGIONS)
    assert set(REGIONS) < set(delivery.grid.study)
    assert set(REGIONS) < set(delivery.grid.upgrade)


def test_land_without_a_region_takes_the_widest_range(delivery):
    """Where nobody is known to plan, the study may be quick or slow."""
    named, none = delivery.grid.by_region("study", ["SPP", None])
    assert named.tolist() == list(delivery.grid.study["SPP"])
    assert none.tolist() == list(delivery.grid.study["elsewhere"])


def test_a_longer_line_takes_longer_and_a_missing_class_takes_the_next_lower(delivery):
    """20 km straight are 26 km routed; 765 kV counts as 500 kV and 138 kV as 230 kV."""
    base, more = (np.array(v) for v in (delivery.grid.line[345].base, delivery.grid.line[345].per_10_km))
    found = delivery.grid.line_months(np.array([345, 345]), np.array([0.0, 20.0]))
    np.testing.assert_allclose(found, [base, base + 2.6 * more], rtol=1e-6)
    odd = delivery.grid.line_months(np.array([765, 138]), np.array([5.0, 5.0]))
    np.testing.assert_allclose(odd, delivery.grid.line_months(np.array([500, 230]), np.array([5.0, 5.0])))


def test_a_configuration_without_the_section_still_loads(default_path, tmp_path):
    """Older files stay valid; the run says that it leaves the dates out."""
    path = tmp_path / "my.yaml"
    path.write_text(f"extends: {default_path}\ndelivery: null\nconnections: null\n")
    assert load_config(path).config.delivery is None


def test_numbers_in_the_documentation_are_those_of_the_configuration(delivery):
    """Ranges stand in the configuration alone; the page repeats these few."""
    page = " ".join((ROOT / "docs" / "delivery.md").read_text().split())
    cut_in, reuse, first = delivery.grid.cut_in, delivery.reuse, delivery.grid.first
    circuits = ", ".join(f"{mw:,.0f}" for mw in cut_in.circuit_mw.values())
    for said in (
        f"({circuits} MW at {', '.join(map(str, cut_in.circuit_mw))} kV)",
        f"counts as {cut_in.worth_km:g} km of line",
        f"{reuse.chance_open:.0%} while it runs".replace("%", " %"),
        f"{reuse.chance_recent:.0%} up to three years, {reuse.chance_older:.0%} later".replace("%", " %"),
        f"straight distance times {delivery.grid.routing_factor[1]:g} (`grid.routing_factor`)",
        f"within {delivery.planned.within_km:g} km",
        f"within {delivery.grid.claimed.within_km:g} km of a station",
        f"nearest line of {first.smallest_kv:g} kV and more ({min(first.line_mw)} kV where that carries the load)",
        f"Within {delivery.grid.search_km:g} km".lower(),
        f"may run {delivery.flexible.emergency_engines.other:g} hours a year in other use",
        f"The first {delivery.gas.permit.minor_mw:g} MW may come under a minor permit",
        f"{delivery.pace.utility:.2f} times too short, those of a first hall {delivery.pace.halls:.2f} times",
    ):
        assert said in page, said
