"""Columns about certainty: their names in the files, and which targets, places and sets they count."""

from __future__ import annotations

import numpy as np

from sitefinder.certainty.columns import (
    CertaintyPart,
    EvidencePart,
    NearMiss,
    PrecedentPart,
    PresetPart,
    RankPart,
    ReasonPart,
)
from sitefinder.certainty.evidence import evidence_parts
from sitefinder.certainty.presets import TOP, preset_parts
from sitefinder.certainty.ranks import QUANTILES, TOPS, RankUncertainty, rank_parts
from sitefinder.certainty.reasons import TARGETS
from sitefinder.kernels.acceptability import Tally
from sitefinder.results.site import columns


def test_ranks_and_places_are_named_after_their_numbers():
    """Quantiles in percent, numbers of places."""
    assert RankPart.names()[:3] == tuple(f"rank_p{round(100 * q):02d}" for q in QUANTILES)
    assert RankPart.names()[3:] == ("tier", "p_first", *(f"p_top{k}" for k in TOPS[1:]), "wins_under")


def test_a_tally_fills_the_columns_of_the_ranks():
    """One site that is always first, one that never is."""
    tally = Tally(np.array([[3, 0], [0, 3]], np.int32), np.array([[3.0], [0.0]]), np.zeros((0, 0), np.int32))
    first, second = (part.row() for part in rank_parts(RankUncertainty(tally, 3, ("water",)), 2))
    told = {"tier": "leads", "p_first": 1.0, "wins_under": "water 100 %"}
    assert first == told | dict.fromkeys(RankPart.names()[:3], 1) | dict.fromkeys(("p_top10", "p_top50", "p_top100"), 1.0)
    assert (second["rank_p05"], second["p_first"], second["wins_under"]) == (2, 0.0, None)


def test_sets_of_weights_are_counted_up_to_the_rank_of_the_name():
    """Fifty places, as the column says."""
    assert PresetPart.names()[1] == f"presets_top{TOP}"
    (part,) = preset_parts(np.array([[TOP]]), 1)
    assert part.row() == {"presets": 1, "presets_top50": 1, "preset_rank_best": TOP, "preset_rank_worst": TOP}


def test_columns_of_the_evidence_begin_with_the_word():
    """All six of them."""
    (part,) = evidence_parts(["river_km"], np.ones((1, 1)), np.array([1.0]))
    assert list(part.row()) == list(EvidencePart.names())
    assert all(name.startswith("evidence_") for name in EvidencePart.names())


def test_every_target_has_its_column():
    """One per rank."""
    assert ReasonPart.names() == (*(f"to_rank_{target}" for target in TARGETS), "why_up", "why_down")
    part = ReasonPart(dict(zip(TARGETS, ("a", None), strict=True)), "up", "down")
    assert list(part.row().values()) == ["a", None, "up", "down"]


def test_the_parts_follow_one_another():
    """In the order of the files."""
    parts = (RankPart, PresetPart, EvidencePart, ReasonPart, PrecedentPart)
    assert CertaintyPart.names() == tuple(name for part in parts for name in part.names())


def test_near_misses_say_what_they_mean():
    """Names of their own, with digits where there is a unit; those that a list has too say the same unit."""
    names = NearMiss.names()
    assert len(set(names)) == len(names)
    assert all(c.meaning and c.source for c in NearMiss.columns())
    assert [c.name for c in NearMiss.columns() if c.unit and c.decimals is None] == []
    units = {c.name: c.unit for c in columns(())}
    assert all(units[c.name] == c.unit for c in NearMiss.columns() if c.name in units)
