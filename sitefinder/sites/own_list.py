"""The user's list of sites, checked row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from sitefinder.errors import SitesError
from sitefinder.files import guarded
from sitefinder.grid import CRS, Land, projection
from sitefinder.sites.own import OFF_LAND, UserSite, covers_land, seed_of
from sitefinder.sites.own_checks import degrees_problem, line_problem, place_problem, shape_problem, size_problem
from sitefinder.sites.own_groups import assembled, conflicts
from sitefinder.sites.own_reading import read_listing
from sitefinder.sites.own_repairs import TOO_FAR_M, far_apart, mended, opened, remarks_of
from sitefinder.sites.reading.entry import LONLAT, Entry, Limits, Listing
from sitefinder.sites.reading.table import NOTE
from sitefinder.units import M_PER_KM

#: problems listed one by one; the others are counted
SHOWN = 20
HOW_TO_SKIP = "Correct them, or continue with the others: --skip-bad (make: SKIP_BAD=1)."
#: places this far beyond the simplified outlines of counties are on land still, metres
SHORE_M = 1_000.0
#: what the old datum means without the files of its shifts
NAD27 = "its reference system is of NAD27: places are right to some ten metres"


@dataclass(frozen=True)
class Problem:
    """A row that cannot be used.

    Parameters
    ----------
    place : str
        "row 3" or "feature 2".
    name : str
    text : str
        What is wrong and the remedy.
    """

    place: str
    name: str
    text: str


@dataclass(frozen=True)
class OwnSites:
    """What a file holds.

    Parameters
    ----------
    sites : list of UserSite
        The usable sites in the order of the file.
    skipped : list of Problem
        Rows that were left out.
    taken : str
        What was taken as what.
    notes : list of str
        What was repaired, joined, or is doubtful, with its row.
    """

    sites: list[UserSite]
    skipped: list[Problem]
    taken: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Asked:
    """How the user wants the list to be read.

    Parameters
    ----------
    skip_bad : bool
        Leave bad rows out instead of refusing the file.
    strict : bool
        Refuse what would be repaired: outlines that cross themselves, and rows that stand twice.
    crs : str or None
        Reference system of a file that declares none.
    limits : Limits
    """

    skip_bad: bool = False
    strict: bool = False
    crs: str | None = None
    limits: Limits = field(default_factory=Limits)


def read_sites(
    path: Path, land: Land | None = None, asked: Asked | None = None, *, shore: Callable[[], Any] | None = None
) -> OwnSites:
    """Read a list of points and polygons in any format of :mod:`sitefinder.sites.own_reading`.

    Heights are dropped. Parts and holes of polygons are kept. Outlines that cross themselves are repaired, rows that stand twice
    left out, parcels of one group joined; ``notes`` say so.

    Parameters
    ----------
    path : Path
    land : Land, optional
        To find sites that lie in the sea or across the border.
    asked : Asked, optional
    shore : callable, optional
        Gives the outlines of the land in EPSG:5070, to tell a place on the coast from one in the sea; called where there is one.

    Raises
    ------
    SitesError
        The file cannot be used as a whole, no site of it is good, or one is bad and ``skip_bad`` is False. One line per bad
        row, up to ``SHOWN`` of them.
    """
    asked = asked or Asked()
    listing = read_listing(path, asked.limits, asked.crs)
    frame = _frame(path, listing)
    checks = _Checks(path, frame, land, asked, shore)
    bad: list[Problem] = []
    twice: list[Problem] = []
    good: list[UserSite] = []
    seen: dict[tuple[bytes, float | None], str] = {}
    for entry in listing.entries:
        checked = checks.site(entry)
        if isinstance(checked, str):
            bad.append(Problem(entry.place, entry.name, checked))
            continue
        first = seen.setdefault((shapely.normalize(checked.geometry).wkb, _acres_asked(checked)), entry.place)
        if first == entry.place:
            good.append(checked)
        elif asked.strict:
            bad.append(Problem(entry.place, entry.name, f"it is the same place as {first}. Remove one of them."))
        else:
            twice.append(Problem(entry.place, entry.name, f"it is the same place as {first} and is left out."))
    clashing = conflicts(good)
    bad += [Problem(s.place.rpartition(", ")[2], s.name, clashing[s.group]) for s in good if s.group in clashing]
    good = [s for s in good if s.group not in clashing]
    if bad and not (asked.skip_bad and good):
        raise SitesError("\n".join(_refusal(path, bad, len(good))))
    sites, joined = assembled(good)
    notes = [*([Note(str(path), NAD27)] if frame.old else []), *checks.notes, *doubts(sites)]
    said = [f"{note.place}: {note.text}." for note in notes] + [f"{path}: {words}" for words in joined]
    return OwnSites(_annotated(sites, notes), bad + twice, listing.taken, said)


def _acres_asked(site: UserSite) -> float | None:
    """Acres that make two rows of one place two questions: those of points."""
    return site.acres if site.outline is None else None


def _annotated(sites: Sequence[UserSite], notes: Sequence[Note]) -> list[UserSite]:
    """Sites with the same columns, among them what was changed, and without the acres that a file gives for polygons."""
    columns = dict.fromkeys(name for site in sites for name in site.attributes)
    annotated = []
    for site in sites:
        attributes = {name: site.attributes.get(name) for name in columns}
        if notes:
            texts = [note.text for note in notes if note.place == site.place or f"{site.place}, ".startswith(f"{note.place}, ")]
            attributes[NOTE] = "; ".join(texts) or None
        annotated.append(replace(site, acres=_acres_asked(site), attributes=attributes))
    return annotated


def _refusal(path: Path, bad: Sequence[Problem], good: int) -> list[str]:
    lines = problem_lines(path, bad)
    if good or len(bad) > SHOWN:
        remedy = HOW_TO_SKIP if good else "Correct them."
        lines.append(f"{len(bad)} of {len(bad) + good} sites of {path} are wrong. {remedy}")
    return lines


def problem_lines(path: Path, bad: Sequence[Problem]) -> list[str]:
    """One line per bad row, the first ``SHOWN`` of them, then how many more there are."""
    lines = [f"Invalid SITES file {path}, {p.place}: {p.text}" for p in bad[:SHOWN]]
    return lines + ([f"… and {len(bad) - SHOWN} more in {path}."] if len(bad) > SHOWN else [])


def note_lines(notes: Sequence[str]) -> list[str]:
    """The first ``SHOWN`` notes, then how many more there are."""
    more = len(notes) - SHOWN
    return [*notes[:SHOWN], *([f"… and {more} more; own_sites.geojson has all of them as your_note."] if more > 0 else [])]


def skipped_csv(skipped: Sequence[Problem]) -> bytes:
    """The skipped rows as a CSV file: row, name, problem."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "name", "problem"])
    writer.writerows([guarded(text) for text in (p.place, p.name, p.text)] for p in skipped)
    return text.getvalue().encode()


class Note(NamedTuple):
    """What was changed or is doubtful in a row.

    Parameters
    ----------
    place : str
        File and rows.
    text : str
    """

    place: str
    text: str


def doubts(sites: Sequence[UserSite]) -> list[Note]:
    """What is taken as it is and may be wrong."""
    polygons = [s for s in sites if s.outline is not None]
    return [Note(s.place, text) for s in polygons for text in remarks_of(s.geometry, s.acres)]


@dataclass(frozen=True)
class _Frame:
    """Functions that bring a geometry of the file to WGS 84 and to the grid; whether it has degrees, and is of NAD27."""

    to_wgs84: Callable[[Any], Any]
    to_grid: Callable[[Any], Any]
    degrees: bool
    old: bool


def _frame(path: Path, listing: Listing) -> _Frame:
    import pyproj
    from pyproj.exceptions import ProjError

    try:
        declared = pyproj.CRS.from_user_input(listing.crs)
        if not (declared.is_geographic or declared.is_projected):
            raise ProjError("it describes no map")
        old = declared.geodetic_crs is not None and declared.geodetic_crs.name == "NAD27"
        to_wgs84, to_grid = (projection(declared, target) for target in (LONLAT, CRS))
    except (ProjError, TypeError, ValueError):
        raise SitesError(
            f"Invalid SITES file {path}: its coordinate reference system '{str(listing.crs)[:60]}' is unknown. "
            "Name one by its code, e.g. EPSG:26914."
        ) from None

    def function(transformer: Any) -> Callable[[Any], Any]:
        return lambda geometry: shapely.transform(geometry, lambda x, y: transformer.transform(x, y), interleaved=False)

    as_given = listing.crs == LONLAT
    return _Frame((lambda geometry: geometry) if as_given else function(to_wgs84), function(to_grid), declared.is_geographic, old)


class _Checks:
    """Checks of the rows of one file; ``notes`` gathers what was changed."""

    def __init__(self, path: Path, frame: _Frame, land: Land | None, asked: Asked, shore: Callable[[], Any] | None) -> None:
        self.path = path
        self.frame = frame
        self.land = land
        self.asked = asked
        self.shore = shore
        self.notes: list[Note] = []

    def site(self, entry: Entry) -> UserSite | str:
        """The site of a row, or its problem."""
        if entry.problem:
            return entry.problem
        given = opened(entry.geometry)
        text = shape_problem(given, self.asked.limits.site_vertices) or (degrees_problem(given) if self.frame.degrees else None)
        if text:
            return text
        flat = shapely.force_2d(given)
        on_earth = self.frame.to_wgs84(flat)
        if not np.isfinite(on_earth.bounds).all():
            return "it cannot be converted to longitude and latitude. Correct its coordinates or the declared reference system."
        if text := place_problem(on_earth) or line_problem(flat):
            return text
        flat, repair = mended(flat, self.frame.to_grid(flat))
        if repair and self.asked.strict:
            return f"{repair.fault}. Correct it."
        projected = self.frame.to_grid(flat)
        if text := size_problem(projected) or _reach_problem(projected):
            return text
        if not shapely.is_valid(projected):  # a spike of a hair's breadth that the projection closes
            projected = shapely.buffer(projected, 0.0)
        if repair:
            self.notes.append(Note(f"{self.path}, {entry.place}", repair.words))
        return self._on_land(self._user_site(entry, flat, projected))

    def _user_site(self, entry: Entry, flat: Any, projected: Any) -> UserSite:
        outline = None if flat.geom_type == "Point" else self.frame.to_wgs84(flat)
        place = f"{self.path}, {entry.place}"
        site = UserSite(entry.name, place, projected, outline, entry.acres, entry.stated)
        return replace(site, group=entry.group, attributes=entry.attributes)

    def _on_land(self, site: UserSite) -> UserSite | str:
        """The site, with a note where only the nearest land cell has it; its problem off the land."""
        if self.land is None:
            return site
        seed = seed_of(site, self.land)
        if seed is None:
            return OFF_LAND
        point = site.geometry.representative_point()
        row, col = (int(v) for v in self.land.grid.cell_at(point.x, point.y))
        if seed == (row, col) or (site.outline is not None and covers_land(site.geometry, self.land)):
            return site
        if self.shore is not None and shapely.distance(self.shore(), site.geometry).min() > SHORE_M:
            return OFF_LAND
        x, y = self.land.grid.centre(np.array(seed[0]), np.array(seed[1]))
        km = float(np.hypot(x - point.x, y - point.y)) / M_PER_KM
        said = f"the centre of its cell is not on land: it is scored on the nearest land cell, {km:.1f} km away"
        self.notes.append(Note(site.place, said))
        return site


def _reach_problem(projected: Any) -> str | None:
    """Problem of a site whose parts lie in different regions."""
    _, metres = far_apart(projected)
    if metres <= TOO_FAR_M:
        return None
    return f"its parts lie {metres / M_PER_KM:,.0f} km apart. Give each place as a site of its own."
