"""Ranks of the campuses of a run under the published sets of weights.

Value functions, breakpoints and campuses stay those of the run; a set brings its weights and its share of the learned score (none
where the run has no learned score). The command ``compare-presets`` also grows the campuses again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sitefinder.cache import Cache, code_of, digest
from sitefinder.certainty.columns import PresetPart
from sitefinder.config import load_config
from sitefinder.files import Json

if TYPE_CHECKING:
    from sitefinder.certainty.ranks import Shortlist

#: ranks that count as top-ranked under a set
TOP = 50
#: readings kept in the cache
KEPT = 2

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

    A folder without sets gives none, with a warning in the log; the ranking does not depend on them.

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
    own = [[path.name, _content(path)] for path in paths]
    name = f"presets-{digest([repr(mw), str(folder.resolve()), own, code_of('sitefinder.config.loading', __name__)])}"
    entry = cache.json(name, lambda: _read(paths, mw), keep=KEPT)
    if any(_content(Path(base)) != checksum for base, checksum in entry["bases"].items()):  # a file that they extend
        cache.used(f"{name}.json").unlink(missing_ok=True)
        entry = cache.json(name, lambda: _read(paths, mw), keep=KEPT)
    return [Preset(**numbers) for numbers in entry["presets"]]


def _read(paths: Sequence[Path], mw: float) -> Json:
    """Sets of weights, and checksums of all files that hold them; reading the YAML takes most of the time of this stage."""
    files = [load_config(path, {"project.mw": repr(mw)}) for path in paths]
    presets = [Preset(file.path.stem, file.config.criterion_weights(), file.config.model.share) for file in files]
    bases = {str(base.resolve()): _content(base) for file in files for base in file.tree.files}
    return {"bases": bases, "presets": [asdict(preset) for preset in presets]}


def _content(path: Path) -> str:
    """Checksum of a file; empty where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def preset_ranks(shortlist: Shortlist, presets: Sequence[Preset]) -> np.ndarray:
    """Rank of each campus of the shortlist under each set, (m, n) int64; of equal scores the first in the run comes first.

    A set that weighs a criterion which the run does not have is left out, with a warning in the log.
    """
    values = shortlist.values()
    rows = []
    for preset in presets:
        unknown = [k for k, w in preset.weights.items() if w > 0 and k not in shortlist.ids]
        if unknown:
            log.warning(
                "Set of weights '%s' left out: it weighs %s, which is not a criterion of this run.", preset.name, unknown[0]
            )
            continue
        part = preset.share * shortlist.applicability
        score = (1.0 - part) * (values @ np.array([preset.weights.get(k, 0.0) for k in shortlist.ids])) + part * shortlist.learned
        rank = np.empty(score.size, np.int64)
        rank[np.argsort(-score, kind="stable")] = np.arange(1, score.size + 1)
        rows.append(rank)
    return np.array(rows, np.int64).reshape(len(rows), values.shape[0])


def preset_parts(ranks: np.ndarray, listed: int) -> list[PresetPart]:
    """Ranks of the top-ranked campuses under published sets of weights.

    Parameters
    ----------
    ranks : (m, n) int64
        Of :func:`preset_ranks`.
    listed : int
    """
    if not len(ranks):
        return [PresetPart(None, None, None, None)] * listed
    top = (ranks <= TOP).sum(axis=0)
    return [PresetPart(len(ranks), int(top[i]), int(ranks[:, i].min()), int(ranks[:, i].max())) for i in range(listed)]
