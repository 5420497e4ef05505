"""A small configuration as text, and what is said when it is wrong."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.errors import ConfigError

GOOD = """\
project:
  mw: 1000
grid:
  resolution_m: 1000
weights:
  gas: 0.6
  water: 0.2
criteria:
  gas:
    gas_interstate_km: {weight: 3, unit: km, table: [[2, 1], [8, 0.8], [60, 0]]}
    gas_any_km: {weight: 1, unit: km, ramp: {best: 2, worst: 30}}
  water:
    drought_share: {weight: 2, unit: share, trapezoid: [0, 0.1, 0.2, 0.4]}
    river_km: {weight: 2, unit: km, logistic: {midpoint: 20, ninety: 5}}
exclusions:
  airport: {layer: airport_km, unit: km, below: 3, reason: near an airport}
candidates:
  spacing_km: 25
"""


def saved(folder, text):
    """The text as a file named my.yaml."""
    path = folder / "my.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path, overrides=None):
    """Message of the refusal."""
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides)
    return str(caught.value)


def changed(old, new):
    """The good text with one piece replaced, and the line on which the new piece begins."""
    if GOOD.count(old) != 1:
        raise ValueError(f"{old!r} is not in the text exactly once")
    return GOOD.replace(old, new), GOOD[: GOOD.index(old)].count("\n") + 1
