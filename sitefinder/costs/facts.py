"""Gas, water, land value, prices and taxes at each site: layers, and small tables that no layer holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sitefinder.columns import LOW, MID
from sitefinder.config import Project
from sitefinder.config.costs import Power, WaterNeed
from sitefinder.costs.formulas import peak_mgd
from sitefinder.grid import from_lonlat
from sitefinder.layers.files import COUNTY_USE, LARGE_LOAD_TERMS, PIPELINE_CAPACITY, RIVERS, SALES_TAX, STATE_POLICY
from sitefinder.layers.package import DataPackage, read_features, read_table
from sitefinder.layers.stack import LayerStack
from sitefinder.units import M3S_PER_MGD, M_PER_KM

#: files that this stage reads itself
FILES = (PIPELINE_CAPACITY, RIVERS, COUNTY_USE, STATE_POLICY, SALES_TAX, LARGE_LOAD_TERMS)
#: layer -> field that it fills
FIELD_OF_LAYER = {
    "free_cooling_hours": "free_hours",
    "design_wetbulb_c": "wetbulb_c",
    "drought_share": "drought",
    "reclaimed_25km_mgd": "reclaimed_mgd",
    "land_value_usd_acre": "land_usd_acre",
    "slope_pct": "slope_pct",
    "power_price_usd_mwh": "price_usd_mwh",
}
PRICE_LAYER = "power_price_usd_mwh"
#: price of a utility over the mean of its state: an average outside is a contract of few customers or old hydropower (J)
PRICE_BAND = (0.7, 1.4)
PIPELINE_LAYER = "gas_interstate_km"
#: layers that the stack has to hold
LAYERS = (*FIELD_OF_LAYER, PIPELINE_LAYER)


@dataclass(frozen=True)
class CountyUse:
    """Row of the table of county water use: fresh water withdrawn, million gallons a day."""

    fips: str
    fresh_mgd: float | None


@dataclass(frozen=True)
class PipelineCapacity:
    """Row of the table of pipeline capacity: gas that the company moves across one state line, million cubic feet a day."""

    pipeline: str
    mmcfd: float | None


@dataclass(frozen=True)
class SalesTax:
    """Row of the table of sales taxes: fractions of the price."""

    state: str
    state_rate: float | None
    local_rate: float | None


@dataclass(frozen=True)
class StatePolicy:
    """Row of the table of state policy: tax relief for data centers, corporate tax as a fraction, whether a tariff is known."""

    state: str
    incentive: str | None
    incentive_kind: str | None
    minimum_investment: str | None
    corporate_tax_rate: float | None
    large_load_tariff: str | None = None


@dataclass(frozen=True)
class LoadTerms:
    """Row of the table of large-load tariffs of a state: how many, contract years, least demand billed in percent."""

    state: str
    tariffs: int
    years_low: float
    years_high: float
    least_demand_pct_low: float
    least_demand_pct_high: float


class Rivers(NamedTuple):
    """River of each site: names of the reach and of its main stem (n,) object, mean flow in m3/s and distance in km (n,) float64.

    None, 0 and NaN without one.
    """

    name: np.ndarray
    system: np.ndarray
    flow_m3s: np.ndarray
    km: np.ndarray


@dataclass(frozen=True)
class CostFacts:
    """Gas, water, land value, prices and taxes of the sites; NaN or None = unknown unless stated otherwise.

    Parameters
    ----------
    state : (n,) object
        Postal code.
    free_hours, wetbulb_c : (n,) float64
        Hours of evaporative free cooling a year, design wet bulb in degrees C.
    drought : (n,) float64
        Share of the county in severe drought, over time.
    reclaimed_mgd : (n,) float64
        Design flow of wastewater plants within 25 km.
    county_mgd : (n,) float64
        Fresh water withdrawn in the county.
    river : (n,) object
        Name of the river; None = unnamed or none within reach.
    river_system : (n,) object
        Name of its main stem at the outlet; None = none.
    river_m3s, river_km : (n,) float64
        Its mean flow and distance; 0 and NaN where none is within reach.
    pipeline : (n,) object
        Pipeline that would feed the campus: that of its route, else the nearest interstate one.
    pipeline_mmcfd : (n,) float64
        What its company moves across one state line.
    land_usd_acre : (n,) float64
        Value of residential land.
    slope_pct : (n,) float64
    price_usd_mwh : (n,) float64
        Average industrial price of the utility, or of the state.
    price_basis : (n,) object
        Whose price it is, with its grade.
    region : (n,) object
        Market region.
    gas_hub : (n,) object
        Nearest point where gas is traded.
    gas_basis : (n, 3) float64
        Its price less that at Henry Hub, USD/MMBtu.
    sales_tax, local_tax, corporate_tax : (n,) float64
        Fractions.
    relief, terms : (n,) object
        Tax relief for data centers, and terms of large-load tariffs, in words.
    """

    state: np.ndarray
    free_hours: np.ndarray
    wetbulb_c: np.ndarray
    drought: np.ndarray
    reclaimed_mgd: np.ndarray
    county_mgd: np.ndarray
    river: np.ndarray
    river_system: np.ndarray
    river_m3s: np.ndarray
    river_km: np.ndarray
    pipeline: np.ndarray
    pipeline_mmcfd: np.ndarray
    land_usd_acre: np.ndarray
    slope_pct: np.ndarray
    price_usd_mwh: np.ndarray
    price_basis: np.ndarray
    region: np.ndarray
    gas_hub: np.ndarray
    gas_basis: np.ndarray
    sales_tax: np.ndarray
    local_tax: np.ndarray
    corporate_tax: np.ndarray
    relief: np.ndarray
    terms: np.ndarray

    @property
    def size(self) -> int:
        """Number of sites."""
        return len(self.state)


def cost_facts(
    stack: LayerStack,
    package: DataPackage,
    rivers: Rivers,
    hubs: GasHubs,
    *,
    index: np.ndarray,
    pipeline: Sequence[str | None] | None = None,
) -> CostFacts:
    """Gas, water, land value, prices and taxes of some places.

    Parameters
    ----------
    stack : LayerStack
        With the layers of ``LAYERS``.
    package : DataPackage
    rivers : Rivers
        From :func:`best_rivers`.
    hubs : GasHubs
        From :func:`nearest_hubs`.
    index : (n,) int
        Places of the land index.
    pipeline : (n,) sequence of str or None, optional
        Pipeline that the gas route leads to; the nearest interstate one where none is given.

    Raises
    ------
    DataError
        A file of ``FILES`` is missing or damaged.
    """
    county = [stack.zones.county_of(i) for i in index]
    state = np.array([c["state"] for c in county], object)
    pipelines = gas_pipelines(stack, package, index=index, routed=pipeline)
    use = read_table(package, COUNTY_USE, CountyUse, "fips")
    policy, tax = read_table(package, STATE_POLICY, StatePolicy, "state"), read_table(package, SALES_TAX, SalesTax, "state")
    terms = read_table(package, LARGE_LOAD_TERMS, LoadTerms, "state")
    layers = {name: stack.at(layer, index).astype(np.float64) for layer, name in FIELD_OF_LAYER.items()}
    return CostFacts(
        state=state,
        county_mgd=_numbers({k: row.fresh_mgd for k, row in use.items()}, [c["fips"] for c in county]),
        river=rivers.name,
        river_system=rivers.system,
        river_m3s=rivers.flow_m3s,
        river_km=rivers.km,
        price_basis=np.array(stack.names(PRICE_LAYER, index), object),
        region=np.array([stack.zones.rto_of(i) for i in index], object),
        gas_hub=hubs.name,
        gas_basis=hubs.basis_usd_mmbtu,
        pipeline=pipelines.name,
        pipeline_mmcfd=pipelines.mmcfd,
        sales_tax=_numbers({k: row.state_rate for k, row in tax.items()}, state),
        local_tax=_numbers({k: row.local_rate for k, row in tax.items()}, state),
        corporate_tax=_numbers({k: row.corporate_tax_rate for k, row in policy.items()}, state),
        relief=np.array([relief_text(policy.get(s)) for s in state], object),
        terms=np.array([terms_text(terms.get(s), policy.get(s)) for s in state], object),
        **layers,
    )


class GasPipelines(NamedTuple):
    """Pipeline that would feed each site, (n,) object names, and what its company moves, (n,) MMcf/d; None, NaN = unknown."""

    name: np.ndarray
    mmcfd: np.ndarray


def gas_pipelines(
    stack: LayerStack, package: DataPackage, *, index: np.ndarray, routed: Sequence[str | None] | None = None
) -> GasPipelines:
    """The pipeline that the gas route leads to, or else the nearest interstate one, with the capacity of its company.

    Parameters
    ----------
    stack : LayerStack
    package : DataPackage
    index : (n,) int
        Places of the land index.
    routed : (n,) sequence of str or None, optional
    """
    nearest = stack.names(PIPELINE_LAYER, index)
    names = np.array([given or near for given, near in zip(routed or nearest, nearest, strict=True)], object)
    capacity = read_table(package, PIPELINE_CAPACITY, PipelineCapacity, "pipeline")
    return GasPipelines(names, _numbers({k: row.mmcfd for k, row in capacity.items()}, names))


def _numbers(table: Mapping[str, float | None], keys: Sequence[str] | np.ndarray) -> np.ndarray:
    """(n,) float64; NaN where the key or the number is missing."""
    values = [table.get(key) for key in keys]
    return np.array([np.nan if value is None else value for value in values], np.float64)


def best_rivers(package: DataPackage, water: WaterNeed, project: Project, xy: np.ndarray) -> Rivers:
    """The nearest river that covers the hottest day of a dry year even at the low end, else the largest within reach.

    Parameters
    ----------
    package : DataPackage
    water : WaterNeed
    project : Project
    xy : (n, 2) float64, EPSG:5070 metres
    """
    import shapely

    table = read_features(package, RIVERS, ("name", "system", "flow_m3s"))
    lines, flow = table["geometry"], table["flow_m3s"]
    points = shapely.points(xy)
    site, row = shapely.STRtree(lines).query(points, predicate="dwithin", distance=water.reach_km * M_PER_KM)
    km = shapely.distance(points[site], lines[row]) / M_PER_KM
    need = peak_mgd(project.mw, project.cooling, water)[MID] * M3S_PER_MGD
    enough = flow[row] * water.low_flow[LOW] * water.take[LOW] >= need
    order = np.lexsort((row, np.where(enough, km, -flow[row]), ~enough, site))
    first = order[np.unique(site[order], return_index=True)[1]]
    none = np.full(len(xy), None, object)
    rivers = Rivers(none.copy(), none, np.zeros(len(xy)), np.full(len(xy), np.nan))
    rivers.name[site[first]] = table["name"][row[first]]
    rivers.system[site[first]] = table["system"][row[first]]
    rivers.flow_m3s[site[first]] = flow[row[first]]
    rivers.km[site[first]] = km[first]
    return rivers


class GasHubs(NamedTuple):
    """The nearest point where gas is traded: (n,) object names and (n, 3) USD/MMBtu above the national price."""

    name: np.ndarray
    basis_usd_mmbtu: np.ndarray


def nearest_hubs(power: Power, xy: np.ndarray) -> GasHubs:
    """The nearest point where gas is traded.

    Parameters
    ----------
    power : Power
    xy : (n, 2) float64, EPSG:5070 metres
    """
    names, hubs = list(power.gas_hubs), list(power.gas_hubs.values())
    at = np.stack(from_lonlat([h.lon for h in hubs], [h.lat for h in hubs]), axis=1)
    nearest = np.hypot(*(xy[:, None] - at[None]).transpose(2, 0, 1)).argmin(axis=1)
    return GasHubs(np.array(names, object)[nearest], np.array([h.basis_usd_mmbtu for h in hubs], np.float64)[nearest])


def relief_text(policy: StatePolicy | None) -> str | None:
    """Tax relief of a state in words; None = unknown.

    >>> relief_text(StatePolicy("OH", "statewide", "sales_tax", "250 million USD", 0.0))
    'statewide: sales tax (from 250 million USD)'
    """
    if policy is None or policy.incentive is None:
        return None
    if policy.incentive == "none":
        return "none"
    if policy.incentive == "paused":
        return "paused for new applicants"
    kind = (policy.incentive_kind or "kind not stated").replace(";", ", ").replace("_", " ")
    least = f" (from {policy.minimum_investment})" if policy.minimum_investment else ""
    return f"{policy.incentive.replace('_', ' ')}: {kind}{least}"


def terms_text(terms: LoadTerms | None, policy: StatePolicy | None = None) -> str | None:
    """Terms of a state's large-load tariffs in words; None = none listed, and no tariff known.

    >>> terms_text(LoadTerms("OH", 2, 14, 20, 85, 90))
    '2 tariffs: 14-20 years, least demand billed 85-90 %'
    """
    if terms is None:
        known = policy is not None and policy.large_load_tariff == "yes"
        return "there is a tariff, its terms are not in the register" if known else None
    years = _span(terms.years_low, terms.years_high)
    demand = _span(terms.least_demand_pct_low, terms.least_demand_pct_high)
    many = "" if terms.tariffs == 1 else "s"
    return f"{terms.tariffs} tariff{many}: {years} years, least demand billed {demand} %"


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"
