"""Values, scores and gates of single cells by plain arithmetic: slow, easy to check, and nothing shared with the package."""

from __future__ import annotations

import itertools
import math
from typing import Any


def plain_value(criterion: dict[str, Any], x: float, mw: float) -> float:
    """Value 0..1 of one number; unknown earns nothing."""
    if math.isnan(x):
        return 0.0
    times = mw if criterion["per"] else 1.0
    if criterion["logistic"]:
        middle, ninety = criterion["logistic"]["midpoint"] * times, criterion["logistic"]["ninety"] * times
        return 1.0 / (1.0 + 9.0 ** (-(x - middle) / (ninety - middle)))
    if criterion["ramp"]:
        best, worst = criterion["ramp"]["best"] * times, criterion["ramp"]["worst"] * times
        return min(1.0, max(0.0, (x - worst) / (best - worst)))
    points = criterion["table"] or list(zip(criterion["trapezoid"], (0.0, 1.0, 1.0, 0.0), strict=True))
    at = [(float(p) * times, float(v)) for p, v in points]
    if x <= at[0][0]:
        return at[0][1]
    for (left, low), (right, high) in itertools.pairwise(at):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return at[-1][1]


def plain_score(tree: dict[str, Any], layers: dict[str, float]) -> float:
    """Score 0..100 of one cell: means within the families, then their mean."""
    mw, total, all_weights = tree["project"]["mw"], 0.0, sum(tree["weights"].values())
    for family, weight in tree["weights"].items():
        points = shares = 0.0
        for layer, criterion in tree["criteria"].get(family, {}).items():
            low, high = criterion["from_mw"], criterion["to_mw"]
            counts = (low is None or mw >= low) and (high is None or mw <= high)
            share = criterion["weight"] if counts else 0.0
            shares += share
            points += share * plain_value(criterion, layers[layer], mw)
        total += weight * (points / shares if shares else 0.0)
    return 100.0 * total / all_weights


def plain_gates(tree: dict[str, Any], scope: str) -> dict[str, dict[str, Any]]:
    """Gates that are asked of these cells and this load."""
    cell_m, mw = tree["grid"]["resolution_m"], tree["project"]["mw"]
    return {
        name: gate
        for name, gate in tree["exclusions"].items()
        if gate["on"]
        and gate["scope"] == scope
        and not (gate["cells_up_to_m"] and cell_m > gate["cells_up_to_m"])
        and not (gate["to_mw"] and mw > gate["to_mw"])
    }


def shut(gate: dict[str, Any], x: float) -> bool:
    """Whether a gate excludes a cell; an unknown number is no reason."""
    if math.isnan(x):
        return False
    return x > gate["above"] if gate["above"] is not None else x < gate["below"]
