"""Hard gates: which cells cannot hold a campus, for which reasons, and how many acres each gate costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sitefinder.config import Gate
from sitefinder.layers.added import UNAVAILABLE
from sitefinder.units import M_PER_KM

if TYPE_CHECKING:
    from sitefinder.config import Config
    from sitefinder.layers.stack import LayerStack

#: largest cells of which a campus takes the whole, metres
WHOLE_CELL_M = 2000.0
#: share of a cell from which all of it is unavailable, %: polygons are sampled along rows
ALL_PCT = 99.0
#: gates on the land that the user calls unavailable: of whole cells, and of cells that it touches
_CALLED = {"layer": UNAVAILABLE, "unit": "%", "reason": "unavailable (stated by the user)"}
UNAVAILABLE_GATES = {
    "unavailable": Gate(**_CALLED, above=ALL_PCT),
    "unavailable_in_part": Gate(**_CALLED, above=0.0, scope="footprint", cells_up_to_m=WHOLE_CELL_M),
}


@dataclass(frozen=True)
class Exclusions:
    """Reason bits of every land cell.

    Parameters
    ----------
    bits : (n_land,) uint32
        Bit i is set where gate i excludes the cell; 0 = free.
    names : tuple of str
        Gate of each bit, in the order of the configuration.
    key : str
        Name under which they are cached: equal keys, equal bits.
    """

    bits: np.ndarray
    names: tuple[str, ...]
    key: str = ""

    def reasons(self, bits: int) -> list[str]:
        """Names of the gates set in one cell's bits."""
        return [name for i, name in enumerate(self.names) if bits >> i & 1]

    def ledger(self, cell_acres: float) -> dict[str, dict[str, float]]:
        """Acres that each gate excludes alone, adds in sequence, and excludes as the only reason.

        Parameters
        ----------
        cell_acres : float

        Returns
        -------
        dict
            Gate -> ``alone_acres``, ``in_sequence_acres``, ``only_reason_acres``; besides ``land`` and ``free`` with
            ``acres``.
        """
        table: dict[str, dict[str, float]] = {"land": {"acres": self.bits.size * cell_acres}}
        before = np.zeros(self.bits.size, bool)
        for i, name in enumerate(self.names):
            hit = (self.bits >> np.uint32(i) & np.uint32(1)).astype(bool)
            table[name] = {
                "alone_acres": int(hit.sum()) * cell_acres,
                "in_sequence_acres": int((hit & ~before).sum()) * cell_acres,
                "only_reason_acres": int((self.bits == np.uint32(1 << i)).sum()) * cell_acres,
            }
            before |= hit
        table["free"] = {"acres": int((~before).sum()) * cell_acres}
        return table


def gate_mask(gate: Gate, values: np.ndarray) -> np.ndarray:
    """True where the gate excludes; unknown cells pass (unknown is not a reason to exclude)."""
    with np.errstate(invalid="ignore"):
        if gate.above is not None:
            return values > gate.above
        return values < gate.below


def active_gates(config: Config) -> Mapping[str, Gate]:
    """Gates that take a place out of the score, in order; those that are switched off are left out."""
    return _asked(config, "place")


def footprint_gates(config: Config) -> Mapping[str, Gate]:
    """Gates that keep campuses of the national list off a cell whose score stays, in order."""
    return _asked(config, "footprint")


def _asked(config: Config, scope: str) -> Mapping[str, Gate]:
    cell_m, mw = config.grid.resolution_m, config.project.mw

    def asked(gate: Gate) -> bool:
        return gate.on and gate.scope == scope and cell_m <= (gate.cells_up_to_m or np.inf) and mw <= (gate.to_mw or np.inf)

    gates = config.exclusions | (UNAVAILABLE_GATES if config.layers.unavailable else {})
    return {name: gate for name, gate in gates.items() if asked(gate)}


def inclusion_gates(config: Config) -> Mapping[str, Gate]:
    """Rules that free a cell of every gate, in order; those that are switched off or not asked are left out."""
    cell_m, mw = config.grid.resolution_m, config.project.mw
    asked = {k: g for k, g in config.inclusions.items() if g.on and mw <= (g.to_mw or np.inf)}
    return {k: g for k, g in asked.items() if cell_m <= (g.cells_up_to_m or np.inf)}


def included(config: Config, values: Callable[[str], np.ndarray], size: int) -> np.ndarray:
    """(size,) bool: cells that an inclusion frees of every gate; ``values`` gives those of a layer."""
    free = np.zeros(size, bool)
    for gate in inclusion_gates(config).values():
        free |= gate_mask(gate, values(gate.layer))
    return free


def occupied(stack: LayerStack, config: Config) -> np.ndarray:
    """(n_land,) bool: cells on which no campus of the list may lie: something stands there, or lies too near a corner."""
    hit = np.zeros(stack.land.size, bool)
    for gate in footprint_gates(config).values():
        hit |= gate_mask(gate, stack.values(gate.layer))
    for gate in distance_gates(config).values():
        least = (gate.below or 0.0) + _corner_km(config)
        hit |= gate_mask(gate.model_copy(update={"below": least}), stack.values(gate.layer))
    hit[included(config, stack.values, hit.size)] = False
    return hit


def distance_gates(config: Config) -> Mapping[str, Gate]:
    """Active gates that ask for a least distance: they hold for all land of a campus, not for the centres of its cells alone.

    A layer knows the distance of the centre of a cell, and its corners may lie nearer. On cells larger than ``WHOLE_CELL_M`` a
    campus fits into the far side of one.
    """
    if config.grid.resolution_m > WHOLE_CELL_M:
        return {}
    return {name: gate for name, gate in active_gates(config).items() if gate.unit == "km" and gate.below is not None}


def _corner_km(config: Config) -> float:
    """Distance of the corners of a cell from its centre."""
    return float(np.hypot(0.5, 0.5)) * config.grid.resolution_m / M_PER_KM


def exclude(stack: LayerStack, config: Config) -> Exclusions:
    """Apply the active gates to the stack."""
    gates = active_gates(config)
    bits = np.zeros(stack.land.size, np.uint32)
    for i, gate in enumerate(gates.values()):
        bits[gate_mask(gate, stack.values(gate.layer))] |= np.uint32(1 << i)
    bits[included(config, stack.values, bits.size)] = 0
    return Exclusions(bits, tuple(gates))
