"""Gently sloping land: its share in each cell, fitted to the published landform of counties."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from rasterio.transform import Affine

from sitefinder.compiling.base import Compiler, Product, fips
from sitefinder.compiling.terrain import PUBLIC_DOMAIN
from sitefinder.units import KM_PER_EARTH_RADIUS, M_PER_KM

COUNTIES = "land/county_natural_amenities.csv"
#: class -> least and most of the county's land that is gently sloping, below 8 percent, as a percentage (Hammond 1964; National
#: Atlas of the United States, 1970)
CLASSES: Mapping[str, tuple[float, float]] = {"A": (80.0, 100.0), "B": (50.0, 80.0), "C": (20.0, 50.0), "D": (0.0, 20.0)}
#: landform code of the National Atlas -> class: flat and smooth plains; other plains, tablelands, plains with hills or mountains;
#: open hills and mountains; hills and mountains
CLASS_OF_CODE: Mapping[int, str] = {
    **dict.fromkeys((1, 2), "A"),
    **dict.fromkeys(range(3, 13), "B"),
    **dict.fromkeys(range(13, 18), "C"),
    **dict.fromkeys(range(18, 22), "D"),
}
#: bend at which half of the land is gently sloping, percent, and how fast the share falls with its logarithm. Ordinal logistic
#: fit of the mean share of 3,105 counties to their class. Counties of states that were left out: 67 % in their class, 99.4 % in
#: it or the next (with slopes taken as exponentially distributed about the mean slope of ``land/slope_permille.tif``, as before:
#: 16 and 64 %; always class B: 46 and 86 %). Of thirteen other measures of roughness none fits better; those that see the tilt
#: of a plane take the smooth fans at the foot of western mountains for hills
HALF_GENTLE_PCT, GENTLE_POWER = 0.90, 1.26
#: tilt at which half of an even plane counts as gentle, percent, and how fast that falls: twice the limit, since heights 1.9 km
#: apart also see hills as tilt (J; the fit asks for no such term below 28 %)
HALF_TILT_PCT, TILT_POWER = 16.0, 4


def steps_m(rows: int, transform: Affine) -> tuple[float, np.ndarray]:
    """Metres from row to row, and (rows, 1) float64 metres from column to column, of a grid in degrees on a sphere."""
    degree_m = np.radians(KM_PER_EARTH_RADIUS * M_PER_KM)
    latitude = transform.f + (np.arange(rows) + 0.5) * transform.e
    return abs(transform.e) * degree_m, transform.a * degree_m * np.cos(np.radians(latitude))[:, None]


def bend_pct(height_m: np.ndarray, transform: Affine) -> np.ndarray:
    """How far each post of a grid lies off the line between its neighbours, over one step; mean of both directions.

    Hills narrower than two steps bend the line; an even plane, however tilted, does not.

    Parameters
    ----------
    height_m : (rows, columns) float
        Heights in metres, north-up.
    transform : Affine
        Of the grid, in degrees.

    Returns
    -------
    (rows, columns) float32
        Percent, never negative; posts on the edge have that of the post beside them.
    """
    row_m, column_m = steps_m(height_m.shape[0], transform)
    along = np.pad(np.abs(np.diff(height_m, 2, axis=1)) / 2.0 / column_m, ((0, 0), (1, 1)), mode="edge")
    down = np.pad(np.abs(np.diff(height_m, 2, axis=0)) / 2.0 / row_m, ((1, 1), (0, 0)), mode="edge")
    return (50.0 * (along + down)).astype("float32")


def gentle_pct(bend: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """Share of gently sloping land, percent, from the bend between posts and the tilt over two steps.

    Logistic in the logarithm of both, in percent; the constants are fitted, see ``HALF_GENTLE_PCT`` and ``HALF_TILT_PCT``.

    >>> gentle_pct(np.array([0.0, 0.9, 9.0]), np.zeros(3)).round(1).tolist()
    [100.0, 50.0, 5.2]
    """
    rough = 1.0 + (np.asarray(bend) / HALF_GENTLE_PCT) ** GENTLE_POWER
    return 100.0 / rough / (1.0 + (np.asarray(tilt) / HALF_TILT_PCT) ** TILT_POWER)


def gentle_product(posts: str, states: str) -> Product:
    """Register entry of ``land/gentle_pct.tif``."""
    return Product(
        path="land/gentle_pct.tif",
        title="Share of gently sloping land, below 8 percent (percent)",
        publisher="National Geospatial-Intelligence Agency, Digital Terrain Elevation Data level 0; US Department of "
        "Agriculture, Economic Research Service, natural amenities scale (landform of the National Atlas, 1970)",
        vintage="about 1985-2000; landforms 1970",
        licence=PUBLIC_DOMAIN,
        grade="E4",
        caveat="An estimate from heights 900 m apart: the posts see hills, not banks and benches. Two counties in three fall "
        "into their published class, all but one in 150 into it or the next. Valley floors beside steep walls and benches cut "
        "by mines may be gentler, single ravines steeper.",
        method="How far each post lies off the line between its neighbours, over one step, bilinear to 1 km; share = "
        "1 / (1 + (bend / 0.90 %) ** 1.26), fitted so that the means of counties fall into their class (above 80, 50 to 80, 20 "
        "to 50 and below 20 percent gently sloping), less where the land is tilted by more than 8 percent as a whole.",
        sources=(posts, COUNTIES, states),
        fields={"band_1": "land with slopes below 8 percent, percent of the cell, 255 = outside the country"},
    )


def compile_landforms(c: Compiler) -> None:
    """Write ``land/county_landforms.parquet``."""
    table = pd.read_csv(c.raw(COUNTIES), usecols=["state_county_fips", "topography.code"]).dropna()
    code = table["topography.code"].astype(int)
    low_high = pd.DataFrame([CLASSES[CLASS_OF_CODE[k]] for k in code], columns=["gentle_low_pct", "gentle_high_pct"])
    frame = pd.DataFrame({"fips": fips(table["state_county_fips"]), "landform": code.astype("int8")}).reset_index(drop=True)
    product = Product(
        path="land/county_landforms.parquet",
        title="Landform of counties, and how much of their land is gently sloping",
        publisher="US Department of Agriculture, Economic Research Service, natural amenities scale (1999), after the National "
        "Atlas of the United States (1970)",
        vintage="1970",
        licence=PUBLIC_DOMAIN,
        grade="E3",
        caveat="One class per county, of four; drawn by hand from contour maps. Counties made or renamed since are missing.",
        method="Code taken over; limits of the share of gently sloping land are those of its class.",
        sources=(COUNTIES,),
        fields={
            "fips": "county code",
            "landform": "code of the National Atlas: 1 flat plains … 21 high mountains",
            "gentle_low_pct": "at least so much of the land has slopes below 8 percent, percent",
            "gentle_high_pct": "at most so much of the land has slopes below 8 percent, percent",
        },
    )
    c.table(product, pd.concat([frame, low_high], axis=1).sort_values("fips"))
