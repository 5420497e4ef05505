"""A planner's network: a MATPOWER case, or tables of buses and branches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.errors import DataError
from sitefinder.layers.vectors import column_of, numbers, read_table

if TYPE_CHECKING:
    import pandas as pd

#: files in a folder of tables
BUSES, BRANCHES = "buses.csv", "branches.csv"
PLACE = "--case"
#: names of columns of tables, in lower case without signs, and whether a table must have them
BUS_COLUMNS: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "bus": (("bus", "busi", "number", "id", "busnumber"), True),
    "kv": (("kv", "basekv", "voltage"), True),
    "load": (("loadmw", "load", "pd"), True),
    "generation": (("generationmw", "genmw", "generation", "pg"), True),
    "most": (("generationmaxmw", "genmaxmw", "pmax", "capacitymw"), True),
}
BRANCH_COLUMNS: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "start": (("from", "frombus", "fbus", "bus0", "start"), True),
    "end": (("to", "tobus", "tbus", "bus1", "end"), True),
    "x": (("x", "xpu", "reactance", "reactancepu"), True),
    "rate": (("ratemw", "rate", "ratea", "ratingmw", "ratemva"), True),
    "emergency": (("emergencymw", "emergency", "rateb", "ratec", "emergencymva"), False),
    "tap": (("tap", "ratio"), False),
    "shift": (("shift", "angle", "shiftdeg"), False),
}
LATITUDE, LONGITUDE, NAME = ("lat", "latitude"), ("lon", "long", "lng", "longitude"), ("name", "busname", "station")
#: base of reactances in tables, MVA, as is customary
BASE_MVA = 100.0
#: what a branch without a rating is taken to carry, MW, as MATPOWER has it: no limit
UNLIMITED = 1e9
#: emergency rating of a branch that states none, times its rating (as for the mapped network)
EMERGENCY = 1.10
#: type of a bus that is out of service
ISOLATED = 4
#: statements that would change a table after it was written; a parser does not run them
STATEMENT = re.compile(r"^\s*(?:mpc\.\w+\s*\(|for\s|if\s)", re.MULTILINE)
RAW = (
    "PSS/E RAW is not read, because no parser that is kept up could be locked. Save it as a MATPOWER case (psse2mpc of MATPOWER) "
    f"or as a folder with {BUSES} and {BRANCHES}."
)


@dataclass(frozen=True)
class Case:
    """A network with its load, in service only.

    Parameters
    ----------
    number : (n,) object
        Of each bus, as the file has it.
    name : (n,) object
    kv, load_mw, generation_mw, idle_mw : (n,) float64
        ``idle_mw`` is what its generators in service could add.
    lat_lon : (n, 2) float64
        Degrees; NaN where no table says where it is.
    start, end : (m,) int
        Places of the buses of each branch.
    susceptance : (m,) float64
        MW per radian.
    shift : (m,) float64
        Radians of a phase shifter.
    rating, emergency : (m,) float64
        MW; ``UNLIMITED`` where the file has none.
    """

    number: np.ndarray
    name: np.ndarray
    kv: np.ndarray
    load_mw: np.ndarray
    generation_mw: np.ndarray
    idle_mw: np.ndarray
    lat_lon: np.ndarray
    start: np.ndarray
    end: np.ndarray
    susceptance: np.ndarray
    shift: np.ndarray
    rating: np.ndarray
    emergency: np.ndarray


def read_case(path: Path, places: Path | None = None) -> Case:
    """A network from a MATPOWER case (``.m``), or from a folder with ``buses.csv`` and ``branches.csv``.

    Parameters
    ----------
    path : Path
    places : Path, optional
        Table with ``bus``, ``lat``, ``lon`` and perhaps ``name``: cases say nothing about places.

    Raises
    ------
    DataError
        The files cannot be used.
    """
    if path.suffix.lower() == ".raw":
        raise DataError(f"Cannot read {path}: {RAW}")
    if not path.exists():
        raise DataError(f"Missing file {path} named in {PLACE}. Correct the path.")
    if path.is_dir():
        buses, branches = _tables(path)
    elif path.suffix.lower() == ".m":
        buses, branches = _matpower(path)
    else:
        raise DataError(f"Cannot read {path}: give a MATPOWER case (.m) or a folder with {BUSES} and {BRANCHES}.")
    return _case(path, buses, branches, places)


Columns = dict[str, np.ndarray]


def _tables(folder: Path) -> tuple[Columns, Columns]:
    """Columns of both tables of a folder."""
    buses, branches = (read_table(folder / name, PLACE) for name in (BUSES, BRANCHES))
    columns = _columns(buses, BUS_COLUMNS, folder / BUSES, text=("bus",))
    columns |= {k: _text(buses, names) for k, names in (("name", NAME), ("lat", LATITUDE), ("lon", LONGITUDE))}
    lines = _columns(branches, BRANCH_COLUMNS, folder / BRANCHES, text=("start", "end"))
    lines["base"] = np.full(len(branches), BASE_MVA)
    return columns, lines


def _text(table: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    column = column_of(table, names)
    return np.full(len(table), None, object) if column is None else table[column].to_numpy(object)


def _columns(
    table: pd.DataFrame, wanted: Mapping[str, tuple[tuple[str, ...], bool]], path: Path, *, text: Sequence[str]
) -> Columns:
    columns = {}
    for key, (names, needed) in wanted.items():
        column = column_of(table, names)
        if column is None and needed:
            options = ", ".join(map(str, table.columns))
            raise DataError(f"No column '{names[0]}' in {path} named in {PLACE}. It has {options}.")
        if column is None:
            columns[key] = np.full(len(table), np.nan)
        elif key in text:
            columns[key] = np.array([_key(cell) for cell in table[column]], object)
        else:
            columns[key] = numbers(table, column, path, PLACE)
    return columns


def _key(cell: object) -> str:
    """Number of a bus as text, whether a table or a case holds it.

    >>> _key(12.0), _key(" 12 "), _key("A7")
    ('12', '12', 'A7')
    """
    return str(cell).strip().removesuffix(".0")


def _matpower(path: Path) -> tuple[Columns, Columns]:
    """Columns of the tables of a MATPOWER case that are in service."""
    try:
        from matpowercaseframes import CaseFrames
    except ImportError:
        raise DataError(f"Cannot read {path}: the library matpowercaseframes is missing. Install it, or give tables.") from None
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        frames = CaseFrames(str(path))
        bus, branch, gen = (getattr(frames, name) for name in ("bus", "branch", "gen"))
        base = float(frames.baseMVA)
        names = getattr(frames, "bus_name", None)
    except (AttributeError, KeyError, ValueError, TypeError, IndexError, OSError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"Cannot read {path}: it is no MATPOWER case ({first}). Give one, or tables.") from None
    if match := STATEMENT.search(text):
        raise DataError(
            f"Cannot read {path}: its statement '{match.group().strip()}' would have to be run. Save the case with savecase."
        )
    bus = bus.reset_index(drop=True)
    running, closed = gen[gen["GEN_STATUS"] > 0], branch[branch["BR_STATUS"] > 0]
    at = {key: i for i, key in enumerate(_key(n) for n in bus["BUS_I"])}
    row = np.array([at.get(_key(n), -1) for n in running["GEN_BUS"]], np.int64)
    if (row < 0).any():
        strange = _key(running["GEN_BUS"].iloc[int((row < 0).argmax())])
        raise DataError(f"Invalid {path}: a generator stands at bus {strange}, which it does not have. Correct it.")
    produced = running["PG"].to_numpy(np.float64)
    most = np.maximum(running["PMAX"].to_numpy(np.float64), produced)
    buses: Columns = {
        "bus": np.array(list(at), object),
        "kv": bus["BASE_KV"].to_numpy(np.float64),
        "load": bus["PD"].to_numpy(np.float64),
        "generation": np.bincount(row, produced, len(bus)),
        "most": np.bincount(row, most, len(bus)),
        "out": (bus["BUS_TYPE"] == ISOLATED).to_numpy(bool),
        "name": np.asarray(names).reshape(-1).astype(object) if names is not None else np.full(len(bus), None, object),
        "lat": np.full(len(bus), None, object),
        "lon": np.full(len(bus), None, object),
    }
    rates = {k: closed[name].to_numpy(np.float64) for k, name in (("b", "RATE_B"), ("c", "RATE_C"))}
    lines: Columns = {
        "start": np.array([_key(n) for n in closed["F_BUS"]], object),
        "end": np.array([_key(n) for n in closed["T_BUS"]], object),
        "x": closed["BR_X"].to_numpy(np.float64),
        "rate": closed["RATE_A"].to_numpy(np.float64),
        "emergency": np.maximum(rates["b"], rates["c"]),
        "tap": closed["TAP"].to_numpy(np.float64),
        "shift": closed["SHIFT"].to_numpy(np.float64),
        "base": np.full(len(closed), base),
    }
    return buses, lines


def _case(path: Path, buses: Columns, branches: Columns, places: Path | None) -> Case:
    number = buses["bus"]
    at = {key: i for i, key in enumerate(number)}
    if len(at) < len(number):
        twice = next(key for i, key in enumerate(number) if at[key] != i)
        raise DataError(f"Invalid {path}: bus {twice} stands twice. Keep one row of it.")
    ends = {key: np.array([at.get(n, -1) for n in branches[key]], np.int64) for key in ("start", "end")}
    for key, rows in ends.items():
        if (rows < 0).any():
            strange = branches[key][int((rows < 0).argmax())]
            raise DataError(f"Invalid {path}: a branch ends at bus {strange}, which it does not have. Correct it.")
    for key in ("kv", "load", "generation", "most"):
        if not np.isfinite(buses[key]).all():
            raise DataError(f"Invalid {path}: bus {number[int((~np.isfinite(buses[key])).argmax())]} has no {key}. Give it.")
    x = branches["x"]
    if (bad := ~np.isfinite(x) | (x == 0)).any():
        row = int(bad.argmax())
        pair = f"{branches['start'][row]} - {branches['end'][row]}"
        raise DataError(f"Invalid {path}: the branch {pair} has no reactance. Give x, or join its buses.")
    tap, shift = np.nan_to_num(branches["tap"]), np.radians(np.nan_to_num(branches["shift"]))
    rate, more = np.nan_to_num(branches["rate"]), np.nan_to_num(branches["emergency"])
    rating = np.where(rate > 0, rate, UNLIMITED)
    names, lat_lon = _placed(path, buses, at, places)
    used = np.ones(len(x), bool)
    if "out" in buses:
        used = ~(buses["out"][ends["start"]] | buses["out"][ends["end"]])
    return Case(
        number=number,
        name=names,
        kv=buses["kv"],
        load_mw=buses["load"],
        generation_mw=buses["generation"],
        idle_mw=np.maximum(buses["most"] - buses["generation"], 0.0),
        lat_lon=lat_lon,
        start=ends["start"][used],
        end=ends["end"][used],
        susceptance=(branches["base"] / (x * np.where(tap == 0, 1.0, tap)))[used],
        shift=shift[used],
        rating=rating[used],
        emergency=np.where(more > 0, np.maximum(more, rating), np.minimum(EMERGENCY * rating, UNLIMITED))[used],
    )


def _placed(path: Path, buses: Columns, at: Mapping[str, int], places: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Names and latitudes and longitudes of the buses."""
    name, cells = buses["name"].copy(), np.stack([buses["lat"], buses["lon"]], axis=1)
    if places is not None:
        table = read_table(places, "--places")
        columns = [column_of(table, names) for names in (BUS_COLUMNS["bus"][0], LATITUDE, LONGITUDE)]
        if None in columns:
            raise DataError(f"No place in {places} named in --places. Give the columns bus, lat and lon.")
        rows = [at.get(_key(cell), -1) for cell in table[columns[0]]]
        if max(rows, default=-1) < 0:
            raise DataError(
                f"Invalid {places} named in --places: none of its buses is in {path}. Correct its column '{columns[0]}'."
            )
        titles = _text(table, NAME)
        for i, row in enumerate(rows):
            if row >= 0:
                cells[row] = table[columns[1]].iloc[i], table[columns[2]].iloc[i]
                name[row] = titles[i] if isinstance(titles[i], str) else name[row]
    text = [[np.nan if c is None or str(c).strip() in ("", "nan") else c for c in row] for row in cells]
    try:
        degrees = np.array(text, np.float64).reshape(-1, 2)
    except ValueError as error:
        raise DataError(f"Invalid {places or path}: {error}. Write latitude and longitude in degrees.") from None
    named = [str(n).strip() if isinstance(n, str) and n.strip() else f"bus {key}" for n, key in zip(name, at, strict=True)]
    return np.array(named, object), degrees


def summary_of(case: Case) -> dict[str, Any]:
    """What was read, for the log."""
    return {"buses": len(case.number), "branches": len(case.start), "load_mw": float(case.load_mw.sum())}
