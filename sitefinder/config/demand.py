"""Paths of demand after the campuses run: what is let again, at what price, and who stops paying. Typed and frozen."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from sitefinder.config.costs import PositiveRange, ShareRange
from sitefinder.config.kinds import Part, Share

Years = Annotated[int, Field(ge=1, le=60, strict=True)]
#: shortest, most likely and longest number of years
YearRange = Annotated[tuple[Years, Years, Years], Field(description="[shortest, most likely, longest]")]


class DemandPath(Part):
    """One path of demand.

    Parameters
    ----------
    title, about, source : str
        What it is called, what happens in words, and where its numbers come from.
    from_year : range
        Year of operation from which demand is weak.
    price : range
        Price at which free capacity is let again, over the price of the contract.
    let : range
        Share of the free capacity that is let again.
    walk : range
        Share of the capacity whose tenants stop paying before their contract ends.
    unused : range
        Share of the capacity that tenants pay for and do not use.
    """

    title: str
    about: str
    source: str
    from_year: YearRange
    price: PositiveRange
    let: ShareRange
    walk: ShareRange
    unused: ShareRange

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if list(self.from_year) != sorted(self.from_year):
            raise ValueError(f"from_year {list(self.from_year)} is out of order; write [earliest, most likely, latest]")
        return self


class Demand(Part):
    """Length of contracts, and the paths; the first is the one that the others are compared with."""

    contract_years: YearRange
    insured_share: Share
    paths: Annotated[dict[str, DemandPath], Field(min_length=2)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if list(self.contract_years) != sorted(self.contract_years):
            raise ValueError(
                f"contract_years {list(self.contract_years)} is out of order; write [shortest, most likely, longest]"
            )
        return self
