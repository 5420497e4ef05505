"""``${costs.year}`` as a value: the value of another key, so that a number that two sections need is written once."""

from __future__ import annotations

import copy
import re
from typing import Any

from sitefinder.config.keyed_yaml import Keys, KeyTree, items
from sitefinder.errors import ConfigError

_REFERENCE = re.compile(r"\$\{([^}]*)\}")


def resolve(tree: KeyTree) -> None:
    """Replace every reference by a copy of the value it names; the tree remembers which keys refer to which.

    Raises
    ------
    ConfigError
        A reference names a key that is not set, or references go in a circle.
    """
    tree.references = dict(_found(tree.values, ()))
    for keys in tree.references:
        _put(tree, keys, ())


def _found(node: Any, keys: Keys) -> Any:
    """Keys whose value is a reference, with the keys it names."""
    for key, value in items(node):
        here = (*keys, str(key))
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match:
            yield here, tuple(match[1].split("."))
        yield from _found(value, here)


def _put(tree: KeyTree, keys: Keys, seen: tuple[Keys, ...]) -> None:
    """Resolve one reference, first those that its value holds."""
    target = tree.references[keys]
    refusal = f"Invalid value '${{{'.'.join(target)}}}' in {tree.where(keys)}."
    if keys in seen or target == keys[: len(target)]:
        raise ConfigError(f"{refusal} References go in a circle; give one of them a value.")
    for other in tree.references:
        within = other[: len(target)] == target or target[: len(other)] == other
        if within and isinstance(_at(tree, other), str) and _REFERENCE.fullmatch(_at(tree, other)):
            _put(tree, other, (*seen, keys))
    value = _at(tree, target)
    if value is None:
        remedy = f"Set it, write a value here, or set '{keys[0]}' to null."
        raise ConfigError(f"{refusal} There is no value at '{'.'.join(target)}'. {remedy}")
    above = _at(tree, keys[:-1])
    above[_name(above, keys[-1])] = copy.deepcopy(value)


def _at(tree: KeyTree, keys: Keys) -> Any:
    """Value of a key, none where it is not set."""
    node: Any = tree.values
    for key in keys:
        node = dict(items(node)).get(_name(node, key))
    return node


def _name(node: Any, key: str) -> Any:
    """The key of a mapping or a list that reads so: voltages are numbers."""
    return next((name for name, _ in items(node) if str(name) == key), key)
