"""Campuses of a finished run as arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sitefinder.columns import Quantiles
from sitefinder.config.delivery import YEARS
from sitefinder.config.portfolio import CAPPED
from sitefinder.errors import DataError
from sitefinder.portfolio.pool import GROUPS, pool_of
from sitefinder.portfolio.values import MW_AT, at_luck
from sitefinder.results.run import read_run
from tests.helpers.portfolio_cases import campus, curve, pool_with, write_run
from tests.helpers.records import run as run_of


def test_unknown_megawatts_count_as_the_value_below():
    """No P10 is nothing, no P50 is the P10: a site has to show what it claims."""
    late = {"mw_p10_2033": None, "mw_p50_2034": None, "mw_p10_2034": 400.0, "mw_p90_2034": 700.0}
    early = {f"mw_{q}_{y}": None for y in YEARS[:7] for q in Quantiles._fields}
    mw = pool_with([campus(0, **early, **late)]).mw
    assert mw[0, 6].tolist() == [0.0, 0.0, 0.0]
    assert mw[0, 7].tolist() == [0.0, 1000.0, 1000.0]
    assert mw[0, 8].tolist()[0] == 400.0
    assert (np.diff(mw, axis=1) >= 0).all()


def test_sites_without_costs_or_dates_are_left_out_with_a_reason():
    """Missing is not average."""
    dark = dict.fromkeys(curve(2030))
    rows = [campus(0), campus(1, capex_musd_mid=None), campus(2, **dark), campus(3, power_hybrid_musd_yr_mid=None)]
    rows.append(campus(4, pathway=None))
    pool = pool_with(rows)
    assert pool.ids == ["S000"]
    assert pool.left_out == {
        "S001": "capital unknown",
        "S002": "megawatts by date unknown",
        "S003": "cost of energy unknown",
        "S004": "pathway to power unknown",
    }


def test_means_lie_between_the_quantiles_and_add_up():
    """The mean is 0.3 P10 + 0.4 P50 + 0.3 P90, as that of many draws."""
    pool = pool_with([campus(0, mw_p10_2030=100.0, mw_p50_2030=400.0, mw_p90_2030=900.0)])
    assert pool.mw_by(2030, "mean").tolist() == pytest.approx([460.0])
    assert pool.mw_by(2030, "p10").tolist() == [100.0]
    u = (np.arange(4000)[None] + 0.5) / 4000
    assert at_luck(u, MW_AT, pool.mw[:, 4]).mean() == pytest.approx(460.0, abs=0.1)


def test_distances_are_great_circles():
    """A degree of latitude is 111.2 km on the mean sphere."""
    pool = pool_with([campus(0, lat=35.0, lon=-100.0), campus(1, lat=36.0, lon=-100.0)])
    assert pool.apart_km[0, 1] == pytest.approx(111.195, abs=0.01)
    assert pool.apart_km[0, 0] == 0.0


def test_unknown_groups_are_one_group():
    """A site of unknown market region does not escape the cap."""
    assert pool_with([campus(0, rto=None)]).groups("rto") == ["unknown"]


def test_every_property_with_a_cap_has_groups():
    """What the configuration can cap is what a record can be grouped by."""
    assert set(CAPPED) <= set(GROUPS)


def test_a_run_is_read_from_its_folder(tmp_path):
    """Sites and the load of one campus."""
    pool = pool_with([campus(0), campus(1)])
    again = pool_of(read_run(write_run(tmp_path, pool)))
    assert again.ids == pool.ids
    assert again.project_mw == 1000.0
    assert again.mw.tolist() == pool.mw.tolist()


@pytest.mark.parametrize("name", ["sites.geojson", "run.json"])
def test_a_missing_file_is_named(name, tmp_path):
    """One line with the file and the remedy."""
    write_run(tmp_path, pool_with([campus(0)]))
    (tmp_path / name).unlink()
    with pytest.raises(DataError, match=name):
        pool_of(read_run(tmp_path))


def test_a_damaged_manifest_is_named(tmp_path):
    """A file that is not JSON is refused with its name."""
    write_run(tmp_path, pool_with([campus(0)]))
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="Damaged"):
        pool_of(read_run(tmp_path))


@pytest.mark.parametrize(("part", "section"), [("power", "delivery"), ("costs", "costs")])
def test_a_list_without_a_part_says_which_section_is_missing(part, section):
    """The remedy names the section that fills the columns; the other part being there does not help."""
    sites = [dataclasses.replace(campus(i), **{part: None}) for i in range(2)]
    with pytest.raises(DataError, match=f"section '{section}'"):
        pool_of(run_of(sites))
