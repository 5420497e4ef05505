"""Print how the power flow compares with independent figures, as JSON: the numbers of docs/grid-capacity.md."""

import argparse
import json
import sys
from pathlib import Path

import geopandas as gpd

from sitefinder.compiling import grid_checks as checks
from sitefinder.compiling.base import Compiler
from sitefinder.compiling.grid_headroom import build_grid
from sitefinder.compiling.powerflow import study

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--raw", type=Path, required=True, help="folder with the downloads")
parser.add_argument("--data", type=Path, default=Path("data"), help="folder of compiled layers")
args = parser.parse_args()
compiler = Compiler(args.raw, args.data)
grid = build_grid(compiler)
outcome = study.run(grid.case, grid.statistics, draws=1, seed=0)
headroom = gpd.read_parquet(args.data / "grid/headroom.parquet")
report = {
    "network": checks.network_facts(grid),
    "residual_mw": study.residual(grid.case, grid.statistics),
    "plant_voltages": checks.plant_voltages(compiler, grid),
    "corridors": checks.corridors(grid, outcome),
    "county_transfers": checks.county_transfers(compiler, grid, outcome),
    "spur_lines": checks.spur_lines(compiler, headroom, grid),
    "campuses": checks.campuses(compiler, headroom),
}
sys.stdout.write(json.dumps(report, indent=1) + "\n")
