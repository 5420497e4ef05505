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

from sitefinder.cache import code_of, digest
from sitefinder.cache.records import Records
from sitefinder.certainty import study as sure
from sitefinder.config import Config, ConfigFile
from sitefinder.costs.facts import FILES as COST_FILES
from sitefinder.costs.facts import LAYERS as COST_LAYERS
from sitefinder.errors import ConfigError
from sitefinder.files import Json
from sitefinder.grid import Land
from sitefinder.layers.files import PLACES as NAMING_FILE
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned
from sitefinder.pipeline.particulars import Particulars, Survey
from sitefinder.power.facts import FILES as POWER_FILES
from sitefinder.power.facts import LAYERS as POWER_LAYERS
from sitefinder.power.flexible import FILES as SERVICE_FILES
from sitefinder.reports.web_map.inputs import Sites as MapSites
from sitefinder.results.delivery_tables import CURVES_HEAD, STEPS_HEAD, keyed_csv
from sitefinder.results.geojson import collection, site_features
from sitefinder.results.route_lines import with_keys
from sitefinder.results.run import read_features
from sitefinder.results.site import Site
from sitefinder.results.stations import with_shared_stations
from sitefinder.routes.targets import FILES as TARGET_FILES
from sitefinder.scoring.exclusions import Exclusions
from sitefinder.sites.around import FILES as AROUND_FILES
from sitefinder.sites.called import Called
from sitefinder.sites.campuses import Campus, Field, key_of
from sitefinder.sites.columns import OwnPart
from sitefinder.sites.decided import FILES as DECIDED_FILES
from sitefinder.sites.kept import kept_campuses, kept_own
from sitefinder.sites.local import FILES as LOCAL_FILES
from sitefinder.sites.naming import place_names
from sitefinder.sites.neighbours import FILES as PEOPLE_FILES
from sitefinder.sites.own import UserSite, land_of_site
from sitefinder.sites.scores import Scored, free_scores, own_order, own_parts, scored
from sitefinder.sites.shape import footprints
from sitefinder.sites.stated import cleared_land
from sitefinder.sites.usable import usable

#: files of a list in the output folder; those of the user's own list begin with "own_"
LIST_FILES = ("sites.geojson", "delivery.csv", "critical_path.csv", "connections.geojson")
OWN = "own_"
#: sections of the configuration that add something to a list
PARTS = ("delivery", "connections", "needs", "costs", "uncertainty")
#: sections that a quick run leaves out; dates and needs stay, because layers of grid power and of rivers rest on them
SLOW_PARTS = ("connections", "costs", "uncertainty")

#: kind of the records of names in the cache
NAMES = "names"

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
    particulars : list of Particulars
        Of each site; its parts are those of the site.
    certainty : Certainty or None
    near_misses : dict
        The file of near misses; empty without certainty.
    """

    sites: list[Site]
    campuses: list[Campus]
    outlines: list[Any]
    particulars: list[Particulars]
    certainty: sure.Certainty | None = None
    near_misses: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def features(self) -> list[Json]:
        """The sites as GeoJSON features."""
        return site_features(self.sites, self.outlines)

    @cached_property
    def routes(self) -> list[Json]:
        """Their routes as GeoJSON features."""
        return with_keys(self.ids, [each.lines for each in self.particulars])

    @property
    def ids(self) -> list[str]:
        """Keys of the sites."""
        return [site.site_id for site in self.sites]

    def files(self, *, user: bool = False) -> dict[str, bytes]:
        """Files of the list."""
        contents = {}
        if self.sites:
            contents["sites.geojson"] = collection(self.features)
        if any(each.curves for each in self.particulars):
            contents["delivery.csv"] = keyed_csv(CURVES_HEAD, self.ids, [each.curves for each in self.particulars])
            contents["critical_path.csv"] = keyed_csv(STEPS_HEAD, self.ids, [each.steps for each in self.particulars])
        if self.routes:
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
    excluded : Exclusions
    ungated : (n_land,) float32
        Fused score that each cell would have without any gate.
    """

    field: Field
    stack: LayerStack
    config: Config
    learned: Learned | None
    package: DataPackage
    excluded: Exclusions
    ungated: np.ndarray

    @property
    def scored(self) -> sure.Scored:
        """Scores of the country, for the study of certainty."""
        return sure.Scored(self.field, self.stack, self.package, self.learned)

    def scores(self, campuses: Sequence[Campus]) -> list[Scored]:
        """Scores, place, name and evidence of campuses."""
        scores = scored(campuses, self.field, self.stack, self.config, learned=self.learned)
        lon_lat = np.array([[s.place.lon, s.place.lat] for s in scores]).reshape(-1, 2)
        states = [s.place.state for s in scores]
        basis = digest([self.package.entry(NAMING_FILE)["hash"], code_of("sitefinder.sites.naming")])
        keys = [f"{lon!r} {lat!r} {state}" for (lon, lat), state in zip(lon_lat.tolist(), states, strict=True)]

        def make(new: list[int]) -> list[bytes]:
            return [name.encode() for name in place_names(self.package, lon_lat[new], [states[i] for i in new])]

        known = Records(self.stack.folder).kept(NAMES, basis, keys, make)
        names = [known[key].decode() for key in keys]
        return [replace(s, identity=replace(s.identity, name=name)) for s, name in zip(scores, names, strict=True)]

    @property
    def survey(self) -> Survey:
        """Where the particulars of campuses come from."""
        return Survey(self.field, self.stack, self.config, self.package)


def _listing(campuses: list[Campus], outlines: list[Any], scores: Sequence[Scored], particulars: list[Particulars]) -> Listing:
    sites = [Site(**vars(score), **each.parts) for score, each in zip(scores, particulars, strict=True)]
    return Listing(sites, campuses, outlines, particulars)


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
        *AROUND_FILES,
        *((*POWER_FILES, *SERVICE_FILES) if config.delivery else ()),
        *(routes if config.connections else ()),
        *(COST_FILES if config.needs and config.costs else ()),
    }


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
    index = known.field.land.index_of
    known = replace(known, stack=known.stack.holding({key_of(c): index(c.cells) for c in rivals}))
    campuses = rivals[: config.candidates.count]
    outlines = footprints([c.cells for c in campuses], known.field.land.grid)
    with ThreadPoolExecutor(1) as beside:  # the two share nothing that either changes
        study = beside.submit(sure.certainty, rivals, len(campuses), known.scored, config)
        listing = _listing(campuses, outlines, known.scores(campuses), known.survey.kept(campuses))
        if config.uncertainty:
            missed = sure.near_miss_file(known.scored, config, known.excluded, listed=campuses, ungated=known.ungated)
            listing = replace(listing, near_misses=missed)
        certainty = study.result()
    listing = replace(listing, sites=with_shared_stations(listing.sites))
    if certainty is None:
        return listing
    sites = [replace(site, certainty=part) for site, part in zip(listing.sites, certainty.parts, strict=True)]
    return replace(listing, sites=sites, certainty=certainty)


def _kept(path: Path, field: Field) -> list[Campus]:
    """The campuses of an earlier list."""
    return kept_campuses(read_features(path), field, path)


def certainty_files(national: Listing, package: DataPackage) -> dict[str, bytes]:
    """Files of the certainty of the ranking; none without the section ``uncertainty``."""
    if national.certainty is None:
        return {}
    return sure.certainty_files(national.certainty, national.ids, package) | dict(national.near_misses)


def _judged_together(own: Sequence[UserSite]) -> list[list[int]]:
    """Rows of the sites that share the land of the registers, and each site whose user states otherwise by itself."""
    same = [i for i, site in enumerate(own) if not site.stated.cleared]
    return ([same] if same else []) + [[i] for i, site in enumerate(own) if site.stated.cleared]


def own_list(own: Sequence[UserSite], known: Known, national: Sequence[float]) -> Listing:
    """The user's own sites, best first and excluded ones last; ``national`` holds the scores of the national list."""
    config = known.config

    def as_the_user_states(site: UserSite) -> tuple[Field, Exclusions]:
        """For one site alone: its neighbours' land stays as the registers have it."""
        return cleared_land(
            site.stated, land_of_site(site, known.field.land, config), known.field, known.excluded, known.stack, config
        )

    called = Called.of(config, known.stack)
    campuses = [called.campus(site, as_the_user_states(site)[0], config) for site in own]
    scores = known.scores(campuses)
    free: list[float] = [np.nan] * len(own)
    parts: list[OwnPart] = []
    for group in _judged_together(own):
        field, reasons = as_the_user_states(own[group[0]])
        some = [campuses[i] for i in group]
        marks = free_scores(some, [scores[i].identity.score for i in group], field, reasons)
        use = usable(some, field, reasons, known.stack, known.package, config)
        use = [called.told(used, campus) for used, campus in zip(use, some, strict=True)]
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
    ordered = [campuses[i] for i in order]
    listing = _listing(ordered, [outlines[i] for i in order], numbered, known.survey.of(ordered, stated))
    said = [replace(site, own=parts[i], yours=own[i].attributes) for site, i in zip(listing.sites, order, strict=True)]
    return replace(listing, sites=said)
