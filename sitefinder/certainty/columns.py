"""Columns about how sure a rank is and what it rests on, and those of the near misses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sitefinder.columns import Column, Part, column
from sitefinder.layers.files import PRECEDENTS

SURE = "How sure the rank is"


@dataclass(frozen=True)
class RankPart(Part):
    """Rank intervals over draws of weights and errors; filled by :func:`sitefinder.certainty.ranks.rank_parts`."""

    source: ClassVar[str] = "uncertainty"
    heading: ClassVar[str] = SURE

    rank_p05: int | None = column("Rank that 5 % of the draws do not exceed, among the campuses studied", decimals=0)
    rank_p50: int | None = column("Rank that half of the draws do not exceed, among the campuses studied", decimals=0)
    rank_p95: int | None = column("Rank that 95 % of the draws do not exceed, among the campuses studied", decimals=0)
    p_first: float = column("Share of the draws in which the site is first", unit="share", decimals=3)
    p_top: Mapping[int, float] = column(
        "Share of the draws in which the site is among the first {key}",
        name="p_top{key}",
        unit="share",
        decimals=3,
        keys={k: str(k) for k in (10, 50, 100)},
    )
    wins_under: str | None = column("Mean family weights of the draws in which the site is first; null if it never is")


@dataclass(frozen=True)
class PresetPart(Part):
    """Ranks under published sets of weights; filled by :func:`sitefinder.certainty.presets.preset_parts`."""

    source: ClassVar[str] = "preset_weights"
    heading: ClassVar[str] = SURE

    presets: int | None = column("Published sets of weights under which the campuses studied were ranked too", decimals=0)
    presets_top50: int | None = column("Under how many of them the site is among the first 50", decimals=0)
    preset_rank_best: int | None = column("Best rank under any of them", decimals=0)
    preset_rank_worst: int | None = column("Worst rank under any of them", decimals=0)


@dataclass(frozen=True)
class EvidencePart(Part):
    """What the points earned rest on; filled by :func:`sitefinder.certainty.evidence.evidence_parts`."""

    source: ClassVar[str] = "evidence"
    heading: ClassVar[str] = "Evidence"

    site_grade: str | None = column(
        "Weakest grade on which, with all weaker ones, 40 % of the points rests", name="evidence_site_grade"
    )
    by_grade: str | None = column("Share of the points earned that rests on each grade of evidence", name="evidence_by_grade")
    weak_share: float = column(
        "Share of the points earned on modelled or proxy evidence (E4, E5)",
        name="evidence_weak_share",
        unit="share",
        decimals=3,
    )
    weakest_driver: str | None = column("Weakest among the eight criteria that earn most", name="evidence_weakest_driver")
    age_years: float = column("Mean age of the data, by points earned", name="evidence_age_years", unit="years", decimals=1)
    oldest_driver: str | None = column("Oldest data among the eight criteria that earn most", name="evidence_oldest_driver")


@dataclass(frozen=True)
class ReasonPart(Part):
    """Counterfactuals and drivers; filled by :mod:`sitefinder.certainty.reasons`."""

    source: ClassVar[str] = "reasons"
    heading: ClassVar[str] = SURE

    to_rank: Mapping[int, str | None] = column(
        "Smallest change of one criterion that somebody could build or decide that lifts the site to rank {key}; null if it is "
        "there or none does",
        name="to_rank_{key}",
        keys={k: str(k) for k in (10, 50)},
    )
    why_up: str | None = column("Criteria that earn most: value, points, standing among the campuses studied, source")
    why_down: str | None = column("Criteria that lose most, in the same words")


@dataclass(frozen=True)
class PrecedentPart(Part):
    """Contested projects around; filled by :func:`sitefinder.certainty.reasons.precedent_parts`."""

    source: ClassVar[str] = PRECEDENTS
    heading: ClassVar[str] = "Land and neighbours"

    precedents: str | None = column(
        "Contested projects within 80 km by outcome (register: George Ingebretsen, CC BY); null if not in use"
    )
    precedents_blocked: float = column(
        "Share of the decided ones that were blocked or withdrawn; null where they are too few to tell, or not in use",
        unit="share",
        decimals=2,
    )


@dataclass(frozen=True)
class CertaintyPart(Part):
    """How sure the rank is, what it rests on, and what would change it."""

    ranks: RankPart = column("")
    presets: PresetPart = column("")
    evidence: EvidencePart = column("")
    reasons: ReasonPart = column("")
    precedents: PrecedentPart = column("")


#: columns of near_misses.csv, filled by :func:`sitefinder.certainty.reasons.near_misses`
NEAR_MISS = (
    Column("would_rank", "", "Rank the land would take without the gate", "reasons", 0),
    Column("score", "points", "Score of the campus that would grow there", "reasons", 2),
    Column("lat", "degrees", "Latitude of its first cell", "reasons", 6),
    Column("lon", "degrees", "Longitude of its first cell", "reasons", 6),
    Column("state", "", "Postal code", "boundaries/counties.parquet"),
    Column("county", "", "County name", "boundaries/counties.parquet"),
    Column("gate", "", "The only gate that excludes the land", "exclusions"),
    Column("reason", "", "What the gate says", "exclusions"),
    Column("found", "", "Value found and threshold", "exclusions"),
    Column("cure", "", "What would lift the gate", "reasons"),
    Column("acres", "acres", "Buildable acres of the campus", "reasons", 0),
)
