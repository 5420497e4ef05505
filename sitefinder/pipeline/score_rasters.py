"""Scores of every cell with and without gates, and the rasters of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sitefinder.cache import code_of, digest
from sitefinder.config import Config
from sitefinder.layers.stack import LayerStack
from sitefinder.ml.learned import Learned, fuse
from sitefinder.results.rasters import cog_bytes
from sitefinder.scoring.exclusions import Exclusions

#: digits of the score kept in rasters: finer than the evidence, coarse enough to compress
RASTER_DECIMALS = 2
#: every n-th cell is drawn in the raster of agreement
AGREEMENT_EVERY = 4
#: rasters of the learned score that stay in the cache: the latest and those before
KEPT = 4


class Scores(NamedTuple):
    """(n_land,) float32 scores 0..100: two that are NaN where a gate excludes, and the fused one without any gate."""

    weighted: np.ndarray
    fused: np.ndarray
    ungated: np.ndarray

    @classmethod
    def of(cls, weighted: np.ndarray, learned: Learned | None, share: float, bits: np.ndarray) -> Scores:
        """From the weighted score without any gate, the learned one and its share, and the reasons of exclusion."""
        ungated = fuse(weighted, learned, share) if learned else weighted
        free, none = bits == 0, np.float32(np.nan)
        return cls(np.where(free, weighted, none), np.where(free, ungated, none), ungated)


def score_rasters(stack: LayerStack, scores: Scores, learned: Learned | None, config: Config) -> dict[str, bytes]:
    """Score rasters; without a learned model, the weighted score is the score."""
    land, unknown = stack.land, np.float32(np.nan)
    weighted = scores.weighted
    tags = {"config_fingerprint": config.fingerprint()}

    def tif(values: np.ndarray) -> bytes:
        shown = np.round(stack.shown(values, unknown), RASTER_DECIMALS)
        return cog_bytes(land.expand(shown, np.nan), land.grid, nodata=float("nan"), tags=tags)

    fused = tif(scores.fused)
    if learned is None:
        return {"suitability.tif": fused, "weighted.tif": fused}
    coarse = (slice(None, None, AGREEMENT_EVERY), slice(None, None, AGREEMENT_EVERY))
    apart = land.expand(stack.shown(learned.score - weighted, unknown), np.nan)[coarse]
    agreement = cog_bytes(np.round(apart, RASTER_DECIMALS), land.grid, nodata=float("nan"), tags=tags, every=AGREEMENT_EVERY)
    return {"suitability.tif": fused, "weighted.tif": tif(weighted), "agreement.tif": agreement}


def learned_raster(learned: Learned | None, excluded: Exclusions, stack: LayerStack) -> dict[str, bytes]:
    """Raster of the learned score; it does not depend on weights, so it is kept beside the stack."""
    if learned is None:
        return {}
    name = f"learned-raster-{digest([learned.key, excluded.key, code_of('sitefinder.results.rasters')])}.tif"

    def raster() -> bytes:
        values = np.where(excluded.bits == 0, np.round(learned.score, RASTER_DECIMALS), np.float32(np.nan))
        tags = {"model": learned.stored.digest}
        return cog_bytes(stack.land.expand(values, np.nan), stack.land.grid, nodata=float("nan"), tags=tags)

    return {"ml.tif": stack.cache.content(name, raster, keep=KEPT)}
