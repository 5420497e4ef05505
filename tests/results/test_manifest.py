"""run.json: what it holds."""

from __future__ import annotations

import json

from sitefinder.results.manifest import commit, manifest, peak_memory_mb, versions


def test_manifest_is_json_with_the_parts_given():
    """The parts come first, versions, commit and memory are added."""
    content = json.loads(manifest({"config_fingerprint": "abc"}))
    assert content["config_fingerprint"] == "abc"
    assert set(content) == {"config_fingerprint", "versions", "commit", "peak_memory_mb"}


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
