"""Fitting the preset of revealed weights: `make weights`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sitefinder.config import FAMILIES, ConfigFile
from sitefinder.ml import folds
from sitefinder.ml.revealed import INTERVAL, Frame, fit_weights, weight_intervals
from sitefinder.pipeline.learning import SEED, before_claims, material
from sitefinder.scoring.score import profile

#: least and most that published sets of weights and the shipped one give a family (docs/learned-score.md): power and speed
#: 30 to 45 %, gas beside power up to 10, water 10 to 15, land 5 to 30, fiber 10 to 25, hazards 7 to 10, climate 2 to 15
RANGES = {
    "grid_capacity": (0.30, 0.45),
    "gas": (0.0, 0.10),
    "water": (0.10, 0.15),
    "land": (0.05, 0.30),
    "fiber": (0.10, 0.25),
    "hazard": (0.07, 0.10),
    "climate": (0.02, 0.15),
}
#: criteria that cannot tell why a campus came: exchanges are data centers, queues and what counties decided follow campuses
FOLLOWS = ("exchange_km", "exchange_networks_80km", "queue_80km_mw")
FOLLOWING_FAMILY = "community"
#: blocks that are resampled
BLOCK_M = 450_000.0
#: decimals of weights in the preset
DIGITS = 3

_HEAD = """\
# yaml-language-server: $schema=../schema/configuration.json
# Weights that the choices of known campuses reveal, written by 'make weights': large and rural campuses against free land,
# headroom before claims, families within published ranges (power 30 to 45 %). Behind each weight stands its share in the whole
# score, in %, with the 90 % interval of resampled blocks of 450 km. Exchange facilities and queues are left out, and the family
# community keeps its weights: they follow campuses. Weights of 0 are what the choices do not show: campuses went where people
# live and did not mind drought or tornadoes. That is what was done, not what is right.
# Source: the labels of OpenStreetMap contributors (ODbL 1.0), PNNL IM3 (ODbL 1.0), Epoch AI (CC BY 4.0).
extends: ../default.yaml

project:
  name: revealed by the choices of campuses

model:
  share: 0
"""


def reveal_weights(file: ConfigFile, *, data: Path, cache: Path) -> str:
    """The preset of revealed weights as YAML.

    Raises
    ------
    SitefinderError
        Configuration, data or cache are wrong.
    """
    file = before_claims(file)
    ready = material(file, data=data, cache=cache)
    campuses, land = (profile(ready.stack, file.config, i) for i in (ready.presences.index, ready.background.index))
    may = np.array([k not in FOLLOWS and f != FOLLOWING_FAMILY for k, f in zip(land.ids, land.families, strict=True)])
    frame = Frame(land.weights, land.families, RANGES, may)
    chosen, ground = (np.nan_to_num(p.values).T for p in (campuses, land))
    weight = ready.presences.weight
    best = fit_weights(chosen, ground, weight, frame)
    blocks = folds.block_ids(ready.presences.xy[:, 0], ready.presences.xy[:, 1], BLOCK_M)
    drawn = weight_intervals(chosen, ground, weight, blocks, frame, seed=SEED)
    return _HEAD + preset_text(land.ids, land.families, best, drawn)


def preset_text(ids: tuple[str, ...], families: tuple[str, ...], best: np.ndarray, drawn: np.ndarray) -> str:
    """Weights of the families, then of the criteria in each, with intervals as comments."""
    member = {f: np.array([g == f for g in families]) for f in FAMILIES if f in families}
    lines = ["", "weights:"]
    lines += [_line(f, best[m].sum(), best[m].sum(), drawn[:, m].sum(axis=1)) for f, m in member.items()]
    lines += ["", "criteria:"]
    for family, inside in member.items():
        lines.append(f"  {family}:")
        total = best[inside].sum()
        for k in np.flatnonzero(inside):
            within = best[k] / total if total > 0 else 0.0
            lines.append("  " + _line(ids[k], within, best[k], drawn[:, k], criterion=True))
    return "\n".join(lines) + "\n"


def _line(name: str, weight: float, share: float, drawn: np.ndarray, *, criterion: bool = False) -> str:
    low, high = 100.0 * np.quantile(drawn, INTERVAL)
    shown = f"{{weight: {weight:.{DIGITS}f}}}" if criterion else f"{weight:.{DIGITS}f}"
    return f"  {name}: {shown}  # {100.0 * share:.1f} ({low:.1f} to {high:.1f})"
