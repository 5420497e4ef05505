"""One key of a configuration explained: value, default, file and line, unit, mark and source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sitefinder.config.keyed_yaml import KeyTree, suggest
from sitefinder.config.loading import SHIPPED, ConfigFile
from sitefinder.config.notes import MARKS, Note, note_of
from sitefinder.errors import ConfigError

#: keys of a criterion or a gate whose numbers are in the unit of the layer
BREAKPOINTS = frozenset({"ramp", "logistic", "trapezoid", "table", "above", "below"})


def explanation(file: ConfigFile, shipped: ConfigFile, key: str) -> str:
    """Lines about a dotted key; a section lists its keys.

    Parameters
    ----------
    file : ConfigFile
        The configuration asked about.
    shipped : ConfigFile
        The shipped one, whose value is the default.
    key : str

    Raises
    ------
    ConfigError
        The configuration has no such key.

    Notes
    -----
    A number that a user wrote keeps the unit of the default. Its source is what the user's file says; that of the default is
    printed beside it.
    """
    keys = key.split(".")
    value = value_at(file, keys)
    place = _place(file.tree, keys)
    default_place = _place(shipped.tree, keys)
    note, default_note = _note(file.tree, keys), _note(shipped.tree, keys)
    lines = [key if isinstance(value, dict) else f"{key} = {text(value)}"]
    if not isinstance(value, dict):
        lines.append(f"  default  {_default(shipped, keys)}" + (f"  ({default_place})" if place != default_place else ""))
    lines.append(f"  file     {place}")
    if tuple(keys) in file.tree.references:
        lines.append(f"  same as  {'.'.join(file.tree.references[tuple(keys)])}")
    lines += _told(_unit(file, keys) or note.unit or default_note.unit, note.source, note.marks)
    if place != default_place and default_note.source != note.source:
        lines.append(f"  default's source: {default_note.source}")
    if isinstance(value, dict):
        lines += ["  keys", *(f"    {text(name)} = {_short(inner)}" for name, inner in value.items())]
    return "\n".join(lines)


def value_at(file: ConfigFile, keys: list[str]) -> Any:
    """Resolved value of a key.

    Raises
    ------
    ConfigError
        The configuration has no such key.
    """
    node: Any = file.config.model_dump()
    for depth, name in enumerate(keys):
        above = ".".join(keys[:depth])
        refusal = f"Unknown key '{'.'.join(keys)}' in {file.path}:"
        if node is None and depth == 1:
            raise ConfigError(f"{refusal} it has no section '{above}'. Copy it from {SHIPPED.home(above)}.")
        if not isinstance(node, dict):
            raise ConfigError(f"{refusal} '{above}' has no keys below it. Ask for --explain {above}.")
        known = {text(option): inner for option, inner in node.items()}
        if name not in known:
            raise ConfigError(f"{refusal} {f'{above!r} has' if above else 'there is'} no '{name}'; {suggest(name, known)}")
        node = known[name]
    return node


def text(value: Any) -> str:
    """A value as YAML writes it on one line, whole numbers without a point."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(key)}: {text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(text, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _short(value: Any) -> str:
    return "{...}" if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()) else text(value)


def _place(tree: KeyTree, keys: list[str]) -> str:
    if tree.from_command_line(keys):
        return "--set"
    place = tree.places.get(tuple(keys))
    return f"{place.path}:{place.line}" if place else "written in no file; built in"


def _note(tree: KeyTree, keys: list[str]) -> Note:
    return Note() if tree.from_command_line(keys) else note_of(tree, keys)


def _default(shipped: ConfigFile, keys: list[str]) -> str:
    try:
        return text(value_at(shipped, keys))
    except ConfigError:
        return "none"


def _unit(file: ConfigFile, keys: list[str]) -> str:
    """Unit that a criterion or a gate names for its breakpoints."""
    at = next((depth for depth, key in enumerate(keys) if key in BREAKPOINTS), 0)
    return str(value_at(file, keys[:at]).get("unit", "")) if at else ""


def _told(unit: str, source: str, marks: tuple[str, ...]) -> Iterator[str]:
    if unit:
        yield f"  unit     {unit}"
    if marks:
        yield f"  mark     {', '.join(f'{mark} ({MARKS[mark]})' for mark in marks)}"
    if source:
        yield f"  source   {source}"
