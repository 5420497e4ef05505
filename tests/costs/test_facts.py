"""Facts of places for needs and costs, on the compiled data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from sitefinder.costs.facts import (
    FILES,
    LAYERS,
    CountyUse,
    LoadTerms,
    SalesTax,
    StatePolicy,
    best_rivers,
    cost_facts,
    nearest_hubs,
    relief_text,
    terms_text,
)
from sitefinder.costs.formulas import peak_mgd
from sitefinder.errors import DataError
from sitefinder.layers import REGISTRY
from sitefinder.layers.package import read_table
from sitefinder.layers.stack import open_stack
from tests.helpers.paths import DATA
from tests.helpers.stacks import warm

#: built layers of the country
pytestmark = pytest.mark.stack


#: EPSG:5070 metres: on the Mississippi at Memphis, and in the Great Basin of Nevada
MEMPHIS, BASIN = (530_000.0, 1_370_000.0), (-1_750_000.0, 1_950_000.0)


@pytest.fixture(scope="module")
def config(default_config):
    """The shipped configuration."""
    return default_config.config


def test_files_and_layers_exist(package):
    """What this stage reads is part of the data."""
    assert set(FILES) <= set(package.resources)
    assert set(LAYERS) <= set(REGISTRY)


def test_rivers_agree_with_a_search_over_all(package, config):
    """The same river as comparing every distance: the nearest that suffices, else the largest within reach."""
    rng = np.random.default_rng(5)
    xy = rng.uniform((-2.0e6, 4.0e5), (2.0e6, 2.8e6), (25, 2))
    found = best_rivers(package, config.needs.water, config.project, xy)
    table = pd.read_parquet(DATA / "water/rivers.parquet")
    lines, flow = shapely.from_wkb(table["geometry"].to_numpy()), table["flow_m3s"].to_numpy()
    water = config.needs.water
    least = peak_mgd(1000.0, "hybrid", water)[1] * 0.0438126364 / (water.low_flow[0] * water.take[0])
    for i, point in enumerate(shapely.points(xy)):
        km = shapely.distance(point, lines) / 1000
        near = km <= water.reach_km
        if not near.any():
            assert found.flow_m3s[i] == 0
            assert np.isnan(found.km[i])
            continue
        enough = near & (flow >= least)
        if enough.any():
            assert found.km[i] == pytest.approx(km[enough].min())
            assert found.flow_m3s[i] >= least * (1 - 1e-6)
        else:
            assert found.flow_m3s[i] == flow[near].max()


def test_the_mississippi_is_found(package, config):
    """Memphis stands on a river that is enough for anything."""
    found = best_rivers(package, config.needs.water, config.project, np.array([MEMPHIS]))
    assert found.name[0] == "Mississippi River"
    assert found.flow_m3s[0] > 5000


def test_no_site_and_no_river_are_no_error(package, config):
    """An empty list, and a place with nothing in reach."""
    assert best_rivers(package, config.needs.water, config.project, np.empty((0, 2))).name.size == 0
    far = best_rivers(package, config.needs.water, config.project, np.array([(-2.3e6, 3.1e6)]))
    assert (far.name[0], far.flow_m3s[0]) == (None, 0.0)


def test_tables_are_read_by_key(package):
    """And a key that is not there is refused with the remedy."""
    assert read_table(package, "policy/sales_tax.parquet", SalesTax, "state")["OR"].state_rate == 0.0
    with pytest.raises(DataError, match="lacks the column 'fips'"):
        read_table(package, "policy/sales_tax.parquet", CountyUse, "fips")


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (None, None),
        (StatePolicy("OH", None, None, None, None), None),
        (StatePolicy("OH", "none", None, None, None), "none"),
        (StatePolicy("OH", "paused", None, None, None), "paused for new applicants"),
        (
            StatePolicy("OH", "local_only", "income_tax;property_tax", None, None),
            "local only: income tax, property tax",
        ),
        (
            StatePolicy("OH", "statewide", None, "1 MW", None),
            "statewide: kind not stated (from 1 MW)",
        ),
    ],
)
def test_relief_in_words(policy, text):
    """Unknown is None, no relief is a fact."""
    assert relief_text(policy) == text


def test_terms_in_words():
    """One tariff has no span."""
    assert terms_text(LoadTerms("OH", 1, 12, 12, 85.0, 85.0)) == "1 tariff: 12 years, least demand billed 85 %"
    assert terms_text(None) is None


def test_facts_come_from_layers_tables_and_the_route(package, tiny_config, tmp_path):
    """On a coarse grid: state, county and pipeline tables; the pipeline of a route comes before the nearest."""
    stack = open_stack(package, tiny_config, LAYERS, cache_folder=warm(tmp_path / "cache"), report=lambda *_: None)
    row, col = stack.land.grid.cell_at(np.array([MEMPHIS[0], BASIN[0]]), np.array([MEMPHIS[1], BASIN[1]]))
    index = stack.land.position[row, col]
    xy = np.array([MEMPHIS, BASIN])
    route = ["Rockies Express Pipeline", None]
    rivers = best_rivers(package, tiny_config.config.needs.water, tiny_config.config.project, xy)
    hubs = nearest_hubs(tiny_config.config.costs.power, xy)
    found = cost_facts(stack, package, rivers, hubs, index=index, pipeline=route)
    plain = cost_facts(stack, package, rivers, hubs, index=index)
    assert found.size == 2
    assert found.state[1] == "NV"
    assert list(found.region) == ["MISO", "non-ISO West"]
    assert found.price_basis[1].endswith(("(E3)", "(E4)"))
    assert found.gas_hub[0] in {"Columbia Gulf Mainline", "Transco Station 85"}
    assert found.gas_basis.shape == (2, 3)
    assert (found.pipeline[0], found.pipeline_mmcfd[0]) == ("Rockies Express Pipeline", 2000.0)
    assert found.pipeline[1] == plain.pipeline[1] == stack.names("gas_interstate_km", index)[1]
    assert found.corporate_tax[1] == pytest.approx(0.0026)
    assert found.sales_tax[1] == pytest.approx(0.0685)
    assert found.terms[1] == "1 tariff: 10 years, least demand billed 80 %"
    assert (found.county_mgd > 0).all()
    assert found.free_hours[1] == pytest.approx(float(stack.at("free_cooling_hours", index)[1]))


def test_a_tariff_without_listed_terms_is_not_called_none() -> None:
    """Indiana has one of which the register lists no terms; a state without one has none listed."""
    indiana = StatePolicy("IN", "statewide", "sales_tax", None, None, "yes")
    assert terms_text(None, indiana) == "there is a tariff, its terms are not in the register"
    assert terms_text(None, StatePolicy("UT", None, None, None, None, "no")) is None
    assert terms_text(None) is None
