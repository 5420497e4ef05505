"""Digests of what results depend on, and of the code that makes them."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sitefinder.cache import (
    closure,
    code_of,
    digest,
    import_statements,
    imports_of,
)
from sitefinder.cache.code import PACKAGE
from sitefinder.layers import REGISTRY
from tests.helpers.paths import DATA, ROOT

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
