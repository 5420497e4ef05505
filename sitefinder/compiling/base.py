"""Writers of compiled layers and the register that becomes ``data/datapackage.json``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.transform import Affine

from sitefinder.errors import DataError
from sitefinder.files import Json, write_all

#: map projection of every compiled geometry: NAD83 / Conus Albers, metres
CRS = "EPSG:5070"
#: west, south, east, north of the study frame in EPSG:5070 metres (the frame of the 1 km source rasters)
FRAME = (-2_362_000.0, 262_000.0, 2_266_000.0, 3_182_000.0)
#: raw file of coast, lakes, rivers, railways and towns that several products read
NATURAL_EARTH = "land/natural_earth_10m_conus.gpkg"
#: postal codes outside the contiguous United States
NOT_CONUS = frozenset({"AK", "HI", "PR", "GU", "VI", "MP", "AS"})

Grade = Literal["E1", "E2", "E3", "E4", "E5"]


@dataclass(frozen=True, kw_only=True)
class Product:
    """Register entry of a compiled file: content, origin, licence, evidence grade and caveat.

    ``grade``: E1 law or contract, E2 measured or registered feature, E3 official statistic,
    E4 modelled or interpolated, E5 proxy.
    """

    path: str
    title: str
    publisher: str
    vintage: str
    licence: str
    grade: Grade
    caveat: str
    method: str
    sources: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    share_alike: bool = False


class Compiler:
    """Reads raw files below ``raw_root`` and writes products below ``out_root``.

    Parameters
    ----------
    raw_root, out_root : Path
        Folder of downloads (named as in its catalogue) and the ``data/`` folder to write.
    """

    def __init__(self, raw_root: Path, out_root: Path) -> None:
        self.raw_root = raw_root
        self.out_root = out_root
        self.entries: list[Json] = []

    def raw(self, name: str) -> Path:
        """Path of a raw file; :class:`DataError` when it is absent."""
        path = self.raw_root / name
        if not path.exists():
            raise DataError(f"Missing raw file '{name}' in {self.raw_root}. Download it or pass another --raw folder.")
        return path

    def vector(self, product: Product, frame: gpd.GeoDataFrame, *, quantum_m: float = 1.0) -> None:
        """Write a GeoParquet file in EPSG:5070 with coordinates rounded to ``quantum_m`` metres."""
        frame = frame.to_crs(CRS)
        frame = frame.set_geometry(rounded(frame.geometry.values, quantum_m))
        collapsed = (frame.geom_type.str.endswith("LineString")) & (frame.length == 0)
        frame = frame[~(frame.geometry.is_empty | frame.geometry.isna() | collapsed)].reset_index(drop=True)
        self._save(
            product,
            lambda tmp: frame.to_parquet(
                tmp,
                compression="zstd",
                index=False,
                compression_level=19,
                schema_version="1.1.0",
                use_dictionary=_dictionary_columns(frame),
                column_encoding={"geometry": "PLAIN"},
            ),
            rows=len(frame),
            columns=list(frame.columns),
        )

    def table(self, product: Product, frame: pd.DataFrame) -> None:
        """Write a plain Parquet table."""
        frame = frame.reset_index(drop=True)
        self._save(
            product,
            lambda tmp: frame.to_parquet(tmp, compression="zstd", index=False, compression_level=19),
            rows=len(frame),
            columns=list(frame.columns),
        )

    def raster(self, product: Product, values: np.ndarray, transform: Affine, *, nodata: float | None) -> None:
        """Write a single-band, tiled ZSTD GeoTIFF in EPSG:5070; integers only, so that it stays small."""
        profile = {
            "driver": "GTiff",
            "height": values.shape[0],
            "width": values.shape[1],
            "count": 1,
            "dtype": values.dtype,
            "crs": CRS,
            "transform": transform,
            "nodata": nodata,
            "tiled": True,
            "blockxsize": 512,
            "blockysize": 512,
            "compress": "zstd",
            "zstd_level": 19,
            "predictor": 2,
        }

        def write(tmp: Path) -> None:
            with rasterio.open(tmp, "w", **profile) as target:
                target.write(values, 1)

        self._save(product, write, rows=None, columns=[])

    def _save(self, product: Product, write: Any, *, rows: int | None, columns: Sequence[str]) -> None:
        unexplained = [c for c in columns if c not in product.fields and c != "geometry"]
        if unexplained:
            raise DataError(f"Product '{product.path}' does not explain column(s) {unexplained}: add them to its fields.")
        target = self.out_root / product.path
        target.parent.mkdir(parents=True, exist_ok=True)
        tmp = target.with_name(f".{os.getpid()}.{target.name}")
        write(tmp)
        tmp.replace(target)
        content = target.read_bytes()
        self.entries.append(
            {
                "name": Path(product.path).stem,
                "path": product.path,
                "title": product.title,
                "bytes": len(content),
                "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
                "rows": rows,
                "publisher": product.publisher,
                "vintage": product.vintage,
                "licence": product.licence,
                "share_alike": product.share_alike,
                "evidence_grade": product.grade,
                "caveat": product.caveat,
                "method": product.method,
                "raw_files": list(product.sources),
                "schema": {"fields": [{"name": k, "description": v} for k, v in product.fields.items()]},
            }
        )

    def package(self) -> Json:
        """The register of everything written so far, in the shape of a Frictionless data package."""
        return {
            "name": "sitefinder-data",
            "title": "Compiled public layers for siting data-center campuses in the contiguous United States",
            "crs": CRS,
            "resources": sorted(self.entries, key=lambda e: e["path"]),
        }

    def write_package(self) -> None:
        """Write ``datapackage.json``."""
        text = json.dumps(self.package(), indent=1, ensure_ascii=False) + "\n"
        write_all(self.out_root, {"datapackage.json": text.encode()})


def _dictionary_columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [c for c in frame.columns if c != "geometry" and frame[c].dtype != float]


def rounded(geometry: np.ndarray, quantum_m: float) -> np.ndarray:
    """Coordinates on a lattice of ``quantum_m`` metres; polygons stay valid, points and lines keep every vertex."""
    polygon = shapely.get_dimensions(geometry) == 2
    result = np.asarray(shapely.set_precision(geometry, quantum_m, mode="pointwise"), object)
    result[polygon] = shapely.set_precision(np.asarray(geometry, object)[polygon], quantum_m, mode="valid_output")
    return result


def in_conus(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The features that touch the study frame; input in EPSG:5070."""
    west, south, east, north = FRAME
    return frame.cx[west:east, south:north]


def points(frame: pd.DataFrame, *, lon: str, lat: str) -> gpd.GeoDataFrame:
    """Table with WGS 84 longitude and latitude columns to EPSG:5070 points inside the frame; rows without coordinates go."""
    frame = frame[frame[lon].notna() & frame[lat].notna()]
    located = gpd.GeoDataFrame(
        frame.drop(columns=[lon, lat]),
        geometry=gpd.points_from_xy(frame[lon], frame[lat]),
        crs="EPSG:4326",
    )
    return in_conus(located.to_crs(CRS))


def fips(values: pd.Series) -> pd.Series:
    """County codes as five-character strings."""
    return values.astype("int64").astype(str).str.zfill(5)
