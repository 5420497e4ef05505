"""All exports of a finished run as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitefinder.files import write_all
from sitefinder.layers.package import DataPackage
from sitefinder.reports.exports.arrow import datapackage_bytes, geoparquet_bytes, resource
from sitefinder.reports.exports.brief import BRIEF
from sitefinder.reports.exports.earth import kmz_bytes
from sitefinder.reports.exports.geopackage import geopackage_bytes
from sitefinder.reports.exports.shapefile import shapefile_bytes, short_names
from sitefinder.reports.exports.sheets import csv_bytes, workbook_bytes
from sitefinder.reports.exports.styles import raster_styles
from sitefinder.reports.exports.tables import Table, site_table, tables_of
from sitefinder.results.derived import write_derived
from sitefinder.results.run import Run

PACKAGE = "datapackage.json"
#: files that hold all lists
SHEETS, EARTH, GEOPACKAGE = "sites.xlsx", "sites.kmz", "run.gpkg"
#: files of each list: the short list, all columns, the short list as a shapefile
CSV, PARQUET, ARCGIS = "{}.csv", "{}.parquet", "{}_arcgis.zip"
#: lists of sites
LISTS = ("sites", "own_sites")
#: every file that this command may write; one that a later run does not write is removed
RESULTS = (SHEETS, EARTH, GEOPACKAGE, *(form.format(name) for name in LISTS for form in (CSV, PARQUET, ARCGIS)), PACKAGE)


def exports(run: Run, package: DataPackage) -> dict[str, bytes]:
    """File name -> bytes of the exports.

    Parameters
    ----------
    run : Run
    package : DataPackage
        Compiled layers, for the stations.

    Raises
    ------
    DataError
        A file of the run or of the compiled data is missing or damaged.
    """
    tables = tables_of(run, package)
    sites, own = site_table(tables), next((t for t in tables if t.name == "own_sites"), None)
    contents = {
        SHEETS: workbook_bytes(sites, own),
        EARTH: kmz_bytes(sites, own, title=f"{run.config.project.name}: sites"),
        GEOPACKAGE: geopackage_bytes(tables),
    }
    resources = []
    for table in (sites, own) if own is not None else (sites,):
        contents[CSV.format(table.name)] = csv_bytes(table)
        contents[PARQUET.format(table.name)] = geoparquet_bytes(table)
        contents[ARCGIS.format(table.name)] = shapefile_bytes(table)
        resources += _resources(table)
    return contents | {PACKAGE: datapackage_bytes(resources, str(run.manifest.get("config_fingerprint")))}


def _resources(table: Table) -> list[dict[str, Any]]:
    """Entries of the files of a list that say what their columns mean."""
    brief = {b.column.name: b.column.name for b in BRIEF}
    known = {c.name for c in table.columns}
    short = {name: there for name, there in short_names().items() if name in known}
    files = ((CSV, {name: name for name in brief if name in known}), (PARQUET, None), (ARCGIS, short))
    return [resource(table, form.format(table.name), names) for form, names in files]


def styles_of(folder: Path) -> dict[str, bytes]:
    """File name -> bytes of a style for each raster that lies in a folder."""
    return {f"{name}.qml": style.encode() for name, style in raster_styles().items() if (folder / f"{name}.tif").is_file()}


def write_exports(run: Run, out: Path, *, data: Path) -> list[Path]:
    """Write the exports of a run; the files written.

    Parameters
    ----------
    run : Run
    out : Path
        Folder of the exports. Styles of rasters go beside the rasters, where QGIS looks for them.
    data : Path
        Compiled layers.

    Raises
    ------
    SitefinderError
        A file is missing or damaged, or a folder cannot be written.
    """
    contents, styles = exports(run, DataPackage(data)), styles_of(run.folder)
    write_derived(out, contents, run=run.folder, retire=RESULTS)
    write_all(run.folder, styles)
    return [*(out / name for name in contents), *(run.folder / name for name in styles)]
