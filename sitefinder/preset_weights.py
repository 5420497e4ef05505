"""The campuses of a run under the published sets of weights: how many of them like a site, too.

Value functions, breakpoints and campuses stay those of the run; a set brings its weights and its share of the learned score. The
command ``compare-presets`` goes further: it grows campuses anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.config import load_config
from sitefinder.errors import ConfigError, OutputError
from sitefinder.uncertainty import Shortlist

#: rank up to which a set is said to like a site
TOP = 50


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
        The folder holds none, or one of them is wrong.
    OutputError
        The cache cannot be written.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise ConfigError(f"Invalid uncertainty.presets '{folder}'. There are no YAML files; name their folder or drop the key.")
    around = [*paths, *sorted(folder.parent.glob("*.yaml"))]  # those that they extend
    digest = hashlib.sha256(repr(mw).encode() + b"".join(path.read_bytes() for path in around)).hexdigest()[:16]
    kept = cache / f"presets-{digest}.json"
    try:
        return [Preset(**told) for told in json.loads(kept.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        found = [_preset(path, mw) for path in paths]
    tmp = kept.with_name(f".{os.getpid()}.{kept.name}")
    try:
        tmp.write_text(json.dumps([asdict(preset) for preset in found]), encoding="utf-8")
        tmp.replace(kept)
    except OSError as error:
        raise OutputError(f"Cannot write the cache {kept}: {error.strerror or error}. Free space or use --cache.") from None
    finally:
        tmp.unlink(missing_ok=True)
    return found


def _preset(path: Path, mw: float) -> Preset:
    config = load_config(path, {"project.mw": repr(mw)}).config
    return Preset(path.stem, config.criterion_weights(), config.model.share)


def preset_ranks(found: Shortlist, presets: Sequence[Preset]) -> np.ndarray:
    """Rank of each campus of the shortlist under each set, (m, n) int64; the better of equal scores comes first in the run.

    Raises
    ------
    ConfigError
        A set weighs a criterion that the run does not have.
    """
    values = found.values()
    ranks = np.empty((len(presets), values.shape[0]), np.int64)
    for row, preset in zip(ranks, presets, strict=True):
        strange = [k for k, w in preset.weights.items() if w > 0 and k not in found.ids]
        if strange:
            raise ConfigError(
                f"Invalid uncertainty.presets: '{preset.name}' weighs {strange[0]}, which is no criterion of the run. "
                "Add the criterion with weight 0, or drop the key."
            )
        part = preset.share * found.applicability
        score = (1.0 - part) * (values @ np.array([preset.weights.get(k, 0.0) for k in found.ids])) + part * found.learned
        row[np.argsort(-score, kind="stable")] = np.arange(1, score.size + 1)
    return ranks


def preset_columns(ranks: np.ndarray, listed: int) -> list[dict[str, Any]]:
    """Columns of the first campuses; keys as in :mod:`sitefinder.outputs.uncertainty`.

    Parameters
    ----------
    ranks : (m, n) int64
    listed : int
    """
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
