"""Money of a set with every uncertain input drawn at once.

Adding every low end, or every high end, says what the items span; no world is likely to have all of them there. Here each
draw has one value of every input: a triangular one over [low, most likely, high]. An item of a campus (land, plant, ...) shares
part of its luck with the same item of all campuses and of its market region, as the choice of the set does
(``portfolio.risk``); rates, prices, time of building and use are the same for all campuses of a draw. Formulas are those of
:mod:`sitefinder.financing.outcome`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from sitefinder.columns import Range
from sitefinder.config.financing import LENDERS, Terms
from sitefinder.financing.inputs import ProjectInputs, SiteInputs
from sitefinder.financing.outcome import rounded
from sitefinder.results.site import Site
from sitefinder.units import BASIS_POINT, HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR, USD_PER_MUSD

#: items of capital that have columns of their own; the rest are connections
ITEMS = ("land_musd", "sitework_musd", "substation_musd", "generation_musd", "water_supply_musd", "own_pipeline_musd")
#: draws, and the quantiles that are told of them
DRAWS = 2000
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class Luck:
    """How much luck campuses share, and the seed of the draws.

    Parameters
    ----------
    nation, region : float
        Share of the variance that all campuses, or all of a market region, have in common.
    seed : int
    """

    nation: float
    region: float
    seed: int


@dataclass(frozen=True)
class Uncertain:
    """A campus of the draws.

    Parameters
    ----------
    region : str
    items : tuple of Range
        Capital, million dollars; in the same order at every campus.
    energy_usd_mwh, risk_bp : Range
    """

    region: str
    items: tuple[Range, ...]
    energy_usd_mwh: Range
    risk_bp: Range


def uncertain(site: Site, inputs: SiteInputs) -> Uncertain:
    """A site whose capital is parted into its items; what no column names is the last item."""
    known = [getattr(site.costs, name) if site.costs else None for name in ITEMS]
    items = [item if item and not any(math.isnan(v) for v in item) else Range(0.0, 0.0, 0.0) for item in known]
    rest = [max(whole - sum(parts), 0.0) for whole, *parts in zip(inputs.capital, *items, strict=True)]
    return Uncertain(site.place.rto or "", (*items, Range(*sorted(rest))), inputs.energy_usd_mwh, inputs.risk_bp)


def triangular(ends: Sequence[float], u: np.ndarray) -> np.ndarray:
    """Values of a triangular distribution at probabilities.

    >>> triangular((0.0, 1.0, 2.0), np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 1.0, 2.0]
    """
    low, mid, high = ends
    span = high - low
    if span <= 0:
        return np.full(u.shape, float(mid))
    rising = low + np.sqrt(u * span * (mid - low))
    return np.where(u * span < mid - low, rising, high - np.sqrt((1.0 - u) * span * (high - mid)))


def shared_luck(rng: np.random.Generator, regions: Sequence[str], luck: Luck, draws: int = DRAWS) -> np.ndarray:
    """(n_sites, draws) probabilities of one item, uniform each, related within the nation and each region."""
    names = sorted(set(regions))
    whole, by_region = rng.standard_normal(draws), rng.standard_normal((len(names), draws))
    own = rng.standard_normal((len(regions), draws))
    at = [names.index(name) for name in regions]
    alone = max(0.0, 1.0 - luck.nation - luck.region)
    return np.asarray(ndtr(math.sqrt(luck.nation) * whole + math.sqrt(luck.region) * by_region[at] + math.sqrt(alone) * own))


def joint(sites: Sequence[Uncertain], project: ProjectInputs, terms: Terms, luck: Luck) -> dict[str, np.ndarray]:
    """Money of the set by draw.

    Parameters
    ----------
    sites : sequence of Uncertain
    project : ProjectInputs
    terms : Terms
    luck : Luck

    Returns
    -------
    dict of str to (draws,) float64
        ``capital``, ``carry``, ``uses``, ``equity``, each lender, ``service``, ``cash`` (million dollars), ``dscr``.
    """
    rng, regions = np.random.default_rng(luck.seed), [s.region for s in sites]
    capital = np.zeros((len(sites), DRAWS))
    for parts in zip(*(s.items for s in sites), strict=True):
        luck_of = shared_luck(rng, regions, luck)
        capital += [triangular(item, u) for item, u in zip(parts, luck_of, strict=True)]
    energy_luck = shared_luck(rng, regions, luck)
    energy = np.array([triangular(s.energy_usd_mwh, u) for s, u in zip(sites, energy_luck, strict=True)])
    by_group = {name: rng.random(DRAWS) for name in ("rates", "income", "fixed", "building", "load")}
    debt = _debt(capital, np.array([triangular(s.risk_bp, by_group["rates"]) for s in sites]), terms, by_group)
    cash = _cash(energy, [s.energy_usd_mwh.mid for s in sites], project, terms, by_group)
    money = {"capital": capital.sum(axis=0), **debt, "cash": cash}
    return money | {"carry": money["uses"] - money["capital"], "dscr": cash / money["service"]}


def _debt(capital: np.ndarray, risk: np.ndarray, terms: Terms, luck: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Uses, sources and debt service of the set, (draws,) each; capital and risk are (n_sites, draws)."""
    u, money = luck["rates"], terms.structure
    equity, base = triangular(money.equity, u), triangular(terms.base_rate, u)
    years = triangular(terms.building_months, luck["building"]) / MONTHS_PER_YEAR
    shares, rates, eaten = {}, {}, np.zeros_like(capital)
    for name in LENDERS:
        lender = terms.lenders.of(name)
        margin = triangular(lender.spread_bp, u) + lender.site_risk_share * risk + triangular(lender.guarantee_bp, u)
        shares[name], rates[name] = (1.0 - equity) * money.by_lender[name], base + margin * BASIS_POINT
        eaten += shares[name] * (triangular(lender.upfront_fee, u) + rates[name] * years / 2.0)
    uses = capital / (1.0 - np.minimum(eaten, 0.99))
    loans = {name: share * uses for name, share in shares.items()}
    tenors = {name: triangular(terms.lenders.of(name).tenor_years, 1.0 - u) for name in LENDERS}  # high rates, short loans
    service = sum(loans[n] * rates[n] / -np.expm1(-tenors[n] * np.log1p(rates[n])) for n in LENDERS)
    sums = {"uses": uses, "equity": equity * uses, **loans, "service": service}
    return {name: np.asarray(value).sum(axis=0) for name, value in sums.items()}


def _cash(
    energy: np.ndarray, signed: Sequence[float], project: ProjectInputs, terms: Terms, luck: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Cash of a year of the set, (draws,); ``signed`` is the cost of energy at each campus when the tenant signs."""
    income, count = terms.income, len(signed)
    mwh = project.mw * HOURS_PER_YEAR * triangular(project.load_factor, luck["load"])
    fixed = triangular(income.fixed_musd_mw_yr, luck["fixed"]) * project.mw
    if terms.scope == "campus":
        units = project.mw / project.pue.mid * KW_PER_MW * MONTHS_PER_YEAR
        return np.asarray(count * (triangular(income.rent_usd_kw_month, luck["income"]) * units / USD_PER_MUSD - fixed))
    borne = energy if income.energy_risk == "owner" else np.array(signed)[:, None]
    earned = (triangular(income.delivered_usd_mwh, luck["income"]) - borne) * mwh / USD_PER_MUSD
    return np.asarray((earned - fixed).sum(axis=0))


def quantiles(values: np.ndarray) -> dict[str, float | None]:
    """P10, P50 and P90 of draws, as they go into files."""
    return {name: rounded(float(np.quantile(values, q))) for name, q in QUANTILES.items()}
