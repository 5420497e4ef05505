"""The portfolio chosen from a run, read from ``portfolio.json`` for financing and memo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sitefinder.errors import DataError
from sitefinder.files import Json, read_json

NAME = "portfolio.json"
REMEDY = "Choose again: sitefinder portfolio"
#: parts of the file that the memo shows
TAKEN = ("terms", "sites", "members", "frontier", "limits", "regret", "robust", "set", "runner_up")


@dataclass(frozen=True)
class Chosen:
    """The chosen set of campuses, the runner-up, and the file that describes them.

    Parameters
    ----------
    best, runner_up : tuple of str
        Site ids; the second may be empty.
    rest : mapping
        Content of the file.
    """

    best: tuple[str, ...]
    runner_up: tuple[str, ...]
    rest: Mapping[str, Any]

    def facts(self) -> Json:
        """Parts of the file that the memo shows; None for those it lacks."""
        return {name: self.rest.get(name) for name in TAKEN}


def read_chosen(folder: Path, fingerprint: str | None = None) -> Chosen:
    """The portfolio of a run.

    Parameters
    ----------
    folder : Path
    fingerprint : str, optional
        Of the configuration of the run; a portfolio of another run is refused.

    Raises
    ------
    DataError
        The file is missing, damaged, or of another run.
    """
    path = folder / NAME
    try:
        content = read_json(path)
        best = tuple(str(s) for s in content["set"]["sites"])
        other = tuple(str(s) for s in (content.get("runner_up") or {}).get("sites", ()))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. Choose the set first: sitefinder portfolio.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"Invalid {path}: it names no set of sites. {REMEDY}.") from None
    if not best:
        raise DataError(f"Invalid {path}: its set is empty. {REMEDY}.")
    stamp = content.get("config_fingerprint")
    if fingerprint and stamp and stamp != fingerprint:
        raise DataError(f"{path} was chosen from another run than the one in its folder. {REMEDY}.")
    return Chosen(best, other, content)
