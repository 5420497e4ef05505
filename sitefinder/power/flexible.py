"""Megawatts that a campus can draw before the grid is strengthened, if it stands back in some hours of the year.

Curtailable ("non-firm") service has two limits. The *authority* must feed the load: what its demand leaves below its seasonal
peaks (:mod:`sitefinder.kernels.curtailment`), less what other campuses there plan. The *station* must carry it: with all lines in
service, because the campus stands back when one is out. The least of the two counts. Neither knows plants that close, fuel, or
what a utility's tariff allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from sitefinder.columns import MID
from sitefinder.config.delivery import Claimed
from sitefinder.config.flexible import RunHours
from sitefinder.layers.files import BALANCING_AREAS, CAMPUS_LABELS, CURTAILMENT
from sitefinder.layers.package import DataPackage, read_features, read_points

#: compiled files that the answer rests on
FILES = (BALANCING_AREAS, CURTAILMENT, CAMPUS_LABELS)
PERCENT = 100.0
#: what the least of the two limits is
STATION, AUTHORITY = "station", "authority"
_FIGURES = ("hours", "hours_half_left", "longest_h", "longest_worst_h")


class Curtailed(NamedTuple):
    """What is taken from a constant new load, (n,) float64 each; NaN = unknown.

    Parameters
    ----------
    share : of its yearly energy
    hours : per year in which any of it is curtailed
    hours_half_left : of these, hours with at least half of it running
    longest_h : longest run of curtailed hours of a year, mean over the years
    longest_worst_h : longest run in all years
    """

    share: np.ndarray
    hours: np.ndarray
    hours_half_left: np.ndarray
    longest_h: np.ndarray
    longest_worst_h: np.ndarray


class Authorities:
    """Room of the balancing authorities below their seasonal peaks.

    Parameters
    ----------
    package : DataPackage

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """

    def __init__(self, package: DataPackage) -> None:
        areas = read_features(package, BALANCING_AREAS, ("ba",))
        self.codes: np.ndarray = areas["ba"]
        self._tree = shapely.STRtree(areas["geometry"])
        table = package.columns(CURTAILMENT, ("ba", "curtailed_pct", "added_mw", *_FIGURES))
        self._table: Mapping[str, dict[str, np.ndarray]] = {
            code: {name: values[table["ba"] == code] for name, values in table.items() if name != "ba"}
            for code in np.unique(table["ba"].astype(str))
        }
        campuses = read_points(package, CAMPUS_LABELS, ("mw",))
        mw = campuses["mw"].astype(np.float64)
        home = self.at(np.column_stack([campuses["x"], campuses["y"]]))
        self._planned = {code: float(np.nansum(mw[home == code])) for code in self.codes}

    @property
    def known(self) -> Sequence[str]:
        """Authorities whose hours are known."""
        return tuple(self._table)

    def at(self, xy: np.ndarray) -> np.ndarray:
        """(n,) object: code of the authority in form EIA-930 at each place, None = unknown.

        Parameters
        ----------
        xy : (n, 2) float64, EPSG:5070 metres
        """
        codes = np.full(len(xy), None, object)
        place, area = self._tree.query(shapely.points(xy), predicate="intersects")
        codes[place] = self.codes[area]
        return codes

    def planned_mw(self, authority: np.ndarray) -> np.ndarray:
        """(n,) MW that the known campuses of each authority plan, their largest planned power; NaN where it is unknown."""
        return np.array([self._planned.get(code, np.nan) for code in authority])

    def room_mw(self, authority: np.ndarray, share: float) -> np.ndarray:
        """(n,) largest constant new load of the whole authority at a curtailed share, MW; NaN where its hours are unknown."""
        return np.array([self._between(code, "curtailed_pct", PERCENT * share, "added_mw") for code in authority], np.float64)

    def curtailed(self, authority: np.ndarray, mw: np.ndarray) -> Curtailed:
        """What is taken from a new load; NaN where the hours are unknown, or more than the table's last share would be.

        Parameters
        ----------
        authority : (n,) object
        mw : (n,) float64
            All new load of the authority, which is curtailed alike.
        """
        pairs = list(zip(authority, np.asarray(mw, np.float64), strict=True))
        table = [[self._between(code, "added_mw", load, to) for code, load in pairs] for to in ("curtailed_pct", *_FIGURES)]
        share, *figures = (np.array(column, np.float64) for column in table)
        return Curtailed(share / PERCENT, *figures)

    def _between(self, code: str | None, of: str, value: float, to: str) -> float:
        """One column of an authority at a value of another, both rising, straight between rows and from nothing."""
        if code is None or code not in self._table:
            return np.nan
        rows = self._table[code]
        x, y = (np.concatenate([[0.0], rows[name]]) for name in (of, to))
        return float(np.interp(value, x, y, right=np.nan))


class NonFirm(NamedTuple):
    """Curtailable service at each site; NaN = unknown.

    Parameters
    ----------
    authority : (n,) object
        Balancing authority, None = unknown.
    mw : (n, 3) float64
        P10, P50, P90 of what can be served, firm megawatts included: at most the load wanted.
    authority_mw : (n,) float64
        What the authority has left at the curtailed share.
    limit : (n,) object
        ``station`` or ``authority``: which keeps the median below the load wanted; None = neither, or unknown.
    curtailed : Curtailed
        At the median, with the other campuses' share in place.
    """

    authority: np.ndarray
    mw: np.ndarray
    authority_mw: np.ndarray
    limit: np.ndarray
    curtailed: Curtailed


def non_firm(
    authorities: Authorities, xy: np.ndarray, intact_mw: np.ndarray, mw: np.ndarray, *, curtailment: float, claimed: Claimed
) -> NonFirm:
    """Curtailable service: the least of the load wanted, the station with all lines in service, and the authority's room.

    Parameters
    ----------
    authorities : Authorities
    xy : (n, 2) float64, EPSG:5070 metres
    intact_mw : (n, 3) float64
        What the station can take with all lines in service, less what other campuses claim: ``GridPoints.intact_mw``.
    mw : (n,) float64
        Load wanted.
    curtailment : float
        Share of its yearly energy that the campus gives up at most.
    claimed : Claimed
        ``share`` of what other campuses plan counts as new load of the authority, too.
    """
    authority = authorities.at(xy)
    others = claimed.share * authorities.planned_mw(authority)
    left = np.maximum(authorities.room_mw(authority, curtailment) - others, 0.0)
    served = np.minimum(np.minimum(intact_mw, left[:, None]), mw[:, None])
    station, median = intact_mw[:, MID], served[:, MID]
    limit = np.full(len(xy), None, object)
    limit[median < mw] = np.where(station <= left, STATION, AUTHORITY)[median < mw]
    return NonFirm(authority, served, left, limit, authorities.curtailed(authority, others + median))


def engines_carry(hours: np.ndarray, engines: RunHours) -> np.ndarray:
    """(n,) object: whether engines permitted for emergencies may run in all curtailed hours; None = unknown.

    At most the hours of other use count, and those only where the operator calls for them. Where the answer is False the campus
    needs engines with a permit for more, batteries, or a load that it can shift.

    Parameters
    ----------
    hours : (n,) float64
        Curtailed hours per year.
    engines : RunHours
    """
    carry = np.array(hours <= engines.other, object)
    carry[np.isnan(hours)] = None
    return carry
