"""The list of components of ``make sbom``: every locked library with its version and checksums."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.helpers.paths import ROOT


def test_every_locked_library_is_listed_with_its_checksums(tmp_path):
    """As CycloneDX, in the version of the lock file."""
    out = tmp_path / "sbom.json"
    command = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        "requirements",
        str(ROOT / "requirements.lock"),
        "--of",
        "JSON",
        "-o",
        str(out),
    ]
    subprocess.run(command, check=True, capture_output=True, env={"PATH": ""})
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["bomFormat"] == "CycloneDX"
    listed = {(c["name"], c["version"]) for c in content["components"]}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\\\]+)", lock, re.MULTILINE))
    assert listed == locked
    assert len(locked) > 30
    assert [c["name"] for c in content["components"] if not c["externalReferences"][0]["hashes"]] == []
