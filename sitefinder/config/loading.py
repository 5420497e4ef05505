"""Reading a configuration: YAML in, file and line in every complaint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap

from sitefinder.config.config import Config
from sitefinder.config.criteria import Criterion
from sitefinder.config.extends import extended
from sitefinder.config.keyed_yaml import explain, override, read_tree, where
from sitefinder.config.shipped import CONFIG, resolved
from sitefinder.errors import ConfigError


class ConfigFile:
    """A configuration with the file it came from, so that a later stage can name the line of a wrong key."""

    def __init__(self, path: Path, tree: CommentedMap, config: Config) -> None:
        self.path = path
        self.tree = tree
        self.config = config

    def where(self, *keys: str) -> str:
        """``file:line: a.b.c`` of a key; the line is left out where the key came from the command line."""
        return where(self.path, self.tree, keys)


def load_config(path: str | Path | None = None, overrides: Mapping[str, str] | None = None) -> ConfigFile:
    """Read a YAML configuration and apply ``a.b.c=value`` overrides.

    Parameters
    ----------
    path : str or Path, optional
        By default ``config/default.yaml`` of the working folder, or as installed.
    overrides : mapping, optional
        Dotted key -> YAML scalar or flow collection, as given to ``--set``.

    Raises
    ------
    ConfigError
        The file cannot be read, is not YAML, or breaks a rule; one line per problem with file, line, key and remedy.
    """
    path = resolved(CONFIG) if path is None else Path(path)
    tree = extended(path, _read_yaml(path), _read_yaml)
    for key, text in (overrides or {}).items():
        override(path, tree, key, text)
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(
            "\n".join(explain(path, tree, e, known=_siblings, model=str(resolved(CONFIG))) for e in error.errors())
        ) from None
    return ConfigFile(path, tree, config)


def _read_yaml(path: Path) -> CommentedMap:
    return read_tree(path, "configuration", option="--config", model=str(resolved(CONFIG)))


def _siblings(keys: list[Any]) -> list[str]:
    """Names that would have been accepted in place of the last key."""
    model: Any = Config
    for key in keys[:-1]:
        field = getattr(model, "model_fields", {}).get(key)
        model = _model_in(field.annotation) if field else (Criterion if model is Config else model)
    return list(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in reversed(getattr(annotation, "__args__", ())):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
