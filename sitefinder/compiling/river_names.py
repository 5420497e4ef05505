"""Names of river reaches from gauges and from Natural Earth: a main stem bears the name of its outlet, not of the reach."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sitefinder.compiling.river_network import Pieces

#: abbreviations in names of gauges and maps -> words; those of a kind of watercourse count from the second word on
_KIND_SHORT = {
    "R": "River", "RI": "River", "RV": "River", "RIV": "River", "RIVR": "River", "C": "Creek", "CR": "Creek", "CRK": "Creek",
    "CK": "Creek", "BK": "Brook", "BR": "Branch", "F": "Fork", "FK": "Fork", "FRK": "Fork", "BYU": "Bayou",
}  # fmt: skip
_FIRST_SHORT = {
    "ST": "Saint", "MT": "Mount", "N": "North", "NO": "North", "S": "South", "SO": "South", "E": "East", "W": "West",
    "M": "Middle", "MID": "Middle", "L": "Little", "LT": "Little", "LTL": "Little", "LIT": "Little", "BG": "Big",
    "COLO": "Colorado",
    **{f"{d}{k}": f"{word} {kind}" for d, word in (("N", "North"), ("S", "South"), ("E", "East"), ("W", "West"), ("M", "Middle"))
       for k, kind in (("F", "Fork"), ("B", "Branch"))},
}  # fmt: skip
#: kinds of watercourses: a name ends with one, or begins with a Spanish or French one
_KINDS = (
    "River", "Creek", "Fork", "Branch", "Brook", "Bayou", "Wash", "Kill", "Run", "Stream", "Slough", "Draw", "Fourche", "Prong",
    "Falls", "Swamp", "North",
)  # fmt: skip
_LEADING = ("Rio", "Arroyo", "Bayou", "Bogue", "River")
#: the place follows the name of the river after one of these
_PLACE = re.compile(
    r"\s*@.*|\s+(?:\d|(?:at|near|nr|abv?|above|bl|blw|bel|below|a|on|in|btw|between|us|ds|upstream|downstream|tailwater)\b).*",
    re.IGNORECASE,
)
_NOT_A_RIVER = re.compile(
    r"canal|ditch|tunnel|drain\b|divers|outlet|trib|powerplant| pp |lateral|aqueduct|reservoir", re.IGNORECASE
)
#: slips of Natural Earth
_MISSPELLED = {"Pend Orielle": "Pend Oreille"}
#: sampling of Natural Earth, and how far its lines for maps of 1 : 10 million lie off
SAMPLE_M, MAP_REACH_M = 5000.0, 3000.0
#: Natural Earth shows large rivers only: names are given to pieces of at least this drainage area
LEAST_MAP_KM2 = 2000.0
#: parts near the ends of a mapped river are skipped: the river that it joins lies as near
ENDS_M = 10_000.0
#: a river is called after its outlet up to where this share of the drainage area is left, if nothing says otherwise: more than
#: nine of ten gauges there bear the name of the outlet
SAME_NAME_SHARE = 0.6
#: above the last place that names a reach, its name holds up to this share of the drainage area there (nine of ten gauges)
UPSTREAM_SHARE = 0.5
#: where names differ, the river changes its name at a confluence that brings at least this share of the drainage area
LEAST_JOIN = 0.3
#: drainage areas within this factor are alike
ALIKE = 2.0
#: one gauge in so many is withheld in the test
WITHHELD = 5


@dataclass(frozen=True)
class Evidence:
    """Places that name a reach: (e,) piece, name and where the name is from."""

    piece: np.ndarray
    name: np.ndarray
    source: np.ndarray


@dataclass(frozen=True)
class Named:
    """Names of pieces: (n,) name or None, and its source: gauge, map, outlet or stem."""

    name: np.ndarray
    source: np.ndarray


def river_of(gauge: str) -> str | None:
    """Name of the watercourse in the name of a gauge or on a map; None where it names none.

    >>> river_of("CATAWBA RIVER NEAR ROCKHILL, SC"), river_of("SO FK MCKENZIE RIVER ABV COUGAR LAKE"), river_of("CULL C")
    ('Catawba River', 'South Fork McKenzie River', 'Cull Creek')
    >>> river_of("NEW MELONES PP BL NEW MELONES DAM NR SONORA CA") is None
    True
    """
    head = _PLACE.sub("", re.split(r"[,(;]", gauge)[0]).strip()
    if _NOT_A_RIVER.search(f" {head} "):
        return None
    words = head.split()
    text = " ".join(_word(word, first=i == 0) for i, word in enumerate(words))
    text = re.sub(r"(?<=\w River) (?!of the North).*", "", text)
    named = text.split()
    if len(named) > 1 and (named[-1] in _KINDS or named[0] in _LEADING):
        return text
    return None


def _word(word: str, *, first: bool) -> str:
    """A word written out."""
    short = word.upper().rstrip(".")
    if not first and short in _KIND_SHORT:
        return _KIND_SHORT[short]
    if short in _FIRST_SHORT:
        return _FIRST_SHORT[short]
    return word.lower() if short in ("OF", "THE") else _proper(word)


def _proper(word: str) -> str:
    """A word with a capital; mixed case stays."""
    if not word.isupper():
        return word[:1].upper() + word[1:]
    small = word.title().replace("'S", "'s")
    return re.sub(r"^Mc(\w)", lambda m: f"Mc{m[1].upper()}", small)


def key(name: str) -> str:
    """What two spellings of one river share."""
    text = re.sub(r"\b(?:great|the|river)\b", "", name.lower())
    return re.sub(r"[^a-z]", "", text)


def map_evidence(pieces: Pieces, area_km2: np.ndarray, mapped: gpd.GeoDataFrame) -> Evidence:
    """Pieces beside mapped rivers: at each sample the one of the largest drainage area in reach.

    Parameters
    ----------
    pieces : Pieces
    area_km2 : (n,) float
    mapped : GeoDataFrame
        Lines with ``name``, EPSG:5070.
    """
    large = np.flatnonzero(area_km2 >= LEAST_MAP_KM2)
    lines = [shapely.LineString(pieces.vertices_m[pieces.first[k] : pieces.last[k] + 1]) for k in large]
    tree = shapely.STRtree(lines)
    rows: list[tuple[int, str]] = []
    for name, shape in zip(mapped["name"], mapped.geometry, strict=True):
        written = _MISSPELLED.get(name, name)
        river = river_of(written) or river_of(f"{written} River") or written
        for line in shapely.get_parts(shape):
            along = np.arange(ENDS_M, line.length - ENDS_M, SAMPLE_M)
            sample, near = tree.query(shapely.line_interpolate_point(line, along), predicate="dwithin", distance=MAP_REACH_M)
            best = pd.DataFrame({"sample": sample, "near": large[near], "area": area_km2[large[near]]})
            best = best.sort_values("area", ascending=False, kind="stable").drop_duplicates("sample")
            rows += [(int(k), river) for k in best.near]
    piece, names = zip(*rows, strict=True) if rows else ((), ())
    return Evidence(np.array(piece, int), np.array(names, object), np.full(len(piece), "map", object))


def gauge_evidence(piece: np.ndarray, gauges: Sequence[str], spelled: Mapping[str, str]) -> Evidence:
    """Pieces at gauges whose name holds a river's; ``spelled``: name in small letters -> as written elsewhere."""
    names = (river_of(gauge) for gauge in gauges)
    rivers = np.array([name and spelled.get(name.lower(), name) for name in names], object)
    known = rivers != np.array(None)
    return Evidence(piece[known], rivers[known], np.full(int(known.sum()), "gauge", object))


def reach_names(pieces: Pieces, area_km2: np.ndarray, outlet: np.ndarray, gauged: Evidence, mapped: Evidence) -> Named:
    """Name of every piece: from gauges and the outlet, and from the map where these say nothing or contradict each other.

    Between two places of one name the river is called so. Where they differ, the name changes at a confluence that brings much;
    if none does, pieces are called as the place whose drainage area is most like theirs, within a factor of two. What is left
    keeps the name of the stem, marked as such.

    Parameters
    ----------
    pieces : Pieces
    area_km2 : (n,) float
    outlet : (rivers,) object
        Name at the outlet; None = none.
    gauged, mapped : Evidence
    """
    step = np.zeros(area_km2.size)
    np.divide(np.maximum(np.diff(area_km2), 0.0), area_km2[1:], out=step[1:], where=area_km2[1:] > 0.0)
    name, source = np.full((2, len(pieces.river)), None, object)
    name[gauged.piece], source[gauged.piece] = gauged.name, gauged.source
    drawn = np.full(len(pieces.river), None, object)
    drawn[mapped.piece] = mapped.name
    begin = np.searchsorted(pieces.river, np.arange(len(outlet) + 1))
    for river, at_outlet in enumerate(outlet):
        span = slice(begin[river], begin[river + 1])
        reach = Reach(name[span], source[span], drawn[span], area_km2[span], step[span])
        if at_outlet is not None and reach.source[-1] is None:
            reach.name[-1], reach.source[-1] = at_outlet, "outlet"
        reach.fill()
        if at_outlet is not None:
            reach.set(reach.unnamed(), f"main stem of the {at_outlet} system", "stem")
    return Named(name, source)


@dataclass(frozen=True)
class Reach:
    """Pieces of one river, downstream: views of name, source, name on the map, drainage area and the share entering at each."""

    name: np.ndarray
    source: np.ndarray
    drawn: np.ndarray
    area: np.ndarray
    step: np.ndarray

    def unnamed(self) -> np.ndarray:
        """Pieces without a name."""
        return np.flatnonzero(self.source == np.array(None))

    def set(self, rows: np.ndarray, name: str, source: str) -> None:
        """Name pieces."""
        self.name[rows], self.source[rows] = name, source

    def fill(self) -> None:
        """Names between and above known places, then those of the map, and names between these."""
        known = np.flatnonzero(self.source != np.array(None))
        for a, b in zip(known[:-1].tolist(), known[1:].tolist(), strict=True):
            # the end of a river may be called after an arm of its delta: the map knows how far up
            if self.source[b] != "outlet" or key(self.name[a]) == key(self.name[b]) or not self._is_drawn(a, b):
                self._between(a, b)
        if known.size:
            self._above(int(known[0]))
        at = np.flatnonzero((self.source == np.array(None)) & (self.drawn != np.array(None)))
        self.name[at], self.source[at] = self.drawn[at], "map"
        known = np.flatnonzero(self.source != np.array(None))
        for a, b in zip(known[:-1].tolist(), known[1:].tolist(), strict=True):
            if "map" in (self.source[a], self.source[b]):
                self._between(a, b)

    def _is_drawn(self, a: int, b: int) -> bool:
        return bool((self.drawn[a + 1 : b] != np.array(None)).any())

    def _between(self, a: int, b: int) -> None:
        """Pieces between two known places."""
        rows = np.arange(a + 1, b)
        if not rows.size:
            return
        if key(self.name[a]) == key(self.name[b]):
            self.set(rows, self.name[b], self.source[b])
            return
        change = a + 1 + int(self.step[a + 1 : b + 1].argmax())
        if self.step[change] >= LEAST_JOIN:
            self.set(rows[rows < change], self.name[a], self.source[a])
            self.set(rows[rows >= change], self.name[b], self.source[b])
            return
        upper, lower = self.area[rows] / self.area[a], self.area[b] / self.area[rows]
        self.set(rows[(upper <= lower) & (upper <= ALIKE)], self.name[a], self.source[a])
        self.set(rows[(upper > lower) & (lower <= ALIKE)], self.name[b], self.source[b])

    def _above(self, top: int) -> None:
        """Pieces above the highest known place."""
        share = SAME_NAME_SHARE if self.source[top] == "outlet" else UPSTREAM_SHARE
        rows = np.arange(top)
        self.set(rows[self.area[:top] >= share * self.area[top]], self.name[top], self.source[top])


def withheld_names(
    pieces: Pieces, area_km2: np.ndarray, outlet: np.ndarray, gauged: Evidence, mapped: Evidence
) -> dict[str, float]:
    """Every fifth gauge withheld: share of those whose reach bears their name, another one, or that of the stem, marked."""
    out = np.arange(len(gauged.piece)) % WITHHELD == 0
    kept = Evidence(gauged.piece[~out], gauged.name[~out], gauged.source[~out])
    # a piece that holds another gauge is no test
    out &= ~np.isin(gauged.piece, kept.piece)
    named = reach_names(pieces, area_km2, outlet, kept, mapped)
    given, truth, source = named.name[gauged.piece[out]], gauged.name[out], named.source[gauged.piece[out]]
    open_ = (source == "stem") | (source == np.array(None))
    right = np.array([g is not None and key(g) == key(t) for g, t in zip(given, truth, strict=True)])
    return {"gauges": int(out.sum()), "right": float((right & ~open_).mean()), "open": float(open_.mean())}
