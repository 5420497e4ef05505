"""JSON Schema of a configuration file, with units and sources as descriptions: editors complete the keys and check the values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from sitefinder.config.extends import KEY
from sitefinder.config.keyed_yaml import Keys, KeyTree
from sitefinder.config.notes import note_of

#: a schema, or a part of one
Schema = dict[str, Any]
#: value of another key
REFERENCE: Schema = {"type": "string", "pattern": r"^\$\{[^}]+\}$"}


def schema(model: type[BaseModel], tree: KeyTree) -> Schema:
    """Schema of a file that holds some or all keys of a model.

    A file may extend others, so no key has to be in it, and any section may be null.

    Parameters
    ----------
    model : type
    tree : KeyTree
        The shipped keys, whose comments become descriptions.
    """
    whole = model.model_json_schema()
    parts = whole.get("$defs", {})
    uses = Counter(part for _, part in _parts(whole, parts, ()))
    described = {name: keys for keys, name in _parts(whole, parts, ()) if uses[name] == 1}
    for part, keys in [(whole, ()), *((parts[name], keys) for name, keys in described.items())]:
        for name, node in part.get("properties", {}).items():
            if (*keys, name) in tree.references:
                part["properties"][name] = node = {"anyOf": [node, REFERENCE]}
            _describe(node, tree, (*keys, name))
    for part in (whole, *parts.values()):
        part.pop("required", None)
    names = {"type": "string", "description": "File, seen from this one"}
    more = {
        "description": "Files below this one, the first lowest",
        "anyOf": [names, {"type": "array", "items": names, "minItems": 1}],
    }
    whole["properties"] = {KEY: more, **whole["properties"]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def _parts(node: Any, parts: dict[str, Schema], keys: Keys) -> Iterator[tuple[Keys, str]]:
    """Every use of a shared part: the keys that lead there through named properties, and its name."""
    for name, inner in node.get("properties", {}).items():
        for reference in _references(inner):
            yield (*keys, name), reference
            yield from _parts(parts[reference], parts, (*keys, name))


def _references(node: Any) -> Iterator[str]:
    """Parts that a property may be, not counting what stands inside mappings and lists."""
    if "$ref" in node:
        yield node["$ref"].rpartition("/")[2]
    for option in node.get("anyOf", ()):
        yield from _references(option)


def _describe(node: Schema, tree: KeyTree, keys: Keys) -> None:
    """Put unit and source of a shipped key into its property."""
    if keys not in tree.places:
        return
    note = note_of(tree, keys)
    text = " ".join(part for part in (f"[{note.unit}]" if note.unit else "", note.source) if part)
    if text:
        node["description"] = text
