"""What the map needs, taken from a run: the same numbers that the ranking uses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sitefinder.config import FAMILIES, load_config
from sitefinder.ml.learned import fuse
from sitefinder.pipeline.finished import Mapped
from sitefinder.reports.web_map import Computed, map_inputs
from sitefinder.reports.web_map import gather as module
from sitefinder.reports.web_map.surface import all_scores, family_scores
from sitefinder.results.site import YOURS
from sitefinder.scoring.score import score_cells, value_matrix
from tests.helpers.map_run import COARSE, HOSTILE, inputs_of_the_run, map_run

#: built layers of the country
pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def computed() -> Computed:
    """The run's stack."""
    return inputs_of_the_run().computed


@pytest.fixture(scope="module")
def known() -> Mapped:
    """All that the map of the run is made from."""
    return inputs_of_the_run()


def test_family_scores_are_those_of_the_list(known):
    """Plain parts, weighted within the family, are the columns score_<family>."""
    inputs = map_inputs(*known)
    for f in FAMILIES:
        weights = np.array([c.weight if c.family == f else 0.0 for c in inputs.criteria])
        plain = weights @ inputs.national.parts.plain / weights.sum()
        assert plain == pytest.approx([row[f"score_{f}"] for row in inputs.national.rows], abs=0.06)


def test_criteria_come_as_the_configuration_has_them(computed, known):
    """Every one once, in the order of the parts, with its breakpoints in words."""
    criteria = {c.layer_id: c for c in map_inputs(*known).criteria}
    assert list(criteria) == list(computed.config.flat_criteria())
    station = criteria["substation_345_km"]
    assert station.curve == "value 1 at 3, 0.85 at 8, 0.6 at 16, 0.2 at 40, 0 at 80 km"
    assert criteria["headroom_25km_mw"].curve.endswith("0.8 at 1000, 1 at 2000 MW")  # per: mw, for this load


def test_criteria_without_weight_at_the_load_say_so(computed):
    """A 230 kV line says nothing about 5 GW."""
    large = load_config(map_run().file.path, {"project.mw": "5000"}).config
    curve = {c.layer_id: c.curve for c in module.criteria_of(large)}
    assert curve["line_230_km"] == "without weight at 5000 MW"
    assert curve["line_500_km"].startswith("value")


def test_planes_of_families_add_up_to_the_weighted_score(computed):
    """Eight rounded bytes per cell are within a quarter of a point of the score."""
    matrix, config = value_matrix(computed.stack, computed.config), computed.config
    weights = config.family_weights()
    summed = sum(weights[f] * family_scores(config, matrix, f).astype(float) for f in FAMILIES) / 2.0
    exact = score_cells(matrix, config, np.zeros_like(computed.excluded.bits))
    assert np.abs(summed - exact).max() < 0.25


def test_without_a_model_there_is_no_learned_plane(computed, known):
    """The slider of the learned share has nothing to move then."""
    inputs = map_inputs(*known._replace(computed=replace(computed, learned=None)))
    assert inputs.model_share is None
    assert not {"learned", "applicability"} & set(inputs.surface.planes)
    assert not inputs.national.parts.learned.any()


def test_every_column_of_the_list_comes_with_its_meaning_and_value(known):
    """The panel tells the unit and the meaning of each; own sites have columns of their own, and no list has a name twice."""
    inputs = map_inputs(*known)
    for table in (inputs.national, inputs.own):
        names = [c.name for c in table.columns]
        assert len(set(names)) == len(names)
        assert [c.name for c in table.columns if c.meaning in ("", c.name)] == []
        told = [{name for name in row if not name.startswith(YOURS)} for row in table.rows]
        assert all(name == set(names) for name in told)
    own = {c.name for c in inputs.own.columns} - {c.name for c in inputs.national.columns}
    assert {"excluded_by", "parcel_acres"} <= own


def test_a_changed_weight_packs_nothing_anew(computed, known):
    """The surface is kept beside the stack: it does not depend on the weights of families."""
    map_inputs(*known)
    before = {p.name: p.stat().st_ino for p in computed.stack.folder.glob("map-*")}
    tuned = load_config(map_run().file.path, COARSE | {"weights.water": "0.5"}).config
    map_inputs(*known._replace(computed=replace(computed, config=tuned)))
    assert {p.name: p.stat().st_ino for p in computed.stack.folder.glob("map-*")} == before
    packed = {"map-surface", "map-criteria", "map-layers", "map-taken"}
    assert {name.rpartition("-")[0] for name in before} == packed | {"map-criteria-words", "map-configuration", "map-states"}


def test_kept_and_fresh_inputs_are_equal(computed, known):
    """What comes out of the cache is what went in."""
    kept = map_inputs(*known)
    for path in computed.stack.folder.glob("map-*.bin"):
        path.unlink()
    fresh = map_inputs(*known)
    assert (kept.surface, kept.planes, kept.layers) == (fresh.surface, fresh.planes, fresh.layers)


def test_the_configuration_survives_as_yaml(computed, tmp_path):
    """With its weights, criteria and share put back, the written configuration is the same configuration."""
    text = module.config_yaml(computed.config)
    lines = ["criteria:"]
    for f in FAMILIES:
        inside = [c for c in module.criteria_of(computed.config) if c.family == f]
        lines += [f"  {f}:", *(f"    {c.layer_id}: {{weight: {c.weight}, {c.terms}}}" for c in inside)]
    path = tmp_path / "tuned.yaml"
    weights, share = json.dumps(dict(computed.config.weights)), computed.config.model.share
    path.write_text("\n".join([f"weights: {weights}", f"model: {{share: {share}}}", *lines, text]))
    assert load_config(path).config.fingerprint() == computed.config.fingerprint()


def test_own_sites_come_with_their_names_as_they_are(known):
    """Nothing is escaped or lost before the page."""
    assert {row["name"] for row in map_inputs(*known).own.rows} == set(HOSTILE)


def test_connections_become_a_layer_where_the_run_has_them(known):
    """Without routes there is no such layer; points among them, where lines end, are not drawn."""
    line = {"type": "LineString", "coordinates": [[-90, 30], [-91, 31]]}
    end = {"type": "Point", "coordinates": [-91, 31]}
    routes = [{"type": "Feature", "geometry": shape, "properties": {"site_id": "X"}} for shape in (line, end)]
    (layer,) = (x for x in map_inputs(*known._replace(routes=routes)).layers if x.name == "routes")
    assert [len(column) for column in layer.columns.values()] == [1] * len(layer.columns)
    assert "routes" not in [x.name for x in map_inputs(*known._replace(routes=[])).layers]


def test_the_score_of_the_map_is_the_score_of_the_raster(computed):
    """Fused planes agree with the fused score to half a point."""
    matrix, config, learned = value_matrix(computed.stack, computed.config), computed.config, computed.learned
    weights = config.family_weights()
    planes = {name: plane / 200.0 for name, plane in all_scores(config, matrix, learned).items()}
    weighted = sum(weights[f] * planes[f] for f in FAMILIES)
    part = config.model.share * np.where(planes["learned"] < weighted, 1.0, planes["applicability"])
    unpacked = 100.0 * ((1 - part) * weighted + part * planes["learned"])
    exact = fuse(score_cells(matrix, config, np.zeros_like(computed.excluded.bits)), learned, config.model.share)
    assert np.abs(unpacked - exact).max() < 0.6
