"""The command ``headroom``: what stations can take, of the mapped network or of a planner's."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import click

from sitefinder.cli.options import data_option, out_option

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--case", "case_path", type=_PATH, help="MATPOWER case, or folder with buses.csv and branches.csv.")
@click.option("--places", type=_PATH, help="Table of bus, lat, lon, name for a case without places.")
@click.option("--least-kv", type=float, default=230.0, show_default=True, help="Lowest voltage that is watched.")
@out_option("out/headroom")
@data_option
def headroom(case_path: Path | None, places: Path | None, least_kv: float, out: Path, data: Path) -> None:
    """Megawatts that stations can take. With --case those of a planner's network, in headroom.csv."""
    from sitefinder.power.hosting import classes

    if case_path is None:
        from sitefinder.layers.files import HEADROOM
        from sitefinder.layers.package import DataPackage

        table = DataPackage(data).columns(HEADROOM, ("kv", "n0_p50", "n1_p50"))
        click.echo(classes(table["kv"], table["n0_p50"], table["n1_p50"]))
        click.echo("\nA screening estimate on the mapped network (docs/grid-capacity.md). Give --case for a planner's.")
        return
    click.echo(_of_case(case_path, places, least_kv, out))


def _of_case(case_path: Path, places: Path | None, least_kv: float, out: Path) -> str:
    from sitefinder.files import guarded, write_all
    from sitefinder.power.case import read_case
    from sitefinder.power.hosting import HEAD, classes, hosting, rows_of

    case = read_case(case_path, places)
    room = hosting(case, least_kv)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows_of(case, room))
    write_all(out, {"headroom.csv": text.getvalue().encode()})
    lines = [classes(case.kv[room.bus], room.intact, room.outage), ""]
    lines.append(f"{len(room.bus)} of {len(case.number)} buses in {out / 'headroom.csv'}, from {case_path}")
    lost = sum(math.isnan(case.lat_lon[bus, 0]) for bus in room.bus)
    if lost:
        lines.append(f"{lost} of them have no place. Give --places with bus, lat and lon to rank with them.")
    else:
        lines.append(f"Rank with them: sitefinder rank --set 'delivery.grid.stations={{file: {out / 'headroom.csv'}}}'")
    return "\n".join(lines)
