"""Write ``docs/layers-checked.md``: layers of 1 km beside the published totals of ``docs/published.csv``: ``make docs``."""

import sys
from pathlib import Path

from sitefinder.compiling.published import LAYERS, Measured, compared, read_published, table_text
from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack

HEADING = """# Layers beside published totals

Written by `scripts/check_layers.py` from [published.csv](published.csv); the layers are those of a run with cells of 1 km.
What disagrees is said here, not hidden. Federal land is fitted to the table that it stands beside
([decision 011](decisions/011-federal-land-is-fitted.md)): that row shows that the fit holds, no more.

"""

if __name__ == "__main__":
    package = DataPackage(Path("data"))
    stack = open_stack(package, load_config("config/default.yaml"), LAYERS, cache_folder=Path(".cache"))
    rows = compared(read_published(Path("docs/published.csv")), Measured(stack, package))
    Path("docs/layers-checked.md").write_text(table_text(rows, HEADING), encoding="utf-8")
    sys.stdout.write(f"{sum(row.agrees for row in rows)} of {len(rows)} published totals agree\n")
