"""Which keys the page may set, the configuration that they make, and the YAML file that says so."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from sitefinder.config import FAMILIES, Config, ConfigFile, load_config
from sitefinder.config.extends import KEY as EXTENDS
from sitefinder.errors import ConfigError, OutputError

#: the share of the learned score
SHARE = "model.share"
#: a larger weight says nothing that a smaller one does not
MOST = 1e6
#: names of files that the page may write: no folders, nothing hidden
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,95}\.ya?ml")
#: first lines of a file
HEAD = "# Weights set with 'sitefinder tune'; all else is that of the file named under 'extends'.\n"


class FileExistsAlreadyError(OutputError):
    """A file of this name is there, and nobody said that it may be replaced."""


def settings_of(config: Config) -> dict[str, float]:
    """Every key that may be set, with its value in a configuration."""
    families = {f"weights.{family}": config.weights.get(family, 0.0) for family in FAMILIES}
    criteria = {f"criteria.{f}.{k}.weight": c.weight for f in FAMILIES for k, c in config.criteria.get(f, {}).items()}
    return {**families, SHARE: config.model.share, **criteria}


def checked(config: Config, settings: Mapping[str, Any]) -> dict[str, float]:
    """The settings that differ from the configuration, as numbers.

    Raises
    ------
    ConfigError
        A key may not be set, or a value is no weight.
    """
    known, changes = settings_of(config), {}
    for key, value in settings.items():
        if key not in known:
            raise ConfigError(f"Invalid key '{str(key)[:80]}'. Only weights and {SHARE} can be tuned; use --set for the others.")
        most = 1.0 if key == SHARE else MOST
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= most:
            raise ConfigError(f"Invalid value '{str(value)[:20]}' in {key}. Write a number from 0 to {most:g}.")
        if value != known[key]:
            changes[key] = float(value)
    return changes


def tuned(config: Config, changes: Mapping[str, float]) -> Config:
    """The configuration with other weights: that of ``--set`` with the same keys.

    Raises
    ------
    ConfigError
        Nothing is left to weigh.
    """
    weights, criteria = dict(config.weights), {family: dict(members) for family, members in config.criteria.items()}
    model = config.model
    for key, value in changes.items():
        section, *rest = key.split(".")
        if section == "weights":
            weights[rest[0]] = value
        elif key == SHARE:
            model = model.model_copy(update={"share": value})
        else:
            family, layer_id, _ = rest
            criteria[family][layer_id] = criteria[family][layer_id].model_copy(update={"weight": value})
    parts = {name: getattr(config, name) for name in Config.model_fields}
    try:
        return Config.model_validate({**parts, "weights": weights, "criteria": criteria, "model": model})
    except ValidationError as error:
        raise ConfigError(f"Invalid value in {error.errors()[0]['msg'].removeprefix('Value error, ')}.") from None


def tuned_yaml(file: ConfigFile, changes: Mapping[str, float], folder: Path) -> bytes:
    """A file for a folder that extends the configuration in use, with what the command line and the page changed in it.

    Parameters
    ----------
    file : ConfigFile
    changes : mapping
        From :func:`checked`.
    folder : Path
        Where the file will lie.
    """
    tree: dict[str, Any] = {EXTENDS: Path(os.path.relpath(file.path.resolve(), folder.resolve())).as_posix()}
    for key in sorted(file.tree.overridden):
        value: Any = file.tree.values
        for part in key.split("."):
            value = value[part]
        _lay(tree, key, value)
    for key, number in changes.items():
        _lay(tree, key, number)
    yaml, page = YAML(typ="rt"), io.StringIO()
    yaml.width = 200
    yaml.dump(tree, page)
    return (HEAD + page.getvalue()).encode()


def _lay(tree: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for part in parents:
        tree = tree.setdefault(part, {})
    tree[last] = value


def save(file: ConfigFile, changes: Mapping[str, float], folder: Path, name: str, *, replace: bool) -> Path:
    """Write the file of :func:`tuned_yaml`, once it has been read back as the same configuration; its path.

    Raises
    ------
    FileExistsAlreadyError
        The file is there, and ``replace`` is False.
    OutputError
        The name is none, the file is one that the configuration rests on, or the folder cannot be written.
    ConfigError
        A file cannot say the same.
    """
    if not NAME.fullmatch(name):
        raise OutputError(f"Invalid name '{name[:80]}'. Write a file name without folders that ends in .yaml.")
    path = folder / name
    if path.resolve() in {one.resolve() for one in file.tree.files}:
        raise OutputError(f"{path} belongs to the configuration in use, which stays as it is. Choose another name.")
    if os.path.lexists(path) and not replace:
        raise FileExistsAlreadyError(f"{path} exists. Choose another name, or replace it.")
    content, staged = tuned_yaml(file, changes, folder), folder / f".{os.getpid()}.{name}"
    try:
        with staged.open("xb") as stream:
            stream.write(content)
        _check(file, changes, staged)
        if replace:
            staged.replace(path)
        else:
            with path.open("xb") as stream:
                stream.write(content)
    except FileExistsError:
        raise FileExistsAlreadyError(f"{path} exists. Choose another name, or replace it.") from None
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}. Free space, or choose a folder with --folder."
        ) from None
    finally:
        staged.unlink(missing_ok=True)
    return path


def _check(file: ConfigFile, changes: Mapping[str, float], path: Path) -> None:
    """The file makes the configuration that is shown: a value that replaces a whole section by ``--set`` may not."""
    if load_config(path).config.fingerprint() != tuned(file.config, changes).fingerprint():
        keys = ", ".join(sorted(file.tree.overridden))
        raise ConfigError(f"Cannot save: a file that extends {file.path} cannot say {keys}. Set single keys, one --set for each.")
