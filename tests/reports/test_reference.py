"""The reference page is written from the registers and is up to date."""

from __future__ import annotations

from sitefinder.layers import REGISTRY
from sitefinder.reports.reference import reference_text
from tests.helpers.paths import ROOT


def test_the_page_in_docs_is_the_one_the_registers_give(package, default_config):
    """After a change of a layer or column: `make docs`."""
    text = reference_text(package.resources, list(default_config.config.flat_criteria()))
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == text


def test_every_layer_is_explained(package):
    """Each layer with its caveat."""
    text = reference_text(package.resources, [])
    for layer_id, layer in REGISTRY.items():
        assert f"**`{layer_id}`**" in text
        assert layer.spec.caveat in text
