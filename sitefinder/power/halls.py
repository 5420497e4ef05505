"""The campus itself: how many megawatts its halls can take at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sitefinder.config.delivery import Delivery
from sitefinder.config.early_power import of_year
from sitefinder.kernels import schedule
from sitefinder.power.approvals import APPROVALS, approval_months
from sitefinder.power.facts import Facts
from sitefinder.power.source import SHARES, Draws

FIRST_HALL, FURTHER_HALLS = "first hall", "further halls"
#: steps of the campus itself, after those of its power
HALL_STEPS = (APPROVALS, FIRST_HALL, FURTHER_HALLS)


class Halls:
    """Building time of a campus.

    Parameters
    ----------
    facts : Facts
    settings : Delivery
    u : mapping
        Common random numbers of every step and amount.

    Attributes
    ----------
    approvals, construction : (n, draws) float32
        Months of local approvals, and of the first hall with its earthworks after them.
    first : (n, draws) float32
        Months to the end of both.
    block : (n, draws) float32
        MW of the first hall.
    growth : (n, draws) float32
        Months from the first power in the first hall to the whole load.
    phased : (n, 1) bool
        Halls run one by one; else nothing runs before the whole campus does.
    whole : (n, draws) float32
        Months to the whole campus where it is not phased.
    """

    def __init__(self, facts: Facts, settings: Delivery, u: Draws) -> None:
        draw, halls, pace = schedule.triangular, settings.halls, settings.pace
        light = np.logical_or.reduce([facts.hand.option(name) for name in halls.light_with] or [np.zeros(facts.size, bool)])
        slip = schedule.lognormal(u["own slip"], pace.own_slip) * pace.of_region(list(facts.region))
        standard = draw(u[FIRST_HALL], of_year(halls.standard, facts.year)) * np.float32(pace.halls)
        quick = draw(u[FIRST_HALL], np.array(halls.light)) * np.float32(pace.light_halls)
        self.load = facts.load_mw.astype(np.float32)[:, None]
        few, many = np.log(np.array(halls.labour_jobs))
        remote = np.clip((many - np.log(np.maximum(facts.jobs, 1.0))) / (many - few), 0.0, 1.0)
        crews = remote[:, None] * np.array(halls.labour)
        self.approvals = approval_months(facts, settings, u)
        earthworks = draw(u[FIRST_HALL], facts.slope_pct[:, None] * np.array(halls.earthworks_per_slope) + crews)
        self.construction = np.where(light[:, None], quick, standard) * slip + earthworks
        self.first = self.approvals + self.construction
        share = draw(u["first share"], np.array(halls.first_share))
        self.block = np.minimum(np.maximum(share * self.load, np.float32(halls.first_mw)), self.load)
        rate = draw(u["most per month"], np.array(halls.most_mw_per_month))
        ramp = draw(u[FURTHER_HALLS], of_year(halls.ramp, facts.year)) * np.float32(pace.ramp) * slip
        self.growth = np.maximum(ramp, (self.load - self.block) / rate)
        self.phased = facts.hand.phased[:, None]
        at_once = self.approvals + self.construction * draw(u["whole"], np.array(halls.whole))
        self.whole = np.maximum(at_once, self.first + (self.load - self.block) / rate)

    def reach(self, mw: float, powered: np.ndarray) -> np.ndarray:
        """(n, draws) months until the halls take so many MW, or the whole load if that is less.

        Parameters
        ----------
        mw : float
        powered : (n, draws) float32
            Months until the first power: halls grow when the first one runs.
        """
        target = np.minimum(np.float32(mw), self.load)
        missing, whole = np.maximum(target - self.block, 0.0), np.maximum(self.load - self.block, 1.0)
        grows = np.maximum(self.first, powered) + missing / whole * self.growth
        return np.where(self.phased, np.where(missing > 0, grows, self.first), self.whole)

    def mw(self, t: np.ndarray | float, powered: np.ndarray) -> np.ndarray:
        """(n, draws) MW that the halls take at a time."""
        since = np.maximum(t - np.maximum(self.first, powered), 0.0)
        part = np.minimum(since / np.maximum(self.growth, 1e-3), 1.0)
        grown = np.where(t >= self.first, self.block + (self.load - self.block) * part, 0.0)
        return np.where(self.phased, grown, np.where(t >= self.whole, self.load, 0.0))

    def lengths(self, shares: Sequence[float] = SHARES) -> np.ndarray:
        """(n, steps, shares) quantiles of the months of ``HALL_STEPS``."""
        return np.stack([schedule.quantiles(m, shares) for m in (self.approvals, self.construction, self.growth)], axis=1)
