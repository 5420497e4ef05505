"""Other tools at the job of `scripts/benchmark.py`, on the layers that it hands over: one peer per process.

Usage: peers.py PEER JOB.json. The job names one .npy file of each layer (float32, one value per land cell, NaN = unknown), the
breakpoints and weight of each criterion, the free cells, and the raster that the land lies in. Each peer does the job in its own
usual way, as its documentation shows it, and prints what it found, so that the answers can be compared.
"""

import json
import sys
from pathlib import Path

import numpy as np

#: the score is compared on this many best cells
BEST = 1000


def layers(job: dict) -> "list[np.ndarray]":
    """Value 0..1 of every criterion on every land cell, double precision, unknown = 0."""
    values = []
    for row in job["criteria"]:
        x = np.load(row["file"], mmap_mode="r")
        values.append(np.nan_to_num(np.interp(x, row["x"], row["y"])))
    return values


def spaced(score: np.ndarray, job: dict) -> list[int]:
    """The best cells that keep their distance: sorted, then one after the other with a disc closed around each."""
    height, width = job["shape"]
    near = int(job["spacing_cells"])
    y, x = np.ogrid[-near : near + 1, -near : near + 1]
    disc = y * y + x * x < near * near
    cells = np.load(job["cells"])
    open_ = np.pad(np.ones((height, width), bool), near)
    sites: list[int] = []
    for cell in cells[np.argsort(-score, kind="stable")]:
        row, col = divmod(int(cell), width)
        if open_[row + near, col + near]:
            sites.append(int(cell))
            open_[row : row + 2 * near + 1, col : col + 2 * near + 1][disc] = False
            if len(sites) == job["count"]:
                break
    return sites


def numpy_script(job: dict) -> dict:
    """The script that an analyst would write: all values at once, weighted sum, greedy spacing."""
    weights = np.array([row["weight"] for row in job["criteria"]])
    score = np.where(np.load(job["free"]), (np.stack(layers(job)) * weights[:, None]).sum(axis=0), -1.0)
    return found(score, spaced(score, job), job)


def xarray(job: dict) -> dict:
    """The same with labelled arrays on the raster of the country."""
    import xarray as xr

    height, width = job["shape"]
    cells, free = np.load(job["cells"]), np.load(job["free"])

    def on_raster(values: np.ndarray) -> "xr.DataArray":
        raster = np.full(height * width, np.nan)
        raster[cells] = values
        return xr.DataArray(raster.reshape(height, width), dims=("y", "x"))

    stack = xr.concat([on_raster(values) for values in layers(job)], dim="criterion")
    weights = xr.DataArray([row["weight"] for row in job["criteria"]], dims="criterion")
    raster = (stack * weights).sum("criterion").where(on_raster(free.astype(float)) > 0, -1.0)
    score = raster.values.reshape(-1)[cells]
    return found(score, spaced(score, job), job)


def skcriteria(job: dict) -> dict:
    """Weighted sum of scikit-criteria on the free cells."""
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel

    free = np.load(job["free"])
    matrix = np.stack(layers(job), axis=1)[free]
    decision = skcriteria.mkdm(matrix, [max] * matrix.shape[1], weights=[row["weight"] for row in job["criteria"]])
    score = np.full(free.size, -1.0)
    score[free] = WeightedSumModel().evaluate(decision).e_.score
    return found(score, spaced(score, job), job)


def pymcdm_topsis(job: dict) -> dict:
    """TOPSIS of pymcdm on all land cells."""
    from pymcdm.methods import TOPSIS

    matrix = np.stack(layers(job), axis=1)
    matrix[0] += 1e-9  # its checks refuse a column of one value
    score = TOPSIS()(matrix, np.array([row["weight"] for row in job["criteria"]]), np.ones(matrix.shape[1]))
    return found(np.where(np.load(job["free"]), score, -1.0), [], job)


def cerf(job: dict) -> dict:
    """Competition of cerf for the best places: one technology, its cost the score turned round, a square buffer."""
    from cerf.compete import Competition

    height, width = job["shape"]
    cells, free = np.load(job["cells"]), np.load(job["free"])
    weights = np.array([row["weight"] for row in job["criteria"]])
    score = (np.stack(layers(job)) * weights[:, None]).sum(axis=0)
    cost = np.full(height * width, np.inf)
    cost[cells[free]] = -score[free]
    raster = cost.reshape(height, width)
    zeros = np.zeros(height * width)
    technology = {
        "tech_name": "campus",
        "unit_size_mw": 1.0,
        "operational_life_yrs": 30,
        "buffer_in_km": int(job["spacing_cells"]),
    }
    metrics = (
        "capacity_factor_fraction",
        "carbon_capture_rate_fraction",
        "carbon_tax_esc_rate_fraction",
        "carbon_tax_usd_per_ton",
        "fuel_co2_content_tons_per_btu",
        "fuel_price_esc_rate_fraction",
        "fuel_price_usd_per_mmbtu",
        "heat_rate_btu_per_kWh",
        "lifetime_yrs",
        "variable_om_esc_rate_fraction",
        "variable_om_usd_per_mwh",
    )
    technology |= dict.fromkeys(metrics, 0.0)
    won = Competition(
        "conus", {"run_year": 2026}, {1: technology}, [1], {1: {"n_sites": job["count"], "tech_name": "campus"}},
        {1: zeros}, {1: zeros}, {1: zeros}, {1: zeros}, {1: zeros},
        np.stack([np.full_like(raster, np.inf), raster]), zeros, zeros, zeros, np.arange(height * width),
        randomize=False,
    )  # fmt: skip
    return found(np.where(free, score, -1.0), np.flatnonzero(won.sited_array.reshape(-1) == 1).tolist(), job)


def found(score: np.ndarray, sites: list[int], job: dict) -> dict:
    """What answers are compared by: mean of the best scores, number of sites and mean of theirs, in points."""
    best = np.partition(score, score.size - BEST)[-BEST:]
    at = np.searchsorted(np.load(job["cells"]), sites)
    mean = round(100.0 * float(score[at].mean()), 4) if sites else None
    return {"best": round(100.0 * float(best.mean()), 4), "sites": len(sites), "mean": mean}


PEERS = {"numpy": numpy_script, "xarray": xarray, "scikit-criteria": skcriteria, "pymcdm": pymcdm_topsis, "cerf": cerf}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(PEERS[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))) + "\n")
