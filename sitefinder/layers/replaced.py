"""Rasters of the user in place of a layer: checked for what they hold, then brought to the land cells."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np

from sitefinder.errors import DataError
from sitefinder.grid import CRS, Land
from sitefinder.units import M_PER_FOOT, M_PER_KM, M_PER_SURVEY_FOOT

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

    from sitefinder.config.project import Replacement
    from sitefinder.layers.spec import LayerSpec

#: metres of one degree of latitude, near enough to tell a fine raster from a coarse one
M_PER_DEGREE = 111_000.0
#: share of the land below which a raster is said to leave gaps
WHOLE = 0.95
#: largest number of a layer in percent that looks like shares of one
SHARES = 1.0
#: how units are written in the tags of rasters -> metres of one
METRES = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot", "'"), M_PER_FOOT),
    **dict.fromkeys(("us survey foot", "us_survey_foot", "us-ft", "ftus", "usft", "us foot", "foot_us"), M_PER_SURVEY_FOOT),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), M_PER_KM),
}
#: other spellings of the units of layers
SAME = {"percent": "%", "pct": "%", "per cent": "%", "percentage": "%", "%": "%"}
#: how degrees of slope are written in the tags of rasters
DEGREES = frozenset({"degree", "degrees", "deg", "degs", "\u00b0", "arc degree", "angular degree"})
#: layers of slope, whose rasters come in either measure and seldom say in which: degrees become percent
SLOPES = ("slope_pct",)
#: steps of the table from degrees to percent, joined by lines (0.01 % off at most), and the steepest that it holds, degrees
STEP_DEG, STEEPEST_DEG = 0.25, 89.0
#: value of the pixels of a class, and that of no data, while shares of classes are measured
IN_CLASS, NO_DATA = 100.0, -1.0
#: share by which the points of a table stand beside the number of no data
BESIDE = 1e-6

log = logging.getLogger(__name__)


def read_replacement(replacement: Replacement, spec: LayerSpec, land: Land) -> np.ndarray:
    """A raster of the user on the land cells, (n_land,) float32 in the layer's unit, NaN = unknown.

    Pixels finer than a cell are averaged, coarser ones interpolated. No data is what the file marks by a value, a mask or an
    alpha band, and what is not a number. Scale and offset of the file are applied, feet become metres. Slopes in degrees become
    percent pixel by pixel: the mean of tangents is not the tangent of the mean.

    Parameters
    ----------
    replacement : Replacement
        File, band, classes, unit.
    spec : LayerSpec
        Of the layer that it replaces.
    land : Land

    Raises
    ------
    DataError
        The file is no raster, damaged, declares no place or reference system, holds several bands of which none is named,
        classes or another unit.
    """
    import rasterio
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    path = Path(replacement.file)
    warnings.filterwarnings("ignore", category=NotGeoreferencedWarning)  # about the in-memory target, which has no file
    try:
        source = rasterio.open(path)
    except (RasterioError, CPLE_BaseError, ValueError):
        raise DataError(f"Invalid raster {path}: it cannot be read as one. Give a GeoTIFF.") from None
    try:
        with source:
            band = _band(path, source, replacement)
            _check_content(path, source, band, replacement)
            factor = _factor(path, source, band, replacement, spec)
            table = _table(source, band, replacement, spec)
            values = _warped(source, band, table, land, shares=bool(replacement.classes))
            if not table:
                values = _scaled(path, values, source, band) * factor
            unsaid = not _unit(source, band, replacement)
    except (RasterioError, CPLE_BaseError, OSError, ValueError):  # of any part: GDAL looks at each when it is asked for it
        raise DataError(f"Damaged raster {path}: part of it cannot be read. Copy or export it again.") from None
    values = values.astype(np.float32)
    if np.isinf(values).any():
        raise DataError(f"Invalid raster {path}: some of its numbers are without end. Mark them as no data.")
    _tell(path, values, spec)
    if unsaid and spec.layer_id in SLOPES:
        log.warning("Raster %s does not say its unit: taken as %%. If it has degrees, write {file: %s, unit: deg}.", path, path)
    return values


def _scaled(path: Path, values: np.ndarray, source: DatasetReader, band: int) -> np.ndarray:
    """Numbers with the scale and the offset of the file, which must be numbers that 32 bits can hold."""
    scale, offset = float(source.scales[band - 1]), float(source.offsets[band - 1])
    most = float(np.finfo(np.float32).max)
    if not (0.0 < abs(scale) <= most and abs(offset) <= most):
        raise DataError(f"Invalid raster {path}: its scale is {scale:g}, its offset {offset:g}. Write plain numbers.")
    with np.errstate(over="ignore"):
        return values * scale + offset


def raster_files(path: Path) -> list[Path]:
    """A raster with everything that it is read from: sidecars, masks, and the sources of a virtual raster.

    Raises
    ------
    DataError
        It is no raster.
    """
    return list(dict.fromkeys(_files(path, set())))


def _files(path: Path, seen: set[Path]) -> Iterator[Path]:
    import rasterio
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    if path in seen:
        return
    seen.add(path)
    yield path
    try:
        with rasterio.open(path) as source:
            names = [Path(name) for name in source.files]
    except (RasterioError, CPLE_BaseError, ValueError):
        return
    for name in names:
        if name.suffix.lower() == ".vrt":
            yield from _files(name, seen)
        else:
            yield name


def _band(path: Path, source: DatasetReader, replacement: Replacement) -> int:
    """Number of the band that is read."""
    if replacement.band is not None:
        if replacement.band > source.count:
            raise DataError(f"Invalid raster {path}: it has no band {replacement.band}, only {source.count}. Correct the band.")
        return replacement.band
    bands = [i for i in source.indexes if i != _alpha(source)]
    if len(bands) != 1:
        raise DataError(
            f"Invalid raster {path}: it has {len(bands)} bands. Name one: {{file: {path}, band: 1}}, or write one band alone."
        )
    return int(bands[0])


def _alpha(source: DatasetReader) -> int | None:
    """Number of the band that says where there is data; None without one."""
    from rasterio.enums import ColorInterp

    return next((i for i, kind in zip(source.indexes, source.colorinterp, strict=True) if kind == ColorInterp.alpha), None)


def _check_content(path: Path, source: DatasetReader, band: int, replacement: Replacement) -> None:
    if source.crs is None:
        raise DataError(f"Invalid raster {path}: it declares no coordinate reference system. Set one and try again.")
    if source.transform.is_identity:
        raise DataError(f"Invalid raster {path}: it does not say where it lies. Georeference it and try again.")
    if np.issubdtype(np.dtype(source.dtypes[band - 1].replace("complex_int16", "complex64")), np.complexfloating):
        raise DataError(f"Invalid raster {path}: its numbers are complex. Write their real part.")
    if _is_classes(source, band) and not replacement.classes:
        raise DataError(
            f"Invalid raster {path}: it holds classes with colours, whose codes cannot be averaged. "
            f"Name those that count: {{file: {path}, classes: [90, 95]}} gives their share in %."
        )


def _is_classes(source: DatasetReader, band: int) -> bool:
    from rasterio.enums import ColorInterp

    return source.colorinterp[band - 1] == ColorInterp.palette


def _factor(path: Path, source: DatasetReader, band: int, replacement: Replacement, spec: LayerSpec) -> float:
    """What numbers of the file are multiplied by to be in the layer's unit."""
    if replacement.classes:
        if spec.unit != "%":
            raise DataError(f"Invalid classes for {path}: shares of classes are in %, layer '{spec.layer_id}' is in {spec.unit}.")
        return 1.0
    said = replacement.unit or source.units[band - 1] or ""
    unit = _unit(source, band, replacement)
    if unit in ("", spec.unit.lower()) or (unit in DEGREES and spec.layer_id in SLOPES):
        return 1.0
    if unit in METRES and spec.unit in METRES:
        return METRES[unit] / METRES[spec.unit]
    raise DataError(
        f"Invalid raster {path}: its unit is '{said}', layer '{spec.layer_id}' is in {spec.unit}. Convert it, or name the unit "
        f"that its numbers have: {{file: {path}, unit: '{spec.unit}'}}."
    )


def _unit(source: DatasetReader, band: int, replacement: Replacement) -> str:
    """Unit of the numbers of a band, as the user or the file says it, in lower case; empty where neither does."""
    said = (replacement.unit or source.units[band - 1] or "").strip().lower()
    return SAME.get(said, said)


def _pixel_m(source: DatasetReader) -> float:
    """Longer side of a pixel in metres, about."""
    metres = M_PER_DEGREE if source.crs.is_geographic else float(source.crs.linear_units_factor[1])
    a, b, d, e = source.transform.a, source.transform.b, source.transform.d, source.transform.e
    return float(max(np.hypot(a, d), np.hypot(b, e))) * metres


def _warped(source: DatasetReader, band: int, table: str, land: Land, *, shares: bool) -> np.ndarray:
    """(n_land,) float32 numbers of the file, or of a table of them, at the land cells, neither scaled nor converted."""
    import rasterio
    from rasterio.transform import Affine
    from rasterio.warp import Resampling, reproject

    target = np.full(land.grid.shape, np.nan, np.float32)
    finer = _pixel_m(source) < land.grid.resolution_m
    options: dict[str, Any] = {"dst_transform": Affine(*land.grid.transform), "dst_crs": CRS, "dst_nodata": np.nan}
    options["resampling"] = Resampling.average if finer else Resampling.nearest if shares else Resampling.bilinear
    nodata, floating = source.nodatavals[band - 1], source.dtypes[band - 1].startswith("float")
    if table or (floating and nodata is not None and not np.isnan(nodata)):
        with rasterio.open(_plain_vrt(source, band, table)) as plain:
            reproject(rasterio.band(plain, 1), target, **options)
        return land.compact(target)
    alpha = _alpha(source)
    options |= {"src_alpha": alpha} if alpha else {}
    options |= {"src_nodata": np.nan} if floating else {}
    reproject(rasterio.band(source, band), target, **options)
    return land.compact(target)


def _plain_vrt(source: DatasetReader, band: int, table: str) -> str:
    """A virtual raster of one band, with its numbers looked up in a table: what is not a number, and no data, is ``NO_DATA``."""
    nodata = source.nodatavals[band - 1]
    floating = source.dtypes[band - 1].startswith("float")
    missing = "nan" if floating else "" if nodata is None else f"{nodata:.17g}"
    kept = NO_DATA if table else nodata
    kind = "Float64" if source.dtypes[band - 1] == "float64" else "Float32"
    a, b, c, d, e, f = tuple(source.transform)[:6]
    lines = [
        f'<VRTDataset rasterXSize="{source.width}" rasterYSize="{source.height}">',
        f"<SRS>{escape(source.crs.to_wkt())}</SRS><GeoTransform>{c:.17g},{a:.17g},{b:.17g},{f:.17g},{d:.17g},{e:.17g}</GeoTransform>",
        f'<VRTRasterBand dataType="{kind}" band="1"><NoDataValue>{kept:.17g}</NoDataValue><ComplexSource>',
        f'<SourceFilename relativeToVRT="0">{escape(str(Path(source.name).resolve()))}</SourceFilename>',
        f"<SourceBand>{band}</SourceBand>",
        f"<NODATA>{missing}</NODATA>" if missing else "",
        "<UseMaskBand>true</UseMaskBand>" if not missing and not floating else "",
        f"<LUT>{table}</LUT>" if table else "",
        "</ComplexSource></VRTRasterBand></VRTDataset>",
    ]
    return "".join(lines)


def _table(source: DatasetReader, band: int, replacement: Replacement, spec: LayerSpec) -> str:
    """Table of a virtual raster, which joins its points by lines; empty where the numbers are taken as they are.

    Classes are ``IN_CLASS``, and 0 from one code beside them on. Degrees of slope become percent, from the numbers that the file
    stores, scaled or not.
    """
    points: dict[float, float] = {}
    if replacement.classes:
        for code in replacement.classes:
            points.setdefault(code - 1, 0.0)
            points.setdefault(code + 1, 0.0)
        points |= dict.fromkeys(replacement.classes, IN_CLASS)
    elif spec.layer_id in SLOPES and _unit(source, band, replacement) in DEGREES:
        degrees = np.arange(0.0, STEEPEST_DEG + STEP_DEG, STEP_DEG)
        stored = (degrees - source.offsets[band - 1]) / source.scales[band - 1]
        points = dict(zip(stored.tolist(), (100.0 * np.tan(np.radians(degrees))).tolist(), strict=True))
    nodata = source.nodatavals[band - 1]
    if points and source.dtypes[band - 1].startswith("float") and nodata is not None and np.isfinite(nodata):
        known = sorted(points)  # a virtual raster drops one number alone, which is "not a number" here
        for number in (nodata - BESIDE * max(abs(nodata), 1.0), nodata + BESIDE * max(abs(nodata), 1.0)):
            points[number] = float(np.interp(number, known, [points[k] for k in known]))
        points[nodata] = NO_DATA
    return ",".join(f"{number:.17g}:{points[number]:.9g}" for number in sorted(points))


def _tell(path: Path, values: np.ndarray, spec: LayerSpec) -> None:
    """Warn of gaps, and of numbers that look like another unit."""
    known = np.isfinite(values)
    if 0 < known.mean() < WHOLE:
        log.warning("Raster %s covers %.0f %% of the land: '%s' is unknown elsewhere.", path, 100 * known.mean(), spec.layer_id)
    if spec.unit == "%" and known.any() and 0 < np.nanmax(values) <= SHARES:
        log.warning("Raster %s holds at most %.2g: shares of one? '%s' is in %%.", path, np.nanmax(values), spec.layer_id)
