"""Zip files: which lists of sites lie in one, and whether it is safe to unpack."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from sitefinder.errors import SitesError
from sitefinder.sites.reading.entry import Limits, too_large

#: folder of a File Geodatabase
GEODATABASE = ".gdb"
#: words in the names of files that go with a list of sites: they count where the zip holds nothing else
NOTES = ("readme", "metadata", "licen", "disclaimer", "data_dictionary")


class Member(NamedTuple):
    """A list of sites within a zip file.

    Parameters
    ----------
    name : str
        File or folder in the zip; empty where the zip itself is a File Geodatabase.
    kind : str
        Suffix without its point.
    """

    name: str
    kind: str

    @property
    def title(self) -> str:
        """Name without folders and suffix."""
        return PurePosixPath(self.name).stem


def members_of(path: Path, kinds: Collection[str], limits: Limits) -> list[Member]:
    """Lists of sites in a zip file.

    Raises
    ------
    SitesError
        The zip file is damaged, locked by a password, or too large when unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            items = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise SitesError(f"Invalid SITES file {path}: it is not a readable zip file. Zip it again.") from None
    if any(item.flag_bits & 1 for item in items):
        raise SitesError(f"Invalid SITES file {path}: it is locked by a password. Unpack it.")
    unpacked = sum(item.file_size for item in items)
    if unpacked > limits.file_bytes:
        raise too_large(path, f"{unpacked / 1e6:,.0f} MB unpacked", f"{limits.file_bytes / 1e6:,.0f} MB")
    members: dict[Member, None] = {}
    for item in items:
        member = _member(PurePosixPath(item.filename), kinds)
        if member is not None and not item.is_dir():
            members[member] = None
    lists = [member for member in members if not _is_note(member)]
    return lists or list(members)


def _is_note(member: Member) -> bool:
    """Whether a file only goes with the list beside it: a text, or metadata and licences in other kinds."""
    return member.kind == "txt" or any(word in member.title.lower() for word in NOTES)


def _member(name: PurePosixPath, kinds: Collection[str]) -> Member | None:
    """The list of sites that a file in a zip belongs to."""
    if "__MACOSX" in name.parts or name.name.startswith("."):
        return None
    for i, part in enumerate(name.parts[:-1], start=1):
        if part.lower().endswith(GEODATABASE):
            return Member("/".join(name.parts[:i]), "gdb")
    if name.suffix.lower() == ".gdbtable":
        return Member("/".join(name.parts[:-1]), "gdb")
    kind = name.suffix.lower().lstrip(".")
    return Member(str(name), kind) if kind in kinds else None


def content_of(path: Path, member: Member) -> bytes:
    """Content of a file in a zip.

    Raises
    ------
    SitesError
        It cannot be unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(member.name)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, EOFError):
        raise SitesError(f"Invalid SITES file {path}: {member.name} in it cannot be unpacked. Zip it again.") from None


def gdal_path(path: Path, member: Member) -> str:
    """Path by which GDAL reads a file or folder in a zip."""
    inner = f"/{member.name}" if member.name else ""
    return f"/vsizip/{{{path.resolve()}}}{inner}"
