"""What no weight changes, opened once: values of the cells that may hold a campus, and of those that the picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitefinder.cache import let_go
from sitefinder.config import Config, ConfigFile
from sitefinder.config.project import Model
from sitefinder.errors import ConfigError
from sitefinder.kernels.choosing import Frame
from sitefinder.kernels.rescore import fused_sum
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.ml.learned import Learned, learn
from sitefinder.pipeline.area import of_area
from sitefinder.pipeline.clock import LayersBuilt
from sitefinder.pipeline.stages import kept_exclusions, kept_land_left, kept_occupied, layers_needed
from sitefinder.routes.friction import check_layers as check_route_layers
from sitefinder.scoring.criteria import check_layers
from sitefinder.scoring.score import ValueMatrix, value_matrix
from sitefinder.sites.campuses import Field

#: side of the squares of which the picture shows one cell, metres
SHOWN_M = 4000.0
#: bytes of the picture: no land, land that a gate excludes, and the lowest score; the highest is 255
NO_LAND, EXCLUDED, LOWEST = 0, 1, 2


@dataclass(frozen=True)
class Cells:
    """Values of all criteria, and the learned score, at some cells.

    Parameters
    ----------
    values : (n_criteria, n) uint16
    learned, applies : (n,) float32
    """

    values: np.ndarray
    learned: np.ndarray
    applies: np.ndarray

    @classmethod
    def of(cls, matrix: ValueMatrix, learned: Learned, index: np.ndarray) -> Cells:
        """At (n,) places of the land index; read row by row, so that the whole matrix is never in memory."""
        values = np.empty((len(matrix.ids), index.size), np.uint16)
        for row, target in zip(matrix.values, values, strict=True):
            np.take(row, index, out=target)
            let_go(matrix.values)
        return cls(values, learned.score[index], learned.applicability[index])

    def scores(self, weights: np.ndarray, share: float) -> np.ndarray:
        """(n,) float32 fused score 0..100, to the bit that of :func:`sitefinder.scoring.score.score_cells` and ``fuse``.

        Parameters
        ----------
        weights : (n_criteria,) float64
            Sum to 1.
        share : float
            Of the learned score where it applies fully.
        """
        score = np.empty(self.learned.size, np.float32)
        fused_sum(self.values, weights, self.learned, self.applies, share, score)
        return score


@dataclass(frozen=True)
class Picture:
    """Cells that the picture of the surface shows: one of every square.

    Parameters
    ----------
    cells : Cells
    place : (n,) int
        Where each stands in the picture, row by row.
    ground : (height, width) uint8
        The picture without scores: :data:`NO_LAND` and :data:`EXCLUDED`.
    every : int
        Cells along the side of a square.
    """

    cells: Cells
    place: np.ndarray
    ground: np.ndarray
    every: int

    @classmethod
    def of(cls, stack: LayerStack, matrix: ValueMatrix, learned: Learned, excluded: np.ndarray) -> Picture:
        """Of the land that a run is about."""
        grid = stack.land.grid
        every = max(1, round(SHOWN_M / grid.resolution_m))
        rows, cols = np.divmod(stack.land.cells, grid.width)
        shown = stack.shown((rows % every == 0) & (cols % every == 0), np.bool_(False))
        height, width = -(-grid.height // every), -(-grid.width // every)
        place = rows // every * width + cols // every
        ground = np.full(height * width, NO_LAND, np.uint8)
        ground[place[shown]] = EXCLUDED
        free = np.flatnonzero(shown & ~excluded)
        return cls(Cells.of(matrix, learned, free), place[free], ground.reshape(height, width), every)

    def drawn(self, weights: np.ndarray, share: float) -> np.ndarray:
        """(height, width) uint8: the ground, and scores 0..100 in steps from :data:`LOWEST` to 255."""
        picture = self.ground.copy()
        score = self.cells.scores(weights, share)
        picture.reshape(-1)[self.place] = np.rint(score * np.float32((255 - LOWEST) / 100.0)).astype(np.uint8) + np.uint8(LOWEST)
        return picture


@dataclass(frozen=True)
class Country:
    """The country of a configuration, or the part of it that the configuration asks for, ready to be ranked under any weights.

    Parameters
    ----------
    file : ConfigFile
    package : DataPackage
    stack : LayerStack
    learned : Learned
    ids : tuple of str
        Criteria in the order of the rows of values.
    cells : Cells
        On which a campus of the list may lie.
    frame : Frame
        Those cells on the map.
    picture : Picture
    """

    file: ConfigFile
    package: DataPackage
    stack: LayerStack
    learned: Learned
    ids: tuple[str, ...]
    cells: Cells
    frame: Frame
    picture: Picture


def open_country(file: ConfigFile, *, data: Path, cache: Path) -> Country:
    """Open layers, gates, values and the learned score; what is not built yet is built and kept, as in a run.

    Raises
    ------
    SitefinderError
        Configuration, data or cache are wrong, or the configuration orders an earlier list.
    """
    config = file.config
    if config.candidates.keep:
        place = file.where("candidates", "keep")
        raise ConfigError(f"Invalid value in {place}. Tuning searches the country again under every weight; leave it out.")
    check_layers(file)
    check_route_layers(file)
    package = DataPackage(data)
    stack = of_area(open_stack(package, file, _layers(config), cache_folder=cache, report=LayersBuilt()), file, package)
    matrix, learned = value_matrix(stack, config), learn(stack, data)
    excluded = kept_exclusions(stack, config)[0].bits != 0
    index = np.flatnonzero(~(excluded | kept_occupied(stack, config)))
    left = Field.acres_of(stack.land, np.asarray(kept_land_left(stack))[index])
    begin = np.ones(index.size, bool) if stack.inside is None else stack.inside[index]
    frame = Frame(stack.land.grid.shape, stack.land.cells[index], begin, left)
    picture = Picture.of(stack, matrix, learned, excluded)
    return Country(file, package, stack, learned, matrix.ids, Cells.of(matrix, learned, index), frame, picture)


def _layers(config: Config) -> list[str]:
    """Layers of a run, and those of the learned score: its share may be raised from 0."""
    return layers_needed(config.model_copy(update={"model": Model(share=1.0)}))
