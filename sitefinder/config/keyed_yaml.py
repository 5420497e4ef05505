"""YAML files whose every key knows its line: reading, overriding by dotted keys, and saying where a key stands."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sitefinder.config.extends import origin
from sitefinder.errors import ConfigError


def read_tree(path: Path, what: str, *, option: str, model: str) -> CommentedMap:
    """A YAML file of keys.

    Parameters
    ----------
    path : Path
    what : str
        What the file is, for messages.
    option : str
        Option of the command line that names it.
    model : str
        File to start from.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or holds no keys.
    """
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"Cannot read {what} {path}: {error.strerror}. Pass an existing file with {option}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"Cannot read {what} {path}: it is not UTF-8 text. Save it as UTF-8.") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"Invalid YAML in {path}:{line}: {error.problem}. Mend that line.") from None
    except YAMLError as error:
        raise ConfigError(f"Invalid YAML in {path}: {' '.join(str(error).split())}. Mend the file.") from None
    if not isinstance(tree, CommentedMap):
        raise ConfigError(f"Invalid {what} {path}: it holds no keys. Start from {model}.")
    return tree


def override(path: Path, tree: Any, key: str, text: str) -> None:
    """Set a dotted key; the tree remembers which keys came this way.

    Raises
    ------
    ConfigError
        A part of the key does not exist, or the text is not YAML.
    """
    tree.overridden = {*getattr(tree, "overridden", ()), key}
    *parents, last = key.split(".")
    node: Any = tree
    for part in parents:
        if not isinstance(node, dict) or part not in node:
            options = list(node) if isinstance(node, dict) else []
            raise ConfigError(f"Invalid --set {key}={text}: {path} has no '{part}'; {suggest(part, options)}.")
        node = node[part]
    if not isinstance(node, dict):
        raise ConfigError(f"Invalid --set {key}={text}: '{'.'.join(parents)}' in {path} has no keys below it.")
    try:
        node[last] = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        raise ConfigError(f"Invalid --set {key}={text}: the value is not YAML. Quote it, or give a number.") from None


def suggest(name: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` or the list of valid names."""
    options = sorted(known)
    close = difflib.get_close_matches(name, options, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(options)}"


def where(path: Path, tree: Any, keys: Iterable[Any]) -> str:
    """Position of a key as ``file:line: a.b.c``, or as ``--set a.b.c`` when it came from the command line."""
    keys = [k for k in keys if k is not None]
    line, node = None, tree
    overridden = set(getattr(tree, "overridden", ()))
    path, laid, known = origin(path, tree, tuple(str(k) for k in keys))
    for depth, key in enumerate(keys):
        if ".".join(str(k) for k in keys[: depth + 1]) in overridden:
            return f"--set {'.'.join(str(k) for k in keys)}"
        try:
            line = laid if depth < known else node.lc.data[key][0] + 1
            node = node[key]
        except (AttributeError, KeyError, TypeError, IndexError):
            break
    place = f"{path}:{line}" if line else str(path)
    return f"{place}: {'.'.join(str(k) for k in keys)}"


def explain(path: Path, tree: CommentedMap, error: Any, *, known: Callable[[list[Any]], list[str]], model: str) -> str:
    """One line for one validation error: file, line, key, what is wrong, remedy.

    Parameters
    ----------
    path : Path
    tree : CommentedMap
    error : dict
        As pydantic gives it.
    known : callable
        From the keys of an unknown one to the names that would have been accepted in its place.
    model : str
        File to look at.
    """
    keys = [k for k in error["loc"] if k != "[key]"]
    place = where(path, tree, keys) if keys else str(path)
    if error["type"] == "extra_forbidden":
        return f"Invalid key in {place}. It is not known; {suggest(str(keys[-1]), known(keys))}."
    if error["type"] == "missing":
        return f"Missing key in {place}. Add it, as in {model}."
    message = error["msg"].removeprefix("Value error, ")
    if not keys and ":" in message.split(" ")[0]:
        key, _, rest = message.partition(": ")
        return f"Invalid value in {where(path, tree, key.split('.'))}: {rest}."
    given = error.get("input")
    shown = f" '{given}'" if isinstance(given, int | float | str | bool) else ""
    return f"Invalid value{shown} in {place}. {message[0].upper()}{message[1:]}."
