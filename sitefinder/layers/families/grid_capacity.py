"""Grid capacity: distance, strength and queues of the high-voltage grid."""

from __future__ import annotations

import numpy as np

from sitefinder.layers.able import shown
from sitefinder.layers.built import Built
from sitefinder.layers.files import COUNTY_QUEUE, COUNTY_TRANSFER, LINES, PLANTS, REUSABLE, STATE_PRICE, STATIONS, UTILITY_PRICE
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

#: radius within which generation counts as local support of a campus (about the reach of one 345 kV switching area)
GENERATION_KM = 50.0
#: radius within which a closed plant's interconnection can be reached by a new line
REUSE_KM = 25.0
#: radius within which interconnection requests compete for the same upgrades
QUEUE_KM = 80.0
#: what stands in for a utility's price, without and with choice of the supplier
STATE_MEANS = ("mean of the state: no price of the utility's own (E4)", "mean of the state: customers choose their supplier (E4)")


def _line_distance(sources: Sources, kv: int) -> Built:
    lines = sources.features(LINES)
    chosen = lines[(lines["kv_class"] >= kv) & ~lines["is_dc"]]
    return sources.distance_km(chosen.geometry.values)


def _station_distance(sources: Sources, kv: int) -> Built:
    def measure() -> Built:
        stations = sources.features(STATIONS)
        chosen = stations[stations["kv_class"] >= kv]
        columns = (chosen[c] for c in ("name", "near", "kv_class"))
        labels = [f"{shown(n, near, v)} ({v} kV)" for n, near, v in zip(*columns, strict=True)]
        return sources.distance_km(chosen.geometry.values, labels)

    return sources.once(("station distance", kv), measure)


def _register_voltage(kv: int) -> None:
    @layer(
        layer_id=f"line_{kv}_km",
        family="grid_capacity",
        title=f"Distance to a line of {kv} kV or more",
        unit="km",
        meaning=f"Distance from the cell centre to the nearest AC transmission line of the {kv} kV class or above.",
        better="low",
        valid=(0.0, 2500.0),
        sources=(LINES,),
        grade="E2",
        caveat="Archive of 2024; voltage is a class; a line says nothing about spare capacity.",
    )
    def line(sources: Sources) -> Built:
        return _line_distance(sources, kv)

    @layer(
        layer_id=f"substation_{kv}_km",
        family="grid_capacity",
        title=f"Distance to a substation of {kv} kV or more",
        unit="km",
        meaning=f"Distance from the cell centre to the nearest substation or tap whose highest class is {kv} kV or above.",
        better="low",
        valid=(0.0, 2500.0),
        sources=(STATIONS,),
        grade="E2",
        caveat="Positions of 2020, voltage from the line ends of 2024; no transformer ratings; some stations are unnamed.",
    )
    def station(sources: Sources) -> Built:
        return _station_distance(sources, kv)


for _kv in (230, 345, 500):
    _register_voltage(_kv)


@layer(
    layer_id="substation_345_line_ends",
    family="grid_capacity",
    title="Line ends at the nearest station of 345 kV or more",
    unit="line ends",
    meaning="Number of line ends of 345 kV and above at the nearest substation of that class: how meshed the station is.",
    better="high",
    valid=(0.0, 60.0),
    sources=(STATIONS,),
    grade="E2",
    caveat="Parallel circuits on one route count once; a station cut out of a passing line may show 0.",
)
def substation_345_line_ends(sources: Sources) -> Built:
    """Line ends of the nearest station, that of ``substation_345_km``."""
    stations = sources.features(STATIONS)
    chosen = stations[stations["kv_class"] >= 345]
    ends = chosen[["ends_345", "ends_500", "ends_765"]].sum(axis=1).to_numpy(np.float32)
    station = _station_distance(sources, 345)
    return Built(ends[station.nearest], station.nearest, station.labels)


@layer(
    layer_id="generation_50km_mw",
    family="grid_capacity",
    title="Generation within 50 km",
    unit="MW",
    meaning="Operating generating capacity within 50 km of the cell centre.",
    better="high",
    valid=(0.0, 60_000.0),
    sources=(PLANTS,),
    grade="E2",
    caveat="Plants of February 2025 and what began until June 2026, wind and solar at full nameplate; generation is not spare "
    "generation.",
)
def generation_50km_mw(sources: Sources) -> np.ndarray:
    """Sum of operating nameplate MW."""
    plants = sources.features(PLANTS)
    return sources.sum_within_km(plants.geometry.values, plants["mw"].to_numpy(), GENERATION_KM)


@layer(
    layer_id="reusable_25km_mw",
    family="grid_capacity",
    title="Retired or retiring MW within 25 km",
    unit="MW",
    meaning="Capacity of retired and retiring plants (50 MW and more) within 25 km whose interconnection may be reused; "
    "capacity operating today within 2 km of a retired plant is subtracted.",
    better="high",
    valid=(0.0, 20_000.0),
    sources=(REUSABLE,),
    grade="E3",
    caveat="Whether the owner kept the interconnection right is not public; repowered plants are left out.",
)
def reusable_25km_mw(sources: Sources) -> np.ndarray:
    """Sum of MW that left or leaves the grid nearby."""
    plants = sources.features(REUSABLE)
    in_use = np.where(plants["status"] == "retired", plants["operating_mw_2km"], 0.0)
    return sources.sum_within_km(plants.geometry.values, np.maximum(plants["mw"] - in_use, 0.0), REUSE_KM)


@layer(
    layer_id="queue_80km_mw",
    family="grid_capacity",
    title="Interconnection requests within 80 km",
    unit="MW",
    meaning="Active generation and storage requests of the interconnection queues within 80 km, each county's total spread "
    "evenly over the county.",
    better="low",
    valid=(0.0, 300_000.0),
    sources=(COUNTY_QUEUE, "boundaries/counties.parquet"),
    grade="E3",
    caveat="Large-load queues are not public; requests are not projects (most withdraw).",
)
def queue_80km_mw(sources: Sources) -> np.ndarray:
    """Queue MW competing for the same upgrades."""
    return sources.county_total_within_km(COUNTY_QUEUE, "queue_mw", QUEUE_KM)


@layer(
    layer_id="transfer_mw",
    family="grid_capacity",
    title="Transfer capacity into the county",
    unit="MW",
    meaning="Sum of the modelled transfer limits of all interfaces into the county.",
    better="high",
    valid=(0.0, 200_000.0),
    sources=(COUNTY_TRANSFER, "boundaries/counties.parquet"),
    grade="E4",
    caveat="Modelled for planning studies, one number per county; not available capacity.",
)
def transfer_mw(sources: Sources) -> np.ndarray:
    """County import limit."""
    return sources.by_county(COUNTY_TRANSFER, "import_mw")


@layer(
    layer_id="power_price_usd_mwh",
    family="grid_capacity",
    title="Industrial power price",
    unit="USD/MWh",
    meaning="Average 2024 price paid by industrial customers of the serving utility in the state, where it has 1 TWh of bundled "
    "industrial sales and 0.7 to 1.4 times the state's mean; else the state's mean, as everywhere where customers of "
    "investor-owned utilities choose their supplier.",
    better="low",
    valid=(20.0, 400.0),
    sources=(UTILITY_PRICE, STATE_PRICE, "boundaries/counties.parquet"),
    grade="E3",
    caveat="Average revenue per MWh, not a tariff offer; territories overlap; large-load tariffs differ. The mean of a state is "
    "weaker evidence (E4) than a utility's own: it holds all suppliers and every voltage.",
)
def power_price_usd_mwh(sources: Sources) -> Built:
    """Utility price with the state average behind it; the labels say which of them it is, and its grade."""
    utilities = sources.features(UTILITY_PRICE)
    zone = sources.zone_index(UTILITY_PRICE)
    price = utilities["industrial_usd_mwh"].to_numpy(np.float32)[zone]
    own = (zone >= 0) & ~np.isnan(price)
    values = np.where(own, price, sources.by_state(STATE_PRICE, "industrial_usd_mwh"))
    choice = sources.by_state(STATE_PRICE, "retail_choice") > 0
    labels = [f"{name} (E3)" for name in utilities["name"]] + list(STATE_MEANS)
    row = np.where(own, zone, len(utilities) + choice)
    return Built(values, np.where(np.isnan(values), -1, row).astype(np.int32), labels)
