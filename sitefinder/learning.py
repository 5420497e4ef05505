"""Training and validating the learned score: `make train` and `make backtest`."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.config import ConfigFile
from sitefinder.criteria import check_layers
from sitefinder.exclusions import exclude
from sitefinder.layers.sources import DataPackage
from sitefinder.ml import dataset, folds, train
from sitefinder.ml.report import BUFFER_M, markdown, run_study
from sitefinder.ml.store import save
from sitefinder.ml.validate import Study, buffered_splits
from sitefinder.outputs.files import write_all
from sitefinder.pipeline import layers_needed
from sitefinder.ranking import MODEL_FILE, layers_of_model
from sitefinder.scoring import score_cells, value_matrix
from sitefinder.stack import LayerStack, open_stack

SEED = 20260719
#: places that stand for the country: what percentiles refer to, and what models are fitted against
LAND_SAMPLE, BACKGROUND_SAMPLE = 20_000, 12_000
#: blocks that set the threshold of the domain
DOMAIN_BLOCK_M = 250_000.0
#: mapped by mid 2025: the training part of the temporal split
EARLY = "2025-06"
#: share of the learned score in the validation
SHARE = 0.3
#: announced campuses that the back-test names: lat, lon
NAMED = {
    "PORTS, Piketon OH": (39.013, -83.001),
    "Milam County TX": (31.005, -97.018),
    "Lordstown OH": (41.153, -80.880),
    "Saline Township MI": (42.122, -83.884),
    "Dona Ana County NM": (31.818, -106.667),
    "Shackelford County TX": (32.548, -99.561),
    "Richland Parish LA": (32.468, -91.627),
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Material:
    """What both jobs start from.

    Parameters
    ----------
    stack : LayerStack
    presences : Presences
    everywhere : (n_land,) float32
        Weighted score before gates.
    background, land : Sample
        What models are fitted against, and what percentiles refer to.
    """

    stack: LayerStack
    presences: dataset.Presences
    everywhere: np.ndarray
    background: train.Sample
    land: train.Sample

    @property
    def weighted(self) -> np.ndarray:
        """(n_presences,) weighted score of the labels."""
        return self.everywhere[self.presences.index].astype(np.float64)

    def study(self) -> Study:
        """The validation study of the large campuses."""
        p = self.presences
        return Study(p, self.weighted, p.large, self.background, self.land, SHARE, SEED)


def material(file: ConfigFile, *, data: Path, cache: Path) -> Material:
    """Open the stack and draw the samples; equal seeds give equal samples.

    Raises
    ------
    SitefinderError
        Configuration, data or cache are wrong.
    """
    check_layers(file)
    package = DataPackage(data)
    needed = list(dict.fromkeys([*layers_needed(file.config), *layers_of_model()]))
    stack = open_stack(package, file, needed, cache_folder=cache)
    bits = exclude(stack, file.config).bits
    score = score_cells(value_matrix(stack, file.config), file.config, np.zeros_like(bits))
    rng = np.random.default_rng(SEED)

    def sample(size: int, candidates: np.ndarray) -> train.Sample:
        index = dataset.background_index(min(size, len(candidates)), candidates, rng)
        x = dataset.features_at(stack, index)
        where = dataset.positions(stack, index)
        return train.Sample(index, where, x, bits[index] == 0, score[index].astype(np.float64), stack.zones.rto[index])

    presences = dataset.read_presences(package, stack)
    land = sample(LAND_SAMPLE, np.arange(stack.land.size))
    background = sample(BACKGROUND_SAMPLE, np.flatnonzero(bits == 0))
    return Material(stack, presences, score, background, land)


def train_model(file: ConfigFile, *, data: Path, cache: Path) -> Path:
    """Fit the shipped model on all labels and write it; the same seed gives the same file."""
    from threadpoolctl import threadpool_limits

    ready = material(file, data=data, cache=cache)
    p = ready.presences
    with threadpool_limits(1):
        model = train.fit_bagged(p, ready.background, rng=np.random.default_rng(SEED), weight=p.weight)
        anchors = p.take(p.large)
        blocks = folds.block_ids(anchors.xy[:, 0], anchors.xy[:, 1], DOMAIN_BLOCK_M)
        domain = train.fit_domain(model, anchors, ready.background, blocks)
    scale = train.common_scale(model.log_odds(ready.background.x), ready.background.weighted)
    card = {
        "labels": len(p),
        "large_labels": int(p.large.sum()),
        "background": "land that no gate excludes",
        "seed": SEED,
        "resolution_m": file.config.grid.resolution_m,
        "config_fingerprint": file.config.fingerprint(),
    }
    path = data / MODEL_FILE
    save(path, model, domain, scale, card)
    return path


def backtest(file: ConfigFile, *, data: Path, cache: Path, out: Path) -> dict[str, Any]:
    """Validate under every split, rank the named campuses, write tables to ``out``."""
    from threadpoolctl import threadpool_limits

    ready = material(file, data=data, cache=cache)
    with threadpool_limits(1):
        result = run_study(ready.study(), ready.presences.first_mapped == EARLY)
        result["named"] = _named(ready)
    text = "# Back-test\n\n" + _named_table(result) + "\n" + markdown(result)
    contents = {"backtest.json": (json.dumps(result, indent=1) + "\n").encode(), "backtest.md": text.encode()}
    write_all(out, contents)
    return result


def _named(ready: Material) -> list[dict[str, Any]]:
    """Percentile of the named places by models that saw no label within the buffer."""
    from pyproj import Transformer

    grid, p = ready.stack.land.grid, ready.presences
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True).transform(
        *zip(*[(b, a) for a, b in NAMED.values()], strict=True)
    )
    xy = np.column_stack([x, y])
    index = ready.stack.land.position[grid.cell_at(xy[:, 0], xy[:, 1])]
    score = ready.everywhere[index].astype(np.float64)
    places = dataset.Presences(
        index,
        xy,
        dataset.features_at(ready.stack, index),
        np.full(len(xy), np.nan),
        np.full(len(xy), np.nan),
        np.full(len(xy), "named"),
        np.array(list(NAMED), object),
        ready.stack.zones.rto[index],
    )
    both = dataset.Presences(*(np.concatenate([getattr(p, k), getattr(places, k)]) for k in p.__dataclass_fields__))
    target = np.arange(len(both)) >= len(p)
    study = Study(both, np.concatenate([ready.weighted, score]), target, ready.background, ready.land, SHARE, SEED)
    held = study.held_out(_only_labels(study, len(p)), boosted=False)
    return [{"name": str(both.name[i]), **{k: float(v[n]) for k, v in held.percentile.items()}} for n, i in enumerate(held.which)]


def _only_labels(study: Study, n_labels: int) -> Any:
    """Buffered splits of the named places; a named place never trains."""
    labels = np.arange(len(study.presences)) < n_labels
    for far, one, land in buffered_splits(study, np.flatnonzero(~labels), BUFFER_M):
        yield far & labels, one, land


def _named_table(result: dict[str, Any]) -> str:
    head = "| campus | weighted | additive | fused |\n|---|--:|--:|--:|"
    rows = [
        f"| {r['name']} | {r['weighted score']:.1%} | {r['additive model']:.1%} | {r['fused score']:.1%} |"
        for r in [*result["named"], *({**c, "name": f"{c['name']} ({c['mw']:.0f} MW)"} for c in result["campuses"])]
    ]
    return "Share of all land that scores lower than the campus:\n\n" + "\n".join([head, *rows]) + "\n"
