"""The command headroom."""

from __future__ import annotations

import csv
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sitefinder.cli.headroom import headroom
from sitefinder.config.added import GivenStations
from sitefinder.errors import DataError
from sitefinder.layers.given_stations import read_given
from tests.helpers.network import BUSES, tables
from tests.helpers.paths import DATA


@pytest.fixture
def group() -> click.Group:
    """The command line with this command alone."""
    group = click.Group()
    group.add_command(headroom)
    return group


def test_the_mapped_network_has_the_report_of_the_document(group: click.Group) -> None:
    """Stations by class, as docs/grid-capacity.md has them."""
    done = CliRunner().invoke(group, ["headroom", "--data", str(DATA)], catch_exceptions=False)
    assert "345 kV      1,508  1,606 (793-3,045)" in done.output


def test_a_network_of_a_planner_can_be_ranked_with(group: click.Group, tmp_path: Path) -> None:
    """The table is one of stations with kV and MW; west longitudes are numbers."""
    case, out = tables(tmp_path / "net"), tmp_path / "out"
    done = CliRunner().invoke(group, ["headroom", "--case", str(case), "--out", str(out)], catch_exceptions=False)
    assert "3 of 4 buses" in done.output
    assert "delivery.grid.stations={file:" in done.output
    given = read_given(GivenStations(file=str(out / "headroom.csv")))
    rows = list(csv.DictReader((out / "headroom.csv").open(encoding="utf-8")))
    assert given.name.tolist() == ["Alpha", "Beta", "Gamma"]
    assert given.out_mw.tolist() == [float(row["n1_mw"]) for row in rows]
    assert given.intact_mw.tolist() == [float(row["n0_mw"]) for row in rows]
    assert float(rows[0]["lon"]) == -83.0


def test_a_network_without_places_says_so(group: click.Group, tmp_path: Path) -> None:
    """How to give them is part of the answer; a wrong file leaves nothing behind."""
    bare = BUSES.replace("lat,lon", "north,east")
    arguments = ["headroom", "--case", str(tables(tmp_path / "net", bare)), "--out", str(tmp_path / "out")]
    assert "3 of them have no place. Give --places" in CliRunner().invoke(group, arguments, catch_exceptions=False).output
    with pytest.raises(DataError):
        CliRunner().invoke(group, ["headroom", "--case", "x.raw", "--out", str(tmp_path / "no")], catch_exceptions=False)
    assert not (tmp_path / "no").exists()
