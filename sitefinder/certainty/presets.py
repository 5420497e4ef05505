"""The campuses of a run under the published sets of weights: how many of them like a site, too.

Value functions, breakpoints and campuses stay those of the run; a set brings its weights and its share of the learned score (none
where the run has no learned score). The command ``compare-presets`` goes further: it grows campuses anew.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.cache import Cache, code_of, digest
from sitefinder.config import load_config
from sitefinder.config.extends import KEY

if TYPE_CHECKING:
    from sitefinder.certainty.ranks import Shortlist

#: rank up to which a set is said to like a site
TOP = 50
#: readings kept in the cache
KEPT = 2
#: another file named in a configuration
EXTENDS = re.compile(rf"^{KEY}:[ \t]*(\S+)", re.MULTILINE)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preset:
    """A set of weights.

    Parameters
    ----------
    name : str
        Of its file.
    weights : dict
        Layer id -> weight in the whole score; they sum to 1.
    share : float
        Of the learned score.
    """

    name: str
    weights: dict[str, float]
    share: float


def read_presets(folder: Path, mw: float, cache: Cache) -> list[Preset]:
    """All sets of a folder by name, with the criteria that count for this load; read once, then kept as numbers.

    A folder without sets gives none, and the log says so: the ranking does not rest on them.

    Parameters
    ----------
    folder : Path
        YAML configurations.
    mw : float
    cache : Cache
        Where the numbers are kept.

    Raises
    ------
    ConfigError
        One of the files is wrong.
    OutputError
        The cache cannot be written.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        log.warning("No sets of weights in '%s' (uncertainty.presets): their columns stay empty. Name their folder.", folder)
        return []
    files = [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in _chain(paths)]
    name = f"presets-{digest([repr(mw), files, code_of('sitefinder.config.loading', __name__)])}"
    numbers = cache.json(name, lambda: [asdict(_preset(path, mw)) for path in paths], keep=KEPT)
    return [Preset(**preset) for preset in numbers]


def _chain(paths: Sequence[Path]) -> list[Path]:
    """The files and all that they extend."""
    found: list[Path] = []
    waiting = list(paths)
    while waiting:
        path = waiting.pop(0)
        if path in found or not path.is_file():
            continue
        found.append(path)
        named = EXTENDS.search(path.read_text(encoding="utf-8", errors="replace"))
        if named:
            waiting.append(path.parent / named.group(1).strip("'\""))
    return found


def _preset(path: Path, mw: float) -> Preset:
    config = load_config(path, {"project.mw": repr(mw)}).config
    return Preset(path.stem, config.criterion_weights(), config.model.share)


def preset_ranks(found: Shortlist, presets: Sequence[Preset]) -> np.ndarray:
    """Rank of each campus of the shortlist under each set, (m, n) int64; of equal scores the first in the run comes first.

    A set that weighs a criterion which the run does not have is left out, and the log says so.
    """
    values = found.values()
    rows = []
    for preset in presets:
        strange = [k for k, w in preset.weights.items() if w > 0 and k not in found.ids]
        if strange:
            log.warning("Set of weights '%s' left out: it weighs %s, which is no criterion of this run.", preset.name, strange[0])
            continue
        part = preset.share * found.applicability
        score = (1.0 - part) * (values @ np.array([preset.weights.get(k, 0.0) for k in found.ids])) + part * found.learned
        rank = np.empty(score.size, np.int64)
        rank[np.argsort(-score, kind="stable")] = np.arange(1, score.size + 1)
        rows.append(rank)
    return np.array(rows, np.int64).reshape(len(rows), values.shape[0])


def preset_columns(ranks: np.ndarray, listed: int) -> list[dict[str, Any]]:
    """Columns of the first campuses; keys as in :mod:`sitefinder.certainty.columns`.

    Parameters
    ----------
    ranks : (m, n) int64
    listed : int
    """
    if not len(ranks):
        return [dict.fromkeys(("presets", "presets_top50", "preset_rank_best", "preset_rank_worst")) for _ in range(listed)]
    liked = (ranks <= TOP).sum(axis=0)
    return [
        {
            "presets": len(ranks),
            "presets_top50": int(liked[i]),
            "preset_rank_best": int(ranks[:, i].min()),
            "preset_rank_worst": int(ranks[:, i].max()),
        }
        for i in range(listed)
    ]
