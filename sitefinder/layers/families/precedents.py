"""Community precedents: outcomes of data-center projects nearby that met local opposition.

Never a feature of the learned score: events follow announcements. A place without decided events is unknown, not friendly.
"""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import COUNTIES, PRECEDENTS
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

#: radius within which decisions count as precedents: 50 miles (method notes, feature 28)
RADIUS_KM = 80.0
#: least decided events for a share (J)
FEWEST = 1.0
_CAVEAT = (
    "Events reported by the press to August 2026, spread evenly over their county; counts follow announcements, and quiet "
    "approvals are reported less than fights."
)


def _within(sources: Sources, column: str) -> np.ndarray:
    return sources.county_total_within_km(PRECEDENTS, column, RADIUS_KM)


@layer(
    layer_id="precedents_blocked_share",
    family="community",
    title="Share of contested projects blocked or withdrawn within 80 km",
    unit="share",
    meaning="Of the contested data-center projects within 80 km with an outcome, the share that was blocked or withdrawn, mixed "
    "outcomes as half; unknown where fewer than one was decided.",
    better="low",
    valid=(0.0, 1.0),
    sources=(PRECEDENTS, COUNTIES),
    grade="E3",
    caveat=_CAVEAT + " Few cases: see precedents_decided_80km.",
)
def precedents_blocked_share(sources: Sources) -> np.ndarray:
    """Blocked over decided."""
    decided = _within(sources, "decided")
    lost = _within(sources, "blocked") + np.float32(0.5) * _within(sources, "mixed")
    known = decided >= FEWEST
    share = np.divide(lost, decided, out=np.full(decided.shape, np.nan, np.float32), where=known)
    return np.minimum(share, np.float32(1.0))


@layer(
    layer_id="precedents_decided_80km",
    family="community",
    title="Contested projects decided within 80 km",
    unit="events",
    meaning="Contested data-center projects within 80 km that were blocked, withdrawn, went ahead or ended mixed.",
    better="context",
    valid=(0.0, 500.0),
    sources=(PRECEDENTS, COUNTIES),
    grade="E3",
    caveat=_CAVEAT,
)
def precedents_decided_80km(sources: Sources) -> np.ndarray:
    """Sum of decided events."""
    return _within(sources, "decided")


@layer(
    layer_id="precedents_ahead_80km",
    family="community",
    title="Contested projects that went ahead within 80 km",
    unit="events",
    meaning="Contested data-center projects within 80 km that went ahead.",
    better="context",
    valid=(0.0, 500.0),
    sources=(PRECEDENTS, COUNTIES),
    grade="E3",
    caveat=_CAVEAT,
)
def precedents_ahead_80km(sources: Sources) -> np.ndarray:
    """Sum of events after which the project went ahead."""
    return _within(sources, "went_ahead")


@layer(
    layer_id="precedents_open_80km",
    family="community",
    title="Contested projects undecided within 80 km",
    unit="events",
    meaning="Contested data-center projects within 80 km without an outcome yet.",
    better="context",
    valid=(0.0, 500.0),
    sources=(PRECEDENTS, COUNTIES),
    grade="E3",
    caveat=_CAVEAT,
)
def precedents_open_80km(sources: Sources) -> np.ndarray:
    """Sum of open events."""
    return _within(sources, "open")
