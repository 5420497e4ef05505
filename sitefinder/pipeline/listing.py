"""Lists of sites with their records, outlines, curves, routes, costs and certainty."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.certainty import study as sure
from sitefinder.config import Config, ConfigFile
from sitefinder.config.connections import Connections
from sitefinder.costs.budget import Plan, asked_pathway, budget
from sitefinder.costs.columns import CostPart, NeedPart, cost_parts, need_parts
from sitefinder.costs.facts import FILES as COST_FILES
from sitefinder.costs.facts import LAYERS as COST_LAYERS
from sitefinder.costs.facts import best_rivers, cost_facts, nearest_hubs
from sitefinder.costs.needs import site_needs
from sitefinder.errors import ConfigError
from sitefinder.files import Json
from sitefinder.grid import Land
from sitefinder.layers.able import Chosen, choose, chosen_at, grid_points
from sitefinder.layers.families.water import water_need_m3s
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned
from sitefinder.pipeline.powering import powered
from sitefinder.power.columns import PowerPart
from sitefinder.power.facts import FILES as POWER_FILES
from sitefinder.power.facts import LAYERS as POWER_LAYERS
from sitefinder.power.flexible import FILES as SERVICE_FILES
from sitefinder.power.stated import StatedPower
from sitefinder.power.timetable import Timetable
from sitefinder.reports.web_map.inputs import Sites as MapSites
from sitefinder.results.delivery_tables import curves_csv, steps_csv
from sitefinder.results.geojson import collection, site_features
from sitefinder.results.route_lines import route_features
from sitefinder.results.run import read_features
from sitefinder.results.site import Site
from sitefinder.routes.columns import RoutePart, route_parts
from sitefinder.routes.legs import Leg, Terms, connect
from sitefinder.routes.targets import FILES as TARGET_FILES
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.columns import NEAREST_LAYERS, LandPart, OwnPart, land_parts
from sitefinder.sites.decided import FILES as DECIDED_FILES
from sitefinder.sites.decided import decided
from sitefinder.sites.kept import kept_campuses, kept_own
from sitefinder.sites.local import FILES as LOCAL_FILES
from sitefinder.sites.local import local_parts
from sitefinder.sites.neighbours import FILES as PEOPLE_FILES
from sitefinder.sites.neighbours import People, neighbours, open_people
from sitefinder.sites.own import UserSite, campus_of, land_of_site
from sitefinder.sites.scores import Scored, free_scores, own_order, own_parts, scored
from sitefinder.sites.shape import footprints, shapes
from sitefinder.sites.stated import cleared_land
from sitefinder.sites.taken import taken
from sitefinder.sites.usable import usable
from sitefinder.units import M3S_PER_MGD

#: files of a list in the output folder; those of the user's own list begin with "own_"
LIST_FILES = ("sites.geojson", "delivery.csv", "critical_path.csv", "connections.geojson")
OWN = "own_"
#: sections of the configuration that add something to a list
PARTS = ("delivery", "connections", "needs", "costs", "uncertainty")
#: layer whose feature is the point of the grid of each cell
STATION_LAYER = NEAREST_LAYERS["grid"]
#: sections that a quick run leaves out; dates and needs stay, because layers of grid power and of rivers rest on them
SLOW_PARTS = ("connections", "costs", "uncertainty")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listing:
    """A list of sites, in its order.

    Parameters
    ----------
    sites : list of Site
    campuses : list of Campus
    outlines : list
        WGS 84 polygons.
    table : Timetable or None
        Megawatts by date; None where they are not computed.
    legs : dict
        Routes; empty where they are not computed.
    connections : Connections or None
        Terms of the routes.
    certainty : Certainty or None
    """

    sites: list[Site]
    campuses: list[Campus]
    outlines: list[Any]
    table: Timetable | None = None
    legs: Mapping[str, Leg] = field(default_factory=dict)
    connections: Connections | None = None
    certainty: sure.Certainty | None = None

    @cached_property
    def features(self) -> list[Json]:
        """The sites as GeoJSON features."""
        return site_features(self.sites, self.outlines)

    @cached_property
    def routes(self) -> list[Json]:
        """Their routes as GeoJSON features."""
        return route_features(self.ids, self.legs, self.connections) if self.legs and self.connections else []

    @property
    def ids(self) -> list[str]:
        """Keys of the sites."""
        return [site.site_id for site in self.sites]

    def files(self, *, user: bool = False) -> dict[str, bytes]:
        """Files of the list."""
        contents = {}
        if self.sites:
            contents["sites.geojson"] = collection(self.features)
        if self.table:
            contents["delivery.csv"] = curves_csv(self.table, self.ids)
            contents["critical_path.csv"] = steps_csv(self.table, self.ids)
        if self.legs:
            contents["connections.geojson"] = collection(self.routes)
        return {f"{OWN}{name}": content for name, content in contents.items()} if user else contents

    def on_map(self) -> MapSites:
        """The national list as the map takes it."""
        return MapSites(self.sites, [feature["geometry"] for feature in self.features], self.campuses)

    def own_on_map(self, land: Land) -> MapSites:
        """The user's own sites as the map takes them: on the land within their outlines as the file holds them.

        Degrees of the file are rounded: with the shares of the exact outlines, the map of the finished run would be another one.
        """
        return replace(self.on_map(), land=kept_own(self.features, land))


@dataclass(frozen=True)
class Known:
    """Scores, layers and data from which lists of sites are computed.

    Parameters
    ----------
    field : Field
    stack : LayerStack
    config : Config
    learned : Learned or None
    package : DataPackage
    people : People
    """

    field: Field
    stack: LayerStack
    config: Config
    learned: Learned | None
    package: DataPackage
    people: People

    @property
    def scored(self) -> sure.Scored:
        """Scores of the country, for the study of certainty."""
        return sure.Scored(self.field, self.stack, self.package, self.learned)

    def scores(self, campuses: Sequence[Campus]) -> list[Scored]:
        """Scores, place and evidence of campuses."""
        return scored(campuses, self.field, self.stack, self.config, learned=self.learned)

    def listing(
        self, campuses: list[Campus], outlines: list[Any], scores: list[Scored], stated: Sequence[StatedPower] | None = None
    ) -> Listing:
        """Campuses with their scores, shape, megawatts by date, routes, needs and costs, as far as the configuration asks.

        ``stated`` is what the user's list says about power, price and zoning of each.
        """
        if not campuses:
            return Listing([], campuses, outlines)
        places = self._places(campuses)
        counties = [self.stack.zones.county_of(place) for place in places.index]
        land = self._land(campuses, places, counties)
        local = local_parts(self.package, places.xy, counties)
        chosen = self._grid(places)
        legs, routes = self._routes(places, chosen)
        table, power = self._power(places, legs, chosen, stated)
        price = None if stated is None else [s.price_per_acre for s in stated]
        needs, costs = self._costs(places, [s.place.footprint_acres for s in scores], table, legs, price)
        sites = [
            Site(**vars(score), land=land[i], local=local[i], power=power[i], routes=routes[i], needs=needs[i], costs=costs[i])
            for i, score in enumerate(scores)
        ]
        return Listing(sites, campuses, outlines, table, legs, self.config.connections)

    def _land(self, campuses: Sequence[Campus], places: Places, counties: Sequence[Mapping[str, Any]]) -> list[LandPart]:
        return land_parts(
            shapes(campuses, self.field, self.config),
            neighbours(campuses, self.people, self.field.land.grid),
            taken(campuses, self.field, self.stack),
            decided(self.package, places.xy, counties),
        )

    def _places(self, campuses: Sequence[Campus]) -> Places:
        land = self.field.land
        seed = np.array([c.cells[0] for c in campuses])
        xy = np.stack(land.grid.centre(seed // land.grid.width, seed % land.grid.width), axis=1)
        return Places(land.index_of(seed), xy)

    def _grid(self, places: Places) -> Chosen | None:
        """The one point of the grid of each site, for dates, routes and costs alike."""
        config = self.config
        if config.delivery is None:
            return None
        points = grid_points(self.package, config.delivery, config.project.mw)
        row = self.stack.nearest(STATION_LAYER, places.index)
        if row is None:  # a raster of the user's own stands in for the layer
            return choose(points, config.delivery, config.project.mw, places.xy)
        return chosen_at(points, config.delivery, config.project.mw, places.xy, row)

    def _power(
        self, places: Places, legs: Mapping[str, Leg], chosen: Chosen | None, stated: Sequence[StatedPower] | None
    ) -> tuple[Timetable | None, Sequence[PowerPart | None]]:
        if chosen is None:  # no section delivery
            return None, [None] * places.size
        at = (places.index, places.xy, chosen)
        return powered(self.stack, self.package, self.config, *at, routed=_routed(legs), stated=stated)

    def _routes(self, places: Places, chosen: Chosen | None) -> tuple[Mapping[str, Leg], Sequence[RoutePart | None]]:
        connections, needs, project = self.config.connections, self.config.needs, self.config.project
        if connections is None or needs is None or chosen is None:
            return {}, [None] * places.size
        terms = Terms(connections, project, needs.water)
        legs = connect(self.stack, self.package, terms, xy=places.xy, chosen=chosen)
        water_mgd = water_need_m3s(project, needs.water) / M3S_PER_MGD
        return legs, route_parts(legs, connections, mw=project.mw, water_mgd=water_mgd)

    def _costs(
        self,
        places: Places,
        acres: Sequence[float],
        table: Timetable | None,
        legs: Mapping[str, Leg],
        price: Sequence[float | None] | None,
    ) -> tuple[Sequence[NeedPart | None], Sequence[CostPart | None]]:
        needs, project = self.config.needs, self.config.project
        if needs is None or self.config.costs is None:
            return [None] * places.size, [None] * places.size
        rivers = best_rivers(self.package, needs.water, project, places.xy)
        hubs = nearest_hubs(self.config.costs.power, places.xy)
        facts = cost_facts(self.stack, self.package, rivers, hubs, index=places.index, pipeline=_routed(legs))
        plan = Plan(
            acres=np.array(acres),
            pathway=table.chosen if table else np.full(places.size, asked_pathway(project.pathway), object),
            full_load=table.full_load() if table else np.full((places.size, 3), np.nan),
            connections={name: leg.musd for name, leg in legs.items()},
            usd_acre=None if price is None else np.array([np.nan if p is None else p for p in price]),
        )
        parts = need_parts(site_needs(facts, needs, project), facts, project.cooling)
        return parts, cost_parts(budget(facts, plan, self.config), facts)


def _routed(legs: Mapping[str, Leg]) -> Sequence[str | None] | None:
    """Pipeline that the gas route of each site leads to; None without routes."""
    return list(legs["gas"].facts["to"]) if legs else None


@dataclass(frozen=True)
class Places:
    """Where campuses are: (n,) places of the land index and (n, 2) EPSG:5070 positions of their seeds, metres."""

    index: np.ndarray
    xy: np.ndarray

    @property
    def size(self) -> int:
        """Number of campuses."""
        return len(self.index)


def layers_of(config: Config) -> list[str]:
    """Layers that the parts of a list read, besides those of scores and gates; parts left out are logged."""
    left_out = [part for part in PARTS if getattr(config, part) is None]
    if left_out:
        log.warning("Without %s: the columns of these sections stay empty.", ", ".join(left_out))
    return [
        *(POWER_LAYERS if config.delivery else ()),
        *(config.connections.layers() if config.connections else ()),
        *(COST_LAYERS if config.needs and config.costs else ()),
        *(sure.LAYERS if config.uncertainty else ()),
    ]


def ranking_only(file: ConfigFile) -> ConfigFile:
    """The same configuration without routes, costs and certainty, for tuning weights in seconds."""
    return ConfigFile(file.path, file.tree, file.config.model_copy(update=dict.fromkeys(SLOW_PARTS)))


def files_of(config: Config, package: DataPackage) -> set[str]:
    """Compiled files that the parts of a list read themselves."""
    routes = [name for name in TARGET_FILES if name in package.resources]
    return {
        *PEOPLE_FILES,
        *DECIDED_FILES,
        *LOCAL_FILES,
        *((*POWER_FILES, *SERVICE_FILES) if config.delivery else ()),
        *(routes if config.connections else ()),
        *(COST_FILES if config.needs and config.costs else ()),
    }


def open_known(field: Field, stack: LayerStack, config: Config, learned: Learned | None, package: DataPackage) -> Known:
    """Scores, layers and data for lists of sites, with the people around from the cache or the data."""
    return Known(field, stack, config, learned, package, open_people(stack, package))


def national_list(file: ConfigFile, known: Known) -> Listing:
    """The best campuses of the country, or those of an earlier list (``candidates.keep``), and the certainty of their order.

    Raises
    ------
    ConfigError
        No campus fits.
    """
    config = known.config
    rivals = _kept(Path(config.candidates.keep), known.field) if config.candidates.keep else sure.rivals(known.field, config)
    if not rivals:
        raise ConfigError(
            f"No campus of {config.campus_acres:g} acres fits in {file.path}. "
            "Loosen exclusions, or lower candidates.acres_per_mw."
        )
    campuses = rivals[: config.candidates.count]
    outlines = footprints([c.cells for c in campuses], known.field.land.grid)
    with ThreadPoolExecutor(1) as beside:  # the two share nothing that either changes
        study = beside.submit(sure.certainty, rivals, len(campuses), known.scored, config)
        listing = known.listing(campuses, outlines, known.scores(campuses))
        certainty = study.result()
    if certainty is None:
        return listing
    sites = [replace(site, certainty=part) for site, part in zip(listing.sites, certainty.parts, strict=True)]
    return replace(listing, sites=sites, certainty=certainty)


def _kept(path: Path, field: Field) -> list[Campus]:
    """The campuses of an earlier list."""
    return kept_campuses(read_features(path), field, path)


def certainty_files(national: Listing, known: Known, excluded: Exclusions) -> dict[str, bytes]:
    """Files of the certainty of the ranking; none without the section ``uncertainty``."""
    if national.certainty is None:
        return {}
    contents = sure.certainty_files(national.certainty, national.ids, known.package)
    return contents | sure.near_miss_file(known.scored, known.config, excluded, listed=national.campuses)


def _judged_together(own: Sequence[UserSite]) -> list[list[int]]:
    """Rows of the sites that share the land of the registers, and each site whose user states otherwise by itself."""
    same = [i for i, site in enumerate(own) if not site.stated.cleared]
    return ([same] if same else []) + [[i] for i, site in enumerate(own) if site.stated.cleared]


def own_list(own: Sequence[UserSite], known: Known, excluded: Exclusions, national: Sequence[float]) -> Listing:
    """The user's own sites, best first and excluded ones last; ``national`` holds the scores of the national list."""
    config = known.config

    def as_the_user_states(site: UserSite) -> tuple[Field, Exclusions]:
        """For one site alone: its neighbours' land stays as the registers have it."""
        return cleared_land(site.stated, land_of_site(site, known.field.land, config), known.field, excluded, known.stack, config)

    campuses = [campus_of(site, as_the_user_states(site)[0], config) for site in own]
    scores = known.scores(campuses)
    free: list[float] = [np.nan] * len(own)
    parts: list[OwnPart] = []
    for group in _judged_together(own):
        field, reasons = as_the_user_states(own[group[0]])
        some = [campuses[i] for i in group]
        marks = free_scores(some, [scores[i].identity.score for i in group], field, reasons)
        use = usable(some, field, reasons, known.stack, known.package, config)
        words = [(used, own[i].stated.words) for used, i in zip(use, group, strict=True)]
        for i, mark in zip(group, marks, strict=True):
            free[i] = mark
        parts += own_parts(some, marks, field, reasons, national=national, words=words)
    at = np.argsort([i for group in _judged_together(own) for i in group])
    parts = [parts[i] for i in at]
    order = own_order(free)
    numbered = [
        replace(scores[i], identity=replace(scores[i].identity, rank=rank, name=own[i].name, score=free[i]))
        for rank, i in enumerate(order, start=1)
    ]
    grown = footprints([c.cells for c in campuses], known.field.land.grid) if own else []
    outlines = [site.outline or cells for site, cells in zip(own, grown, strict=True)]
    stated = [own[i].stated.power for i in order]
    listing = known.listing([campuses[i] for i in order], [outlines[i] for i in order], numbered, stated)
    said = [replace(site, own=parts[i], yours=own[i].attributes) for site, i in zip(listing.sites, order, strict=True)]
    return replace(listing, sites=said)
