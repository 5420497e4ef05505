"""Evidence behind the score of a site: points by grade of evidence, weakest driver, age of the data.

A weighted mean of the grades would be E3 for every site, because every site is scored with the same layers. Sites differ in
the criteria that earn their points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sitefinder.certainty.columns import EvidencePart
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import DataPackage
from sitefinder.layers.spec import GRADES

#: files of boundaries, whose vintage does not date the facts of a layer
_FRAMES = ("boundaries/counties.parquet", "boundaries/states.parquet")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
#: share of the points from which a grade and all weaker ones give a site its grade; on the default list the share of modelled
#: and proxy evidence runs from 0.36 to 0.43 in four sites of five, so that this splits them (J)
DECISIVE = 0.4
#: criteria that count as drivers: those that earn the most points
DRIVERS = 8
#: grades called weak: modelled and proxy
WEAK = ("E4", "E5")


def year_of(vintage: str) -> int | None:
    """Last year named in a vintage; None where it names none.

    >>> year_of("2011 (flow 1971-2000)")
    2011
    """
    years = [int(y) for y in _YEAR.findall(vintage)]
    return max(years, default=None)


def ages(package: DataPackage, ids: Sequence[str], as_of: str) -> np.ndarray:
    """Age of the data behind each layer, (n,) float64 years; NaN where no vintage names a year.

    A layer is as old as the oldest of its files, boundaries aside.

    Parameters
    ----------
    package : DataPackage
    ids : sequence of str
    as_of : str
        Month from which ages count, "2026-12".
    """
    year, month = (int(part) for part in as_of.split("-"))
    now = year + month / 12.0
    years_old = []
    for layer_id in ids:
        files = [s for s in REGISTRY[layer_id].spec.sources if s not in _FRAMES and s in package.resources]
        years = [year_of(str(package.resources[s]["vintage"])) for s in files]
        known = [y for y in years if y is not None]
        # a vintage is dated to the middle of its year
        years_old.append(max(0.0, now - (min(known) + 0.5)) if known else np.nan)
    return np.array(years_old, np.float64)


def shares_by_grade(ids: Sequence[str], points: np.ndarray) -> np.ndarray:
    """Share of the points earned that rests on each grade, (5, n) float64; NaN for a site that earns none.

    Parameters
    ----------
    ids : (n_criteria,) sequence of str
    points : (n_criteria, n) float64
        Points that each criterion earns.
    """
    grade = np.array([int(REGISTRY[k].spec.grade[1]) for k in ids])
    sums = np.stack([points[grade == g].sum(axis=0) for g in range(1, len(GRADES) + 1)])
    total = sums.sum(axis=0)
    return np.divide(sums, total, out=np.full(sums.shape, np.nan), where=total > 0)


def site_grade(shares: np.ndarray) -> str | None:
    """Weakest grade on which, with all weaker ones, 40 % of the points rest.

    >>> site_grade(np.array([0.0, 0.5, 0.3, 0.1, 0.1]))
    'E3'
    """
    if np.isnan(shares).any():
        return None
    weaker = np.cumsum(shares[::-1])[::-1]
    return f"E{int(np.flatnonzero(weaker >= DECISIVE - 1e-9).max()) + 1}"


def evidence_parts(ids: Sequence[str], points: np.ndarray, age: np.ndarray) -> list[EvidencePart]:
    """Evidence behind the points of each site.

    Parameters
    ----------
    ids : (n_criteria,) sequence of str
    points : (n_criteria, n) float64
        Points that each criterion earns, as means over the campus.
    age : (n_criteria,) float64
        Years, NaN = unknown; from :func:`ages`.
    """
    shares = shares_by_grade(ids, points)
    dated = ~np.isnan(age)
    parts = []
    for i in range(points.shape[1]):
        earned = points[:, i]
        drivers = [k for k in np.argsort(-earned, kind="stable")[:DRIVERS] if earned[k] > 0]
        weight = earned[dated].sum()
        parts.append(
            EvidencePart(
                site_grade=site_grade(shares[:, i]),
                by_grade=_by_grade(shares[:, i]),
                weak_share=float(shares[3:, i].sum()),
                weakest_driver=_weakest(ids, drivers, earned),
                age_years=float(earned[dated] @ age[dated] / weight) if weight > 0 else np.nan,
                oldest_driver=_oldest(ids, drivers, age),
            )
        )
    return parts


def _by_grade(shares: np.ndarray) -> str | None:
    if np.isnan(shares).any():
        return None
    return "; ".join(f"{g} {100.0 * s:.0f} %" for g, s in zip(GRADES, shares, strict=True) if s > 0)


def _weakest(ids: Sequence[str], drivers: Sequence[int], earned: np.ndarray) -> str | None:
    """The driver of the weakest grade; among equals the one that earns most."""
    if not drivers:
        return None
    k = max(drivers, key=lambda d: (REGISTRY[ids[d]].spec.grade, earned[d]))
    spec = REGISTRY[ids[k]].spec
    return f"{spec.grade} {GRADES[spec.grade]}: {spec.title} ({earned[k]:+.1f} points)"


def _oldest(ids: Sequence[str], drivers: Sequence[int], age: np.ndarray) -> str | None:
    dated = [d for d in drivers if not np.isnan(age[d])]
    if not dated:
        return None
    k = max(dated, key=lambda d: (age[d], -d))
    return f"{REGISTRY[ids[k]].spec.title} ({age[k]:.0f} years)"


def register(package: DataPackage, ids: Sequence[str], as_of: str) -> list[Mapping[str, Any]]:
    """Evidence behind a run, one row per layer: grade in words, vintage, age and caveat."""
    rows: list[Mapping[str, Any]] = []
    for layer_id, age in zip(ids, ages(package, ids, as_of), strict=True):
        spec = REGISTRY[layer_id].spec
        vintage = "; ".join(str(package.resources[s]["vintage"]) for s in spec.sources if s in package.resources)
        rows.append(
            {
                "layer": layer_id,
                "grade": spec.grade,
                "evidence": GRADES[spec.grade],
                "vintage": vintage,
                "age_years": None if np.isnan(age) else round(float(age), 1),
                "caveat": spec.caveat,
            }
        )
    return rows
