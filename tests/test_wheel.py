"""The wheel, installed outside the repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the package of a wheel built from this checkout; the libraries are those of the tests."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if uv is None:
        pytest.skip("no uv to build the wheel")
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run([uv, "build", "--wheel", "--out-dir", folder, ROOT], capture_output=True, text=True, check=False)
    if "Failed to fetch" in built.stderr or "Failed to resolve" in built.stderr:
        pytest.skip("no package index to fetch the build backend from")
    assert built.returncode == 0, built.stderr
    wheel = next(folder.glob("*.whl"))
    subprocess.run([uv, "pip", "install", "--quiet", "--no-deps", "--target", folder / "site", wheel], check=True)
    return folder / "site"


def call(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program in a folder."""
    command = [sys.executable, "-m", "sitefinder", *arguments]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(installed)}, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_installed_wheel_ranks_in_an_empty_folder(installed, tmp_path):
    """No path of the repository is needed: not for the ranking, not for the sets of weights, not for the record of the run."""
    done = call(installed, tmp_path, "rank", "--resolution", "20000")
    assert done.returncode == 0, done.stderr
    assert f"data: {installed / 'sitefinder' / 'shipped' / 'data'}" in done.stderr
    record = json.loads((tmp_path / "out/latest/run.json").read_text(encoding="utf-8"))
    assert record["commit"] is None
    sites = json.loads((tmp_path / "out/latest/sites.geojson").read_text(encoding="utf-8"))["features"]
    assert len(sites) > 100
    assert sites[0]["properties"]["presets"] > 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [".cache", "out"]


@pytest.mark.slow
def test_the_licences_of_code_and_data_travel(installed):
    """Whoever gets the wheel gets the terms."""
    licences = next(installed.glob("sitefinder-*.dist-info")) / "licenses"
    names = {p.relative_to(licences).as_posix() for p in licences.rglob("*") if p.is_file()}
    assert {"LICENSE", "data/LICENSES.md", "data/share_alike/LICENSE.md"} <= names
