"""A list of sites with everything a run says about them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from sitefinder.results.columns import columns

from sitefinder.config import load_config
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.listing import (
    LIST_FILES,
    PARTS,
    Known,
    Listed,
    certainty_files,
    files_of,
    layers_of,
    national_list,
    open_known,
    ranking_only,
)
from sitefinder.pipeline.stages import BUILDABLE, layers_needed
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Field
from sitefinder.sites.columns import USER
from tests.helpers.stacks import warm

FEW = {
    "grid.resolution_m": "25000",
    "candidates.count": "6",
    "uncertainty.campuses": "20",
    "uncertainty.draws": "200",
    "model.share": "0",
}


@pytest.fixture(scope="module")
def known(package: DataPackage, default_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Known:
    """A few campuses of the coarsest grid, scored by weights alone."""
    file = load_config(default_path, FEW)
    stack = open_stack(package, file, layers_needed(file.config), cache_folder=warm(tmp_path_factory.mktemp("list")))
    bits = exclude(stack, file.config).bits
    score = score_cells(value_matrix(stack, file.config), file.config, bits)
    return open_known(Field.of(stack.land, score, stack.values(BUILDABLE)), stack, file.config, None, package)


@pytest.fixture(scope="module")
def listed(known: Known, default_path: Path) -> Listed:
    """Their list."""
    return national_list(load_config(default_path, FEW), known)


def test_every_column_is_filled_and_every_value_has_a_column(known: Known, listed: Listed) -> None:
    """Nothing is computed that no output writes, and no column is left without its computation."""
    names = {c.name for c in columns(tuple(known.config.flat_criteria()))}
    of_parcels = {c.name for c in USER}
    assert [sorted((set(row) ^ names) - of_parcels) for row in listed.rows] == [[]] * 6


def test_list_leaves_its_files(known: Known, listed: Listed) -> None:
    """Sites, curves, critical paths and routes; the user's own list has the same under another name."""
    ids = tuple(known.config.flat_criteria())
    made = listed.files(ids, known.config)
    assert set(made) == set(LIST_FILES)
    assert set(listed.files(ids, known.config, user=True)) == {f"own_{name}" for name in LIST_FILES}
    assert len(json.loads(made["sites.geojson"])["features"]) == 6


def test_certainty_comes_with_its_files(known: Known, listed: Listed) -> None:
    """Draws, contributions and near misses, for the listed sites."""
    made = certainty_files(listed, known, exclude(known.stack, known.config))
    assert set(made) == {"certainty.json", "contributions.csv", "near_misses.csv"}
    assert listed.certainty is not None
    assert len(listed.certainty.columns) == 6


@pytest.mark.parametrize("part", PARTS)
def test_part_that_is_left_out_leaves_its_columns_empty(part: str, known: Known, caplog: pytest.LogCaptureFixture) -> None:
    """Without a section its layers are not opened, the log says so, and the rest is as before."""
    without = known.config.model_copy(update={part: None})
    assert set(layers_of(without)) <= set(layers_of(known.config))
    assert f"Without {part}:" in caplog.text
    assert files_of(without, known.package) <= files_of(known.config, known.package)


def test_quick_list_has_no_routes_costs_or_certainty(known: Known, default_path: Path) -> None:
    """A quick list is made of scores, shape, neighbours and dates."""
    file = ranking_only(load_config(default_path, FEW))
    found = national_list(file, dataclasses.replace(known, config=file.config))
    assert (dict(found.legs), found.certainty) == ({}, None)
    assert "capex_musd_mid" not in found.rows[0]


def test_campuses_of_an_earlier_list_keep_their_place(known: Known, listed: Listed, tmp_path: Path, default_path: Path) -> None:
    """Under the same weights the same campuses come in the same order; nothing else is searched."""
    path = tmp_path / "sites.geojson"
    path.write_bytes(listed.files(tuple(known.config.flat_criteria()), known.config)["sites.geojson"])
    file = ranking_only(load_config(default_path, FEW | {"candidates.keep": str(path)}))
    found = national_list(file, dataclasses.replace(known, config=file.config))
    assert [r["site_id"] for r in found.rows] == [r["site_id"] for r in listed.rows]
