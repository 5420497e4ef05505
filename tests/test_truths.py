"""Answers that nobody here wrote: rows of ``truths.csv``, each with its source, and whole published cases where they are at hand.

A row says what is computed, which number of it, the published value and how closely it must be met (``x`` = relative). Whoever
adds a row for a case that is here needs no program. Published cases that may not be passed on lie beside the checkout, in
``../shared/truth``; without them the rows that need them are skipped.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

from sitefinder.certainty.methods import topsis, weighted_product, weighted_sum
from sitefinder.certainty.weighting import Pairwise
from sitefinder.kernels.acceptability import Problem, simulate
from sitefinder.kernels.cost_distance import spread
from sitefinder.kernels.distance import nearest_segment
from sitefinder.kernels.paths import follow
from sitefinder.power.flow import angles, laplacian
from tests.helpers.paths import ROOT

TRUTH = ROOT.parent / "shared" / "truth"
ROWS = list(csv.DictReader((ROOT / "tests" / "truths.csv").open(encoding="utf-8")))
Answers = dict[str, float]


def at_hand(*parts: str) -> Path:
    """A published file, or a skipped test that says why."""
    path = TRUTH.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the published case {path.name} is not on this machine")
    return path


@cache
def smaa(case: str) -> dict[str, Answers]:
    """Rank acceptabilities and central weights of every alternative, from the published draws."""
    draws = pd.read_parquet(at_hand("smaa_hansen", f"{case}_draws.parquet"))
    criteria = [c.removeprefix("weight|") for c in draws if c.startswith("weight|")]
    names = list(dict.fromkeys(c.split("|")[0] for c in draws if not c.startswith("weight|")))
    values = np.stack([draws[[f"{n}|{c}" for c in criteria]].to_numpy(np.float64) for n in names], axis=1)
    weights = draws[[f"weight|{c}" for c in criteria]].to_numpy(np.float64)
    none, zero = np.zeros((len(names), len(criteria))), np.zeros(len(names))
    problem = Problem(values, none, none, (0.0, 1.0), weights, np.zeros(len(draws)), zero, zero, 0)
    tally = simulate(problem)
    counts, sums = (np.asarray(part, np.float64) for part in list(vars(tally).values())[:2])
    return {
        name: {f"rank {r + 1}": counts[i, r] / len(draws) for r in range(len(names))}
        | {f"central weight of {c}": sums[i, k] / counts[i, 0] for k, c in enumerate(criteria)}
        for i, name in enumerate(names)
    }


@cache
def by_topsis() -> dict[str, Answers]:
    """The relative method from the absolute one: columns scaled between worst and best of the list, weights by their width."""
    case = np.array([[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]], float)
    norm = case / np.linalg.norm(case, axis=0)
    width = np.ptp(norm, axis=0)
    score = topsis((norm - norm.min(axis=0)) / width, np.array([0.3, 0.4, 0.3]) * width)
    return {str(i + 1): {"closeness": s} for i, s in enumerate(score)}


@cache
def by_product() -> dict[str, Answers]:
    """Columns divided by their sums."""
    case = np.array([[25, 20, 15, 30], [10, 30, 20, 30], [30, 10, 30, 10]], float)
    score = weighted_product(case / case.sum(axis=0), np.array([0.2, 0.15, 0.4, 0.25]))
    return {str(i + 1): {"log10 of the score": s} for i, s in enumerate(np.log10(score))}


@cache
def by_sum() -> dict[str, Answers]:
    """Costs turned over, columns divided by their sums, equal weights."""
    case = json.loads(at_hand("mcda", "wsm_kracka_2010.json").read_text())
    matrix = np.array(case["matrix"]) ** np.array(case["objectives"], float)
    score = weighted_sum(matrix / matrix.sum(axis=0), np.full(7, 1 / 7))
    return {str(i + 1): {"score": s} for i, s in enumerate(score)}


@cache
def cities() -> dict[str, Answers]:
    """Weights of the criteria, times those of the cities under each."""
    case = json.loads(at_hand("mcda", "ahp_saaty_2005_cities.json").read_text())

    def weights(matrix: list) -> np.ndarray:
        return np.array(list(Pairwise(tuple(map(str, range(len(matrix)))), np.array(matrix)).weights.values()))

    total = weights(case["criteria_pairwise"]) @ np.array([weights(m) for m in case["item_pairwise"]])
    return {name: {"weight": w} for name, w in zip(case["items"], total, strict=True)}


@cache
def optimum(case: str) -> Answers:
    """Cheapest dispatch that the equations of the network allow; costs that curve are cut into sixty straight pieces."""
    folder = at_hand("dc_flow")
    bus, branch, gen = (pd.read_csv(next(folder.glob(f"pglib_{case}_{part}.csv*"))) for part in ("bus", "branch", "gen"))
    return {"USD/h": dispatch(bus, branch, gen)}


def dispatch(bus: pd.DataFrame, branch: pd.DataFrame, gen: pd.DataFrame) -> float:
    """Least cost, USD/h: angles and pieces of the units as unknowns, the balance of every bus, and limits of the branches."""
    row = {b: i for i, b in enumerate(bus["bus"])}
    branch, gen = branch[branch["status"] == 1], gen[gen["status"] == 1]
    start, end = (branch[c].map(row).to_numpy() for c in ("from_bus", "to_bus"))
    b = BASE_MVA * (branch["x_pu"] / (branch["r_pu"] ** 2 + branch["x_pu"] ** 2)).to_numpy()
    n, pieces = len(bus), 60
    width = ((gen["pmax_mw"] - gen["pmin_mw"]) / pieces).to_numpy()
    middle = gen["pmin_mw"].to_numpy()[:, None] + width[:, None] * (np.arange(pieces) + 0.5)
    price = gen["cost_c1_usd_per_mwh"].to_numpy()[:, None] + 2.0 * gen["cost_c2_usd_per_mw2h"].to_numpy()[:, None] * middle
    least = gen["pmin_mw"].to_numpy()
    fixed = float((gen["cost_c0_usd_per_h"] + gen["cost_c1_usd_per_mwh"] * least + gen["cost_c2_usd_per_mw2h"] * least**2).sum())
    at = gen["bus"].map(row).to_numpy()
    bits = at.size * pieces
    supply = csr_array((np.ones(bits), (np.repeat(at, pieces), np.arange(bits))), shape=(n, bits))
    demand = (bus["pd_mw"] + bus["gs_mw"]).to_numpy() - np.bincount(at, least, n)
    balance = hstack([-laplacian(start, end, b, n), supply])
    m = np.arange(len(branch))
    apart = csr_array((np.r_[np.ones(m.size), -np.ones(m.size)], (np.r_[m, m], np.r_[start, end])), shape=(m.size, n))
    rated = branch["rate_a_mva"].to_numpy()
    most = np.minimum(np.where(rated > 0, rated, np.inf) / b, np.radians(branch["angmax_deg"].to_numpy()))
    limits = hstack([vstack([apart, -apart]), csr_array((2 * m.size, bits))])
    bounds = [(None, None)] * n + [(0.0, w) for w in np.repeat(width, pieces)]
    cost = np.concatenate([np.zeros(n), price.ravel()])
    bounds[0] = (0.0, 0.0)
    solved = linprog(cost, limits, np.r_[most, most], balance / BASE_MVA, demand / BASE_MVA, bounds, method="highs-ds")
    assert solved.status == 0, solved.message
    return float(solved.fun + fixed)


BASE_MVA = 100.0


@cache
def routes() -> dict[str, Answers]:
    """Every published route anew: km and dollars by its name."""
    import rasterio

    folder = at_hand("revrt_rhode_island")
    with rasterio.open(folder / "cost_class_and_barrier.tif") as source:
        classes, barrier = source.read()
    table = pd.read_csv(folder / "cost_classes.csv")
    answers: dict[str, Answers] = {}
    for layer, rows in pd.read_csv(folder / "least_cost_routes.csv").groupby("cost_layer_mw"):
        cost = table[f"cost_{layer}MW_usd_per_cell"].to_numpy()[classes.astype(int)]
        surface = np.where(cost > 0, cost, 1e10) * (1.0 + 100.0 * barrier)
        for (r, c), group in rows.groupby(["start_row", "start_col"]):
            spreading = spread(surface.astype(np.float32), np.array([r * surface.shape[1] + c]))
            ends = (group["end_row"] * surface.shape[1] + group["end_col"]).to_numpy()
            path, offset = follow(spreading.direction, ends)
            for k, row in enumerate(group.itertuples()):
                y, x = np.divmod(path[offset[k] : offset[k + 1]], surface.shape[1])
                length = np.hypot(np.diff(y), np.diff(x))
                usd = float((length * (cost[y, x][1:] + cost[y, x][:-1]) / 2.0).sum())
                objective = float(spreading.cost[row.end_row, row.end_col])
                name = f"{row.capacity_class_mw} MW route {row.route_id}"
                answers[name] = {"km": float(length.sum()) * 0.09, "USD": usd, "objective": objective}
    return answers


#: what -> its answers, by the words after the colon
CASES: dict[str, Callable[[], dict[str, Answers]]] = {
    "SMAA thrombolysis": lambda: smaa("thrombo"),
    "SMAA antidepressants": lambda: smaa("hansen"),
    "TOPSIS four suppliers": by_topsis,
    "weighted product": by_product,
    "weighted sum": by_sum,
    "AHP choice of a city": cities,
    "Routes of Rhode Island": routes,
}
#: rows that take seconds
SLOW = ("Routes of Rhode Island", "DC optimum of case2000_goc")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(r, id=f"{r['what']} {r['column']}", marks=[pytest.mark.slow] if r["what"].startswith(SLOW) else [])
        for r in ROWS
    ],
)
def test_the_published_value_is_met(row: dict[str, str]) -> None:
    """As closely as the row says."""
    what, _, part = row["what"].partition(": ")
    answers = optimum(what.split()[-1]) if what.startswith("DC optimum of ") else CASES[what]()[part]
    tolerance, _, relative = row["tolerance"].partition(" ")
    allowed = float(tolerance) * (abs(float(row["value"])) if relative else 1.0)
    assert abs(answers[row["column"]] - float(row["value"])) <= allowed + 1e-12, (answers[row["column"]], row["source"])


def test_every_row_has_its_source() -> None:
    """And a number, and a tolerance that is one."""
    assert len(ROWS) > 20
    for row in ROWS:
        assert len(row["source"]) > 10
        assert np.isfinite(float(row["value"]))
        assert float(row["tolerance"].split()[0]) >= 0


@pytest.mark.slow
def test_all_routes_of_rhode_island_are_found() -> None:
    """Ten routes of five capacities: km, dollars and the sum on the surface, which the product keeps in single precision."""
    published = pd.read_csv(at_hand("revrt_rhode_island", "least_cost_routes.csv"))
    assert len(published) == len(routes()) == 50
    for row in published.itertuples():
        found = routes()[f"{row.capacity_class_mw} MW route {row.route_id}"]
        assert found["objective"] == pytest.approx(row.objective, rel=3e-7)
        assert found["km"] == pytest.approx(row.length_km, rel=1e-9)
        assert found["USD"] == pytest.approx(row.cost_usd, rel=1e-6)


@pytest.mark.parametrize("case", ["hansen", "thrombo"])
def test_all_acceptabilities_are_found(case: str) -> None:
    """Exactly: each is a count of ten thousand draws."""
    published = pd.read_csv(at_hand("smaa_hansen", f"{case}_expected.csv"))
    for row in published.to_dict("records"):
        for column in (c for c in row if c.startswith("acceptability_rank")):
            assert smaa(case)[row["alternative"]][column.replace("acceptability_rank", "rank ")] == row[column]


def test_flows_of_a_meshed_network_of_islands_are_found() -> None:
    """Three islands of alternating and a ring of direct current, ten hours: each flow to a millionth of a megawatt."""
    folder = at_hand("dc_flow")
    bus, line, link = (pd.read_csv(folder / f"acdc_meshed_{name}.csv") for name in ("buses", "lines", "links"))
    series = pd.read_csv(folder / "acdc_meshed_series.csv")
    table = series.pivot_table(index="hour", columns=["quantity", "name"], values="value")
    row = {name: i for i, name in enumerate(bus["bus"])}
    start, end = line["bus0"].map(row).to_numpy(), line["bus1"].map(row).to_numpy()
    b = (line["v_nom_kv"] ** 2 / np.where(line["x_ohm"] > 0, line["x_ohm"], line["r_ohm"])).to_numpy()
    injected, flow = table["bus_net_injection_mw"], table["line_p0_mw"]
    parts = islands(start, end, len(bus))
    for hour in table.index:
        injection = injected.loc[hour].reindex(bus["bus"]).to_numpy()
        for part in parts:
            inside = np.isin(start, part)
            if not inside.any():
                continue
            at = {int(i): k for k, i in enumerate(part)}
            s, e = (np.array([at[int(i)] for i in ends[inside]]) for ends in (start, end))
            theta = angles(laplacian(s, e, b[inside], part.size), injection[part], 0)
            expected = flow.loc[hour].reindex(line["line"].astype(str)).to_numpy()[inside]
            np.testing.assert_allclose(b[inside] * (theta[s] - theta[e]), expected, atol=1e-6)
    assert len(link) == 4


def islands(start: np.ndarray, end: np.ndarray, n: int) -> list[np.ndarray]:
    """Buses of each connected part."""
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(csr_array((np.ones(start.size), (start, end)), shape=(n, n)), directed=False)
    return [np.flatnonzero(label == k) for k in range(label.max() + 1)]


def test_distances_agree_with_geos_on_ten_thousand_random_pairs() -> None:
    """A cell and a segment each, of any length and direction, also a point, on frames of 200 m to 2,000 km."""
    rng = np.random.default_rng(20)
    for pair in range(25):
        cell_m = 10 ** rng.uniform(1, 5)
        segment = rng.uniform(0.0, 1.0, (1, 4)) * 20 * cell_m
        segment[:, 2:] = segment[:, :2] if pair < 2 else segment[:, 2:]
        metres, _ = nearest_segment(segment, (20, 20), origin=(0.0, 20 * cell_m), resolution_m=cell_m)
        y, x = (np.indices((20, 20)) + 0.5) * cell_m
        geos = shapely.distance(shapely.points(x, 20 * cell_m - y), shapely.linestrings(segment.reshape(2, 2)))
        np.testing.assert_allclose(metres, geos, rtol=1e-6, atol=1e-4)
