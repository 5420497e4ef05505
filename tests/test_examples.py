"""The example studies: every command of them runs, in its order, at a coarse resolution; their points are the shipped ones."""

from __future__ import annotations

import csv
import re
import shlex

import geopandas
import numpy as np
import pytest

from sitefinder.cli.main import main
from sitefinder.grid import from_lonlat
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm

STUDIES = sorted((ROOT / "docs" / "examples").glob("*.md"))
#: cells of the runs here, metres, instead of those of the pages
COARSE = "25000"
#: files that a study leaves
LEFT = {
    "texas-against-ohio": ("tx/map.html", "oh/sites.geojson", "both/memo.html", "both/ready.html", "both/demand.html"),
    "federal-sites": ("federal/own_sites.geojson", "offered/own_sites.geojson", "full/dossiers/index.html"),
}


def commands(path) -> list[str]:
    """Lines of the shell blocks of a page."""
    blocks = re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with what the reader of the pages has."""
    for name in ("config", "docs", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    warm(tmp_path / ".cache")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.stack
@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_every_command_of_a_study_runs(desk, capsys, path):
    """Exit code 0, one after the other, and what the page promises lies there at the end."""
    assert len(commands(path)) > 5
    for line in commands(path):
        program, *arguments = shlex.split(line.replace("--resolution 5000", f"--resolution {COARSE}"))
        assert program == "sitefinder"
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        said = capsys.readouterr()
        assert stop.value.code in (0, None), f"{line}: {said.err}"
        assert said.out.strip(), line
    assert [name for name in LEFT[path.stem] if not (desk / "out" / name).is_file()] == []


def test_both_studies_are_there():
    """Each with the files that it leaves."""
    assert {path.stem for path in STUDIES} == set(LEFT)


def test_the_federal_sites_are_those_of_the_data():
    """Names, states, what the department made of them, and points to a hundred metres and the rounding."""
    with (ROOT / "docs" / "examples" / "federal_sites.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    shipped = geopandas.read_parquet(DATA / "policy" / "doe_sites.parquet")
    assert [(r["name"], r["state"], r["status"]) for r in rows] == list(
        shipped[["name", "state", "status"]].itertuples(index=False, name=None)
    )
    x, y = from_lonlat(np.array([float(r["lon"]) for r in rows]), np.array([float(r["lat"]) for r in rows]))
    assert np.hypot(x - shipped.geometry.x, y - shipped.geometry.y).max() < 150.0
