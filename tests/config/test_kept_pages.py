"""Pages of a configuration that are kept: the same keys, lines and values as those that were read."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitefinder.config import load_config
from sitefinder.config.kept_pages import read_kept
from sitefinder.config.keyed_yaml import KeyTree, Source, read_tree
from sitefinder.errors import ConfigError

SOURCE = Source("thing", "--thing", "model.yaml", {})
PAGE = """\
# a remark
a: {b: 1, 2: [0.5, 1.0e3, 0x1f, text, 'quoted', yes, true, null]}
long: >
  folded
  text
list:
- {one: 1}
- two
"""


def twice(folder: Path, text: str) -> tuple[KeyTree, KeyTree, list[str]]:
    """A page read the first time and the second, and the names of what is kept."""
    path = folder / "page.yaml"
    path.write_text(text, encoding="utf-8")
    cache = folder / "cache"
    cache.mkdir(exist_ok=True)
    first, second = (read_kept(path, SOURCE, cache) for _ in range(2))
    return first, second, sorted(p.name for p in cache.iterdir())


def test_a_kept_page_is_that_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in their order, values with their types, and the line of every key; nothing is read as YAML."""
    _, _, names = twice(tmp_path, PAGE)
    read = read_tree(tmp_path / "page.yaml", SOURCE)
    assert len(names) == 1
    monkeypatch.setattr("sitefinder.config.kept_pages.read_tree", None)
    second = read_kept(tmp_path / "page.yaml", SOURCE, tmp_path / "cache")
    assert second.values == read.values
    assert list(second.values["a"]) == list(read.values["a"]) == ["b", 2]
    assert [type(v) for v in second.values["a"][2]] == [float, float, int, str, str, str, bool, type(None)]
    assert second.places == read.places
    assert second.where(["list", 1]) == f"{tmp_path / 'page.yaml'}:8: list.1"


def test_another_text_is_another_page(tmp_path: Path) -> None:
    """Nothing of the former text is taken for the new one."""
    twice(tmp_path, "a: 1\n")
    _, second, names = twice(tmp_path, "a: 2\n")
    assert second.values == {"a": 2}
    assert len(names) == 2


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x\n", "a: 2031-01-01\n", "a: !other 1\n", "a: !!set {x, y}\n"])
def test_what_json_cannot_hold_is_read_every_time(tmp_path: Path, text: str) -> None:
    """Aliases, dates, tags and sets: the page is not kept."""
    first, second, names = twice(tmp_path, text)
    assert names == []
    assert str(second.values) == str(first.values)
    assert type(second.values) is type(read_tree(tmp_path / "page.yaml", SOURCE).values)


def test_a_damaged_page_is_read_again(tmp_path: Path) -> None:
    """As if it were not there."""
    _, _, (name,) = twice(tmp_path, "a: 1\n")
    kept = tmp_path / "cache" / name
    kept.write_bytes(kept.read_bytes().replace(b"1", b"7", 1))
    assert twice(tmp_path, "a: 1\n")[1].values == {"a": 1}


def test_no_cache_is_made_for_a_page(tmp_path: Path) -> None:
    """A folder that is not there stays away, and what cannot be read is told as ever."""
    path = tmp_path / "page.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    assert read_kept(path, SOURCE, tmp_path / "none").values == {"a": 1}
    assert not (tmp_path / "none").exists()
    with pytest.raises(ConfigError, match="Cannot read thing"):
        read_kept(tmp_path / "missing.yaml", SOURCE, tmp_path)


def test_the_shipped_configuration_is_the_same_from_the_cache(tmp_path: Path, default_path: Path) -> None:
    """Every page of it is kept, and the configuration, its fingerprint and its lines are those of the files."""
    asked = {"weights.water": "0.3", "project.mw": "2000", "project.energise_by": "2031-06"}
    plain = load_config(default_path, asked)
    for _ in range(2):
        kept = load_config(default_path, asked, cache=tmp_path)
        assert kept.config == plain.config
        assert kept.config.fingerprint() == plain.config.fingerprint()
        assert kept.config.model_dump_json() == plain.config.model_dump_json()
        assert kept.tree.places == plain.tree.places
    assert len(list(tmp_path.iterdir())) == len(plain.tree.files)
