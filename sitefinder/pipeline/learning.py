"""Training and validating the learned score: `make train` and `make backtest`."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitefinder.config import ConfigFile
from sitefinder.errors import DataError
from sitefinder.files import Json, write_all
from sitefinder.grid import Land, from_lonlat
from sitefinder.layers.files import MODEL_FILE
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.ml import dataset, folds, train
from sitefinder.ml.analogues import find_analogues
from sitefinder.ml.calibration import calibrate, held_out_odds
from sitefinder.ml.learned import layers_of_model
from sitefinder.ml.models import one_thread
from sitefinder.ml.report import APART_M, BUFFER_M, GIGAWATT_CLASS_MW, block_size_m, markdown, run_study
from sitefinder.ml.store import Stored, save
from sitefinder.ml.validate import Held, Split, Study, buffered_splits
from sitefinder.pipeline.stages import layers_needed
from sitefinder.reports.pictures import backtest_picture
from sitefinder.scoring.criteria import check_layers
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix

SEED = 20260719
#: places that stand for the country: what percentiles refer to, and what models are fitted against
LAND_SAMPLE, BACKGROUND_SAMPLE = 20_000, 12_000
#: blocks that set the threshold of the domain
DOMAIN_BLOCK_M = 250_000.0
#: mapped by mid 2025: the training part of the temporal split
EARLY = "2025-06"
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

#: scores that the picture shows of each campus
PICTURED = ("weighted", "learned", "fused")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Material:
    """Stack, samples and labels of training and validation.

    Parameters
    ----------
    stack : LayerStack
    presences : Presences
    everywhere : (n_land,) float32
        Weighted score before gates.
    background, land : Sample
        What models are fitted against, and what percentiles refer to.
    anywhere : Sample
        Another draw of all land, to compare backgrounds.
    share : float
        Learned share of the fused score.
    """

    stack: LayerStack
    presences: dataset.Presences
    everywhere: np.ndarray
    background: train.Sample
    land: train.Sample
    anywhere: train.Sample
    share: float

    @property
    def weighted(self) -> np.ndarray:
        """(n_presences,) weighted score of the labels."""
        return self.everywhere[self.presences.index].astype(np.float64)

    def study(self) -> Study:
        """The validation study of the large campuses."""
        p = self.presences
        return Study(p, self.weighted, p.large, self.background, self.land, self.share, SEED)


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
    anywhere = sample(BACKGROUND_SAMPLE, np.arange(stack.land.size))
    return Material(stack, presences, score, background, land, anywhere, file.config.model.share)


def before_claims(file: ConfigFile) -> ConfigFile:
    """The configuration with nothing taken off the headroom for campuses nearby.

    The shipped score asks what is left for the next campus: one that stands takes its own share off and would be judged by
    ground that it has used up. A back-test asks what was there before.
    """
    delivery = file.config.delivery
    if delivery is None:
        return file
    config = file.config.model_copy(update={"delivery": delivery.before_claims()})
    return ConfigFile(file.path, file.tree, config)


def train_model(file: ConfigFile, *, data: Path, cache: Path) -> Path:
    """Fit the shipped model on all labels and write it; the same seed gives the same file.

    Raises
    ------
    DataError
        Fewer than 50 labels, or the data are wrong.
    """
    ready = material(file, data=data, cache=cache)
    p = ready.presences
    with one_thread():
        model = train.fit_bagged(p, ready.background, rng=np.random.default_rng(SEED), weight=p.weight)
        anchors = p.take(p.large)
        blocks = folds.block_ids(anchors.xy[:, 0], anchors.xy[:, 1], DOMAIN_BLOCK_M)
        domain = train.fit_domain(model, anchors, ready.background, blocks)
        study = ready.study()
        held = held_out_odds(study, block_size_m(study)[1])
        calibration = calibrate(held.odds, held.campus)
    scale = train.common_scale(model.log_odds(ready.background.x), ready.background.weighted)
    card = {
        "labels": len(p),
        "large_labels": int(p.large.sum()),
        "background": "land that no gate excludes",
        "credits": "OpenStreetMap contributors (ODbL 1.0), PNNL IM3 (ODbL 1.0), Epoch AI Frontier Data Centers (CC BY 4.0)",
        "names_of_analogues": "Epoch AI, Frontier Data Centers, CC BY 4.0",
        "seed": SEED,
        "resolution_m": file.config.grid.resolution_m,
        "config_fingerprint": file.config.fingerprint(),
    }
    path = data / MODEL_FILE
    analogues = find_analogues(DataPackage(data), anchors)
    save(path, Stored(model, domain, analogues, scale, calibration, card))
    return path


def backtest(file: ConfigFile, *, data: Path, cache: Path, out: Path) -> Json:
    """Validate under every split, rank the named campuses, write tables and a picture to ``out``.

    The weighted score is that of :func:`before_claims`.
    """
    ready = material(before_claims(file), data=data, cache=cache)
    with one_thread():
        result = run_study(ready.study(), ready.presences.first_mapped == EARLY, ready.anywhere)
        result["named"] = named_percentiles(ready)
    text = "# Back-test\n\n" + named_table(result) + "\n" + markdown(result)
    contents = {"backtest.json": (json.dumps(result, indent=1) + "\n").encode(), "backtest.md": text.encode()}
    write_all(out, contents | picture_file(result))
    return result


def _places(ready: Material) -> dataset.Presences:
    """The named places as presences of unknown size.

    Raises
    ------
    DataError
        A place is not on land.
    """
    x, y = from_lonlat(*zip(*[(b, a) for a, b in NAMED.values()], strict=True))
    xy = np.column_stack([x, y])
    index = np.array([_cell_of(ready.stack.land, name, at) for name, at in zip(NAMED, xy, strict=True)])
    unknown = np.full(len(xy), np.nan)
    names = np.array(list(NAMED), object)
    x = dataset.features_at(ready.stack, index)
    return dataset.Presences(index, xy, x, unknown, unknown, np.full(len(xy), "named"), names, ready.stack.zones.rto[index])


def _cell_of(land: Land, name: str, xy: np.ndarray) -> int:
    """Place in the land index of the cell at a point, or of its nearest neighbour that is land: coasts and borders are rough."""
    grid = land.grid
    row, col = (v.ravel() for v in np.meshgrid(*(grid.cell_at(*xy)[k] + np.arange(-1, 2) for k in (0, 1)), indexing="ij"))
    inside = grid.inside(row, col)
    row, col = row[inside], col[inside]
    ground = land.position[row, col] >= 0
    row, col = row[ground], col[ground]
    if not len(row):
        raise DataError(
            f"The named place '{name}' {NAMED[name]} is not on land of the frame. Correct its latitude and longitude."
        )
    x, y = grid.centre(row, col)
    nearest = int(np.hypot(x - xy[0], y - xy[1]).argmin())
    return int(land.position[row[nearest], col[nearest]])


def named_percentiles(ready: Material) -> list[Json]:
    """Percentile of the named places by models that saw no label within the buffer.

    ``same_as`` is the label of gigawatt class within 10 km that the place stands for; None where there is none.
    """
    p, places = ready.presences, _places(ready)
    score = ready.everywhere[places.index].astype(np.float64)
    both = dataset.Presences(*(np.concatenate([getattr(p, k), getattr(places, k)]) for k in p.__dataclass_fields__))
    target = np.arange(len(both)) >= len(p)
    study = Study(both, np.concatenate([ready.weighted, score]), target, ready.background, ready.land, ready.share, SEED)
    held = study.held_out(_only_labels(study, len(p)), challengers=False)
    return [_named_row(both, p, held, n) for n in range(len(held.which))]


def _named_row(both: dataset.Presences, labels: dataset.Presences, held: Held, n: int) -> Json:
    i = held.which[n]
    apart = np.hypot(*(labels.xy - both.xy[i]).T)
    near = np.flatnonzero((apart <= APART_M) & (np.nan_to_num(labels.mw) >= GIGAWATT_CLASS_MW))
    same = str(labels.name[near[apart[near].argmin()]]) if len(near) else None
    return {"name": str(both.name[i]), "same_as": same, **{k: float(v[n]) for k, v in held.percentile.items()}}


def _only_labels(study: Study, n_labels: int) -> Iterator[Split]:
    """Buffered splits of the named places; a named place never trains."""
    labels = np.arange(len(study.presences)) < n_labels
    for far, one, land in buffered_splits(study, np.flatnonzero(~labels), BUFFER_M):
        yield far & labels, one, land


def _with_power(campus: Json) -> Json:
    return {**campus, "name": f"{campus['name']} ({campus['mw']:.0f} MW)"}


def picture_file(result: Json) -> dict[str, bytes]:
    """The picture by file name; empty, with a warning in the log, where matplotlib is not installed."""
    picture = io.BytesIO()
    try:
        backtest_picture(picture_rows(result), picture)
    except ModuleNotFoundError as error:
        log.warning("no backtest.png: %s is not installed; it comes with the extra 'docs'", error.name)
        return {}
    return {"backtest.png": picture.getvalue()}


def picture_rows(result: Json) -> list[tuple[str, dict[str, float]]]:
    """Rows of the picture, every campus once: a named place that stands for a listed campus is left out."""
    rows = [r for r in result["named"] if r["same_as"] is None] + [_with_power(c) for c in result["campuses"]]
    return [(r["name"], {k: r[f"{k} score"] for k in PICTURED}) for r in rows]


def named_table(result: Json) -> str:
    """Markdown table of the named places and the held-out campuses, a row each."""
    head = "| campus | weighted | learned | fused |\n|---|--:|--:|--:|"
    rows = [
        f"| {r['name']} | {r['weighted score']:.1%} | {r['learned score']:.1%} | {r['fused score']:.1%} |"
        for r in [*result["named"], *map(_with_power, result["campuses"])]
    ]
    return "Share of all land that scores lower than the campus:\n\n" + "\n".join([head, *rows]) + "\n"
