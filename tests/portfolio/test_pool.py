"""Campuses of a finished run as arrays."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.errors import DataError
from sitefinder.portfolio.pool import YEARS, choosable, read_run_sites
from sitefinder.portfolio.values import MW_AT, at_luck
from tests.helpers.portfolio_cases import campus, curve, sites_of, write_run


def test_unknown_megawatts_count_as_the_value_below():
    """No P10 is nothing, no P50 is the P10: a site has to show what it claims."""
    row = campus(0) | {"mw_p10_2033": None, "mw_p50_2034": None, "mw_p10_2034": 400.0, "mw_p90_2034": 700.0}
    rows = [row | {f"mw_{q}_{y}": None for y in YEARS[:7] for q in ("p10", "p50", "p90")}]
    mw = sites_of(rows).mw
    assert mw[0, 6].tolist() == [0.0, 0.0, 0.0]
    assert mw[0, 7].tolist() == [0.0, 1000.0, 1000.0]
    assert mw[0, 8].tolist()[0] == 400.0
    assert (np.diff(mw, axis=1) >= 0).all()


def test_sites_without_costs_or_dates_are_left_out_with_a_reason():
    """Missing is not average."""
    dark = dict.fromkeys(curve(2030))
    rows = [campus(0), campus(1, capex_musd_mid=None), campus(2, **dark), campus(3, power_hybrid_musd_yr_mid=None)]
    sites = sites_of(rows)
    assert sites.ids == ["S000"]
    assert sites.left_out == {
        "S001": "capital unknown",
        "S002": "megawatts by date unknown",
        "S003": "cost of energy unknown",
    }


def test_means_lie_between_the_quantiles_and_add_up():
    """The mean is 0.3 P10 + 0.4 P50 + 0.3 P90, as that of many draws."""
    sites = sites_of([campus(0, mw_p10_2030=100.0, mw_p50_2030=400.0, mw_p90_2030=900.0)])
    assert sites.mw_by(2030, "mean").tolist() == pytest.approx([460.0])
    assert sites.mw_by(2030, "p10").tolist() == [100.0]
    u = (np.arange(4000)[None] + 0.5) / 4000
    assert at_luck(u, MW_AT, sites.mw[:, 4]).mean() == pytest.approx(460.0, abs=0.1)


def test_distances_are_great_circles():
    """A degree of latitude is 111.2 km on the mean sphere."""
    sites = sites_of([campus(0, lat=35.0, lon=-100.0), campus(1, lat=36.0, lon=-100.0)])
    assert sites.apart_km[0, 1] == pytest.approx(111.195, abs=0.01)
    assert sites.apart_km[0, 0] == 0.0


def test_unknown_groups_are_one_group():
    """A site of unknown market region does not escape the cap."""
    assert choosable([campus(0, rto=None)], [{}], 1000.0).groups("rto") == ["unknown"]


def test_a_run_is_read_from_its_folder(tmp_path):
    """Sites and the load of one campus."""
    sites = sites_of([campus(0), campus(1)])
    found = read_run_sites(write_run(tmp_path, sites))
    assert found.ids == sites.ids
    assert found.project_mw == 1000.0


@pytest.mark.parametrize("name", ["sites.geojson", "run.json"])
def test_a_missing_file_is_named(name, tmp_path):
    """One line with the file and the remedy."""
    write_run(tmp_path, sites_of([campus(0)]))
    (tmp_path / name).unlink()
    with pytest.raises(DataError, match=name):
        read_run_sites(tmp_path)


def test_a_damaged_manifest_is_named(tmp_path):
    """A file that is not JSON is refused with its name."""
    write_run(tmp_path, sites_of([campus(0)]))
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="Damaged"):
        read_run_sites(tmp_path)


def test_a_list_without_costs_says_which_section_is_missing(tmp_path):
    """The remedy names the section that fills the column."""
    sites = sites_of([campus(0)])
    sites.rows[0].pop("capex_musd_mid")
    with pytest.raises(DataError, match="section 'costs'"):
        read_run_sites(write_run(tmp_path, sites))
