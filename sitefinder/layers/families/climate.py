"""Climate: how much of the year cooling is nearly free, and the design day."""

from __future__ import annotations

import numpy as np

from sitefinder.grid import Grid, Land
from sitefinder.layers.built import Built
from sitefinder.layers.files import CLIMATE_STATIONS, COUNTY_COOLING, ELEVATION
from sitefinder.layers.sources import Sources, read_raster
from sitefinder.layers.spec import layer

#: one metre of height counts like this many metres of ground in the interpolation; chosen by leave-one-out error among
#: 0, 50, 100, 200 and 400
HEIGHT_FACTOR = 200.0
#: cell size on which station data are interpolated
INTERPOLATION_GRID_M = 10_000.0


def _from_stations(sources: Sources, column: str) -> np.ndarray:
    """Linear radial-basis interpolation in position and height, on a coarse grid, then bilinear."""
    import shapely
    from scipy.interpolate import RBFInterpolator

    stations = sources.features(CLIMATE_STATIONS)
    stations = stations[stations[column].notna()]
    known = np.column_stack([shapely.get_coordinates(stations.geometry.values), HEIGHT_FACTOR * stations["elev_m"].to_numpy()])
    coarse = Grid(INTERPOLATION_GRID_M)
    rows, cols = np.mgrid[0 : coarse.height, 0 : coarse.width]
    everywhere = Land(coarse, np.arange(rows.size, dtype=np.int32))
    height = np.nan_to_num(read_raster(sources.package.verified(ELEVATION), everywhere, method="bilinear"))
    wanted = np.column_stack([*coarse.centre(rows.ravel(), cols.ravel()), HEIGHT_FACTOR * height])
    field = RBFInterpolator(known, stations[column].to_numpy(np.float64), kernel="linear")(wanted)
    low, high = stations[column].min(), stations[column].max()
    return sources.interpolated(np.clip(field, low, high).reshape(coarse.shape), coarse)


@layer(
    layer_id="station_km",
    family="climate",
    title="Distance to the climate station",
    unit="km",
    meaning="Distance to the nearest station of the interpolated climate layers: how far their evidence reaches.",
    better="context",
    valid=(0.0, 1000.0),
    sources=(CLIMATE_STATIONS,),
    grade="E4",
    caveat="113 stations; beyond 150 km the interpolated values are indicative.",
)
def station_km(sources: Sources) -> Built:
    """Distance with the station's name."""
    stations = sources.features(CLIMATE_STATIONS)
    return sources.distance_km(stations.geometry.values, stations["name"].tolist())


@layer(
    layer_id="free_cooling_hours",
    family="climate",
    title="Hours of evaporative free cooling",
    unit="h/yr",
    meaning="Hours of a typical year with a wet-bulb temperature of 15 C or less, interpolated between stations.",
    better="high",
    valid=(0.0, 8784.0),
    sources=(CLIMATE_STATIONS, ELEVATION),
    grade="E4",
    caveat="Typical years of the 1990s and 2000s; 113 stations, interpolated in position and height with a leave-one-out error "
    "of 245 h on average; see station_km.",
)
def free_cooling_hours(sources: Sources) -> np.ndarray:
    """Interpolated hours."""
    return _from_stations(sources, "free_cooling_hours")


@layer(
    layer_id="design_wetbulb_c",
    family="climate",
    title="Design wet bulb",
    unit="C",
    meaning="Wet-bulb temperature exceeded in 0.4 % of the hours of a typical year, interpolated between stations.",
    better="low",
    valid=(5.0, 32.0),
    sources=(CLIMATE_STATIONS, ELEVATION),
    grade="E4",
    caveat="About half a degree below the handbook value; 113 stations, interpolated in position and height with a leave-one-out "
    "error of 0.8 C on average.",
)
def design_wetbulb_c(sources: Sources) -> np.ndarray:
    """Interpolated temperature."""
    return _from_stations(sources, "wetbulb_996_c")


@layer(
    layer_id="cooling_degree_days_f",
    family="climate",
    title="Cooling degree days",
    unit="F-days",
    meaning="Cooling degree days of 2023 above 65 F, county mean.",
    better="low",
    valid=(0.0, 6000.0),
    sources=(COUNTY_COOLING, "boundaries/counties.parquet"),
    grade="E3",
    caveat="One warm year; see the long-term mean in the table.",
)
def cooling_degree_days_f(sources: Sources) -> np.ndarray:
    """County statistic."""
    return sources.by_county(COUNTY_COOLING, "cdd_f")
