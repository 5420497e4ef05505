"""One place explained: the same numbers as those of the whole country."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sitefinder.errors import SitesError
from sitefinder.grid import to_lonlat
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.ml.learned import fuse, learn
from sitefinder.pipeline.explaining import explain
from sitefinder.pipeline.stages import layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from tests.helpers.paths import DATA
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Built layers of the coarse grid."""
    return used(tmp_path_factory.mktemp("explained") / "cache")


@pytest.fixture(scope="module")
def country(tiny_config, cache):
    """Its stack, its excluded cells and the score of every cell as the raster holds it."""
    stack = open_stack(DataPackage(DATA), tiny_config, layers_needed(tiny_config.config), cache_folder=cache)
    excluded = exclude(stack, tiny_config.config)
    weighted = score_cells(value_matrix(stack, tiny_config.config), tiny_config.config, excluded.bits)
    return stack, excluded, np.round(fuse(weighted, learn(stack, DATA), tiny_config.config.model.share), 2)


def _at(stack, index):
    row, col = stack.land.rows_cols(np.array([index]))
    lon, lat = to_lonlat(*stack.land.grid.centre(row, col))
    return float(lat[0]), float(lon[0])


def test_scores_are_those_of_the_raster(tiny_config, cache, country):
    """At free cells all over the country."""
    stack, excluded, raster = country
    for index in np.flatnonzero(excluded.bits == 0)[::1500]:
        place = explain(tiny_config, *_at(stack, index), data=DATA, cache=cache)
        assert place.score == place.score_without_gates == pytest.approx(float(raster[index]), abs=1e-5)
        assert sum(c.points for c in place.contributions) == pytest.approx(place.weighted, abs=0.3)


def test_an_excluded_place_names_its_gates(tiny_config, cache, country):
    """The same as the bits of the raster of exclusions, and no score."""
    stack, excluded, _ = country
    index = int(np.flatnonzero(excluded.bits != 0)[500])
    place = explain(tiny_config, *_at(stack, index), data=DATA, cache=cache)
    assert place.score is None
    assert place.score_without_gates > 0
    assert [hit.gate for hit in place.gates if hit.whole] == excluded.reasons(int(excluded.bits[index]))


def test_what_lies_around_is_named(tiny_config, cache):
    """Station with kV and km, plant, campus with MW and km, utility, authority; everything fits into JSON."""
    place = explain(tiny_config, 32.5, -99.79, data=DATA, cache=cache)
    tree = json.loads(json.dumps(place.tree(), allow_nan=False))
    assert tree["station"]["kv"] >= 138
    assert tree["station"]["km"] < 60
    assert "Abilene" in tree["campus"]["name"]
    assert tree["campus"]["mw"] > 1000
    assert tree["plant"]["km"] < 60
    assert (tree["authority"], tree["region"], tree["state"]) == ("ERCO", "ERCOT", "TX")
    assert tree["gates"] == [hit._asdict() for hit in place.gates]


@pytest.mark.parametrize(("lat", "lon"), [(-88.0, 41.0), (30.0, -70.0), (51.0, -100.0)])
def test_places_off_the_land_are_refused(tiny_config, cache, lat, lon):
    """One line with how to write a place."""
    with pytest.raises(SitesError, match="contiguous states"):
        explain(tiny_config, lat, lon, data=DATA, cache=cache)
