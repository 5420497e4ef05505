"""A small network of a planner as tables: a ring of 345 kV with a bus of 138 kV below."""

from __future__ import annotations

from pathlib import Path

BUSES = """bus,name,kV,lat,lon,load_mw,gen_mw,gen_max_mw
1,Alpha,345,40.0,-83.0,100,900,2500
2,Beta,345,40.3,-83.2,400,0,0
3,Gamma,345,40.1,-82.6,300,0,400
4,Delta,138,40.2,-82.9,100,0,0
"""
BRANCHES = """from,to,x,rate_mw,emergency_mw,tap,shift
1,2,0.02,800,900,,
1,3,0.03,700,,,
2,3,0.025,0,,0.98,5
2,4,0.05,300,,,
3,4,0.05,300,200,,
"""


def tables(folder: Path, buses: str = BUSES, branches: str = BRANCHES) -> Path:
    """A folder of both tables."""
    folder.mkdir(exist_ok=True)
    (folder / "buses.csv").write_text(buses, encoding="utf-8")
    (folder / "branches.csv").write_text(branches, encoding="utf-8")
    return folder
