"""What SECURITY.md promises of the code: nothing read from a file is run, and no page reaches the network."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

SOURCES = sorted([*(ROOT / "sitefinder").rglob("*.py"), *(ROOT / "scripts").glob("*.py")])
#: modules that make objects or programs of bytes, and those that open connections
OBJECTS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "code", "pty"}
NETWORK = {"socket", "ssl", "http", "ftplib", "requests", "httpx", "aiohttp", "urllib3", "pooch", "smtplib", "telnetlib"}
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "tarfile.open", "pd.read_pickle", "pandas.read_pickle"}
#: programs that may be started, by module
PROGRAMS = {"sitefinder/results/manifest.py", "sitefinder/reports/dossier/printing.py", "scripts/benchmark.py"}
#: modules that listen, on this machine alone
LISTENING = {"sitefinder/tuning/serving.py"}
#: the module that downloads raw files when somebody asks for it; no run imports it
DOWNLOADING = {"sitefinder/compiling/downloading.py"}


def faults(text: str, *, starts_programs: bool = False, listens: bool = False, downloads: bool = False) -> list[str]:
    """Line and name of everything forbidden in a source."""
    wrong = []
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            options = {k.arg: ast.unparse(k.value) for k in node.keywords}
            risky = called in CALLS or (called.endswith((".extractall", ".extract")) and "archive" in called)
            unsafe = options.get("shell", "False") != "False" or options.get("allow_pickle", "False") != "False"
            loaded = called == "YAML" and options.get("typ") not in ("'rt'", "'safe'")
            wrong += [f"{node.lineno}: {called}"] if risky or unsafe or loaded else []
        network = NETWORK - ({"socket"} if listens else set()) - ({"pooch", "requests"} if downloads else set())
        forbidden = OBJECTS | network | (set() if starts_programs else {"subprocess"})
        wrong += [
            f"{node.lineno}: {n}" for n in names if n.split(".")[0] in forbidden or n in ("urllib.request", "multiprocessing")
        ]
    return wrong


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "import subprocess",
        "eval('1')",
        "import urllib.request",
        "from urllib import request",
        "subprocess.run('x', shell=True)",
        "np.load(p, allow_pickle=True)",
        "YAML(typ='unsafe')",
        "YAML()",
        "archive.extractall(p)",
        "import socket as s",
    ],
)
def test_the_search_finds_what_is_forbidden(text: str) -> None:
    """Each kind of it."""
    assert faults(text) != []


@pytest.mark.parametrize(
    "text", ["import json", "YAML(typ='rt')", "np.load(p)", "from urllib.parse import urlencode", "re.compile('x')"]
)
def test_the_search_lets_plain_code_pass(text: str) -> None:
    """Numbers, texts and addresses alone."""
    assert faults(text) == []


def test_nothing_that_is_read_is_run() -> None:
    """No object is made of bytes, no text is run, no connection is opened, and the modules named alone start a program."""
    found = {}
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        allowed = {"starts_programs": name in PROGRAMS, "listens": name in LISTENING, "downloads": name in DOWNLOADING}
        if wrong := faults(path.read_text(encoding="utf-8"), **allowed):
            found[name] = wrong
    assert found == {}


def test_the_threat_model_names_tests_that_exist() -> None:
    """A promise without its test would be a promise alone."""
    named = {
        part for part in (ROOT / "SECURITY.md").read_text(encoding="utf-8").split("`") if part.startswith(("tests/", "scripts/"))
    }
    assert len(named) > 10
    assert [name for name in sorted(named) if not Path(ROOT / name).exists()] == []
