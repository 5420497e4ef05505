"""Grid power: headroom of the best station in reach, and dates of its megawatts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sitefinder.config.delivery import FIRST_MW, REGIONS, Delivery
from sitefinder.config.early_power import by_class, of_year
from sitefinder.kernels.schedule import common_uniforms, lognormal, triangular
from sitefinder.layers.able import FILES as ABLE_FILES
from sitefinder.layers.able import REACH_KM, shown
from sitefinder.layers.able_cells import able_settings, everywhere
from sitefinder.layers.built import Built
from sitefinder.layers.files import HEADROOM, RTO
from sitefinder.layers.sources import Sources
from sitefinder.layers.spec import layer

if TYPE_CHECKING:
    from sitefinder.config import Config

#: voltage classes and distances (km) at which the schedule is drawn; farther lines are cut off there
CLASSES, FARTHEST_KM = (230, 345, 500, 765), 200
STEPS = (
    "utility's letter",
    "large-load study",
    "interconnection agreement",
    "new line",
    "substation",
    "transformer",
    "network upgrades",
    "energisation",
)
SLIP = "utility slip"


def grid_settings(config: Config) -> Mapping[str, Any]:
    """Settings of the dates: the steps of the ``delivery`` section, the deadline and the load."""
    delivery = config.section("delivery")
    return {
        "grid": delivery.grid.model_dump(mode="json"),
        "pace": delivery.pace.model_dump(mode="json"),
        "year": start_year(delivery),
        "choice": able_settings(config),
        "draws": [delivery.draws, delivery.seed, delivery.correlation],
        "by": delivery.months_to_end_of(config.project.energise_by),
        "mw": config.project.mw,
    }


def start_year(delivery: Delivery) -> int:
    """Year in which the site is chosen."""
    return int(delivery.start[:4])


def schedule_tables(delivery: Delivery, by: float) -> tuple[np.ndarray, np.ndarray]:
    """Dates of grid power by market region, voltage class and distance, over the draws of the schedule.

    A campus has what the station can take today when the study and the agreement are done and the line, the substation and the
    transformer, begun under a letter, stand; the rest after the network upgrades. See ``docs/delivery.md``.

    Parameters
    ----------
    delivery : Delivery
    by : float
        Deadline, months from the start.

    Returns
    -------
    chance : (2, n_regions + 1, n_classes, FARTHEST_KM + 1) float32
        Chance that today's headroom, and the upgrades, are ready by the deadline; the last region is "elsewhere".
    median : array of the same shape
        Median month of both.
    """
    u = common_uniforms(STEPS, delivery.draws, seed=delivery.seed, correlation=delivery.correlation)
    regions = [*REGIONS, None]
    kv, km = (a.ravel() for a in np.meshgrid(CLASSES, np.arange(FARTHEST_KM + 1), indexing="ij"))
    grid, pace = delivery.grid, delivery.pace
    slips = common_uniforms([SLIP], delivery.draws, seed=delivery.seed)[SLIP]
    slow = np.float32(pace.utility) * lognormal(slips, pace.utility_slip)
    letter, agreement, energisation = (
        triangular(u[step], np.array(months))
        for step, months in (
            ("utility's letter", grid.letter),
            ("interconnection agreement", grid.agreement),
            ("energisation", grid.energisation),
        )
    )
    transformer = triangular(u["transformer"], of_year(grid.transformer, np.array([start_year(delivery)])))
    line = triangular(u["new line"], grid.line_months(kv, km))
    substation = triangular(u["substation"], by_class(grid.substation, kv))
    longest = np.maximum(line, substation)
    chance, median = [], []
    for region in regions:
        pace_here = slow * pace.of_region([region])
        built = letter + np.maximum(longest * pace_here, transformer)
        agreed = triangular(u["large-load study"], grid.by_region("study", [region])) + agreement
        upgrade = triangular(u["network upgrades"], grid.by_region("upgrade", [region])) * pace_here
        first = np.maximum(built, agreed)
        ready = np.stack([first, np.maximum(first, agreed + upgrade)]) + energisation
        chance.append((ready <= by).mean(axis=2))
        median.append(np.median(ready, axis=2))
    shape = (2, len(regions), len(CLASSES), FARTHEST_KM + 1)
    return tuple(np.stack(a, axis=1).reshape(shape).astype(np.float32) for a in (chance, median))  # type: ignore[return-value]


def _cells(sources: Sources) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place of every land cell in the tables: region, class, distance."""
    codes = sources.features(RTO)["code"].to_numpy(str)
    of_row = np.array([REGIONS.index(c) if c in REGIONS else len(REGIONS) for c in codes] + [len(REGIONS)])
    region = of_row[sources.zone_index(RTO)]
    choice = everywhere(sources)
    row = np.searchsorted(CLASSES, choice.points.kv, side="right")[choice.row] - 1
    return region, np.maximum(row, 0), np.minimum(np.round(choice.km), FARTHEST_KM).astype(np.int64)


def _dates(sources: Sources) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Headroom left (n_land,), chance (2, n_land) by the deadline and median month (2, n_land) of it and of upgrades."""

    def make() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        delivery = sources.config.section("delivery")
        chance, median = schedule_tables(delivery, delivery.months_to_end_of(sources.config.project.energise_by))
        at = _cells(sources)
        return everywhere(sources).left_mw, np.stack([c[at] for c in chance]), np.stack([m[at] for m in median])

    return sources.once(("grid power", "dates"), make)


@layer(
    layer_id="headroom_25km_mw",
    family="grid_capacity",
    title="Load-hosting headroom within 25 km (screening estimate)",
    unit="MW",
    meaning="Largest load that a station of 230 kV or more within 25 km could take on a summer peak with any one line nearby "
    "out of service: median of the power-flow draws; 0 where there is no such station.",
    better="high",
    valid=(0.0, 100_000.0),
    sources=(HEADROOM,),
    grade="E4",
    caveat="A screening estimate, not available capacity: circuits and ratings are unknown, no queue, no planned projects, "
    "no voltages; the same megawatts show at every place around the station.",
)
def headroom_25km_mw(sources: Sources) -> Built:
    """Median N-1 headroom of the best station in reach."""
    stations = sources.features(HEADROOM)
    room = stations["n1_p50"].to_numpy(np.float32)
    best = sources.largest_within_km(stations.geometry.values, room, REACH_KM)
    labels = [f"{shown(n, near, v)} ({v} kV)" for n, near, v in zip(*(stations[c] for c in ("name", "near", "kv")), strict=True)]
    return Built(np.where(best >= 0, room[best], np.float32(0.0)), best, labels)


@layer(
    layer_id="grid_months_200mw",
    family="grid_capacity",
    title="Months to the first 200 MW from the grid",
    unit="months",
    meaning="Median month, from the start of the schedule, in which the first 200 MW (or the whole load if smaller) come from "
    "the grid: from today's headroom where it suffices, else after network upgrades of the region.",
    better="low",
    valid=(0.0, 600.0),
    sources=(*ABLE_FILES, RTO),
    grade="E5",
    caveat="Typical lengths of studies, lines and upgrades by market region, not a promise of any utility; no cut-in to a nearer "
    "line, no reuse of closed plants, no planned lines and no halls, which the list of sites does count.",
    parameters=lambda config: {**grid_settings(config), "by": 0},
)
def grid_months_200mw(sources: Sources) -> np.ndarray:
    """Median month of headroom or of the upgrades."""
    left, _, median = _dates(sources)
    return np.where(left >= min(FIRST_MW, sources.config.project.mw), median[0], median[1])


@layer(
    layer_id="grid_mw_by_date",
    family="grid_capacity",
    title="Megawatts from the grid by the deadline",
    unit="MW",
    meaning="Expected megawatts from the grid at project.energise_by: today's headroom times the chance that it is connected by "
    "then, and the rest of the load times the chance that the upgrades are.",
    better="high",
    valid=(0.0, 20_000.0),
    sources=(*ABLE_FILES, RTO),
    grade="E5",
    caveat="An expectation over typical lengths of studies, lines and upgrades; no cut-in to a nearer line, no reuse of closed "
    "plants, no planned lines and no halls, which the list of sites does count.",
    parameters=grid_settings,
)
def grid_mw_by_date(sources: Sources) -> np.ndarray:
    """Expected megawatts over both tranches."""
    left, chance, _ = _dates(sources)
    whole = np.float32(sources.config.project.mw)
    now = np.minimum(left, whole)
    return now * chance[0] + (whole - now) * chance[1]
