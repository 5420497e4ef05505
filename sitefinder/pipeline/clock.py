"""Seconds of each stage of a run, and what is said while it goes on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sitefinder.cache import Tally, tally

#: seconds after which a stage says what it does: shorter silence needs no words
SILENCE_S = 2.0
#: layers done before the time left is told: the first say nothing of the rest
LEAST_LAYERS = 5

log = logging.getLogger(__name__)


class Clock:
    """Seconds of each stage by name, and what all of them took from the cache or computed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.counts = Tally()

    @contextmanager
    def stage(self, name: str, words: str | None = None) -> Iterator[None]:
        """Time the enclosed block under a name; ``words`` are logged if it lasts."""
        start = time.perf_counter()
        with lasting(words), tally(self.counts):
            yield
        self.seconds[name] = round(time.perf_counter() - start, 3)
        log.debug("%s: %.3f s", name, self.seconds[name])


@contextmanager
def lasting(words: str | None) -> Iterator[None]:
    """Log what the enclosed block does, once it has lasted for :data:`SILENCE_S`; nothing if it is quicker."""
    if words is None:
        yield
        return
    timer = threading.Timer(SILENCE_S, log.info, (words,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class LayersBuilt:
    """Says which layer is done, and about how long the rest will take."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def __call__(self, layer_id: str, done: int, total: int) -> None:
        """Log a layer that is finished: its name, layers done, and layers to build."""
        left_s = (time.perf_counter() - self._start) / done * (total - done)
        log.info("layer %d of %d: %s%s", done, total, layer_id, time_left(left_s) if LEAST_LAYERS <= done < total else "")


def time_left(seconds: float) -> str:
    """Words for the time that is left, no more exact than the estimate.

    >>> time_left(3.0), time_left(42.0), time_left(130.0)
    (', a few seconds left', ', about 40 s left', ', about 2 min left')
    """
    if seconds < 10.0:
        return ", a few seconds left"
    return f", about {round(seconds, -1):.0f} s left" if seconds < 95.0 else f", about {seconds / 60.0:.0f} min left"
