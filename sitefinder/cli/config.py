"""Command ``config``: the whole configuration, or the origin of one number; the command line registers it."""

from __future__ import annotations

import io
from pathlib import Path

import click

from sitefinder.cli.options import config_option, overrides, set_option


@click.command("config")
@config_option
@set_option("weights.water=0.3")
@click.option(
    "--explain", "key", metavar="KEY", help="Explain one key, e.g. delivery.grid.transformer, or list those of a section."
)
def config_command(config_path: Path, settings: tuple[str, ...], key: str | None) -> None:
    """Print the configuration, or explain one key. With all that it extends; a key with value, default, line, unit, source."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    from sitefinder.config import load_config
    from sitefinder.config.explaining import explanation
    from sitefinder.config.loading import SHIPPED

    file = load_config(config_path, overrides(settings), comments=key is None)
    if key is not None:
        click.echo(explanation(file, load_config(SHIPPED.model), key))
        return
    yaml, page = YAML(typ="rt"), io.StringIO()
    yaml.width = 200
    yaml.dump(CommentedMap(file.tree.values), page)
    click.echo(page.getvalue().rstrip())
