"""Raw files from their publishers: downloaded beside those there, compared with the table of sources, then put in place."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pyogrio
import pyogrio.errors
import pyproj
import pyproj.exceptions
import rasterio
import rasterio.errors
from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sitefinder.compiling.downloading import Download
from sitefinder.errors import DataError
from sitefinder.files import read_json

TABLE = Path(__file__).with_name("sources.yaml")
Kind = Literal["integer", "number", "text", "boolean", "date", "geometry", "list", "empty", "other"]
#: what may stand where something else was expected, without harm: whole numbers are numbers
NARROWER = {("number", "integer")}
#: what readers say to a file that is of another kind or damaged
UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException),
    *(rasterio.errors.RasterioError, pyogrio.errors.DataSourceError, pyproj.exceptions.ProjError),
)


class RawSource(BaseModel):
    """A raw file: where it comes from, and what it must look like.

    ``bytes`` are the least and the most; ``columns`` name -> kind; a raster has ``bands`` (types) instead; ``crs`` as
    authority and code, empty where the file names none that has a code; ``url`` is None where the catalogue gives none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    publisher: str
    licence: str
    bytes: tuple[int, int]
    url: str | None = None
    hosts: tuple[str, ...] = ()
    sha256: str | None = None
    skip_lines: int = 0
    columns: Mapping[str, Kind] = {}
    bands: tuple[str, ...] = ()
    crs: str = ""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    files: Mapping[str, RawSource]


class Shape(BaseModel):
    """Columns, bands and reference system that a file has."""

    columns: Mapping[str, Kind] = {}
    bands: tuple[str, ...] = ()
    crs: str = ""


def read_table(path: Path) -> Mapping[str, RawSource]:
    """File name -> source.

    Raises
    ------
    DataError
        The table is missing or damaged; a line for each key that is wrong.
    """
    try:
        tree = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        files = _Table.model_validate(tree).files
    except OSError:
        raise DataError(f"Missing table of sources {path}. Name another with --sources.") from None
    except ValidationError as error:
        lines = [f"Invalid {path}: {'.'.join(map(str, e['loc']))}: {e['msg']}. Correct it." for e in error.errors()]
        raise DataError("\n".join(lines)) from None
    except (YAMLError, ValueError, RecursionError):
        raise DataError(f"Damaged table of sources {path}: it is not YAML. Correct it, or copy it again.") from None
    if wrong := [name for name in files if Path(name).is_absolute() or ".." in Path(name).parts]:
        raise DataError(f"Invalid {path}: files.{wrong[0]} does not lie below the folder. Correct the name.")
    return files


def refresh(raw: Path, table: Mapping[str, RawSource], fetch: Callable[[Download, Path], Path] = Download.fetch) -> list[str]:
    """Download all files that have an address, compare them, then put them in place; their names and notes in lines.

    Raises
    ------
    DataError
        No file has an address, or any file fails: a line for each, and nothing in ``raw`` is replaced.
    """
    asked = {name: source for name, source in table.items() if source.url}
    if not asked:
        raise DataError(
            f"No address of {len(table)} files is known (files.*.url). Copy the table, add addresses, name it with --sources."
        )
    staging = raw / ".refresh"
    whole, faults, lines = {}, list[str](), list[str]()
    for name, source in asked.items():
        download = Download(name, str(source.url), source.hosts, source.bytes[1], source.sha256)
        try:
            whole[name] = fetch(download, staging)
            wrong, notes = compare(name, whole[name], source)
        except DataError as error:
            wrong, notes = [str(error)], []
        faults += wrong
        lines += notes
        if wrong and name in whole:
            whole[name].unlink(missing_ok=True)
    if faults:
        raise DataError("\n".join(faults))
    for name, path in whole.items():
        target = raw / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    return [*lines, *(f"{name}: refreshed" for name in whole)]


def compare(name: str, path: Path, source: RawSource) -> tuple[list[str], list[str]]:
    """Faults of a file against its source, a line each, and notes that are none: columns that are new."""
    where = f"files.{name}"
    size, (least, most) = path.stat().st_size, source.bytes
    if not least <= size <= most:
        remedy = "Look at the file, then correct the range"
        return [f"Refused '{name}' ({where}.bytes): it has {size} bytes, not {least} to {most}. {remedy}."], []
    try:
        shape = shape_of(path, source.skip_lines)
    except UNREADABLE:
        return [f"Refused '{name}' ({where}): it cannot be read as {path.suffix}. Open the address and correct it."], []
    remedy = "Mend the module that compiles it, then the table"
    faults = []
    for column, kind in source.columns.items():
        now = shape.columns.get(column)
        if now is None:
            faults.append(f"Refused '{name}' ({where}.columns.{column}): the column is missing. {remedy}.")
        elif now != kind and (kind, now) not in NARROWER:
            faults.append(f"Refused '{name}' ({where}.columns.{column}): it is {now}, not {kind}. {remedy}.")
    if shape.bands != source.bands:
        faults.append(f"Refused '{name}' ({where}.bands): they are {list(shape.bands)}, not {list(source.bands)}. {remedy}.")
    if shape.crs != source.crs:
        faults.append(f"Refused '{name}' ({where}.crs): it is '{shape.crs}', not '{source.crs}'. {remedy}.")
    return faults, [f"{name}: column {c} is new" for c in shape.columns if c not in source.columns]


def shape_of(path: Path, skip_lines: int = 0) -> Shape:
    """Columns or bands and reference system of a file, by its ending: CSV, Parquet, GeoTIFF, GeoJSON, TopoJSON, GeoPackage, JSON.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError, pyarrow.ArrowException, RasterioError, DataSourceError
        It cannot be read so.
    """
    if path.suffix == ".csv":
        whole = pa.csv.ReadOptions(block_size=path.stat().st_size + 1, skip_rows=skip_lines)
        lines = pa.csv.ParseOptions(newlines_in_values=True)
        table = pa.csv.read_csv(path, read_options=whole, parse_options=lines)
        return Shape(columns={f.name: _kind(f.type) for f in table.schema})
    if path.suffix == ".parquet":
        schema = pa.parquet.read_schema(path)
        geo = json.loads((schema.metadata or {}).get(b"geo", b"{}")).get("columns", {})
        crs = next((_code(c["crs"]) for c in geo.values() if c.get("crs")), "")
        return Shape(columns={f.name: "geometry" if f.name in geo else _kind(f.type) for f in schema}, crs=crs)
    if path.suffix == ".tif":
        with rasterio.open(path) as source:
            return Shape(bands=source.dtypes, crs=_code(source.crs.to_wkt()) if source.crs else "")
    if path.suffix == ".json" and not _is_geo(path):
        content = read_json(path)
        return Shape(columns={k: _json_kind(v) for k, v in (content if isinstance(content, dict) else {"": content}).items()})
    columns: dict[str, Kind] = {}
    layers = [str(layer) for layer, _ in pyogrio.list_layers(path)]
    for layer in layers:
        info = pyogrio.read_info(path, layer=layer)
        before = f"{layer}." if len(layers) > 1 else ""
        columns |= {f"{before}{n}": _text_kind(str(t)) for n, t in zip(info["fields"], info["dtypes"], strict=True)}
        columns |= {f"{before}geometry": "geometry"} if info["geometry_type"] else {}
    return Shape(columns=columns, crs=_code(info["crs"]) if info["crs"] else "")


def _is_geo(path: Path) -> bool:
    content = read_json(path)
    return isinstance(content, dict) and content.get("type") in ("FeatureCollection", "Topology")


def _code(crs: object) -> str:
    return ":".join(pyproj.CRS.from_user_input(crs).to_authority() or ())


def _kind(of: pa.DataType) -> Kind:
    tests: tuple[tuple[Callable[[pa.DataType], bool], Kind], ...] = (
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "number"),
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_temporal, "date"),
        (pa.types.is_null, "empty"),
        (pa.types.is_list, "list"),
    )
    if pa.types.is_dictionary(of):
        return _kind(of.value_type)
    texts = pa.types.is_string(of) or pa.types.is_large_string(of) or pa.types.is_binary(of)
    return next((kind for test, kind in tests if test(of)), "text" if texts else "other")


def _text_kind(dtype: str) -> Kind:
    starts: dict[str, Kind] = {"int": "integer", "uint": "integer", "float": "number", "bool": "boolean", "datetime": "date"}
    return next((kind for start, kind in starts.items() if dtype.startswith(start)), "text")


def _json_kind(value: object) -> Kind:
    kinds: dict[type, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text", list: "list", type(None): "empty"}
    return kinds.get(type(value), "other")
