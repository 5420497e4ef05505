#!/usr/bin/env bash
# The matrix of a direct-current power flow without its slack bus taken out (a graph Laplacian), factorised by scipy's splu.
#
# One would guess: the matrix is singular whatever its size, so splu raises "Factor is exactly singular", as it does for five buses, and
#   a load that no plant feeds cannot go unseen.
# What happens: with fifty or two thousand buses the last pivot is rounding, not 0. splu and spsolve give an answer without error or
#   warning. Balanced injections get correct flows, so tests pass; 100 MW too much load gets angles of millions of radians, and flows
#   that leave a good part of it unserved at the buses. The diagonal of the inverse (short-circuit power) is rounding, too.
# What to do: take a slack bus out of every connected part, or add the machines to the diagonal, and check that injections sum to 0;
#   or look at the residual. scipy.linalg.solve at least warns (LinAlgWarning).
# Version and source: scipy 1.17.1, numpy 2.4.6; seen, not documented.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check "scipy==1.17.1" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import sys
import warnings

import numpy as np
from scipy.sparse import coo_array, csc_array
from scipy.sparse.linalg import splu

warnings.simplefilter("error")


def network(n, chords):
    """A chain of n buses with some more branches: its Laplacian, MW per radian."""
    rng = np.random.default_rng(1)
    start = np.concatenate([np.arange(n - 1), rng.integers(0, n, chords)])
    end = np.concatenate([np.arange(1, n), rng.integers(0, n, chords)])
    b = rng.uniform(500, 5000, start.size) * (start != end)
    i, j = np.concatenate([start, end, start, end]), np.concatenate([start, end, end, start])
    return csc_array(coo_array((np.concatenate([b, b, -b, -b]), (i, j)), shape=(n, n)))


raised, silent = 0, 0
for n, chords in ((5, 5), (50, 80), (2000, 3000)):
    matrix = network(n, chords)
    injection = np.zeros(n)
    injection[[0, n // 2]] = 500.0, -600.0
    try:
        theta = splu(matrix).solve(injection)
    except RuntimeError as error:
        raised += 1
        print(f"{n:5d} buses: {error}")
        continue
    silent += 1
    print(f"{n:5d} buses: no error; largest angle {abs(theta).max():.1e} rad, unserved {abs(matrix @ theta - injection).sum():.1f} MW")
sys.exit(not (raised == 1 and silent == 2))
PYTHON
