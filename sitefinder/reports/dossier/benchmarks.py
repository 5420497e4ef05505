"""Named campuses that every dossier stands beside, and the sites of a run that stand for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sitefinder.grid import great_circle_km
from sitefinder.results.run import Entry, Run

#: name -> latitude and longitude (public reports of both places)
BENCHMARKS: Mapping[str, tuple[float, float]] = {
    "Portsmouth site, Piketon OH": (39.013, -83.001),
    "Abilene TX": (32.50, -99.78),
}
#: a site this near stands for the campus, km (J: one campus)
NEAR_KM = 8.0


def benchmark_sites(run: Run, known: Sequence[Entry] = ()) -> list[tuple[str, Entry | None]]:
    """Name and site of each named campus; None where no site is near.

    Parameters
    ----------
    run : Run
    known : sequence of Entry
        Named campuses that were put through the same screen besides.
    """
    entries = [*run.own, *known, *run.sites]
    return [(name, _nearest(entries, lat, lon)) for name, (lat, lon) in BENCHMARKS.items()]


def _nearest(entries: Sequence[Entry], lat: float, lon: float) -> Entry | None:
    """The site nearest to a point within :data:`NEAR_KM`, the user's own before those of the national list."""
    places = np.array([(e.site.place.lat, e.site.place.lon) for e in entries]).reshape(-1, 2)
    km = great_circle_km(lat, lon, places[:, 0], places[:, 1])
    near = [int(i) for i in np.flatnonzero(km <= NEAR_KM)]
    return entries[min(near, key=lambda i: (entries[i].site.own is None, km[i]))] if near else None
