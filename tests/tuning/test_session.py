"""What the page is answered: the start, a list with its picture, a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.errors import ConfigError
from sitefinder.tuning.ranking import Ranker
from sitefinder.tuning.saved import Saved
from sitefinder.tuning.session import Session
from sitefinder.tuning.settings import tuned
from tests.helpers.tuning import list_in

#: built layers of the country
pytestmark = pytest.mark.stack


def test_the_start_names_every_weight(ranker: Ranker, tmp_path: Path) -> None:
    """Each family with its criteria, each key with its value, and why there is nothing to compare with."""
    start = Session(ranker, tmp_path, note="no run").start()
    keys = {f"criteria.{f['id']}.{c['id']}.weight" for f in start["families"] for c in f["criteria"]}
    keys |= {f"weights.{f['id']}" for f in start["families"]} | {"model.share"}
    assert keys == set(start["settings"])
    assert start["saved"] == {"note": "no run"}
    assert start["file"]["folder"] == str(tmp_path)


def test_an_answer_holds_the_list_and_the_picture(ranker: Ranker, tmp_path: Path) -> None:
    """Rows of the ranking with the rank of the saved run; the bytes after them are the picture."""
    config = ranker.country.file.config
    ranking = ranker.rank(tuned(config, {"weights.water": 0.5}))
    saved = Saved(tmp_path, {ranking.rows[2].site_id: {"site_id": ranking.rows[2].site_id, "rank": 7}}, {}, [])
    answer = Session(ranker, tmp_path, saved).rank({"weights.water": 0.5, "weights.land": config.weights["land"]})
    told = list_in(answer)
    assert [row[:5] for row in told["rows"]] == [[r.rank, r.site_id, r.name, r.state, r.score] for r in ranking.rows]
    assert [row[5] for row in told["rows"][:4]] == [None, None, 7, None]
    assert told["changes"] == {"weights.water": 0.5}
    assert len(told["compared"]["new"]) == len(ranking.rows) - 1
    picture = np.frombuffer(answer[4 + int.from_bytes(answer[:4], "little") :], np.uint8)
    assert picture.tobytes() == ranking.picture.tobytes()
    width = ranking.picture.shape[1]
    assert all(ranking.picture.reshape(-1)[int(y) * width + int(x)] > 1 for *_, x, y in told["rows"])


def test_what_is_wrong_is_refused_and_the_next_list_comes(ranker: Ranker, tmp_path: Path) -> None:
    """A key that may not be set; the lock is free again."""
    session = Session(ranker, tmp_path)
    with pytest.raises(ConfigError, match=r"grid\.resolution_m"):
        session.rank({"grid.resolution_m": 100})
    with pytest.raises(ConfigError, match="all family weights are zero"):
        session.rank({key: 0 for key in session.start()["settings"] if key.startswith("weights.")})
    assert list_in(session.rank({}))["compared"] is None


def test_a_file_is_saved_with_the_command_that_ranks_it(ranker: Ranker, tmp_path: Path) -> None:
    """The path, the command, and a configuration of these weights."""
    answer = Session(ranker, tmp_path).save({"model.share": 0.5}, "half.yaml", replace=False)
    assert answer["path"] == str(tmp_path / "half.yaml")
    assert answer["path"] in answer["command"]
    assert load_config(tmp_path / "half.yaml").config.model.share == 0.5
