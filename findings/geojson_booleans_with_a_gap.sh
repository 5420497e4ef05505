#!/usr/bin/env bash
# true, false and null in one property of a GeoJSON file, read by geopandas and written again.
#
# One would guess: the column comes back as booleans with a missing value (object, or pandas' nullable boolean), and a file that is
#   read and written again says true and false where the first one did.
# What happens: pyogrio without Arrow makes a column of floats, 1.0, 0.0 and NaN; written again, the property is the number 1.0.
#   A test "is True" on the column, or a reader that expects a boolean in the second file, fails. Without the null the same
#   property is read as booleans, so it depends on the rows.
# What to do: geopandas.read_file(path, use_arrow=True), which keeps True, False and None.
# Version and source: geopandas 1.2.0, pyogrio 0.13.0; seen, not documented.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check \
  "geopandas==1.2.0" "pyogrio==0.13.0" "pyarrow==26.0.1" "pandas==3.1.1" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import json
import sys

import geopandas as gpd


def file(name, values):
    features = [
        {"type": "Feature", "properties": {"able": value}, "geometry": {"type": "Point", "coordinates": [-83.0, 39.0 + i]}}
        for i, value in enumerate(values)
    ]
    with open(name, "w") as stream:
        json.dump({"type": "FeatureCollection", "features": features}, stream)
    return name


full = gpd.read_file(file("full.geojson", [True, False]))
gap = gpd.read_file(file("gap.geojson", [True, False, None]))
arrow = gpd.read_file("gap.geojson", use_arrow=True)
gap.to_file("again.geojson", driver="GeoJSON")
again = [f["properties"]["able"] for f in json.load(open("again.geojson"))["features"]]
print("without a gap:", full["able"].dtype, full["able"].tolist())
print("with a gap:   ", gap["able"].dtype, gap["able"].tolist())
print("by Arrow:     ", arrow["able"].dtype, arrow["able"].tolist())
print("written again:", again)
changed = full["able"].dtype != bool or gap["able"].dtype != float or arrow["able"].tolist()[:2] != [True, False] or again[0] is True
sys.exit(bool(changed))
PYTHON
