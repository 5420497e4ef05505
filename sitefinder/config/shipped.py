"""Files that travel with sitefinder: the configuration and the compiled layers, from the project's own folder or as installed."""

from __future__ import annotations

from pathlib import Path

#: configuration to start from, terms of money, published sets of weights, and compiled layers: below a project's folder
CONFIG, TERMS, PRESETS, DATA = "config/default.yaml", "config/assumptions/financing.yaml", "config/presets", "data"
#: file that makes a folder one of compiled layers
REGISTER = "datapackage.json"
#: folder of the package into which the wheel puts ``config`` and ``data``
FOLDER = "shipped"

_PACKAGE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """Folder that holds ``config`` and ``data`` of this installation: inside the package, or the checkout it is run from."""
    inside = _PACKAGE / FOLDER
    return inside if inside.is_dir() else _PACKAGE.parent


def resolved(path: str | Path) -> Path:
    """A path as it stands if it exists, else the one of that name that came with the installation, if there is one.

    A relative path is relative to the working folder, so that a project's own ``config`` and ``data`` come first.

    >>> resolved("config/none.yaml")
    PosixPath('config/none.yaml')
    """
    own = Path(path)
    installed = home() / own
    return installed if not own.exists() and installed.exists() else own


def data_folder() -> Path:
    """Compiled layers: ``data`` of the working folder if it holds the register of the layers, else those installed."""
    return resolved(Path(DATA) / REGISTER).parent


def is_installed(path: Path) -> bool:
    """Whether a file came with an installed package, where nobody should change it."""
    return path.resolve().is_relative_to(_PACKAGE / FOLDER)


def restore(path: Path) -> str:
    """Remedy for a compiled file that is missing or damaged."""
    return "Install sitefinder again." if is_installed(path) else f"Restore it with 'git checkout -- {path}'."
