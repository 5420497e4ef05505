"""Reactance and rating of lines and transformers, which no register publishes: distributions, not values.

Per voltage class, reactance per length and thermal rating are drawn from the synthetic network of Texas A&M University and
Breakthrough Energy (82,071 buses; statistics only, its places are invented). Long lines carry less than their thermal rating:
the curve of St. Clair as the power law of PreREISE (Breakthrough Energy), 43.261 * miles ** -0.6678 times the surge impedance
loading.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sitefinder.compiling.powerflow.topology import Network
from sitefinder.units import M_PER_KM, M_PER_MILE

#: surge impedance loading of a typical line of the class, MW (Dunlop, Gutman and Marchenko 1979; utility handbooks)
SURGE_MW = {138: 50.0, 230: 140.0, 345: 420.0, 500: 1000.0, 765: 2280.0}
ST_CLAIR = (43.261, -0.6678)
#: shorter branches get the reactance of this length: a bus section is not a short circuit, and the equations stay solvable
MIN_KM = 0.2
#: share of shapes that stand for two circuits is drawn between that of the synthetic network and this; how many do is unknown
MOST_DOUBLE = 0.20
#: the 0.9 quantile of a normal distribution lies this many standard deviations above its median
Z90 = 1.2815515655446004


@dataclass(frozen=True)
class Statistics:
    """Distributions per voltage class, from the 10, 50 and 90 % quantiles of a reference network.

    Parameters
    ----------
    ohm_per_km : dict of int to (3,) float64
        Reactance.
    line_mva : dict of int to (3,) float64
        Thermal rating of one circuit.
    bank_mva : dict of (int, int) to (3,) float64
        Rating of one transformer by higher and lower class.
    bank_x : (3,) float64
        Reactance of a transformer, per unit of its own rating.
    double_share : float
        Share of lines that have a second circuit between the same buses.
    bank_share : (3,) float64
        Shares of stations with one, two, and three or more transformers in parallel.
    """

    ohm_per_km: dict[int, np.ndarray]
    line_mva: dict[int, np.ndarray]
    bank_mva: dict[tuple[int, int], np.ndarray]
    bank_x: np.ndarray
    double_share: float
    bank_share: np.ndarray


@dataclass(frozen=True)
class Branches:
    """Electrical parameters of the branches of a network.

    Parameters
    ----------
    susceptance : (n_branches,) float64
        MW per radian.
    rating : (n_branches,) float64
        MW.
    """

    susceptance: np.ndarray
    rating: np.ndarray


def st_clair_mw(kv: np.ndarray, km: np.ndarray) -> np.ndarray:
    """(n,) MW that stability and voltage allow on one circuit of a class and length.

    >>> float(st_clair_mw(np.array([345]), np.array([300 * 1.609344])).round())
    403.0
    """
    surge = np.vectorize(SURGE_MW.get, otypes=[float])(kv)
    miles = np.maximum(km * M_PER_KM / M_PER_MILE, 1.0)
    return surge * ST_CLAIR[0] * miles ** ST_CLAIR[1]


def typical(network: Network, statistics: Statistics) -> Branches:
    """Medians of every distribution, one circuit and the most common number of transformers."""
    centre = np.zeros(network.km.size)
    return _branches(network, statistics, centre, centre, np.ones(network.km.size))


def draw(network: Network, statistics: Statistics, rng: np.random.Generator) -> Branches:
    """One draw of reactance, rating and number of circuits; independent between branches."""
    n = network.km.size
    share = rng.uniform(statistics.double_share, MOST_DOUBLE)
    circuits = np.where(rng.random(n) < share, 2.0, 1.0)
    banks = 1.0 + rng.choice(len(statistics.bank_share), n, p=statistics.bank_share)
    number = np.where(network.is_transformer, banks, circuits)
    return _branches(network, statistics, rng.standard_normal(n), rng.standard_normal(n), number)


def _branches(
    network: Network, statistics: Statistics, z_reactance: np.ndarray, z_rating: np.ndarray, number: np.ndarray
) -> Branches:
    kv = network.branch_kv
    low = np.minimum(network.kv[network.start], network.kv[network.end])
    susceptance, rating = np.empty(kv.size), np.empty(kv.size)
    for level in np.unique(kv[~network.is_transformer]):
        at = np.flatnonzero((kv == level) & ~network.is_transformer)
        ohm = _spread(statistics.ohm_per_km[int(level)], z_reactance[at]) * np.maximum(network.km[at], MIN_KM)
        susceptance[at] = number[at] * float(level) ** 2 / ohm
        thermal = _spread(statistics.line_mva[int(level)], z_rating[at])
        rating[at] = number[at] * np.minimum(thermal, st_clair_mw(kv[at], network.km[at]))
    for high, under in {(int(a), int(b)) for a, b in zip(kv[network.is_transformer], low[network.is_transformer], strict=True)}:
        at = np.flatnonzero((kv == high) & (low == under) & network.is_transformer)
        rating[at] = number[at] * _spread(statistics.bank_mva[high, under], z_rating[at])
        susceptance[at] = rating[at] / _spread(statistics.bank_x, z_reactance[at])
    return Branches(susceptance, rating)


def _spread(quantiles: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Values of a two-piece log-normal distribution that has the given 10, 50 and 90 % quantiles, at standard scores."""
    low, middle, high = np.log(quantiles)
    return np.exp(middle + np.where(z < 0, middle - low, high - middle) * z / Z90)
