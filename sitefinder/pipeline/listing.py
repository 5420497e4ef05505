"""A list of sites with everything a run says about them: rows, outlines, curves, routes, costs, certainty."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.certainty import study as sure
from sitefinder.config import Config, ConfigFile
from sitefinder.costs.budget import budget
from sitefinder.costs.columns import cost_columns, need_columns
from sitefinder.costs.facts import FILES as COST_FILES
from sitefinder.costs.facts import LAYERS as COST_LAYERS
from sitefinder.costs.facts import best_rivers, cost_facts
from sitefinder.costs.needs import site_needs
from sitefinder.errors import ConfigError
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned
from sitefinder.power.facts import FILES as POWER_FILES
from sitefinder.power.facts import LAYERS as POWER_LAYERS
from sitefinder.power.facts import site_facts
from sitefinder.power.timetable import Timetable, timetable
from sitefinder.results.columns import NEAREST_LAYERS, columns
from sitefinder.results.delivery_tables import curves_csv, delivery_columns, steps_csv
from sitefinder.results.geojson import feature_collection
from sitefinder.results.route_lines import connections_geojson
from sitefinder.routes.legs import Leg, connect, connection_rows
from sitefinder.routes.targets import FILES as TARGET_FILES
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.campuses import Campus, Field
from sitefinder.sites.kept import kept_campuses
from sitefinder.sites.neighbours import FILES as PEOPLE_FILES
from sitefinder.sites.neighbours import People, neighbour_columns, open_people
from sitefinder.sites.own import UserSite, campus_of
from sitefinder.sites.scores import rank_user_rows, site_rows, user_rows
from sitefinder.sites.shape import footprints, shape_columns

#: what a list leaves in the output folder; a user's own list has the same with "own_" before
LIST_FILES = ("sites.geojson", "delivery.csv", "critical_path.csv", "connections.geojson")
OWN = "own_"
#: sections of the configuration that add something to a list
PARTS = ("delivery", "connections", "needs", "costs", "uncertainty")
#: those that a quick run does without; dates and needs stay, because layers of grid power and of rivers rest on them
SLOW_PARTS = ("connections", "costs", "uncertainty")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listed:
    """A list of sites.

    Parameters
    ----------
    rows : list of dict
        Columns of each site, best first.
    campuses : list of Campus
    outlines : list
        WGS 84 polygons.
    table : Timetable or None
        Megawatts by date; None where they are not computed.
    legs : dict
        Routes; empty where they are not computed.
    certainty : Certainty or None
    """

    rows: list[dict[str, Any]]
    campuses: list[Campus]
    outlines: list[Any]
    table: Timetable | None = None
    legs: Mapping[str, Leg] = field(default_factory=dict)
    certainty: sure.Certainty | None = None

    def files(self, ids: tuple[str, ...], config: Config, *, user: bool = False) -> dict[str, bytes]:
        """Files of the list."""
        made = {}
        if self.rows:
            made["sites.geojson"] = feature_collection(self.outlines, self.rows, columns(ids, user=user))
        if self.table:
            made["delivery.csv"] = curves_csv(self.table, self.rows)
            made["critical_path.csv"] = steps_csv(self.table, self.rows)
        if self.legs and config.connections:
            made["connections.geojson"] = connections_geojson(self.rows, self.legs, config.connections)
        return {f"{OWN}{name}": content for name, content in made.items()} if user else made


@dataclass(frozen=True)
class Known:
    """What lists of sites are made from.

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
        """What the certainty of a ranking is studied on."""
        return sure.Scored(self.field, self.stack, self.package, self.learned)

    def rows(self, campuses: Sequence[Campus]) -> list[dict[str, Any]]:
        """Scores, shape and neighbours of campuses."""
        rows = site_rows(campuses, self.field, self.stack, self.config, nearest=NEAREST_LAYERS, learned=self.learned)
        shapes = shape_columns(campuses, self.field, self.config)
        neighbours = neighbour_columns(campuses, self.people, self.field.land.grid)
        return [row | shape | near for row, shape, near in zip(rows, shapes, neighbours, strict=True)]

    def complete(self, rows: list[dict[str, Any]], campuses: list[Campus], outlines: list[Any]) -> Listed:
        """The list with megawatts by date, routes, needs and costs written into its rows, as far as the configuration asks."""
        if not campuses:
            return Listed(rows, campuses, outlines)
        land = self.field.land
        seed = np.array([c.cells[0] for c in campuses])
        xy = np.stack(land.grid.centre(seed // land.grid.width, seed % land.grid.width), axis=1)
        index = land.index_of(seed)
        table = self._deliver(rows, index, xy)
        legs = self._connect(rows, xy)
        self._price(rows, index, xy)
        return Listed(rows, campuses, outlines, table, legs)

    def _deliver(self, rows: list[dict[str, Any]], index: np.ndarray, xy: np.ndarray) -> Timetable | None:
        delivery, project = self.config.delivery, self.config.project
        if delivery is None:
            return None
        facts = site_facts(self.stack, self.package, delivery, project, index=index, xy=xy)
        table = timetable(facts, delivery, project)
        _add(rows, delivery_columns(table, facts))
        return table

    def _connect(self, rows: list[dict[str, Any]], xy: np.ndarray) -> Mapping[str, Leg]:
        settings, needs, project = self.config.connections, self.config.needs, self.config.project
        if settings is None or needs is None:
            return {}
        legs = connect(self.stack, self.package, settings, project, needs.water, xy=xy)
        _add(rows, connection_rows(legs, settings, project, needs.water))
        return legs

    def _price(self, rows: list[dict[str, Any]], index: np.ndarray, xy: np.ndarray) -> None:
        needs, project = self.config.needs, self.config.project
        if needs is None or self.config.costs is None:
            return
        pipeline = [row.get("gas_route_to") for row in rows]
        rivers = best_rivers(self.package, needs.water, project, xy)
        facts = cost_facts(self.stack, self.package, rivers, index=index, pipeline=pipeline)
        _add(rows, need_columns(site_needs(facts, needs, project), facts, project.cooling))
        _add(rows, cost_columns(budget(facts, rows, self.config), facts))


def _add(rows: list[dict[str, Any]], found: Sequence[Mapping[str, Any]]) -> None:
    for row, more in zip(rows, found, strict=True):
        row.update(more)


def layers_of(config: Config) -> list[str]:
    """Layers that the parts of a list read, besides those of scores and gates; the log tells which parts are left out."""
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
        *(POWER_FILES if config.delivery else ()),
        *(routes if config.connections else ()),
        *(COST_FILES if config.needs and config.costs else ()),
    }


def open_known(field: Field, stack: LayerStack, config: Config, learned: Learned | None, package: DataPackage) -> Known:
    """What lists are made from, with the people around read from the cache or the data."""
    return Known(field, stack, config, learned, package, open_people(stack, package))


def national_list(file: ConfigFile, known: Known) -> Listed:
    """The best campuses of the country, or those of an earlier list (``candidates.keep``), and how sure their order is.

    Raises
    ------
    ConfigError
        No campus fits.
    """
    config = known.config
    keep = config.candidates.keep
    rivals = kept_campuses(Path(keep), known.field) if keep else sure.rivals(known.field, config)
    if not rivals:
        raise ConfigError(
            f"No campus of {config.campus_acres:g} acres fits in {file.path}. "
            "Loosen exclusions, or lower candidates.acres_per_mw."
        )
    campuses = rivals[: config.candidates.count]
    outlines = footprints([c.cells for c in campuses], known.field.land.grid)
    with ThreadPoolExecutor(1) as beside:  # the two share nothing that either changes
        shaken = beside.submit(sure.certainty, rivals, len(campuses), known.scored, config)
        listed = known.complete(known.rows(campuses), campuses, outlines)
        made = shaken.result()
    if made:
        _add(listed.rows, made.columns)
    return replace(listed, certainty=made)


def certainty_files(national: Listed, known: Known, excluded: Exclusions) -> dict[str, bytes]:
    """What a run says about how sure its ranking is; nothing without the section ``uncertainty``."""
    if national.certainty is None:
        return {}
    ids = [row["site_id"] for row in national.rows]
    made = sure.certainty_files(national.certainty, ids, known.package)
    return made | sure.near_miss_file(known.scored, known.config, excluded, listed=national.campuses)


def own_list(own: Sequence[UserSite], known: Known, excluded: Exclusions, national: Sequence[float]) -> Listed:
    """The user's own sites in their order; ``national`` holds the scores of the national list."""
    campuses = [campus_of(site, known.field, known.config) for site in own]
    rows = user_rows(known.rows(campuses), [s.name for s in own], campuses, known.field, excluded)
    order = rank_user_rows(rows, national)
    grown = footprints([c.cells for c in campuses], known.field.land.grid) if own else []
    outlines = [site.outline or cells for site, cells in zip(own, grown, strict=True)]
    return known.complete([rows[i] for i in order], [campuses[i] for i in order], [outlines[i] for i in order])
