"""The ``area`` section of the configuration: where to look."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from sitefinder.config.kinds import Part

#: digits of a county's code
FIPS_DIGITS = 5
#: latitude and longitude of the contiguous states, degrees, and the largest distance, km
LATITUDES, LONGITUDES, FARTHEST_KM = (24.0, 50.0), (-125.0, -66.0), 5000.0


def _names(value: Any) -> Any:
    """A list of names; one name stands for a list of it, a number for the code of a county, which lost its leading zero."""
    names = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(n, str | int) and not isinstance(n, bool) for n in names):
        raise ValueError(
            "not a list of names; write [TX, OK], county codes such as '17093', PJM, ba:SWPP, utility:Oncor or a file"
        )
    return tuple(f"{n:0{FIPS_DIGITS}d}" if isinstance(n, int) else n.strip() for n in names)


def _point_and_km(value: tuple[float, float, float]) -> tuple[float, float, float]:
    lat, lon, km = value
    if LATITUDES[0] <= lon <= LATITUDES[1] and LONGITUDES[0] <= lat <= LONGITUDES[1]:
        raise ValueError(f"[{lat:g}, {lon:g}] is longitude before latitude; write [latitude, longitude, km]")
    if not (LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]):
        raise ValueError(
            f"[{lat:g}, {lon:g}] lies outside the contiguous states; write [latitude, longitude, km], e.g. [41.5, -88.2, 50]"
        )
    if not 0.0 < km <= FARTHEST_KM:
        raise ValueError(f"{km:g} km is no distance between 0 and {FARTHEST_KM:g}; write [latitude, longitude, km]")
    return value


def _three(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise ValueError("not a point and a distance; write [latitude, longitude, km], e.g. [41.5, -88.2, 50]")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Near = Annotated[tuple[Number, Number, Number], BeforeValidator(_three), AfterValidator(_point_and_km)]


class Area(Part):
    """Where to look: within any of ``where``, outside all of ``not_in``, and within some kilometres of ``near``.

    Names are postal codes of states, five-digit codes of counties, market regions, ``ba:CODE`` of a balancing authority,
    ``utility:NAME`` or a part of it, and files of polygons. Nothing said is the whole country.
    """

    where: Names = ()
    not_in: Names = ()
    near: Near | None = None

    def __bool__(self) -> bool:
        """Whether anything is left out of the country."""
        return bool(self.where or self.not_in or self.near)
