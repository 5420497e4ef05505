"""The command ``verify``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sitefinder.cli.verify import verify
from sitefinder.errors import DataError
from sitefinder.results import verification
from sitefinder.results.verification import Verified
from tests.helpers.paths import DATA


@pytest.mark.parametrize("differences", [[], ["results: a differs", "results: b is missing"]])
def test_what_differs_is_an_error_of_one_line_each(monkeypatch: pytest.MonkeyPatch, differences: list[str]) -> None:
    """And what was compared is counted in any case."""
    monkeypatch.setattr(verification, "verify", lambda folder, data: Verified({"results": 9, "your files": 0}, differences))
    done = CliRunner().invoke(verify, ["some/run", "--data", str(DATA)])
    assert "Compared 9: results 9." in done.output
    assert ("some/run is what the run wrote" in done.output) == (not differences)
    if differences:
        assert isinstance(done.exception, DataError)
        assert str(done.exception).splitlines() == differences


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    """The error names the file and the remedy."""
    assert "make rank" in str(CliRunner().invoke(verify, [str(tmp_path), "--data", str(DATA)]).exception)
