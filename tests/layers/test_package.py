"""The compiled files: the register, checksums, columns, points, features and tables, on a package of two small files."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely

from sitefinder.errors import DataError
from sitefinder.layers.files import PLACES
from sitefinder.layers.package import DataPackage, read_features, read_points, read_table
from tests.helpers.paths import DATA, ROOT

POINTS, TABLE = "a/points.parquet", "a/table.parquet"


@pytest.fixture
def small(tmp_path: Path) -> DataPackage:
    """Three points with a voltage and a table of two states, registered with their checksums."""
    (tmp_path / "a").mkdir()
    places = [shapely.Point(1.0, 2.0), shapely.Point(3.0, 4.0), shapely.Point(5.0, 6.0)]
    geopandas.GeoDataFrame({"kv": [345, 500, 230]}, geometry=places, crs="EPSG:5070").to_parquet(tmp_path / POINTS)
    pd.DataFrame({"state": ["TX", "OH"], "tax": [0.0, 1.5]}).to_parquet(tmp_path / TABLE)
    register(tmp_path)
    return DataPackage(tmp_path)


def register(root: Path) -> None:
    """Write the register of the two files."""
    entries = [
        {"path": name, "hash": "sha256:" + hashlib.sha256((root / name).read_bytes()).hexdigest()} for name in (POINTS, TABLE)
    ]
    (root / "datapackage.json").write_text(json.dumps({"resources": entries}), encoding="utf-8")


def test_a_file_with_the_registered_checksum_is_handed_out(small: DataPackage) -> None:
    """Its path, below the folder of the package."""
    assert small.verified(TABLE) == small.root / TABLE


def test_packages_are_equal_that_say_the_same_of_one_folder(small: DataPackage, tmp_path: Path) -> None:
    """Read twice it is one; with another file in it, or in another folder, it is another."""
    again = DataPackage(small.root)
    assert again == small
    assert hash(again) == hash(small)
    copy = tmp_path / "copy"
    shutil.copytree(small.root, copy)
    assert DataPackage(copy) != small
    name = next(iter(small.resources))
    (small.root / name).write_bytes(b"other")
    register(small.root)
    assert DataPackage(small.root) != again


def test_one_changed_byte_is_noticed(small: DataPackage) -> None:
    """The message names the file and how to get it back."""
    content = bytearray((small.root / TABLE).read_bytes())
    content[10] ^= 1
    (small.root / TABLE).write_bytes(content)
    with pytest.raises(DataError, match=r"Damaged data file .*table\.parquet: its checksum differs.*git checkout"):
        small.verified(TABLE)


def test_a_missing_file_is_named(small: DataPackage) -> None:
    """With the command that restores it."""
    (small.root / TABLE).unlink()
    with pytest.raises(DataError, match=r"Missing data file .*table\.parquet.*git checkout"):
        small.verified(TABLE)


def test_a_file_that_is_not_registered_is_refused(small: DataPackage) -> None:
    """A file that merely lies there has no checksum, licence or source."""
    (small.root / "a" / "stray.parquet").write_bytes(b"x")
    with pytest.raises(DataError, match=r"Missing entry 'a/stray\.parquet'.*make data"):
        small.verified("a/stray.parquet")


def test_a_folder_without_a_register_is_refused(tmp_path: Path) -> None:
    """The option that names another folder is part of the message."""
    with pytest.raises(DataError, match=r"Missing data register .*--data"):
        DataPackage(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"resources": [{}]}', '{"resources": 3}'])
def test_a_damaged_register_is_refused(tmp_path: Path, text: str) -> None:
    """Not JSON, or JSON of another shape."""
    (tmp_path / "datapackage.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="Damaged data register"):
        DataPackage(tmp_path)


def test_only_the_columns_asked_for_are_read(small: DataPackage) -> None:
    """In the order of the rows."""
    columns = small.columns(TABLE, ("tax",))
    assert list(columns) == ["tax"]
    assert columns["tax"].tolist() == [0.0, 1.5]


def test_a_missing_column_is_named(small: DataPackage) -> None:
    """A file of an older version."""
    with pytest.raises(DataError, match=r"table\.parquet: it lacks the column 'rate'.*make data"):
        small.columns(TABLE, ("tax", "rate"))


def test_points_come_with_their_coordinates(small: DataPackage) -> None:
    """x and y beside the columns, no geometry."""
    points = read_points(small, POINTS, ("kv",))
    assert {name: values.tolist() for name, values in points.items()} == {
        "kv": [345, 500, 230],
        "x": [1.0, 3.0, 5.0],
        "y": [2.0, 4.0, 6.0],
    }


def test_features_can_be_chosen_by_their_columns(small: DataPackage) -> None:
    """Columns and geometries of the chosen rows stay together; without a choice all are read."""
    chosen = read_features(small, POINTS, ("kv",), where=lambda table: table["kv"] >= 345)
    assert chosen["kv"].tolist() == [345, 500]
    assert [p.x for p in chosen["geometry"]] == [1.0, 3.0]
    assert len(read_features(small, POINTS, ("kv",))["geometry"]) == 3


@dataclass
class StateTax:
    """Row of the small table."""

    state: str
    tax: float


@dataclass
class CountyTax:
    """Row with a column that the small table lacks."""

    fips: str
    tax: float


def test_rows_of_a_table_are_found_by_their_key(small: DataPackage) -> None:
    """Records by one of their fields; a column that the file lacks is refused by name."""
    assert read_table(small, TABLE, StateTax, "state")["OH"] == StateTax("OH", 1.5)
    with pytest.raises(DataError, match="it lacks the column 'fips'"):
        read_table(small, TABLE, CountyTax, "fips")


def test_points_of_the_real_package_lie_on_the_plane(package: DataPackage) -> None:
    """Towns in metres of EPSG:5070, not in degrees."""
    towns = read_points(package, PLACES, ("name",))
    assert towns["x"].size == towns["name"].size > 1000
    assert abs(towns["x"]).max() > 1e6


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        [1, None, 3],
        [1.5, None, 2.5],
        [None, None],
        ["a", None, "b"],
        [True, False],
        [True, None],
        [b"x", None],
        [[1, 2], [3]],
        [],
    ],
)
def test_columns_are_those_of_arrow(small, values):
    """Kind and values as ``to_numpy`` gives them, from one group of rows and from several."""
    columns = {"plain": pa.array(values)} | ({"large": pa.array(values, pa.large_string())} if "a" in values else {})
    for rows in (1, 100):
        pa.parquet.write_table(pa.table(columns), small.root / TABLE, row_group_size=rows)
        register(small.root)
        read = DataPackage(small.root).columns(TABLE, tuple(columns))
        for name, column in columns.items():
            expected = pa.chunked_array([column]).to_numpy()
            assert read[name].dtype == expected.dtype
            assert repr(read[name].tolist()) == repr(expected.tolist())


def test_reading_columns_loads_neither_pandas_nor_datasets():
    """They would cost a run a quarter of a second."""
    code = (
        "import sys; from pathlib import Path; from sitefinder.layers.package import DataPackage, read_points; "
        f"read_points(DataPackage(Path({str(DATA)!r})), {PLACES!r}, ('name', 'population')); "
        "print({'pandas', 'pyarrow.dataset'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"
