"""The list under any weights: the campuses, order and scores of a run, in a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sitefinder.certainty.study import rival_count
from sitefinder.config import Config
from sitefinder.errors import ConfigError
from sitefinder.grid import to_lonlat
from sitefinder.kernels.choosing import select
from sitefinder.layers.stack import LayerStack
from sitefinder.scoring.score import profile_of
from sitefinder.sites.campuses import Campus, Field, Footprints, growth, seeds_tried, site_name, spacing_cells
from sitefinder.sites.naming import Towns
from sitefinder.sites.scores import campus_scores, numbered
from sitefinder.tuning.country import Country

#: decimals of the mean score by which campuses are ordered
DECIMALS = 6
#: cells whose layers are read at the start, and room for others before the table grows
LIKELY, ROOM = 600_000, 50_000


@dataclass(frozen=True)
class Row:
    """A site of the list.

    Parameters
    ----------
    rank : int
    site_id, name, state : str
    score : float
    cell : int
        Flat cell of the seed.
    """

    rank: int
    site_id: str
    name: str
    state: str
    score: float
    cell: int


@dataclass(frozen=True)
class Ranking:
    """The list under some weights, and the picture of the scores.

    Parameters
    ----------
    rows : list of Row
        Best first.
    campuses : list of Campus
    picture : (height, width) uint8
        See :class:`sitefinder.tuning.country.Picture`.
    """

    rows: list[Row]
    campuses: list[Campus]
    picture: np.ndarray


class Ranker:
    """Ranks a country again and again; what it learns of a place it remembers.

    Parameters
    ----------
    country : Country
    """

    def __init__(self, country: Country) -> None:
        self.country = country
        frame = country.frame
        self._field = Field(country.stack.land, frame.score, frame.acres)
        self._places = Places(country.stack, country.ids, self._likely())
        self._towns = Towns(country.package)
        self._named: dict[int, tuple[str, str, str]] = {}

    def _likely(self) -> np.ndarray:
        """Places of the land index that lead under the weights of the country: most campuses lie there under others, too."""
        score = self._score(self.country.file.config)
        best = np.sort(np.argpartition(-score, min(LIKELY, score.size - 1))[:LIKELY])
        return np.asarray(self._field.land.index_of(self.country.frame.cells[best]))

    def _score(self, config: Config) -> np.ndarray:
        return self.country.cells.scores(self._weights(config), config.model.share)

    def _weights(self, config: Config) -> np.ndarray:
        """(n_criteria,) float64 weights in the order of the rows of values."""
        weights = config.criterion_weights()
        return np.array([weights[k] for k in self.country.ids])

    def rank(self, config: Config) -> Ranking:
        """The list of a run of this configuration, which differs from that of the country in weights alone.

        Raises
        ------
        ConfigError
            No campus fits.
        """
        country, share = self.country, config.model.share
        campuses = self._campuses(self._score(config), config)
        picture = country.picture.drawn(self._weights(config), share)
        land = Footprints.of(campuses, self._field)
        criteria = profile_of(self._places.layers(land.index), config)
        scores = campus_scores(criteria, land, country.learned if share > 0 else None, share)["score"]
        return Ranking(self._rows(campuses, scores), campuses, picture)

    def _campuses(self, score: np.ndarray, config: Config) -> list[Campus]:
        """As :func:`sitefinder.certainty.study.rivals`, those of the list alone."""
        frame, land, tried = self.country.frame, self.country.stack.land, seeds_tried(rival_count(config))
        cells, offset = select(frame, score, growth(config, land), spacing_cells(config, land), tried)
        if len(offset) == 1:
            raise ConfigError(
                f"No campus of {config.campus_acres:g} acres fits in {self.country.file.path}. "
                "Loosen exclusions, or lower candidates.acres_per_mw."
            )
        acres = frame.acres.reshape(-1)[cells]
        means = campus_means(score[np.searchsorted(frame.cells, cells)], acres, offset)
        seeds = cells[offset[:-1]].tolist()
        order = sorted(range(len(seeds)), key=lambda i: (-round(means[i], DECIMALS), seeds[i]))[: config.candidates.count]
        places = [slice(offset[i], offset[i + 1]) for i in order]
        return [Campus(cells[p], np.ones(p.stop - p.start), float(acres[p].sum(dtype=np.float64))) for p in places]

    def _rows(self, campuses: Sequence[Campus], scores: np.ndarray) -> list[Row]:
        seeds = [int(c.cells[0]) for c in campuses]
        self._learn_names([c for c, seed in zip(campuses, seeds, strict=True) if seed not in self._named])
        known = [self._named[seed] for seed in seeds]
        keys = numbered([place for place, _, _ in known])
        return [Row(i + 1, keys[i], name, state, float(scores[i]), seeds[i]) for i, (_, name, state) in enumerate(known)]

    def _learn_names(self, campuses: Sequence[Campus]) -> None:
        """Key of the place, name and state of campuses by their seeds."""
        if not campuses:
            return
        field, zones = self._field, self.country.stack.zones
        grid, seeds = field.land.grid, np.array([c.cells[0] for c in campuses])
        lon_lat = np.stack(to_lonlat(*grid.centre(seeds // grid.width, seeds % grid.width)), axis=1)
        states = [zones.county_of(index)["state"] for index in field.land.index_of(seeds)]
        names = self._towns.names(lon_lat, states)
        for campus, name, state in zip(campuses, names, states, strict=True):
            self._named[int(campus.cells[0])] = (site_name(field, campus, state), name, state)


def campus_means(score: np.ndarray, acres: np.ndarray, offset: np.ndarray) -> list[float]:
    """Mean score of campuses by acres, to the bit that of :meth:`sitefinder.sites.campuses.Field.mean_score`.

    Campuses of one size are rows of a matrix: a sum along a row adds in the order in which a vector is added up.

    Parameters
    ----------
    score, acres : (n,) float32
        Of the cells of all campuses, one after the other.
    offset : (n_campuses + 1,) int64
        Where each begins.
    """
    weighed = score.astype(np.float64) * acres.astype(np.float64)
    sizes, means = np.diff(offset), np.full(len(offset) - 1, np.nan)
    for size in np.unique(sizes):
        some = np.flatnonzero(sizes == size)
        at = offset[some][:, None] + np.arange(size)
        total = acres[at].astype(np.float64).sum(axis=1)
        means[some] = np.divide(weighed[at].sum(axis=1), total, out=np.full(some.size, np.nan), where=total > 0)
    return means.tolist()


class Places:
    """Layers of the criteria at the cells asked for so far.

    Parameters
    ----------
    stack : LayerStack
    ids : sequence of str
    likely : (n,) int
        Places of the land index that will be asked for, ascending: read at once, for one after the other takes a hundred times
        as long.
    """

    def __init__(self, stack: LayerStack, ids: Sequence[str], likely: np.ndarray) -> None:
        self._stack, self._ids = stack, ids
        self._at = np.full(stack.land.size, -1, np.int32)
        self._known = np.empty((len(ids), likely.size + ROOM), np.float32)
        self._count = 0
        self._take(likely, lambda layer_id: stack.values(layer_id)[likely])

    def layers(self, index: np.ndarray) -> np.ndarray:
        """(n_criteria, n) float64 values at (n,) places of the land index, NaN = unknown."""
        new = np.unique(index[self._at[index] < 0])
        if new.size:
            self._take(new, lambda layer_id: self._stack.at(layer_id, new))
        return self._known[:, self._at[index]].astype(np.float64)

    def _take(self, new: np.ndarray, values: Callable[[str], np.ndarray]) -> None:
        end = self._count + new.size
        if end > self._known.shape[1]:
            longer = np.empty((len(self._ids), end + ROOM), np.float32)
            longer[:, : self._count] = self._known[:, : self._count]
            self._known = longer
        for row, layer_id in zip(self._known, self._ids, strict=True):
            row[self._count : end] = values(layer_id)
        self._at[new] = np.arange(self._count, end, dtype=np.int32)
        self._count = end
