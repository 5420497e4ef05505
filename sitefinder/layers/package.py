"""The compiled files of ``data/``: existence, checksum, then columns, points, features or a table."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

import numpy as np
import shapely

from sitefinder.config.shipped import REGISTER, restore
from sitefinder.errors import DataError
from sitefinder.files import Json, read_json

if TYPE_CHECKING:
    import pyarrow

#: names of Arrow for numbers that NumPy calls otherwise
NUMBERS = {"double": "float64", "float": "float32", "halffloat": "float16"}

T = TypeVar("T")


class Resource(TypedDict, total=False):
    """Entry of a compiled file in ``datapackage.json``."""

    name: str
    path: str
    title: str
    bytes: int
    hash: str
    rows: int
    publisher: str
    vintage: str
    licence: str
    share_alike: bool
    evidence_grade: str
    caveat: str
    method: str
    raw_files: list[str]
    schema: Json


class DataPackage:
    """The register ``datapackage.json`` of a folder of compiled layers.

    Two are equal when they lie in one folder and say the same: what was made of the files of one is that of the other.

    Parameters
    ----------
    root : Path
        The ``data/`` folder.

    Raises
    ------
    DataError
        The register is missing or damaged.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        path = root / REGISTER
        try:
            content = read_json(path)
            self.resources: dict[str, Resource] = {r["path"]: r for r in content["resources"]}
        except OSError:
            raise DataError(f"Missing data register {path}. Name the folder of the compiled layers with --data.") from None
        except (ValueError, KeyError, TypeError):
            raise DataError(f"Damaged data register {path}. {restore(path)}") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataPackage) and (self.root, self.resources) == (other.root, other.resources)

    def __hash__(self) -> int:
        return hash(self.root)

    def entry(self, name: str) -> Resource:
        """Register entry of a compiled file."""
        try:
            return self.resources[name]
        except KeyError:
            raise DataError(f"Missing entry '{name}' in {self.root / 'datapackage.json'}. Run 'make data'.") from None

    def verified(self, name: str) -> Path:
        """Path of a compiled file after its checksum was compared with the register."""
        path = self.root / name
        try:
            content = path.read_bytes()
        except OSError:
            raise DataError(f"Missing data file {path}. {restore(path)}") from None
        if self.entry(name)["hash"] != "sha256:" + hashlib.sha256(content).hexdigest():
            raise DataError(
                f"Damaged data file {path}: its checksum differs from datapackage.json. "
                f"{restore(path)} After a deliberate change run 'make data'."
            )
        return path

    def columns(self, name: str, wanted: Sequence[str]) -> dict[str, np.ndarray]:
        """Columns of a compiled Parquet file; geometries stay well-known binary.

        Raises
        ------
        DataError
            The file is missing, damaged, or lacks a column.
        """
        table = self.table(name, wanted)
        return {c: _values(table[c]) for c in wanted}

    def table(self, name: str, wanted: Sequence[str]) -> pyarrow.Table:
        """Columns of a compiled Parquet file as Arrow has them; errors as for :meth:`columns`."""
        import pyarrow.parquet

        path = self.verified(name)
        file = pyarrow.parquet.ParquetFile(path)  # read_table would load pyarrow.dataset, and pandas with it
        missing = [c for c in wanted if c not in file.schema_arrow.names]
        if missing:
            raise DataError(f"Invalid data file {path}: it lacks the column '{missing[0]}'. Run 'make data'.")
        return file.read(columns=list(dict.fromkeys(wanted)))


def _values(column: pyarrow.ChunkedArray) -> np.ndarray:
    """(n,) values as ``to_numpy`` of Arrow gives them, which loads pandas: missing numbers are NaN, other missing values None."""
    import pyarrow

    kind = column.type
    texts = pyarrow.types.is_string, pyarrow.types.is_large_string, pyarrow.types.is_binary, pyarrow.types.is_large_binary
    if any(is_text(kind) for is_text in texts) or (pyarrow.types.is_boolean(kind) and column.null_count):
        values = np.empty(len(column), object)
        values[:] = column.to_pylist()
        return values
    if pyarrow.types.is_boolean(kind):
        return _values(column.cast(pyarrow.uint8())).astype(bool)
    if not (pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)):
        return np.asarray(column.to_numpy())
    number = np.dtype(NUMBERS.get(str(kind), str(kind)))
    parts = [_numbers(chunk, number) for chunk in column.chunks if len(chunk)]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, number), *parts])


def _numbers(chunk: pyarrow.Array, number: np.dtype[Any]) -> np.ndarray:
    """(n,) numbers where they lie in memory; where some are missing, a copy in which they are NaN."""
    known, content = chunk.buffers()
    values = np.frombuffer(content, number, len(chunk), chunk.offset * number.itemsize)
    if not chunk.null_count:
        return values
    bits = np.unpackbits(np.frombuffer(known, np.uint8), bitorder="little")[chunk.offset :][: len(chunk)]
    return np.where(bits, values, number.type(np.nan) if number.kind == "f" else np.nan)


def read_points(package: DataPackage, name: str, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """Columns of a compiled file of points, and ``x`` and ``y`` in EPSG:5070 metres.

    Raises
    ------
    DataError
        The file is missing, damaged, or lacks a column.
    """
    import shapely

    table = package.columns(name, (*columns, "geometry"))
    points = shapely.from_wkb(table.pop("geometry"))
    return table | {"x": shapely.get_x(points), "y": shapely.get_y(points)}


def read_features(
    package: DataPackage,
    name: str,
    columns: tuple[str, ...],
    *,
    where: Callable[[Mapping[str, np.ndarray]], np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """Columns of a compiled vector file, and ``geometry``.

    Parameters
    ----------
    package : DataPackage
    name : str
        File below ``data/``.
    columns : tuple of str
    where : callable, optional
        From the columns to (n,) bool: the rows wanted. Geometries of other rows are not even decoded.

    Raises
    ------
    DataError
        The file is missing, damaged, or lacks a column.
    """
    table = package.columns(name, (*columns, "geometry"))
    if where is not None:
        wanted = where(table)
        table = {c: values[wanted] for c, values in table.items()}
    return table | {"geometry": shapely.from_wkb(table["geometry"])}


def read_table(package: DataPackage, name: str, kind: type[T], key: str) -> dict[str, T]:
    """Rows of a compiled table as records, by one of their fields.

    Parameters
    ----------
    package : DataPackage
    name : str
        File below ``data/``.
    kind : type
        Dataclass whose fields are the columns wanted.
    key : str
        Field whose values are the keys.

    Raises
    ------
    DataError
        The file is missing or damaged, or lacks a column.
    """
    table = package.table(name, [f.name for f in fields(cast(Any, kind))])
    return {row[key]: kind(**row) for row in table.to_pylist()}
