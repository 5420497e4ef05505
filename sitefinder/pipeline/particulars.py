"""All that a run says of a campus besides its scores: land, dates, routes, needs and costs.

None of it depends on a weight, so it is kept between runs by campus: a changed weight computes only the campuses that are new.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sitefinder.cache import code_of, digest
from sitefinder.cache.records import Records
from sitefinder.columns import Part
from sitefinder.config import Config
from sitefinder.costs.budget import Plan, asked_pathway, budget
from sitefinder.costs.columns import CostPart, NeedPart, cost_parts, need_parts
from sitefinder.costs.facts import best_rivers, cost_facts, nearest_hubs
from sitefinder.costs.needs import site_needs
from sitefinder.files import Json
from sitefinder.layers.able import Chosen, choose, grid_points
from sitefinder.layers.families.water import water_need_m3s
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.pipeline.grid_choice import KeptPoints
from sitefinder.pipeline.powering import powered
from sitefinder.power.columns import PowerPart
from sitefinder.power.stated import StatedPower
from sitefinder.power.timetable import Timetable
from sitefinder.results.delivery_tables import curve_rows, step_rows
from sitefinder.results.route_lines import route_features
from sitefinder.routes.columns import RoutePart, route_parts
from sitefinder.routes.legs import Leg, Terms, connect
from sitefinder.sites.around import AroundPart, surroundings
from sitefinder.sites.campuses import Campus, Field, key_of
from sitefinder.sites.columns import NEAREST_LAYERS, LandPart, LocalPart, land_parts
from sitefinder.sites.counties import counties_of, counties_words
from sitefinder.sites.decided import decided
from sitefinder.sites.neighbours import neighbours, open_people
from sitefinder.sites.shape import shapes
from sitefinder.sites.taken import taken
from sitefinder.units import M3S_PER_MGD

#: layer whose feature is the point of the grid of each cell
STATION_LAYER = NEAREST_LAYERS["grid"]
#: sections of the configuration on which no particular rests; the layers that criteria open, and the acres that ``candidates``
#: set, count by themselves
SCORE_SECTIONS = ("area", "weights", "criteria", "model", "candidates", "uncertainty", "portfolio")
#: kind of the records in the cache
KIND = "particulars"


@dataclass(frozen=True)
class Particulars:
    """What a run says of a campus besides its scores; None or empty = the configuration does not ask for it.

    Parameters
    ----------
    land, local, around : Part
    power, routes, needs, costs : Part or None
    curves, steps : list of str
        Rows of ``delivery.csv`` and ``critical_path.csv`` without the key of the site.
    lines : list of dict
        Features of ``connections.geojson``; their ``site_id`` is None.
    """

    land: LandPart
    local: LocalPart
    around: AroundPart
    power: PowerPart | None = None
    routes: RoutePart | None = None
    needs: NeedPart | None = None
    costs: CostPart | None = None
    curves: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    lines: list[Json] = field(default_factory=list)

    @property
    def parts(self) -> dict[str, Any]:
        """The parts by the name of their field in a :class:`sitefinder.results.site.Site`."""
        return {name: getattr(self, name) for name in PARTS}

    def packed(self) -> bytes:
        """As JSON, all digits kept."""
        parts = {name: part if part is None else part.as_values() for name, part in self.parts.items()}
        return json.dumps([parts, self.curves, self.steps, self.lines], default=_plain, separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, content: bytes) -> Particulars:
        """Those that :meth:`packed` wrote."""
        rows, curves, steps, lines = json.loads(content)
        parts: dict[str, Any] = {name: row if row is None else PARTS[name].of_values(row) for name, row in rows.items()}
        return cls(**parts, curves=curves, steps=steps, lines=lines)


#: parts among the particulars
PARTS: Mapping[str, type[Part]] = {
    "land": LandPart,
    "local": LocalPart,
    "around": AroundPart,
    "power": PowerPart,
    "routes": RoutePart,
    "needs": NeedPart,
    "costs": CostPart,
}


def _plain(value: Any) -> Any:
    return value.item()


@dataclass(frozen=True)
class Places:
    """Where campuses are: (n,) places of the land index and (n, 2) EPSG:5070 positions of their seeds, metres."""

    index: np.ndarray
    xy: np.ndarray

    @property
    def size(self) -> int:
        """Number of campuses."""
        return len(self.index)


@dataclass(frozen=True)
class Survey:
    """Land, layers, data and terms from which particulars are computed.

    Parameters
    ----------
    field : Field
    stack : LayerStack
    config : Config
    package : DataPackage
    """

    field: Field
    stack: LayerStack
    config: Config
    package: DataPackage

    def kept(self, campuses: Sequence[Campus]) -> list[Particulars]:
        """Particulars of campuses that were grown, from the cache where an earlier run had them.

        Their land is free where no gate and no other use excludes it, so they rest on the gates, not on the score.
        """
        keys = [key_of(campus) for campus in campuses]

        def make(new: list[int]) -> list[bytes]:
            return [each.packed() for each in self.of([campuses[i] for i in new])]

        known = Records(self.stack.whole.folder).kept(KIND, self._basis, keys, make)
        return [Particulars.unpacked(known[key]) for key in keys]

    @cached_property
    def _basis(self) -> str:
        """Digest of all that particulars of a grown campus rest on, but its cells."""
        config = self.config.model_dump(mode="json", exclude=set(SCORE_SECTIONS))
        stems = sorted(record["stem"] for record in self.stack.records.values())
        data = {name: self.package.entry(name)["hash"] for name in sorted(self.package.resources)}
        return digest([config, self.config.campus_acres, stems, data, code_of(__name__)])

    def of(self, campuses: Sequence[Campus], stated: Sequence[StatedPower] | None = None) -> list[Particulars]:
        """Particulars of campuses, computed.

        Parameters
        ----------
        campuses : sequence of Campus
        stated : sequence of StatedPower, optional
            What the user's list says about power, price and zoning of each.
        """
        if not campuses:
            return []
        places = self._places(campuses)
        counties = [self.stack.zones.county_of(place) for place in places.index]
        land = self._land(campuses, places, counties)
        near = surroundings(self.package, places.xy, counties)
        chosen = self._grid(places)
        legs, routes = self._routes(places, chosen)
        table, power = self._power(places, legs, chosen, stated)
        price = None if stated is None else [s.price_per_acre for s in stated]
        acres = [float(c.share.sum() * self.field.land.grid.cell_acres) for c in campuses]
        needs, costs = self._costs(places, acres, table, legs, price)
        lines: list[list[Json]] = [[] for _ in campuses]
        if legs and self.config.connections:
            lines = route_features(places.size, legs, self.config.connections)
        return [
            Particulars(
                *(land[i], *near[i], power[i], routes[i], needs[i], costs[i]),
                curves=curve_rows(table, i) if table else [],
                steps=step_rows(table, i) if table else [],
                lines=lines[i],
            )
            for i in range(len(campuses))
        ]

    def _land(self, campuses: Sequence[Campus], places: Places, counties: Sequence[Mapping[str, Any]]) -> list[LandPart]:
        reached = counties_of(campuses, self.field.land.grid, self.package)
        around = [
            [own, *(county for county, _ in held if county["fips"] != own["fips"])]
            for own, held in zip(counties, reached, strict=True)
        ]
        return land_parts(
            shapes(campuses, self.field, self.config),
            neighbours(campuses, open_people(self.stack.whole, self.package), self.field.land.grid),
            taken(campuses, self.field, self.stack),
            decided(self.package, places.xy, around),
            [counties_words(held) or None for held in reached],
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
        mw = config.project.mw
        row = self.stack.nearest(STATION_LAYER, places.index)
        if row is None:  # a raster of the user's own stands in for the layer
            return choose(grid_points(self.package, config.delivery, mw), config.delivery, mw, places.xy)
        return KeptPoints(self.stack.whole.cache, self.package, config.delivery, mw).chosen(places.xy, row)

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
        legs = connect(self.stack.whole, self.package, terms, xy=places.xy, chosen=chosen)
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
