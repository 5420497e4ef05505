"""Made-up stations, lines and campuses, as the compiled files hold them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from sitefinder.layers.files import CAMPUS_LABELS, HEADROOM, LINES
from sitefinder.layers.package import DataPackage

STATION = {"name": "Hub", "near": None, "kv": 345, "junction": False}
KM = 1000.0


def _point(row: dict[str, Any]) -> shapely.Point:
    return shapely.Point(row.get("x", 0.0) * KM, row.get("y", 0.0) * KM)


def grid_tables(
    stations: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]] = (), campuses: Sequence[dict[str, Any]] = ()
) -> dict[str, gpd.GeoDataFrame]:
    """Compiled files by name.

    Parameters
    ----------
    stations : sequence of dict
        ``x``, ``y`` in km, ``mw`` (headroom with one line out), ``p90`` and ``intact`` (all in service) where they
        differ, and what differs from ``STATION``.
    lines : sequence of dict
        ``from``, ``to`` in km, and what differs from an alternating-current line of 345 kV.
    campuses : sequence of dict
        ``x``, ``y`` in km and ``mw``.
    """
    rows = [
        {"sub_id": i, "n1_p10": s["mw"], "n1_p50": s["mw"], "n1_p90": s.get("p90", s["mw"])}
        | dict.fromkeys(("n0_p10", "n0_p50", "n0_p90"), s.get("intact", s["mw"]))
        | {name: s.get(name, usual) for name, usual in STATION.items()}
        for i, s in enumerate(stations)
    ]
    drawn = [shapely.LineString(np.array([r["from"], r["to"]]) * KM) for r in lines]
    kinds = {"kv_class": [r.get("kv_class", 345) for r in lines], "is_dc": [r.get("is_dc", False) for r in lines]}
    power = {"mw": np.array([c["mw"] for c in campuses], np.float64)}
    crs = "EPSG:5070"
    return {
        HEADROOM: gpd.GeoDataFrame(rows, geometry=[_point(s) for s in stations], crs=crs),
        LINES: gpd.GeoDataFrame(
            {k: np.array(v, np.int16 if k == "kv_class" else bool) for k, v in kinds.items()}, geometry=drawn, crs=crs
        ),
        CAMPUS_LABELS: gpd.GeoDataFrame(power, geometry=[_point(c) for c in campuses], crs=crs),
    }


def written_grid(
    folder: Path,
    stations: Sequence[dict[str, Any]],
    *,
    lines: Sequence[dict[str, Any]] = (),
    campuses: Sequence[dict[str, Any]] = (),
    others: dict[str, gpd.GeoDataFrame] | None = None,
) -> DataPackage:
    """A data folder with these tables and their register."""
    resources = []
    for name, frame in (grid_tables(stations, lines, campuses) | (others or {})).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(folder / name)
        resources.append({"path": name, "hash": "sha256:" + hashlib.sha256((folder / name).read_bytes()).hexdigest()})
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    return DataPackage(folder)
