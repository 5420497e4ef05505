"""What the map needs, taken from a run: the stack, the configuration and the result files."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from sitefinder.config import FAMILIES, Config
from sitefinder.exclusions import Exclusions, active_gates
from sitefinder.kept import kept_cells
from sitefinder.kernels.score import TOP as TOP_STEP
from sitefinder.kernels.score import UNKNOWN
from sitefinder.layers.sources import DataPackage
from sitefinder.outputs.columns import Column, columns
from sitefinder.outputs.web_map import surface as surface_module
from sitefinder.outputs.web_map import vectors
from sitefinder.outputs.web_map.inputs import Layer, Listed, MapInputs, Parts, Surface
from sitefinder.outputs.web_map.surface import TOP, pack_surface
from sitefinder.ranking import Learned
from sitefinder.scoring import ValueMatrix, value_matrix
from sitefinder.stack import LayerStack

SITES, OWN, ROUTES = "sites.geojson", "own_sites.geojson", "connections.geojson"
#: packed surfaces kept in the cache: today's and the one before
KEPT = 2
#: names of the planes of the learned score
LEARNED, APPLIES = "learned", "applicability"


@dataclass(frozen=True)
class Made:
    """What a run computed, besides its result files.

    Parameters
    ----------
    stack : LayerStack
    config : Config
    package : DataPackage
    excluded : Exclusions
    learned : Learned or None
    """

    stack: LayerStack
    config: Config
    package: DataPackage
    excluded: Exclusions
    learned: Learned | None


def map_inputs(made: Made, results: Mapping[str, bytes]) -> MapInputs:
    """Everything that the page shows.

    Parameters
    ----------
    made : Made
    results : mapping
        File name -> content, ``sites.geojson`` is needed, ``own_sites.geojson`` and ``connections.geojson`` may be there.

    Raises
    ------
    DataError
        A compiled file is missing or damaged, or the list of sites was made at another cell size.
    OutputError
        The cache cannot be written.
    """
    config = made.config
    matrix = value_matrix(made.stack, config)
    features = _features(results[SITES])
    ids = tuple(config.flat_criteria())
    known = {c.name: c for c in (*columns(ids), *columns(ids, user=True))}
    national = replace(listed(features, known), parts=campus_parts(made, matrix, features))
    gates = {name: gate.reason for name, gate in active_gates(config).items()}
    return MapInputs(
        surface=_surface(made, matrix),
        national=national,
        own=listed(_features(results.get(OWN, b"")), known),
        layers=[*_layers(made), *_routes(results)],
        weights=config.family_weights(),
        model_share=config.model.share if made.learned else None,
        gates=gates,
        config_yaml=config_yaml(config),
        project={
            "name": config.project.name,
            "mw": config.project.mw,
            "energise_by": config.project.energise_by,
            "fingerprint": config.fingerprint(),
        },
    )


def _features(content: bytes) -> list[dict[str, Any]]:
    return json.loads(content)["features"] if content else []


def listed(features: Sequence[Mapping[str, Any]], known: Mapping[str, Column]) -> Listed:
    """Sites as the page takes them; a property without a registered column keeps its name as its meaning."""
    names = list(features[0]["properties"]) if features else []
    shown = [known.get(name, Column(name, "", name, "")) for name in names]
    return Listed([f["properties"] for f in features], [f["geometry"] for f in features], shown)


def campus_parts(made: Made, matrix: ValueMatrix, features: Sequence[Mapping[str, Any]]) -> Parts:
    """What the score of every campus is made of, from the values that the score itself is computed with."""
    land = made.stack.land
    cells = kept_cells(features, land.grid, Path(SITES))
    index = land.position.reshape(-1)[np.concatenate(cells)]
    first = np.cumsum([0] + [c.size for c in cells[:-1]])
    share = _shares(made.stack.at("buildable_pct", index), first)
    applies = made.learned.applicability[index].astype(np.float64) if made.learned else np.zeros(index.size)
    score = made.learned.score[index].astype(np.float64) if made.learned else np.zeros(index.size)
    steps = np.asarray(matrix.values[:, index])
    values = np.where(steps == UNKNOWN, 0, steps).astype(np.float64) / TOP_STEP
    family = np.array([100.0 * (_within(made.config, matrix, f) @ values) for f in FAMILIES])

    def mean(x: np.ndarray) -> np.ndarray:
        return np.add.reduceat(x * share, first, axis=-1)

    return Parts(mean(family), mean(family * applies), mean(applies * score), np.array([c[0] for c in cells]))


def _shares(buildable_pct: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Weight of each cell in its campus, by buildable acres, summing to 1 per campus."""
    acres = np.nan_to_num(buildable_pct).astype(np.float64)
    count = np.diff(np.append(first, acres.size))
    total = np.repeat(np.add.reduceat(acres, first), count)
    return np.where(total > 0, acres / np.where(total > 0, total, 1.0), 1.0 / np.repeat(count, count))


def _within(config: Config, matrix: ValueMatrix, family: str) -> np.ndarray:
    """(n_criteria,) weight of each criterion within one family, 0 for the others."""
    members = config.criteria.get(family, {})
    total = sum(c.weight for c in members.values())
    return np.array([members[k].weight / total if k in members and total > 0 else 0.0 for k in matrix.ids])


def family_scores(config: Config, matrix: ValueMatrix, family: str) -> np.ndarray:
    """(n_land,) uint8 score within one family; see :data:`sitefinder.outputs.web_map.surface.TOP`."""
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
    stack, config = made.stack, made.config
    criteria = {f: {k: c.model_dump(mode="json") for k, c in config.criteria.get(f, {}).items()} for f in FAMILIES}
    of = [criteria, config.project.mw, [stack.records[k]["stem"] for k in matrix.ids], made.learned.key if made.learned else ""]
    bits = hashlib.blake2b(np.ascontiguousarray(made.excluded.bits).data).hexdigest()
    code = Path(str(surface_module.__file__)).read_text(encoding="utf-8")
    key = hashlib.sha256(json.dumps([of, bits, code], sort_keys=True).encode()).hexdigest()[:16]

    def pack() -> Surface:
        scores: dict[str, np.ndarray] = {f: family_scores(config, matrix, f) for f in FAMILIES}
        if made.learned:
            scores[LEARNED] = np.clip(np.round(made.learned.score * np.float32(TOP / 100.0)), 0, TOP).astype(np.uint8)
            scores[APPLIES] = np.round(made.learned.applicability * np.float32(TOP)).astype(np.uint8)
        return pack_surface(stack.land, made.excluded.bits, scores)

    head, blobs = _kept(stack, f"map-surface-{key}", lambda: _split(pack()))
    return Surface(**head, planes=blobs)


def _split(surface: Surface) -> tuple[dict[str, Any], Mapping[str, bytes]]:
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
    _forget(stack.folder, name.rpartition("-")[0])
    line, _, rest = content.partition(b"\n")
    head, lengths = json.loads(line)
    blobs, place = {}, 0
    for key, length in lengths.items():
        blobs[key] = rest[place : place + length]
        place += length
    return head, blobs


def _forget(folder: Path, prefix: str) -> None:
    """Remove all but the newest of a kind."""
    for path in sorted(folder.glob(f"{prefix}-*.npy"), key=lambda p: p.stat().st_mtime_ns, reverse=True)[KEPT:]:
        path.unlink(missing_ok=True)


def _layers(made: Made) -> list[Layer]:
    """Layers of the compiled data, packed once."""
    files = [made.package.entry(file)["hash"] for _, _, file, _ in vectors.SOURCES.values()]
    code = Path(str(vectors.__file__)).read_text(encoding="utf-8")
    key = hashlib.sha256(json.dumps([files, code]).encode()).hexdigest()[:16]

    def make() -> tuple[Any, Mapping[str, bytes]]:
        layers = vectors.layers_of(made.package)
        return [{k: v for k, v in asdict(x).items() if k != "shapes"} for x in layers], {x.name: x.shapes for x in layers}

    heads, shapes = _kept(made.stack, f"map-layers-{key}", make)
    return [Layer(**head, shapes=shapes[head["name"]]) for head in heads]


def _routes(results: Mapping[str, bytes]) -> Iterable[Layer]:
    """The least-cost connections of the sites, where the run computed them."""
    features = [f for f in _features(results.get(ROUTES, b"")) if f["geometry"]["type"] == "LineString"]
    if features:
        yield vectors.routes_layer(features)


def config_yaml(config: Config) -> str:
    """The configuration as YAML, without the parts that the page writes: weights and the share of the learned score."""
    tree = _plain(config.model_dump(exclude_none=True))
    del tree["weights"], tree["model"]
    stream = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.dump(tree, stream)
    return stream.getvalue()


def _plain(value: Any) -> Any:
    """Tuples as lists."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
