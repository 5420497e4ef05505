"""The configuration: typed, frozen, read from YAML, refused with file, line and a suggestion when it is wrong."""

from __future__ import annotations

import hashlib
import json
from typing import Literal, Self, overload

from pydantic import Field, model_validator

from sitefinder.config.area import Area
from sitefinder.config.connections import Connections
from sitefinder.config.costs import Costs, Needs
from sitefinder.config.criteria import FAMILIES, Criterion, Gate, odd_weight
from sitefinder.config.delivery import Delivery
from sitefinder.config.keyed_yaml import suggest
from sitefinder.config.kinds import Part, Weight
from sitefinder.config.land import TakenLand
from sitefinder.config.portfolio import Portfolio
from sitefinder.config.project import Candidates, GridPart, Layers, Model, Project
from sitefinder.config.shipped import resolved
from sitefinder.config.uncertainty import Uncertainty
from sitefinder.errors import ConfigError
from sitefinder.months import month_number

#: keys that came later, which most runs leave empty: their fingerprint is that of before
RARE = (("inclusions",), ("layers", "add"), ("layers", "unavailable"), ("delivery", "grid", "stations"))

#: most gates that take a place out of the score: each has a bit of a raster whose last one marks what is not land
MOST_GATES = 31


class Config(Part):
    """The whole configuration; see ``config/default.yaml`` and the files it extends for what each part means."""

    project: Project = Project()
    grid: GridPart = GridPart()
    area: Area = Area()
    weights: dict[str, Weight]
    criteria: dict[str, dict[str, Criterion]]
    exclusions: dict[str, Gate]
    inclusions: dict[str, Gate] = Field(default_factory=dict)
    model: Model = Model()
    candidates: Candidates = Candidates()
    layers: Layers = Layers()
    land: TakenLand | None = None
    delivery: Delivery | None = None
    uncertainty: Uncertainty | None = None
    needs: Needs | None = None
    costs: Costs | None = None
    connections: Connections | None = None
    portfolio: Portfolio | None = None

    @model_validator(mode="after")
    def _weights_are_in_one_measure(self) -> Self:
        if odd := odd_weight(self.weights):
            raise ValueError(f"weights.{odd}")
        for family, members in self.criteria.items():
            if odd := odd_weight({layer_id: c.weight for layer_id, c in members.items()}):
                raise ValueError(f"criteria.{family}.{odd}")
        return self

    @model_validator(mode="after")
    def _weights_make_sense(self) -> Self:
        for name, mapping in (("weights", self.weights), ("criteria", self.criteria)):
            for family in mapping:
                if family not in FAMILIES:
                    raise ValueError(f"{name}.{family}: unknown family; {suggest(family, FAMILIES)}")
        places, most = sum(gate.scope == "place" for gate in self.exclusions.values()), MOST_GATES - bool(self.layers.unavailable)
        if places > most:
            raise ValueError(f"exclusions: {places} gates of the scope place, the limit is {most}; remove some")
        for name in {"land", "free"} & set(self.exclusions):
            raise ValueError(f"exclusions.{name}: the ledger of land uses that name for a total; choose another")
        for family, weight in self.weights.items():
            if weight > 0 and sum(self.weights_within(family).values()) <= 0:
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

    @overload
    def section(self, name: Literal["land"]) -> TakenLand: ...
    @overload
    def section(self, name: Literal["delivery"]) -> Delivery: ...
    @overload
    def section(self, name: Literal["uncertainty"]) -> Uncertainty: ...
    @overload
    def section(self, name: Literal["needs"]) -> Needs: ...
    @overload
    def section(self, name: Literal["costs"]) -> Costs: ...
    @overload
    def section(self, name: Literal["connections"]) -> Connections: ...
    @overload
    def section(self, name: Literal["portfolio"]) -> Portfolio: ...
    def section(self, name: str) -> Part:
        """A section that a configuration may leave out.

        Raises
        ------
        ConfigError
            It is left out.
        """
        section: Part | None = getattr(self, name)
        if section is None:
            shipped = resolved(f"config/assumptions/{name}.yaml")
            raise ConfigError(f"The configuration has no '{name}' section. Copy it from {shipped}.")
        return section

    @property
    def campus_acres(self) -> float:
        """Buildable acres one campus needs."""
        return self.candidates.acres or self.candidates.acres_per_mw * self.project.mw

    def family_weights(self) -> dict[str, float]:
        """Family weights scaled to sum to 1, in reporting order; families of weight 0 stay with 0."""
        total = sum(self.weights.values())
        return {f: self.weights.get(f, 0.0) / total for f in FAMILIES}

    def weights_within(self, family: str) -> dict[str, float]:
        """Layer id -> weight inside a family, not scaled; criteria that do not apply to the project's megawatts have 0."""
        return {layer: c.weight_for(self.project.mw) for layer, c in self.criteria.get(family, {}).items()}

    def criterion_weights(self) -> dict[str, float]:
        """Weight of each criterion in the whole score; they sum to 1."""
        weights: dict[str, float] = {}
        for family, share in self.family_weights().items():
            within = self.weights_within(family)
            total = sum(within.values())
            weights |= {layer: share * weight / total if total > 0 else 0.0 for layer, weight in within.items()}
        return weights

    def flat_criteria(self) -> dict[str, Criterion]:
        """Layer id -> criterion over all families, in reporting order, with weight and breakpoints for the megawatts."""
        mw = self.project.mw
        return {k: c.of_project(mw) for f in FAMILIES for k, c in self.criteria.get(f, {}).items()}

    def fingerprint(self) -> str:
        """SHA-256 of the configuration's canonical JSON; of what few runs ask for only where one does."""
        tree = self.model_dump(mode="json", exclude=None if self.area else {"area"})
        for keys in RARE:
            part = tree
            for key in keys[:-1]:
                part = part.get(key) or {}
            if not part.get(keys[-1], True):
                del part[keys[-1]]
        text = json.dumps(tree, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
