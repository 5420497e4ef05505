"""The list of a finished run beside the one under other weights: which sites are new, gone, moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sitefinder.config import Config
from sitefinder.errors import ConfigError
from sitefinder.files import Json
from sitefinder.layers.package import DataPackage
from sitefinder.results.changes import changed_settings
from sitefinder.results.differences import comparable
from sitefinder.results.manifest import commit
from sitefinder.results.run import read_run
from sitefinder.tuning.ranking import Row
from sitefinder.tuning.settings import settings_of


@dataclass(frozen=True)
class Saved:
    """The list of a finished run.

    Parameters
    ----------
    folder : Path
    sites : mapping
        Key of a site -> its columns.
    settings : mapping
        Weights that the run was made with, by key.
    others : list of str
        In what else the run differs: other keys of the configuration, data, program.
    """

    folder: Path
    sites: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, float]
    others: Sequence[str]

    def rank(self, site_id: str) -> int | None:
        """Rank of a site in the run; None where it was not in its list."""
        return self.sites[site_id]["rank"] if site_id in self.sites else None


def read_saved(folder: Path, config: Config, package: DataPackage) -> Saved:
    """The list in a folder, to be laid beside lists of a configuration and of compiled data.

    Raises
    ------
    DataError
        There is no finished run, or its files are damaged.
    ConfigError
        Its cells are of another size: its sites are not the same places.
    """
    run = comparable(read_run(folder))
    cells, wanted = run.scoring.grid.resolution_m, config.grid.resolution_m
    if cells != wanted:
        raise ConfigError(
            f"Run {folder} has cells of {cells:g} m, not {wanted:g}. Name another --run, or tune with --resolution {cells:g}."
        )
    before = settings_of(run.scoring)
    changes = changed_settings(run.manifest["config"], config.model_dump(mode="json"))
    others = [key for key, _, _ in changes if key not in before]
    others += ["data"] if any(_hash(package, name) != known for name, known in run.manifest["inputs"].items()) else []
    others += ["version of the program"] if run.manifest.get("commit") != commit() else []
    return Saved(folder, run.rows, before, others)


def _hash(package: DataPackage, name: str) -> str | None:
    return package.resources[name]["hash"] if name in package.resources else None


@dataclass(frozen=True)
class Compared:
    """Differences of a list from that of a run.

    Parameters
    ----------
    new : list of Row
        Sites that the run did not list, best first.
    gone : list of mapping
        Columns of the sites that only the run lists, best first.
    moved : list of (Row, int)
        Sites of both at another rank, with their rank in the run; largest moves first.
    same : int
        Sites at the same rank.
    """

    new: Sequence[Row]
    gone: Sequence[Mapping[str, Any]]
    moved: Sequence[tuple[Row, int]]
    same: int

    def tree(self) -> Json:
        """For the page."""
        return {
            "new": [[row.site_id, row.name, row.rank] for row in self.new],
            "gone": [[site["site_id"], site.get("name") or "", site["rank"]] for site in self.gone],
            "moved": [[row.site_id, row.name, row.rank, before] for row, before in self.moved],
            "same": self.same,
        }


def compared(rows: Sequence[Row], saved: Saved) -> Compared:
    """The list beside that of the run."""
    before = {row.site_id: saved.rank(row.site_id) for row in rows}
    both = [(row, rank) for row in rows if (rank := before[row.site_id]) is not None]
    moved = [(row, rank) for row, rank in both if row.rank != rank]
    moved.sort(key=lambda pair: (-abs(pair[0].rank - pair[1]), pair[0].rank))
    gone = sorted((site for key, site in saved.sites.items() if key not in before), key=lambda site: site["rank"])
    return Compared([row for row in rows if before[row.site_id] is None], gone, moved, len(both) - len(moved))
