"""What the user knows better than the registers: land that is cleared, acres that are usable."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sitefinder.config import Config
from sitefinder.layers.stack import LayerStack
from sitefinder.layers.taken import CAUSES, LAYER_OF, WORDS
from sitefinder.power.stated import COLUMNS as POWER_COLUMNS
from sitefinder.power.stated import NOTHING_SAID, StatedPower, is_empty, stated_power_of
from sitefinder.scoring.exclusions import Exclusions, active_gates, gate_mask
from sitefinder.scoring.score import profile
from sitefinder.sites.campuses import Campus, Field
from sitefinder.units import M2_PER_ACRE

#: layer of the buildable share of a cell
BUILDABLE = "buildable_pct"
#: column names of the user's list
CLEARED, USABLE = "cleared", "usable_acres"
#: all columns that state something
STATED = (CLEARED, USABLE, *POWER_COLUMNS)
#: causes of taken land that a user can state to be gone; a river stays, and so does a park
CLEARABLE = tuple(cause for cause in CAUSES if cause not in ("rivers", "parks"))
BY_THE_USER = "stated by the user"


@dataclass(frozen=True)
class Stated:
    """Facts of one row of the user's list.

    Parameters
    ----------
    cleared : tuple of str
        Causes of ``CLEARABLE`` that no longer stand on the land.
    usable_acres : float or None
        Acres that can be built on.
    power : StatedPower
        What is said about power, price and zoning.
    """

    cleared: tuple[str, ...] = ()
    usable_acres: float | None = None
    power: StatedPower = NOTHING_SAID

    @property
    def words(self) -> str:
        """What is stated, for the reader; empty where nothing is."""
        gone = ", ".join(WORDS[cause] for cause in self.cleared)
        parts = [f"cleared of {gone}"] if gone else []
        parts += [f"{self.usable_acres:,.0f} usable acres"] if self.usable_acres is not None else []
        of_land = f"{BY_THE_USER}: {'; '.join(parts)}" if parts else ""
        return "; ".join(words for words in (of_land, self.power.words) if words)


#: nothing is stated
NOTHING = Stated()


def stated_of(values: Mapping[str, Any]) -> Stated | str:
    """The facts of a row, or its problem with the remedy.

    Parameters
    ----------
    values : mapping
        Column of ``STATED`` -> its content. Causes in ``cleared`` are separated by semicolons.

    >>> stated_of({"cleared": "plants; stations", "usable_acres": "900"}).cleared
    ('plants', 'stations')
    """
    cleared, usable_acres = values.get(CLEARED), values.get(USABLE)
    named = [word.strip().lower() for word in str(cleared).split(";")] if not is_empty(cleared) else []
    causes = tuple(dict.fromkeys(word for word in named if word))
    for cause in causes:
        if cause not in CLEARABLE:
            return f"{CLEARED} names '{cause[:30]}'. Use {', '.join(CLEARABLE)}, separated by semicolons."
    power = stated_power_of(values)
    if isinstance(power, str):
        return power
    if is_empty(usable_acres):
        return Stated(causes, None, power)
    try:
        acres = float(str(usable_acres))
    except (TypeError, ValueError):
        acres = math.nan
    if not 0 <= acres < math.inf:
        return f"{USABLE} '{str(usable_acres)[:20]}' must be a number of at least 0. Correct it or leave it empty."
    return Stated(causes, acres, power)


def as_stated(campus: Campus, stated: Stated, field: Field, config: Config) -> Campus:
    """The campus with the acres that the user states, never more than its land holds, and what is gone from it."""
    if not stated.cleared and stated.usable_acres is None:
        return campus
    acres = campus.acres if stated.usable_acres is None else stated.usable_acres
    holds = campus.share.sum() * field.land.grid.cell_acres if campus.parcel is None else campus.parcel.area / M2_PER_ACRE
    acres = min(acres, float(holds))
    enough = bool(acres >= (campus.wanted or config.campus_acres))
    return dataclasses.replace(campus, acres=acres, enough=enough, cleared=stated.cleared)


def cleared_land(
    stated: Stated, index: np.ndarray, field: Field, excluded: Exclusions, stack: LayerStack, config: Config
) -> tuple[Field, Exclusions]:
    """Field and reasons with the land of a site as it is once what its user states to be gone is gone.

    Buildable acres are those that the causes had taken, and gates of the buildable share are judged on them.

    Parameters
    ----------
    stated : Stated
    index : (n,) int
        Places of the cells of the site in the land index.
    field : Field
    excluded : Exclusions
    stack : LayerStack
    config : Config
    """
    if not stated.cleared or not index.size:
        return field, excluded
    bits, acres, score = excluded.bits.copy(), field.acres.copy().reshape(-1), field.score.copy().reshape(-1)
    cell_acres = field.land.grid.cell_acres
    cells = field.land.cells[index]
    left = np.prod([1.0 - stack.at(LAYER_OF[cause], index) / 100.0 for cause in stated.cleared], axis=0)
    acres[cells] = freed(acres[cells], left, cell_acres)
    for i, gate in enumerate(active_gates(config).values()):
        if gate.layer == BUILDABLE:
            passes = ~gate_mask(gate, 100.0 * acres[cells] / cell_acres)
            bits[index[passes]] &= ~np.uint32(1 << i)
    free = (bits[index] == 0) & np.isnan(score[cells])
    if free.any():
        score[cells[free]] = profile(stack, config, index[free]).score
    shape = field.land.grid.shape
    changed = dataclasses.replace(field, acres=acres.reshape(shape), score=score.reshape(shape))
    return changed, dataclasses.replace(excluded, bits=bits)


def freed(acres: np.ndarray, left: np.ndarray, cell_acres: float) -> np.ndarray:
    """Buildable acres of cells once some causes are gone, (n,) float64.

    Parameters
    ----------
    acres : (n,) float64
        Buildable beside the causes, of whole cells.
    left : (n,) float64
        Share of each cell that the causes leave, 0 to 1.
    cell_acres : float
        Of a cell: the most that it holds, and what it counts where the causes left nothing to tell the rest from.

    >>> freed(np.array([100.0, 0.0]), np.array([0.5, 0.0]), 247.0).tolist()
    [200.0, 247.0]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(left > 0.0, np.minimum(acres / left, cell_acres), cell_acres)
