"""A small finished run with hostile texts, and its tables, shared by the tests of this folder."""

from __future__ import annotations

import pytest

from sitefinder.layers.package import DataPackage
from sitefinder.reports.exports.tables import Table, tables_of
from sitefinder.results.run import Run, read_run
from tests.helpers.dossier_run import HOSTILE, write_run
from tests.helpers.paths import DATA

NEAR_MISSES = (
    "would_rank,score,lat,lon,state,county,gate,reason,found,cure,acres\n"
    '9,82.3807,41.663,-87.5146,IN,Lake,urban,inside a large built-up area,"Urban land around 88.9 %",a brownfield,1368.8348\n'
)


@pytest.fixture(scope="session")
def exported_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three sites whose names are formulas and markup, one of the user's own kind besides, and a near miss."""
    folder = write_run(tmp_path_factory.mktemp("exported") / "run", grid_station="=HYPERLINK(1)", name=HOSTILE)
    (folder / "near_misses.csv").write_text(NEAR_MISSES, encoding="utf-8")
    return read_run(folder)


@pytest.fixture(scope="session")
def tables(exported_run: Run) -> dict[str, Table]:
    """Its tables by name."""
    return {table.name: table for table in tables_of(exported_run, DataPackage(DATA))}
