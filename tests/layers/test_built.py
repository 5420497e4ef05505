"""A finished layer: what a builder may leave out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sitefinder.layers.built import Built


def test_a_layer_without_features_needs_its_values_alone() -> None:
    """A raster has no nearest feature and no names; the values are kept, not copied."""
    values = np.array([1.0, np.nan], np.float32)
    layer = Built(values)
    assert layer.values is values
    assert layer.nearest is None
    assert layer.labels is None


def test_a_finished_layer_cannot_be_exchanged_piece_by_piece() -> None:
    """Values and the features they refer to belong together."""
    layer = Built(np.zeros(2, np.float32), np.array([0, -1], np.int32), ["a"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        layer.values = np.ones(2, np.float32)
