"""The order of the stages, readable top to bottom."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.cache import Tally, code_of, digest
from sitefinder.certainty.study import FILES as CERTAINTY_FILES
from sitefinder.config import Config, ConfigFile
from sitefinder.config.project import Replacement
from sitefinder.config.shipped import data_folder
from sitefinder.files import write_all
from sitefinder.layers import REGISTRY
from sitefinder.layers.added import UNAVAILABLE, added_files
from sitefinder.layers.files import COUNTIES
from sitefinder.layers.fingerprint import ZONE_FILES
from sitefinder.layers.package import DataPackage, read_features
from sitefinder.layers.replaced import raster_files
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.layers.taken import BESIDES, LAYER_OF
from sitefinder.layers.vectors import files_of as files_of_vector
from sitefinder.layers.zones import open_land
from sitefinder.ml.learned import Learned, layers_of_model, learn
from sitefinder.pipeline.area import bounds_of, of_area, shown_only
from sitefinder.pipeline.checks import FILES as CHECK_FILES
from sitefinder.pipeline.checks import checks_of
from sitefinder.pipeline.clock import Clock, LayersBuilt, lasting
from sitefinder.pipeline.listing import (
    LIST_FILES,
    OWN,
    Known,
    Listing,
    certainty_files,
    files_of,
    layers_of,
    national_list,
    own_list,
)
from sitefinder.pipeline.particulars import STATION_LAYER
from sitefinder.pipeline.score_rasters import Scores, learned_raster, score_rasters
from sitefinder.reports.web_map import Computed, map_html, map_inputs
from sitefinder.results.derived import retire_outdated
from sitefinder.results.manifest import checksum_of, earlier_manifest, file_checksum, manifest
from sitefinder.results.rasters import cog_bytes
from sitefinder.results.site import Site
from sitefinder.routes.friction import check_layers as check_route_layers
from sitefinder.scoring.criteria import check_layers
from sitefinder.scoring.exclusions import (
    Exclusions,
    active_gates,
    distance_gates,
    exclude,
    footprint_gates,
    inclusion_gates,
    occupied,
)
from sitefinder.scoring.score import valued_and_scored
from sitefinder.sites.campuses import Field
from sitefinder.sites.columns import NEAREST_LAYERS
from sitefinder.sites.own import UserSite
from sitefinder.sites.own_list import Asked, OwnSites, note_lines, problem_lines, read_sites, skipped_csv
from sitefinder.sites.scores import CONTEXT_LAYERS
from sitefinder.sites.taken import LAYERS as TAKEN_LAYERS
from sitefinder.sites.usable import LAYERS as USABLE_LAYERS

#: layer from which buildable acres come
BUILDABLE = "buildable_pct"
#: layer whose rivers carry the water of the campus: without ``needs`` no site has a river, nor without ``delivery`` a station
RIVER = "river_km"
#: bit of cells that are not land
OFF_LAND_BIT = 31
#: exclusions that stay in the cache: the latest and those before
KEPT = 4

#: every file that a run may write
RESULTS = (
    *LIST_FILES,
    *(f"{OWN}{name}" for name in LIST_FILES),
    *CERTAINTY_FILES,
    "own_sites_skipped.csv",
    *("portfolio.json", "portfolio.csv", "portfolio.geojson", "financing.json", "memo.html", "memo.md"),
    "map.html",
    "suitability.tif",
    "weighted.tif",
    "ml.tif",
    "agreement.tif",
    "exclusions.tif",
    "run.json",
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """Lists, ledger and timings of a run, in memory.

    Parameters
    ----------
    sites : list of Site
        The national list, best first.
    own : list of Site
        The user's sites, best first; empty without such a file.
    ledger : dict
        Acres lost to each gate.
    seconds : dict
        Time of each stage.
    """

    sites: list[Site]
    own: list[Site]
    ledger: Mapping[str, Mapping[str, float]]
    seconds: Mapping[str, float]


def run(  # noqa: PLR0913 - one parameter per choice of a run
    file: ConfigFile,
    *,
    out: Path = Path("out/latest"),
    data: Path | None = None,
    cache: Path = Path(".cache"),
    sites: Path | None = None,
    asked: Asked | None = None,
    with_map: bool = True,
) -> Result:
    """Rank the country and write every result file.

    Parameters
    ----------
    file : ConfigFile
        From :func:`sitefinder.config.loading.load_config`.
    out, data, cache : Path
        Results, compiled layers (by default ``data``, or as installed), and the folder of built layers.
    sites : Path, optional
        The user's own points or parcels.
    asked : Asked, optional
        How ``sites`` are read: what is left out, repaired or refused.
    with_map : bool
        Write the interactive map too.

    Raises
    ------
    SitefinderError
        Configuration, data, sites or output folder are wrong; nothing is written then.
    """
    config, clock = file.config, Clock()
    check_layers(file)
    check_route_layers(file)
    data = data or data_folder()
    package = DataPackage(data)
    own = _own_sites(sites, package, config, cache=cache, asked=asked)
    with clock.stage("layers"):
        stack = _stack(file, package, own, cache=cache)
    with clock.stage("exclusions", "gates over all cells"):
        excluded, ledger, excluded_tif = kept_exclusions(stack, config)
    with clock.stage("score", "score of every cell"), ThreadPoolExecutor(1) as beside:
        beside.submit(import_module, "rasterio")  # loads while the score is computed
        matrix, weighted = valued_and_scored(stack, config)
        learned = learn(stack, data) if config.model.share > 0 else None
        scores = Scores.of(weighted, learned, config.model.share, excluded.bits)
        del weighted
    with clock.stage("candidates", "campuses: land, dates, routes, costs, certainty"), ThreadPoolExecutor(1) as beside:
        rasters = beside.submit(score_rasters, stack, scores, learned, config)
        shown = shown_only(excluded, stack)
        computed = Computed(stack, config, package, shown, learned, matrix, bounds_of(stack, config))
        national, chosen = _lists(file, own.sites, computed, excluded, scores)
        del scores
        contents = national.files() | chosen.files(user=True)
        contents |= certainty_files(national, package)
        contents |= {"own_sites_skipped.csv": skipped_csv(own.skipped)} if own.skipped else {}
        if with_map:
            contents["map.html"] = _map(computed, national, chosen)
        contents |= rasters.result() | {"exclusions.tif": excluded_tif} | learned_raster(learned, shown, stack)
    with clock.stage("checks", "checks of the list against the registers"):
        checks = _checked(national, package, config, stack.whole.folder)
    account = {"given": _given(file, sites), "land_ledger_acres": ledger, "checks": checks, "seconds": clock.seconds}
    account |= {"recomputed": recomputed(clock.counts, layers_needed(file.config))}
    parts = _parts(file, package, learned) | account | _checksums(contents)
    contents["run.json"] = manifest(parts, earlier=earlier_manifest(out))
    with clock.stage("write"):
        write_all(out, contents, retire=RESULTS)
        retire_outdated(out)
    return Result(national.sites, chosen.sites, ledger, clock.seconds)


def _lists(
    file: ConfigFile, own: Sequence[UserSite], computed: Computed, excluded: Exclusions, scores: Scores
) -> tuple[Listing, Listing]:
    """The national list, and that of the user's sites; the rasters in which campuses grow are let go of at the end."""
    stack, config = computed.stack, computed.config
    free = np.where(kept_occupied(stack, config), np.float32(np.nan), scores.fused)
    field = Field(stack.land, stack.land.expand(free, np.nan), kept_acres(stack)).beginning_in(stack.inside)
    del free
    known = Known(field, stack, config, computed.learned, computed.package, computed.excluded, scores.ungated)
    national = national_list(file, known)
    if own:  # they may lie on land that is taken, and begin outside the area of the run
        field = replace(field, score=stack.land.expand(scores.fused, np.nan), beginning=None)
    ranked = [site.identity.score for site in national.sites]
    return national, own_list(own, replace(known, field=field, excluded=excluded), ranked)


def _map(computed: Computed, national: Listing, chosen: Listing) -> bytes:
    """The interactive map of the national list and the user's sites."""
    with lasting("map"):
        shapes = (national.on_map(), chosen.own_on_map(computed.stack.land), national.routes)
        return map_html(map_inputs(computed, *shapes))


def _own_sites(sites: Path | None, package: DataPackage, config: Config, *, cache: Path, asked: Asked | None) -> OwnSites:
    """The user's sites, checked against the land before any layer is built; what is taken, repaired and left out is logged."""
    if sites is None:
        return OwnSites([], [])
    land, _ = open_land(package, config, cache_folder=cache)
    own = read_sites(sites, land, asked, shore=lambda: read_features(package, COUNTIES, ())["geometry"])
    log.info("Read %s", own.taken)
    for note in note_lines(own.notes):
        log.warning("Note: %s", note)
    for line in problem_lines(sites, own.skipped):
        log.warning("Skipped: %s", line)
    return own


def _stack(file: ConfigFile, package: DataPackage, own: OwnSites, *, cache: Path) -> LayerStack:
    """Layers of the country, or of the area asked for with the land of the user's own sites."""
    whole = open_stack(package, file, layers_needed(file.config), cache_folder=cache, report=LayersBuilt())
    most_acres = max((site.acres or 0.0 for site in own.sites), default=0.0)
    return of_area(whole, file, package, [site.geometry for site in own.sites], acres=most_acres)


def layers_needed(config: Config) -> list[str]:
    """Layers of criteria and gates, and those that name a site, in a fixed order without repeats."""
    gates = [g.layer for asked in (active_gates(config), footprint_gates(config)) for g in asked.values()]
    model = layers_of_model() if config.model.share > 0 else []
    rests_on = {RIVER: config.needs, STATION_LAYER: config.delivery}
    nearest = [k for k in NEAREST_LAYERS.values() if rests_on.get(k, True)]
    gates += [g.layer for g in inclusion_gates(config).values()] + ([UNAVAILABLE] if config.layers.unavailable else [])
    always = (BUILDABLE, *CONTEXT_LAYERS, *TAKEN_LAYERS, *USABLE_LAYERS, *nearest)
    return list(dict.fromkeys([*config.flat_criteria(), *gates, *always, *model, *layers_of(config)]))


def land_left(stack: LayerStack) -> np.ndarray:
    """(n_land,) float32 buildable percentage of each cell without the causes of taken land that the layer itself leaves in."""
    left = stack.values(BUILDABLE).copy()
    for cause in BESIDES:
        left *= np.float32(1.0) - stack.values(LAYER_OF[cause]) / np.float32(100.0)
    if UNAVAILABLE in stack.records:
        left *= np.float32(1.0) - stack.values(UNAVAILABLE) / np.float32(100.0)
    return left


def kept_land_left(stack: LayerStack) -> np.ndarray:
    """:func:`land_left`, kept beside the stack."""
    return stack.cache.array(f"land-left-{_of_land_left(stack)}", lambda: land_left(stack), keep=KEPT)


def kept_acres(stack: LayerStack) -> np.ndarray:
    """(rows, columns) float32 acres of :func:`land_left`, 0 off the land; kept beside the stack, and read where it is needed."""

    def make() -> np.ndarray:
        return stack.land.expand(Field.acres_of(stack.land, kept_land_left(stack)), 0.0)

    return stack.cache.array(f"acres-left-{_of_land_left(stack)}", make, keep=KEPT)


def _of_land_left(stack: LayerStack) -> str:
    """Digest of what :func:`land_left` depends on."""
    layers = (BUILDABLE, *(LAYER_OF[cause] for cause in BESIDES), UNAVAILABLE)
    return digest([[stack.records[k]["stem"] for k in layers if k in stack.records], code_of(__name__)])


def kept_occupied(stack: LayerStack, config: Config) -> np.ndarray:
    """:func:`sitefinder.scoring.exclusions.occupied`, kept beside the stack."""
    asked = (*footprint_gates(config).values(), *distance_gates(config).values(), *inclusion_gates(config).values())
    gates = [[g.model_dump(mode="json"), stack.records[g.layer]["stem"]] for g in asked]
    name = f"occupied-{digest([gates, code_of('sitefinder.scoring.exclusions')])}"
    return stack.cache.array(name, lambda: occupied(stack, config), keep=KEPT)


def _checked(national: Listing, package: DataPackage, config: Config, folder: Path) -> dict[str, list[str]]:
    """What the list breaks, by rule; the log names the rules."""
    checks = checks_of(national, package, config, folder)
    broken = ", ".join(f"{name} {len(sites)}" for name, sites in checks.items() if sites)
    if broken:
        cell = f"{config.grid.resolution_m:g} m"
        log.warning("The list breaks rules (cells of %s): %s; 'checks' of run.json has the names.", cell, broken)
    return checks


def kept_exclusions(stack: LayerStack, config: Config) -> tuple[Exclusions, dict[str, dict[str, float]], bytes]:
    """Reason bits, ledger and raster of the gates; they do not depend on weights, so they are kept beside the stack."""
    gates = active_gates(config)
    rules = [*gates.items(), *inclusion_gates(config).items()]
    key = [[name, g.model_dump(mode="json"), stack.records[g.layer]["stem"]] for name, g in rules]
    name = f"exclusions-{digest([key, code_of('sitefinder.scoring.exclusions', 'sitefinder.results.rasters')])}"

    @cache
    def computed() -> Exclusions:
        return exclude(stack, config)

    def counted() -> Exclusions:
        return replace(computed(), bits=stack.inner(computed().bits))

    def raster() -> bytes:
        tags = {f"bit_{i}": f"{gate}: {gates[gate].reason}" for i, gate in enumerate(computed().names)}
        tags[f"bit_{OFF_LAND_BIT}"] = "off_land: sea, great lakes, other countries, and land outside the area of the run"
        grid = stack.land.grid
        bits = stack.shown(computed().bits, np.uint32(1 << OFF_LAND_BIT))
        return cog_bytes(stack.land.expand(bits, 1 << OFF_LAND_BIT), grid, nodata=None, tags=tags)

    kept = stack.cache
    bits = kept.array(name, lambda: computed().bits, keep=KEPT)
    ledger = kept.json(name, lambda: counted().ledger(stack.land.grid.cell_acres), keep=KEPT)
    return Exclusions(bits, tuple(gates), name), ledger, kept.content(f"{name}.tif", raster, keep=KEPT)


def _raster_hash(replacement: Replacement) -> str:
    """Checksums of the files of a raster in place of a layer, and what of it is read."""
    read = replacement.model_dump(mode="json", exclude_defaults=True, exclude={"file"})
    hashes = [f"{f} {file_checksum(f)}" for f in raster_files(Path(replacement.file)) if f.is_file()]
    return "; ".join([*hashes, *([str(read)] if read else [])])


def _checksums(contents: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    return {"results": {name: checksum_of(content) for name, content in sorted(contents.items())}}


def _given(file: ConfigFile, sites: Path | None) -> dict[str, str]:
    """Checksums of the files of the user that a run reads: rasters and vectors of layers, stations, and the list of sites."""
    rasters = [f for r in file.config.layers.replacements.values() for f in raster_files(Path(r.file))]
    vectors = [f for path in added_files(file.config) for f in files_of_vector(path)]
    paths = sorted({*rasters, *vectors, *([sites] if sites else [])})
    return {str(path): checksum for path in paths if (checksum := file_checksum(path))}


def _parts(file: ConfigFile, package: DataPackage, learned: Learned | None) -> dict[str, Any]:
    """What a run was made of, for its manifest."""
    replaced = file.config.layers.replacements
    used = {s for k in layers_needed(file.config) if k not in replaced for s in REGISTRY[k].spec.sources}
    used |= {*ZONE_FILES, *CHECK_FILES, *files_of(file.config, package)}
    return {
        "config_fingerprint": file.config.fingerprint(),
        "config": file.config.model_dump(mode="json"),
        "weights": file.config.criterion_weights(),
        "inputs": {name: package.entry(name)["hash"] for name in sorted(used)},
        "replaced_layers": {k: _raster_hash(r) for k, r in sorted(replaced.items())},
        "model": learned.stored.digest if learned else None,
    }


def recomputed(counts: Tally, layer_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """What the run took from the cache (``kept``) and what it computed: layers, records of places by kind, other results by kind.

    Parameters
    ----------
    counts : Tally
    layer_ids : sequence of str
        Layers that the run needed.
    """
    built = sum(1 for k in layer_ids if counts.computed[k])
    kinds = sorted({*counts.kept, *counts.computed} - set(REGISTRY))
    some = {kind: {"kept": counts.kept[kind], "computed": counts.computed[kind]} for kind in kinds}
    return {"layers": {"kept": len(layer_ids) - built, "computed": built}} | some
