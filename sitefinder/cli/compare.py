"""Commands about the certainty of a ranking: ``diff``, ``compare-presets``, ``ahp``; the command line registers them."""

from __future__ import annotations

from pathlib import Path

import click

from sitefinder.cli.options import area_of, area_options, cache_option, data_option, out_option, overrides

#: the first is the one whose leading sites are followed through the others
REFERENCE = "ours"


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="Write every site that is in both lists to this file.")
def diff(before: Path, after: Path, csv_path: Path | None) -> None:
    """Compare two result folders: what moved, and why."""
    from sitefinder.files import write_all
    from sitefinder.results.differences import compare, report, table
    from sitefinder.results.run import read_run

    runs = read_run(before), read_run(after)
    comparison = compare(*runs)
    if csv_path is not None:
        write_all(csv_path.parent, {csv_path.name: table(comparison).encode()})
    click.echo(report(comparison, *runs))


@click.command("compare-presets")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@out_option("out/presets")
@data_option
@cache_option
@click.option("--resolution", type=str, help="Cell size in metres for all of them.")
@area_options
def presets(
    files: tuple[Path, ...],
    out: Path,
    data: Path,
    cache: Path,
    resolution: str | None,
    where: str | None,
    not_in: str | None,
    near: str | None,
) -> None:
    """Rank under several sets of weights. By default all published ones, the shipped one first."""
    from sitefinder.config import load_config
    from sitefinder.config.shipped import PRESETS, resolved
    from sitefinder.pipeline.presets import compare_presets, report, write_comparison

    chosen = files or tuple(sorted(resolved(PRESETS).glob("*.yaml"), key=lambda p: (p.stem != REFERENCE, p.stem)))
    area = area_of(where, not_in, near)
    settings = overrides((), resolution=resolution, area=area.model_dump_json() if area else None)
    comparison = compare_presets([load_config(path, settings) for path in chosen], data=data, cache=cache)
    write_comparison(comparison, out)
    click.echo(report(comparison))


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
def ahp(path: Path) -> None:
    """Weights from comparisons two by two. A YAML file, one line per item: 'power: {water: 5, land: 3}'."""
    from sitefinder.certainty.weighting import read_pairwise

    weighting = read_pairwise(path)
    click.echo(f"# from {path}, consistency ratio {weighting.consistency_ratio:.3f}\nweights:")
    for name, weight in weighting.weights.items():
        click.echo(f"  {name}: {weight:.4f}")
