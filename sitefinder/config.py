"""The configuration: typed, frozen, read from YAML, refused with file, line and a suggestion when it is wrong."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator
from ruamel.yaml.comments import CommentedMap

from sitefinder.cost_terms import Costs, Needs
from sitefinder.errors import ConfigError
from sitefinder.extends import extended
from sitefinder.keyed_yaml import explain, override, read_tree, suggest, where
from sitefinder.lead_times import Delivery, Month
from sitefinder.months import month_number
from sitefinder.portfolio_terms import Portfolio
from sitefinder.route_terms import Connections
from sitefinder.schema import Finite, Part, Positive, Share, Weight
from sitefinder.uncertainty_settings import Uncertainty

#: configuration to start from
MODEL = "config/default.yaml"
#: families of criteria, in the order in which they are reported
FAMILIES = ("grid_capacity", "gas", "water", "land", "fiber", "hazard", "climate", "community")


class Project(Part):
    """What is to be built."""

    name: str = "gigawatt campus"
    mw: Annotated[float, Field(gt=0, le=20_000, strict=True)] = 1000.0
    cooling: Literal["evaporative", "hybrid", "dry"] = "hybrid"
    energise_by: Month = "2028-12"
    pathway: Literal["grid", "onsite_gas", "hybrid", "best"] = "best"


class GridPart(Part):
    """Cell size of the analysis grid."""

    resolution_m: Positive = 1000.0


class Ramp(Part):
    """Value 0 at ``worst``, 1 at ``best``, a straight line between."""

    best: Finite
    worst: Finite

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if self.best == self.worst:
            raise ValueError("best and worst are the same; give two different breakpoints")
        return self


class Logistic(Part):
    """Value 0.5 at ``midpoint`` and 0.9 at ``ninety``, S-shaped."""

    midpoint: Finite
    ninety: Finite

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if self.midpoint == self.ninety:
            raise ValueError("midpoint and ninety are the same; give two different breakpoints")
        return self

    @property
    def steepness(self) -> float:
        """Slope parameter of 1 / (1 + exp(-steepness (x - midpoint)))."""
        return math.log(9.0) / (self.ninety - self.midpoint)


class Criterion(Part):
    """One layer with its weight inside the family and exactly one value function.

    With ``per: mw`` the breakpoints are multiples of ``project.mw``, in the layer's unit per MW. For loads below ``from_mw`` or
    above ``to_mw`` the criterion has no weight.
    """

    weight: Weight
    unit: str
    per: Literal["mw"] | None = None
    from_mw: Weight | None = None
    to_mw: Positive | None = None
    ramp: Ramp | None = None
    logistic: Logistic | None = None
    trapezoid: Annotated[list[Finite], Field(min_length=4, max_length=4)] | None = None
    table: Annotated[list[tuple[Finite, Share]], Field(min_length=2)] | None = None

    @model_validator(mode="after")
    def _one_ordered_shape(self) -> Self:
        shapes = [n for n in ("ramp", "logistic", "trapezoid", "table") if getattr(self, n) is not None]
        if len(shapes) != 1:
            given = " and ".join(shapes) or "none"
            raise ValueError(f"give exactly one of ramp, logistic, trapezoid, table (found: {given})")
        xs = self.trapezoid or [x for x, _ in self.table or []]
        if any(b <= a for a, b in itertools.pairwise(xs)):
            raise ValueError(f"breakpoints {xs} are out of order; write them in ascending order")
        return self

    def counts_for(self, mw: float) -> bool:
        """Whether the criterion says anything about a load of this many MW."""
        return (self.from_mw is None or mw >= self.from_mw) and (self.to_mw is None or mw <= self.to_mw)

    def of_project(self, mw: float) -> Criterion:
        """The criterion with breakpoints in the layer's unit, for a project of this many MW.

        >>> ample = Criterion(weight=1, unit="MW", per="mw", ramp=Ramp(best=2, worst=0))
        >>> ample.of_project(500).ramp
        Ramp(best=1000.0, worst=0.0)
        """
        if self.per is None:
            return self
        shapes: dict[str, Any] = {"per": None}
        if self.ramp:
            shapes["ramp"] = Ramp(best=self.ramp.best * mw, worst=self.ramp.worst * mw)
        if self.logistic:
            shapes["logistic"] = Logistic(midpoint=self.logistic.midpoint * mw, ninety=self.logistic.ninety * mw)
        if self.trapezoid:
            shapes["trapezoid"] = [x * mw for x in self.trapezoid]
        if self.table:
            shapes["table"] = [(x * mw, y) for x, y in self.table]
        return self.model_copy(update=shapes)


class Gate(Part):
    """A hard exclusion: cells whose layer lies above (or below) a threshold cannot hold a campus."""

    layer: str
    unit: str
    reason: str
    above: Finite | None = None
    below: Finite | None = None
    on: bool = True

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of above, below")
        return self


class Model(Part):
    """The learned score: its share in the fused score."""

    share: Share = 0.3


class Candidates(Part):
    """How cells become campuses."""

    acres_per_mw: Annotated[float, Field(gt=0, le=20, strict=True)] = 1.0
    acres: Annotated[float, Field(gt=0, le=100_000, strict=True)] | None = None
    spacing_km: Annotated[float, Field(gt=0, le=1000, strict=True)] = 25.0
    count: Annotated[int, Field(ge=1, le=10_000)] = 500
    compactness: Weight = 1.0
    keep: str | None = None


class Layers(Part):
    """User files that replace a layer: layer id -> path of a raster in the layer's unit."""

    replace: dict[str, str] = Field(default_factory=dict)


class Config(Part):
    """The whole configuration; see ``config/default.yaml`` for what each part means."""

    project: Project = Project()
    grid: GridPart = GridPart()
    weights: dict[str, Weight]
    criteria: dict[str, dict[str, Criterion]]
    exclusions: Annotated[dict[str, Gate], Field(max_length=31)]
    model: Model = Model()
    candidates: Candidates = Candidates()
    layers: Layers = Layers()
    delivery: Delivery | None = None
    uncertainty: Uncertainty | None = None
    needs: Needs | None = None
    costs: Costs | None = None
    connections: Connections | None = None
    portfolio: Portfolio | None = None

    @model_validator(mode="after")
    def _weights_follow_the_load(self) -> Self:
        """Criteria that say nothing about this load lose their weight; the others of the family share it."""
        for members in self.criteria.values():
            for layer, criterion in members.items():
                if not criterion.counts_for(self.project.mw):
                    members[layer] = criterion.model_copy(update={"weight": 0.0})
        return self

    @model_validator(mode="after")
    def _weights_make_sense(self) -> Self:
        for name, mapping in (("weights", self.weights), ("criteria", self.criteria)):
            for family in mapping:
                if family not in FAMILIES:
                    raise ValueError(f"{name}.{family}: unknown family; {suggest(family, FAMILIES)}")
        for name in {"land", "free"} & set(self.exclusions):
            raise ValueError(f"exclusions.{name}: the ledger of land uses that name for a total; choose another")
        for family, weight in self.weights.items():
            if weight > 0 and sum(c.weight for c in self.criteria.get(family, {}).values()) <= 0:
                raise ValueError(
                    f"criteria.{family}: its weights are all zero or it has no criteria, but weights.{family} is {weight:g}; "
                    f"give a criterion a weight or set weights.{family} to 0"
                )
        if sum(self.weights.values()) <= 0:
            raise ValueError("weights: all family weights are zero; give at least one family a weight above 0")
        if self.delivery and month_number(self.project.energise_by) < month_number(self.delivery.start):
            start = self.delivery.start
            raise ValueError(
                f"project.energise_by: {self.project.energise_by} lies before delivery.start ({start}); give a later month"
            )
        return self

    @property
    def campus_acres(self) -> float:
        """Buildable acres one campus needs."""
        return self.candidates.acres or self.candidates.acres_per_mw * self.project.mw

    def family_weights(self) -> dict[str, float]:
        """Family weights scaled to sum to 1, in reporting order; families of weight 0 stay with 0."""
        total = sum(self.weights.values())
        return {f: self.weights.get(f, 0.0) / total for f in FAMILIES}

    def criterion_weights(self) -> dict[str, float]:
        """Weight of each criterion in the whole score; they sum to 1."""
        weights: dict[str, float] = {}
        for family, share in self.family_weights().items():
            members = self.criteria.get(family, {})
            total = sum(c.weight for c in members.values())
            for layer, criterion in members.items():
                weights[layer] = share * criterion.weight / total if total > 0 else 0.0
        return weights

    def flat_criteria(self) -> dict[str, Criterion]:
        """Layer id -> criterion over all families, in reporting order, with breakpoints for the project's megawatts."""
        mw = self.project.mw
        return {k: c.of_project(mw) for f in FAMILIES for k, c in self.criteria.get(f, {}).items()}

    def fingerprint(self) -> str:
        """SHA-256 of the configuration's canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class ConfigFile:
    """A configuration with the file it came from, so that a later stage can name the line of a wrong key."""

    def __init__(self, path: Path, tree: CommentedMap, config: Config) -> None:
        self.path = path
        self.tree = tree
        self.config = config

    def where(self, *keys: str) -> str:
        """``file:line: a.b.c`` of a key; the line is left out where the key came from the command line."""
        return where(self.path, self.tree, keys)


def load_config(path: str | Path, overrides: Mapping[str, str] | None = None) -> ConfigFile:
    """Read a YAML configuration and apply ``a.b.c=value`` overrides.

    Parameters
    ----------
    path : str or Path
    overrides : mapping, optional
        Dotted key -> YAML scalar or flow collection, as given to ``--set``.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or breaks a rule; one line per problem with file, line, key and remedy.
    """
    path = Path(path)
    tree = extended(path, _read_yaml(path), _read_yaml)
    for key, text in (overrides or {}).items():
        override(path, tree, key, text)
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("\n".join(explain(path, tree, e, known=_siblings, model=MODEL) for e in error.errors())) from None
    return ConfigFile(path, tree, config)


def _read_yaml(path: Path) -> CommentedMap:
    return read_tree(path, "configuration", option="--config", model=MODEL)


def _siblings(keys: list[Any]) -> list[str]:
    """Names that would have been accepted in place of the last key."""
    model: Any = Config
    for key in keys[:-1]:
        field = getattr(model, "model_fields", {}).get(key)
        model = _model_in(field.annotation) if field else (Criterion if model is Config else model)
    return list(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in reversed(getattr(annotation, "__args__", ())):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
