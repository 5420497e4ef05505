"""Results kept between runs: made once, whole or not at all, forgotten by age, renewed when their code changes."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sitefinder.cache import (
    PACKAGE,
    Cache,
    closure,
    code_of,
    digest,
    import_statements,
    imports_of,
)
from sitefinder.errors import OutputError
from sitefinder.grid import Grid
from sitefinder.layers import REGISTRY
from sitefinder.sealed import DamagedError
from tests.helpers.paths import DATA, ROOT

A, B, C = ("0" * 15 + end for end in "abc")
MODULES = sorted(p.relative_to(ROOT) for p in (ROOT / PACKAGE).rglob("*.py"))
DATED = ("grid_months_200mw", "grid_mw_by_date")
#: mean months to the first 200 MW on the coarsest grid
MEAN_MONTHS = """
from pathlib import Path
from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
config = load_config(Path({config!r}), {{"grid.resolution_m": "25000"}})
stack = open_stack(DataPackage(Path({data!r})), config, ["grid_months_200mw", "drought_share"], cache_folder=Path({cache!r}))
print(stack.values("grid_months_200mw").mean())
"""


def counted(result):
    """A maker of a result, and the list that grows with each call."""
    calls = []

    def make():
        calls.append(1)
        return result

    return make, calls


def test_results_are_made_once(tmp_path):
    """The second asker gets the first one's array, text and bytes."""
    kept = Cache(tmp_path)
    for result, ask, name in (
        (np.arange(3), kept.array, "three"),
        ({"a": [1, None, "x"]}, kept.json, "facts"),
        (b"tif", kept.content, "picture.tif"),
    ):
        make, calls = counted(result)
        first, second = ask(name, make), ask(name, make)
        assert len(calls) == 1
        assert np.array_equal(first, result)
        assert np.array_equal(second, result)
    assert isinstance(kept.array("three", lambda: np.zeros(1)).base, np.memmap)


def test_a_matrix_is_written_row_by_row(tmp_path):
    """Rows in their order, memory-mapped."""
    rows = np.arange(6, dtype=np.uint16).reshape(2, 3)
    np.testing.assert_array_equal(Cache(tmp_path).rows("matrix", (2, 3), lambda: iter(rows)), rows)


def test_a_failure_leaves_nothing_behind(tmp_path):
    """A maker that fails leaves no file, whole or partial."""

    def failing():
        yield np.zeros(3, np.uint16)
        raise ValueError("no second row")

    with pytest.raises(ValueError, match="no second row"):
        Cache(tmp_path).rows("matrix", (2, 3), failing)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_refused(tmp_path):
    """One line with the place and the remedy: a folder that is gone, and one whose name is taken by a file."""
    with pytest.raises(OutputError, match=r"Cannot write the cache .*gone.*--cache"):
        Cache(tmp_path / "gone").array("three", lambda: np.arange(3))
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"Cannot write the cache .*file.*--cache"):
        Cache.of(tmp_path / "file", Grid(25_000.0))


def test_each_cell_size_has_its_own_folder(tmp_path):
    """The folder is there at once."""
    assert Cache.of(tmp_path, Grid(2500.0)).folder == tmp_path / "grid-2500m"
    assert (tmp_path / "grid-2500m").is_dir()


def aged(folder: Path, *names: str) -> None:
    """Files in order of age, the oldest first, an hour apart."""
    for hours, name in enumerate(reversed(names)):
        (folder / name).touch()
        os.utime(folder / name, times=(0, time.time() - 3600 * (hours + 1)))


def test_old_results_are_forgotten_with_all_their_parts(tmp_path):
    """The last used stay; other kinds, even of a longer name, are left alone."""
    aged(
        tmp_path, f"way-{A}.npy", f"way-{A}-cost.npy", f"way-{A}-other-{C}.npy", f"way-{B}.npy", f"way-{C}.npy", f"way-on-{A}.npy"
    )
    Cache(tmp_path).forget("way", 2)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{B}.npy", f"way-{C}.npy", f"way-on-{A}.npy"}


def test_parts_without_their_main_file_are_forgotten_too(tmp_path):
    """What an earlier program has left does not stay for ever."""
    aged(tmp_path, f"way-{A}-other-{C}.npy", f"way-{B}.npy")
    Cache(tmp_path).forget("way", 1)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{B}.npy"}


def test_a_new_result_pushes_out_the_oldest_of_its_kind(tmp_path):
    """One that was read again counts as used; parts of parts are a kind of their own."""
    kept = Cache(tmp_path)
    kept.json(f"way-{A}", lambda: 1)
    aged(tmp_path, f"way-{A}.json", f"way-{B}.json")
    assert kept.json(f"way-{A}", lambda: 2) == 1
    kept.json(f"way-{C}", lambda: 3, keep=2)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{A}.json", f"way-{C}.json"}
    aged(tmp_path, f"way-{A}-other-{B}.json")
    kept.json(f"way-{A}-other-{C}", lambda: 4, keep=1)
    assert {p.name for p in tmp_path.iterdir()} == {f"way-{A}.json", f"way-{C}.json", f"way-{A}-other-{C}.json"}


def damaged(path: Path, kind: str) -> None:
    """A file cut short, emptied, zeroed in its second half at its old length, or with one bit of its content flipped."""
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    if kind == "flipped":
        content[half] ^= 16
    changed = {"cut": content[:-100], "emptied": b"", "zeroed": content[:half] + bytes(len(content) - half), "flipped": content}
    path.write_bytes(changed[kind])


@pytest.mark.parametrize("kind", ["cut", "emptied", "zeroed", "flipped"])
def test_a_damaged_file_is_made_anew(tmp_path, kind, caplog):
    """Of every kind of result and damage; the log names the file."""
    kept, rows = Cache(tmp_path), np.arange(1, 1 + 2 * 50_000, dtype=np.uint16).reshape(2, -1)
    results = {
        "array.npy": (lambda: kept.array("array", lambda: rows), rows),
        "rows.npy": (lambda: kept.rows("rows", rows.shape, lambda: iter(rows)), rows),
        "facts.json": (lambda: kept.json("facts", lambda: ["x" * 500]), ["x" * 500]),
        "raster.tif": (lambda: kept.content("raster.tif", lambda: b"tif" * 100), b"tif" * 100),
    }
    for name, (ask, right) in results.items():
        ask()
        damaged(tmp_path / name, kind)
        caplog.clear()
        assert np.array_equal(ask(), right)
        assert str(tmp_path / name) in caplog.text
        caplog.clear()
        assert np.array_equal(ask(), right)
        assert caplog.text == ""


def test_single_elements_are_checked_where_they_lie(tmp_path):
    """An element beside the damage is read as ever; one within it is not."""
    kept, values = Cache(tmp_path), np.arange(200_000, dtype=np.float32)
    kept.array("values", lambda: values)
    with (tmp_path / "values.npy").open("r+b") as stream:
        stream.seek(600_000)
        stream.write(b"\xff")
    np.testing.assert_array_equal(kept.at("values", np.array([5, 3])), [5, 3])
    with pytest.raises(DamagedError):
        kept.at("values", np.array([5, 149_990]))
    assert not (tmp_path / "values.npy").exists()
    with pytest.raises(DamagedError):
        kept.whole("values")


def test_a_cache_that_cannot_be_read_is_refused(tmp_path):
    """One line with the place and the remedy, where a folder has the name of the file."""
    (tmp_path / "three.npy").mkdir()
    with pytest.raises(OutputError, match=r"Cannot read the cache .*three\.npy.*--cache"):
        Cache(tmp_path).array("three", lambda: np.arange(3))


def test_a_digest_changes_with_its_content():
    """Sixteen hexadecimal digits; the order of keys does not matter."""
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})
    assert len(digest([1])) == 16


def parsed_imports(text: str) -> set[tuple[str, str]]:
    """What a source imports of the package, by the parser of the language: modules, and the names taken from them."""
    tree = ast.parse(text)
    typing = [n for n in tree.body if isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING"]
    skipped = {id(inner) for node in typing for inner in ast.walk(node)}
    names = set()
    for node in (n for n in ast.walk(tree) if id(n) not in skipped):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            names |= {(str(node.module), alias.name) for alias in node.names}
        if isinstance(node, ast.Import):
            names |= {(alias.name, "") for alias in node.names if alias.name.startswith(PACKAGE)}
    return names


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_are_those_that_the_parser_sees(path):
    """The quick search overlooks no import of the package and invents none, and each leads to a module that exists."""
    text = (ROOT / path).read_text(encoding="utf-8")
    quick = {(origin, name) for origin, names in import_statements(text) for name in names or [""]}
    assert quick == parsed_imports(text)
    for home in imports_of(".".join(path.with_suffix("").parts).removesuffix(".__init__")):
        place = ROOT / home.replace(".", "/")
        assert place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def test_a_face_hands_on_only_what_is_asked_of_it():
    """Who takes one name from a package depends on the module that defines it, not on the whole package."""
    assert imports_of("sitefinder.layers.naming") == ("sitefinder.config.keyed_yaml", "sitefinder.layers.spec")
    assert "sitefinder.layers.families.water" not in closure("sitefinder.layers.naming")


@pytest.fixture
def copy(tmp_path):
    """The package in another folder, compiled kernels included."""
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE)
    return tmp_path


def edit(root: Path, module: str, old: str, new: str) -> None:
    """Replace a text that stands once in a module."""
    path = root / PACKAGE / module
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_code_of_a_copy_is_the_same(copy):
    """The fingerprint does not depend on where the package lies."""
    assert code_of("sitefinder.layers.families.water", root=copy) == code_of("sitefinder.layers.families.water")


@pytest.mark.parametrize(
    ("module", "touched"),
    [
        ("kernels/schedule.py", {"grid_power"}),
        ("config/delivery.py", {"grid_power"}),
        ("config/portfolio.py", set()),
        ("layers/families/water.py", {"water"}),
        ("reports/reference.py", set()),
        ("units.py", None),
        ("kernels/burn.py", None),
    ],
)
def test_a_changed_module_renews_the_layers_that_it_builds(copy, module, touched):
    """The schedule renews the layers with dates and none of hydrology; None stands for all layers."""
    with (copy / PACKAGE / module).open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    builders = {layer.build.__module__ for layer in REGISTRY.values()}
    changed = {b.rpartition(".")[2] for b in builders if code_of(b, root=copy) != code_of(b)}
    assert changed == ({b.rpartition(".")[2] for b in builders} if touched is None else touched)
    assert all(REGISTRY[k].build.__module__.endswith("grid_power") for k in DATED)


@pytest.mark.stack
def test_a_changed_schedule_leaves_no_stale_dates(copy):
    """From an edited kernel to the values of the layer: dates are computed again, the drought of the same run is not."""
    program = MEAN_MONTHS.format(config=str(ROOT / "config" / "default.yaml"), data=str(DATA), cache=str(copy / "cache"))

    def months() -> float:
        done = subprocess.run([sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=True)
        return float(done.stdout)

    before = months()
    drought = {p.name for p in copy.rglob("drought_share-*")}
    assert months() == before
    edit(copy, "kernels/schedule.py", "rising, falling).astype(np.float32)", "rising, falling).astype(np.float32) + 12")
    assert months() > before + 12
    assert {p.name for p in copy.rglob("drought_share-*")} == drought
    assert len(list(copy.rglob("grid_months_200mw-*.npy"))) == 2
