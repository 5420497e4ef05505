"""Pipelines that feed power stations."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from sitefinder.config.shipped import data_folder
from sitefinder.grid import CRS
from sitefinder.layers.files import INTRASTATE, PIPELINES, PLANTS
from sitefinder.units import M_PER_KM

#: plants from which a state has a median
LEAST_PLANTS = 4


def test_intrastate_pipelines_count_where_power_stations_lie_along_them():
    """The median gas plant of 250 MW and more is nearer to an intrastate line in the listed states, and in no other."""
    pipelines = gpd.read_parquet(data_folder() / PIPELINES).to_crs(CRS)
    plants = gpd.read_parquet(data_folder() / PLANTS).to_crs(CRS)
    plants = plants[plants.mw_gas >= 250].reset_index(drop=True)
    km = {}
    for kind in ("interstate", "intrastate"):
        lines = pipelines[pipelines.kind == kind].geometry.reset_index(drop=True)
        km[kind] = lines.sindex.nearest(plants.geometry, return_all=False, return_distance=True)[1] / M_PER_KM
    table = plants[["state"]].assign(**km).groupby("state").agg(["median", "size"])
    many = table["interstate", "size"] >= LEAST_PLANTS
    nearer = table["intrastate", "median"] < table["interstate", "median"]
    assert set(table.index[many & nearer]) == set(INTRASTATE)
    elsewhere = ~plants.state.isin(INTRASTATE)
    alone = elsewhere & (km["intrastate"] < 2) & (km["interstate"] > 5)
    assert (int(alone.sum()), int(elsewhere.sum())) == (8, 446)
    assert np.isfinite(km["interstate"]).all()
