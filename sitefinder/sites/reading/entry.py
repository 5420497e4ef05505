"""What every reader of the user's sites makes: rows with a geometry or a problem, and the limits of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitefinder.columns import Scalar
from sitefinder.errors import SitesError
from sitefinder.sites.stated import NOTHING, Stated

#: WGS 84 with the longitude first, as GeoJSON has it; what a file without a declaration holds
LONLAT = "OGC:CRS84"
#: bytes that every vertex of a well-known-binary polygon takes at least: two doubles
VERTEX_BYTES = 16


@dataclass(frozen=True)
class Limits:
    """Limits of a file, checked before it is worked on.

    Parameters
    ----------
    file_bytes : int
        On disk, and unpacked.
    vertices : int
        Of the whole file.
    site_vertices : int
        Of one site: a surveyed parcel has tens, a national forest some ten thousand.
    sites : int
    """

    file_bytes: int = 500_000_000
    vertices: int = 1_000_000
    site_vertices: int = 100_000
    sites: int = 10_000


@dataclass(frozen=True)
class Entry:
    """One row or feature of the file.

    Parameters
    ----------
    place : str
        "row 3" or "feature 2".
    name : str
    geometry : shapely geometry or None
        In the file's coordinates.
    acres : float or None
        What a point asks for, or what the file says that a polygon has.
    stated : Stated
        What the row states against the registers.
    problem : str or None
        Why there is no geometry, with the remedy.
    group : str or None
        Rows of one group are parcels of one site.
    attributes : mapping
        Every column of the row as ``your_<column>``, and its number as ``your_row``.
    """

    place: str
    name: str
    geometry: Any = None
    acres: float | None = None
    stated: Stated = NOTHING
    problem: str | None = None
    group: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """Rows in file order and the coordinate reference system of their coordinates, as pyproj reads it.

    Parameters
    ----------
    entries : list of Entry
    crs : Any
    taken : str
        What was taken as what, for the user.
    """

    entries: list[Entry]
    crs: Any = LONLAT
    taken: str = ""


def too_large(path: Path, amount: str, limit: str) -> SitesError:
    """The refusal of a file that is larger than a limit."""
    return SitesError(f"Invalid SITES file {path}: it holds {amount}, the limit is {limit}. Simplify or split it.")


def clean_name(name: Any, number: int) -> str:
    """A name on one line without control characters; a number where there is none.

    Raises
    ------
    UnicodeEncodeError
        The name holds half a character (a lone surrogate).
    """
    text = name if isinstance(name, str) else "" if name is None or isinstance(name, dict | list | bool) else str(name)
    text.encode()
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text or f"site {number}"
