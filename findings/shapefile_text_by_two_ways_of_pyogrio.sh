#!/usr/bin/env bash
# The text of a shapefile that has no .cpg file and no language code in its .dbf, read by geopandas with and without Arrow.
#
# One would guess: both ways give the same text, right or wrong, and read_info names the encoding that was used.
# What happens: read_info says ISO-8859-1. Without Arrow the bytes are taken as that: a file in UTF-8 comes out garbled without a
#   word, one in Windows-1252 right. With use_arrow=True the same bytes are taken as UTF-8: the first file is right, the second is
#   read, too, and ends in an ArrowException ("Wrapping Ca… failed") once the values of its column are taken.
# What to do: read such files by Arrow and take the values at once; where that fails, read again without Arrow and with
#   encoding="cp1252". Text that is not UTF-8 hardly ever is valid UTF-8 by chance.
# Version and source: geopandas 1.2.0, pyogrio 0.13.0; seen, not documented.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check \
  "geopandas==1.2.0" "pyogrio==0.13.0" "pyarrow==26.0.1" "pandas==3.1.1" "numpy==2.4.6" "shapely==2.2.0"
env/bin/python - <<'PYTHON'
import os
import sys
import warnings

import geopandas as gpd
import pyarrow
import pyogrio
import shapely

warnings.simplefilter("ignore")


def text(path, **options):
    try:
        return gpd.read_file(path, **options)["name"].tolist()[0]
    except (UnicodeDecodeError, pyarrow.ArrowException):
        return "fails"


seen = {}
for encoding in ("utf-8", "cp1252"):
    path = f"{encoding}.shp"
    gpd.GeoDataFrame({"name": ["Cañón"]}, geometry=[shapely.Point(-99.7, 32.4)], crs=4326).to_file(path, encoding=encoding)
    os.remove(f"{encoding}.cpg")
    seen[encoding] = (pyogrio.read_info(path)["encoding"], text(path), text(path, use_arrow=True))
    print(f"{encoding:7} read_info: {seen[encoding][0]:11} plain: {seen[encoding][1]:8} Arrow: {seen[encoding][2]}")
expected = {
    "utf-8": ("ISO-8859-1", "CaÃ±Ã³n", "Cañón"),
    "cp1252": ("ISO-8859-1", "Cañón", "fails"),
}
sys.exit(seen != expected)
PYTHON
