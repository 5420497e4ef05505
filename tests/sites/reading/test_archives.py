"""Zip files with lists of sites."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sitefinder.errors import SitesError
from sitefinder.sites.reading.archives import Member, content_of, gdal_path, members_of
from sitefinder.sites.reading.entry import Limits

KINDS = ("csv", "shp", "gdb")


def archive(folder: Path, *names: str, content: bytes = b"x") -> Path:
    """A zip of these files."""
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, content)
    return path


def test_lists_are_found_in_folders_and_a_geodatabase_is_one(tmp_path):
    """Parts of shapefiles, hidden files and those of Macs are none."""
    names = ("to/a.shp", "to/a.dbf", "__MACOSX/to/._a.shp", "to/.b.csv", "p.gdb/a1.gdbtable", "p.gdb/a2.gdbtable", "read.txt")
    assert members_of(archive(tmp_path, *names), KINDS, Limits()) == [Member("to/a.shp", "shp"), Member("p.gdb", "gdb")]
    assert Member("to/a.shp", "shp").title == "a"


def test_notes_beside_a_list_are_no_lists(tmp_path):
    """What people zip along with a shapefile asks nobody to choose; alone it is all there is."""
    kinds = ("csv", "shp", "txt", "json")
    names = ("a.shp", "README.txt", "notes.txt", "metadata.json", "a_License.csv")
    assert members_of(archive(tmp_path, *names), kinds, Limits()) == [Member("a.shp", "shp")]
    assert members_of(archive(tmp_path, "sites.txt"), kinds, Limits()) == [Member("sites.txt", "txt")]
    two = members_of(archive(tmp_path, "a.shp", "b.csv"), kinds, Limits())
    assert [member.name for member in two] == ["a.shp", "b.csv"]


def test_a_geodatabase_may_lie_open_in_the_zip(tmp_path):
    """Without its folder: GDAL reads the zip itself."""
    path = archive(tmp_path, "a1.gdbtable")
    (member,) = members_of(path, KINDS, Limits())
    assert gdal_path(path, member) == f"/vsizip/{{{path}}}"
    assert gdal_path(path, Member("p.gdb", "gdb")) == f"/vsizip/{{{path}}}/p.gdb"


def test_what_would_unpack_beyond_the_limit_is_refused(tmp_path):
    """A megabyte of zeros takes a kilobyte in the zip."""
    path = archive(tmp_path, "a.csv", content=b"0" * 1_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(SitesError, match="1 MB unpacked"):
        members_of(path, KINDS, Limits(file_bytes=100_000))


def test_content_that_is_damaged_is_told(tmp_path):
    """The directory of the zip is whole, a file in it is not."""
    path = archive(tmp_path, "a.csv", content=bytes(range(256)) * 40)
    assert content_of(path, Member("a.csv", "csv"))[:3] == b"\0\1\2"
    broken = bytearray(path.read_bytes())
    broken[60:90] = b"\xff" * 30
    path.write_bytes(broken)
    with pytest.raises(SitesError, match=r"a\.csv in it cannot be unpacked"):
        content_of(path, Member("a.csv", "csv"))
