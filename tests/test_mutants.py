"""The script that changes code on purpose: it makes changes of every kind, and sees which the tests see."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap

import pytest

from tests.helpers.mutants import TARGETS, mutants
from tests.helpers.paths import ROOT


@pytest.mark.parametrize("target", TARGETS)
def test_each_mutant_is_the_module_with_one_change(target):
    """It can be compiled, differs from the module, and no two are the same."""
    whole = ast.unparse(ast.parse((ROOT / "sitefinder" / target).read_text(encoding="utf-8")))
    texts = [ast.unparse(m.tree) for m in mutants(target)]
    assert len(texts) > 30
    assert len(set(texts)) == len(texts)
    assert whole not in texts
    for text in texts[::9]:
        compile(text, target, "exec")


@pytest.mark.slow
def test_a_change_that_no_test_sees_survives_and_another_does_not():
    """In a process of its own, because the libraries must be loaded and the package must not."""
    program = """
        from tests.helpers.mutants import TARGETS, load_libraries, mutants, survives
        load_libraries()
        target = "kernels/values.py"
        every = mutants(target)
        (ends,) = [m for m in every if m.change == "xs.size - 1 -> xs.size + 1"]
        print(survives(None, TARGETS[target]), survives(ends, TARGETS[target]), survives(ends, ["test_units.py"]))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True
    )
    assert done.stdout.split() == ["True", "False", "True"]
