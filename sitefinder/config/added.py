"""Layers of the user's own (``layers.add``), and stations whose megawatts the user knows (``delivery.grid.stations``)."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sitefinder.config.criteria import FAMILIES
from sitefinder.config.keyed_yaml import suggest
from sitefinder.config.kinds import Part, Positive

#: what the names of the user's layers begin with, so that no layer and no column of the product ever bears one
MINE = "my_"
NAME = re.compile(rf"{MINE}[a-z0-9_]+")
#: unit that a measure has by itself; the others have that of their column
UNITS = {"distance": "km", "share": "%"}


def _family(name: str) -> str:
    if name not in FAMILIES:
        raise ValueError(f"unknown family; {suggest(name, FAMILIES)}")
    return name


class Added(Part):
    """A layer that is measured on a file of the user: points, lines, polygons, or a table of counties.

    ``distance`` is that to the nearest feature, 0 inside a polygon; ``sum`` adds a column of the points within some kilometres;
    ``share`` is how much of a cell polygons cover; ``value`` is a column of the polygon that holds a cell's centre; ``county``
    is that of the row with the county's FIPS code. The last two are unknown where there is none.
    """

    file: str
    layer: str | None = None
    measure: Literal["distance", "sum", "share", "value", "county"]
    column: str | None = None
    within_km: Positive | None = None
    family: Annotated[str, AfterValidator(_family)]
    title: Annotated[str, Field(min_length=1)]
    unit: str

    @model_validator(mode="after")
    def _keys_of_its_measure(self) -> Self:
        asked = {"column": self.measure in ("sum", "value", "county"), "within_km": self.measure == "sum"}
        for key, wanted in asked.items():
            if wanted and getattr(self, key) is None:
                raise ValueError(f"measure '{self.measure}' needs {key}; add it")
            if not wanted and getattr(self, key) is not None:
                raise ValueError(f"measure '{self.measure}' has no {key}; remove it")
        unit = UNITS.get(self.measure, self.unit)
        if unit != self.unit:
            raise ValueError(f"measure '{self.measure}' is in {unit}, not {self.unit}; correct the unit")
        return self


def named(layers: dict[str, Added]) -> dict[str, Added]:
    """The user's layers, whose names tell them from those of the product."""
    for name in layers:
        if not NAME.fullmatch(name):
            raise ValueError(f"'{name}' is no name of a layer of yours; write small letters, e.g. {MINE}zones")
    return layers


class GivenStations(Part):
    """A table of stations with voltage and megawatts that go before the estimate.

    ``only`` leaves every other station unknown. A row is that of a mapped station of its class within ``match_km``, else a new
    one.
    """

    file: str
    only: bool = False
    match_km: Annotated[float, Field(gt=0, le=25, strict=True)] = 2.0
