"""``extends: other.yaml`` in a configuration: the other file with this one's keys laid over it; keys keep file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from sitefinder.errors import ConfigError

#: the key that names the other file, relative to the file that holds it
KEY = "extends"


def extended(path: Path, tree: CommentedMap, read: Callable[[Path], CommentedMap]) -> CommentedMap:
    """The tree itself, or, if it extends a file, that file's tree with its own keys laid over it.

    The result remembers where keys come from: ``home`` is the file of the tree, ``origins`` maps dotted keys that were laid over
    to (file, line).

    Parameters
    ----------
    path : Path
        File of the tree.
    tree : CommentedMap
    read : callable
        Reads the tree of another file.

    Raises
    ------
    ConfigError
        The key does not name a file, files extend each other in a circle, or ``read`` refuses the other file.
    """
    return _extended(path, tree, read, (path.resolve(),))


def _extended(path: Path, tree: Any, read: Callable[[Path], Any], seen: tuple[Path, ...]) -> Any:
    if KEY not in tree:
        tree.home = path
        return tree
    place = f"{path}:{tree.lc.data[KEY][0] + 1}: {KEY}"
    if not isinstance(tree[KEY], str):
        raise ConfigError(f"Invalid value '{tree[KEY]}' in {place}. Name one file, as in '{KEY}: ../default.yaml'.")
    other = path.parent / tree[KEY]
    if other.resolve() in seen:
        raise ConfigError(f"Invalid value '{tree[KEY]}' in {place}. The files extend each other in a circle; remove one.")
    if not other.is_file():
        raise ConfigError(f"Invalid value '{tree[KEY]}' in {place}. There is no file {other}; correct the path.")
    base = _extended(other, read(other), read, (*seen, other.resolve()))
    if not hasattr(base, "origins"):
        base.origins = {}
    _lay(base, tree, (), path, base.origins)
    return base


def _lay(base: Any, over: CommentedMap, keys: tuple[str, ...], path: Path, origins: dict[str, tuple[Path, int]]) -> None:
    """Write the keys of a mapping over another, mapping by mapping; everything else is replaced whole."""
    for key, value in over.items():
        if not keys and key == KEY:
            continue
        here = (*keys, str(key))
        if isinstance(value, CommentedMap) and isinstance(base.get(key), CommentedMap):
            _lay(base[key], value, here, path, origins)
            continue
        base[key] = value
        origins[".".join(here)] = (path, over.lc.data[key][0] + 1)


def origin(path: Path, tree: Any, keys: tuple[str, ...]) -> tuple[Path, int, int]:
    """File of a key, and, for keys that were laid over, the line and how many of the keys it stands for; else 0 and 0.

    Parameters
    ----------
    path : Path
        File that was asked for.
    tree : CommentedMap
    keys : tuple of str
    """
    laid = getattr(tree, "origins", {})
    for depth in range(len(keys), 0, -1):
        found = laid.get(".".join(keys[:depth]))
        if found:
            return (*found, depth)
    return getattr(tree, "home", path), 0, 0
