"""Power flow, transfer and outage factors against a published case, and the reduction against the whole network."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from sitefinder.power.flow import angles, inverse, laplacian, outage_factors, reduce_network, transfer_factors
from tests.helpers.paths import ROOT

REFERENCE = json.loads((ROOT / "tests" / "reference" / "case118_dc.json").read_text(encoding="utf-8"))
START, END = np.array(REFERENCE["start"]), np.array(REFERENCE["end"])
SUSCEPTANCE, INJECTION = np.array(REFERENCE["susceptance_mw_per_rad"]), np.array(REFERENCE["injection_mw"])
FLOW, SLACK = np.array(REFERENCE["flow_mw"]), REFERENCE["slack"]
N = INJECTION.size
#: the reference is written with 12 significant digits
FACTOR_ROUNDING = 1e-9
seeds = st.integers(0, 10_000)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Waking threads costs more than these small networks."""
    with threadpool_limits(1):
        yield


def flows(start, end, susceptance, injection, slack=0):
    """Flow on every branch, through the angles."""
    theta = angles(laplacian(start, end, susceptance, injection.size), injection, slack)
    return susceptance * (theta[start] - theta[end])


def factors_of(start, end, susceptance, n, slack=0):
    """Transfer factors by the full inverse."""
    return transfer_factors(inverse(laplacian(start, end, susceptance, n).toarray(), slack), start, end, susceptance)


def random_network(seed, n=12, extra=10):
    """A tree with loops and doubled branches, and balanced injections."""
    rng = np.random.default_rng(seed)
    start = np.concatenate([rng.integers(0, np.arange(1, n)), rng.integers(0, n, extra)])
    end = np.concatenate([np.arange(1, n), rng.integers(0, n, extra)])
    real = start != end
    start, end = start[real], end[real]
    injection = rng.normal(0, 100, n)
    return start, end, rng.uniform(100, 5000, start.size), injection - injection.mean()


def parts_without(start, end, n, lost):
    """Number of connected parts of the network once a branch is out."""
    left = np.arange(start.size) != lost
    links = coo_array((np.ones(left.sum()), (start[left], end[left])), shape=(n, n))
    return connected_components(links, directed=False)[0]


@pytest.fixture(scope="module")
def transfer():
    """Transfer factors of the published case."""
    return factors_of(START, END, SUSCEPTANCE, N, SLACK)


def test_flows_agree_with_the_published_case():
    """Every flow of the IEEE 118-bus case is that of pandapower, to a millionth of a megawatt."""
    np.testing.assert_allclose(flows(START, END, SUSCEPTANCE, INJECTION, SLACK), FLOW, rtol=FACTOR_ROUNDING, atol=1e-6)


def test_transfer_factors_agree_with_the_published_case(transfer):
    """What a megawatt at each of three buses does to every branch is what pandapower says."""
    expected = np.array(REFERENCE["transfer_factors"])
    np.testing.assert_allclose(transfer[:, REFERENCE["transfer_bus"]].T, expected, atol=FACTOR_ROUNDING)
    assert (transfer[:, SLACK] == 0.0).all()


def test_transfer_factors_times_injections_are_the_published_flows(transfer):
    """The inverse and the sparse solver give one and the same flow."""
    np.testing.assert_allclose(transfer @ INJECTION, FLOW, rtol=FACTOR_ROUNDING, atol=1e-6)


def test_outage_factors_agree_with_the_published_case(transfer):
    """What four outages and one bridge do to every branch is what pandapower says."""
    factors, bridge = outage_factors(transfer, START, END)
    np.testing.assert_allclose(factors[REFERENCE["outages"]], REFERENCE["outage_factors"], atol=FACTOR_ROUNDING)
    assert bridge[REFERENCE["outages"]].tolist() == [False, True, False, False, False]


def test_outages_of_the_published_case_agree_with_a_new_flow(transfer):
    """Flows after each of 25 outages are those of the network without the branch, to a millionth of a megawatt."""
    factors, bridge = outage_factors(transfer, START, END)
    for lost in np.flatnonzero(~bridge)[::7]:
        left = np.arange(START.size) != lost
        after = flows(START[left], END[left], SUSCEPTANCE[left], INJECTION, SLACK)
        np.testing.assert_allclose((FLOW + factors[lost] * FLOW[lost])[left], after, atol=1e-6)


@pytest.mark.parametrize("case", ["case39", "case57", "case300"])
def test_flows_agree_with_pandapower_where_it_is_installed(case):
    """Three more cases solved on the spot, phase shifters and shunts included, to a millionth of a megawatt."""
    reason = "pandapower is not installed: pip install pandapower (the published case above is its answer, kept)"
    pandapower = pytest.importorskip("pandapower", reason=reason)
    net = getattr(pytest.importorskip("pandapower.networks", reason=reason), case)()
    pandapower.rundcpp(net)
    solved, mva = net._ppc["internal"], net.sn_mva
    bus, branch, gen = (solved[k].real for k in ("bus", "branch", "gen"))
    start, end, running = branch[:, 0].astype(int), branch[:, 1].astype(int), gen[:, 7] > 0
    susceptance = mva * solved["Bf"].toarray()[np.arange(start.size), start]
    injection = (
        np.bincount(gen[running, 0].astype(int), gen[running, 1], len(bus)) - bus[:, 2] - bus[:, 4] - mva * solved["Pbusinj"]
    )
    flow = flows(
        start, end, susceptance, injection - injection.sum() * (np.arange(len(bus)) == solved["ref"][0]), solved["ref"][0]
    )
    np.testing.assert_allclose(flow + mva * solved["Pfinj"], branch[:, 13], atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_reduction_keeps_the_flows_of_the_published_case(seed):
    """With any half of the buses kept, branches between kept buses carry what they carried, and no injection is lost."""
    keep = np.random.default_rng(seed).permutation(N) < N // 2
    reduction = reduce_network(START, END, SUSCEPTANCE, keep)
    place = np.cumsum(keep) - 1
    both = keep[START] & keep[END]
    start, end, b = place[START[both]], place[END[both]], SUSCEPTANCE[both]
    matrix = reduction.matrix + laplacian(start, end, b, keep.sum()).toarray()
    injection = reduction.inject(INJECTION)
    flow = transfer_factors(inverse(matrix, 0), start, end, b) @ injection
    np.testing.assert_allclose(flow, FLOW[both], atol=1e-6)
    assert injection.sum() == pytest.approx(INJECTION.sum(), abs=1e-6)


@given(seed=seeds)
def test_reduction_moves_injections_without_losing_any(seed):
    """A megawatt anywhere is shared out among kept buses: shares are positive, add up to one, and stay whole at a kept bus."""
    start, end, b, _ = random_network(seed)
    keep = np.random.default_rng(seed).random(12) < 0.5
    keep[0] = True
    shares = reduce_network(start, end, b, keep).inject(np.eye(12))
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-9)
    np.testing.assert_allclose(shares[:, keep], np.eye(keep.sum()), atol=1e-9)
    assert shares.min() > -1e-9


@given(seed=seeds)
def test_reduced_matrix_is_that_of_a_network(seed):
    """What remains of the eliminated part is symmetric, its rows add up to zero, and it ties buses together, never apart."""
    start, end, b, _ = random_network(seed)
    keep = np.random.default_rng(seed).random(12) < 0.5
    keep[0] = True
    matrix = reduce_network(start, end, b, keep).matrix
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-8)
    np.testing.assert_allclose(matrix.sum(axis=1), 0.0, atol=1e-8)
    assert matrix[~np.eye(len(matrix), dtype=bool)].max(initial=-1.0) < 1e-8


def test_nothing_eliminated_changes_nothing():
    """With every bus kept the reduction adds no tie and hands injections through."""
    reduction = reduce_network(START, END, SUSCEPTANCE, np.ones(N, bool))
    assert not reduction.matrix.any()
    assert reduction.eliminated.size == 0
    np.testing.assert_array_equal(reduction.inject(INJECTION), INJECTION)


def test_chain_below_becomes_one_branch_in_series():
    """Two eliminated branches of 200 and 300 MW per radian in series tie their ends with 120."""
    reduction = reduce_network(np.array([0, 1]), np.array([1, 2]), np.array([200.0, 300.0]), np.array([True, False, True]))
    np.testing.assert_allclose(reduction.matrix, [[120.0, -120.0], [-120.0, 120.0]])
    np.testing.assert_allclose(reduction.inject(np.array([0.0, 50.0, 0.0])), [20.0, 30.0])


def test_laplacian_adds_up_parallel_branches():
    """Two branches between the same buses count together, whichever way they are drawn."""
    matrix = laplacian(np.array([0, 1]), np.array([1, 0]), np.array([100.0, 40.0]), 3).toarray()
    assert matrix.tolist() == [[140.0, -140.0, 0.0], [-140.0, 140.0, 0.0], [0.0, 0.0, 0.0]]


@given(seed=seeds, slack=st.integers(0, 11))
def test_flow_balances_at_every_bus_whatever_the_slack(seed, slack):
    """What flows out of each bus is what is injected there, and the slack only sets the zero of the angles."""
    start, end, b, injection = random_network(seed)
    flow = flows(start, end, b, injection, slack)
    out = np.bincount(start, flow, 12) - np.bincount(end, flow, 12)
    np.testing.assert_allclose(out, injection, atol=1e-6)
    np.testing.assert_allclose(flow, flows(start, end, b, injection), atol=1e-6)


@settings(max_examples=20)
@given(seed=seeds)
def test_bridges_are_the_branches_whose_outage_parts_the_network(seed):
    """The bridges found are those that a search of the graph finds, and they hand nothing on."""
    start, end, b, _ = random_network(seed, extra=5)
    factors, bridge = outage_factors(factors_of(start, end, b, 12), start, end)
    assert bridge.tolist() == [parts_without(start, end, 12, k) > 1 for k in range(start.size)]
    assert not factors[bridge].any()
    assert (np.diagonal(factors)[~bridge] == -1.0).all()


@settings(max_examples=20)
@given(seed=seeds)
def test_outages_agree_with_a_new_flow(seed):
    """On random networks with parallel branches the flow after every outage is that of the network without the branch."""
    start, end, b, injection = random_network(seed)
    factors, bridge = outage_factors(factors_of(start, end, b, 12), start, end)
    now = flows(start, end, b, injection)
    for lost in np.flatnonzero(~bridge):
        left = np.arange(start.size) != lost
        after = flows(start[left], end[left], b[left], injection)
        np.testing.assert_allclose((now + factors[lost] * now[lost])[left], after, atol=1e-6)


def test_bus_that_hangs_on_nothing_is_named():
    """A network in two pieces is refused with the bus that cannot be reached."""
    matrix = laplacian(np.array([0, 1]), np.array([1, 2]), np.ones(2), 4).toarray()
    with pytest.raises(ValueError, match="bus 3 hangs on nothing"):
        inverse(matrix, 0)
