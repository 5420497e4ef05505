"""Pages of a configuration as they were read before: reading YAML takes a hundred times as long as reading what is kept here.

Only what JSON can hold exactly is kept: keys, lists, numbers, texts, yes, no and null, each key with its line. Any other page is
read as YAML every time.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from sitefinder.cache import Cache, code_of, digest
from sitefinder.config.keyed_yaml import Keys, KeyTree, Place, Source, items, read_tree
from sitefinder.errors import OutputError

#: pages that stay: those of several configurations and of what they extend
KEPT = 64
#: kinds of scalars whose content JSON holds, with what makes a plain one
SCALARS = {"ScalarInt": int, "ScalarFloat": float, "ScalarString": str}


class _OtherwiseError(Exception):
    """A page holds what JSON cannot."""


def read_kept(path: Path, source: Source, folder: Path) -> KeyTree:
    """What :func:`sitefinder.config.keyed_yaml.read_tree` makes of a page, from the cache or read and kept there.

    A folder that is not there is not made, and one that cannot be written or read costs time alone.

    Parameters
    ----------
    path : Path
    source : Source
    folder : Path
        Of all caches.

    Raises
    ------
    ConfigError
        As of :func:`sitefinder.config.keyed_yaml.read_tree`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return read_tree(path, source)  # which says what is wrong
    if not folder.is_dir():
        return read_tree(path, source)
    name = f"configuration-{digest([text, code_of(__name__)])}.json"
    with contextlib.suppress(OutputError):
        content = Cache(folder).known(name)
        if content is not None:
            Cache(folder).used(name)
            return _tree(path, json.loads(content))
    tree = read_tree(path, source)
    with contextlib.suppress(_OtherwiseError, OutputError):
        page = json.dumps(_packed(tree, tree.values, (), set())).encode()
        Cache(folder).content(name, lambda: page, keep=KEPT)
    return tree


def _packed(tree: KeyTree, node: Any, keys: Keys, seen: set[int]) -> Any:
    """A container as [[key, line, value], ...] below what it is; a scalar as it is."""
    if not isinstance(node, dict | list):
        return _plain(node)
    if id(node) in seen:  # an alias: what is set in one place is set in both
        raise _OtherwiseError
    seen.add(id(node))
    rows = []
    for key, value in items(node):
        here = (*keys, str(key))
        rows.append([_plain(key), tree.places[here].line, _packed(tree, value, here, seen)])
    return {"map" if isinstance(node, dict) else "list": rows}


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    kinds = {kind.__name__ for kind in type(value).__mro__}
    for name, plain in SCALARS.items():
        if name in kinds and "ScalarBoolean" not in kinds:
            return plain(value)
    raise _OtherwiseError


def _tree(path: Path, page: Any) -> KeyTree:
    tree = KeyTree(path, {}, {}, (path,))
    tree.values = _unpacked(tree, page, ())
    return tree


def _unpacked(tree: KeyTree, page: Any, keys: Keys) -> Any:
    if not isinstance(page, dict):
        return page
    ((kind, rows),) = page.items()
    values: dict[Any, Any] = {}
    for key, line, value in rows:
        here = (*keys, str(key))
        tree.places[here] = Place(tree.path, line)
        values[key] = _unpacked(tree, value, here)
    return values if kind == "map" else list(values.values())
