"""Community precedents: outcomes of data-center projects nearby that met local opposition.

Never a feature of the learned score: events follow announcements. A place without decided events is unknown, not friendly.
"""

from __future__ import annotations

import numpy as np

from sitefinder.layers.files import COUNTIES, PRECEDENTS
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer
from sitefinder.units import M_PER_KM

#: radius within which decisions count as precedents: 50 miles (method notes, feature 28)
RADIUS_KM = 80.0
#: least decided events for a share (J)
FEWEST = 1.0
#: decided events of other counties count in full up to the first and not at all from the second distance of the centres, km
FULL_KM, NONE_KM = 25.0, 80.0
#: weight of another county's decision beside the county's own: another board, other voters (J)
OTHER_COUNTY = 0.5
#: decided events that the national share counts for: a beta-binomial fit to the 441 counties with decided events gives 8.4
PRIOR_EVENTS = 8.0
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


@layer(
    layer_id="precedents_blocked_expected",
    family="community",
    title="Expected share of projects blocked here",
    unit="share",
    meaning="Share of contested data-center projects that were blocked or withdrawn, mixed outcomes as half: those of the "
    "county, and half of those of others from full weight at 25 km down to none at 80 km, drawn towards the national share as "
    "if that were 8 more cases.",
    better="low",
    valid=(0.0, 1.0),
    sources=(PRECEDENTS, COUNTIES),
    grade="E3",
    caveat=_CAVEAT + " Where nothing was decided near it is the national share, which says nothing about the place.",
)
def precedents_blocked_expected(sources: Sources) -> np.ndarray:
    """Share by county; distances are those between the counties' points inside."""
    counties = sources.features(COUNTIES)
    table = sources.table(PRECEDENTS).set_index("fips").reindex(counties["fips"])
    decided = table["decided"].to_numpy(float)
    lost = table["blocked"].to_numpy(float) + 0.5 * table["mixed"].to_numpy(float)
    inside = counties.geometry.representative_point()
    share = expected_share(lost, decided, np.stack([inside.x, inside.y], axis=1))
    values = share.astype(np.float32)[sources.county_index]
    values[sources.county_index < 0] = np.nan
    return values


def expected_share(lost: np.ndarray, decided: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Expected share lost of each county: own cases first, others' by distance, drawn towards the share of all.

    Parameters
    ----------
    lost, decided : (n,) float64
        Cases of each county.
    xy : (n, 2) float64
        A point of each, metres.

    Returns
    -------
    (n,) float64
        0..1.
    """
    from scipy.spatial import KDTree

    near = KDTree(xy).sparse_distance_matrix(KDTree(xy), NONE_KM * M_PER_KM, output_type="coo_matrix")
    weight = OTHER_COUNTY * np.clip((NONE_KM - near.data / M_PER_KM) / (NONE_KM - FULL_KM), 0.0, 1.0)
    weight[near.row == near.col] = 1.0
    cases, against = (np.bincount(near.row, weight * n[near.col], len(xy)) for n in (decided, lost))
    national = lost.sum() / decided.sum()
    return (against + PRIOR_EVENTS * national) / (cases + PRIOR_EVENTS)
