"""The back-test of the dates: facts about power at the campuses of a dated table, estimates, scores."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from sitefinder.config import ConfigFile
from sitefinder.config.delivery import Delivery
from sitefinder.errors import SitesError
from sitefinder.grid import from_lonlat
from sitefinder.layers.able import Chosen, choose, grid_points
from sitefinder.layers.files import POWER_DATES
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.power.backtest import Backtest, of_rows, run_backtest, skills
from sitefinder.power.dated import RESULTS, Dated, read_dated
from sitefinder.power.facts import LAYERS, Facts, site_facts
from sitefinder.power.flexible import Authorities, non_firm

QUANTILES = ("p10", "p50", "p90")


def dated_facts(file: ConfigFile, campuses: Dated, path: Path, *, data: Path, cache: Path) -> Facts:
    """Facts about power where the campuses stand, as of their commitment.

    The headroom is that before claims: a campus does not take from itself. Loads that the table does not say are the project's.

    Parameters
    ----------
    file : ConfigFile
    campuses : Dated
    path : Path
        The table, for messages.
    data, cache : Path

    Raises
    ------
    SitesError
        A campus lies off the land of the contiguous United States.
    ConfigError
        The configuration has no section ``delivery``.
    DataError
        A compiled file is missing or damaged.
    """
    delivery = file.config.section("delivery")
    unclaimed = delivery.before_claims()
    package = DataPackage(data)
    stack = open_stack(package, file, list(LAYERS), cache_folder=cache)
    xy = np.stack(from_lonlat(campuses.lon, campuses.lat), axis=1)
    rows, cols = stack.land.grid.cell_at(xy[:, 0], xy[:, 1])
    inside = stack.land.grid.inside(rows, cols)
    index = np.full(len(xy), -1, np.int64)
    index[inside] = stack.land.index_of((rows * stack.land.grid.width + cols)[inside])
    if (index < 0).any():
        row = int((index < 0).argmax())
        raise SitesError(
            f"Invalid table {path}, row {row + 1} ({campuses.names[row]}): it lies off the land of the contiguous United States. "
            "Correct lat and lon, or remove it."
        )
    load = np.where(np.isnan(campuses.load_mw), file.config.project.mw, campuses.load_mw)
    chosen = _chosen(package, unclaimed, load, xy)
    served = non_firm(
        Authorities(package),
        xy,
        chosen.points.intact_mw,
        load,
        curtailment=delivery.flexible.curtailment,
        claimed=unclaimed.grid.claimed,
    )
    facts = site_facts(
        stack,
        package,
        unclaimed,
        index=index,
        xy=xy,
        chosen=chosen,
        load_mw=load,
        non_firm_mw=served.mw,
        hand=campuses.hand,
    )
    return of_rows(facts, campuses, delivery)


def _chosen(package: DataPackage, delivery: Delivery, load: np.ndarray, xy: np.ndarray) -> Chosen:
    """The point of the grid of each campus, by its own load."""
    parts: list[tuple[int, Chosen]] = []
    for mw in np.unique(load):
        points = grid_points(package, delivery, float(mw))
        parts += [(int(i), choose(points, delivery, float(mw), xy[i : i + 1])) for i in np.flatnonzero(load == mw)]
    return Chosen.joined([chosen for _, chosen in sorted(parts, key=lambda part: part[0])])


def dated_campuses(file: ConfigFile, table: Path | None, *, looked: str | None, data: Path) -> tuple[Dated, Path]:
    """The campuses of a table, or those of the compiled data, and the file that they come from.

    Raises
    ------
    SitesError
        The table is wrong.
    DataError
        The compiled table is missing or damaged.
    """
    options = file.config.section("delivery").options
    if table is not None:
        return read_dated(table, options, looked=looked), table
    path = DataPackage(data).verified(POWER_DATES)
    return read_dated(path, options, looked=looked), path


def backtest_table(file: ConfigFile, table: Path | None, *, looked: str | None, data: Path, cache: Path) -> Backtest:
    """Estimated months to every load of the campuses of a table; see :func:`dated_campuses` and :func:`dated_facts`."""
    campuses, path = dated_campuses(file, table, looked=looked, data=data)
    facts = dated_facts(file, campuses, path, data=data, cache=cache)
    return run_backtest(facts, campuses, file.config.section("delivery"))


def result_csv(done: Backtest) -> bytes:
    """A row per campus: P10, P50, P90 of the months from the commitment to 50, 200, 500 MW and full load; empty = never."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    quantiles = [done.quantiles(event) for event in RESULTS]
    writer.writerow(["name", "region", *(f"{event}_{q}" for event in RESULTS for q in QUANTILES)])
    for i, name in enumerate(done.campuses.names):
        months = [
            q[i, k] if large[i] else np.inf for q, large in zip(quantiles, done.large_enough, strict=True) for k in range(3)
        ]
        writer.writerow([name, done.region[i] or "", *("" if not np.isfinite(m) else f"{m:.0f}" for m in months)])
    return text.getvalue().encode()


def scores_text(done: Backtest) -> str:
    """Scores of every event with realised dates, beside what simple rules reach; a line that says so where there are none."""
    scores = skills(done)
    if not scores:
        return "No realised dates in the table: nothing to score."
    head = ("realised", "one-sided", "in P10-P90", "early", "late")
    rows = [f"{'':14}{' '.join(head)}  {'PIT, fifths':<13} CRPS  rank"]
    for event, s in scores.items():
        pit = " ".join(str(n) for n in s.pit)
        counts = (s.realised, s.one_sided, s.within, s.early, s.late)
        cells = " ".join(f"{n:{len(title)}}" for n, title in zip(counts, head, strict=True))
        simple = f"CRPS of the constant {s.constant_crps_months:.1f}, of Kaplan-Meier by region {s.region_crps_months:.1f}"
        rows.append(f"{event:14}{cells}  {pit:<13} {s.crps_months:4.1f} {s.spearman:5.2f}  {simple}")
    return "\n".join([*rows, "CRPS in months, over realised and one-sided dates; simple rules leave the campus itself out."])
