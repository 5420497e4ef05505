"""``sites_arcgis.zip``: the short list as a zipped shapefile, which ArcGIS Online takes as a hosted layer."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from sitefinder.grid import WGS84
from sitefinder.reports.exports.arrow import arrow_table
from sitefinder.reports.exports.brief import BRIEF
from sitefinder.reports.exports.tables import Table

#: the same input gives the same bytes, so files in an archive bear no time of the day
STAMP = (2000, 1, 1, 0, 0, 0)
#: date in the head of the table of attributes
DATE = "2000-01-01"
GEOMETRY = "geometry"


def short_names() -> dict[str, str]:
    """Column of the short list -> its name of at most ten characters."""
    return {brief.column.name: brief.short for brief in BRIEF}


def shapefile_bytes(table: Table) -> bytes:
    """A zipped shapefile of a list, attributes in UTF-8."""
    import pyogrio

    known = {c.name for c in table.columns}
    names = {name: short for name, short in short_names().items() if name in known}
    with tempfile.TemporaryDirectory() as scratch:
        pyogrio.write_arrow(
            arrow_table(table, names, geometry=GEOMETRY),
            Path(scratch) / f"{table.name}.shp",
            driver="ESRI Shapefile",
            geometry_name=GEOMETRY,
            geometry_type="MultiPolygon",
            crs=WGS84,
            encoding="UTF-8",
            layer_options={"DBF_DATE_LAST_UPDATE": DATE},
        )
        return archive({path.name: path.read_bytes() for path in sorted(Path(scratch).iterdir())})


def archive(contents: dict[str, bytes]) -> bytes:
    """A zip archive of files by name, in their order and without times."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in contents.items():
            target.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
