"""What no list may hold, looked for in the list of every run on the registers themselves: the ``checks`` of ``run.json``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from sitefinder.cache import Cache, code_of, digest
from sitefinder.cache.records import Records
from sitefinder.cache.shapes import KeptShapes
from sitefinder.config import Config
from sitefinder.costs.facts import PRICE_BAND, PRICE_LAYER
from sitefinder.grid import CRS, from_wgs84
from sitefinder.layers.families.community import BANNED, PAUSED, about_data_centers, county_level
from sitefinder.layers.files import COUNTIES, MORATORIA, RTO, STATE_PRICE
from sitefinder.layers.package import DataPackage
from sitefinder.pipeline.listing import Listing
from sitefinder.pipeline.named_places import NAMED_UTILITIES
from sitefinder.results.site import Site
from sitefinder.results.stations import station_checks
from sitefinder.scoring.exclusions import distance_gates
from sitefinder.sites.campuses import key_of
from sitefinder.sites.standing import FILES as STANDING_FILES
from sitefinder.sites.standing import NEAR, THINGS, boxes, near_points, overlapping, standing, things, too_near
from sitefinder.units import M_PER_KM

#: compiled files that the checks read
FILES = (*STANDING_FILES, COUNTIES, MORATORIA, RTO, STATE_PRICE)
#: kind of the records in the cache, and lists of wrong market regions that stay there
KIND, KEPT = "checks", 2
#: kind of the shapes in the cache that the checks look at
SHAPES = "checked-shapes"
#: rules of counties, and the level of each
COUNTY_RULES = {"county_ban": BANNED, "county_moratorium": PAUSED}
#: residents within 1 km of the outline of a campus above which it lies in a town
MOST_PEOPLE = 5000


def checks_of(listing: Listing, package: DataPackage, config: Config, folder: Path) -> dict[str, list[str]]:
    """Keys of the sites that break each rule, and utilities whose market region is wrong; every list is empty where all is well.

    Parameters
    ----------
    listing : Listing
        The national list.
    package : DataPackage
    config : Config
    folder : Path
        Of the cache: rules about land are looked up once for each campus.
    """
    data = [package.entry(name)["hash"] for name in FILES]
    basis = digest([data, config.section("land").model_dump(mode="json"), least_km(config), code_of(__name__)])
    prices = Cache(folder).json(f"state-prices-{basis}", lambda: _state_prices(package), keep=KEPT)
    rows = _on_the_land(listing, package, config, basis, folder)
    rows["price_outside_its_state"] = price_outside_its_state(listing.sites, prices)
    rows[f"people_{MOST_PEOPLE}_1km"] = [i for i, site in enumerate(listing.sites) if site.land.people[1] > MOST_PEOPLE]
    rows |= station_checks(listing.sites, config.project.mw)
    ids = listing.ids
    regions = Cache(folder).json(f"market-regions-{basis}", lambda: wrong_regions(package), keep=KEPT)
    return {rule: [ids[i] for i in broken] for rule, broken in rows.items()} | {"market_region": regions}


def _on_the_land(listing: Listing, package: DataPackage, config: Config, basis: str, folder: Path) -> dict[str, list[int]]:
    """Rows of the campuses that break each rule about what stands on their land, or about their county."""
    keys = [key_of(campus) for campus in listing.campuses]

    def shapes() -> dict[str, np.ndarray]:
        return things(package, config.section("land")) | near_points(package) | county_areas(package)

    def make(new: list[int]) -> list[bytes]:
        outlines = [listing.outlines[i] for i in new]
        kept = KeptShapes(Cache(folder), f"{SHAPES}-{basis}", (*THINGS, *NEAR, *COUNTY_RULES), shapes, KEPT)
        near = kept.near(boxes(outlines, max(least_km(config).values(), default=0.0) * M_PER_KM))
        standings = standing(outlines, near) | under_county_rules(outlines, near) | too_near(outlines, near, least_km(config))
        return [json.dumps({rule: n in broken for rule, broken in standings.items()}).encode() for n in range(len(new))]

    known = {key: json.loads(content) for key, content in Records(folder).kept(KIND, basis, keys, make).items()}
    return {rule: [i for i, key in enumerate(keys) if known[key][rule]] for rule in known[keys[0]]}


def least_km(config: Config) -> dict[str, float]:
    """Layer of each gate that asks for a least distance -> kilometres."""
    return {gate.layer: gate.below for gate in distance_gates(config).values() if gate.below is not None}


def county_areas(package: DataPackage) -> dict[str, np.ndarray]:
    """Counties under each of ``COUNTY_RULES``, (n,) shapely polygons, EPSG:5070."""
    import geopandas

    rules = geopandas.read_parquet(package.verified(MORATORIA))
    rules = about_data_centers(rules[rules["county_wide"]])
    level = np.array([county_level(row) for row in rules.to_dict("records")])
    counties = geopandas.read_parquet(package.verified(COUNTIES)).set_index("fips").geometry
    return {
        name: np.asarray(counties.reindex(rules["fips"][level == asked]).dropna().values, object)
        for name, asked in COUNTY_RULES.items()
    }


def under_county_rules(outlines: Sequence[Any], areas: Mapping[str, np.ndarray]) -> dict[str, list[int]]:
    """Rows of the outlines that reach into a county which bans data centers, or whose moratorium is in force.

    Parameters
    ----------
    outlines : sequence of shapely polygons, WGS 84
    areas : mapping
        From :func:`county_areas`; those far from all outlines may be left out.
    """
    return {name: overlapping(outlines, areas[name]) for name in COUNTY_RULES}


def price_outside_its_state(sites: Sequence[Site], state_usd_mwh: Mapping[str, float]) -> list[int]:
    """Rows of the sites whose power price lies outside ``PRICE_BAND`` times the mean of their state; unknown prices pass."""
    low, high = PRICE_BAND
    relative = [site.layers.get(PRICE_LAYER, math.nan) / state_usd_mwh.get(site.place.state or "", math.nan) for site in sites]
    return [i for i, ratio in enumerate(relative) if ratio < low or ratio > high]


def wrong_regions(package: DataPackage) -> list[str]:
    """Named utilities that do not lie in their market region, or not in one alone."""
    import geopandas

    regions = geopandas.read_parquet(package.verified(RTO)).to_crs(CRS)
    places = from_wgs84([shapely.Point(lon, lat) for _, _, lon, lat in NAMED_UTILITIES])
    place, region = shapely.STRtree(regions.geometry.values).query(places, predicate="within")
    codes = regions["code"].to_numpy()
    return [name for i, (name, code, *_) in enumerate(NAMED_UTILITIES) if codes[region[place == i]].tolist() != [code]]


def _state_prices(package: DataPackage) -> dict[str, float]:
    table = package.columns(STATE_PRICE, ("state", "industrial_usd_mwh"))
    return dict(zip(table["state"].tolist(), table["industrial_usd_mwh"].tolist(), strict=True))
