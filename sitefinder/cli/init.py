"""The command ``init``: a copy of the installed configuration to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import click


@click.command()
@click.option("--data", "with_data", is_flag=True, help="Copy the compiled layers too, as 'train' needs them.")
def init(with_data: bool) -> None:  # noqa: FBT001 - a click flag
    """Copy the configuration into the folder config. Every command finds it there first."""
    from sitefinder.config.shipped import DATA, home
    from sitefinder.errors import OutputError

    names = ("config", DATA) if with_data else ("config",)
    for name in names:
        if Path(name).exists():
            raise OutputError(f"Cannot copy to {name}: it exists. Change it as it is, or use an empty folder.")
    for name in names:
        _copy(home() / name, Path(name))
        click.echo(f"{name} copied from {home() / name}")


def _copy(source: Path, target: Path) -> None:
    """Copy a folder whole or not at all."""
    from sitefinder.errors import OutputError

    staged = target.with_name(f".{target.name}.part")
    try:
        shutil.copytree(source, staged)
        staged.rename(target)
    except (OSError, shutil.Error) as error:
        raise OutputError(f"Cannot copy {source} to {target}: {error}. Free space, or use another folder.") from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
