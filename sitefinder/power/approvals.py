"""Local approvals: what has to be settled at the place before anybody builds there."""

from __future__ import annotations

import numpy as np

from sitefinder.config.delivery import Delivery
from sitefinder.kernels import schedule
from sitefinder.power.facts import Facts
from sitefinder.power.source import Draws

APPROVALS = "local approvals"
PEOPLE_PER_STEP = 1000.0


def approval_months(facts: Facts, settings: Delivery, u: Draws) -> np.ndarray:
    """(n, draws) float32 months of zoning, site plan and local permits; nothing where the zoning allows the campus by right.

    Longer where the projects around are contested, by the share of them that is blocked, and where people live beside the land;
    less so for small campuses.

    Parameters
    ----------
    facts : Facts
        Without unknown values.
    settings : Delivery
    u : mapping
        Common random numbers.
    """
    terms = settings.approvals
    contested = np.maximum(facts.blocked - terms.contested_from, 0.0)[:, None] * np.array(terms.per_blocked)
    beside = (facts.people / PEOPLE_PER_STEP)[:, None] * np.array(terms.per_1000_people)
    size = np.minimum(facts.load_mw / terms.full_mw, 1.0)[:, None]
    months = schedule.triangular(u[APPROVALS], np.array(terms.months) + size * (contested + beside))
    return (months * ~facts.hand.approved[:, None]).astype(np.float32)
