"""The list of a finished run beside another one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sitefinder.config import ConfigFile, load_config
from sitefinder.errors import ConfigError, DataError
from sitefinder.layers.package import DataPackage
from sitefinder.tuning.ranking import Row
from sitefinder.tuning.saved import compared, read_saved
from tests.helpers.tuning import coarse

SITES = ("TX-1", "TX-2", "TX-3", "TX-4")


def write(folder: Path, file: ConfigFile, inputs: dict[str, str]) -> Path:
    """As much of a finished run as a comparison reads."""
    folder.mkdir(exist_ok=True)
    manifest = {"config": file.config.model_dump(mode="json"), "inputs": inputs}
    features = [
        {
            "geometry": {"type": "Point", "coordinates": [-99.0, 32.0]},
            "properties": {
                "site_id": key,
                "lat": 32.0,
                "lon": -99.0,
                "rank": i,
                "score": 90.0 - i,
                "weighted_score": 1.0,
                "name": key,
            },
        }
        for i, key in enumerate(SITES, start=1)
    ]
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "sites.geojson").write_text(json.dumps({"features": features}), encoding="utf-8")
    return folder


def rows(*keys: str) -> list[Row]:
    """A list with these sites."""
    return [Row(i, key, key, "TX", 90.0 - i, i) for i, key in enumerate(keys, start=1)]


def test_new_gone_and_moved_sites_are_named(tmp_path: Path, package: DataPackage) -> None:
    """Each site of either list once: largest moves first, the others best first."""
    saved = read_saved(write(tmp_path / "run", coarse(), {}), coarse().config, package)
    difference = compared(rows("TX-1", "TX-9", "TX-4", "TX-2", "TX-8"), saved)
    assert [row.site_id for row in difference.new] == ["TX-9", "TX-8"]
    assert [site["site_id"] for site in difference.gone] == ["TX-3"]
    assert [(row.site_id, row.rank, before) for row, before in difference.moved] == [("TX-2", 4, 2), ("TX-4", 3, 4)]
    assert difference.same == 1
    assert difference.tree()["moved"] == [["TX-2", "TX-2", 4, 2], ["TX-4", "TX-4", 3, 4]]


def test_the_same_list_has_no_difference(tmp_path: Path, package: DataPackage) -> None:
    """Four sites, all at their rank."""
    saved = read_saved(write(tmp_path / "run", coarse(), {}), coarse().config, package)
    assert compared(rows(*SITES), saved).tree() == {"new": [], "gone": [], "moved": [], "same": 4}


def test_what_differs_besides_weights_is_said(tmp_path: Path, package: DataPackage) -> None:
    """Another load, other data; other weights are no surprise."""
    name = next(iter(package.resources))
    run = write(tmp_path / "run", coarse({"project.mw": "500", "weights.water": "0.9"}), {name: "sha256:other"})
    saved = read_saved(run, coarse().config, package)
    assert {"project.mw", "data"} <= set(saved.others)
    assert "weights.water" not in saved.others
    assert saved.settings["weights.water"] == 0.9
    same = write(tmp_path / "run", coarse(), {name: package.resources[name]["hash"]})
    assert "data" not in read_saved(same, coarse().config, package).others


def test_runs_on_other_cells_are_refused(tmp_path: Path, package: DataPackage, default_config: ConfigFile) -> None:
    """Both sizes and two remedies."""
    run = write(tmp_path / "run", load_config(default_config.path, {"grid.resolution_m": "5000"}), {})
    with pytest.raises(ConfigError, match=r"5000 m, not 20000\. Name another --run"):
        read_saved(run, coarse().config, package)


def test_a_missing_run_is_named(tmp_path: Path, package: DataPackage) -> None:
    """The file, and how to make it."""
    with pytest.raises(DataError, match=r"run\.json"):
        read_saved(tmp_path / "none", coarse().config, package)
