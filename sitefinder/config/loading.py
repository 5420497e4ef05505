"""Reading a configuration: YAML in, file and line in every complaint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sitefinder.config.checking import read_checked
from sitefinder.config.config import Config
from sitefinder.config.keyed_yaml import KeyTree, Source
from sitefinder.config.shipped import CONFIG, resolved

#: sections whose numbers are assumptions, each in a shipped file of its name
ASSUMPTIONS = ("delivery", "needs", "costs", "connections", "uncertainty", "portfolio")
#: the shipped configuration
SHIPPED = Source(
    "configuration",
    option="--config",
    model=CONFIG,
    homes={"criteria": "config/criteria.yaml"} | {name: f"config/assumptions/{name}.yaml" for name in ASSUMPTIONS},
)


class ConfigFile:
    """A configuration with the files it came from, so that a later stage can name the line of a wrong key."""

    def __init__(self, path: Path, tree: KeyTree, config: Config) -> None:
        self.path = path
        self.tree = tree
        self.config = config

    def where(self, *keys: str) -> str:
        """``file:line: a.b.c`` of a key; the line is left out where the key came from the command line."""
        return self.tree.where(keys)


def load_config(
    path: str | Path | None = None,
    overrides: Mapping[str, str] | None = None,
    *,
    cache: Path | None = None,
    comments: bool = False,
) -> ConfigFile:
    """Read a YAML configuration and apply ``a.b.c=value`` overrides.

    Parameters
    ----------
    path : str or Path, optional
        By default ``config/default.yaml`` of the working folder, or as installed.
    overrides : mapping, optional
        Dotted key -> YAML scalar or flow collection, as given to ``--set``.
    cache : Path, optional
        Folder of caches in which pages that were read stay, without their comments.
    comments : bool, optional
        Whether the keys of the file keep their comments, to be written again.

    Raises
    ------
    ConfigError
        A file cannot be read, is not YAML, or breaks a rule; one line per problem with file, line, key and remedy.
    """
    path = resolved(CONFIG) if path is None else Path(path)
    tree, config = read_checked(path, Config, SHIPPED, overrides, cache=cache, comments=comments)
    return ConfigFile(path, tree, config)
