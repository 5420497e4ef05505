"""The same ten places in every format: the same land, names, columns and scores."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.grid import from_lonlat
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.listing import PARTS, Known, own_list
from sitefinder.pipeline.stages import BUILDABLE, layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Field
from sitefinder.sites.own_list import read_sites
from tests.helpers.site_files import FORMATS, TEN
from tests.helpers.stacks import warm

pytestmark = pytest.mark.stack

#: settings of a small world: the coarsest grid, no model, no sections that add columns only
SMALL = {"grid.resolution_m": "25000", "model.share": "0"}
#: columns of each place that come back, whatever the format
KEPT = ("apn", "price", "remark")


@pytest.fixture(scope="module")
def world(package: DataPackage, default_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """The country on the coarsest grid, scored by weights alone."""
    file = load_config(default_path, SMALL)
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=warm(tmp_path_factory.mktemp("formats")))
    excluded = exclude(stack, file.config)
    score = score_cells(value_matrix(stack, file.config), file.config)
    free = np.where(excluded.bits == 0, score, np.float32(np.nan))
    bare = file.config.model_copy(update=dict.fromkeys(PARTS))
    return Known(Field.of(stack.land, free, stack.values(BUILDABLE)), stack, bare, None, package, excluded, score)


def scores(path: Path, world: Known) -> dict[str, float]:
    """Score of each place by its name."""
    listing = own_list(read_sites(path, world.field.land).sites, world, [])
    return {site.identity.name: site.identity.weighted_score for site in listing.sites}


@pytest.fixture(scope="module")
def expected(world: Known, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Scores from the plain CSV file."""
    result = scores(FORMATS["csv"](tmp_path_factory.mktemp("csv")), world)
    assert len({round(v, 6) for v in result.values()}) == len(TEN)
    return result


@pytest.mark.parametrize("name", FORMATS)
def test_ten_places_are_the_same_in_every_format(name: str, tmp_path: Path, world: Known, expected: dict[str, float]) -> None:
    """Places to a millimetre, names, acres, the user's columns with their kinds, the number of the row, and the very scores."""
    path = FORMATS[name](tmp_path)
    own = read_sites(path, world.field.land)
    assert own.notes == []
    assert own.skipped == []
    assert sorted(site.name for site in own.sites) == sorted(place.name for place in TEN)
    for site in own.sites:
        (place,) = (p for p in TEN if p.name == site.name)
        x, y = from_lonlat(place.lon, place.lat)
        assert math.hypot(site.geometry.x - x, site.geometry.y - y) < 0.001
        assert (site.acres, {k: site.attributes[f"your_{k}"] for k in KEPT}) == (
            place.acres,
            {k: getattr(place, k) for k in KEPT},
        )
    rows = [site.attributes["your_row"] for site in own.sites]
    assert rows == list(range(rows[0], rows[0] + len(TEN)))
    assert scores(path, world) == expected
