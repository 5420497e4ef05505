"""What the map needs, taken from a run: the stack, the configuration and the result files."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pandas import read_parquet
from ruamel.yaml import YAML

from sitefinder.config import FAMILIES, Config
from sitefinder.files import Json
from sitefinder.kernels.score import TOP as TOP_STEP
from sitefinder.kernels.score import UNKNOWN
from sitefinder.layers import REGISTRY
from sitefinder.layers.files import STATES
from sitefinder.layers.stack import LayerStack, forget
from sitefinder.reports.web_map import vectors
from sitefinder.reports.web_map.criterion_planes import pack_criteria
from sitefinder.reports.web_map.inputs import CriterionInput, CriterionPlanes, Layer, Made, MapInputs, Sites, SiteTable, Surface
from sitefinder.reports.web_map.parts import parts_of
from sitefinder.reports.web_map.surface import TOP, pack_surface
from sitefinder.results.site import columns
from sitefinder.scoring.criteria import breakpoints
from sitefinder.scoring.exclusions import active_gates
from sitefinder.scoring.score import ValueMatrix, value_matrix

Feature = Mapping[str, Any]
#: packed surfaces, criteria and layers kept in the cache: today's and the ones before
KEPT = 2
#: names of the planes of the learned score
LEARNED, APPLIES = "learned", "applicability"
#: characters after which YAML would begin a new line: none
ONE_LINE = 1_000_000


def map_inputs(made: Made, national: Sites, own: Sites, routes: Sequence[Feature] = ()) -> MapInputs:
    """Everything that the page shows.

    Parameters
    ----------
    made : Made
    national, own : Sites
        The run's list and the user's own sites (may be empty).
    routes : sequence of mapping
        GeoJSON features of the routes, WGS 84.

    Raises
    ------
    DataError
        A compiled file is missing or damaged.
    OutputError
        The cache cannot be written.
    """
    config = made.config
    matrix = value_matrix(made.stack, config)
    gates = {name: gate.reason for name, gate in active_gates(config).items()}
    return MapInputs(
        surface=_surface(made, matrix),
        planes=_criterion_planes(made, matrix),
        criteria=criteria_of(config),
        national=_table(made, matrix, national, user=False),
        own=_table(made, matrix, own, user=True),
        layers=[*_layers(made), *_routes(routes)],
        weights=config.family_weights(),
        model_share=config.model.share if made.learned else None,
        gates=gates,
        states=_states(made),
        config_yaml=config_yaml(config),
        project={
            "name": config.project.name,
            "mw": config.project.mw,
            "energise_by": config.project.energise_by,
            "fingerprint": config.fingerprint(),
        },
    )


def _states(made: Made) -> dict[str, str]:
    """Names of the states, by which sites are searched."""
    table = read_parquet(made.package.verified(STATES), columns=["code", "name"])
    return dict(zip(table["code"], table["name"], strict=True))


def _table(made: Made, matrix: ValueMatrix, sites: Sites, *, user: bool) -> SiteTable:
    """Sites as the page takes them."""
    shown = columns(tuple(sites.sites[0].layers), user=user) if sites.sites else ()
    return SiteTable([site.values for site in sites.sites], sites.outlines, shown, parts_of(made, matrix, sites.land))


def _within(config: Config, matrix: ValueMatrix, family: str) -> np.ndarray:
    """(n_criteria,) weight of each criterion within one family, 0 for the others."""
    within = config.weights_within(family)
    total = sum(within.values())
    return np.array([within.get(k, 0.0) / total if total > 0 else 0.0 for k in matrix.ids])


def family_scores(config: Config, matrix: ValueMatrix, family: str) -> np.ndarray:
    """(n_land,) uint8 score within one family; see :data:`sitefinder.reports.web_map.surface.TOP`."""
    total = np.zeros(matrix.values.shape[1], np.float32)
    for i, weight in enumerate(_within(config, matrix, family)):
        if weight > 0:
            steps = np.asarray(matrix.values[i])
            part = steps * np.float32(weight * TOP / TOP_STEP)
            if matrix.incomplete[i]:
                part[steps == UNKNOWN] = 0.0
            total += part
    return np.round(total).astype(np.uint8)


def _surface(made: Made, matrix: ValueMatrix) -> Surface:
    """The packed surface; it does not depend on the weights of families, so it is kept beside the stack."""
    config = made.config
    weights = {f: config.weights_within(f) for f in FAMILIES}
    key = _key(made, matrix, weights, made.learned.key if made.learned else "")

    def pack() -> Surface:
        scores: dict[str, np.ndarray] = {f: family_scores(config, matrix, f) for f in FAMILIES}
        if made.learned:
            scores[LEARNED] = np.clip(np.round(made.learned.score * np.float32(TOP / 100.0)), 0, TOP).astype(np.uint8)
            scores[APPLIES] = np.round(made.learned.applicability * np.float32(TOP)).astype(np.uint8)
        return pack_surface(made.stack.land, made.excluded.bits, scores)

    head, blobs = _kept(made.stack, f"map-surface-{key}", lambda: _split(pack()))
    return Surface(**head, planes=blobs)


def _criterion_planes(made: Made, matrix: ValueMatrix) -> CriterionPlanes:
    """Packed values of single criteria; they depend on no weight."""

    def make() -> tuple[Any, Mapping[str, bytes]]:
        made_now = pack_criteria(made.stack.land, made.excluded.bits, matrix)
        return {k: getattr(made_now, k) for k in ("width", "height", "every")}, made_now.planes

    head, blobs = _kept(made.stack, f"map-criteria-{_key(made, matrix)}", make)
    return CriterionPlanes(**head, planes=blobs)


def _key(made: Made, matrix: ValueMatrix, *more: Any) -> str:
    """Fingerprint of the values of all criteria, the excluded cells and the code that packs them."""
    shapes = {k: c.model_dump(mode="json", exclude={"weight", "per"}) for k, c in made.config.flat_criteria().items()}
    stems = [made.stack.records[k]["stem"] for k in matrix.ids]
    bits = hashlib.blake2b(np.ascontiguousarray(made.excluded.bits).data).hexdigest()
    return hashlib.sha256(json.dumps([shapes, stems, bits, _code(), *more], sort_keys=True).encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """Checksum of the program that packs."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in modules)).hexdigest()


def _split(surface: Surface) -> tuple[Json, Mapping[str, bytes]]:
    head = {k: getattr(surface, k) for k in ("width", "height", "cell_m", "west", "north", "combinations")}
    return head, surface.planes


def _kept(stack: LayerStack, name: str, make: Callable[[], tuple[Any, Mapping[str, bytes]]]) -> tuple[Any, dict[str, bytes]]:
    """A head (JSON) and named bytes from the cache beside the stack, or made and kept there."""

    def written() -> np.ndarray:
        head, blobs = make()
        stream = io.BytesIO()
        lengths = {k: len(v) for k, v in blobs.items()}
        stream.write(json.dumps([head, lengths]).encode() + b"\n")
        for blob in blobs.values():
            stream.write(blob)
        return np.frombuffer(stream.getvalue(), np.uint8)

    content = stack.kept(name, written).tobytes()
    os.utime(stack.folder / f"{name}.npy")  # used now: the last to be forgotten
    forget(stack.folder, f"{name.rpartition('-')[0]}-*.npy", KEPT)
    line, _, rest = content.partition(b"\n")
    head, lengths = json.loads(line)
    blobs, place = {}, 0
    for key, length in lengths.items():
        blobs[key] = rest[place : place + length]
        place += length
    return head, blobs


def _layers(made: Made) -> list[Layer]:
    """Layers of the compiled data, packed once."""
    files = [made.package.entry(file)["hash"] for _, _, file, _ in vectors.SOURCES.values()]
    credits = [vectors.credit_of(made.package, file) for _, _, file, _ in vectors.SOURCES.values()]
    key = hashlib.sha256(json.dumps([files, credits, _code()]).encode()).hexdigest()[:16]

    def make() -> tuple[Any, Mapping[str, bytes]]:
        layers = vectors.layers_of(made.package)
        return [{k: v for k, v in asdict(x).items() if k != "shapes"} for x in layers], {x.name: x.shapes for x in layers}

    heads, shapes = _kept(made.stack, f"map-layers-{key}", make)
    return [Layer(**head, shapes=shapes[head["name"]]) for head in heads]


def _routes(features: Sequence[Feature]) -> Iterable[Layer]:
    """The least-cost connections of the sites, where the run computed them."""
    lines = [f for f in features if f["geometry"]["type"] == "LineString"]
    if lines:
        yield vectors.routes_layer(lines)


def criteria_of(config: Config) -> list[CriterionInput]:
    """The criteria as the page shows and writes them, in reporting order."""
    found = []
    for family in FAMILIES:
        for layer_id, weight in config.weights_within(family).items():
            criterion = config.criteria[family][layer_id]
            spec = REGISTRY[layer_id].spec
            terms = _plain(criterion.model_dump(exclude_none=True, exclude={"weight"}))
            points = breakpoints(criterion.of_project(config.project.mw))
            told = ", ".join(f"{y:g} at {x:g}" for x, y in zip(*points, strict=True)) if points else "logistic"
            counts = criterion.counts_for(config.project.mw)
            told = f"value {told} {spec.unit}" if counts else f"without weight at {config.project.mw:g} MW"
            flow = _yaml(terms, flow=True)
            found.append(CriterionInput(layer_id, family, spec.title, weight, told=told, terms=flow, counts=counts))
    return found


def config_yaml(config: Config) -> str:
    """The configuration as YAML, without the parts that the page writes: weights, criteria and the share of the learned score."""
    tree = _plain(config.model_dump(exclude_none=True))
    for part in ("weights", "criteria", "model"):
        del tree[part]
    return _yaml(tree)


def _yaml(tree: Any, *, flow: bool | None = None) -> str:
    """YAML of plain values; with ``flow`` the inside of a flow mapping on one line."""
    stream = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = flow
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    if flow:
        writer.width = ONE_LINE
    writer.dump(tree, stream)
    return stream.getvalue().strip().removeprefix("{").removesuffix("}") if flow else stream.getvalue()


def _plain(value: Any) -> Any:
    """Tuples as lists."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
