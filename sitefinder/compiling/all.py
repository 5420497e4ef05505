"""Compile every family, check the size budget, write the register and the licences."""

from __future__ import annotations

import logging
from pathlib import Path

from sitefinder.compiling.base import Compiler
from sitefinder.compiling.boundaries import compile_boundaries
from sitefinder.compiling.climate import compile_climate
from sitefinder.compiling.coast import compile_coast
from sitefinder.compiling.fiber import compile_fiber
from sitefinder.compiling.gas import compile_gas
from sitefinder.compiling.gas_capacity import compile_gas_capacity
from sitefinder.compiling.grid import compile_grid
from sitefinder.compiling.grid_flexible import compile_flexible
from sitefinder.compiling.grid_headroom import compile_headroom
from sitefinder.compiling.hazard import compile_hazard
from sitefinder.compiling.labels import compile_labels
from sitefinder.compiling.land import compile_land
from sitefinder.compiling.licences import licences_text, share_alike_text
from sitefinder.compiling.people import compile_people
from sitefinder.compiling.policy import compile_policy
from sitefinder.compiling.power_dates import compile_power_dates
from sitefinder.compiling.precedents import compile_precedents
from sitefinder.compiling.state_costs import compile_state_costs
from sitefinder.compiling.water import compile_water
from sitefinder.errors import DataError
from sitefinder.files import write_all

#: largest total size of ``data/``, bytes
BUDGET = 80_000_000

log = logging.getLogger(__name__)

#: in the order in which they need each other
FAMILIES = (
    compile_boundaries,
    compile_land,
    compile_people,
    compile_grid,
    compile_gas,
    compile_gas_capacity,
    compile_fiber,
    compile_water,
    compile_coast,
    compile_hazard,
    compile_climate,
    compile_policy,
    compile_precedents,
    compile_state_costs,
    compile_power_dates,
    compile_headroom,
    compile_flexible,
    compile_labels,
)


def compile_all(raw: Path, out: Path) -> None:
    """Write ``data/`` from the downloads in ``raw``.

    Raises
    ------
    DataError
        A download is missing, or the products outgrow the budget.
    """
    compiler = Compiler(raw, out)
    for family in FAMILIES:
        log.info("%s", family.__name__)
        family(compiler)
    total = sum(e["bytes"] for e in compiler.entries)
    if total > BUDGET:
        raise DataError(f"Compiled data hold {total / 1e6:.1f} MB, over the budget of {BUDGET / 1e6:.0f} MB. Simplify more.")
    compiler.write_package()
    write_all(out, {"LICENSES.md": licences_text(compiler.package()["resources"]).encode()})
    share_alike = share_alike_text(compiler.package()["resources"])
    write_all(out / "share_alike", {"LICENSE.md": share_alike.encode()})
    log.info("%d files, %.1f MB", len(compiler.entries), total / 1e6)
