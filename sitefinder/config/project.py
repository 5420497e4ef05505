"""Project, analysis grid, learned score and growth of campuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from sitefinder.config.added import Added, named
from sitefinder.config.delivery import Month
from sitefinder.config.kinds import Part, Positive, Share, Weight

#: ways to power: the grid, the grid with non-firm service, gas on the site, both
Pathway = Literal["grid", "non_firm", "onsite_gas", "hybrid"]
#: the one that is shown beside the others and taken only when asked for: the load may be curtailed
NON_FIRM: Pathway = "non_firm"
PATHWAYS: tuple[str, ...] = get_args(Pathway)
Source = Literal["grid", "gas"]
#: sources of power that each pathway draws on, the one place that says so: a pathway without an entry fails everywhere
SOURCES: Mapping[str, tuple[Source, ...]] = {
    "grid": ("grid",),
    "non_firm": ("grid",),
    "onsite_gas": ("gas",),
    "hybrid": ("grid", "gas"),
}


def sources_of(pathway: str) -> tuple[Source, ...]:
    """Sources of power of a pathway, the grid first.

    Raises
    ------
    ValueError
        Nobody has said what the pathway draws on.

    >>> sources_of("hybrid")
    ('grid', 'gas')
    """
    if pathway not in SOURCES:
        raise ValueError(f"Unknown pathway of power '{pathway}': add its sources to SOURCES in config/project.py")
    return SOURCES[pathway]


def with_source(source: Source) -> tuple[str, ...]:
    """Pathways that draw on a source.

    >>> with_source("gas")
    ('onsite_gas', 'hybrid')
    """
    return tuple(p for p in PATHWAYS if source in sources_of(p))


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


class Replacement(Part):
    """A raster that replaces a layer: its file, the band where it has several, classes whose share counts, its unit."""

    file: str
    band: Annotated[int, Field(ge=1)] | None = None
    classes: tuple[int, ...] = ()
    unit: str | None = None


def _files(value: Any) -> Any:
    """A list of files; one stands for a list of it."""
    return (value,) if isinstance(value, str) else value


Files = Annotated[tuple[str, ...], BeforeValidator(_files)]


class Layers(Part):
    """Files of the user.

    ``replace``: layer id -> path of a raster in the layer's unit, or what else it holds. ``add``: layers of the user's own.
    ``unavailable``: files of polygons on which nothing can be built.
    """

    replace: dict[str, str | Replacement] = Field(default_factory=dict)
    add: Annotated[dict[str, Added], AfterValidator(named)] = Field(default_factory=dict)
    unavailable: Files = ()

    @property
    def replacements(self) -> dict[str, Replacement]:
        """Layer id -> its raster; a path alone is a raster of one band in the layer's unit."""
        return {k: Replacement(file=v) if isinstance(v, str) else v for k, v in self.replace.items()}
