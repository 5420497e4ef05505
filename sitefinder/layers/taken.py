"""Land that is taken already: share of each cell, by cause, at the size of the thing and not of the cell.

Points of the registers become discs of the area that such a thing takes, lines become strips as wide as their right of way
(``config/assumptions/land.yaml``). A cell's share is the sum over discs and strips of one cause, at most all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.grid import Grid
from sitefinder.layers.files import (
    AIRFIELDS,
    AIRPORTS,
    CAMPUS_LABELS,
    CORRIDORS,
    HIGHWAYS,
    LINES,
    PARKS,
    PIPELINES,
    PLANTS,
    REUSABLE,
    RIVERS,
    STATIONS,
    WASTEWATER,
)
from sitefinder.layers.sources import Sources, segments_of
from sitefinder.units import M2_PER_ACRE, M_PER_FOOT, M_PER_KM

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.config.land import TakenLand

#: megawatts from which a plant is large enough for a yard of its own
LARGE_PLANT_MW = 10.0
#: samples along the radius of a disc: of one that is small or large beside a cell
SAMPLES_SMALL, SAMPLES_LARGE = 8, 24
#: radius in cells from which a disc is large
LARGE_DISC = 0.5
#: width given to the border of areas, metres: enough to mark the cells that it touches
BORDER_M = 1.0
#: discs spread at once: bounds the memory
CHUNK = 5_000
#: part of the name of a technology -> kind of plant, the first that fits
KINDS_BY_WORD: Mapping[str, str] = {
    "coal|petroleum coke": "coal",
    "gas turbine|natural gas|other gases": "gas",
    "nuclear": "nuclear",
    "hydro": "hydro",
    "wind": "wind",
    "solar": "solar",
    "batter": "battery",
}
#: units of the Forest Service that are protected as a whole; outlines of forests and grasslands hold much private land
WHOLE_UNITS = "Scenic Area|Tallgrass Prairie|Management Unit|Savannah River Site"


def disc_share(sources: Sources, points: np.ndarray, radius_m: np.ndarray) -> np.ndarray:
    """(n_land,) float32 share of each cell within discs, summed over discs; the cell of a disc's centre always has some.

    Parameters
    ----------
    sources : Sources
    points : (n,) shapely points, EPSG:5070
    radius_m : (n,) float64
    """
    import shapely

    centre = sources.to_cells(shapely.get_coordinates(points))
    radius = np.asarray(radius_m, np.float64) / sources.grid.resolution_m
    out = np.zeros(sources.grid.shape, np.float64)
    large = radius >= LARGE_DISC
    for chosen, samples in ((~large, SAMPLES_SMALL), (large, SAMPLES_LARGE)):
        rows = np.flatnonzero(chosen)
        for start in range(0, rows.size, CHUNK):
            part = rows[start : start + CHUNK]
            _add_discs(sources.grid, centre[part], radius[part], _unit_disc(samples), out)
    return np.minimum(sources.land.compact(out), 1.0).astype(np.float32)


def _unit_disc(samples: int) -> np.ndarray:
    """(n, 2) points spread evenly over a disc of radius 1, some in each quadrant close to its centre."""
    step = (np.arange(2 * samples) + 0.5) / samples - 1.0
    points = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2)
    return points[(points**2).sum(axis=1) <= 1.0]


def _add_discs(grid: Grid, centre: np.ndarray, radius: np.ndarray, disc: np.ndarray, out: np.ndarray) -> None:
    """Add the area of discs to the cells on which their samples fall; everything in cell units."""
    col, row = np.floor(centre[:, None, :] + radius[:, None, None] * disc).astype(np.int64).transpose(2, 0, 1)
    area = np.broadcast_to((np.pi * radius**2 / len(disc))[:, None], row.shape)
    known = grid.inside(row, col)
    out += np.bincount(row[known] * grid.width + col[known], area[known], minlength=out.size).reshape(out.shape)


def strip_share(sources: Sources, lines: np.ndarray, width_m: np.ndarray | float) -> np.ndarray:
    """(n_land,) float32 share of each cell within strips along lines, summed over lines.

    Parameters
    ----------
    sources : Sources
    lines : (n,) shapely lines, EPSG:5070
    width_m : (n,) float64 or float
    """
    from sitefinder.kernels.strips import add_strips

    segments, row_of = segments_of(lines)
    width = np.broadcast_to(np.asarray(width_m, np.float64), len(lines))[row_of] / sources.grid.resolution_m
    out = np.zeros(sources.grid.shape, np.float32)
    add_strips(np.hstack([sources.to_cells(segments[:, :2]), sources.to_cells(segments[:, 2:])]), width, out)
    return np.minimum(sources.land.compact(out), np.float32(1.0))


def touched_share(sources: Sources, areas: np.ndarray) -> np.ndarray:
    """(n_land,) float32 share of each cell within areas, above 0 wherever one is touched.

    Coverage is sampled along rows: a narrow arm between two of them is seen by its border.

    Parameters
    ----------
    sources : Sources
    areas : (n,) shapely polygons, EPSG:5070
    """
    import shapely

    return np.maximum(sources.covered(areas), strip_share(sources, shapely.boundary(areas), BORDER_M))


def by_voltage(kv: np.ndarray, table: Mapping[int, float]) -> np.ndarray:
    """(n,) float64 entry of the highest voltage of a table that is not above the voltage of each feature.

    >>> by_voltage(np.array([0, 138, 765]), {0: 75, 100: 100, 500: 175}).tolist()
    [75.0, 100.0, 175.0]
    """
    classes = np.array(sorted(table))
    return np.array([table[int(k)] for k in classes], np.float64)[np.searchsorted(classes, kv, side="right") - 1]


def disc_radius_m(acres: np.ndarray) -> np.ndarray:
    """(n,) float64 radius of discs of some acres."""
    return np.sqrt(acres * M2_PER_ACRE / np.pi)


def plant_acres(plants: Any, terms: TakenLand) -> np.ndarray:
    """(n,) float64 acres of each power plant."""
    acres = sum(plants[f"mw_{kind}"].to_numpy(np.float64) * each for kind, each in terms.plant_acres_per_mw)
    return np.where(plants["mw"] >= LARGE_PLANT_MW, np.maximum(acres, terms.plant_least_acres), acres)


def kinds_of(technology: Any) -> np.ndarray:
    """(n,) object: kind of plant, as in the terms, of the technology that the register of closed plants names.

    >>> import pandas as pd
    >>> kinds_of(pd.Series(["Conventional Steam Coal", "Onshore Wind Turbine", "Municipal Solid Waste"])).tolist()
    ['coal', 'wind', 'other']
    """
    words = technology.str.lower()
    return np.select([words.str.contains(part) for part in KINDS_BY_WORD], list(KINDS_BY_WORD.values()), "other").astype(object)


def closed_plant_acres(plants: Any, terms: TakenLand) -> np.ndarray:
    """(n,) float64 acres of each closed power plant: those that it took when it ran."""
    each = dict(terms.plant_acres_per_mw)
    acres = plants["mw"].to_numpy(np.float64) * np.array([each[kind] for kind in kinds_of(plants["fuel"])])
    return np.maximum(acres, terms.plant_least_acres)


def wastewater_acres(plants: Any, terms: TakenLand) -> np.ndarray:
    """(n,) float64 acres of each wastewater plant by its design flow."""
    flow = plants["design_mgd"].to_numpy(np.float64)
    return np.maximum(flow * terms.wastewater.acres_per_mgd, terms.wastewater.least_acres)


def park_outlines(units: Any) -> np.ndarray:
    """(n,) outlines of the units of the Park Service, and of those of the Forest Service that are protected as a whole."""
    chosen = (units["kind"] == "national_park") | units["name"].str.contains(WHOLE_UNITS, regex=True)
    return units.geometry.values[chosen.to_numpy(bool)]


def campus_acres(campuses: Any, terms: TakenLand) -> np.ndarray:
    """(n,) float64 acres of each known campus: the larger of what its mapped area and its megawatts say."""
    mapped = campuses["footprint_m2"].to_numpy(np.float64, na_value=np.nan) / M2_PER_ACRE
    land = np.where(campuses["land_outline"], mapped, mapped * terms.campus.land_per_building)
    power = campuses["mw"].to_numpy(np.float64, na_value=np.nan) * terms.campus.acres_per_mw
    return np.fmax(np.fmax(land, power), terms.campus.least_acres)


def airport_radius_m(runway_ft: np.ndarray, terms: TakenLand) -> np.ndarray:
    """(n,) float64 radius of the disc that holds the longest runway and what must stay free at its ends."""
    return (runway_ft / 2.0 + terms.airport_margin_ft) * M_PER_FOOT


def _plants(sources: Sources, terms: TakenLand) -> np.ndarray:
    plants = sources.features(PLANTS)
    acres = plant_acres(plants, terms)
    some = acres > 0
    return disc_share(sources, plants.geometry.values[some], disc_radius_m(acres[some]))


def _reactors(sources: Sources, terms: TakenLand) -> np.ndarray:
    plants = sources.features(PLANTS)
    reactors = plants[plants["mw_nuclear"] > 0]
    return disc_share(sources, reactors.geometry.values, np.full(len(reactors), terms.reactor_exclusion_km * M_PER_KM))


def _stations(sources: Sources, terms: TakenLand) -> np.ndarray:
    stations = sources.features(STATIONS)
    yards = stations[~stations["is_tap"]]
    return disc_share(
        sources, yards.geometry.values, disc_radius_m(by_voltage(yards["kv_class"].to_numpy(), terms.station_acres))
    )


def _campuses(sources: Sources, terms: TakenLand) -> np.ndarray:
    campuses = sources.features(CAMPUS_LABELS)
    return disc_share(sources, campuses.geometry.values, disc_radius_m(campus_acres(campuses, terms)))


def _airports(sources: Sources, terms: TakenLand) -> np.ndarray:
    """Public airports with what must stay free at the ends of runways, and airfields of private use or short runways."""
    airports, strips = sources.features(AIRPORTS), sources.features(AIRFIELDS)
    large = airport_radius_m(airports["runway_ft"].to_numpy(np.float64), terms)
    small = strips["runway_ft"].to_numpy(np.float64) / 2.0 * M_PER_FOOT + terms.airfield_margin_m
    points = np.concatenate([airports.geometry.values, strips.geometry.values])
    return disc_share(sources, points, np.concatenate([large, small]))


def _lines(sources: Sources, terms: TakenLand) -> np.ndarray:
    lines = sources.features(LINES)
    width = by_voltage(lines["kv_class"].to_numpy(), terms.line_feet) * M_PER_FOOT
    return strip_share(sources, lines.geometry.values, width)


def _pipelines(sources: Sources, terms: TakenLand) -> np.ndarray:
    return strip_share(sources, sources.features(PIPELINES).geometry.values, terms.pipeline_feet * M_PER_FOOT)


def _along(sources: Sources, name: str, kind: str, feet: float) -> np.ndarray:
    lines = sources.features(name)
    return strip_share(sources, lines.geometry.values[lines["kind"] == kind], feet * M_PER_FOOT)


def _freeways(sources: Sources, terms: TakenLand) -> np.ndarray:
    """Interstates stand in both files, other freeways in one."""
    interstates = _along(sources, HIGHWAYS, "interstate", terms.freeway_feet)
    return np.maximum(interstates, _along(sources, CORRIDORS, "freeway", terms.freeway_feet))


def _highways(sources: Sources, terms: TakenLand) -> np.ndarray:
    return _along(sources, HIGHWAYS, "us", terms.highway_feet)


def _railways(sources: Sources, terms: TakenLand) -> np.ndarray:
    return _along(sources, CORRIDORS, "railway", terms.railway_feet)


def _closed_plants(sources: Sources, terms: TakenLand) -> np.ndarray:
    plants = closed(sources.features(REUSABLE))
    return disc_share(sources, plants.geometry.values, disc_radius_m(closed_plant_acres(plants, terms)))


def closed(plants: Any) -> Any:
    """The plants of the register that are closed; those that are about to close still run, and stand among the others."""
    return plants[plants["status"] == "retired"]


def _wastewater(sources: Sources, terms: TakenLand) -> np.ndarray:
    plants = sources.features(WASTEWATER)
    return disc_share(sources, plants.geometry.values, disc_radius_m(wastewater_acres(plants, terms)))


def _parks(sources: Sources, _: TakenLand) -> np.ndarray:
    return touched_share(sources, park_outlines(sources.features(PARKS)))


def rivers_share(sources: Sources, terms: TakenLand, least_m3s: float = 0.0) -> np.ndarray:
    """(n_land,) float32 share of each cell within rivers of a mean flow and more."""
    rivers = sources.features(RIVERS)
    rivers = rivers[rivers["flow_m3s"] >= least_m3s]
    width = terms.river_m_per_root_m3s * np.sqrt(rivers["flow_m3s"].to_numpy(np.float64))
    return strip_share(sources, rivers.geometry.values, width)


#: cause -> share of each cell that it takes
CAUSES: Mapping[str, Callable[[Sources, TakenLand], np.ndarray]] = {
    "plants": _plants,
    "reactors": _reactors,
    "stations": _stations,
    "campuses": _campuses,
    "airports": _airports,
    "lines": _lines,
    "pipelines": _pipelines,
    "freeways": _freeways,
    "highways": _highways,
    "railways": _railways,
    "rivers": rivers_share,
    "closed_plants": _closed_plants,
    "wastewater": _wastewater,
    "parks": _parks,
}
#: cause -> layer of the share that it takes, and the words for it
LAYER_OF: Mapping[str, str] = {cause: f"taken_{cause}_pct" for cause in CAUSES}
WORDS: Mapping[str, str] = {
    "plants": "power plants",
    "reactors": "exclusion area of a reactor",
    "stations": "substations",
    "campuses": "known data center campuses",
    "airports": "airports",
    "lines": "transmission lines",
    "pipelines": "gas pipelines",
    "freeways": "freeways",
    "highways": "US routes",
    "railways": "main railways",
    "rivers": "rivers",
    "closed_plants": "closed power plants",
    "wastewater": "wastewater plants",
    "parks": "national parks and other protected federal units",
}
#: causes that ``buildable_pct`` leaves in, because the learned score sees that layer: known campuses, to which it is fitted, and
#: what was added to the causes after it was fitted. They are taken off the acres in which campuses grow
BESIDES = ("campuses", "closed_plants", "wastewater")
#: causes of ``buildable_pct``: parks stand in it as land that others hold
IN_BUILDABLE = tuple(cause for cause in CAUSES if cause not in (*BESIDES, "parks"))
#: compiled files that the causes in ``buildable_pct`` rest on, and all causes
FILES_OF_BUILDABLE = (PLANTS, STATIONS, AIRPORTS, AIRFIELDS, LINES, PIPELINES, HIGHWAYS, CORRIDORS, RIVERS)
FILES = (*FILES_OF_BUILDABLE, CAMPUS_LABELS, REUSABLE, WASTEWATER, PARKS)


def terms_of(config: Config) -> Mapping[str, Any]:
    """What the layers of this module take from the configuration."""
    return config.section("land").model_dump(mode="json")


def share_of(sources: Sources, cause: str) -> np.ndarray:
    """(n_land,) float32 share of each cell that one cause takes."""

    def measure() -> np.ndarray:
        return sources.with_given(LAYER_OF[cause], CAUSES[cause](sources, sources.config.section("land")), per=100.0)

    return sources.once(("taken", cause), measure)


def left_of(sources: Sources, *causes: str) -> np.ndarray:
    """(n_land,) float32 share of each cell that the causes leave, as if they lay independently of each other."""
    left = np.ones(sources.land.size, np.float32)
    for cause in causes:
        left *= np.float32(1.0) - share_of(sources, cause)
    return left
