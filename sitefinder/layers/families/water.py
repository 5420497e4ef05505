"""Water: runoff, withdrawals, drought, and the nearest river or reclaimed supply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sitefinder.columns import MID
from sitefinder.grid import Grid
from sitefinder.layers.built import Built
from sitefinder.layers.files import CLIMATIC_BALANCE, COUNTY_DROUGHT, COUNTY_USE, RIVERS, RUNOFF, WASTEWATER
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer
from sitefinder.units import KW_PER_MW, L_PER_M3, M2_PER_KM2, M3S_PER_MGD, S_PER_HOUR, runoff_to_m3s

if TYPE_CHECKING:
    from sitefinder.config import Project
    from sitefinder.config.costs import WaterNeed

#: largest share of a river's mean flow that a campus may ask for in this screen: low flows are often a tenth of the
#: mean, so 5 % of the mean is about half of a dry month
RIVER_SHARE = 0.05
#: radius of the local balance of supply and withdrawals
BALANCE_KM = 50.0
#: reach of a reclaimed-water main
RECLAIMED_KM = 25.0
#: spacing of the points that carry runoff
LATTICE_M = 10_000.0


def water_need_m3s(project: Project, water: WaterNeed) -> float:
    """Water that the campus consumes at full load, m3/s: its size times the most likely litres per kWh of its cooling option.

    Parameters
    ----------
    project : Project
    water : WaterNeed
        The part ``water`` of the section ``needs``.
    """
    return project.mw * KW_PER_MW * water.wue.of(project.cooling)[MID] / L_PER_M3 / S_PER_HOUR


def river_flow_needed(project: Project, water: WaterNeed) -> float:
    """Least mean flow of a river that counts for this project, m3/s; parameters of :func:`water_need_m3s`."""
    return round(max(1.0, water_need_m3s(project, water) / RIVER_SHARE), 2)


@layer(
    layer_id="water_stress_ratio",
    family="water",
    title="Withdrawals against local renewable supply",
    unit="ratio",
    meaning="Our own index: fresh withdrawals of 2015 without power-plant cooling, divided by mean annual runoff, both within "
    "50 km; 0.4 and more is commonly called high stress.",
    better="low",
    valid=(0.0, 10_000.0),
    sources=(COUNTY_USE, RUNOFF, "boundaries/counties.parquet"),
    grade="E4",
    caveat="Leaves out imported water, big rivers passing through, reservoirs and groundwater mining; withdrawals of 2015 are "
    "spread evenly over each county; runoff is interpolated between gauges.",
)
def water_stress_ratio(sources: Sources) -> np.ndarray:
    """Ratio of two sums within the same radius; NaN where no runoff is known."""
    used_mgd = sources.county_total_within_km(COUNTY_USE, "fresh_mgd", BALANCE_KM)
    cooling_mgd = sources.county_total_within_km(COUNTY_USE, "thermoelectric_mgd", BALANCE_KM)
    supply = sources.sum_within_km(*_runoff_lattice(sources), BALANCE_KM)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (used_mgd - cooling_mgd) * np.float32(M3S_PER_MGD) / supply
    return np.where(supply > 0, np.maximum(ratio, 0), np.nan).astype(np.float32)


def _runoff_lattice(sources: Sources) -> tuple[np.ndarray, np.ndarray]:
    """Points on a regular lattice over the land and the runoff of the square that each stands for, m3/s."""
    import shapely

    lattice = Grid(LATTICE_M)
    rows, cols = np.mgrid[0 : lattice.height, 0 : lattice.width]
    x, y = lattice.centre(rows.ravel(), cols.ravel())
    row, col = sources.grid.cell_at(x, y)
    inside = sources.grid.inside(row, col)
    position = np.full(row.size, -1)
    position[inside] = sources.land.position[row[inside], col[inside]]
    known = position >= 0
    depth = np.nan_to_num(sources.raster(RUNOFF)[position[known]])
    return shapely.points(x[known], y[known]), depth * runoff_to_m3s(1.0, LATTICE_M**2 / M2_PER_KM2)


@layer(
    parameters=lambda config: {"min_flow_m3s": river_flow_needed(config.project, config.section("needs").water)},
    layer_id="river_km",
    family="water",
    title="Distance to a river that can carry the campus",
    unit="km",
    meaning="Distance to the nearest river reach whose mean natural flow is at least 20 times the water need of the campus.",
    better="low",
    valid=(0.0, 1500.0),
    sources=(RIVERS,),
    grade="E4",
    caveat="Mean natural flow is modelled; low flow, existing rights and fish are not in it. A pipe is not a right.",
)
def river_km(sources: Sources) -> Built:
    """Distance with the river's name."""
    rivers = sources.features(RIVERS)
    chosen = rivers[rivers["flow_m3s"] >= river_flow_needed(sources.project, sources.config.section("needs").water)]
    names = chosen["name"].where(chosen["name"].notna(), "unnamed river")
    labels = [f"{n} ({q:.0f} m3/s)" for n, q in zip(names, chosen["flow_m3s"], strict=True)]
    return sources.distance_km(chosen.geometry.values, labels)


@layer(
    layer_id="reclaimed_25km_mgd",
    family="water",
    title="Wastewater plants within 25 km",
    unit="Mgd",
    meaning="Design flow of municipal wastewater treatment plants within 25 km: the most that reclaimed water could supply.",
    better="high",
    valid=(0.0, 5000.0),
    sources=(WASTEWATER,),
    grade="E3",
    caveat="Design flow, actual flow is lower; effluent may be promised to a stream or to others already.",
)
def reclaimed_25km_mgd(sources: Sources) -> np.ndarray:
    """Sum of design flows."""
    plants = sources.features(WASTEWATER)
    return sources.sum_within_km(plants.geometry.values, plants["design_mgd"].to_numpy(), RECLAIMED_KM)


@layer(
    layer_id="drought_share",
    family="water",
    title="Share of county area in severe drought",
    unit="share",
    meaning="Mean share of the county's area in drought class D2 or worse, over the weeks of 2000 to 2025.",
    better="low",
    valid=(0.0, 1.0),
    sources=(COUNTY_DROUGHT, "boundaries/counties.parquet"),
    grade="E3",
    caveat="Drought is relative to local normals: a desert county in a normal year is not in drought.",
)
def drought_share(sources: Sources) -> np.ndarray:
    """County statistic."""
    return sources.by_county(COUNTY_DROUGHT, "d2_area_share")


@layer(
    layer_id="climatic_balance_mm",
    family="water",
    title="Precipitation less potential evaporation",
    unit="mm/yr",
    meaning="Mean annual precipitation minus potential evapotranspiration of the watershed.",
    better="high",
    valid=(-2500.0, 6000.0),
    sources=(CLIMATIC_BALANCE,),
    grade="E4",
    caveat="Mean of watersheds of about 200 km2; negative in the West although mountains there still shed water.",
)
def climatic_balance_mm(sources: Sources) -> np.ndarray:
    """Raster value."""
    return sources.raster(CLIMATIC_BALANCE)
