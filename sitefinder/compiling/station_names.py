"""Names of substations: tidied from the register, else of the yard or power plant beside them, else the town nearby.

How far a name reaches was measured on the stations of 230 kV and more that have one: of those with another name, a running or a
closed plant of 100 MW this near, six in ten, seven in ten and eight in ten share a word with it. Names of stations 450 to 600 m
off fit four in ten, of closed plants 700 to 1,000 m off three in ten: those are left out.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from sitefinder.units import M_PER_KM

#: a registered name this close belongs to the same yard: 335 of 3,730 unnamed stations of 230 kV and more have one
SAME_YARD_M = 300.0
#: a plant this close feeds into the station: its switchyard
SWITCHYARD_M = 1000.0
#: a plant that closed this close fed into the station, which often stays when the plant goes
CLOSED_M = 700.0
#: plants below this size have no switchyard of 230 kV and more to their name, MW
LEAST_PLANT_MW = 100.0
#: lowest class whose unnamed stations are told by the town nearby, kV
LEAST_KV = 230
#: what stands in the register where no name is known: UNKNOWN123456, TAP123456, NOT AVAILABLE
PLACEHOLDER = re.compile(r"^(?:UNKNOWN|TAP|RISER|DEAD ?END|DEAD ?HEAD|NOT AVAILABLE|UNNAMED|SUBSTATION|N/?A)?[\s#]*\d*$")
_KV = r"\d{2,3}(?:\s*/\s*\d{2,3})*\s*-?\s*KV"
_KIND = r"(?:\s*(?:SUBSTATION|SUB|SWITCH ?YARD|SWITCHING (?:STATION|YARD)|YARD))?"
#: a voltage in brackets or at either end says nothing about the place, and is often that of another section of the yard
_VOLTAGE = re.compile(rf"\(\s*{_KV}{_KIND}\s*\)|\b{_KV}{_KIND}(?![A-Z])|\s+(?:115|138|161|230|345|500|765)(?:\s+SWITCHYARD)?$")
#: words that stay in capitals besides those without a vowel and those with a digit: companies, and roman numerals and terms
COMPANIES = (
    "AEP",
    "AES",
    "APS",
    "BPA",
    "BPU",
    "KAMO",
    "LADWP",
    "LCRA",
    "LIPA",
    "NCPA",
    "OGE",
    "OPPD",
    "PUD",
    "SCE",
    "SMUD",
    "TVA",
)
TERMS = ("AC", "DC", "EAF", "EHV", "HVDC", "II", "III", "IV", "VI", "LNG", "PEGS", "US", "USA", "WAPA")
CAPITALS = frozenset((*COMPANIES, *TERMS))
#: words without a vowel that are no initials, as they are written
SHORT = {"ST": "St", "MT": "Mt", "FT": "Ft", "DR": "Dr", "RD": "Rd", "JCT": "Jct", "CTR": "Ctr", "MTN": "Mtn", "STN": "Stn"}
_SMALL = frozenset(("OF", "THE", "AND", "AT", "DE", "DEL", "LA", "LOS", "LAS"))


def tidy(name: object) -> str | None:
    """A name as people write it; None where the register has a placeholder.

    >>> [tidy(n) for n in ("KAMMER (138KV)", "SOUTH CANTON 765KV", "TAP123456", "MCQUEENEY", "J K SMITH (345 KV)")]
    ['Kammer', 'South Canton', None, 'McQueeney', 'J K Smith']
    """
    if not isinstance(name, str):
        return None
    text = " ".join(name.upper().split())
    if PLACEHOLDER.match(text):
        return None
    bare = " ".join(_VOLTAGE.sub(" ", text).replace("( )", " ").split()).strip(" -,/")
    words = (bare if re.search("[A-Z]", bare) else text).split(" ")
    return " ".join(_word(w, first=i == 0) for i, w in enumerate(words))


def _word(word: str, *, first: bool) -> str:
    if word in _SMALL and not first:
        return word.lower() if word in ("OF", "THE", "AND", "AT") else word.capitalize()
    initials = re.match(r"(?:[A-Z]\.)+(?=[A-Z]{3})", word)
    if initials:
        return initials[0] + _word(word[initials.end() :], first=True)
    parts = re.split(r"([^A-Z0-9'.&]+)", word)
    return "".join(_part(p) for p in parts)


def _part(part: str) -> str:
    letters = part.strip(".'")
    if letters in SHORT:
        return part.replace(letters, SHORT[letters])
    if letters in CAPITALS or "&" in part or re.fullmatch(r"(?:[A-Z]\.)+[A-Z]?", part):
        return part
    if re.fullmatch(r"\d+(?:ST|ND|RD|TH)", letters):
        return part.lower()
    if re.fullmatch(r"[^AEIOUY]+", letters):  # initials, and names with a digit
        return part
    if re.fullmatch(r"MC[A-Z]{3,}", letters):
        return f"Mc{part[2:].capitalize()}"
    return "'".join(p.capitalize() if i == 0 or len(p) > 1 else p.lower() for i, p in enumerate(part.split("'")))


def named(
    stations: pd.DataFrame,
    xy: np.ndarray,
    plants: pd.DataFrame,
    plants_xy: np.ndarray,
    closed: pd.DataFrame,
    closed_xy: np.ndarray,
) -> pd.DataFrame:
    """Names and where they come from.

    Parameters
    ----------
    stations : DataFrame
        Columns ``sub_name`` and ``kv_class``.
    xy : (n, 2) float64, EPSG:5070 metres
    plants, closed : DataFrame
        Columns ``name`` and ``mw``, of running and of closed plants.
    plants_xy, closed_xy : (m, 2) float64

    Returns
    -------
    DataFrame
        ``name`` and ``name_basis``: register, same_yard, power_plant, closed_plant; null without a name.
    """
    name = np.array([tidy(n) for n in stations["sub_name"]], object)
    basis = np.array(["register" if isinstance(n, str) else None for n in name], object)
    high = stations["kv_class"].to_numpy() >= LEAST_KV
    registered = np.flatnonzero(pd.notna(name))
    sources = [("same_yard", name[registered], xy[registered], SAME_YARD_M)]
    for what, table, at, reach in (
        ("power_plant", plants, plants_xy, SWITCHYARD_M),
        ("closed_plant", closed, closed_xy, CLOSED_M),
    ):
        large = table["mw"].to_numpy() >= LEAST_PLANT_MW
        words = "at" if what == "power_plant" else "at former"
        sources.append((what, np.array([f"{words} {n}" for n in table["name"][large]], object), at[large], reach))
    for what, names, places, reach in sources:
        row = np.flatnonzero(pd.isna(name) & high)
        if len(names):
            apart, at = cKDTree(places).query(xy[row], distance_upper_bound=reach)
            near = np.isfinite(apart)
            name[row[near]], basis[row[near]] = names[at[near]], what
    return pd.DataFrame({"name": name, "name_basis": basis})


def near_towns(name: np.ndarray, kv: np.ndarray, xy: np.ndarray, towns: pd.DataFrame) -> np.ndarray:
    """(n,) town and distance, as "Piketon OH, 4 km", of the unnamed stations of 230 kV and more; None elsewhere.

    Parameters
    ----------
    name : (n,) object
    kv : (n,) int
    xy : (n, 2) float64
    towns : GeoDataFrame
        Columns ``name`` and ``state``.
    """
    near = np.full(len(name), None, object)
    wanted = np.flatnonzero(pd.isna(name) & (kv >= LEAST_KV))
    apart, at = cKDTree(shapely.get_coordinates(towns.geometry.values)).query(xy[wanted])
    town, state = towns["name"].to_numpy(object)[at], towns["state"].to_numpy(object)[at]
    near[wanted] = [f"{t} {s}, {max(d / M_PER_KM, 1.0):.0f} km" for t, s, d in zip(town, state, apart, strict=True)]
    return near
