"""The ``uncertainty`` section of the configuration: perturbations of weights, layers, breakpoints and learned share.

The numbers and where they come from stand in ``config/assumptions/uncertainty.yaml``.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sitefinder.config.delivery import Month
from sitefinder.config.kinds import Part, Positive, Share, Weight

Grade = Literal["E1", "E2", "E3", "E4", "E5"]
#: grades of evidence, best first
GRADES: tuple[Grade, ...] = ("E1", "E2", "E3", "E4", "E5")


class Concentration(Part):
    """How close drawn weights stay to the configured ones; none = fixed.

    A share w drawn with concentration c has the standard deviation sqrt(w (1 - w) / (c + 1)) (Dirichlet distribution).
    """

    families: Positive | None = 50.0
    criteria: Positive | None = 30.0


class Uncertainty(Part):
    """Perturbations of the ranking: weights, layer noise, breakpoints, learned share, unknown values."""

    campuses: Annotated[int, Field(ge=10, le=4000)] = 2000
    draws: Annotated[int, Field(ge=100, le=60_000)] = 10_000
    seed: Annotated[int, Field(ge=0, lt=1 << 32)] = 1
    concentration: Concentration = Concentration()
    noise: dict[Grade, Weight]
    noise_per_decade: Weight = 0.0
    as_of: Month = "2026-12"
    unknown: tuple[Share, Share] = (0.0, 1.0)
    model_share: Share = 0.0
    breakpoints: Annotated[float, Field(ge=0, lt=1)] = 0.0
    variants: Annotated[int, Field(ge=1, le=200)] = 20
    presets: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [g for g in GRADES if g not in self.noise]
        if missing:
            raise ValueError(f"noise has no entry for {', '.join(missing)}; give every grade from E1 to E5 one")
        if self.unknown[0] > self.unknown[1]:
            raise ValueError(f"unknown [{self.unknown[0]:g}, {self.unknown[1]:g}] is out of order; write [lowest, highest]")
        if self.draws < self.variants:
            raise ValueError(f"{self.variants} variants need at least as many draws; raise draws or lower variants")
        return self

    def scaled(self, factor: float) -> Uncertainty:
        """All spreads that are not weights times a factor: the noise, the model share, the breakpoints, the unknown interval.

        The interval of unknown values shrinks towards its lower end, which is what the score assumes.
        """
        low, high = self.unknown
        return self.model_copy(
            update={
                "noise": {g: s * factor for g, s in self.noise.items()},
                "noise_per_decade": self.noise_per_decade * factor,
                "model_share": self.model_share * factor,
                "breakpoints": self.breakpoints * factor,
                "unknown": (low * factor, high * factor),
            }
        )

    def certain(self) -> Uncertainty:
        """The same section without perturbations: fixed weights, no noise; unknown values earn nothing, as in the score."""
        return self.scaled(0.0).model_copy(update={"concentration": Concentration(families=None, criteria=None)})
