"""The campuses of a run under the published sets of weights: how many of them like a site, too.

Value functions, breakpoints and campuses stay those of the run; a set brings its weights and its share of the learned score (none
where the run has no learned score). The command ``compare-presets`` goes further: it grows campuses anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.certainty.columns import PresetPart
from sitefinder.certainty.ranks import Shortlist
from sitefinder.config import config, criteria, kinds, load_config
from sitefinder.errors import OutputError
from sitefinder.layers.stack import forget

#: rank up to which a set is said to like a site
TOP = 50
#: readings kept in the cache
KEPT = 2
#: code that makes weights out of files
_CODE = [Path(str(module.__file__)) for module in (config, criteria, kinds)]

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


def read_presets(folder: Path, mw: float, cache: Path) -> list[Preset]:
    """All sets of a folder by name, with the criteria that count for this load; read once, then kept as numbers.

    A folder without sets gives none, and the log says so: the ranking does not rest on them.

    Parameters
    ----------
    folder : Path
        YAML configurations.
    mw : float
    cache : Path
        Folder in which the numbers are kept.

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
    kept = cache / f"presets-{_digest([*_CODE, *paths], str(folder.resolve()), repr(mw))}.json"
    try:
        entry = json.loads(kept.read_text(encoding="utf-8"))
        if entry["bases"] == {name: _digest([Path(name)]) for name in entry["bases"]}:
            return [Preset(**numbers) for numbers in entry["presets"]]
    except (OSError, ValueError, TypeError, KeyError):
        log.debug("Sets of weights in '%s' are read again.", folder)
    files = [load_config(path, {"project.mw": repr(mw)}) for path in paths]
    presets = [Preset(file.path.stem, file.config.criterion_weights(), file.config.model.share) for file in files]
    bases = {str(base.resolve()): _digest([base]) for file in files for base in file.tree.files}
    _keep(kept, {"bases": bases, "presets": [asdict(preset) for preset in presets]})
    forget(cache, "presets-*.json", KEPT)
    return presets


def _digest(paths: Sequence[Path], *more: str) -> str:
    """Hash of the names and contents of files, and of texts."""
    parts = [part for path in paths for part in (path.name.encode(), path.read_bytes())]
    return hashlib.sha256(b"|".join([*parts, *(text.encode() for text in more)])).hexdigest()[:16]


def _keep(path: Path, entry: dict[str, Any]) -> None:
    """Write an entry of the cache, whole or not at all."""
    tmp = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        tmp.write_text(json.dumps(entry), encoding="utf-8")
        tmp.replace(path)
    except OSError as error:
        raise OutputError(f"Cannot write the cache {path}: {error.strerror or error}. Free space or use --cache.") from None
    finally:
        tmp.unlink(missing_ok=True)


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


def preset_parts(ranks: np.ndarray, listed: int) -> list[PresetPart]:
    """Ranks of the first campuses under published sets of weights.

    Parameters
    ----------
    ranks : (m, n) int64
        Of :func:`preset_ranks`.
    listed : int
    """
    if not len(ranks):
        return [PresetPart(None, None, None, None)] * listed
    liked = (ranks <= TOP).sum(axis=0)
    return [PresetPart(len(ranks), int(liked[i]), int(ranks[:, i].min()), int(ranks[:, i].max())) for i in range(listed)]
