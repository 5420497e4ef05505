"""The command ``tune``: the page answers on a socket of this machine, with the list of ``rank``; mistakes are one line."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sitefinder.cli.main import cli
from sitefinder.cli.tune import tune
from sitefinder.errors import SitefinderError
from sitefinder.tuning.serving import listening
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import used
from tests.helpers.tuning import Page

#: built layers of the country
pytestmark = pytest.mark.stack

SETTINGS = {"weights.water": 0.4, "weights.gas": 0.0, "model.share": 0.5}
#: coarse cells and few sites
FEW = ("--set", "candidates.count=40", "--set", "candidates.spacing_km=60", "--set", "candidates.acres=100000")
CONFIG = ("--config", str(ROOT / "config" / "default.yaml"), "--resolution", "25000", *FEW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with built layers and the list of ``rank`` under some weights."""
    folder = tmp_path_factory.mktemp("tune")
    where = ["--out", folder / "out", "--cache", used(folder / "cache"), "--data", DATA]
    given = [part for key, value in SETTINGS.items() for part in ("--set", f"{key}={value}")]
    CliRunner().invoke(cli, ["rank", *CONFIG, *map(str, where), *given], catch_exceptions=False)
    return folder


def test_the_page_answers_with_the_list_of_rank_and_ends_without_an_error(folder: Path) -> None:
    """Keys, names, states, scores as in the file, all at the rank of the saved run; Ctrl-C ends it with code 0."""
    where = ["--cache", folder / "cache", "--data", DATA, "--run", folder / "out", "--folder", folder]
    command = [sys.executable, "-m", "sitefinder", "tune", *CONFIG, *map(str, where)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as program:
        try:
            address = re.search(r"http://\S+", program.stdout.readline())
            rows = Page(address[0]).rows(SETTINGS)
        finally:
            program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0
    sites = [f["properties"] for f in json.loads((folder / "out" / "sites.geojson").read_text(encoding="utf-8"))["features"]]
    assert len(rows) == len(sites)
    for row, site in zip(rows, sites, strict=True):
        assert row[:4] == [site["rank"], site["site_id"], site["name"], site["state"]]
        assert round(row[4], 2) == pytest.approx(site["score"], abs=0.006)
        assert row[5] == site["rank"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--run", "none"), "run.json"),
        (("--folder", "none"), "--folder"),
        (("--set", "weights.watr=1"), "watr"),
        (("--set", "candidates.keep=a.geojson"), "candidates.keep"),
        (("--where", "TXX"), "did you mean 'TX'"),
        (("--data", "none"), "--data"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    """Before anything is served."""
    where = ["--cache", str(folder / "cache"), "--data", str(DATA), *arguments]
    done = CliRunner().invoke(tune, [*CONFIG, *where])
    assert isinstance(done.exception, SitefinderError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)
    assert "http" not in done.output


def test_a_taken_port_is_told_before_anything_is_opened(folder: Path) -> None:
    """The port, and a remedy."""
    with listening(0) as server:
        server.listen()
        port = str(server.getsockname()[1])
        done = CliRunner().invoke(tune, [*CONFIG, "--cache", str(folder / "none"), "--data", str(DATA), "--port", port])
    assert isinstance(done.exception, SitefinderError)
    assert port in str(done.exception)
    assert not (folder / "none").exists()


def test_other_commands_load_no_web_server() -> None:
    """Neither the command line nor a run imports the libraries of the page, nor the compiled kernels of tuning."""
    code = (
        "import sys, sitefinder.cli.main, sitefinder.cli.tune, sitefinder.pipeline.stages;"
        "print([m for m in ('starlette', 'uvicorn', 'anyio', 'sitefinder.tuning', 'sitefinder.kernels.choosing', 'numba')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
