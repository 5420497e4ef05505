"""YAML files whose every key knows its line; whole messages are tested where the files are read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sitefinder.config.keyed_yaml import Source, override, read_tree, suggest
from sitefinder.errors import ConfigError

TEXT = "a: 1\nb:\n  c: 2\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of three keys."""
    path = tmp_path / "some.yaml"
    path.write_text(TEXT)
    return path


def read(path: Path):
    """The file as terms of something."""
    return read_tree(path, Source("terms", "--terms", "model.yaml", {}))


def test_a_key_knows_its_line(path: Path) -> None:
    """Line and dotted name of a nested key."""
    assert read(path).where(("b", "c")) == f"{path}:3: b.c"


def test_an_overridden_key_comes_from_the_command_line(path: Path) -> None:
    """Its place is the option, and its value is YAML."""
    tree = read(path)
    override(tree, "b.c", "[1, 2]")
    assert tree.values["b"]["c"] == [1, 2]
    assert tree.where(("b", "c")) == "--set b.c"


def test_a_key_that_is_not_there_has_the_place_of_the_one_above(path: Path) -> None:
    """And none where nothing above it is written."""
    assert read(path).place(("b", "x", "y")) == (path, 2)
    assert read(path).place(("z",)) is None
    assert read(path).where(("z",)) == f"{path}: z"


def test_merged_keys_have_the_place_of_the_mapping_that_merges_them(tmp_path: Path) -> None:
    """YAML's own << inside one file."""
    path = tmp_path / "merged.yaml"
    path.write_text("a: &a {c: 1}\nb:\n  <<: *a\n  d: 2\n")
    assert read(path).place(("b", "c")) == (path, 2)
    assert read(path).place(("b", "d")) == (path, 4)


def test_what_is_set_stays_out_of_the_next_reading(tmp_path: Path) -> None:
    """A text is parsed once, yet every reading is its own; what an alias repeats is set in both places of that reading alone."""
    path = tmp_path / "alias.yaml"
    path.write_text("a: &a {c: 1, d: [1, 2], e: !!set {x}}\nb: *a\n")
    first = read(path)
    override(first, "a.c", "7")
    override(first, "a.d.0", "8")
    first.values["a"]["e"].add("y")
    assert (first.values["b"]["c"], first.values["b"]["d"]) == (7, [8, 2])
    second = read(path)
    assert (second.values["b"]["c"], second.values["b"]["d"], set(second.values["b"]["e"])) == (1, [1, 2], {"x"})
    assert second.place(("b", "d", "1")) == (path, 1)


def test_comments_stay_where_they_are_asked_for(path: Path) -> None:
    """Otherwise the values are plain dictionaries."""
    source = Source("terms", "--terms", "model.yaml", {})
    path.write_text(f"# a remark\n{TEXT}")
    page = io.StringIO()
    YAML().dump(read_tree(path, source, comments=True).values, page)
    assert page.getvalue() == f"# a remark\n{TEXT}"
    assert type(read(path).values) is type(read(path).values["b"]) is dict


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("b.x.y", "1", "has no 'x'"),
        ("a.c", "1", "no keys below it"),
        ("a.c.d", "1", "'a' in [^ ]+ has no keys below it"),
        ("a", "[", "not YAML"),
        ("z.c", "1", "has no 'z'"),
    ],
)
def test_a_wrong_override_is_refused_in_one_line(path: Path, key: str, text: str, said: str) -> None:
    """The option, the part that is wrong, and a remedy."""
    with pytest.raises(ConfigError, match=rf"^Invalid --set [^\n]*{said}[^\n]*$"):
        override(read(path), key, text)


def test_a_number_is_a_key_and_a_place_in_a_list(tmp_path: Path) -> None:
    """Voltages are keys of mappings, ranges are lists: both are set by what the file shows."""
    path = tmp_path / "kv.yaml"
    path.write_text("line:\n  345: {base: [1, 2, 3]}\n")
    tree = read(path)
    override(tree, "line.345.base.1", "2.5")
    assert tree.values["line"] == {345: {"base": [1, 2.5, 3]}}
    override(tree, "line.345", "{base: 7}")
    assert tree.values["line"] == {345: {"base": 7}}
    with pytest.raises(ConfigError, match="has no '346'; did you mean '345'"):
        override(tree, "line.346.base", "1")
    with pytest.raises(ConfigError, match="no keys below it"):
        override(read(path), "line.345.base.3", "1")


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe", "UTF-8"), (b"a: [", "Invalid YAML"), (b"- 1", "holds no keys")])
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    """File and remedy, for what is not text, not YAML, or not keys."""
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"^[^\n]*{said}[^\n]*$"):
        read(path)
    with pytest.raises(ConfigError, match="Pass an existing file with --terms"):
        read(tmp_path / "none.yaml")


def test_a_suggestion_is_the_closest_name_or_all() -> None:
    """A slip is corrected, a stranger gets the list."""
    assert suggest("watr", ["water", "land"]) == "did you mean 'water'?"
    assert suggest("xyz", ["water", "land"]) == "use one of land, water"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 1000 + "]" * 1000, "levels deep"),
        ("{b: " * 3000 + "1" + "}" * 3000, "levels deep"),
        ("[" + ", ".join([f"&a{i} [{', '.join([f'*a{i - 1}' if i else '1'] * 9)}]" for i in range(9)]) + "]", "without end"),
        ("2028-02-31", "day is out of range"),
        ("!!binary x", "base64"),
        ("!!float a", "could not convert"),
        ("!!timestamp a", ""),
    ],
)
def test_a_value_that_cannot_be_made_is_refused(path: Path, text: str, said: str) -> None:
    """Deep nesting, an alias of itself, aliases that multiply, a date of no calendar: one line, also from the command line."""
    path.write_text(f"a: {text}\n")
    with pytest.raises(ConfigError, match=rf"Invalid YAML in {path}.*{said}") as refused:
        read(path)
    assert "\n" not in str(refused.value)
    path.write_text(TEXT)
    with pytest.raises(ConfigError, match="not YAML"):
        override(read(path), "b.c", text)


@pytest.mark.parametrize("text", ["&a [*a]", "&a [*a, *a]"])
def test_a_list_that_holds_itself_is_refused(path: Path, text: str) -> None:
    """From the command line; below a key of a file the reader leaves the alias empty, which no setting takes."""
    path.write_text(TEXT)
    with pytest.raises(ConfigError, match="not YAML"):
        override(read(path), "b.c", text)


def test_numbers_and_lists_of_the_command_line_are_those_of_a_file(path: Path) -> None:
    """The same reader makes both."""
    for text in ("1e3", "0x10", "[1, [2.5, a]]", "{x: null}", "on", "'1'", "2028-12", "1_000"):
        tree = read(path)
        override(tree, "b.c", text)
        path.write_text(f"a: 1\nb:\n  c: {text}\n")
        assert read(path).values["b"]["c"] == tree.values["b"]["c"]
        path.write_text(TEXT)
