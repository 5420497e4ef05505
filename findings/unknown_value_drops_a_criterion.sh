#!/usr/bin/env bash
# One unknown value in a table of sites, and the methods of pymcdm and scikit-criteria that rank nevertheless.
#
# One would guess: a decision matrix with a hole is refused, or the site with the hole is set aside or marked; the others keep their
#   values.
# What happens: most methods refuse (pymcdm by a KeyError of nan, scikit-criteria by a ValueError about ranks). EDAS of pymcdm and
#   VIKOR of scikit-criteria rank without a word, and for all sites alike: the criterion with the hole counts for nobody, as if it had
#   been taken out, the weights left as they are. A site that leads by that criterion falls to last place because another one's
#   value is unknown.
# What to do: look for holes before, and give the unknown a value of its own (here: no points), or a range.
# Version and source: pymcdm 1.4.0, scikit-criteria 0.10; seen, in neither documentation. Means and sums of NumPy carry the NaN into the
#   whole column, and a maximum with 0 or a sum that leaves NaN out takes it off again.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check "pymcdm==1.4.0" "scikit-criteria==0.10" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
import skcriteria
from pymcdm.methods import EDAS, TOPSIS
from skcriteria.agg.vikor import VIKOR

# MW of a station, distance of a pipeline turned round, acres: four sites, the second criterion of one unknown
sites = np.array([[10.0, 4.0, 3.0], [20.0, np.nan, 1.0], [30.0, 2.0, 2.0], [15.0, 9.0, 2.5]])
weights = np.array([0.3, 0.4, 0.3])
known = sites.copy()
known[1, 1] = 6.0
kept = [0, 2]


def by_edas(table, weights):
    method = EDAS()
    return method.rank(method(table, weights, np.ones(len(weights)))).astype(int).tolist()


def by_vikor(table, weights):
    matrix = skcriteria.mkdm(table, [max] * len(weights), weights=weights)
    return VIKOR().evaluate(matrix).rank_.tolist()


same = True
for name, rank in (("EDAS of pymcdm", by_edas), ("VIKOR of scikit-criteria", by_vikor)):
    whole, hole, without = rank(known, weights), rank(sites, weights), rank(sites[:, kept], weights[kept])
    print(f"{name}: all known {whole}, one unknown {hole}, without the criterion {without}")
    same &= hole == without != whole
method = TOPSIS()
try:
    print("TOPSIS of pymcdm:", method.rank(method(sites, weights, np.ones(3))))
    same = False
except KeyError as error:
    print("TOPSIS of pymcdm refuses to rank: KeyError", error)
sys.exit(not same)
PYTHON
