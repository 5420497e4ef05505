#!/usr/bin/env bash
# Parcel numbers of seventeen digits, written to a File Geodatabase and to other formats by the same call.
#
# One would guess: a column of 64-bit integers comes back as it was, or the writer refuses; GeoPackage, FlatGeobuf, Shapefile and
#   GeoJSON do bring it back.
# What happens: the File Geodatabase holds it as a real number, for readers of before ArcGIS Pro 3.2. Numbers above 2**53 come back
#   rounded, and two parcels one apart become the same number. pyogrio warns, geopandas hands the warning on, nothing fails.
# What to do: write with layer_options={"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"}, or keep numbers of parcels as text;
#   never join by such a column of a geodatabase before looking at its type.
# Version and source: pyogrio 0.13.0 with GDAL 3.12.4, geopandas 1.2.0; the option is in GDAL's page on OpenFileGDB.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check \
  "shapely==2.2.0" "geopandas==1.2.0" "pyogrio==0.13.0" "pandas==3.1.1" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import sys
import warnings

import geopandas as gpd
import shapely

warnings.simplefilter("ignore", RuntimeWarning)
parcels = [17031123456789012, 17031123456789013]
frame = gpd.GeoDataFrame({"parcel": parcels}, geometry=[shapely.Point(-88.0, 41.0), shapely.Point(-88.1, 41.0)], crs="EPSG:4326")
new = {"layer_options": {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"}}
back = {}
for name, path, driver, options in (
    ("GeoPackage", "a.gpkg", "GPKG", {}),
    ("FlatGeobuf", "a.fgb", "FlatGeobuf", {}),
    ("Shapefile", "a.shp", "ESRI Shapefile", {}),
    ("File Geodatabase", "a.gdb", "OpenFileGDB", {}),
    ("the same, for Pro 3.2", "b.gdb", "OpenFileGDB", new),
):
    frame.to_file(path, driver=driver, **options)
    column = gpd.read_file(path)["parcel"]
    back[name] = [int(v) for v in column]
    print(f"{name:22} {column.dtype!s:8} {back[name]}")
rounded = back.pop("File Geodatabase")
sys.exit(not (all(v == parcels for v in back.values()) and rounded != parcels and rounded[0] == rounded[1]))
PYTHON
