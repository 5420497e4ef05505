"""Habits that a machine can check: every module tested, files and functions short, conversions in one place."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

PACKAGE = ROOT / "sitefinder"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 50
#: conversion factors by their first digits; any number in the code that begins so is one
CONVERSIONS = ("1609.3", "0.3048", ".3048", "4046.8", "0.00378", ".00378")
#: modules without a test file of their name, and who tests them
COVERED_ELSEWHERE = {
    "errors.py": "classes without behaviour; every test that expects a refusal",
    "compiling/": "tests/compiling: the compiled files themselves, because compiling needs the raw downloads",
    "layers/families/": "tests/layers/test_families.py: all layers on real data",
    "power/columns.py": "tests/results/test_columns.py: the register of columns as a whole",
    "routes/columns.py": "tests/results/test_columns.py: the register of columns as a whole",
    "sites/columns.py": "tests/results/test_columns.py: the register of columns as a whole",
}


def named(path: Path) -> str:
    """Path below the package, for messages."""
    return path.relative_to(PACKAGE).as_posix()


def home_of_tests(path: Path) -> Path:
    """Where the tests of a module belong."""
    place = path.relative_to(PACKAGE)
    return ROOT / "tests" / place.parent / f"test_{place.name}"


def functions(path: Path) -> list[ast.FunctionDef]:
    """All functions and methods of a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)]


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
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            found.append(f"line {node.lineno}: assert")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            found.append(f"line {node.lineno}: print")
    return found


MODULES = [
    p for p in SOURCES if p.name not in ("__init__.py", "__main__.py") and not named(p).startswith(tuple(COVERED_ELSEWHERE))
]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_module_has_a_test_file_of_its_name(path):
    """tests/<package>/test_<module>.py exists and imports the module it is named after."""
    place, test = path.relative_to(PACKAGE), home_of_tests(path)
    assert test.exists(), f"no {test.relative_to(ROOT)}"
    parent = ".".join(("sitefinder", *place.parent.parts))
    imports = rf"(from|import) {re.escape(parent)}\.{path.stem}\b|from {re.escape(parent)} import [^\n]*\b{path.stem}\b"
    face = rf"from {re.escape(parent)} import" if path.stem in faced(place.parent) else "$^"
    assert re.search(f"{imports}|{face}", test.read_text(encoding="utf-8"))


def faced(folder: Path) -> set[str]:
    """Modules whose names the face of their package hands on."""
    tree = ast.parse((PACKAGE / folder / "__init__.py").read_text(encoding="utf-8"))
    return {node.module.rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("name", COVERED_ELSEWHERE)
def test_what_is_excused_from_its_own_test_file_exists(name):
    """The list of excuses names nothing that is gone, and no module that has a test file after all."""
    assert (PACKAGE / name).exists()
    assert not home_of_tests(PACKAGE / name).is_file() or name.endswith("/")


@pytest.mark.parametrize("path", SOURCES + sorted((ROOT / "tests").rglob("*.py")), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_file_is_at_most_400_lines_long(path):
    """A longer file holds more than one noun."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_functions_have_at_most_50_code_lines(path):
    """A function fits a screen."""
    text = path.read_text(encoding="utf-8")
    assert [f.name for f in functions(path) if code_lines(f, text) > MAX_FUNCTION_LINES] == []


@pytest.mark.parametrize("path", [p for p in SOURCES if named(p) != "units.py"], ids=named)
def test_conversion_factors_stand_only_in_units(path):
    """A factor that is written twice is one day corrected once."""
    assert [n for n in numbers(path) if n.startswith(CONVERSIONS)] == []


def test_conversion_factors_are_recognised_where_they_belong():
    """The search finds the factors in units.py: it would find them elsewhere."""
    found = [n for n in numbers(PACKAGE / "units.py") if n.startswith(CONVERSIONS)]
    assert sorted(found) == ["0.003785411784", "0.3048", "1609.344", "4046.8564224"]


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_package_neither_asserts_nor_prints(path):
    """Errors are raised by name, and the library does not write to the terminal."""
    assert faults_of(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_asserts_and_prints_are_recognised():
    """The search itself works."""
    assert faults_of(ast.parse("assert x\nif y:\n    print(1)\n")) == ["line 1: assert", "line 3: print"]


def test_code_lines_leave_out_docstring_comments_and_blanks():
    """The count of a function is what its reader has to read."""
    text = 'def f():\n    """Two\n    lines."""\n    # why\n\n    x = 1\n    return x\n'
    assert code_lines(ast.parse(text).body[0], text) == 3


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_test_says_in_a_sentence_what_it_checks(path):
    """The docstring of a test is the behaviour it stands for."""
    assert [f.name for f in functions(path) if f.name.startswith("test_") and len(ast.get_docstring(f) or "") < 10] == []
