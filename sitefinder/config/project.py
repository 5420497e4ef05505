"""Project, analysis grid, learned score and growth of campuses."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from sitefinder.config.delivery import Month
from sitefinder.config.kinds import Part, Positive, Share, Weight

#: ways to power: the grid, gas on the site, both
Pathway = Literal["grid", "onsite_gas", "hybrid"]
PATHWAYS: tuple[str, ...] = get_args(Pathway)


class Project(Part):
    """The campus to be built: load, cooling, deadline, pathway."""

    name: str = "gigawatt campus"
    mw: Annotated[float, Field(gt=0, le=20_000, strict=True)] = 1000.0
    cooling: Literal["evaporative", "hybrid", "dry"] = "hybrid"
    energise_by: Month = "2028-12"
    pathway: Pathway | Literal["best"] = "best"


class GridPart(Part):
    """Cell size of the analysis grid."""

    resolution_m: Positive = 1000.0


class Model(Part):
    """The learned score: its share in the fused score."""

    share: Share = 0.3


class Candidates(Part):
    """Growth and selection of campuses."""

    acres_per_mw: Annotated[float, Field(gt=0, le=20, strict=True)] = 1.0
    acres: Annotated[float, Field(gt=0, le=100_000, strict=True)] | None = None
    spacing_km: Annotated[float, Field(gt=0, le=1000, strict=True)] = 25.0
    count: Annotated[int, Field(ge=1, le=10_000)] = 500
    compactness: Weight = 1.0
    keep: str | None = None


class Layers(Part):
    """User files that replace a layer: layer id -> path of a raster in the layer's unit."""

    replace: dict[str, str] = Field(default_factory=dict)
