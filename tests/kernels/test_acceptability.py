"""Rank acceptability: against a naive reference, its invariants, and its random numbers."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from sitefinder.kernels.acceptability import MAX_SITES, Problem, normals, simulate, uniform

SPEED = """
import re, resource, time
from pathlib import Path
import numpy as np
from sitefinder.kernels.acceptability import Problem, simulate
r = np.random.default_rng(0)
n, k, draws = 2000, 30, 10_000
p = Problem(r.random((20, n, k)), 0.01 * r.random((n, k)), (r.random((n, k)) < 0.03) * 1.0, (0.0, 1.0),
            r.dirichlet(np.ones(k), draws), np.full(draws, 0.3), np.ones(n), r.random(n), 1)
simulate(Problem(p.values[:1, :10], p.variance[:10], p.unknown[:10], (0.0, 1.0), p.weights[:10],
         p.share[:10], p.applicability[:10], p.learned[:10], 1), pairs=5)
best = 1e9
for _ in range(3):
    start = time.process_time()
    simulate(p, pairs=50)
    best = min(best, time.process_time() - start)
status = Path("/proc/self/status")  # ru_maxrss keeps the peak of the process that started this one
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) if status.exists() else \\
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(best, peak / 1024)
"""


def problem(n=50, k=12, draws=600, variants=4, seed=3):
    """A random problem with noise, unknown values, a learned score and several variants of the values."""
    r = np.random.default_rng(seed)
    unknown = np.where(r.random((n, k)) < 0.15, r.random((n, k)), 0.0)
    return Problem(
        values=r.random((variants, n, k)) * (1.0 - unknown),
        variance=(0.1 * r.random((n, k))) ** 2,
        unknown=unknown,
        unknown_range=(0.1, 0.8),
        weights=r.dirichlet(np.ones(k), draws),
        share=r.uniform(0.0, 0.5, draws),
        applicability=r.random(n),
        learned=r.random(n),
        seed=7,
    )


def certain(p):
    """The same without anything shaken but the weights and shares."""
    return dataclasses.replace(p, variance=np.zeros_like(p.variance), unknown=np.zeros_like(p.unknown))


def naive(p):
    """Scores and ranks one by one, in plain loops over draws, sites and criteria."""
    draws, n = len(p.weights), len(p.unknown)
    score, rank = np.empty((draws, n)), np.empty((draws, n), int)
    low, high = p.unknown_range
    normal = normals(p.seed, np.arange(draws), n)
    for d in range(draws):
        values = p.values[d * len(p.values) // draws]
        for i in range(n):
            total, variance = 0.0, 0.0
            for c in range(p.unknown.shape[1]):
                w = p.weights[d, c]
                total += w * values[i, c]
                variance += w * w * p.variance[i, c]
                if p.unknown[i, c] > 0:
                    total += w * p.unknown[i, c] * (low + (high - low) * uniform(p.seed, d, i, c)[0])
            total += np.sqrt(variance) * normal[d, i]
            a = p.share[d] * p.applicability[i]
            score[d, i] = (1 - a) * total + a * p.learned[i]
        rank[d, np.argsort(-score[d], kind="stable")] = np.arange(n)
    return score, rank


def test_equals_the_naive_reference():
    """Counts, first weights and duels of 50 sites are those of plain loops."""
    p = problem()
    found = simulate(p, pairs=20)
    _, rank = naive(p)
    counts = np.zeros((50, 50), int)
    for row in rank:
        counts[np.arange(50), row] += 1
    np.testing.assert_array_equal(found.counts, counts)
    first = np.argmin(rank, axis=1)
    sums = np.stack([p.weights[first == i].sum(axis=0) for i in range(50)])
    np.testing.assert_allclose(found.first_weights, sums, atol=1e-12)
    wins = (rank[:, :20, None] < rank[:, None, :20]).sum(axis=0)
    np.testing.assert_array_equal(found.wins, wins)


def test_rows_and_columns_sum_to_the_draws():
    """Every site takes one rank and every rank one site in each draw."""
    found = simulate(problem(n=31, draws=500))
    np.testing.assert_array_equal(found.counts.sum(axis=0), 500)
    np.testing.assert_array_equal(found.counts.sum(axis=1), 500)


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_number_of_threads_changes_nothing(threads):
    """Not a single count, and the sums of weights to the last bit."""
    p = problem(n=40, draws=2000)
    one, many = simulate(p, pairs=10, threads=1), simulate(p, pairs=10, threads=threads)
    np.testing.assert_array_equal(one.counts, many.counts)
    np.testing.assert_array_equal(one.first_weights, many.first_weights)
    np.testing.assert_array_equal(one.wins, many.wins)


def test_without_noise_and_with_fixed_weights_every_site_keeps_its_rank():
    """One rank per site in all draws."""
    p = certain(problem())
    fixed = dataclasses.replace(p, values=p.values[:1], weights=np.tile(p.weights[0], (600, 1)), share=np.full(600, 0.2))
    found = simulate(fixed)
    a = 0.2 * fixed.applicability
    score = (1 - a) * (fixed.values[0] @ fixed.weights[0]) + a * fixed.learned
    rank = np.argsort(np.argsort(-score, kind="stable"))
    np.testing.assert_array_equal(np.argmax(found.counts, axis=1), rank)
    assert set(np.unique(found.counts)) == {0, 600}


def test_equal_sites_keep_the_order_of_the_list():
    """A tie falls to the site that stands first."""
    p = certain(problem(n=5))
    same = dataclasses.replace(p, values=np.repeat(p.values[:, :1], 5, axis=1), applicability=np.zeros(5))
    np.testing.assert_array_equal(simulate(same).counts, 600 * np.eye(5, dtype=int))


def test_one_normal_per_site_is_distributed_as_one_per_criterion():
    """Ranks under summed noise agree with ranks when every criterion has its own error."""
    p = certain(problem(n=12, draws=20_000, variants=1))
    p = dataclasses.replace(p, variance=np.full((12, 12), 0.2**2), weights=np.tile(p.weights[0], (20_000, 1)))
    found = simulate(p).counts / 20_000
    r = np.random.default_rng(0)
    counts = np.zeros((12, 12))
    for share in p.share:
        errors = r.normal(0.0, 0.2, (12, 12))
        a = share * p.applicability
        score = (1 - a) * ((p.values[0] + errors) @ p.weights[0]) + a * p.learned
        counts[np.arange(12), np.argsort(np.argsort(-score))] += 1
    assert np.abs(found - counts / 20_000).max() < 0.02


def test_normal_numbers_are_standard_and_independent():
    """Mean 0, variance 1, the tails of a normal, and no correlation between neighbours or draws."""
    z = normals(1, np.arange(2000), 40)
    np.testing.assert_array_equal(normals(1, np.arange(700, 710), 31), z[700:710, :31])
    assert abs(z.mean()) < 0.02
    assert abs(z.std() - 1.0) < 0.02
    assert abs((np.abs(z) > 1.96).mean() - 0.05) < 0.005
    assert abs(np.corrcoef(z[:, 0], z[:, 1])[0, 1]) < 0.08
    assert abs(np.corrcoef(z[:-1, 5], z[1:, 5])[0, 1]) < 0.08


def test_uniform_numbers_fill_the_interval():
    """Between 0 and 1, with mean 1/2 and variance 1/12, and different for each criterion, site, draw and seed."""
    d, i, c = np.meshgrid(np.arange(50), np.arange(20), np.arange(10))
    u = np.concatenate([uniform(s, d, i, c).ravel() for s in (1, 2)])
    assert uniform(2, 7, 3, 1)[0] == uniform(2, d, i, c)[3, 7, 1]
    assert ((u > 0) & (u < 1)).all()
    assert np.unique(u).size == u.size
    assert abs(u.mean() - 0.5) < 0.01
    assert abs(u.var() - 1 / 12) < 0.003


def test_another_seed_gives_other_ranks():
    """The seed matters."""
    p = problem()
    assert (simulate(p).counts != simulate(dataclasses.replace(p, seed=8)).counts).any()


def test_too_many_sites_are_refused():
    """A key has room for 4,096."""
    n = MAX_SITES + 1
    p = Problem(
        np.zeros((1, n, 1)), np.zeros((n, 1)), np.zeros((n, 1)), (0, 1), np.ones((1, 1)), np.zeros(1), *[np.zeros(n)] * 2, 1
    )
    with pytest.raises(ValueError, match="at most 4096"):
        simulate(p)


@pytest.mark.slow
def test_ten_thousand_draws_over_two_thousand_campuses_stay_small():
    """Under 1 GB for 30 criteria; the time is printed beside it, for the eye."""
    done = subprocess.run([sys.executable, "-c", SPEED], capture_output=True, text=True, check=True)
    _, megabytes = (float(x) for x in done.stdout.split())
    assert megabytes < 1000.0
