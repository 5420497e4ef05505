"""Habits that a machine can check: every module tested, files and functions short, conversions in one place."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from tests.helpers.paths import ROOT

PACKAGE = ROOT / "sitefinder"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 50
#: conversion factors by their first digits; any number in the code that begins so is one
CONVERSIONS = ("1609.3", "0.3048", ".3048", "4046.8", "0.00378", ".00378")
#: modules without a test file of their name, and who tests them
COVERED_ELSEWHERE = {
    "errors.py": "classes without behaviour; every test that expects a refusal",
    "compiling/": "tests/compiling: the compiled files themselves, because compiling needs the raw downloads",
    "layers/families/": "tests/layers/test_families.py: all layers on real data",
}


def named(path: Path) -> str:
    """Path below the package, for messages."""
    return path.relative_to(PACKAGE).as_posix()


def home_of_tests(path: Path) -> Path:
    """Where the tests of a module belong."""
    place = path.relative_to(PACKAGE)
    return ROOT / "tests" / place.parent / f"test_{place.name}"


@cache
def tree_of(path: Path) -> ast.Module:
    """The code of a file, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Everything in the code of a file, looked through once."""
    return tuple(ast.walk(tree_of(path)))


@cache
def functions(path: Path) -> list[ast.FunctionDef]:
    """All functions and methods of a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in nodes_of(path) if isinstance(node, kinds)]


def faulty(paths: Iterable[Path], faults: Callable[[Path], object]) -> dict[str, object]:
    """File below the repository -> what is wrong with it, for the files of which something is."""
    paths = list(paths)
    if not paths:
        raise ValueError("no file to look at")
    return {path.relative_to(ROOT).as_posix(): wrong for path in paths if (wrong := faults(path))}


def code_lines(function: ast.FunctionDef, text: str) -> int:
    """Lines of a function that hold code: not the docstring, comments or blank lines."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    first, last = function.lineno, function.end_lineno or function.lineno
    skip = set(range(function.body[0].lineno, (function.body[0].end_lineno or 0) + 1)) if body is not function.body else set()
    lines = text.splitlines()
    return sum(
        1 for n in range(first, last + 1) if n not in skip and lines[n - 1].strip() and not lines[n - 1].lstrip().startswith("#")
    )


def numbers(path: Path) -> list[str]:
    """Every number written in the code of a file, without underscores."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return [t.string.replace("_", "") for t in tokens if t.type == tokenize.NUMBER]


def faults_of(tree: ast.AST) -> list[str]:
    """Statements that may not stand in the package."""
    faults = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            faults.append(f"line {node.lineno}: assert")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            faults.append(f"line {node.lineno}: print")
    return faults


#: names that do not say what they hold
EMPTY_NAMES = ("found", "made", "told")


def empty_names(tree: ast.AST) -> list[str]:
    """Variables, parameters and fields called by one of :data:`EMPTY_NAMES`."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in EMPTY_NAMES:
            names.append(f"line {node.lineno}: {node.id}")
        if isinstance(node, ast.arg) and node.arg in EMPTY_NAMES:
            names.append(f"line {node.lineno}: {node.arg}")
    return names


MODULES = [
    p for p in SOURCES if p.name not in ("__init__.py", "__main__.py") and not named(p).startswith(tuple(COVERED_ELSEWHERE))
]


def faced(folder: Path) -> set[str]:
    """Modules whose names the face of their package hands on."""
    imports = [node for node in ast.walk(tree_of(PACKAGE / folder / "__init__.py")) if isinstance(node, ast.ImportFrom)]
    return {node.module.rpartition(".")[2] for node in imports if node.module}


def untested(path: Path) -> str:
    """What a module lacks: its test file, or the import of the module in it."""
    place, test = path.relative_to(PACKAGE), home_of_tests(path)
    if not test.exists():
        return f"no {test.relative_to(ROOT)}"
    parent = ".".join(("sitefinder", *place.parent.parts))
    imports = rf"(from|import) {re.escape(parent)}\.{path.stem}\b|from {re.escape(parent)} import [^\n]*\b{path.stem}\b"
    face = rf"from {re.escape(parent)} import" if path.stem in faced(place.parent) else "$^"
    imported = re.search(f"{imports}|{face}", test.read_text(encoding="utf-8"))
    return "" if imported else f"{test.relative_to(ROOT)} does not import it"


#: public methods of named tuples, whose names begin with an underscore so that fields cannot collide with them
OF_TUPLES = ("_fields", "_asdict", "_replace", "_make")


def private_names(path: Path) -> list[str]:
    """Private names of the package that a test uses: imported, or read from one of its modules."""
    names, modules = [], set()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sitefinder"):
            names += [f"line {node.lineno}: {a.name}" for a in node.names if a.name.startswith("_")]
            modules |= {a.asname or a.name for a in node.names}
    for node in nodes_of(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            hidden = node.attr.startswith("_") and not node.attr.startswith("__") and node.attr not in OF_TUPLES
            names += [f"line {node.lineno}: {node.value.id}.{node.attr}"] if hidden else []
    return names


def foreign_imports(path: Path) -> list[str]:
    """Imports of other test files, and of helpers in any other form than ``from tests.helpers.x import``."""
    lines = []
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            right = not node.level and (module.partition(".")[0] != "tests" or module.startswith("tests.helpers."))
            lines += [] if right and not module.rpartition(".")[2].startswith("test_") else [ast.unparse(node)]
        if isinstance(node, ast.Import):
            lines += [ast.unparse(node)] if any(a.name.startswith(("tests", "test_", "helpers")) for a in node.names) else []
    return lines


def test_every_module_has_a_test_file_of_its_name():
    """tests/<package>/test_<module>.py exists and imports the module it is named after."""
    assert faulty(MODULES, untested) == {}


def test_what_is_excused_from_its_own_test_file_exists():
    """The list of excuses names nothing that is gone, and no module that has a test file after all."""
    assert [name for name in COVERED_ELSEWHERE if not (PACKAGE / name).exists()] == []
    assert [name for name in COVERED_ELSEWHERE if name.endswith(".py") and home_of_tests(PACKAGE / name).is_file()] == []


def test_files_are_at_most_400_lines_long():
    """A longer file holds more than one noun."""

    def long(path: Path) -> int:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return lines if lines > MAX_FILE_LINES else 0

    assert faulty([*SOURCES, *TESTS], long) == {}


def test_functions_have_at_most_50_code_lines():
    """A function fits a screen."""

    def long(path: Path) -> list[str]:
        text = path.read_text(encoding="utf-8")
        tall = [f for f in functions(path) if (f.end_lineno or 0) - f.lineno >= MAX_FUNCTION_LINES]
        return [f.name for f in tall if code_lines(f, text) > MAX_FUNCTION_LINES]

    assert faulty(SOURCES, long) == {}


def conversions(path: Path) -> list[str]:
    """Conversion factors in the code of a file."""
    return [n for n in numbers(path) if n.startswith(CONVERSIONS)]


def test_conversion_factors_stand_only_in_units():
    """A factor that is written twice is one day corrected once."""
    assert faulty([p for p in SOURCES if named(p) != "units.py"], conversions) == {}


def test_conversion_factors_are_recognised_where_they_belong():
    """The search finds the factors in units.py: it would find them elsewhere."""
    assert sorted(conversions(PACKAGE / "units.py")) == ["0.003785411784", "0.3048", "1609.344", "4046.8564224"]


def test_package_neither_asserts_nor_prints():
    """Errors are raised by name, and the library does not write to the terminal."""
    assert faulty(SOURCES, lambda path: faults_of(tree_of(path))) == {}


def test_asserts_and_prints_are_recognised():
    """The search itself works."""
    assert faults_of(ast.parse("assert x\nif y:\n    print(1)\n")) == ["line 1: assert", "line 3: print"]


def test_names_say_what_they_hold():
    """A variable, parameter or field is named after what it holds, not after how it came about."""
    assert faulty(SOURCES, lambda path: empty_names(tree_of(path))) == {}


def test_empty_names_are_recognised():
    """Assignments, loops, parameters and annotated fields; attributes and keys of others are not variables."""
    code = "found = 1\nfor made in x:\n    pass\ndef f(told): ...\nclass A:\n    found: int\ny.found = {'made': found}\n"
    assert sorted(empty_names(ast.parse(code))) == ["line 1: found", "line 2: made", "line 4: told", "line 6: found"]


def test_code_lines_leave_out_docstring_comments_and_blanks():
    """The count of a function is what its reader has to read."""
    text = 'def f():\n    """Two\n    lines."""\n    # why\n\n    x = 1\n    return x\n'
    assert code_lines(ast.parse(text).body[0], text) == 3


def test_every_test_says_in_a_sentence_what_it_checks():
    """The docstring of a test is the behaviour it stands for."""

    def silent(path: Path) -> list[str]:
        return [f.name for f in functions(path) if f.name.startswith("test_") and len(ast.get_docstring(f) or "") < 10]

    assert faulty([p for p in TESTS if p.name.startswith("test_")], silent) == {}


def test_tests_use_the_package_as_others_do():
    """No private name of the package: what deserves a test of its own deserves a public name."""
    assert faulty(TESTS, private_names) == {}


def test_helpers_are_imported_in_one_way():
    """``from tests.helpers.x import …``; no test file imports another."""
    assert faulty(TESTS, foreign_imports) == {}


def test_searches_of_the_tests_find_what_they_look_for(tmp_path):
    """A file with each fault once, and the right forms beside them."""
    path = tmp_path / "test_a.py"
    path.write_text(
        "from sitefinder.a import _b, c\nfrom sitefinder import d\nfrom tests.helpers.e import f\nc.x\nd._y\nd.__name__\n"
        "from tests.g.test_h import i\nimport tests.helpers.e\nfrom . import j\n"
    )
    assert private_names(path) == ["line 1: _b", "line 5: d._y"]
    assert foreign_imports(path) == ["from tests.g.test_h import i", "import tests.helpers.e", "from . import j"]


def test_tests_that_open_layers_say_so():
    """A file that opens or builds the layers of the country, or ranks it, bears the mark ``stack``, ``slow`` or ``browser``."""
    opening = re.compile(r"\b(open_stack|open_land|warm|map_run|ran_once)\(")
    mark = re.compile(r"pytest\.mark\.(stack|slow|browser)\b")

    def unmarked(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        return bool(opening.search(text)) and not mark.search(text)

    assert faulty([p for p in TESTS if p.name.startswith("test_")], unmarked) == {}
