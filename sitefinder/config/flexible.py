"""Terms of curtailable (non-firm) service, and the hours that backup engines may run."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sitefinder.config.early_power import ByClass
from sitefinder.config.kinds import Part, Positive, Range

#: curtailed shares that the compiled table covers
LEAST_SHARE, MOST_SHARE = 0.0001, 0.2


class RunHours(Part):
    """Hours per year that an engine permitted for emergencies may run while no emergency lasts.

    40 CFR 60.4211(f) and 63.6640(f): 100 hours for tests and maintenance, of which 50 in other use; those 50 may not shave peaks
    or earn money, except where the transmission operator calls for them because a local limit would be exceeded.

    Parameters
    ----------
    test, other : float
        Hours per year; ``other`` counts within ``test``.
    """

    test: Positive
    other: Annotated[float, Field(ge=0, strict=True)]

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.other > self.test:
            raise ValueError(
                f"other {self.other:g} is above test {self.test:g}; the hours of other use count within those of tests"
            )
        return self


class Flexible(Part):
    """Curtailable service: the load that can be served from the first study on, without network upgrades.

    Parameters
    ----------
    agreement : tuple
        Months to an interruptible tariff.
    station : dict
        Months of the customer's own station by voltage class, kV.
    curtailment : float
        Share of the load's yearly energy that the campus gives up at most.
    emergency_engines : RunHours
    """

    agreement: Range
    station: ByClass
    curtailment: Annotated[float, Field(ge=LEAST_SHARE, le=MOST_SHARE, strict=True)]
    emergency_engines: RunHours
