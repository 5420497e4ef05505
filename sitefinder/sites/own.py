"""The user's own sites: points and parcels, checked row by row, and turned into campuses."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sitefinder.config import Config
from sitefinder.errors import SitesError
from sitefinder.grid import CRS, Grid, Land, projection
from sitefinder.sites.campuses import Campus, Field, campus_at
from sitefinder.sites.own_checks import degrees_problem, place_problem, polygon_problem, shape_problem
from sitefinder.sites.own_reading import LONLAT, Entry, Limits, Listing, read_listing
from sitefinder.sites.stated import NOTHING, Stated, as_stated
from sitefinder.units import M2_PER_ACRE

#: problems listed one by one; the others are counted
SHOWN = 20
#: cells that a site covers by less than this part of its best covered cell are not its land, and one that it leaves by less than
#: this part is covered whole: outlines come back from degrees within 0.1 m, drawn ones touch their neighbours
SLIVER = 1e-3
OFF_LAND = "it lies outside the land of the contiguous United States. Correct or remove it."
HOW_TO_SKIP = "Correct them, or continue with the others: --skip-bad (make: SKIP_BAD=1)."


@dataclass(frozen=True)
class UserSite:
    """One row or feature of the user's file.

    Parameters
    ----------
    name : str
    place : str
        File and row, for messages.
    geometry : shapely geometry
        Point or polygon in EPSG:5070.
    outline : shapely geometry or None
        The polygon in WGS 84; None for a point.
    acres : float or None
        Buildable acres that a point asks for instead of the project's.
    stated : Stated
        What the user knows better than the registers.
    """

    name: str
    place: str
    geometry: Any
    outline: Any = None
    acres: float | None = None
    stated: Stated = NOTHING


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
    """The usable sites of a file in its order, and the rows that were skipped."""

    sites: list[UserSite]
    skipped: list[Problem]


def read_sites(path: Path, land: Land | None = None, *, skip_bad: bool = False, limits: Limits | None = None) -> OwnSites:
    """Read a CSV (lat, lon, optional name and acres), GeoJSON or GeoParquet (points, polygons), WGS 84 or a declared CRS.

    Heights are dropped. Parts and holes of polygons are kept.

    Parameters
    ----------
    path : Path
    land : Land, optional
        To find sites that lie in the sea or across the border.
    skip_bad : bool
        Leave bad rows out instead of refusing the file.
    limits : Limits, optional

    Raises
    ------
    SitesError
        The file cannot be used as a whole, no site of it is good, or one is bad and ``skip_bad`` is False. One line per bad
        row, up to ``SHOWN`` of them.
    """
    limits = limits or Limits()
    listing = read_listing(path, limits)
    frame = _frame(path, listing)
    good: list[UserSite] = []
    bad: list[Problem] = []
    seen: dict[tuple[bytes, float | None], str] = {}
    for entry in listing.entries:
        checked = _checked(path, entry, frame, land, limits)
        if isinstance(checked, UserSite):
            first = seen.setdefault((shapely.normalize(checked.geometry).wkb, checked.acres), entry.place)
            if first != entry.place:
                checked = f"it is the same place as {first}. Remove one of them."
        if isinstance(checked, UserSite):
            good.append(checked)
        else:
            bad.append(Problem(entry.place, entry.name, checked))
    if bad and not (skip_bad and good):
        lines = problem_lines(path, bad)
        if good or len(bad) > SHOWN:
            remedy = HOW_TO_SKIP if good else "Correct them."
            lines.append(f"{len(bad)} of {len(bad) + len(good)} sites of {path} are wrong. {remedy}")
        raise SitesError("\n".join(lines))
    return OwnSites(good, bad)


def problem_lines(path: Path, bad: Sequence[Problem]) -> list[str]:
    """One line per bad row, the first ``SHOWN`` of them, then how many more there are."""
    lines = [f"Invalid SITES file {path}, {p.place}: {p.text}" for p in bad[:SHOWN]]
    return lines + ([f"… and {len(bad) - SHOWN} more in {path}."] if len(bad) > SHOWN else [])


def skipped_csv(skipped: Sequence[Problem]) -> bytes:
    """The skipped rows as a CSV file: row, name, problem."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "name", "problem"])
    writer.writerows([p.place, p.name, p.text] for p in skipped)
    return text.getvalue().encode()


@dataclass(frozen=True)
class _Frame:
    """Functions that bring a geometry of the file to WGS 84 and to the grid, and whether its coordinates are degrees."""

    to_wgs84: Callable[[Any], Any]
    to_grid: Callable[[Any], Any]
    degrees: bool


def _frame(path: Path, listing: Listing) -> _Frame:
    import pyproj
    from pyproj.exceptions import ProjError

    try:
        declared = pyproj.CRS.from_user_input(listing.crs)
        if not (declared.is_geographic or declared.is_projected):
            raise ProjError("it describes no map")
        to_wgs84, to_grid = (projection(declared, target) for target in (LONLAT, CRS))
    except (ProjError, TypeError, ValueError):
        raise SitesError(
            f"Invalid SITES file {path}: its coordinate reference system '{str(listing.crs)[:60]}' is unknown. "
            "Name one by its code, e.g. EPSG:26914."
        ) from None

    def function(transformer: Any) -> Callable[[Any], Any]:
        return lambda geometry: shapely.transform(geometry, lambda x, y: transformer.transform(x, y), interleaved=False)

    as_given = listing.crs == LONLAT
    return _Frame((lambda geometry: geometry) if as_given else function(to_wgs84), function(to_grid), declared.is_geographic)


def _checked(path: Path, entry: Entry, frame: _Frame, land: Land | None, limits: Limits) -> UserSite | str:
    """The site of a row, or its problem."""
    text = entry.problem or shape_problem(entry.geometry, limits.site_vertices)
    text = text or (degrees_problem(entry.geometry) if frame.degrees else None)
    if text:
        return text
    flat = shapely.force_2d(entry.geometry)
    on_earth, projected = frame.to_wgs84(flat), frame.to_grid(flat)
    if not np.isfinite(on_earth.bounds).all():
        return "it cannot be converted to longitude and latitude. Correct its coordinates or the declared reference system."
    text = place_problem(on_earth) or polygon_problem(flat, projected)
    if text:
        return text
    if not shapely.is_valid(projected):  # a spike of a hair's breadth that the projection closes
        projected = shapely.buffer(projected, 0.0)
    outline = None if flat.geom_type == "Point" else on_earth
    site = UserSite(entry.name, f"{path}, {entry.place}", projected, outline, entry.acres, entry.stated)
    return OFF_LAND if land is not None and _anchor(site, land) is None else site


def _anchor(site: UserSite, land: Land) -> tuple[int, int] | None:
    """Land cell of the point, or of a point within the parcel; None off the land."""
    anchor = site.geometry if site.geometry.geom_type == "Point" else site.geometry.representative_point()
    row, col = (int(v) for v in land.grid.cell_at(anchor.x, anchor.y))
    inside = bool(land.grid.inside(np.array(row), np.array(col))) and land.position[row, col] >= 0
    return (row, col) if inside else None


def campus_of(site: UserSite, field: Field, config: Config) -> Campus:
    """The campus of a user's site: grown around a point, or the cells of a parcel by their share in it.

    Raises
    ------
    SitesError
        The site lies in the sea, in a lake beyond the shore, or across the border.
    """
    seed = _anchor(site, field.land)
    if seed is None:
        raise SitesError(f"Invalid SITES file {site.place}: {OFF_LAND}")
    if site.geometry.geom_type == "Point":
        return as_stated(campus_at(field, config, seed, site.acres), site.stated, field, config)
    return as_stated(_parcel(site, field, config, seed), site.stated, field, config)


def land_of_site(site: UserSite, land: Land, config: Config) -> np.ndarray:
    """(n,) int32 places in the land index of a parcel, or of a disc of the acres wanted around a point."""
    polygon = site.geometry
    if polygon.geom_type == "Point":
        polygon = polygon.buffer(math.sqrt((site.acres or config.campus_acres) * M2_PER_ACRE / math.pi))
    rows, cols, share = cell_shares(polygon, land.grid)
    index = land.index_of((rows * land.grid.width + cols)[share > 0])
    return index[index >= 0]


def _parcel(site: UserSite, field: Field, config: Config, seed: tuple[int, int]) -> Campus:
    grid = field.land.grid
    rows, cols, share = cell_shares(site.geometry, grid)
    flat = rows * grid.width + cols
    share = np.where(share > 1.0 - SLIVER, 1.0, share)
    inside = (share > SLIVER * share.max()) & (field.land.index_of(flat) >= 0)
    order = np.argsort(flat[inside] != seed[0] * grid.width + seed[1], kind="stable")
    cells, share = flat[inside][order].astype(np.int32), share[inside][order]
    free = ~np.isnan(field.score.reshape(-1)[cells])
    acres = float((field.acres.reshape(-1)[cells] * share)[free].sum())
    if not free.any():
        return Campus(cells, share, 0.0, enough=False, parcel=site.geometry)
    enough = acres >= config.campus_acres
    return Campus(
        cells[free],
        share[free],
        acres,
        enough=enough,
        excluded=cells[~free],
        excluded_share=share[~free],
        parcel=site.geometry,
    )


def cell_shares(polygon: Any, grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of each cell that a polygon covers, exactly; only cells on its outline are cut.

    Parameters
    ----------
    polygon : shapely geometry
        EPSG:5070.
    grid : Grid

    Returns
    -------
    rows, cols : (n,) int64
        The cells of the frame within the bounds of the polygon.
    share : (n,) float64
        0 to 1.
    """
    size = grid.resolution_m
    west, south, east, north = polygon.bounds
    (top, bottom), (left, right) = grid.cell_at(np.array([west, east]), np.array([north, south]))
    rows, cols = np.mgrid[max(top, 0) : min(bottom + 1, grid.height), max(left, 0) : min(right + 1, grid.width)]
    rows, cols = rows.ravel(), cols.ravel()
    x, y = grid.centre(rows, cols)
    boxes = shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    shapely.prepare(polygon)
    share = shapely.covers(polygon, boxes).astype(np.float64)
    cut = (share == 0) & shapely.intersects(polygon, boxes)
    share[cut] = shapely.area(shapely.intersection(boxes[cut], polygon)) / size**2
    return rows, cols, share
