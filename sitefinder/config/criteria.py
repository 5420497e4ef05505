"""Criteria with their value functions, and gates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sitefinder.config.kinds import Finite, Part, Positive, Share, Weight

#: families of criteria, in the order in which they are reported
FAMILIES = ("grid_capacity", "gas", "water", "land", "fiber", "hazard", "climate", "community")
#: a weight above 1 that is so many times larger than all others together, which are below 1, is one in per cent among shares
MOST_TIMES = 10


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
        """Whether the criterion applies to a load of this many MW."""
        return (self.from_mw is None or mw >= self.from_mw) and (self.to_mw is None or mw <= self.to_mw)

    def weight_for(self, mw: float) -> float:
        """Weight inside the family for a load of this many MW: 0 where the criterion does not apply.

        >>> line = Criterion(weight=3, unit="km", to_mw=2000, ramp=Ramp(best=2, worst=30))
        >>> line.weight_for(1000), line.weight_for(5000)
        (3.0, 0.0)
        """
        return self.weight if self.counts_for(mw) else 0.0

    def of_project(self, mw: float) -> Criterion:
        """The criterion with its weight and its breakpoints, in the layer's unit, for a project of this many MW.

        >>> ample = Criterion(weight=1, unit="MW", per="mw", ramp=Ramp(best=2, worst=0))
        >>> ample.of_project(500).ramp
        Ramp(best=1000.0, worst=0.0)
        """
        changes: dict[str, object] = {"weight": self.weight_for(mw)}
        if self.per is None:
            return self.model_copy(update=changes)
        changes["per"] = None
        if self.ramp:
            changes["ramp"] = Ramp(best=self.ramp.best * mw, worst=self.ramp.worst * mw)
        if self.logistic:
            changes["logistic"] = Logistic(midpoint=self.logistic.midpoint * mw, ninety=self.logistic.ninety * mw)
        if self.trapezoid:
            changes["trapezoid"] = [x * mw for x in self.trapezoid]
        if self.table:
            changes["table"] = [(x * mw, y) for x, y in self.table]
        return self.model_copy(update=changes)


class Gate(Part):
    """A hard exclusion: cells whose layer lies above (or below) a threshold cannot hold a campus.

    With the scope ``place`` such a cell has no score. With ``footprint`` the place keeps its score, because it is as good as its
    neighbours, but no campus of the national list lies on the cell: something stands there. A least distance in km (``below``) of
    the scope ``place`` holds for all land of such a campus, corners of its cells included. ``cells_up_to_m`` asks the gate only
    on grids of cells up to that size: on larger ones a campus fits beside what the cell holds. ``to_mw`` asks it only for loads
    up to that.
    """

    layer: str
    unit: str
    reason: str
    above: Finite | None = None
    below: Finite | None = None
    scope: Literal["place", "footprint"] = "place"
    cells_up_to_m: Positive | None = None
    to_mw: Positive | None = None
    on: bool = True

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of above, below")
        return self


def odd_weight(weights: Mapping[str, float]) -> str | None:
    """What is wrong with a weight in per cent among shares, ``<key>: <rule>; <remedy>``; None where there is none.

    Weights are relative, so that 45 beside 20 is as good as 0.45 beside 0.2. But a number above 1 that is more than ten times as
    large as all the others together, each below 1, was meant in another measure than they are.

    >>> odd_weight({"water": 30.0, "land": 0.4, "gas": 0.06})
    'water: 30 among weights below 1 makes 98% of their sum; write 0.3 for 30%, or all weights in per cent'
    >>> odd_weight({"water": 30.0, "land": 40.0, "gas": 0.6}), odd_weight({"water": 3.0, "land": 0.0})
    (None, None)
    """
    *others, (key, largest) = sorted(((k, w) for k, w in weights.items() if w > 0), key=lambda pair: pair[1]) or [("", 0.0)]
    rest = sum(weight for _, weight in others)
    if largest <= 1 or not others or max(weight for _, weight in others) >= 1 or largest <= MOST_TIMES * rest:
        return None
    share = largest / (largest + rest)
    return (
        f"{key}: {largest:g} among weights below 1 makes {share:.0%} of their sum; write {largest / 100:g} for {largest:g}%, "
        "or all weights in per cent"
    )
