"""The ``portfolio`` section of the configuration: number of campuses, value, and limits of a set.

The numbers and where they come from stand in ``config/assumptions/portfolio.yaml``; ``docs/portfolio.md`` has the formulas.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sitefinder.config.delivery import YEARS
from sitefinder.config.kinds import Finite, Part, Positive, Range, Share, Weight

#: key of ``caps`` that holds for every group without a number of its own
EACH = "each"
#: properties of the sites that campuses may be capped by
CAPPED = ("rto", "state", "gas_pipeline")
Year = Annotated[int, Field(ge=YEARS[0], le=YEARS[-1])]
Amount = Literal["p10", "p50", "p90", "mean"]
Count = Annotated[int, Field(ge=0, le=10_000)]


class ValueTerms(Part):
    """What a megawatt is worth by the date at which it comes.

    Parameters
    ----------
    busd_per_gw_year : Range
        Billion dollars of revenue per gigawatt and year.
    discount_rate : float
        Per year.
    realised : "counted" or list of (score, chance), optional
        Chance that a campus is built at all: counted = 1 less its ``p_dropped``, or by its score; none = every campus is.
    """

    busd_per_gw_year: Range
    discount_rate: Share = 0.08
    realised: Literal["counted"] | Annotated[list[tuple[Finite, Share]], Field(min_length=2)] | None = None

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        scores = [s for s, _ in self.realised] if isinstance(self.realised, list) else []
        if scores != sorted(set(scores)):
            raise ValueError(f"realised: scores {scores} are out of order; write them in ascending order")
        return self


class RiskTerms(Part):
    """Draws of the outcomes of campuses, and the weight of the unfavourable ones.

    Parameters
    ----------
    aversion : float
        0 = the mean over the draws decides, 1 = the mean of the worst draws.
    tail : float
        Share of the draws that counts as the worst.
    nation, region : float
        Share of the variance of a campus's outcome that all campuses, or all of a market region, have in common.
    """

    aversion: Share = 0.5
    tail: Annotated[float, Field(gt=0, le=1)] = 0.2
    draws: Annotated[int, Field(ge=20, le=5000)] = 200
    seed: Annotated[int, Field(ge=0, lt=1 << 32)] = 1
    nation: Share = 0.3
    region: Share = 0.3
    frontier: list[Share] = Field(default_factory=lambda: [0.0, 0.25, 0.5, 0.75, 1.0])

    @model_validator(mode="after")
    def _parts_of_one(self) -> Self:
        if self.nation + self.region > 1:
            raise ValueError(f"nation {self.nation:g} and region {self.region:g} are more than 1 together; lower one")
        return self


class Floor(Part):
    """Megawatts that the set has to deliver by the end of a year.

    Quantiles of campuses do not add up to that of the set: a sum of P50 is more than the P50 of the sum where delays are long.
    Means add up.
    """

    mw: Weight
    by: Year
    at: Amount = "mean"


class Headroom(Part):
    """Campuses that draw on the same station, or on stations of one corridor."""

    excess: Literal["waits", "forbidden"] = "waits"
    wait_years: Range = (1.0, 2.5, 5.0)
    corridor_km: Weight = 60.0
    corridor_share: Share = 0.75


class SharedWater(Part):
    """Campuses that draw on the same river, or on the same wastewater plants."""

    on: bool = True
    river_km: Positive = 150.0
    reclaimed_km: Positive = 50.0


class Hazard(Part):
    """Sites whose column is at least ``above`` share the fate of those within ``within_km``."""

    above: Finite
    within_km: Positive
    share: Annotated[float, Field(gt=0, le=1)]


class Portfolio(Part):
    """The set of campuses that is looked for."""

    campuses: Annotated[int, Field(ge=1, le=200)] | None = None
    mw: Positive | None = None
    value: ValueTerms
    risk: RiskTerms = RiskTerms()
    spacing_km: Weight = 0.0
    caps: dict[Literal["rto", "state", "gas_pipeline"], dict[str, Count]] = Field(default_factory=dict)
    budget_musd: Positive | None = None
    floor: Floor | None = None
    headroom: Headroom | None = None
    gas_shared: bool = True
    water: SharedWater = SharedWater()
    hazards: dict[str, Hazard] = Field(default_factory=dict)
    runner_up_differs: Annotated[int, Field(ge=1, le=200)] = 3
    compare_year: Year = 2030

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.campuses is None) == (self.mw is None):
            raise ValueError("give exactly one of campuses, mw")
        return self

    def cap(self, column: str, group: str) -> int | None:
        """Most campuses of one group, none where it is not capped.

        Parameters
        ----------
        column : str
            One of ``CAPPED``.
        group : str
        """
        caps = self.caps.get(column, {})  # type: ignore[call-overload]
        return caps.get(group, caps.get(EACH))

    def with_cap(self, column: str, group: str, most: int) -> Portfolio:
        """The same terms with another cap for one group."""
        caps = {k: dict(v) for k, v in self.caps.items()}
        caps[column][group] = most  # type: ignore[index]
        return self.model_copy(update={"caps": caps})
