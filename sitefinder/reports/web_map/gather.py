"""Inputs of the map from a run: layers, configuration and lists of sites."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from sitefinder.cache import code_of, digest
from sitefinder.config import FAMILIES, Config
from sitefinder.files import Json
from sitefinder.grid import Land
from sitefinder.layers import REGISTRY
from sitefinder.layers.files import STATES
from sitefinder.layers.stack import LayerStack
from sitefinder.layers.taken import LAYER_OF, WORDS
from sitefinder.reports.web_map import taken_plane, vectors
from sitefinder.reports.web_map.criterion_planes import pack_criteria
from sitefinder.reports.web_map.inputs import (
    Computed,
    CriterionInput,
    CriterionPlanes,
    Layer,
    MapInputs,
    Sites,
    SiteTable,
    Surface,
    Taken,
)
from sitefinder.reports.web_map.parts import parts_of
from sitefinder.reports.web_map.surface import all_scores, pack_surface
from sitefinder.results.deadline import deadline
from sitefinder.results.site import columns
from sitefinder.scoring.criteria import breakpoints
from sitefinder.scoring.exclusions import active_gates
from sitefinder.scoring.score import ValueMatrix

Feature = Mapping[str, Any]
#: packed surfaces, criteria and layers kept in the cache: today's and the ones before
KEPT = 2
#: modules that pack scores and values
PACKING = ("sitefinder.reports.web_map.surface", "sitefinder.reports.web_map.criterion_planes")
#: characters after which YAML would begin a new line: none
ONE_LINE = 1_000_000


def map_inputs(computed: Computed, national: Sites, own: Sites, routes: Sequence[Feature] = ()) -> MapInputs:
    """Inputs of the map page.

    Parameters
    ----------
    computed : Computed
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
    config = computed.config
    matrix = computed.matrix
    gates = {name: gate.reason for name, gate in active_gates(config).items()}
    return MapInputs(
        surface=_surface(computed, matrix),
        planes=_criterion_planes(computed, matrix),
        criteria=_criteria(computed),
        national=_table(computed, matrix, national, user=False),
        own=_table(computed, matrix, own, user=True),
        layers=[*_layers(computed), *_routes(routes)],
        weights=config.family_weights(),
        model_share=config.model.share if computed.learned else None,
        gates=gates,
        states=_states(computed),
        config_yaml=_config_yaml(computed),
        project={
            "name": config.project.name,
            "mw": config.project.mw,
            "energise_by": config.project.energise_by,
            "fingerprint": config.fingerprint(),
            **_verdict(national, config),
        },
        bounds=computed.bounds,
        taken=_taken(computed),
    )


def _criteria(computed: Computed) -> list[CriterionInput]:
    """Criteria of the page; what no weight changes of them is kept beside the stack."""
    config = computed.config
    shapes = {
        f: {k: c.model_dump(mode="json", exclude={"weight"}) for k, c in some.items()} for f, some in config.criteria.items()
    }
    name = f"map-criteria-words-{digest([shapes, config.project.mw, code_of(__name__)])}"
    rows = computed.stack.whole.cache.json(name, lambda: [asdict(c) for c in criteria_of(config)], keep=KEPT)
    weights = {k: w for f in FAMILIES for k, w in config.weights_within(f).items()}
    return [CriterionInput(**(row | {"weight": weights[row["layer_id"]]})) for row in rows]


def _config_yaml(computed: Computed) -> str:
    """See :func:`config_yaml`; kept beside the stack."""
    tree = computed.config.model_dump(mode="json", exclude={"weights", "criteria", "model"})
    name = f"map-configuration-{digest([json.dumps(tree), code_of(__name__)])}.yaml"  # the order of the keys shows
    return computed.stack.cache.content(name, lambda: config_yaml(computed.config).encode(), keep=KEPT).decode()


def _verdict(sites: Sites, config: Config) -> dict[str, str]:
    """Whether any site of the list meets the date wanted; nothing where there are no dates."""
    answer = deadline(sites.sites, config.project)
    if answer is None:
        return {}
    return {"deadline": answer.title, "deadline_words": answer.verdict, "deadline_change": answer.change}


def _states(computed: Computed) -> dict[str, str]:
    """Postal code -> name of each state, for the search; kept beside the stack."""

    def read() -> dict[str, str]:
        table = computed.package.columns(STATES, ("code", "name"))
        return dict(zip(table["code"].tolist(), table["name"].tolist(), strict=True))

    name = f"map-states-{digest([computed.package.entry(STATES)['hash'], code_of(__name__)])}"
    return dict(computed.stack.whole.cache.json(name, read, keep=KEPT))


def _table(computed: Computed, matrix: ValueMatrix, sites: Sites, *, user: bool) -> SiteTable:
    """Table of sites for the page."""
    headings = columns(tuple(sites.sites[0].layers), user=user) if sites.sites else ()
    return SiteTable([site.values for site in sites.sites], sites.outlines, headings, parts_of(computed, matrix, sites.land))


def _surface(computed: Computed, matrix: ValueMatrix) -> Surface:
    """Packed surface, kept beside the stack; it does not depend on the weights of families."""
    config = computed.config
    weights = {f: config.weights_within(f) for f in FAMILIES}
    key = _key(computed, matrix, weights, computed.learned.key if computed.learned else "")

    def pack() -> Surface:
        stack, scores = computed.stack, all_scores(config, matrix, computed.learned)
        return pack_surface(_land(stack), stack.inner(computed.excluded.bits), {k: stack.inner(v) for k, v in scores.items()})

    head, blobs = _kept(computed.stack, f"map-surface-{key}", lambda: _split(pack()))
    return Surface(**head, planes=blobs)


def _land(stack: LayerStack) -> Land:
    """Land that the map shows: that of the run, without what surrounds an area."""
    return stack.land if stack.inside is None else Land(stack.land.grid, stack.inner(stack.land.cells))


def _criterion_planes(computed: Computed, matrix: ValueMatrix) -> CriterionPlanes:
    """Packed values of single criteria, which depend on no weight."""

    def make() -> tuple[Any, Mapping[str, bytes]]:
        stack = computed.stack
        shown = matrix if stack.inside is None else replace(matrix, values=matrix.values[:, stack.inside])
        packed = pack_criteria(_land(stack), stack.inner(computed.excluded.bits), shown)
        return {k: getattr(packed, k) for k in ("width", "height", "every")}, packed.planes

    head, blobs = _kept(computed.stack, f"map-criteria-{_key(computed, matrix)}", make)
    return CriterionPlanes(**head, planes=blobs)


def _taken(computed: Computed) -> Taken:
    """What takes land, packed; kept beside the stack."""
    stack = computed.stack
    key = digest([[stack.records[k]["stem"] for k in LAYER_OF.values()], code_of(taken_plane.__name__)])

    def make() -> tuple[Any, Mapping[str, bytes]]:
        shares = {cause: stack.inner(stack.values(layer)) for cause, layer in LAYER_OF.items()}
        packed = taken_plane.pack_taken(_land(stack), shares, WORDS)
        return {"causes": packed.causes, "combinations": packed.combinations}, packed.blobs

    head, blobs = _kept(stack, f"map-taken-{key}", make)
    return Taken(**head, blobs=blobs)


def _key(computed: Computed, matrix: ValueMatrix, *more: Any) -> str:
    """Fingerprint of the values of all criteria, the excluded cells and the code that packs them."""
    shapes = {k: c.model_dump(mode="json", exclude={"weight", "per"}) for k, c in computed.config.flat_criteria().items()}
    stems = [computed.stack.records[k]["stem"] for k in matrix.ids]
    return digest([shapes, stems, computed.excluded.key or _bits(computed), code_of(*PACKING), *more])


def _bits(computed: Computed) -> str:
    """Checksum of the excluded cells, for exclusions without a key."""
    return hashlib.blake2b(np.ascontiguousarray(computed.excluded.bits).data).hexdigest()


def _split(surface: Surface) -> tuple[Json, Mapping[str, bytes]]:
    head = {k: getattr(surface, k) for k in ("width", "height", "cell_m", "west", "north", "combinations")}
    return head, surface.planes


def _kept(stack: LayerStack, name: str, make: Callable[[], tuple[Any, Mapping[str, bytes]]]) -> tuple[Any, dict[str, bytes]]:
    """A head (JSON) and bytes by name from the cache beside the stack, computed and kept there at first use."""

    def packed() -> bytes:
        head, blobs = make()
        stream = io.BytesIO()
        lengths = {k: len(v) for k, v in blobs.items()}
        stream.write(json.dumps([head, lengths]).encode() + b"\n")
        for blob in blobs.values():
            stream.write(blob)
        return stream.getvalue()

    line, _, rest = stack.cache.content(f"{name}.bin", packed, keep=KEPT).partition(b"\n")
    head, lengths = json.loads(line)
    blobs, place = {}, 0
    for key, length in lengths.items():
        blobs[key] = rest[place : place + length]
        place += length
    return head, blobs


def _layers(computed: Computed) -> list[Layer]:
    """Layers of the compiled data, packed once."""
    files = [computed.package.entry(file)["hash"] for _, _, file, _ in vectors.SOURCES.values()]
    credits = [vectors.credit_of(computed.package, file) for _, _, file, _ in vectors.SOURCES.values()]
    key = digest([files, credits, code_of(vectors.__name__)])

    def make() -> tuple[Any, Mapping[str, bytes]]:
        layers = vectors.layers_of(computed.package)
        return [{k: v for k, v in asdict(x).items() if k != "shapes"} for x in layers], {x.name: x.shapes for x in layers}

    heads, shapes = _kept(computed.stack.whole, f"map-layers-{key}", make)
    return [Layer(**head, shapes=shapes[head["name"]]) for head in heads]


def _routes(features: Sequence[Feature]) -> Iterable[Layer]:
    """The least-cost connections of the sites, where the run computed them."""
    lines = [f for f in features if f["geometry"]["type"] == "LineString"]
    if lines:
        yield vectors.routes_layer(lines)


def criteria_of(config: Config) -> list[CriterionInput]:
    """Criteria of the page, in reporting order."""
    inputs = []
    for family in FAMILIES:
        for layer_id, weight in config.weights_within(family).items():
            criterion = config.criteria[family][layer_id]
            spec = REGISTRY[layer_id].spec
            terms = _plain(criterion.model_dump(exclude_none=True, exclude={"weight"}))
            points = breakpoints(criterion.of_project(config.project.mw))
            curve = ", ".join(f"{y:g} at {x:g}" for x, y in zip(*points, strict=True)) if points else "logistic"
            counts = criterion.counts_for(config.project.mw)
            curve = f"value {curve} {spec.unit}" if counts else f"without weight at {config.project.mw:g} MW"
            flow = _yaml(terms, flow=True)
            inputs.append(CriterionInput(layer_id, family, spec.title, weight, curve=curve, terms=flow, counts=counts))
    return inputs


def config_yaml(config: Config) -> str:
    """The configuration as YAML, without the parts that the page writes: weights, criteria and the share of the learned score."""
    tree = _plain(config.model_dump(exclude_none=True))
    for part in ("weights", "criteria", "model"):
        del tree[part]
    return _yaml(tree)


def _yaml(tree: Any, *, flow: bool | None = None) -> str:
    """YAML of plain values; with ``flow`` the inside of a flow mapping on one line."""
    from ruamel.yaml import YAML  # only where what is kept is not of this configuration

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
