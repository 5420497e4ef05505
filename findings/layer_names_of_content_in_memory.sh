#!/usr/bin/env bash
# Layers of a file whose content is at hand as bytes: listed by pyogrio, then read by the name that the list gave.
#
# One would guess: a layer has one name, and read(content, layer=list_layers(content)[0, 0]) reads it.
# What happens: every call puts the bytes into a file in memory with a new random name. Esri JSON, and GeoJSON of a single feature,
#   name their layer after the file, so it has another name at each call, and reading by name fails: "Layer 'pyogrio_…' could not be
#   opened". The same content on disk works; so does content that holds a name of its own.
# What to do: read by position (layer=0), which list_layers gives in the same order.
# Version and source: pyogrio 0.13.0; seen, not documented.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check "pyogrio==0.13.0" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import json
import pathlib
import sys

import pyogrio
from pyogrio.errors import DataLayerError
from pyogrio.raw import read

content = json.dumps(
    {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": [{"name": "name", "type": "esriFieldTypeString"}],
        "features": [{"attributes": {"name": "a"}, "geometry": {"x": -99.7, "y": 32.4}}],
    }
).encode()


def rows(source, layer):
    try:
        return len(read(source, layer=layer)[2])
    except DataLayerError as error:
        return str(error).split("'")[0].strip() + " … " + str(error).split("'")[-1].strip()


pathlib.Path("sites.json").write_bytes(content)
first, second = (pyogrio.list_layers(content)[0, 0] for _ in range(2))
by_name, by_place, on_disk = rows(content, first), rows(content, 0), rows("sites.json", pyogrio.list_layers("sites.json")[0, 0])
print("two lists of the same bytes name the layer alike:", first == second)
print("by name:    ", by_name)
print("by position:", by_place)
print("on disk:    ", on_disk)
sys.exit((first == second, by_name, by_place, on_disk) != (False, "Layer … could not be opened", 1, 1))
PYTHON
