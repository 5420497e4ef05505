"""What is missing at the scale of a campus, and which file of the user's fills it."""

from __future__ import annotations

from sitefinder.layers import REGISTRY
from sitefinder.reports.dossier.missing import MISSING, missing_note


def test_every_gap_names_a_layer_that_a_file_can_replace():
    """Layers exist and are percentages or slopes, as the files are; parcels come in by the list of sites."""
    layers = [m.layer for m in MISSING if m.layer is not None]
    assert {REGISTRY[k].spec.unit for k in layers} == {"%"}
    note = missing_note({})
    assert all(f"layers.replace.{k}" in note for k in layers)
    assert "--sites" in note


def test_the_note_is_for_the_screen_only():
    """Paper has two pages."""
    assert missing_note({}).startswith('<p class="more ')


def test_what_the_user_filled_is_no_longer_missing():
    """A raster of wetlands in the configuration."""
    note = missing_note({"wetland_pct": "my/nwi.tif"})
    assert "layers.replace.wetland_pct" not in note
    assert "Filled by files of yours: wetlands." in note
