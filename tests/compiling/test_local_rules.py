"""What a moratorium has become, by the text of the register."""

from __future__ import annotations

import pandas as pd
import pytest

from sitefinder.compiling.local_rules import PROJECTS, REPLACED_BY, rule
from sitefinder.compiling.policy import MORATORIA_RAW
from tests.helpers.paths import ROOT

RAW = ROOT.parent / "shared" / "data" / MORATORIA_RAW
needs_raw = pytest.mark.skipif(not RAW.exists(), reason="the raw downloads are not on this machine")


def entry(**changes: object) -> pd.Series:
    row = {
        "moratorium_id": "in-marshall-county-2025",
        "enacted_status": "active",
        "enacted": "2026-01-01",
        "duration": "6 months",
        "current_status": "Active",
    }
    return pd.Series(row | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"enacted_status": "replaced"}, ("ban", "2026-04-20")),
        ({}, ("moratorium", "2026-01-01")),
        ({"enacted_status": "extended"}, ("moratorium", "2026-01-01")),
        ({"duration": "Indefinite prohibition, not a temporary moratorium"}, ("ban", "2026-01-01")),
        ({"enacted_status": "pending"}, ("proposal", None)),
        ({"enacted_status": "pending", "current_status": "Rejected on 2026-04-06"}, ("none", None)),
        ({"enacted_status": "expired"}, ("none", None)),
        ({"enacted_status": "rescinded"}, ("none", None)),
    ],
)
def test_what_holds_follows_the_status(changes: dict[str, object], expected: tuple[str, str | None]) -> None:
    """Replaced entries are looked up, lasting prohibitions are bans, rejected proposals are nothing."""
    assert rule(entry(**changes)) == expected


@needs_raw
def test_every_replaced_entry_of_the_register_is_coded() -> None:
    """27 of them, and no others; each project named belongs to an entry of data centers."""
    raw = pd.read_csv(RAW)
    replaced = raw.loc[raw["enacted_status"] == "replaced", "moratorium_id"]
    assert len(replaced) == 27
    assert set(replaced) == set(REPLACED_BY)
    named = raw[raw["moratorium_id"].isin(PROJECTS)]
    assert len(named) == len(PROJECTS)
    assert named["affected_projects"].notna().all()
    assert named["sectors"].str.contains("data_center").all()


@needs_raw
def test_days_of_what_replaced_stand_in_the_text() -> None:
    """No day of ours that the register does not name."""
    raw = pd.read_csv(RAW).set_index("moratorium_id").astype(str)
    texts = raw["current_status"] + raw["outcome"] + raw["duration"] + raw["date_enacted"]
    readable = texts.str.replace("December 16, 2025", "2025-12-16")
    assert [k for k, (_, day) in REPLACED_BY.items() if day and day not in readable[k]] == []
