"""Base of every section of the configuration: a frozen model that refuses unknown keys, and kinds of numbers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A section of the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _three(values: Any) -> Any:
    if not isinstance(values, list | tuple) or len(values) != 3:
        raise ValueError("not a range; write [lowest, most likely, highest]")
    return values


def _ascending(values: tuple[float, float, float]) -> tuple[float, float, float]:
    low, mid, high = values
    if not low <= mid <= high:
        raise ValueError(f"[{low:g}, {mid:g}, {high:g}] is out of order; write [lowest, most likely, highest]")
    return values


#: lowest, most likely and highest value of a triangular distribution
Range = Annotated[tuple[Weight, Weight, Weight], BeforeValidator(_three), AfterValidator(_ascending)]
#: the same of a difference, which may be below 0
SignedRange = Annotated[tuple[Finite, Finite, Finite], BeforeValidator(_three), AfterValidator(_ascending)]
