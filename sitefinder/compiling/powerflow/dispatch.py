"""Load and generation at the buses on a summer peak: demand, output of plants, and the units that would serve additional load."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from sitefinder.units import M_PER_KM

#: loads hang on the sub-transmission level and on 230 kV where cities have nothing below it
LOAD_KV = 230
#: a plant's register voltage counts if a bus of that class lies within this distance
PLANT_REACH_KM = 10.0
#: without it, plants of this size (MW) and more connect at this class and above
SIZE_KV = ((400.0, 230), (0.0, 100))
#: new load is fed by the cheapest idle units of its region, up to this many MW
NEXT_UNITS_MW = 5000.0


@dataclass(frozen=True)
class Plants:
    """Power plants.

    Parameters
    ----------
    xy : (n, 2) float64
        EPSG:5070, metres.
    mw : (n,) float64
        Capacity that can be counted on at the peak.
    order : (n,) int
        Place in the merit order, cheapest first.
    dispatchable : (n,) bool
        Can give more when asked.
    kv : (n,) int
        Voltage class of the grid it feeds, 0 unknown.
    nameplate : (n,) float64
        MW.
    synchronous : (n,) bool
        Turns with the grid; wind, solar and batteries feed in through inverters.
    """

    xy: np.ndarray
    mw: np.ndarray
    order: np.ndarray
    dispatchable: np.ndarray
    kv: np.ndarray
    nameplate: np.ndarray
    synchronous: np.ndarray


def load_bus(points: np.ndarray, bus_xy: np.ndarray, bus_kv: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """(n_points,) nearest usable bus of 230 kV or less."""
    candidates = np.flatnonzero(usable & (bus_kv <= LOAD_KV))
    return candidates[cKDTree(bus_xy[candidates]).query(points)[1]]


def plant_bus(plants: Plants, bus_xy: np.ndarray, bus_kv: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """(n_plants,) bus of each plant: of its register voltage if near, else of the class for its size."""
    bus = np.full(len(plants.xy), -1)
    for level in np.unique(plants.kv[plants.kv > 0]):
        at = np.flatnonzero(usable & (bus_kv == level))
        here = np.flatnonzero(plants.kv == level)
        if at.size and here.size:
            distance, row = cKDTree(bus_xy[at]).query(plants.xy[here])
            near = distance <= PLANT_REACH_KM * M_PER_KM
            bus[here[near]] = at[row[near]]
    by_size = size_bus(plants, bus_xy, bus_kv, usable)
    return np.where(bus >= 0, bus, by_size)


def size_bus(plants: Plants, bus_xy: np.ndarray, bus_kv: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """(n_plants,) nearest bus of the voltage class for the size of the plant, without other information."""
    bus = np.full(len(plants.xy), -1)
    for least_mw, level in SIZE_KV:
        here = np.flatnonzero((bus < 0) & (plants.nameplate >= least_mw))
        at = np.flatnonzero(usable & (bus_kv >= level))
        if here.size and at.size:
            bus[here] = at[cKDTree(bus_xy[at]).query(plants.xy[here])[1]]
    return bus


def dispatch(plants: Plants, plant_region: np.ndarray, grid_of_region: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Merit order: every region feeds itself first, what is missing comes from idle plants of the same interconnection.

    Parameters
    ----------
    plants : Plants
    plant_region : (n_plants,) int
    grid_of_region : (n_regions,) int
        Interconnection of each region.
    load : (n_regions,) float64
        MW.

    Returns
    -------
    (n_plants,) float64
        MW; an interconnection without enough capacity runs flat out and stays short.
    """
    given = np.zeros(len(plants.mw))
    short = np.zeros(len(load))
    for region in range(len(load)):
        here = np.flatnonzero(plant_region == region)
        given[here] = _fill(plants.mw[here], plants.order[here], load[region])
        short[region] = load[region] - given[here].sum()
    for grid in np.unique(grid_of_region):
        here = np.flatnonzero(grid_of_region[plant_region] == grid)
        missing = float(short[grid_of_region == grid].sum())
        given[here] += _fill(plants.mw[here] - given[here], plants.order[here], missing)
    return given


def _fill(capacity: np.ndarray, order: np.ndarray, load: float) -> np.ndarray:
    """Output of plants that serve a load cheapest first; plants of one place in the order share evenly."""
    given = np.zeros(len(capacity))
    for place in np.unique(order):
        same = order == place
        total = capacity[same].sum()
        if total > 0 and load > 0:
            given[same] = capacity[same] * min(1.0, load / total)
            load -= given[same].sum()
    return given


def next_units(
    plants: Plants, given: np.ndarray, plant_region: np.ndarray, grid_of_region: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Units that would serve additional load in each region.

    Returns
    -------
    (n_regions, n_plants) float64
        Shares that sum to 1: the cheapest idle dispatchable units of the region up to 5 GW, and where it has less, the cheapest
        of its interconnection; 0 where nothing is idle.
    (n_regions,) float64
        Idle dispatchable capacity of the interconnection, MW.
    """
    idle = np.where(plants.dispatchable, np.maximum(plants.mw - given, 0.0), 0.0)
    count = len(grid_of_region)
    share, supply = np.zeros((count, len(given))), np.zeros(count)
    for region in range(count):
        own = idle * (plant_region == region)
        whole = idle * (grid_of_region[plant_region] == grid_of_region[region])
        taken_mw = _fill(own, plants.order, NEXT_UNITS_MW)
        taken_mw += _fill(whole - own, plants.order, NEXT_UNITS_MW - taken_mw.sum())
        supply[region] = whole.sum()
        share[region] = taken_mw / taken_mw.sum() if taken_mw.sum() > 0 else 0.0
    return share, supply
