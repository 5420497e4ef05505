"""The model file: plain JSON, so that reading it can run no code; refused when damaged, older or foreign."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitefinder.config.shipped import restore
from sitefinder.errors import DataError
from sitefinder.files import Json, read_json, write_all
from sitefinder.ml.analogues import Analogues
from sitefinder.ml.features import FEATURES
from sitefinder.ml.models import Calibration
from sitefinder.ml.predict import Domain
from sitefinder.ml.trees import ENDS, QUESTIONS, Trees

#: raised when the meaning of the file changes
FORMAT = 3
#: significant digits kept: far finer than the data, and the same on every machine
DIGITS = 9

#: numbers of a model are smaller: the squares of larger ones have no end
MOST = 1e15

#: what a file holds besides its format, its features and its checksum
PARTS = {"trees", "intercept", "domain", "analogues", "scale", "calibration", "card"}


@dataclass(frozen=True)
class Stored:
    """What the model file holds.

    Parameters
    ----------
    model : Trees
    domain : Domain
    analogues : Analogues
        Named campuses among the anchors of the domain.
    scale : (n, 2) float64
        Log-odds and learned score, see :func:`sitefinder.ml.train.common_scale`.
    calibration : Calibration
        From log-odds to chances, fitted on held-out blocks.
    card : dict
        What it was trained on, for the record.
    digest : str
        Checksum of the content; empty until it is written.
    """

    model: Trees
    domain: Domain
    analogues: Analogues
    scale: np.ndarray
    calibration: Calibration
    card: Json
    digest: str = ""


def save(path: Path, stored: Stored) -> None:
    """Write the model file."""
    model, domain, analogues = stored.model, stored.domain, stored.analogues
    content = {
        "format": FORMAT,
        "features": [[f.layer, f.direction, f.shape] for f in model.features],
        "trees": {
            "split": model.split.tolist(),
            "at": [[None if np.isinf(v) else v for v in row] for row in _plain(model.at)],
            "leaf": _plain(model.leaf),
            "share": _plain(model.share),
        },
        "intercept": _plain(np.array(model.intercept)),
        "domain": {
            "anchors": _plain(domain.anchors),
            "centre": _plain(domain.centre),
            "scale": _plain(domain.scale),
            "mean_distance": _plain(np.array(domain.mean_distance)),
            "threshold": _plain(np.array(domain.threshold)),
        },
        "analogues": {"anchor": analogues.anchor.tolist(), "name": list(analogues.name), "mw": _plain(analogues.mw)},
        "scale": _plain(stored.scale),
        "calibration": {k: _plain(np.array(getattr(stored.calibration, k))) for k in ("slope", "shift")},
        "card": stored.card,
    }
    text = json.dumps(content | {"sha256": _digest(content)}, indent=1) + "\n"
    write_all(path.parent, {path.name: text.encode()})  # whoever is killed meanwhile keeps the earlier model


def load(path: Path) -> Stored:
    """Read the model file.

    Raises
    ------
    DataError
        The file is missing, damaged, of another format, or made for other features.
    """
    remedy = f"{restore(path)} Or fit it again with 'sitefinder train'."
    try:
        content = read_json(path)
        digest = content.pop("sha256")
        fmt = content["format"]
    except OSError:
        raise DataError(f"Missing model file {path}. {remedy}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"Damaged model file {path}: it is not a model of this program. {remedy}") from None
    if digest != _digest(content):
        raise DataError(f"Damaged model file {path}: its checksum does not fit its content. {remedy}")
    if fmt != FORMAT:
        raise DataError(f"Model file {path} has format {fmt}, this program reads {FORMAT}. {remedy}")
    if content.get("features") != [[f.layer, f.direction, f.shape] for f in FEATURES]:
        raise DataError(f"Model file {path} was trained on other features than this program computes. {remedy}")
    missing = PARTS - set(content)
    if missing:
        raise DataError(f"Damaged model file {path}: it lacks '{min(missing)}'. {remedy}")
    try:
        return _stored(content, digest)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        said = error if isinstance(error, _UnfitError) else "its trees do not fit its features"
        raise DataError(f"Damaged model file {path}: {said}. {remedy}") from None


class _UnfitError(ValueError):
    """A part of a model whose numbers do not fit the others."""


def _stored(content: Json, digest: str) -> Stored:
    """What a file holds.

    Raises
    ------
    _UnfitError
        Shapes or numbers do not fit together.
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError
        A part is of another kind.
    """
    model = _trees(content["trees"], float(content["intercept"]))
    raw, listed = content["domain"], content["analogues"]
    anchors, centre, spread = (np.array(raw[k], np.float64) for k in ("anchors", "centre", "scale"))
    domain = Domain(anchors, centre, spread, float(raw["mean_distance"]), float(raw["threshold"]))
    names = tuple(str(name) for name in listed["name"])
    analogues = Analogues(np.array(listed["anchor"], np.int64), names, np.array(listed["mw"], np.float64))
    scale = np.array(content["scale"], np.float64)
    calibration = Calibration(*(float(content["calibration"][k]) for k in ("slope", "shift")))
    if not isinstance(content["card"], dict):
        raise _UnfitError("its card is none")
    _check(domain, analogues, scale, calibration)
    return Stored(model, domain, analogues, scale, calibration, content["card"], digest)


def _check(domain: Domain, analogues: Analogues, scale: np.ndarray, calibration: Calibration) -> None:
    """Shapes and numbers besides the trees; raises _UnfitError."""
    n = len(FEATURES)
    anchors, named = domain.anchors, analogues.anchor
    lone = np.array([domain.mean_distance, domain.threshold, calibration.slope, calibration.shift])
    shapes = anchors.ndim == 2 and anchors.shape[1] == n and domain.centre.shape == domain.scale.shape == (n,)
    if not (shapes and len(anchors) and scale.ndim == 2 and scale.shape[1:] == (2,) and len(scale)):
        raise _UnfitError("its domain or its scale has another shape")
    if not all((np.abs(v) < MOST).all() for v in (anchors, domain.centre, domain.scale, scale, analogues.mw, lone)):
        raise _UnfitError("a number of its domain or of its scales is none")
    if not (domain.mean_distance > 0 and domain.threshold > 0 and calibration.slope >= 0 and (np.diff(scale[:, 0]) >= 0).all()):
        raise _UnfitError("its distances are not positive, or its scale does not rise")
    if not (named.shape == analogues.mw.shape == (len(analogues.name),) and ((named >= 0) & (named < len(anchors))).all()):
        raise _UnfitError("its named campuses are none of its domain")


def _trees(raw: Json, intercept: float) -> Trees:
    """The trees of a file; raises _UnfitError where their shapes or the features that they ask do not fit, as :func:`_stored`."""
    at = np.array([[np.inf if v is None else v for v in row] for row in raw["at"]], np.float32)
    split = np.array(raw["split"], np.int32)
    leaf, share = (np.array(raw[k], np.float64) for k in ("leaf", "share"))
    n = len(split)
    fits = split.shape == at.shape == share.shape == (n, QUESTIONS) and leaf.shape == (n, ENDS) and n > 0
    known = all((np.abs(v) < MOST).all() for v in (leaf, share, intercept)) and not np.isnan(at).any()
    if not (fits and known and split.min() >= 0 and split.max() < len(FEATURES)):
        raise _UnfitError("its trees do not fit its features")
    return Trees(FEATURES, split, at, leaf, share, intercept)


def _plain(values: np.ndarray) -> Any:
    """Nested lists of rounded floats."""
    flat = [float(f"{v:.{DIGITS}g}") for v in values.reshape(-1)]
    return np.array(flat).reshape(values.shape).tolist() if values.ndim else flat[0]


def _digest(content: Json) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
