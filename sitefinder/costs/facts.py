"""What is known about gas, water, land, prices and taxes at a place: layers, and the small files that no layer holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sitefinder.config import Project
from sitefinder.config.costs import WaterNeed
from sitefinder.costs.formulas import LOW, MID, peak_mgd
from sitefinder.layers.files import COUNTY_USE, LARGE_LOAD_TERMS, PIPELINE_CAPACITY, RIVERS, SALES_TAX, STATE_POLICY
from sitefinder.layers.package import DataPackage, read_table
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
PIPELINE_LAYER = "gas_interstate_km"
#: layers that the stack has to hold
LAYERS = (*FIELD_OF_LAYER, PIPELINE_LAYER)


@dataclass(frozen=True)
class CostFacts:
    """Arrays over the sites; NaN or None = unknown unless it says otherwise.

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
        Average industrial price of the utility.
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
    river_m3s: np.ndarray
    river_km: np.ndarray
    pipeline: np.ndarray
    pipeline_mmcfd: np.ndarray
    land_usd_acre: np.ndarray
    slope_pct: np.ndarray
    price_usd_mwh: np.ndarray
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
    rivers: Mapping[str, np.ndarray],
    *,
    index: np.ndarray,
    pipeline: Sequence[str | None] | None = None,
) -> CostFacts:
    """Facts of some places.

    Parameters
    ----------
    stack : LayerStack
        With the layers of ``LAYERS``.
    package : DataPackage
    rivers : mapping
        From :func:`best_rivers`.
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
    nearest = stack.names(PIPELINE_LAYER, index)
    names = np.array([given or near for given, near in zip(pipeline or nearest, nearest, strict=True)], object)
    layers = {name: stack.at(layer, index).astype(np.float64) for layer, name in FIELD_OF_LAYER.items()}
    return CostFacts(
        state=state,
        county_mgd=_numbers(read_table(package, COUNTY_USE, "fips"), "fresh_mgd", [c["fips"] for c in county]),
        pipeline=names,
        pipeline_mmcfd=_numbers(read_table(package, PIPELINE_CAPACITY, "pipeline"), "mmcfd", names),
        **layers,
        **rivers,
        **_state_facts(package, state),
    )


def _numbers(table: dict[str, dict[str, Any]], column: str, keys: Sequence[Any] | np.ndarray) -> np.ndarray:
    """(n,) float64; NaN where the key or the number is missing."""
    found = [table.get(key, {}).get(column) for key in keys]
    return np.array([np.nan if value is None else value for value in found], np.float64)


def best_rivers(package: DataPackage, water: WaterNeed, project: Project, xy: np.ndarray) -> dict[str, np.ndarray]:
    """The nearest river that covers the hottest day of a dry year even at the low end, else the largest within reach.

    Parameters
    ----------
    package : DataPackage
    water : WaterNeed
    project : Project
    xy : (n, 2) float64, EPSG:5070 metres

    Returns
    -------
    dict
        ``river`` (n,) object, ``river_m3s`` and ``river_km`` (n,) float64: None, 0 and NaN where none is within reach.
    """
    import pyarrow.parquet
    import shapely

    table = pyarrow.parquet.read_table(package.verified(RIVERS), columns=["name", "flow_m3s", "geometry"])
    lines, flow = shapely.from_wkb(table["geometry"].to_numpy()), table["flow_m3s"].to_numpy()
    points = shapely.points(xy)
    site, row = shapely.STRtree(lines).query(points, predicate="dwithin", distance=water.reach_km * M_PER_KM)
    km = shapely.distance(points[site], lines[row]) / M_PER_KM
    need = peak_mgd(project.mw, project.cooling, water)[MID] * M3S_PER_MGD
    enough = flow[row] * water.low_flow[LOW] * water.take[LOW] >= need
    order = np.lexsort((row, np.where(enough, km, -flow[row]), ~enough, site))
    first = order[np.unique(site[order], return_index=True)[1]]
    found = {
        "river": np.full(len(xy), None, object),
        "river_m3s": np.zeros(len(xy)),
        "river_km": np.full(len(xy), np.nan),
    }
    found["river"][site[first]] = table["name"].take(row[first]).to_pylist() if first.size else []
    found["river_m3s"][site[first]] = flow[row[first]]
    found["river_km"][site[first]] = km[first]
    return found


def _state_facts(package: DataPackage, state: np.ndarray) -> dict[str, np.ndarray]:
    policy, tax = read_table(package, STATE_POLICY, "state"), read_table(package, SALES_TAX, "state")
    terms = read_table(package, LARGE_LOAD_TERMS, "state")
    return {
        "sales_tax": _numbers(tax, "state_rate", state),
        "local_tax": _numbers(tax, "local_rate", state),
        "corporate_tax": _numbers(policy, "corporate_tax_rate", state),
        "relief": np.array([relief_text(policy.get(s)) for s in state], object),
        "terms": np.array([terms_text(terms.get(s)) for s in state], object),
    }


def relief_text(row: dict[str, Any] | None) -> str | None:
    """Tax relief of a state in words; None = unknown.

    >>> relief_text({"incentive": "statewide", "incentive_kind": "sales_tax", "minimum_investment": "250 million USD"})
    'statewide: sales tax (from 250 million USD)'
    """
    if row is None or row["incentive"] is None:
        return None
    if row["incentive"] == "none":
        return "none"
    kind = (row["incentive_kind"] or "kind not stated").replace(";", ", ").replace("_", " ")
    least = f" (from {row['minimum_investment']})" if row["minimum_investment"] else ""
    return f"{row['incentive'].replace('_', ' ')}: {kind}{least}"


def terms_text(row: dict[str, Any] | None) -> str | None:
    """Terms of a state's large-load tariffs in words; None = none listed.

    >>> terms_text({"tariffs": 2, "years_low": 14, "years_high": 20, "least_demand_pct_low": 85, "least_demand_pct_high": 90})
    '2 tariffs: 14-20 years, least demand billed 85-90 %'
    """
    if row is None:
        return None
    years = _span(row["years_low"], row["years_high"])
    demand = _span(row["least_demand_pct_low"], row["least_demand_pct_high"])
    many = "" if row["tariffs"] == 1 else "s"
    return f"{row['tariffs']} tariff{many}: {years} years, least demand billed {demand} %"


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"
