"""Columns of the identity, scores, place, shape and neighbourhood of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sitefinder.columns import Part, column
from sitefinder.config import FAMILIES
from sitefinder.layers.files import (
    COUNTIES,
    COUNTY_CROPLAND,
    COUNTY_FLOOD_HOMES,
    EPOCH_CAMPUSES,
    EXCHANGES,
    HEADROOM,
    MANAGED_GROUNDWATER,
    MORATORIA,
    PEOPLE,
    PIPELINES,
    PLACES,
    POPULATION,
    PRECEDENTS,
    RIVERS,
    RTO,
    SERVICE_AREAS,
    STATE_POLICY,
    STATIONS,
    WATER_RIGHTS,
)
from sitefinder.sites.decided import Decided
from sitefinder.sites.neighbours import WITHIN_KM, Neighbours
from sitefinder.sites.shape import MULTIPLES, Shape
from sitefinder.sites.taken import Taken

LEARNED = "Learned score"


@dataclass(frozen=True)
class IdentityPart(Part):
    """Key, rank, name and scores."""

    source: ClassVar[str] = "candidates"
    heading: ClassVar[str] = "Place"

    site_id: str = column(
        "Key of the site: state and 5 km lattice cell of the seed, the same in every run that puts a seed there"
    )
    rank: int = column("Place in the list, 1 = best", decimals=0)
    name: str = column("Name of the place: a town near with distance and direction, or the user's own name", source=PLACES)
    score: float = column(
        "Suitability 0-100: mean over the campus, weighted by buildable acres",
        unit="points",
        decimals=2,
        source="scoring",
        heading="Scores",
    )
    weighted_score: float = column(
        "Weighted score 0-100 before the learned score is fused in: family scores add up to it",
        unit="points",
        decimals=2,
        source="scoring",
        heading="Scores",
    )
    ml_score: float = column(
        "Learned score 0-100, on the scale of the weighted one; null when model.share is 0",
        unit="points",
        decimals=2,
        source="ml",
        heading=LEARNED,
    )
    ml_applicability: float = column(
        "1 on ground like that of known campuses, 0 where the training data hold nothing like it",
        unit="share",
        decimals=2,
        source="ml",
        heading=LEARNED,
    )
    ml_counted: float = column(
        "How much of `model.share` the learned score has here: as `ml_applicability` where it raises the score, 1 where it "
        "lowers it, for doubt never lifts a place",
        unit="share",
        decimals=2,
        source="ml",
        heading=LEARNED,
    )
    score_if_known: float = column(
        "Score if every unknown criterion had its best value", unit="points", decimals=2, source="scoring", heading="Scores"
    )


@dataclass(frozen=True)
class OwnPart(Part):
    """Exclusion, acres and national rank of the user's own sites."""

    source: ClassVar[str] = "candidates"
    heading: ClassVar[str] = "Place"

    excluded_by: str | None = column(
        "Gates that exclude all or part of the site's land; empty when free", source="exclusions", heading="Exclusions"
    )
    usable_pct: float = column(
        "Share of the land that is neither water (by outlines) nor taken nor excluded by a gate; slopes do not count",
        unit="%",
        decimals=0,
        source="land_taken",
        heading="Land and neighbours",
    )
    usable_note: str | None = column(
        "That share, what takes the rest, and built-up land around, of which the registers know no buildings",
        source="land_taken",
        heading="Land and neighbours",
    )
    stated: str | None = column("What the list of sites states against the registers; empty where nothing is stated")
    acres_enough: bool | None = column("Whether the land holds the acres that the row, or else the project, needs")
    parcel_acres: float = column(
        "Acres of the polygon itself; null for a point",
        unit="acres",
        decimals=1,
        source="campus_shape",
        heading="Land and neighbours",
    )
    parcel_parts: float = column(
        "Separate parts of the polygon; null for a point", decimals=0, source="campus_shape", heading="Land and neighbours"
    )
    national_rank: float = column(
        "Rank the site would take in the national list; null if excluded, too small or behind the whole list", decimals=0
    )


@dataclass(frozen=True)
class FamilyPart(Part):
    """Score of each family of criteria."""

    source: ClassVar[str] = "scoring"
    heading: ClassVar[str] = "Scores"

    score: Mapping[str, float] = column(
        "Score 0-100 within the family {key}, mean over the campus",
        name="score_{key}",
        unit="points",
        decimals=1,
        keys={family: family for family in FAMILIES},
    )


@dataclass(frozen=True)
class PlacePart(Part):
    """State, county, market region, position and acres."""

    source: ClassVar[str] = "candidates"
    heading: ClassVar[str] = "Place"

    state: str | None = column("Postal code", source=COUNTIES)
    county: str | None = column("County name", source=COUNTIES)
    county_fips: str | None = column("Five-digit county code", source=COUNTIES)
    rto: str | None = column("Market region of the grid operator", source=RTO)
    lat: float = column(
        "Latitude of a point inside: the cell from which the campus grew, to which layer values refer",
        unit="degrees",
        decimals=6,
    )
    lon: float = column("Longitude of that point", unit="degrees", decimals=6)
    buildable_acres: float = column(
        "Estimated buildable acres of the footprint",
        unit="acres",
        decimals=0,
        source="land",
        heading="Land and neighbours",
    )
    footprint_acres: float = column("Acres of the footprint", unit="acres", decimals=0)


@dataclass(frozen=True)
class LandPart(Part):
    """Shape of the footprint, room around it, and neighbours."""

    source: ClassVar[str] = "campus_shape"
    heading: ClassVar[str] = "Land and neighbours"

    compactness: float = column(
        "Polsby-Popper compactness of the footprint, 4 pi area / outline^2: 1 = disc; cells reach at most 0.785, a square",
        decimals=3,
    )
    largest_rectangle_acres: float = column(
        "Buildable acres in the best rectangle of free land (sides along the grid) that fits into the footprint",
        unit="acres",
        decimals=0,
    )
    expansion_acres: Mapping[int, float] = column(
        "Buildable acres of connected free land, the campus included, within reach of a campus {key} times as large",
        name="expansion_{key}x_acres",
        unit="acres",
        decimals=0,
        keys={k: str(k) for k in MULTIPLES},
    )
    expandable_to_x: float = column("Multiple of the acres wanted for which the land has room: 5, 2, 1 or 0", decimals=0)
    people: Mapping[int, float] = column(
        "Residents within {key} km of the footprint, block groups of 2020 spread over the land where people live",
        name="people_{key}km",
        unit="people",
        decimals=0,
        source=PEOPLE,
        keys={k: str(k) for k in WITHIN_KM},
    )
    homes_estimate_km: float = column(
        "Estimated distance to homes: from the footprint to the nearest centre of a block group or town; single farmhouses, "
        "which no layer shows, may be nearer",
        unit="km",
        decimals=1,
        source=f"{POPULATION}, {PLACES}",
    )
    taken_pct: float = column(
        "Share of the footprint that plants, stations, known campuses, airports, rights of way and rivers take",
        unit="%",
        decimals=1,
        source="land_taken",
    )
    taken_by: str | None = column("What takes it, with the share of each, largest first", source="land_taken")
    contested: str | None = column(
        "Contested projects named within 25 km or in the county, with outcome, date, place and source, then the events of the "
        "county by outcome (registers: Michael Bommarito, George Ingebretsen, CC BY)",
        name="contested_projects",
        source=f"{MORATORIA}, {PRECEDENTS}",
    )
    state_law: str | None = column(
        "Of the state, October 2026: bills to stop data centers, sales-tax exemption, tariffs for large loads; null = unknown",
        source=STATE_POLICY,
    )
    counties: str | None = column("Counties that hold 2 % of the land and more, each with its share", source=COUNTIES)


@dataclass(frozen=True)
class LocalPart(Part):
    """Facts of the county, the state and the water supplier around the campus."""

    heading: ClassVar[str] = "Land and neighbours"

    supplier: str | None = column(
        "Public water supply whose service area holds the site's point, else the nearest within 50 km (2017; some areas bear a "
        "neighbour's name): whom to ask, not how much is left",
        name="water_supplier",
        source=SERVICE_AREAS,
    )
    supplier_km: float = column(
        "Distance to its service area; 0 = inside", name="water_supplier_km", unit="km", decimals=1, source=SERVICE_AREAS
    )
    groundwater: str | None = column(
        "Managed groundwater of the county; only AZ, CO and TX were looked at",
        name="groundwater_managed",
        source=MANAGED_GROUNDWATER,
    )
    rights: str | None = column(
        "Doctrine of surface-water rights of the state, and its permit (2016); null = unknown",
        name="water_rights",
        source=WATER_RIGHTS,
    )
    flood_homes_pct: float = column(
        "Homes of the county in the 1 % flood zone; homes, not land; see flood_homes_basis",
        unit="%",
        decimals=1,
        source=COUNTY_FLOOD_HOMES,
    )
    flood_homes_basis: str | None = column(
        "Whether these homes were counted, or only insured ones, so that the share is at least this; null = unknown",
        source=COUNTY_FLOOD_HOMES,
    )
    cropland_pct: float = column(
        "Share of the county's land that was cropland in 2017; null = withheld",
        name="county_cropland_pct",
        unit="%",
        decimals=1,
        source=COUNTY_CROPLAND,
    )
    acres_per_farm: float = column(
        "Mean cropland of the county's farms that have any, a sign of how large tracts are; null = withheld",
        name="cropland_acres_per_farm",
        unit="acres",
        decimals=0,
        source=COUNTY_CROPLAND,
    )


@dataclass(frozen=True)
class QualityPart(Part):
    """Evidence behind the score, unknown points, and drivers."""

    source: ClassVar[str] = "scoring"
    heading: ClassVar[str] = "Scores"

    evidence_grade: str | None = column(
        "E1 law or contract, E2 register, E3 statistic, E4 modelled, E5 proxy: weighted mean",
        source="layers",
        heading="Evidence",
    )
    unknown_points: float = column("Points that unknown criteria could add at most", unit="points", decimals=2)
    station_km: float = column(
        "Distance to the climate station that the climate evidence comes from",
        unit="km",
        decimals=0,
        source="layers",
        heading="Evidence",
    )
    drivers_up: str | None = column("Criteria that earn the most points, with value and unit")
    ml_chance: float = column(
        "Calibrated chance of the learned score: the share of campuses among places like this one, in a sample of half campuses "
        "and half other land (docs/learned-score.md has its error on held-out ground); null without a model",
        unit="share",
        decimals=3,
        source="ml",
        heading=LEARNED,
    )
    ml_drivers: str | None = column(
        "Features that move the learned score most, with value and log-odds; null without a model", source="ml", heading=LEARNED
    )
    ml_analogue: str | None = column(
        "Known campus of 50 MW and more that the place resembles most by the model (names: Epoch AI, CC BY), and the "
        "layer that differs most, here vs there; null without a model",
        source=f"ml, {EPOCH_CAMPUSES}",
        heading=LEARNED,
    )
    ml_apart: str | None = column(
        "Where learned and weighted score differ by more than 20 points: what moves each of them; null elsewhere",
        source="ml",
        heading=LEARNED,
    )
    drivers_down: str | None = column("Criteria that lose the most points, with value and unit")


@dataclass(frozen=True)
class NearestPart(Part):
    """Names of the nearest features."""

    heading: ClassVar[str] = "Nearest"

    substation_345: str | None = column("Nearest substation of 345 kV or more", name="nearest_substation_345", source=STATIONS)
    grid: str | None = column("Station or line that the points for headroom rest on", name="scored_station", source=HEADROOM)
    gas_interstate: str | None = column("Nearest interstate gas pipeline", name="nearest_gas_interstate", source=PIPELINES)
    river: str | None = column("Nearest river with enough flow", name="nearest_river", source=RIVERS)
    exchange: str | None = column("Nearest exchange facility", name="nearest_exchange", source=EXCHANGES)
    rule: str | None = column(
        "What the county or else a town within 8 km decided on data centers, with dates; null = nothing on record (register: "
        "Michael Bommarito, CC BY)",
        name="nearest_rule",
        source=MORATORIA,
    )


#: layer whose nearest feature fills each field of :class:`NearestPart`
NEAREST_LAYERS = {
    "substation_345": "substation_345_km",
    "grid": "headroom_left_mw",
    "gas_interstate": "gas_interstate_km",
    "river": "river_km",
    "exchange": "exchange_km",
    "rule": "local_rule",
}


def land_parts(
    shapes: Sequence[Shape],
    neighbours: Sequence[Neighbours],
    taken: Sequence[Taken],
    decisions: Sequence[Decided],
    counties: Sequence[str | None],
) -> list[LandPart]:
    """Shape, neighbours and taken land of every campus, what was decided around it, and the counties that hold it."""
    parts = zip(shapes, neighbours, taken, decisions, counties, strict=True)
    return [LandPart(*shape, *near, *what, *rest, held) for shape, near, what, rest, held in parts]
