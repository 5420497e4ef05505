"""The same ten places in every format: the same land, names, columns and scores."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sitefinder.config import load_config
from sitefinder.grid import from_lonlat
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.listing import PARTS, Known, open_known, own_list
from sitefinder.pipeline.stages import BUILDABLE, layers_needed
from sitefinder.scoring.exclusions import Exclusions, exclude
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
def world(package: DataPackage, default_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Known, Exclusions]:
    """The country on the coarsest grid, scored by weights alone."""
    file = load_config(default_path, SMALL)
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=warm(tmp_path_factory.mktemp("formats")))
    excluded = exclude(stack, file.config)
    score = score_cells(value_matrix(stack, file.config), file.config, excluded.bits)
    bare = file.config.model_copy(update=dict.fromkeys(PARTS))
    return open_known(Field.of(stack.land, score, stack.values(BUILDABLE)), stack, bare, None, package), excluded


def scores(path: Path, world: tuple[Known, Exclusions]) -> dict[str, float]:
    """Score of each place by its name."""
    known, excluded = world
    listing = own_list(read_sites(path, known.field.land).sites, known, excluded, [])
    return {site.identity.name: site.identity.weighted_score for site in listing.sites}


@pytest.fixture(scope="module")
def expected(world: tuple[Known, Exclusions], tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Scores from the plain CSV file."""
    result = scores(FORMATS["csv"](tmp_path_factory.mktemp("csv")), world)
    assert len({round(v, 6) for v in result.values()}) == len(TEN)
    return result


@pytest.mark.parametrize("name", FORMATS)
def test_ten_places_are_the_same_in_every_format(
    name: str, tmp_path: Path, world: tuple[Known, Exclusions], expected: dict[str, float]
) -> None:
    """Places to a millimetre, names, acres, the user's columns with their kinds, the number of the row, and the very scores."""
    path = FORMATS[name](tmp_path)
    own = read_sites(path, world[0].field.land)
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
