"""What the page asks for: the start, a list under other weights, a file."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitefinder.config import FAMILIES
from sitefinder.files import Json
from sitefinder.layers import REGISTRY
from sitefinder.reports.web_map.page import FAMILY_TITLES
from sitefinder.tuning.country import LOWEST
from sitefinder.tuning.ranking import Ranker, Ranking
from sitefinder.tuning.saved import Saved, compared
from sitefinder.tuning.settings import MOST, checked, save, settings_of, tuned

#: bytes before the text of an answer: its length, little-endian
LENGTH = 4
#: name of the file that the page offers to write
FILE_NAME = "tuned.yaml"


@dataclass(frozen=True)
class Session:
    """A country that is tuned; one list is computed at a time.

    Parameters
    ----------
    ranker : Ranker
    folder : Path
        Where files are written.
    saved : Saved or None
        The run that lists are compared with.
    note : str
        Why there is none.
    """

    ranker: Ranker
    folder: Path
    saved: Saved | None = None
    note: str = ""
    busy: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> Json:
        """Names, weights and sizes that the page is built from."""
        country = self.ranker.country
        config, picture = country.file.config, country.picture
        height, width = picture.ground.shape
        return {
            "project": {"name": config.project.name, "mw": config.project.mw, "cell_m": config.grid.resolution_m},
            "config": str(country.file.path),
            "families": [
                {"id": family, "title": FAMILY_TITLES[family], "criteria": self._criteria(family)} for family in FAMILIES
            ],
            "settings": settings_of(config),
            "most": MOST,
            "picture": {"width": width, "height": height, "lowest": LOWEST},
            "saved": self._saved(),
            "file": {"folder": str(self.folder.resolve()), "name": FILE_NAME},
        }

    def _criteria(self, family: str) -> list[Json]:
        config = self.ranker.country.file.config
        return [
            {"id": k, "title": REGISTRY[k].spec.title, "counts": c.counts_for(config.project.mw)}
            for k, c in config.criteria.get(family, {}).items()
        ]

    def _saved(self) -> Json:
        if self.saved is None:
            return {"note": self.note}
        return {"folder": str(self.saved.folder), "settings": dict(self.saved.settings), "others": list(self.saved.others)}

    def rank(self, settings: Mapping[str, Any]) -> bytes:
        """The list under other weights and the picture of its scores: a length, a text of JSON, the bytes of the picture.

        Raises
        ------
        ConfigError
            A setting is wrong, or no campus fits.
        """
        config = self.ranker.country.file.config
        changes = checked(config, settings)
        with self.busy:
            ranking = self.ranker.rank(tuned(config, changes))
        text = json.dumps(self._list(ranking) | {"changes": changes}, separators=(",", ":"), allow_nan=False).encode()
        return b"".join([len(text).to_bytes(LENGTH, "little"), text, ranking.picture.tobytes()])

    def _list(self, ranking: Ranking) -> Json:
        width, every = self.ranker.country.stack.land.grid.width, self.ranker.country.picture.every
        ranks = [self.saved.rank(row.site_id) if self.saved else None for row in ranking.rows]
        rows = [
            [row.rank, row.site_id, row.name, row.state, row.score, rank, row.cell % width / every, row.cell // width / every]
            for row, rank in zip(ranking.rows, ranks, strict=True)
        ]
        return {"rows": rows, "compared": compared(ranking.rows, self.saved).tree() if self.saved else None}

    def save(self, settings: Mapping[str, Any], name: str, *, replace: bool) -> Json:
        """Write the configuration of the weights; where it is and how to rank with it.

        Raises
        ------
        SitefinderError
            As of :func:`sitefinder.tuning.settings.save`.
        """
        file = self.ranker.country.file
        with self.busy:
            path = save(file, checked(file.config, settings), self.folder, name, replace=replace)
        return {"path": str(path), "command": f"sitefinder rank --config '{path}'"}
