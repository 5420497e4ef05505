"""What the map needs, taken from a run: the same numbers that the ranking uses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sitefinder.config import FAMILIES, load_config
from sitefinder.exclusions import exclude
from sitefinder.layers.sources import DataPackage
from sitefinder.outputs.web_map import Made, map_inputs
from sitefinder.outputs.web_map import gather as module
from sitefinder.pipeline import layers_needed
from sitefinder.ranking import fuse, learn
from sitefinder.scoring import score_cells, value_matrix
from sitefinder.stack import open_stack
from tests.conftest import DATA
from tests.map_run import map_run


@pytest.fixture(scope="module")
def made() -> Made:
    """The run's stack, opened again."""
    ran = map_run()
    package = DataPackage(DATA)
    stack = open_stack(package, ran.file, layers_needed(ran.file.config), cache_folder=ran.cache)
    return Made(stack, ran.file.config, package, exclude(stack, ran.file.config), learn(stack, DATA))


@pytest.fixture(scope="module")
def results() -> dict[str, bytes]:
    """Result files of the run."""
    return {name: (map_run().out / name).read_bytes() for name in ("sites.geojson", "own_sites.geojson")}


def test_parts_add_up_to_the_score_of_the_run(made, results):
    """Family scores, weights and the learned share give the score in the list, to its two decimals."""
    inputs = map_inputs(made, results)
    parts, weights = inputs.national.parts, np.array([inputs.weights[f] for f in FAMILIES])
    score = weights @ (parts.plain - inputs.model_share * parts.applied) + inputs.model_share * parts.learned
    assert score == pytest.approx([row["score"] for row in inputs.national.rows], abs=0.011)


def test_family_scores_are_those_of_the_list(made, results):
    """Plain parts are the columns score_<family>."""
    inputs = map_inputs(made, results)
    for f, plain in zip(FAMILIES, inputs.national.parts.plain, strict=True):
        assert plain == pytest.approx([row[f"score_{f}"] for row in inputs.national.rows], abs=0.06)


def test_planes_of_families_add_up_to_the_weighted_score(made):
    """Eight rounded bytes per cell are within a quarter of a point of the score."""
    matrix, config = value_matrix(made.stack, made.config), made.config
    weights = config.family_weights()
    summed = sum(weights[f] * module.family_scores(config, matrix, f).astype(float) for f in FAMILIES) / 2.55
    exact = score_cells(matrix, config, np.zeros_like(made.excluded.bits))
    assert np.abs(summed - exact).max() < 0.25


def test_without_a_model_there_is_no_learned_plane(made, results):
    """The slider of the learned share has nothing to move then."""
    inputs = map_inputs(replace(made, learned=None), results)
    assert inputs.model_share is None
    assert not {"learned", "applicability"} & set(inputs.surface.planes)
    assert not inputs.national.parts.learned.any()


def test_every_property_of_the_list_is_registered(made, results):
    """The panel tells the unit and the meaning of each."""
    inputs = map_inputs(made, results)
    assert [c.name for c in inputs.national.columns if c.meaning == c.name] == []
    assert [c.name for c in inputs.own.columns if c.meaning == c.name] == []


def test_a_changed_weight_packs_nothing_anew(made, results):
    """The surface is kept beside the stack: it does not depend on the weights of families."""
    map_inputs(made, results)
    before = {p.name: p.stat().st_mtime_ns for p in made.stack.folder.glob("map-*.npy")}
    tuned = load_config(map_run().file.path, {"weights.water": "0.5"}).config
    map_inputs(replace(made, config=tuned.model_copy(update={"grid": made.config.grid})), results)
    assert {p.name: p.stat().st_mtime_ns for p in made.stack.folder.glob("map-*.npy")} == before
    assert {name.rpartition("-")[0] for name in before} == {"map-surface", "map-layers"}


def test_kept_and_fresh_inputs_are_equal(made, results):
    """What comes out of the cache is what went in."""
    first, second = map_inputs(made, results), map_inputs(made, results)
    assert first.surface == second.surface
    assert first.layers == second.layers


def test_the_configuration_survives_as_yaml(made, tmp_path):
    """With its weights and share put back, the written configuration is the same configuration."""
    text = module.config_yaml(made.config)
    weights = json.dumps(made.config.weights if isinstance(made.config.weights, dict) else dict(made.config.weights))
    path = tmp_path / "tuned.yaml"
    path.write_text(f"weights: {weights}\nmodel: {{share: {made.config.model.share}}}\n{text}")
    assert load_config(path).config.fingerprint() == made.config.fingerprint()


def test_own_sites_come_with_their_names_as_they_are(made, results):
    """Nothing is escaped or lost before the page."""
    from tests.map_run import HOSTILE

    assert {row["name"] for row in map_inputs(made, results).own.rows} == set(HOSTILE)


def test_connections_become_a_layer_where_the_run_has_them(made, results):
    """Without the file there is no such layer."""
    line = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[-90, 30], [-91, 31]]},
        "properties": {"site_id": "X"},
    }
    routes = json.dumps({"type": "FeatureCollection", "features": [line]}).encode()
    assert map_inputs(made, results | {"connections.geojson": routes}).layers[-1].name == "routes"
    assert "routes" not in [x.name for x in map_inputs(made, results).layers]


def test_the_score_of_the_map_is_the_score_of_the_raster(made):
    """Fused planes agree with the fused score to half a point."""
    matrix, config, learned = value_matrix(made.stack, made.config), made.config, made.learned
    weights = config.family_weights()
    planes = sum(weights[f] * module.family_scores(config, matrix, f).astype(float) for f in FAMILIES) / 2.55
    part = config.model.share * np.round(learned.applicability * 255) / 255
    shown = (1 - part) * planes + part * np.clip(np.round(learned.score * 2.55), 0, 255) / 2.55
    exact = fuse(score_cells(matrix, config, np.zeros_like(made.excluded.bits)), learned, config.model.share)
    assert np.abs(shown - exact).max() < 0.6
