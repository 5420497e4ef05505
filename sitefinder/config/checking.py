"""Keys of a file checked against the models: one line per problem, with file, line, key and remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sitefinder.config.extends import extended
from sitefinder.config.kept_pages import read_kept
from sitefinder.config.keyed_yaml import KeyTree, Source, override, read_tree, suggest
from sitefinder.config.references import resolve
from sitefinder.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


def read_checked(
    path: Path,
    model: type[M],
    source: Source,
    overrides: Mapping[str, str] | None,
    *,
    cache: Path | None = None,
    comments: bool = False,
) -> tuple[KeyTree, M]:
    """Keys of a file, of those it extends and of the command line, and what they make.

    Parameters
    ----------
    path : Path
    model : type
        What the keys are checked against.
    source : Source
    overrides : mapping, optional
        Dotted key -> YAML, as given to ``--set``.
    cache : Path, optional
        Folder of caches in which pages that were read stay.
    comments : bool, optional
        Whether the keys of the tree keep the comments of the files; then nothing is taken from the cache.

    Raises
    ------
    ConfigError
        A file cannot be read, is not YAML, or breaks a rule; one line per problem.
    """

    def read(one: Path) -> KeyTree:
        return read_kept(one, source, cache) if cache and not comments else read_tree(one, source, comments=comments)

    tree = extended(path, read)
    for key, text in (overrides or {}).items():
        section = key.partition(".")[0]
        if section in model.model_fields and tree.values.get(section) is None and section != key:
            tree.values[section] = {}  # a section that may be left out has its keys all the same
        override(tree, key, text)
    return tree, checked(tree, model, source)


def checked(tree: KeyTree, model: type[M], source: Source) -> M:
    """What keys make that were read from anywhere; references among them are resolved in place.

    Raises
    ------
    ConfigError
        They break a rule; one line per problem.
    """
    resolve(tree)
    try:
        return model.model_validate(tree.values)
    except ValidationError as error:
        own = [e for e in error.errors() if not _copied(tree, e)] or error.errors()
        raise ConfigError("\n".join(_problem(tree, e, model, source) for e in own)) from None


def _copied(tree: KeyTree, error: ErrorDetails) -> bool:
    """Whether the fault lies in a value that is copied from elsewhere, where it is reported too."""
    keys = tuple(str(k) for k in error["loc"])
    return any(keys[:depth] in tree.references for depth in range(1, len(keys) + 1))


def _problem(tree: KeyTree, error: ErrorDetails, model: type[BaseModel], source: Source) -> str:
    """One line for one validation error: file, line, key, what is wrong, remedy."""
    keys = [k for k in error["loc"] if k != "[key]"]
    place = tree.where(keys) if keys else str(tree.path)
    if error["type"] == "extra_forbidden":
        return f"Invalid key in {place}. It is not known; {suggest(str(keys[-1]), names_beside(model, keys))}."
    if error["type"] == "missing":
        return f"Missing key in {place}. Add it, as in {source.home(str(keys[0]))}."
    message = error["msg"].removeprefix("Value error, ")
    if not keys and ":" in message.split(" ")[0]:
        key, _, rest = message.partition(": ")
        return f"Invalid value in {tree.where(key.split('.'))}: {rest}."
    given = error.get("input")
    given_text = f" '{given}'" if isinstance(given, int | float | str | bool) else ""
    return f"Invalid value{given_text} in {place}. {message[0].upper()}{message[1:]}."


def names_beside(model: type[BaseModel], keys: Sequence[Any]) -> list[str]:
    """Names that a file may write in place of the last of the keys, as far as they are fixed."""
    kind: Any = model
    for key in keys[:-1]:
        kind = below(kind, key)
    return list(getattr(plain(kind), "model_fields", {}))


def below(kind: Any, key: Any) -> Any:
    """Type of the values below a key of a section, a mapping or a list; none where nothing may."""
    kind = plain(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        model_field = kind.model_fields.get(str(key))
        return model_field.annotation if model_field else None
    inner = get_args(kind)
    return inner[-1] if inner else None


def plain(kind: Any) -> Any:
    """A type without its conditions and without the choice of leaving it out."""
    if get_origin(kind) is Annotated:
        return plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return plain(next(inner for inner in get_args(kind) if inner is not type(None)))
    return kind
