"""YAML files whose every key knows its file and line: reading, overriding by dotted keys, and saying where a key stands."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple

from sitefinder.config.shipped import resolved
from sitefinder.errors import ConfigError

if TYPE_CHECKING:
    from ruamel.yaml.composer import Composer

#: keys and values of one page, and levels of nesting: far more than any configuration has, far fewer than aliases can make
MOST_KEYS, DEEPEST = 100_000, 50
TOO_DEEP = f"it is nested more than {DEEPEST} levels deep"
#: what the reader of YAML lets through of values that it cannot make
UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, NotImplementedError, AssertionError)
#: a number that reads alike in YAML and here: it needs no reader of YAML
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
#: values that nobody can change: a copy of them is themselves
SCALARS = (str, int, float, NoneType)
#: keys from the top of a file down, as text
Keys = tuple[str, ...]


class Source(NamedTuple):
    """What a file is, for messages.

    Parameters
    ----------
    what : str
        Its name in a sentence.
    option : str
        Option of the command line that names it.
    model : str
        Shipped file to start from.
    homes : dict
        Section -> shipped file that holds it; sections that are not named stand in ``model``.
    """

    what: str
    option: str
    model: str
    homes: dict[str, str]

    def home(self, section: str = "") -> Path:
        """Shipped file that holds a section, where it stands in this installation."""
        return resolved(self.homes.get(section, self.model))


class Place(NamedTuple):
    """File and line (from 1) of a key."""

    path: Path
    line: int


@dataclass
class KeyTree:
    """Keys of a YAML file, or of several laid over one another.

    Parameters
    ----------
    path : Path
        File that was asked for.
    values : dict
        The keys, nested.
    places : dict
        Keys from the top -> where they were written last.
    files : tuple of Path
        Every file that was read.
    overridden : set of str
        Dotted keys that came from the command line.
    references : dict
        Key whose value is that of another one -> that one; see :mod:`sitefinder.config.references`.
    """

    path: Path
    values: dict[Any, Any] = field(default_factory=dict)
    places: dict[Keys, Place] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    overridden: set[str] = field(default_factory=set)
    references: dict[Keys, Keys] = field(default_factory=dict)

    def place(self, keys: Iterable[Any]) -> Place | None:
        """Place of a key or of the nearest one above it; none where the file writes neither."""
        names = tuple(str(k) for k in keys)
        return next((self.places[names[:depth]] for depth in range(len(names), 0, -1) if names[:depth] in self.places), None)

    def from_command_line(self, keys: Iterable[Any]) -> bool:
        """Whether the key, or one above it, was set by the command line."""
        names = [str(k) for k in keys]
        return any(".".join(names[: depth + 1]) in self.overridden for depth in range(len(names)))

    def where(self, keys: Iterable[Any]) -> str:
        """Position of a key as ``file:line: a.b.c``, or as ``--set a.b.c`` where it came from the command line."""
        names = [str(k) for k in keys if k is not None]
        dotted = ".".join(names)
        if self.from_command_line(names):
            return f"--set {dotted}"
        place = self.place(names)
        return f"{place.path}:{place.line}: {dotted}" if place else f"{self.path}: {dotted}"


def read_tree(path: Path, source: Source, *, comments: bool = False) -> KeyTree:
    """A YAML file of keys.

    Parameters
    ----------
    path : Path
    source : Source
    comments : bool, optional
        Whether the values keep the comments of the file, for who writes them again; plain dictionaries and lists otherwise.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or holds no keys.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = path.read_text(encoding="utf-8")
        plain, lines = _read_once(text)
        values = parsed(text) if comments else copied(plain)
    except OSError as error:
        remedy = f"Pass an existing file with {source.option}."
        raise ConfigError(f"Cannot read {source.what} {path}: {error.strerror}. {remedy}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"Cannot read {source.what} {path}: it is not UTF-8 text. Save it as UTF-8.") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"Invalid YAML in {path}:{line}: {error.problem}. Mend that line.") from None
    except YAMLError as error:
        raise ConfigError(f"Invalid YAML in {path}: {' '.join(str(error).split())}. Mend the file.") from None
    if not isinstance(values, dict):
        raise ConfigError(f"Invalid {source.what} {path}: it holds no keys. Start from {source.home()}.")
    return KeyTree(path, values, {keys: Place(path, line) for keys, line in lines}, (path,))


def parsed(text: str) -> Any:
    """Content of a page of YAML, whose mappings and lists know their lines.

    Raises
    ------
    YAMLError
        It is not YAML, is nested deeper than :data:`DEEPEST`, or aliases make more of it than :data:`MOST_KEYS` keys and values.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    reader = YAML(typ="rt")
    reader.Composer = _composer()
    try:
        values = reader.load(text)
    except RecursionError:
        raise YAMLError(TOO_DEEP) from None
    except UNREADABLE as error:  # a date that no calendar has, a tag without its content
        raise YAMLError(str(error) or "a value that cannot be read") from None
    _bounded(values)
    return values


@lru_cache(maxsize=1)
def _composer() -> type[Composer]:
    """Reader of nodes that stops where they lie too deep: the time it takes grows with the square of the levels."""
    from ruamel.yaml.composer import Composer
    from ruamel.yaml.error import YAMLError

    class Shallow(Composer):
        """Composer that counts its levels."""

        level = 0

        def compose_node(self, parent: Any, index: int) -> Any:
            """The node; errors as of :func:`parsed`."""
            self.level += 1
            if self.level > DEEPEST:
                raise YAMLError(TOO_DEEP)
            node = super().compose_node(parent, index)
            self.level -= 1
            return node

    return Shallow


def _bounded(values: Any) -> None:
    """Refuse what aliases multiply and what is nested without end; errors as of :func:`parsed`."""
    from ruamel.yaml.error import YAMLError

    level, count, depth = [values], 0, 0
    while level:
        level = [value for node in level for _, value in items(node)]
        count, depth = count + len(level), depth + 1
        if count > MOST_KEYS:
            raise YAMLError(f"it holds more than {MOST_KEYS} keys, or repeats itself without end")
        if depth > DEEPEST:
            raise YAMLError(TOO_DEEP)


@lru_cache(maxsize=64)
def _read_once(text: str) -> tuple[Any, tuple[tuple[Keys, int], ...]]:
    """What :func:`parsed` makes of a text, without comments, and the lines of its keys; whoever changes it takes a copy."""
    values = parsed(text)
    return copied(values), tuple(_lines(values, (), 1))


def copied(node: Any, seen: dict[int, Any] | None = None) -> Any:
    """The node as dictionaries and lists of its own: parsing takes two hundred times as long.

    What stands in two places by an alias does so in the copy, too.
    """
    seen = {} if seen is None else seen
    if id(node) in seen:
        return seen[id(node)]
    if isinstance(node, dict):
        seen[id(node)] = {key: copied(value, seen) for key, value in node.items()}
    elif isinstance(node, list):
        seen[id(node)] = [copied(value, seen) for value in node]
    else:
        return node if isinstance(node, SCALARS) else copy.deepcopy(node)
    return seen[id(node)]


def _lines(node: Any, keys: Keys, above: int) -> Iterator[tuple[Keys, int]]:
    """Every key below a node with its line; keys that came by a YAML merge have the line of the node."""
    lines = getattr(getattr(node, "lc", None), "data", None) or {}
    for key, value in items(node):
        line = lines[key][0] + 1 if key in lines else above
        yield (*keys, str(key)), line
        yield from _lines(value, (*keys, str(key)), line)


def items(node: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a mapping, positions and values of a list, nothing of anything else."""
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def override(tree: KeyTree, key: str, text: str) -> None:
    """Set a dotted key; the tree remembers which keys came this way.

    Raises
    ------
    ConfigError
        A part of the key does not exist, or the text is not YAML.
    """
    *parents, last = key.split(".")
    node: Any = tree.values
    for depth, part in enumerate(parents):
        if not isinstance(node, dict | list):
            raise ConfigError(f"Invalid --set {key}={text}: '{'.'.join(parents[:depth])}' in {tree.path} has no keys below it.")
        name = name_in(node, part)
        if name is None:
            raise ConfigError(f"Invalid --set {key}={text}: {tree.path} has no '{part}'; {suggest(part, _names(node))}.")
        node = node[name]
    name = name_in(node, last)
    if not isinstance(node, dict) and name is None:
        raise ConfigError(f"Invalid --set {key}={text}: '{'.'.join(parents)}' in {tree.path} has no keys below it.")
    if NUMBER.fullmatch(text):
        node[last if name is None else name] = float(text) if "." in text else int(text)
        tree.overridden.add(key)
        return
    from ruamel.yaml.error import YAMLError

    try:
        node[last if name is None else name] = parsed(text)
    except YAMLError:
        raise ConfigError(f"Invalid --set {key}={text}: the value is not YAML. Quote it, or give a number.") from None
    tree.overridden.add(key)


def name_in(node: Any, key: str) -> Any:
    """Key of a mapping, or position in a list, that reads so: voltages and years are numbers; None where there is none."""
    return next((name for name, _ in items(node) if str(name) == key), None)


def _names(node: Any) -> list[str]:
    return [str(name) for name, _ in items(node)]


def suggest(name: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` or the list of valid names."""
    options = sorted(known)
    close = difflib.get_close_matches(name, options, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(options)}"
