"""Layers of the user's own, and land that the user calls unavailable, among the layers of the product."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.errors import DataError
from sitefinder.layers.built import Built
from sitefinder.layers.files import COUNTIES
from sitefinder.layers.spec import REGISTRY, Layer, LayerSpec
from sitefinder.layers.taken import touched_share
from sitefinder.layers.vectors import fips_of, numbers, polygons_of, read_table, read_vector, stamps_of

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.config.added import Added
    from sitefinder.config.project import Layers
    from sitefinder.layers.sources import Sources

#: layer of the land that the user calls unavailable
UNAVAILABLE = "unavailable_pct"
#: codes of counties that are shown
SHOWN = 3

log = logging.getLogger(__name__)

#: layers that the configuration of this process declared
_declared: set[str] = set()


def declare(layers: Layers) -> None:
    """Register the layers that a configuration adds, in the place of those that another one added before."""
    for layer_id in _declared:
        REGISTRY.pop(layer_id, None)
    _declared.clear()
    declare_also(layers)


def declare_also(layers: Layers) -> None:
    """Register the layers of a finished run, whose columns have to be known, beside those that are declared already."""
    new = {k: _layer(k, added) for k, added in layers.add.items()}
    if layers.unavailable:
        new[UNAVAILABLE] = _unavailable(layers.unavailable)
    new = {k: layer for k, layer in new.items() if k not in REGISTRY}
    REGISTRY.update(new)
    _declared.update(new)


def unavailable_shapes(config: Config) -> list[Any]:
    """Polygons in EPSG:5070 of all files of land that the user calls unavailable.

    Raises
    ------
    DataError
        One of the files cannot be used.
    """
    return [area for name in config.layers.unavailable for area in polygons_of(Path(name), "layers.unavailable")]


def added_files(config: Config) -> list[Path]:
    """Vectors and tables of the user that layers rest on."""
    stations = config.delivery.grid.stations if config.delivery else None
    files = (*(a.file for a in config.layers.add.values()), *config.layers.unavailable, *([stations.file] if stations else []))
    return [Path(name) for name in files]


def _layer(layer_id: str, added: Added) -> Layer:
    place = f"layers.add.{layer_id}"

    def build(sources: Sources) -> Built | np.ndarray:
        return MEASURES[added.measure](sources, added, place)

    words = {
        "distance": "Distance from the cell centre to the nearest feature of {file}, 0 inside a polygon.",
        "sum": "Sum of '{column}' over the points of {file} within {within_km:g} km of the cell centre.",
        "share": "Share of the cell that polygons of {file} cover.",
        "value": "'{column}' of the polygon of {file} that holds the cell centre.",
        "county": "'{column}' of the county in {file}.",
    }[added.measure]
    meaning = words.format(file=added.file, column=added.column, within_km=added.within_km or 0.0)
    return Layer(
        _spec(layer_id, added.family, added.title, added.unit, meaning),
        build,
        lambda config: {"added": added.model_dump(mode="json"), "files": stamps_of(Path(added.file))},
    )


def _unavailable(files: tuple[str, ...]) -> Layer:
    def build(sources: Sources) -> np.ndarray:
        return 100.0 * touched_share(sources, _joined(unavailable_shapes(sources.config)))

    spec = _spec(UNAVAILABLE, "land", "Unavailable land", "%", f"Share of the cell that polygons of {', '.join(files)} cover.")
    return Layer(spec, build, lambda config: {"files": [stamps_of(Path(f)) for f in config.layers.unavailable]})


def _spec(layer_id: str, family: str, title: str, unit: str, meaning: str) -> LayerSpec:
    caveat = "A file of the user; what it leaves out is not known here."
    return LayerSpec(
        layer_id=layer_id,
        family=family,
        title=title,
        unit=unit,
        meaning=meaning,
        better="context",
        valid=(-math.inf, math.inf),
        sources=(),
        grade="E3",
        caveat=caveat,
    )


def _joined(areas: list[Any]) -> np.ndarray:
    """Parts of the union of polygons: land that two of them hold counts once."""
    import shapely

    return np.asarray(shapely.get_parts(shapely.union_all(areas)))


def _distance(sources: Sources, added: Added, place: str) -> Built:
    import shapely

    shapes = read_vector(Path(added.file), place, added.layer).geometry.values
    areas = shapely.get_dimensions(shapes) == 2
    built = sources.distance_km(np.where(areas, shapely.boundary(shapes), shapes))
    if areas.any():
        inside = sources.land.compact(sources.label(shapes[areas])) >= 0
        built.values[inside] = 0.0
    return Built(built.values)


def _sum(sources: Sources, added: Added, place: str) -> np.ndarray:
    import shapely

    frame = read_vector(Path(added.file), place, added.layer)
    amount = numbers(frame, str(added.column), Path(added.file), place)
    known = ~np.isnan(amount)
    if not known.all():
        log.warning(
            "%s: %d of %d rows of %s have no '%s' and add nothing.", place, (~known).sum(), known.size, added.file, added.column
        )
    points = shapely.centroid(frame.geometry.values[known])
    return sources.sum_within_km(points, amount[known], float(added.within_km or 0.0))


def _share(sources: Sources, added: Added, place: str) -> np.ndarray:
    return 100.0 * touched_share(sources, _joined(polygons_of(Path(added.file), place, added.layer)))


def _value(sources: Sources, added: Added, place: str) -> np.ndarray:
    frame = read_vector(Path(added.file), place, added.layer)
    values = numbers(frame, str(added.column), Path(added.file), place)
    zone = sources.land.compact(sources.label(frame.geometry.values))
    return np.where(zone >= 0, values[zone], np.nan).astype(np.float32)


def _county(sources: Sources, added: Added, place: str) -> np.ndarray:
    path = Path(added.file)
    table = read_table(path, place)
    values = dict(zip(fips_of(table, path, place), numbers(table, str(added.column), path, place), strict=True))
    counties = sources.features(COUNTIES)["fips"].tolist()
    strange = sorted(values.keys() - set(counties))
    if len(strange) == len(values):
        raise DataError(
            f"Invalid {path} named in {place}: no county of the contiguous states has one of its codes. Correct them."
        )
    if strange:
        log.warning("%s: %d codes of %s are no county here, e.g. %s.", place, len(strange), path, ", ".join(strange[:SHOWN]))
    spread = np.array([values.get(code, np.nan) for code in counties], np.float32)[sources.county_index]
    return np.where(sources.county_index >= 0, spread, np.float32(np.nan))


MEASURES: Mapping[str, Callable[[Sources, Added, str], Built | np.ndarray]] = {
    "distance": _distance,
    "sum": _sum,
    "share": _share,
    "value": _value,
    "county": _county,
}
