"""The register of layers: what a builder declares about itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sitefinder.config import ConfigFile
from sitefinder.layers.spec import GRADES, REGISTRY, layer

SPEC: dict[str, Any] = {
    "layer_id": "trial",
    "family": "land",
    "title": "Trial",
    "unit": "km",
    "meaning": "A layer of this test.",
    "better": "low",
    "valid": (0.0, 1.0),
    "sources": (),
    "grade": "E3",
    "caveat": "None.",
}


@pytest.fixture(autouse=True)
def _register_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone afterwards."""
    for name in ("trial", "other"):
        monkeypatch.setitem(REGISTRY, name, None)
        del REGISTRY[name]


def test_a_decorated_builder_is_in_the_register(default_config: ConfigFile) -> None:
    """Under its id, with its function; without parameters it depends on nothing in the configuration."""

    @layer(**SPEC)
    def build(sources):
        return np.zeros(1)

    assert REGISTRY["trial"].build is build
    assert REGISTRY["trial"].spec.title == "Trial"
    assert REGISTRY["trial"].parameters(default_config.config) == {}


def test_parameters_name_what_the_builder_takes_from_the_configuration(default_config: ConfigFile) -> None:
    """They become part of what makes a cached layer stale."""

    @layer(parameters=lambda config: {"mw": config.project.mw}, **SPEC)
    def build(sources):
        return np.zeros(1)

    assert REGISTRY["trial"].parameters(default_config.config) == {"mw": default_config.config.project.mw}


def test_an_id_is_taken_once() -> None:
    """The second layer of a name would silently replace the first."""
    layer(**SPEC)(lambda sources: np.zeros(1))
    with pytest.raises(ValueError, match="'trial' is defined twice"):
        layer(**SPEC)(lambda sources: np.zeros(1))


@pytest.mark.parametrize("missing", sorted(SPEC))
def test_nothing_of_a_specification_can_be_left_out(missing: str) -> None:
    """Every layer says its unit, meaning, range, sources, grade and what it cannot tell."""
    with pytest.raises(TypeError, match=missing):
        layer(**{k: v for k, v in SPEC.items() if k != missing})(lambda sources: np.zeros(1))


def test_specifications_of_the_shipped_layers_are_filled_in() -> None:
    """Known grade, a range that is one, a sentence as meaning and as caveat, and the id the register knows it by."""
    for name, entry in REGISTRY.items():
        spec = entry.spec
        assert spec.layer_id == name
        assert spec.grade in GRADES
        assert spec.valid[0] < spec.valid[1]
        assert spec.better in ("low", "high", "context")
        assert len(spec.meaning) > 20, name
        assert len(spec.caveat) > 10, name
        assert spec.sources, name
