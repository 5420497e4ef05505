"""Small changes of the code, one at a time, and whether the tests of a module see them.

A mutant has one operator, comparison, constant or condition changed. Each is tried in a process of its own that has the libraries
loaded already and gets the changed module in the place of the right one; nothing is written into the code.
"""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from types import ModuleType
from typing import Any, NamedTuple

from tests.helpers.paths import ROOT

#: module below the package -> its tests below ``tests``
TARGETS: Mapping[str, tuple[str, ...]] = {
    "kernels/values.py": ("kernels/test_values.py", "scoring/test_criteria.py"),
    "scoring/criteria.py": ("scoring/test_criteria.py",),
    "scoring/exclusions.py": ("scoring/test_exclusions.py",),
    "kernels/spacing.py": ("kernels/test_spacing.py",),
    "kernels/schedule.py": ("kernels/test_schedule.py",),
    "portfolio/limits.py": ("portfolio/test_limits.py",),
}
#: what the tests load
LIBRARIES = (
    *("numpy", "pandas", "shapely", "numba", "scipy.sparse", "scipy.optimize", "pydantic", "hypothesis", "geopandas"),
    *("rasterio", "pyproj", "pytest", "ruamel.yaml", "click", "pyarrow.parquet"),
)
#: seconds after which a mutant counts as seen: it never ends
LONGEST_S = 240
#: operator or comparison -> what takes its place
OTHER: Mapping[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.USub: ast.UAdd,
}  # fmt: skip


class Mutant(NamedTuple):
    """A module with one change."""

    target: str
    line: int
    change: str
    tree: ast.Module


def mutants(target: str) -> list[Mutant]:
    """All mutants of a module, in the order of its lines."""
    whole = ast.parse((ROOT / "sitefinder" / target).read_text(encoding="utf-8"))
    places = [i for i, node in enumerate(ast.walk(whole)) if any(True for _ in _changes(node))]
    skipped, kinds = _not_run(whole), _annotations(whole)
    every = []
    for i in places:
        node = _node(whole, i)
        if node in kinds or any(a <= getattr(node, "lineno", 0) <= b for a, b in skipped):
            continue
        for change in range(sum(1 for _ in _changes(node))):
            tree = copy.deepcopy(whole)
            words = list(_changes(_node(tree, i)))[change]
            every.append(Mutant(target, getattr(node, "lineno", 0), words(), ast.fix_missing_locations(tree)))
    return sorted(every, key=lambda m: m.line)


def _node(tree: ast.AST, at: int) -> ast.AST:
    return next(node for i, node in enumerate(ast.walk(tree)) if i == at)


def _not_run(tree: ast.Module) -> list[tuple[int, int]]:
    """First and last lines of what only the checker of types runs, and of messages of errors."""
    return [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]


def _annotations(tree: ast.Module) -> set[ast.AST]:
    """Everything within the types of arguments, results and variables."""
    kinds = [getattr(node, name, None) for node in ast.walk(tree) for name in ("annotation", "returns")]
    return {inner for kind in kinds if kind is not None for inner in ast.walk(kind)}


def _changes(node: ast.AST) -> Iterator[Any]:
    """Functions that change a node in place and say how."""
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.UnaryOp) and type(node.op) in OTHER:
        yield lambda: _put(node, "op", OTHER[type(node.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER:
        yield lambda: _put(node, "ops", [OTHER[type(node.ops[0])](), *node.ops[1:]])
    if isinstance(node, ast.AugAssign) and type(node.op) in OTHER:
        yield lambda: _put(node, "op", OTHER[type(node.op)]())
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda: _put(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield lambda: _put(node, "value", node.value + 1)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield lambda: _put(node, "test", ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.Break | ast.Continue):
        yield lambda: _swap(node)


def _put(node: ast.AST, name: str, value: Any) -> str:
    before = ast.unparse(node)
    setattr(node, name, value)
    return f"{_short(before)} -> {_short(ast.unparse(node))}"


def _swap(node: ast.AST) -> str:
    before = type(node).__name__.lower()
    node.__class__ = ast.Continue if isinstance(node, ast.Break) else ast.Break
    return f"{before} -> {type(node).__name__.lower()}"


def _short(text: str) -> str:
    return " ".join(text.split())[:60]


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = f"sitefinder.{mutant.target.removesuffix('.py').replace('/', '.')}"
        self.path = str(ROOT / "sitefinder" / mutant.target)
        self.tree = mutant.tree

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """The spec of the changed module alone."""
        return importlib.util.spec_from_loader(name, self, origin=self.path) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed tree."""
        module.__file__ = self.path
        exec(compile(self.tree, self.path, "exec"), module.__dict__)


def survives(mutant: Mutant | None, tests: Sequence[str]) -> bool:
    """Whether all tests pass with a mutant; with None, whether they pass at all."""
    child = os.fork()
    if child == 0:
        os._exit(_tried(mutant, tests))
    ends = time.monotonic() + LONGEST_S
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _tried(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Exit code of the tests, in a process of its own."""
    import pytest

    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            paths = [str(ROOT / "tests" / test) for test in tests]
            options = ["-x", "-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(ROOT)]
            return int(pytest.main([*paths, *options]))
    except BaseException:  # noqa: BLE001 - a module that cannot even be loaded is seen
        traceback.print_exc()
        return 99


def load_libraries() -> None:
    """Import what the tests need and no module of the package: each mutant then starts at once."""
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # a changed kernel would be compiled for each mutant; it computes the same without
    for name in LIBRARIES:
        importlib.import_module(name)
