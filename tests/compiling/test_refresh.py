"""The table of sources, what a file is compared with, and that nothing is replaced unless everything fits."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import rasterio

from sitefinder.compiling.refresh import TABLE, RawSource, compare, read_table, refresh, shape_of
from sitefinder.errors import DataError
from tests.helpers.paths import ROOT

RAW = ROOT.parent / "shared" / "data"
CSV = "fips,mw,on\n01001,1.5,true\n01003,2,false\n"


def source(**more):
    plain = {"publisher": "P", "licence": "L", "bytes": (10, 1000), "url": "https://example.org/a.csv"}
    return RawSource(**(plain | {"columns": {"fips": "integer", "mw": "number", "on": "boolean"}} | more))


def giving(contents):
    """What stands in for a download: contents by name."""

    def fetch(download, folder):
        if contents[download.name] is None:
            raise DataError(f"Cannot refresh '{download.name}'.")
        path = folder / download.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents[download.name], encoding="utf-8")
        return path

    return fetch


def test_each_column_that_drifted_is_named(tmp_path):
    """Missing and of another kind refuse a file; a new one is told."""
    path = tmp_path / "a.csv"
    path.write_text("fips,mw,since\n01001,much,2020-01-01\n", encoding="utf-8")
    faults, notes = compare("a.csv", path, source())
    assert [f.split(":")[0] for f in faults] == [
        "Refused 'a.csv' (files.a.csv.columns.mw)",
        "Refused 'a.csv' (files.a.csv.columns.on)",
    ]
    assert "it is text, not number" in faults[0]
    assert "the column is missing" in faults[1]
    assert notes == ["a.csv: column since is new"]


def test_whole_numbers_are_numbers_but_not_the_other_way_round(tmp_path):
    """A decimal in a code is drift."""
    path = tmp_path / "a.csv"
    path.write_text("fips,mw,on\n01001.5,2,true\n", encoding="utf-8")
    faults, _ = compare("a.csv", path, source())
    assert len(faults) == 1
    assert "columns.fips): it is number, not integer" in faults[0]


@pytest.mark.parametrize(
    ("text", "said"), [("a\n", "it has 2 bytes, not 10 to 1000"), ("a,b\n1,2,3\n4,5,6\n", "it cannot be read as .csv")]
)
def test_a_file_of_another_size_or_kind_is_refused(tmp_path, text, said):
    """In one line."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    (fault,), _ = compare("a.csv", path, source())
    assert said in fault


def test_bands_and_reference_systems_are_compared(tmp_path):
    """Of a raster."""
    path = tmp_path / "a.tif"
    shape = {"driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "int16", "crs": "EPSG:5070"}
    with rasterio.open(path, "w", **shape, transform=rasterio.Affine(1, 0, 0, 0, -1, 0)) as raster:
        raster.write(np.ones((1, 4, 4), np.int16))
    like = source(columns={}, bands=("int16",), crs="EPSG:5070", bytes=(1, 10_000))
    assert compare("a.tif", path, like) == ([], [])
    faults, _ = compare("a.tif", path, like.model_copy(update={"bands": ("float32",), "crs": "EPSG:4326"}))
    assert len(faults) == 2


def test_kinds_of_a_parquet_file(tmp_path):
    """Lists, dates, texts."""
    frame = pd.DataFrame({"a": [1], "b": ["x"], "c": [[1, 2]], "d": pd.to_datetime(["2020-01-01"]), "e": [None]})
    frame.to_parquet(tmp_path / "a.parquet")
    assert dict(shape_of(tmp_path / "a.parquet").columns) == {"a": "integer", "b": "text", "c": "list", "d": "date", "e": "empty"}


def test_nothing_is_replaced_unless_everything_fits(tmp_path):
    """One file of two has drifted: both earlier files stay, each fault is a line; then both are replaced."""
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("earlier", encoding="utf-8")
    table = {"a.csv": source(), "b.csv": source(), "c.csv": source(url=None)}
    with pytest.raises(DataError) as caught:
        refresh(tmp_path, table, giving({"a.csv": CSV, "b.csv": "fips\n01001\n01002\n"}))
    assert len(str(caught.value).splitlines()) == 2
    with pytest.raises(DataError, match=r"Cannot refresh 'b\.csv'"):
        refresh(tmp_path, table, giving({"a.csv": CSV, "b.csv": None}))
    assert [(tmp_path / n).read_text(encoding="utf-8") for n in ("a.csv", "b.csv")] == ["earlier"] * 2
    assert refresh(tmp_path, table, giving({"a.csv": CSV, "b.csv": CSV})) == ["a.csv: refreshed", "b.csv: refreshed"]
    assert [(tmp_path / n).read_text(encoding="utf-8") for n in ("a.csv", "b.csv")] == [CSV] * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("files: {a.csv: {publisher: P}}", "files.a.csv.licence: Field required"),
        ("files: {../a.csv: {publisher: P, licence: L, bytes: [1, 2]}}", "does not lie below the folder"),
        ("files: {a.csv: {publisher: P, licence: L, bytes: [1, 2], adress: x}}", "files.a.csv.adress: Extra inputs"),
        ("files: [", "it is not YAML"),
        ("3", "Input should be"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path, text, said):
    """The key is named."""
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said.replace(".", r"\.")):
        read_table(tmp_path / "t.yaml")


def test_the_shipped_table_holds_no_address_that_nobody_documents():
    """And every file has a publisher, a checksum and a shape; none is for validation alone."""
    table = read_table(TABLE)
    assert len(table) > 75
    assert [name for name, s in table.items() if s.url] == []
    assert [name for name, s in table.items() if not (s.sha256 and (s.columns or s.bands))] == []


def test_the_script_ends_with_2_and_a_line(tmp_path):
    """No address is known."""
    command = [sys.executable, str(ROOT / "scripts/refresh.py"), "--raw", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("refresh: No address of ")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not RAW.exists(), reason="raw files are not part of a checkout")
def test_the_raw_files_are_as_the_table_says():
    """All of them."""
    table = read_table(TABLE)
    assert [line for name, s in table.items() for lines in compare(name, RAW / name, s) for line in lines] == []
