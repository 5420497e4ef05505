"""The command ``power-backtest``: months by load, scores where dates are realised, and one line for what is wrong."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from sitefinder.cli.main import main
from sitefinder.cli.power_backtest import power_backtest
from sitefinder.power.dated import RESULTS
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm_power

#: built layers of the country
pytestmark = pytest.mark.stack

QUANTILES = ("p10", "p50", "p90")
#: four campuses in one place of Texas; the smallest never has 500 MW
DATED = """\
name,lat,lon,commit,mw_full,first_power,first_power_kind,flexible
A,32.45,-99.73,2021-03,1000,2023-01,r,0
B,32.45,-99.73,2022-03,300,2024-05,r,0
C,32.45,-99.73,2022-09,600,2025-01,r,1
D,32.45,-99.73,2023-03,600,2028-01,p,0
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """The layers that dates rest on."""
    return warm_power(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def call(cache, tmp_path, capsys):
    """The command with few draws on a table: exit code, standard output and error."""

    def called(text: str | None, *arguments: str) -> tuple[int, str, str]:
        path = tmp_path / "dates.csv"
        if text is not None:
            path.write_text(text)
        places = ["--config", ROOT / "config" / "default.yaml", "--data", DATA, "--cache", cache, "--resolution", "10000"]
        table = [path] if text is not None else []
        with pytest.raises(SystemExit) as stop:
            main(["power-backtest", *map(str, [*table, *places]), "--set", "delivery.draws=100", *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(stop.value.code or 0), out, err

    return called


def rows_of(text: str) -> list[dict[str, str]]:
    """Rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_is_answered_with_months_and_scores(call, tmp_path):
    """The file holds P10, P50 and P90 by load, empty where never; the scores go to the terminal."""
    code, out, err = call(DATED, "--out", str(tmp_path / "months.csv"))
    assert code == 0
    rows = rows_of((tmp_path / "months.csv").read_text())
    assert list(rows[0]) == ["name", "region", *(f"{e}_{q}" for e in RESULTS for q in QUANTILES)]
    assert [r["name"] for r in rows] == ["A", "B", "C", "D"]
    assert {r["region"] for r in rows} == {"ERCOT"}
    assert [bool(r["first_500mw_p50"]) for r in rows] == [True, False, True, True]
    assert all(r["full_p50"] and float(r["first_50mw_p10"]) <= float(r["full_p10"]) for r in rows)
    assert float(rows[2]["first_50mw_p50"]) < float(rows[3]["first_50mw_p50"])
    assert "4 campuses in" in err
    first = next(line.split() for line in out.splitlines() if line.startswith("first_50mw"))
    assert first[1:3] == ["3", "1"]
    assert sum(int(n) for n in first[3:6]) == 3


def test_without_a_file_the_months_go_to_the_terminal_alone(call):
    """Scores stand beside them on the error stream, so that the output is a table."""
    code, out, err = call(DATED)
    assert code == 0
    assert [r["name"] for r in rows_of(out)] == ["A", "B", "C", "D"]
    assert "CRPS of the constant" in err


def test_a_table_without_realised_dates_is_estimated_all_the_same(call):
    """It says that there is nothing to score; the same input gives the same bytes."""
    text = "name,lat,lon,commit\nA,32.45,-99.73,2022-03\n"
    code, out, err = call(text)
    assert code == 0
    assert len(rows_of(out)) == 1
    assert "nothing to score" in err
    assert call(text)[1] == out


def test_without_a_table_the_campuses_of_the_data_are_estimated(call):
    """All 31, with the scores of all loads that enough of them have."""
    code, out, err = call(None, "--looked", "2026-07")
    assert code == 0
    assert len(rows_of(out)) == 31
    assert [line.split()[0] for line in err.splitlines() if line.startswith(RESULTS)] == list(RESULTS)


def test_its_help_names_the_columns_that_a_table_needs():
    """And that the table may be left out."""
    assert not power_backtest.params[0].required
    assert "name, lat, lon and commit (YYYY-MM)" in " ".join(power_backtest.help.split())


@pytest.mark.parametrize(
    ("text", "arguments", "named"),
    [
        ("name,lat,commit\nA,32,2022-03\n", (), ("dates.csv", "'lon'", "It needs")),
        ("name,lat,lon,commit\nA,32,-99,2022-03\nB,32,-99,soon\n", (), ("dates.csv", "row 2", "commit 'soon'", "Write YYYY-MM")),
        (DATED.replace(",r,1", ",r,maybe"), (), ("dates.csv", "row 3", "flexible 'maybe'", "Write yes or no")),
        ("name,lat,lon,commit\nA,0,0,2022-03\n", (), ("dates.csv", "row 1 (A)", "off the land", "Correct lat and lon")),
        (DATED, ("--looked", "2026"), ("last look '2026'", "Write YYYY-MM")),
        (DATED, ("--set", "delivery.draws=5"), ("delivery.draws",)),
    ],
    ids=["column", "month", "flag", "sea", "look", "setting"],
)
def test_mistakes_end_with_two_in_one_line_and_write_nothing(call, tmp_path, text, arguments, named):
    """File, row, column and remedy; no file is left behind."""
    target = tmp_path / "out" / "months.csv"
    code, out, err = call(text, "--out", str(target), *arguments)
    assert (code, out) == (2, "")
    told = [line for line in err.splitlines() if line.startswith("sitefinder: ")]
    assert len(told) == 1
    assert all(part in told[0] for part in named)
    assert not target.parent.exists()


def test_a_missing_table_is_told(call, tmp_path):
    """Not what the data hold instead of it."""
    code, out, err = call(None, str(tmp_path / "nothing.csv"))
    assert (code, out) == (2, "")
    assert "nothing.csv: there is no such file. Name a CSV with name, lat, lon and commit." in err
