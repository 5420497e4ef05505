"""Values, scores and gates of Ohio once more, by loops and plain arithmetic that share nothing with the package.

Read from the package are the numbers of the layers at the cells, and the configuration as plain data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.scoring.exclusions import exclude, footprint_gates, occupied
from sitefinder.scoring.score import profile, score_cells, value_matrix
from tests.helpers.paths import DATA, ROOT
from tests.helpers.plain_score import plain_gates, plain_score, shut
from tests.helpers.stacks import warm

pytestmark = pytest.mark.stack
#: two loads: others have other criteria, breakpoints and gates
LOADS = (1000, pytest.param(300, marks=pytest.mark.slow))
OHIO = "39"
#: the scores of all cells rest on values in 65,534 steps; those of single cells do not
STEPS, EXACT = 1e-5, 1e-9


class Ohio(NamedTuple):
    """What the package computes for the cells of the state, and the same by hand."""

    tree: dict[str, Any]
    layers: list[dict[str, float]]
    score: np.ndarray
    single: np.ndarray
    bits: np.ndarray
    names: tuple[str, ...]
    occupied: np.ndarray


@pytest.fixture(scope="module", params=LOADS)
def ohio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ohio:
    """Cells of 25 km of the state."""
    cache: Path = warm(tmp_path_factory.mktemp("ohio"))
    file = load_config(ROOT / "config" / "default.yaml", {"grid.resolution_m": "25000", "project.mw": str(request.param)})
    config = file.config
    gates = {g.layer for g in config.exclusions.values()}
    layers = list(dict.fromkeys([*config.flat_criteria(), *sorted(gates)]))
    stack = open_stack(DataPackage(DATA), file, layers, cache_folder=cache)
    index = np.array([i for i in range(stack.land.size) if stack.zones.county_of(i)["fips"].startswith(OHIO)])
    columns = {k: stack.values(k)[index] for k in layers}
    excluded = exclude(stack, config)
    free = np.zeros_like(excluded.bits)
    return Ohio(
        config.model_dump(mode="json"),
        [{k: float(columns[k][i]) for k in layers} for i in range(index.size)],
        score_cells(value_matrix(stack, config), config, free)[index],
        profile(stack, config, index).score,
        excluded.bits[index],
        excluded.names,
        occupied(stack, config)[index] if footprint_gates(config) else np.zeros(index.size, bool),
    )


def test_every_score_is_that_of_the_reference(ohio: Ohio) -> None:
    """Of all cells to a hundred-thousandth of the scale, of single ones to the last digits."""
    reference = np.array([plain_score(ohio.tree, layers) for layers in ohio.layers])
    assert reference.size > 150
    assert np.ptp(reference) > 10.0
    np.testing.assert_allclose(ohio.score / 100.0, reference / 100.0, atol=STEPS, rtol=0)
    np.testing.assert_allclose(ohio.single, reference, atol=EXACT, rtol=0)


def test_every_bit_of_the_gates_is_that_of_the_reference(ohio: Ohio) -> None:
    """All gates of places, by name, on every cell."""
    gates = plain_gates(ohio.tree, "place")
    assert list(ohio.names) == list(gates)
    for layers, bits in zip(ohio.layers, ohio.bits, strict=True):
        assert [n for i, n in enumerate(gates) if int(bits) >> i & 1] == [
            n for n, g in gates.items() if shut(g, layers[g["layer"]])
        ]
    assert 0 < np.count_nonzero(ohio.bits) < ohio.bits.size


def test_every_occupied_cell_is_that_of_the_reference(ohio: Ohio) -> None:
    """Gates of footprints, together."""
    gates = plain_gates(ohio.tree, "footprint")
    assert [any(shut(g, layers[g["layer"]]) for g in gates.values()) for layers in ohio.layers] == ohio.occupied.tolist()
