"""Seconds of stages, and what is said while they go on."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from sitefinder.cache import Cache, Records
from sitefinder.pipeline import clock as module
from sitefinder.pipeline.clock import Clock, LayersBuilt, lasting, time_left

NAME = "thing-0123456789abcdef"


def test_a_stage_that_lasts_says_what_it_does(caplog, monkeypatch):
    """Words come while it goes on, not after; a quick one, or one that fails early, says nothing."""
    monkeypatch.setattr(module, "SILENCE_S", 0.01)
    with caplog.at_level(logging.INFO, logger="sitefinder"), Clock().stage("score", "score of every cell"):
        for _ in range(500):
            if caplog.messages:
                break
            module.time.sleep(0.01)
        assert caplog.messages == ["score of every cell"]
    caplog.clear()
    monkeypatch.setattr(module, "SILENCE_S", 0.2)
    with caplog.at_level(logging.INFO, logger="sitefinder"):
        with lasting("quick"):
            pass
        with pytest.raises(ValueError, match="early"), lasting("fails"):
            raise ValueError("early")
        module.time.sleep(0.4)
    assert caplog.messages == []


def test_stages_count_what_they_compute_and_what_they_find(tmp_path):
    """First computed, then kept; records by place; what lies outside of stages is not counted."""
    cache, records, clock = Cache(tmp_path), Records(tmp_path), Clock()
    with clock.stage("first"):
        cache.array(NAME, lambda: np.zeros(3))
        records.kept("place", "basis", ["a", "b"], lambda new: [b"x" for _ in new])
    with clock.stage("second"):
        cache.array(NAME, lambda: np.zeros(3))
        records.kept("place", "basis", ["a", "b", "c"], lambda new: [b"x" for _ in new])
    cache.array(NAME, lambda: np.zeros(3))
    assert clock.counts.computed == {"thing": 1, "place": 3}
    assert clock.counts.kept == {"thing": 1, "place": 2}
    assert list(clock.seconds) == ["first", "second"]


def test_the_time_left_is_told_once_it_can_be_known(caplog, monkeypatch):
    """Ten layers in 60 s leave about 7 minutes for the other 68; the first few say nothing, the last has nothing left."""
    now = iter([0.0, 6.0, 60.0, 500.0])
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(now))
    built = LayersBuilt()
    with caplog.at_level(logging.INFO, logger="sitefinder"):
        for layer_id, done in (("a", 1), ("b", 10), ("c", 78)):
            built(layer_id, done, 78)
    assert caplog.messages == ["layer 1 of 78: a", "layer 10 of 78: b, about 7 min left", "layer 78 of 78: c"]
    assert time_left(94.0) == ", about 90 s left"
