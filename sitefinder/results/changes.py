"""What changed between the manifests of two runs: configuration, data, model, code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: keys of the configuration that only name things
NAMES_ONLY = ("project.name",)


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """Why a run could not give the results of the one before, a line each; empty where nothing changed.

    Parameters
    ----------
    before, after : mapping
        Manifests; of the earlier one None = there is none that can be read.

    >>> changes({"config": {"weights": {"water": 0.1}}}, {"config": {"weights": {"water": 0.2}}})
    ['weights.water: 0.1 -> 0.2']
    """
    if before is None:
        return ["no earlier run in this folder"]
    lines = [f"{key}: {old} -> {new}" for key, old, new in changed_settings(before.get("config"), after.get("config"))]
    lines += [f"data: {words}" for words in changed_inputs(before, after)]
    for name in ("model", "commit", "versions"):
        lines += [f"{key}: {old} -> {new}" for key, old, new in changed_settings(before.get(name), after.get(name), (name,))]
    return lines


def changed_settings(before: Any, after: Any, keys: tuple[str, ...] = ()) -> list[tuple[str, Any, Any]]:
    """Dotted keys whose values differ; absent keys count as None."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = list(dict.fromkeys([*before, *after]))
        return [change for k in names for change in changed_settings(before.get(k), after.get(k), (*keys, str(k)))]
    key = ".".join(keys)
    return [] if before == after or key in NAMES_ONLY else [(key, before, after)]


def changed_inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Compiled files and replaced layers that are new, gone or changed, in words."""
    changed = []
    for part in ("inputs", "replaced_layers"):
        a, b = (x.get(part) or {} for x in (before, after))
        for name in sorted({*a, *b}):
            if a.get(name) != b.get(name):
                state = "new" if name not in a else "gone" if name not in b else "changed"
                changed.append(f"{name} ({state})")
    return changed
