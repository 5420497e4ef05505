"""The command ``rank``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from sitefinder.cli.options import (
    area_of,
    area_options,
    cache_option,
    config_option,
    data_option,
    out_option,
    overrides,
    resolution_option,
    set_option,
    show_progress,
    verbose_option,
)

if TYPE_CHECKING:
    from sitefinder.results.site import Site

#: rows of the table on the terminal
TABLE_ROWS = 15


@click.command()
@config_option
@out_option("out/latest")
@data_option
@cache_option
@click.option("--sites", type=click.Path(path_type=Path), help="Your own sites: CSV, XLSX, KMZ, Shapefile, GeoJSON and more.")
@click.option("--skip-bad", is_flag=True, help="Leave out bad rows of --sites instead of refusing the file.")
@click.option("--strict", is_flag=True, help="Refuse rows of --sites that would be repaired or that stand twice.")
@click.option("--sites-crs", metavar="EPSG:CODE", help="Reference system of --sites, where the file declares none.")
@set_option("weights.water=0.3")
@click.option("--mw", type=str, help="Short for --set project.mw=…")
@resolution_option
@area_options
@click.option("--unavailable", type=click.Path(), multiple=True, help="Polygons on which nothing can be built; repeatable.")
@click.option("--quick", is_flag=True, help="For tuning: no routes, costs, certainty and map.")
@verbose_option
def rank(
    config_path: Path,
    out: Path,
    data: Path,
    cache: Path,
    sites: Path | None,
    skip_bad: bool,  # noqa: FBT001 - a click flag
    strict: bool,  # noqa: FBT001 - a click flag
    sites_crs: str | None,
    settings: tuple[str, ...],
    mw: str | None,
    resolution: str | None,
    where: str | None,
    not_in: str | None,
    near: str | None,
    unavailable: tuple[str, ...],
    quick: bool,  # noqa: FBT001 - a click flag
    verbose: bool,  # noqa: FBT001 - a click flag
) -> None:
    """Rank the land and list the best sites. Writes sites.geojson, rasters, the map and run.json."""
    from sitefinder.config import load_config
    from sitefinder.pipeline.listing import ranking_only
    from sitefinder.pipeline.stages import run
    from sitefinder.reports.terminal import usual
    from sitefinder.results.deadline import deadline
    from sitefinder.results.since import ranks_of, since
    from sitefinder.sites.own_list import Asked

    show_progress(verbose=verbose)
    out = _folder(out, quick=quick)
    area = area_of(where, not_in, near)
    shown = area.model_dump_json() if area else None
    asked_for = overrides(_with_unavailable(settings, unavailable), mw=mw, resolution=resolution, area=shown)
    file = load_config(config_path, asked_for, cache=cache)
    if quick:
        file = ranking_only(file)
    before = ranks_of(out)
    asked = Asked(skip_bad=skip_bad, strict=strict, crs=sites_crs)
    result = run(file, out=out, data=data, cache=cache, sites=sites, asked=asked, with_map=not quick)
    click.echo(usual((result.own or result.sites)[:TABLE_ROWS]))
    answer = deadline(result.own or result.sites, file.config.project)
    if answer:
        click.echo(f"\n{answer.words}")
    click.echo(f"\n{len(result.sites)} sites in {out / 'sites.geojson'}" + ("" if quick else f"; open {out / 'map.html'}"))
    if before is not None:
        click.echo(f"Since the last run in {out}: {since(before, result.sites)}")
    if best := _best_of_each(result.sites):
        click.echo(best)
    if tiers := _tiers(result.sites):
        click.echo(tiers)
    if result.own:
        click.echo(f"{len(result.own)} own sites in {out / 'own_sites.geojson'}")


def _with_unavailable(settings: tuple[str, ...], files: tuple[str, ...]) -> tuple[str, ...]:
    """Settings with the files of unavailable land; those of the configuration stay where none is named."""
    return (*settings, f"layers.unavailable={json.dumps(files)}") if files else settings


#: where a quick run goes by default, so that it never takes the place of a full one
QUICK_OUT = Path("out/quick")


def _folder(out: Path, *, quick: bool) -> Path:
    """Folder of the results: for a quick run one of its own, unless another is named.

    Raises
    ------
    OutputError
        A quick run would remove results of a full one.
    """
    from sitefinder.errors import OutputError
    from sitefinder.results.derived import holds_full_run

    if not quick:
        return out
    if click.get_current_context().get_parameter_source("out") is ParameterSource.DEFAULT:
        out = QUICK_OUT
    if holds_full_run(out):
        raise OutputError(f"{out} holds a full run, whose files a quick one would remove. Choose another folder: --out, or OUT=…")
    return out


def _best_of_each(sites: Sequence[Site]) -> str:
    """The best site of each market region, or of each state where all lie in one region; empty where there is one alone."""
    from sitefinder.results.selection import GROUPS, best_of_each

    for group, words in (("region", "market region"), ("state", "state")):
        best = best_of_each(sites, group)
        if len(best) > 1:
            named = (f"{GROUPS[group](s)} {s.site_id} (rank {s.identity.rank}, {s.identity.score:.1f})" for s in best)
            return f"Best of each {words}: {'; '.join(named)}"
    return ""


def _tiers(sites: Sequence[Site]) -> str:
    """How many sites of the list are in each tier; empty without rank intervals."""
    tiers = [site.certainty.ranks.tier for site in sites if site.certainty]
    if not tiers:
        return ""
    lead, likely = (tiers.count(name) for name in ("leads", "top 50 likely"))
    return (
        f"{lead} lead (first 50 in nine of ten draws), {likely} more are likely among the first 50; "
        f"the other {len(tiers) - lead - likely} cannot be told apart by this screen"
    )
