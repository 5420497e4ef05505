"""Parcels of one group as one site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import shapely

from sitefinder.columns import Scalar
from sitefinder.sites.own import UserSite
from sitefinder.sites.own_repairs import TOO_FAR_M, far_apart
from sitefinder.sites.reading.table import ROW, ROWS
from sitefinder.sites.stated import NOTHING
from sitefinder.units import M_PER_KM


def assembled(sites: Sequence[UserSite]) -> tuple[list[UserSite], list[str]]:
    """Sites in their order with the parcels of each group joined where its first one stands, and what was joined.

    Points, and groups of one, stay as they are.

    Parameters
    ----------
    sites : sequence of UserSite
    """
    members: dict[str, list[UserSite]] = {}
    for site in sites:
        if site.group is not None and site.outline is not None:
            members.setdefault(site.group, []).append(site)
    points = Counter(s.group for s in sites if s.group is not None and s.outline is None)
    members = {group: parcels for group, parcels in members.items() if len(parcels) > 1}
    words = [f"{n} points of '{group}' are scored one by one; draw parcels to join them." for group, n in points.items() if n > 1]
    joined, done = [], set[str]()
    for site in sites:
        if site.group not in members or site.outline is None:
            joined.append(site)
        elif site.group not in done:
            done.add(site.group)
            joined.append(_joined(site.group, members[site.group]))
            rows = ", ".join(_row(s) for s in members[site.group])
            words.append(f"{len(members[site.group])} parcels ({rows}) are one site, '{site.group}'.")
    return joined, words


def conflicts(sites: Sequence[UserSite]) -> dict[str, str]:
    """Group -> why its parcels cannot be one site: they state different things, or lie in different regions."""
    stated: dict[str, UserSite] = {}
    parcels: dict[str, list[UserSite]] = {}
    problems = {}
    for site in sites:
        if site.group is None or site.outline is None:
            continue
        parcels.setdefault(site.group, []).append(site)
        if site.stated == NOTHING:
            continue
        first = stated.setdefault(site.group, site)
        if first.stated != site.stated:
            problems[site.group] = (
                f"parcels of '{site.group}' state different things ({_row(first)}: {first.stated.words}; {_row(site)}: "
                f"{site.stated.words}). State them in one row of the group."
            )
    for group, members in parcels.items():
        parts = [part for member in members for part in shapely.get_parts(member.geometry)]
        _, metres = far_apart(shapely.MultiPolygon(parts))
        if len(members) > 1 and metres > TOO_FAR_M:
            remedy = "Give those of each place a group of their own, or rename the column."
            problems[group] = f"parcels of '{group}' lie {metres / M_PER_KM:,.0f} km apart. {remedy}"
    return problems


def _row(site: UserSite) -> str:
    """The row alone: ``row 3`` of ``my.csv, row 3``."""
    return site.place.rpartition(", ")[2]


def _joined(group: str, parcels: Sequence[UserSite]) -> UserSite:
    first = parcels[0]
    stated = next((p.stated for p in parcels if p.stated != NOTHING), NOTHING)
    acres = [p.acres for p in parcels]
    return replace(
        first,
        name=group,
        place=", ".join((first.place, *(_row(p) for p in parcels[1:]))),
        geometry=shapely.union_all([p.geometry for p in parcels]),
        outline=shapely.union_all([p.outline for p in parcels]),
        acres=None if None in acres else sum(a for a in acres if a is not None),
        stated=stated,
        attributes=_attributes(parcels),
    )


def _attributes(parcels: Sequence[UserSite]) -> dict[str, Scalar]:
    """Columns that all parcels share as they are, others as texts one after the other; the rows of all."""
    columns = dict.fromkeys(name for p in parcels for name in p.attributes)
    values = {}
    for name in columns:
        contents = list(dict.fromkeys(p.attributes.get(name) for p in parcels if p.attributes.get(name) is not None))
        values[name] = contents[0] if len(contents) == 1 else "; ".join(str(c) for c in contents) or None
    first = parcels[0].attributes
    return values | {ROW: first.get(ROW), ROWS: "; ".join(_row(p) for p in parcels)}
