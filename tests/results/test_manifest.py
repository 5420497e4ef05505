"""run.json: what it holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sitefinder.results.manifest import (
    commit,
    earlier_manifest,
    manifest,
    manifest_checksum,
    misshapen,
    peak_memory_mb,
    sealed_manifest,
    versions,
)


def test_manifest_is_json_with_the_parts_given():
    """The parts come first, versions, commit and memory are added."""
    content = json.loads(manifest({"config_fingerprint": "abc"}))
    assert content["config_fingerprint"] == "abc"
    assert set(content) == {
        "config_fingerprint",
        "versions",
        "code",
        "commit",
        "peak_memory_mb",
        "changed_since_the_last_run",
        "checksum",
    }


def test_the_checksum_is_that_of_everything_else():
    """It stays the same when the manifest is read and written again, and changes with any word of it."""
    content = json.loads(manifest({"a": {"b": [1.5, None, "é"]}, 3: "number"}))
    assert json.loads(sealed_manifest(content)) == content
    assert manifest_checksum(content) == content["checksum"]
    assert manifest_checksum(content | {"a": {"b": [1.5, None, "e"]}}) != content["checksum"]


def test_versions_name_the_libraries_that_decide_numbers():
    """NumPy and numba are among them."""
    found = versions()
    assert found["numpy"][0].isdigit()
    assert found["numba"][0].isdigit()


def test_commit_is_a_short_text_or_unknown():
    """Outside a checkout it is unknown, never an error."""
    found = commit()
    assert found is None or 7 <= len(found) <= 60


def test_commit_is_unknown_without_git(monkeypatch):
    """A machine without git runs all the same."""
    monkeypatch.setenv("PATH", "")
    assert commit() is None


def test_peak_memory_is_in_megabytes():
    """A Python process with NumPy takes more than 20 MB and less than a terabyte."""
    assert 20 < peak_memory_mb() < 1e6


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the two peaks apart")
def test_the_peak_is_not_that_of_the_process_that_started_it():
    """A starter that holds 600 MB, written in full, does not count."""
    inner = "from sitefinder.results.manifest import peak_memory_mb; print(peak_memory_mb())"
    outer = (
        "import subprocess, sys; held = b'x' * 600_000_000; "
        f"print(subprocess.run([sys.executable, '-c', {inner!r}], capture_output=True, text=True, check=True).stdout)"
    )
    done = subprocess.run([sys.executable, "-c", outer], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 400.0


@pytest.mark.parametrize("content", ["", "[]", "[" * 100_000, '{"inputs": []}', '{"versions": {"numpy": 2}}', '{"given": "a"}'])
def test_an_earlier_manifest_that_is_none_counts_as_none(tmp_path, content):
    """A run into a folder with a damaged record must not fail at its end."""
    assert earlier_manifest(tmp_path) is None
    (tmp_path / "run.json").write_text(content, encoding="utf-8")
    assert earlier_manifest(tmp_path) is None
    (tmp_path / "run.json").write_bytes(manifest({"inputs": {"a": "sha256:1"}}))
    assert earlier_manifest(tmp_path)["inputs"] == {"a": "sha256:1"}


def test_parts_of_a_manifest_hold_texts_by_name():
    """Null as well, for what is unknown; a part that an older version lacks is no fault."""
    assert misshapen({}) is None
    assert misshapen({"inputs": {"a": "b"}, "given": {}, "versions": {"numpy": None}, "config": 3}) is None
    assert misshapen({"inputs": {"a": "b"}, "results": {"a": 1}}) == "results"
