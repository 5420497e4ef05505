"""Columns of the certainty of a site's rank, of its evidence, and of the near misses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sitefinder.columns import Part, column
from sitefinder.layers.files import COUNTIES, PRECEDENTS

SURE = "How sure the rank is"


@dataclass(frozen=True)
class RankPart(Part):
    """Rank intervals over draws of weights and errors; filled by :func:`sitefinder.certainty.ranks.rank_parts`."""

    source: ClassVar[str] = "uncertainty"
    heading: ClassVar[str] = SURE

    rank_p05: int | None = column("Rank that 5 % of the draws do not exceed, among the campuses studied", decimals=0)
    rank_p50: int | None = column("Rank that half of the draws do not exceed, among the campuses studied", decimals=0)
    rank_p95: int | None = column("Rank that 95 % of the draws do not exceed, among the campuses studied", decimals=0)
    tier: str | None = column(
        "'leads' = among the first 50 in nine of ten draws or more; 'top 50 likely' = in half of the draws or more; the others "
        "'cannot be told apart': their order is that of the score, which other weights and data would change"
    )
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
    presets_top50: int | None = column("Number of them under which the site is among the first 50", decimals=0)
    preset_rank_best: int | None = column("Best rank under any of them", decimals=0)
    preset_rank_worst: int | None = column("Worst rank under any of them", decimals=0)


@dataclass(frozen=True)
class EvidencePart(Part):
    """Evidence behind the points of a site; filled by :func:`sitefinder.certainty.evidence.evidence_parts`."""

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
        "Smallest change of one criterion, among those that construction or a decision can change, that raises the site to rank "
        "{key}; null if the site holds that rank already or no such change exists",
        name="to_rank_{key}",
        keys={k: str(k) for k in (10, 50)},
    )
    why_up: str | None = column("Criteria that earn most: value, points, standing among the campuses studied, source")
    why_down: str | None = column("Criteria that lose most, in the same form")


@dataclass(frozen=True)
class PrecedentPart(Part):
    """Outcomes of contested projects nearby; filled by :func:`sitefinder.certainty.reasons.precedent_parts`."""

    source: ClassVar[str] = PRECEDENTS
    heading: ClassVar[str] = "Land and neighbours"

    precedents: str | None = column(
        "Contested projects within 80 km by outcome (register: George Ingebretsen, CC BY); null if not in use"
    )
    precedents_blocked: float = column(
        "Share of the decided ones that were blocked or withdrawn; null where they are too few for a share, or not in use",
        unit="share",
        decimals=2,
    )


@dataclass(frozen=True)
class CertaintyPart(Part):
    """Certainty of the rank, evidence behind it, and changes that would move it."""

    ranks: RankPart = column("")
    presets: PresetPart = column("")
    evidence: EvidencePart = column("")
    reasons: ReasonPart = column("")
    precedents: PrecedentPart = column("")


@dataclass(frozen=True)
class NearMiss(Part):
    """Land that exactly one gate excludes; a row of near_misses.csv, from :func:`sitefinder.certainty.reasons.near_misses`."""

    source: ClassVar[str] = "reasons"

    would_rank: int = column("Rank that the land would take without the gate", decimals=0)
    score: float = column("Score of the campus that would grow there", unit="points", decimals=4)
    lat: float = column("Latitude of its first cell", unit="degrees", decimals=4)
    lon: float = column("Longitude of its first cell", unit="degrees", decimals=4)
    state: str = column("Postal code", source=COUNTIES)
    county: str = column("County name", source=COUNTIES)
    gate: str = column("The only gate that excludes the land", source="exclusions")
    reason: str = column("Reason given by the gate", source="exclusions")
    measured: str = column("Value of the gate's layer, and the threshold", source="exclusions", name="found")
    cure: str = column("What would lift the gate")
    acres: float = column("Buildable acres of the campus", unit="acres", decimals=4)
