#!/usr/bin/env bash
# A raster of bit masks (reasons why land is excluded, one bit each) written by GDAL's COG driver.
#
# One would guess: overviews of an integer raster are made by nearest neighbour, as gdaladdo makes them unless told otherwise, so
#   that a viewer which zooms out sees codes that occur in the raster.
# What happens: the COG driver resamples with a cubic kernel unless the raster has a colour table. Overviews of a raster that
#   holds only 0 and 2^20 are full of other numbers, each of which reads as a set of reasons that no cell has. The full
#   resolution is right, so a test that reads the file back sees nothing.
# What to do: overview_resampling="nearest" (or "mode") for codes and masks.
# Version and source: rasterio 1.4.4 (GDAL 3.10 inside); GDAL's COG driver documentation, option OVERVIEW_RESAMPLING and RESAMPLING.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check "rasterio==1.4.4" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import sys

import numpy as np
import rasterio
from rasterio.transform import from_origin

BIT = 1 << 20
rows, cols = np.indices((1024, 1024))
mask = np.where((rows // 7 + cols // 11) % 2 == 0, BIT, 0).astype("uint32")
profile = {
    "driver": "COG", "width": 1024, "height": 1024, "count": 1, "dtype": "uint32", "crs": "EPSG:5070",
    "transform": from_origin(0.0, 1_024_000.0, 1000.0, 1000.0), "blocksize": 256,
}
strange = {}
for name, option in (("default", {}), ("nearest", {"overview_resampling": "nearest"})):
    with rasterio.open(f"{name}.tif", "w", **profile, **option) as target:
        target.write(mask, 1)
    with rasterio.open(f"{name}.tif") as whole, rasterio.open(f"{name}.tif", overview_level=0) as coarse:
        assert np.array_equal(whole.read(1), mask)
        values = coarse.read(1)
        other = ~np.isin(values, (0, BIT))
        strange[name] = float(other.mean())
        print(f"{name}: {100 * other.mean():.0f} % of the first overview holds codes that the raster does not have, "
              f"{np.unique(values).size} different ones in all")
print("rasterio", rasterio.__version__, "GDAL", rasterio.__gdal_version__)
sys.exit(not (strange["default"] > 0.1 and strange["nearest"] == 0.0))
PYTHON
