"""The tutorial: every command of it runs, in its order, at a coarse resolution."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pytest
from affine import Affine

from sitefinder.cli.main import main
from sitefinder.results.run import SITES, read_features
from tests.helpers.paths import ROOT
from tests.helpers.stacks import warm

pytestmark = [pytest.mark.slow, pytest.mark.stack]

PAGE = ROOT / "docs" / "tutorial.md"
#: cells of the runs here, metres, instead of those of the page
COARSE = "25000"


def blocks(language: str) -> list[str]:
    """Contents of the fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def commands() -> list[str]:
    """Lines of the shell blocks."""
    return [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with what the reader of the page has: the configuration, the examples, files that the page shows, a raster."""
    import rasterio

    for name in ("config", "docs", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    warm(tmp_path / ".cache")
    for name, text in zip(("pairs.yaml", "mine.yaml"), blocks("yaml"), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    shape = {"driver": "GTiff", "width": 60, "height": 30, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "my_wetlands.tif", "w", transform=Affine(1, 0, -126, 0, -1, 52), **shape) as raster:
        raster.write(np.full((30, 60), 3.0, np.float32), 1)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_of_the_page_runs(desk, capsys):
    """Exit code 0, one after the other, and what the page promises lies there at the end."""
    assert len(commands()) > 12
    for line in commands():
        if "KEY" in line:
            line = line.replace("KEY", read_features(desk / "out" / "first" / SITES)[0]["properties"]["site_id"])
        program, *arguments = shlex.split(line.replace("--resolution 5000", f"--resolution {COARSE}"))
        assert program == "sitefinder"
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        said = capsys.readouterr()
        assert stop.value.code in (0, None), f"{line}: {said.err}"
        assert said.out.strip(), line
    for name in ("map.html", "memo.html", "portfolio.json", "dossiers/index.html", "exports/sites.kmz"):
        assert (desk / "out" / "first" / name).is_file(), name
