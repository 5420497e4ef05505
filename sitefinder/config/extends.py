"""``extends: [a.yaml, b.yaml]``: those files in order, with this one's keys laid over them; every key keeps file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sitefinder.config.keyed_yaml import Keys, KeyTree, items
from sitefinder.errors import ConfigError
from sitefinder.files import is_there

#: the key that names the other files, relative to the file that holds it
KEY = "extends"


def extended(path: Path, read: Callable[[Path], KeyTree]) -> KeyTree:
    """Keys of a file laid over those of the files that it extends, the first of them lowest.

    Parameters
    ----------
    path : Path
    read : callable
        Reads the keys of one file.

    Raises
    ------
    ConfigError
        The key names no file, files extend each other in a circle, or ``read`` refuses one of them.
    """
    return _extended(path, read, (path.resolve(),))


def _extended(path: Path, read: Callable[[Path], KeyTree], seen: tuple[Path, ...]) -> KeyTree:
    own = read(path)
    if KEY not in own.values:
        return own
    tree = KeyTree(path)
    for base in _bases(own, seen):
        _lay(tree, _extended(base, read, (*seen, base.resolve())))
    del own.values[KEY]
    _lay(tree, own)
    return tree


def _bases(tree: KeyTree, seen: tuple[Path, ...]) -> list[Path]:
    """Files that a file extends."""
    names = tree.values[KEY]
    listed = isinstance(names, list)
    if listed and not names:
        raise ConfigError(f"Invalid value '[]' in {tree.where([KEY])}. Name a file, or remove the key.")
    bases = []
    for position, name in enumerate(names if listed else [names]):
        refusal = f"Invalid value '{name}' in {tree.where([KEY, position] if listed else [KEY])}."
        if not isinstance(name, str):
            raise ConfigError(f"{refusal} Name a file or a list of files, as in '{KEY}: ../default.yaml'.")
        base = tree.path.parent / name
        if not (is_there(base) and base.is_file()):
            raise ConfigError(f"{refusal} There is no file {base}; correct the path.")
        if base.resolve() in seen:
            raise ConfigError(f"{refusal} The files extend each other in a circle; remove one.")
        bases.append(base)
    return bases


def _lay(below: KeyTree, over: KeyTree) -> None:
    """Write the keys of a tree over another, mapping by mapping; everything else is replaced whole."""
    _lay_mapping(below, over, (below.values, over.values), ())
    below.files = (*below.files, *(path for path in over.files if path not in below.files))


def _lay_mapping(below: KeyTree, over: KeyTree, pair: tuple[dict[Any, Any], dict[Any, Any]], keys: Keys) -> None:
    lower, upper = pair
    for key, value in upper.items():
        here = (*keys, str(key))
        if isinstance(value, dict) and isinstance(lower.get(key), dict):
            below.places[here] = over.places[here]
            _lay_mapping(below, over, (lower[key], value), here)
            continue
        for old in _keys(lower.get(key), here):
            below.places.pop(old, None)
        lower[key] = value
        below.places |= {new: over.places[new] for new in _keys(value, here)}


def _keys(node: Any, keys: Keys) -> Iterator[Keys]:
    """The keys themselves and all below them."""
    yield keys
    for key, value in items(node):
        yield from _keys(value, (*keys, str(key)))
