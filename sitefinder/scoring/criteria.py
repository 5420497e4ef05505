"""Value functions: a layer's number in its own unit becomes a value 0..1 by physical breakpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sitefinder.errors import ConfigError
from sitefinder.layers import REGISTRY
from sitefinder.layers.added import declare
from sitefinder.layers.naming import layer_problems, range_problems

if TYPE_CHECKING:
    from sitefinder.config import ConfigFile, Criterion

#: units of amounts that grow with the load
AMOUNTS = ("MW", "Mgd", "pipelines")


def check_layers(file: ConfigFile) -> None:
    """Declare the layers that the user adds; refuse criteria and gates that name an unknown one, the wrong unit or family.

    Raises
    ------
    ConfigError
        One line per problem with file, line, key and remedy.
    """
    declare(file.config.layers)
    problems = []
    for family, members in file.config.criteria.items():
        for layer_id, criterion in members.items():
            keys = ("criteria", family, layer_id)
            problems += layer_problems(file, layer_id, criterion.unit, at=keys, unit_at=(*keys, "unit"))
            if criterion.per and criterion.unit not in AMOUNTS:
                place = file.where(*keys, "per")
                problems.append(
                    f"Invalid per '{criterion.per}' in {place}. Only layers in {', '.join(AMOUNTS)} grow with the load; drop it."
                )
            problems += range_problems(file, layer_id, _thresholds(criterion), at=keys)
            if layer_id in REGISTRY and REGISTRY[layer_id].spec.family != family:
                right = REGISTRY[layer_id].spec.family
                problems.append(f"Invalid criterion in {file.where(*keys)}. Its layer belongs to '{right}'; move it there.")
    gates = {(section, name): g for section in ("exclusions", "inclusions") for name, g in getattr(file.config, section).items()}
    for gate_keys, gate in gates.items():
        problems += layer_problems(file, gate.layer, gate.unit, at=(*gate_keys, "layer"), unit_at=(*gate_keys, "unit"))
        side = "above" if gate.below is None else "below"
        problems += range_problems(file, gate.layer, {side: getattr(gate, side)}, at=gate_keys)
    if problems:
        raise ConfigError("\n".join(problems))


def _thresholds(criterion: Criterion) -> dict[str, float]:
    """Key of a value function -> the breakpoint of it that lies farthest out on either side; empty where loads scale them."""
    points = None if criterion.per else breakpoints(criterion)
    if criterion.logistic and not criterion.per:
        return {"logistic": criterion.logistic.midpoint}
    shape = next((name for name in ("ramp", "trapezoid", "table") if getattr(criterion, name) is not None), "")
    return {} if points is None else {f"{shape} from": float(points[0][0]), f"{shape} to": float(points[0][-1])}


def breakpoints(criterion: Criterion) -> tuple[np.ndarray, np.ndarray] | None:
    """Ascending breakpoints and values of a piecewise-linear criterion; None for a logistic one."""
    if criterion.ramp:
        points = sorted([(criterion.ramp.worst, 0.0), (criterion.ramp.best, 1.0)])
    elif criterion.trapezoid:
        points = list(zip(criterion.trapezoid, (0.0, 1.0, 1.0, 0.0), strict=True))
    elif criterion.table:
        points = list(criterion.table)
    else:
        return None
    xs, ys = zip(*points, strict=True)
    return np.array(xs, np.float64), np.array(ys, np.float64)


def write_values(criterion: Criterion, x: np.ndarray, out: np.ndarray) -> None:
    """Values of a layer as 16-bit steps (see :mod:`sitefinder.kernels.score`).

    Parameters
    ----------
    criterion : Criterion
    x : (n,) float32, NaN = unknown
    out : (n,) uint16, written
    """
    from sitefinder.kernels import values  # loads the compiler; a run that only re-weights never comes here

    points = breakpoints(criterion)
    if points is not None:
        values.interpolate(x, *points, out)
    elif criterion.logistic:
        values.logistic(x, criterion.logistic.midpoint, criterion.logistic.steepness, out)


def value(criterion: Criterion, x: np.ndarray) -> np.ndarray:
    """Values 0..1 in double precision, NaN = unknown; the reference that :func:`write_values` rounds.

    >>> from sitefinder.config.config import Criterion, Ramp
    >>> near = Criterion(weight=1, unit="km", ramp=Ramp(best=2, worst=10))
    >>> value(near, np.array([1.0, 6.0, 20.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    points = breakpoints(criterion)
    x = np.asarray(x, np.float64)
    if points is not None:
        return np.where(np.isnan(x), np.nan, np.interp(x, *points))
    shape = criterion.logistic
    if shape is None:
        raise ConfigError("A criterion without a value function reached the scoring. Give it ramp, table or another.")
    return 1.0 / (1.0 + np.exp(-shape.steepness * (x - shape.midpoint)))
