"""The command ``score``: one place explained in the terminal; the command line registers it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sitefinder.cli.options import (
    cache_option,
    config_option,
    data_option,
    overrides,
    resolution_option,
    set_option,
    show_progress,
)

if TYPE_CHECKING:
    from sitefinder.pipeline.explaining import Explained

#: criteria named in each direction
NAMED = 5


@click.command()
@click.option("--at", required=True, metavar="LAT,LON", help="The place in degrees, e.g. 41.48,-88.25.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, for other programs.")
@config_option
@set_option("weights.water=0.3")
@click.option("--mw", type=str, help="Short for --set project.mw=…")
@resolution_option
@data_option
@cache_option
def score(
    at: str,
    as_json: bool,  # noqa: FBT001 - a click flag
    config_path: Path,
    settings: tuple[str, ...],
    mw: str | None,
    resolution: str | None,
    data: Path,
    cache: Path,
) -> None:
    """Explain the score of one place. Families, gates, and what lies around it."""
    from sitefinder.config import load_config
    from sitefinder.pipeline.explaining import explain

    lat, lon = _point(at)
    show_progress()
    file = load_config(config_path, overrides(settings, mw=mw, resolution=resolution))
    explained = explain(file, lat, lon, data=data, cache=cache)
    click.echo(json.dumps(explained.tree(), indent=1, ensure_ascii=False) if as_json else _text(explained))


def _point(text: str) -> tuple[float, float]:
    """Latitude and longitude of a text.

    Raises
    ------
    SitesError
        It is no point.
    """
    from sitefinder.errors import SitesError

    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise SitesError(f"Invalid --at '{text}'. Write latitude, longitude in degrees, e.g. --at 41.48,-88.25.") from None
    return lat, lon


def _text(place: Explained) -> str:
    """The place in lines of label and value."""
    from sitefinder.reports.terminal import pairs
    from sitefinder.results.links import aerial_view

    region = f", {place.region}" if place.region else ""
    blocks = [
        f"{place.lat:g}, {place.lon:g}  {place.county}, {place.state} ({place.county_fips}){region}",
        pairs(_scores(place)),
        pairs({f"Family {name.replace('_', ' ')}": f"{value:.1f}" for name, value in place.families.items()}),
        pairs(_gates(place)),
        pairs({**_earned(place), **_lost(place)}),
        pairs(_around(place) | {"Aerial picture": aerial_view(place.lat, place.lon)}),
    ]
    return "\n\n".join(blocks)


def _scores(place: Explained) -> dict[str, str]:
    excluded = "excluded" if place.score is None else f"{place.score:.2f}"
    facts = {"Score": excluded}
    if place.score is None:
        facts["Score without gates"] = f"{place.score_without_gates:.2f}"
    facts["Weighted score"] = f"{place.weighted:.2f}"
    if place.learned is not None and place.applicability is not None:
        facts["Learned score, and how far it applies"] = f"{place.learned:.2f}, {place.applicability:.2f}"
    return facts | {"Points that unknown criteria could add": f"{place.unknown_points:.2f}"}


def _gates(place: Explained) -> dict[str, str]:
    if not place.gates:
        return {"Gates": "none excludes it"}
    role = {True: "Excluded by", False: "No campus of the list on it"}
    return {f"{role[hit.whole]}: {hit.gate}": f"{hit.reason} ({hit.layer} {hit.value:g} {hit.unit})" for hit in place.gates}


def _earned(place: Explained) -> dict[str, str]:
    return {
        f"Earns: {c.layer}": f"{c.points:.1f} of {c.of:.1f} points ({_value(c.value)} {c.unit})"
        for c in place.contributions[:NAMED]
    }


def _lost(place: Explained) -> dict[str, str]:
    worst = sorted(place.contributions, key=lambda c: c.points - c.of)[:NAMED]
    return {f"Loses: {c.layer}": f"{c.of - c.points:.1f} of {c.of:.1f} points ({_value(c.value)} {c.unit})" for c in worst}


def _value(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"


def _around(place: Explained) -> dict[str, str]:
    facts = {}
    if place.station is not None:
        station = place.station
        room = "headroom unknown" if station.headroom_mw is None else f"headroom {station.headroom_mw:,} MW"
        enough = "carries the load" if station.able else "does not carry the load"
        facts["Station for the load"] = f"{station.name}, {station.kv} kV, {station.km:g} km, {room}: {enough}"
    for label, near in (("Nearest power plant of 10 MW and more", place.plant), ("Nearest known campus", place.campus)):
        facts[label] = f"{near['name'] or 'unnamed'}, {near['mw']:,.0f} MW, {near['km']:g} km"
    return facts | {
        "Serving utility": place.utility or "unknown",
        "Balancing authority": place.authority or "unknown",
    }
