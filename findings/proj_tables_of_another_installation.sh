#!/usr/bin/env bash
# PROJ_DATA that points to the tables of another PROJ, and three libraries that bring their own.
#
# One would guess: wheels of rasterio, pyproj and pyogrio hold a proj.db each, so that what another program (a desktop GIS, conda, a
#   database) left in the environment changes nothing, or the same thing for all three.
# What happens: rasterio obeys the variable and knows no EPSG code at all: "The EPSG code is unknown". pyproj passes it over for its own
#   tables. pyogrio obeys, prints an error of PROJ, raises nothing, and writes the file. So a script works up to its first raster.
# What to do: unset PROJ_DATA and PROJ_LIB before the first import of rasterio (a library cannot: the host program may want them; a
#   command line can).
# Version and source: rasterio 1.4.4, pyproj 3.7.2, pyogrio 0.13.0; seen. pyproj's documentation of its data folder gives an order of
#   places to look in; for the wheels of the other two nothing was found.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check "rasterio==1.4.4" "pyproj==3.7.2" "pyogrio==0.13.0" "geopandas==1.2.0"
mkdir foreign
env/bin/python - <<'PYTHON' 2>messages
import contextlib
import os
import sqlite3
import sys

# the tables of an older PROJ: all that matters here is the version of their layout
with contextlib.closing(sqlite3.connect("foreign/proj.db")) as tables, tables:
    tables.execute("CREATE TABLE metadata (key TEXT, value TEXT)")
    rows = [("DATABASE.LAYOUT.VERSION.MAJOR", "1"), ("DATABASE.LAYOUT.VERSION.MINOR", "0")]
    tables.executemany("INSERT INTO metadata VALUES (?, ?)", rows)
os.environ["PROJ_DATA"] = os.path.abspath("foreign")

import geopandas
import pyproj
import rasterio.crs
import rasterio.errors
import shapely

try:
    by_rasterio = rasterio.crs.CRS.from_epsg(5070).to_epsg()
except rasterio.errors.CRSError as error:
    by_rasterio = f"CRSError: {str(error).split('.')[0]}"
by_pyproj = pyproj.CRS.from_epsg(5070).name
places = geopandas.GeoDataFrame({"mw": [1000]}, geometry=[shapely.Point(0, 0)], crs=5070)
places.to_file("places.gpkg", engine="pyogrio")
written = os.path.getsize("places.gpkg") > 0
print("rasterio:", by_rasterio)
print("pyproj:", by_pyproj)
print("pyogrio: written" if written else "pyogrio: nothing written")
sys.exit(not (str(by_rasterio).startswith("CRSError") and by_pyproj == "NAD83 / Conus Albers" and written))
PYTHON
echo "printed by PROJ: $(grep -c 'another PROJ installation' messages) lines"
grep -q 'another PROJ installation' messages
