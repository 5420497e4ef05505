"""The command ``rank``: one line with file, key and remedy for everything a user can get wrong, and nothing half-written."""

from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sitefinder.cli.main import main
from sitefinder.cli.rank import rank
from sitefinder.results.derived import write_derived
from tests.helpers.desk import Desk, coarse
from tests.helpers.odd_files import PARCEL, frame, gdal, layers
from tests.helpers.paths import DATA
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a cache and one finished run at 25 km."""
    folder = tmp_path_factory.mktemp("warm")
    where = ["--out", folder / "out", "--cache", used(folder / "cache"), "--data", DATA, "--config", coarse(folder)]
    with pytest.raises(SystemExit) as stop:
        main(["rank", *map(str, where)])
    assert stop.value.code == 0
    return folder


@pytest.fixture
def desk(warm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A desk with earlier results."""
    shutil.copytree(warm / "out", tmp_path / "out")
    return Desk(tmp_path, warm / "cache", capsys)


def test_a_good_run_ends_with_zero_and_a_table(desk: Desk) -> None:
    """Results go to files, a short table to stdout."""
    where = ["--config", desk.config, "--out", desk.out, "--cache", desk.cache, "--data", desk.data]
    with pytest.raises(SystemExit) as stop:
        main(["rank", *map(str, where)])
    printed = desk.capture.readouterr().out
    assert stop.value.code == 0
    assert "rank" in printed.splitlines()[0]
    assert f"60 sites in {desk.out / 'sites.geojson'}" in printed


def test_a_quick_ranking_leaves_out_the_map(desk: Desk) -> None:
    """For tuning: the list is there, the slow parts and what an earlier quick run left of them are not."""
    desk.of_a_quick_run()
    where = ["--config", desk.config, "--out", desk.out, "--cache", desk.cache, "--data", desk.data]
    done = CliRunner().invoke(rank, [*map(str, where), "--quick"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "map.html" not in done.output
    assert "sites.geojson" in desk.results()
    assert not {"map.html", "certainty.json"} & set(desk.results())


def test_a_quick_run_never_takes_the_place_of_a_full_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a full run is refused; without --out a folder of its own is taken."""
    line = desk.refused("--quick")
    assert str(desk.out) in line
    assert "--out" in line
    monkeypatch.chdir(desk.folder)
    where = ["--config", desk.config, "--cache", desk.cache, "--data", desk.data]
    done = CliRunner().invoke(rank, [*map(str, where), "--quick"], catch_exceptions=False)
    assert done.exit_code == 0
    assert (desk.folder / "out" / "quick" / "sites.geojson").is_file()


def test_a_full_run_tells_of_dossiers_that_are_of_another(desk: Desk) -> None:
    """They are removed, and it is said which command writes them again."""
    write_derived(desk.out / "dossiers", {"index.html": b""}, run=desk.out)
    assert desk.rank("--set", "weights.water=0.4")[0] == 0
    assert not (desk.out / "dossiers").exists()


def test_the_best_of_each_region_is_named(desk: Desk) -> None:
    """One site for each market region, or for each state where all lie in one; a restricted run has no site elsewhere."""
    desk.of_a_quick_run()
    where = ["--config", desk.config, "--out", desk.out, "--cache", desk.cache, "--data", desk.data, "--quick"]
    where += ["--set", "candidates.count=500"]  # a list that reaches into Oklahoma
    for places, words, expected in (
        ("CA,TX", "Best of each market region: ", {"CA", "TX"}),
        ("ERCOT", "Best of each state: ", {"TX", "OK"}),
    ):
        done = CliRunner().invoke(rank, [*map(str, where), "--where", places], catch_exceptions=False)
        assert words in done.output
        assert {f["properties"]["state"] for f in json.loads((desk.out / "sites.geojson").read_text())["features"]} == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--where", "TXX"), "did you mean 'TX'"),
        (("--near", "-88.2,41.5,50"), "Invalid --near"),
        (("--near", "here"), "Invalid --near"),
        (("--not", "utility:nobody"), "utility:nobody"),
        (("--where", "none.geojson"), "Missing file none.geojson"),
    ],
)
def test_places_that_cannot_be_read_are_refused(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    """One line, and the earlier results stay."""
    assert said in desk.refused(*arguments)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("water: 0.10", "watr: 0.10", [".yaml:", "watr", "did you mean 'water'"]),
        ("  cooling: hybrid", "  colling: hybrid", [".yaml:", "project.colling", "did you mean 'cooling'"]),
        ("water: 0.10", "water: -0.10", [".yaml:", "weights.water", "greater than or equal to 0"]),
        ("river_km: ", "rivr_km: ", ["criteria.yaml:", "criteria.water.rivr_km", "did you mean 'river_km'"]),
        ("[8, 0.85], [16, 0.6]", "[16, 0.85], [8, 0.6]", [".yaml:", "able_grid_km", "out of order"]),
        (
            "unit: km, from_mw: 150, table: [[3, 1]",
            "unit: miles, from_mw: 150, table: [[3, 1]",
            [".yaml:", "miles", "'km'"],
        ),
        ("layer: open_water_pct", "layer: open_watr_pct", [".yaml:", "exclusions.open_water.layer", "open_water_pct"]),
        ("share: 0.7", "share: 1.3", [".yaml:", "model.share", "less than or equal to 1"]),
        ("project:", "project: [", [".yaml:", "YAML"]),
    ],
    ids=["unknown family", "unknown key", "negative", "layer typo", "order", "unit", "gate layer", "share", "not YAML"],
)
def test_a_wrong_configuration_names_file_line_key_and_remedy(desk: Desk, old: str, new: str, expected: list[str]) -> None:
    """Every mistake in the file is one line that says where it is and what to write instead."""
    desk.edit(old, new)
    line = desk.refused()
    for part in expected:
        assert part in line


def test_all_weights_zero_is_refused(desk: Desk) -> None:
    """A score without any weight is no score."""
    families = ["grid_capacity", "gas", "water", "land", "fiber", "hazard", "climate", "community"]
    zeros = [part for f in families for part in ("--set", f"weights.{f}=0")]
    assert "all family weights are zero" in desk.refused(*zeros)


def test_a_setting_without_equals_sign_is_refused(desk: Desk) -> None:
    """--set wants KEY=VALUE."""
    assert "KEY=VALUE" in desk.refused("--set", "weights.water")


def test_a_missing_configuration_is_refused(desk: Desk) -> None:
    """The path is named."""
    desk.config.unlink()
    assert "default.yaml" in desk.refused()


@pytest.fixture
def own_data(desk: Desk) -> Callable[[str], Path]:
    """A data folder of links, of which one file can be replaced; nothing is cached for it."""
    folder = desk.folder / "data"
    for path in DATA.rglob("*.*"):
        target = folder / path.relative_to(DATA)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path)
    desk.data, desk.cache = folder, desk.folder / "cold"

    def replaceable(name: str) -> Path:
        (folder / name).unlink()
        return folder / name

    return replaceable


def test_a_missing_data_file_is_named(desk: Desk, own_data: Callable[[str], Path]) -> None:
    """A deleted layer says how to get it back."""
    own_data("boundaries/counties.parquet")
    line = desk.refused()
    assert "boundaries/counties.parquet" in line
    assert "git checkout" in line


def test_a_corrupt_data_file_is_found_by_its_checksum(desk: Desk, own_data: Callable[[str], Path]) -> None:
    """One changed byte is enough."""
    content = bytearray((DATA / "boundaries" / "counties.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    own_data("boundaries/counties.parquet").write_bytes(content)
    line = desk.refused()
    assert "boundaries/counties.parquet" in line
    assert "checksum" in line


def test_a_tampered_model_is_refused(desk: Desk, own_data: Callable[[str], Path]) -> None:
    """One changed number in the model file is enough, even where its score is cached."""
    desk.cache = desk.warm
    text = (DATA / "model" / "suitability.json").read_text(encoding="utf-8")
    own_data("model/suitability.json").write_text(text.replace('"intercept": ', '"intercept": 1', 1), encoding="utf-8")
    line = desk.refused()
    assert "model/suitability.json" in line
    assert "sitefinder train" in line


def test_a_missing_model_is_refused(desk: Desk, own_data: Callable[[str], Path]) -> None:
    """The file and two remedies are named."""
    own_data("model/suitability.json")
    desk.cache = desk.warm
    assert "Missing model file" in desk.refused()


def test_a_corrupt_register_is_refused(desk: Desk, own_data: Callable[[str], Path]) -> None:
    """datapackage.json that is not JSON names itself."""
    own_data("datapackage.json").write_text("{", encoding="utf-8")
    assert "datapackage.json" in desk.refused()


def test_a_wrong_data_folder_is_refused(desk: Desk) -> None:
    """A folder without a register says so."""
    desk.data = desk.folder
    assert "--data" in desk.refused()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Empty SITES file"),
        ("lat,lon\n", "Empty SITES file"),
        ("lat,lon\n-99.79,32.5\n", "swapped"),
        ("lat,lon\n48.85,2.35\n", "outside the contiguous United States"),
        ("lat,lon\n21.3,-157.8\n", "outside the contiguous United States"),
        ("lat,lon\n36.0,-72.0\n", "outside the land"),
        ("lat,lon\nabc,-99\n", "decimal degrees"),
        ("breadth,lon\n32,-99\n", "'lat'"),
    ],
    ids=["empty", "header only", "swapped", "Paris", "Honolulu", "Atlantic", "text", "column"],
)
def test_a_wrong_sites_file_is_refused(desk: Desk, text: str, expected: str) -> None:
    """The file and, where there is one, the row are named."""
    path = desk.folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    line = desk.refused("--sites", str(path))
    assert "mine.csv" in line
    assert expected in line


def test_every_bad_site_has_its_line_and_can_be_skipped(desk: Desk) -> None:
    """Two bad rows of three: two lines, how to go on, code 2 and nothing written; with --skip-bad the third is ranked."""
    path = desk.folder / "mine.csv"
    path.write_text("lat,lon\n-99.79,32.5\n32.5,-99.79\n48.85,2.35\n", encoding="utf-8")
    desk.of_a_quick_run()
    before = desk.results()
    code, lines = desk.rank("--quick", "--sites", str(path))
    assert code == 2
    assert ["row 2" in lines[0], "row 4" in lines[1], "--skip-bad" in lines[2]] == [True] * 3
    assert desk.results() == before
    assert desk.rank("--quick", "--sites", str(path), "--skip-bad") == (0, [])
    assert (desk.out / "own_sites_skipped.csv").read_text(encoding="utf-8").count("\nrow ") == 2


def test_what_would_be_repaired_is_refused_where_the_user_wants_it(desk: Desk) -> None:
    """A row that stands twice is left out, or refused by --strict."""
    path = desk.folder / "mine.csv"
    path.write_text("lat,lon\n32.5,-99.79\n32.5,-99.79\n", encoding="utf-8")
    desk.of_a_quick_run()
    code, lines = desk.rank("--quick", "--sites", str(path), "--strict")
    assert code == 2
    assert "row 3: it is the same place as row 2" in lines[0]
    assert desk.rank("--quick", "--sites", str(path)) == (0, [])


def test_which_of_several_layers_is_asked(desk: Desk) -> None:
    """A geodatabase with two layers: one line that names both; then the one that is named is ranked."""
    path = layers("county.gdb", "sites", "parcels", driver="OpenFileGDB")(desk.folder)
    line = desk.refused("--sites", str(path))
    assert f"{path}: it has several layers: sites, parcels. Name one" in line
    desk.of_a_quick_run()
    assert desk.rank("--quick", "--sites", f"{path}:parcels") == (0, [])


def test_a_file_without_its_reference_system_asks_for_one(desk: Desk) -> None:
    """The zones that hold the places are named; with one of them the file is ranked."""
    path = gdal("parcels.shp", lambda: frame(PARCEL, crs=2276), without=(".prj",))(desk.folder)
    assert "EPSG:2276 (NAD83 / Texas North Central (ftUS))" in desk.refused("--sites", str(path))
    desk.of_a_quick_run()
    assert desk.rank("--quick", "--sites", str(path), "--sites-crs", "EPSG:2276") == (0, [])


def test_an_output_folder_that_is_a_file_is_refused(desk: Desk) -> None:
    """A path that cannot be a folder."""
    desk.out = desk.folder / "taken" / "out"
    desk.out.parent.write_text("a file", encoding="utf-8")
    line = desk.refused("--quick")
    assert "taken" in line
    assert "--out" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_an_output_folder_without_permission_is_refused(desk: Desk) -> None:
    """A read-only folder."""
    desk.of_a_quick_run()
    desk.out.chmod(0o500)
    try:
        assert "Permission denied" in desk.refused("--quick")
    finally:
        desk.out.chmod(0o700)


@pytest.fixture
def small_files(desk: Desk) -> Iterator[None]:
    """No file may grow beyond 20 kB, as on a disk that is full; the desk is laid before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_leaves_the_earlier_results(desk: Desk) -> None:
    """The write fails half-way: nothing is replaced and no temporary file is left."""
    desk.of_a_quick_run()
    line = desk.refused("--quick", "--set", "weights.water=0.4")
    assert str(desk.out) in line
    assert "Free space" in line


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_while_building_layers_names_the_cache(desk: Desk) -> None:
    """The cache is on a disk too."""
    desk.cache = desk.folder / "cold"
    line = desk.refused()
    assert "--cache" in line
    assert not [p for p in desk.cache.rglob(".*") if p.is_file()]


def test_a_foreign_raster_is_refused(desk: Desk) -> None:
    """A replaced layer without a file at the path named."""
    line = desk.refused("--set", "layers.replace={slope_pct: nowhere.tif}")
    assert "nowhere.tif" in line
    assert "layers.replace.slope_pct" in line


def test_run_json_survives_a_refused_run(desk: Desk) -> None:
    """What was there before can still be read."""
    desk.edit("water: 0.10", "watr: 0.10")
    desk.refused()
    assert json.loads((desk.out / "run.json").read_text())["weights"]
