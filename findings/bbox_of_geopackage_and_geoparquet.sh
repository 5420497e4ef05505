#!/usr/bin/env bash
# The same lines as GeoPackage and as GeoParquet, read with the same bbox.
#
# One would guess: geopandas.read_file(path, bbox=...) and geopandas.read_parquet(path, bbox=...) return the same rows.
# What happens: the GeoPackage (GeoJSON, FlatGeobuf) returns what really meets the box; the GeoParquet returns everything whose own
#   bounding box meets it. A long diagonal line, such as a pipeline or a transmission line, comes back for a corner of the country
#   that it never crosses: here 2 rows instead of 1. A count of features or a sum of miles by area differs between the two files.
# What to do: after read_parquet(bbox=...), keep frame[frame.intersects(box)].
# Version and source: geopandas 1.2.0, pyogrio 0.13.0, pyarrow 26.0.1, with the bounding boxes written; seen, not documented side by
#   side.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check \
  "shapely==2.2.0" "geopandas==1.2.0" "pyogrio==0.13.0" "pyarrow==26.0.1" "pandas==3.1.1" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import sys

import geopandas as gpd
import shapely

lines = gpd.GeoDataFrame(
    {"name": ["diagonal", "inside"]},
    geometry=[shapely.LineString([(0, 0), (10, 10)]), shapely.LineString([(8, 1), (9, 2)])],
    crs="EPSG:5070",
)
lines.to_file("lines.gpkg")
lines.to_file("lines.fgb")
lines.to_parquet("lines.parquet", write_covering_bbox=True)
corner = (7, 0, 10, 3)
rows = {
    "GeoPackage": gpd.read_file("lines.gpkg", bbox=corner)["name"].tolist(),
    "FlatGeobuf": gpd.read_file("lines.fgb", bbox=corner)["name"].tolist(),
    "GeoParquet": gpd.read_parquet("lines.parquet", bbox=corner)["name"].tolist(),
}
for name, names in rows.items():
    print(f"{name:11} {names}")
sys.exit(not (rows["GeoPackage"] == rows["FlatGeobuf"] == ["inside"] and rows["GeoParquet"] == ["diagonal", "inside"]))
PYTHON
