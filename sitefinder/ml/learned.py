"""Fused score: weighted and learned score, and how far the learned one counts on ground unlike the training campuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sitefinder.cache import Cache, code_of, digest, let_go
from sitefinder.cache.records import Records
from sitefinder.layers.files import MODEL_FILE
from sitefinder.layers.stack import LayerStack
from sitefinder.ml import predict, train
from sitefinder.ml.dataset import features_at, require_layers
from sitefinder.ml.features import FEATURES
from sitefinder.ml.store import Stored, load

#: features named for each site
REASONS = 3
#: features named on one side
ONE_SIDED = 2
#: learned scores that stay in the cache: today's and those before
KEPT = 4
#: cells whose scores are fused at once, so that they stay in the processor's cache
BLOCK = 65_536
#: kind of the records of words in the cache
WORDS = "learned"


@dataclass(frozen=True)
class Learned:
    """The learned score of every land cell.

    Parameters
    ----------
    stored : Stored
        The model it came from.
    score : (n_land,) float32
        0-100, on the scale of the weighted score.
    applicability : (n_land,) float32
        1 on ground like that of the training campuses, 0 far from it.
    key : str
        Name under which they are cached: equal keys, equal scores.
    """

    stored: Stored
    score: np.ndarray
    applicability: np.ndarray
    key: str = ""


class Words(NamedTuple):
    """What the learned score says of a place.

    Parameters
    ----------
    chance : float
        Of :func:`calibrated_chances`.
    drivers, analogue : str, str or None
        Of :func:`learned_reasons` and :func:`nearest_analogues`.
    raised, lowered : str
        Features that raise and that lower the learned score most, with value and log-odds; empty where none does.
    """

    chance: float
    drivers: str
    analogue: str | None
    raised: str
    lowered: str


def layers_of_model() -> list[str]:
    """Layers that the learned score reads."""
    return [f.layer for f in FEATURES]


def learn(stack: LayerStack, data: Path) -> Learned:
    """Learned score and applicability, from the cache beside the stack or computed.

    Raises
    ------
    DataError
        The model file is missing, damaged or foreign, or the stack lacks a layer.
    OutputError
        The cache cannot be written.
    """
    stored = load(data / MODEL_FILE)
    require_layers(stack)
    key = [stored.digest, [stack.records[k]["stem"] for k in layers_of_model()], code_of(predict.__name__, train.__name__)]
    name = f"learned-{digest(key)}"

    def compute() -> np.ndarray:
        odds = predict.log_odds_everywhere(stored.model, stack)
        index = predict.dissimilarity_everywhere(stored.domain, stack)
        return np.stack([train.on_scale(stored.scale, odds), stored.domain.share(index)]).astype(np.float32)

    score, applicability = Cache(stack.folder).array(name, compute, keep=KEPT)
    return Learned(stored, score, applicability, name)


def counted(weighted: np.ndarray, score: np.ndarray, applicability: np.ndarray) -> np.ndarray:
    """How far the learned score counts, 0..1: as far as it applies where it raises a place, in full where it lowers it.

    Doubt never lifts: were a low learned score dropped on strange ground, a place would gain by being unlike all campuses.

    Parameters
    ----------
    weighted, score, applicability : (..., n) float
        Weighted score, learned score, and how far the latter applies; a NaN of the first leaves the last as it is.
    """
    return np.where(score < weighted, applicability.dtype.type(1.0), applicability)


def fuse(weighted: np.ndarray, learned: Learned, share: float) -> np.ndarray:
    """Fused score, (n_land,) float32: see :func:`counted`; NaN where a gate excludes.

    It never falls when the weighted score rises: both branches meet where the two scores are equal.
    """
    fused = np.empty_like(weighted)
    for start in range(0, weighted.size, BLOCK):
        part = slice(start, start + BLOCK)
        a = np.float32(share) * counted(weighted[part], learned.score[part], learned.applicability[part])
        fused[part] = (np.float32(1.0) - a) * weighted[part] + a * learned.score[part]
    let_go(learned.score)  # of a mapped file: the rest of a run needs few cells of it
    return fused


def words_at(learned: Learned, stack: LayerStack, index: np.ndarray) -> list[Words]:
    """What the learned score says of some places: no weight changes it, so it is kept beside the stack.

    Parameters
    ----------
    index : (n,) int
        Places of the land index.
    """
    stems = [stack.records[k]["stem"] for k in layers_of_model()]
    basis, keys = digest([learned.key, stems, code_of(__name__)]), [str(place) for place in index.tolist()]

    def make(new: list[int]) -> list[bytes]:
        return [json.dumps(words).encode() for words in _words(learned, stack, index[new])]

    known = Records(stack.folder).kept(WORDS, basis, keys, make)
    return [Words(*json.loads(known[key])) for key in keys]


def _words(learned: Learned, stack: LayerStack, index: np.ndarray) -> list[Words]:
    x = features_at(stack, index)
    parts = learned.stored.model.contributions(x)
    columns = (
        calibrated_chances(learned, stack, index.tolist()),
        _strongest(x, parts),
        nearest_analogues(learned, stack, index.tolist()),
        _on_one_side(x, parts, up=True),
        _on_one_side(x, parts, up=False),
    )
    return [Words(*row) for row in zip(*columns, strict=True)]


def learned_reasons(learned: Learned, stack: LayerStack, index: Sequence[int]) -> list[str]:
    """Features that raise and lower the learned score of each place most, in log-odds.

    Parameters
    ----------
    index : (n,) int
        Places of the land index.
    """
    x = features_at(stack, np.asarray(index))
    return _strongest(x, learned.stored.model.contributions(x))


def _strongest(x: np.ndarray, parts: np.ndarray) -> list[str]:
    texts = []
    for row, values in zip(parts, x, strict=True):
        order = np.argsort(-np.abs(row), kind="stable")[:REASONS]
        texts.append("; ".join(f"{FEATURES[j].layer} {values[j]:.4g} ({row[j]:+.1f})" for j in order))
    return texts


def _on_one_side(x: np.ndarray, parts: np.ndarray, *, up: bool) -> list[str]:
    """Features that raise (or lower) the learned score of each place most, with value and log-odds; empty where none does."""
    texts = []
    for row, values in zip(parts if up else -parts, x, strict=True):
        order = [j for j in np.argsort(-row, kind="stable")[:ONE_SIDED] if row[j] > 0.0]
        texts.append(", ".join(f"{FEATURES[j].layer} {values[j]:.4g} ({row[j] if up else -row[j]:+.1f})" for j in order))
    return texts


def calibrated_chances(learned: Learned, stack: LayerStack, index: Sequence[int]) -> list[float]:
    """Chance that each place is a campus, in a sample half campuses, half land.

    Parameters
    ----------
    index : (n,) int
        Places of the land index.
    """
    stored = learned.stored
    return stored.calibration.chance(stored.model.log_odds(features_at(stack, np.asarray(index)))).tolist()


def nearest_analogues(learned: Learned, stack: LayerStack, index: Sequence[int]) -> list[str | None]:
    """Known campus most similar to each place, and the family in which the two differ most.

    Parameters
    ----------
    index : (n,) int
        Places of the land index.
    """
    return learned.stored.analogues.describe(learned.stored.domain, features_at(stack, np.asarray(index)))
