"""Land that the user calls unavailable: cut out of parcels along its outline, and left out of the list of the country."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pytest
import shapely

from sitefinder.config import load_config
from sitefinder.config.project import Layers
from sitefinder.layers.added import declare
from sitefinder.pipeline.stages import run
from sitefinder.sites.called import Called
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack

COARSE = {
    "grid.resolution_m": "25000",
    "candidates.count": "60",
    "connections": "null",
    "costs": "null",
    "uncertainty": "null",
    "delivery.draws": "100",
}
#: a parcel at Minooka IL, its western half, and all of it with land around
PARCEL = shapely.box(-88.26, 41.47, -88.24, 41.49)
HALF = shapely.box(-88.26, 41.47, -88.25, 41.49)
AROUND = shapely.box(-88.30, 41.45, -88.20, 41.51)


def test_land_of_two_files_counts_once():
    """Outlines that overlap take the same land once; far ones take nothing."""
    left, all_of_it, far = shapely.box(0, 0, 50, 100), shapely.box(-10, -10, 60, 110), shapely.box(500, 0, 600, 100)
    called = Called([left, all_of_it, far], None)
    assert called.share(shapely.box(0, 0, 100, 100)) == pytest.approx(0.6)
    assert called.share(shapely.box(1000, 0, 1100, 100)) == 0.0


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Runs with nothing unavailable, half of the parcel, all of it, and the best places of the first."""
    home = tmp_path_factory.mktemp("called")
    cache = warm(home / "cache")
    own = _saved(home / "own.geojson", [PARCEL])

    def ranked(name: str, shapes: list[shapely.Geometry]) -> Path:
        settings = {"layers.unavailable": str(_saved(home / f"{name}.geojson", shapes))} if shapes else {}
        file = load_config(ROOT / "config" / "default.yaml", COARSE | settings)
        run(file, out=home / f"out-{name}", data=DATA, cache=cache, sites=own, with_map=False)
        return home / f"out-{name}"

    outs = {"none": ranked("none", []), "half": ranked("half", [HALF]), "all": ranked("all", [AROUND])}
    best = [shapely.geometry.shape(f["geometry"]) for f in _features(outs["none"], "sites.geojson")[:3]]
    outs["best"] = ranked("best", [shapely.buffer(area, 0.01) for area in best])
    yield outs
    declare(Layers())


def _saved(path: Path, shapes: list[shapely.Geometry]) -> Path:
    geopandas.GeoDataFrame({"name": [f"P{i}" for i in range(len(shapes))]}, geometry=shapes, crs=4326).to_file(path)
    return path


def _features(folder: Path, name: str):
    return json.loads((folder / name).read_text(encoding="utf-8"))["features"]


def _own(folder: Path):
    return _features(folder, "own_sites.geojson")[0]["properties"]


def test_a_parcel_loses_what_the_outline_covers_of_it(folders):
    """Half of the acres and of the usable share, though its cell is 500 times as large; the words say so."""
    whole, half, gone = (_own(folders[name]) for name in ("none", "half", "all"))
    assert half["buildable_acres"] == pytest.approx(whole["buildable_acres"] / 2, rel=0.02)
    assert half["usable_pct"] == pytest.approx(whole["usable_pct"] / 2, abs=1.0)
    assert "unavailable, as stated 50 %" in half["usable_note"]
    assert gone["buildable_acres"] == pytest.approx(0.0, abs=1.0)
    assert gone["acres_enough"] is False
    assert gone["score"] == pytest.approx(whole["score"], abs=0.01)


def test_places_that_are_unavailable_leave_the_list(folders):
    """The best three cells of the country are gone, the others stay as they were; the ledger has the acres."""
    before, after = (_features(folders[name], "sites.geojson") for name in ("none", "best"))
    ids = [f["properties"]["site_id"] for f in after]
    assert not {f["properties"]["site_id"] for f in before[:3]} & set(ids)
    both = {f["properties"]["site_id"]: f["properties"]["score"] for f in before[3:]}
    assert sum(both.get(f["properties"]["site_id"]) == f["properties"]["score"] for f in after) > 50
    ledger = json.loads((folders["best"] / "run.json").read_text(encoding="utf-8"))["land_ledger_acres"]
    assert ledger["unavailable"]["alone_acres"] >= 3 * 625e6 / 4046.9


def test_the_files_are_among_the_inputs(folders):
    """Whoever verifies the run sees whether they changed."""
    given = json.loads((folders["half"] / "run.json").read_text(encoding="utf-8"))["given"]
    assert {Path(name).name for name in given} == {"own.geojson", "half.geojson"}
