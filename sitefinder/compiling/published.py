"""Layers beside what others have published: one row per total, written by a command into ``docs/layers-checked.md``."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sitefinder.compiling.federal_published import FEDERAL_PCT, SOURCE
from sitefinder.errors import DataError
from sitefinder.layers.files import COUNTIES, COUNTY_CROPLAND, COUNTY_LANDFORMS, LINES, PLANTS
from sitefinder.layers.package import DataPackage
from sitefinder.layers.residents import read_residents
from sitefinder.layers.stack import LayerStack
from sitefinder.units import M2_PER_ACRE, M2_PER_KM2, M_PER_MILE, MW_PER_GW

#: layers that the checks read
LAYERS = ("federal_pct", "open_water_pct", "flood_home_pct", "people_2km", "gentle_pct")
#: how far two figures may be apart: percent of the published one, or points where both are shares
PERCENT, POINTS = "%", "points"
#: how far the federal share of a state may be from the published one, points
FEDERAL_POINTS = 2.0


@dataclass(frozen=True)
class Published:
    """One published total.

    Parameters
    ----------
    check : str
        Key of ``CHECKS``.
    place : str
        Postal code of a state, or what the total is over.
    value : float
    unit : str
    tolerance : float
    tolerance_unit : "%" or "points"
        Percent of the value, or points of it where the unit is a share.
    source : str
    """

    check: str
    place: str
    value: float
    unit: str
    tolerance: float
    tolerance_unit: str
    source: str


@dataclass(frozen=True)
class Compared:
    """A published total, what the layer says, and whether both agree.

    Parameters
    ----------
    published : Published
    ours : float
        In the published unit; NaN where the layer does not know.
    """

    published: Published
    ours: float

    @property
    def difference(self) -> float:
        """Ours less the published, in the unit of the tolerance."""
        apart = self.ours - self.published.value
        return apart if self.published.tolerance_unit == POINTS else 100.0 * apart / self.published.value

    @property
    def agrees(self) -> bool:
        """Whether the difference is known and not above the tolerance."""
        return bool(abs(self.difference) <= self.published.tolerance)


@dataclass(frozen=True)
class Measured:
    """What the checks read.

    Parameters
    ----------
    stack : LayerStack
        With the layers of ``LAYERS``.
    package : DataPackage
    """

    stack: LayerStack
    package: DataPackage

    def state_mean(self, layer_id: str, state: str) -> float:
        """Mean of a layer over the land cells of a state; NaN where there is none."""
        values = self.stack.values(layer_id)[self.cells_of(state)]
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")

    def cells_of(self, state: str) -> np.ndarray:
        """(n_land,) bool cells of a state."""
        rows = np.array([county["state"] == state for county in self.stack.zones.names["county"]])
        return rows[self.stack.zones.county]

    def cell_km2(self) -> float:
        """Area of a cell."""
        return self.stack.land.grid.resolution_m**2 / M2_PER_KM2


def read_published(path: Path) -> list[Published]:
    """Rows of the table of published totals.

    Those of federal land are added from the table that the map is fitted to, which stands once.

    Raises
    ------
    DataError
        A row names no check of ``CHECKS`` or a number cannot be read.
    """
    totals = [
        Published("federal_land", state, share, "%", FEDERAL_POINTS, POINTS, SOURCE)
        for state, share in sorted(FEDERAL_PCT.items())
    ]
    for number, row in enumerate(csv.DictReader(path.read_text(encoding="utf-8").splitlines()), start=2):
        try:
            tolerance, unit = row["tolerance"].split()
            total = Published(
                row["check"], row["place"], float(row["published"]), row["unit"], float(tolerance), unit, row["source"]
            )
        except (KeyError, ValueError) as error:
            raise DataError(
                f"Invalid row {number} of {path}: {error}. Columns: check, place, published, unit, tolerance."
            ) from None
        if total.check not in CHECKS or total.tolerance_unit not in (PERCENT, POINTS):
            raise DataError(f"Invalid row {number} of {path}: check '{total.check}', tolerance '{row['tolerance']}'.")
        totals.append(total)
    return totals


def compared(totals: Sequence[Published], measured: Measured) -> list[Compared]:
    """Each total beside what the layers say."""
    return [Compared(total, CHECKS[total.check](measured, total.place)) for total in totals]


def table_text(rows: Sequence[Compared], heading: str) -> str:
    """Markdown of the table: a summary by check, then every row."""
    out = io.StringIO()
    out.write(heading)
    out.write("| check | totals | agree | largest difference | at | source |\n|---|---:|---:|---:|---|---|\n")
    for check in dict.fromkeys(row.published.check for row in rows):
        of = [row for row in rows if row.published.check == check]
        worst = max(of, key=lambda row: abs(row.difference))
        sources = "; ".join(dict.fromkeys(row.published.source for row in of))
        out.write(
            f"| {TITLES[check]} | {len(of)} | {sum(row.agrees for row in of)} | {_difference(worst)} | {worst.published.place} "
            f"| {sources} |\n"
        )
    out.write(
        "\n| check | place | published | here | unit | difference | tolerance | agrees |\n|---|---|---:|---:|---|---:|---:|---|\n"
    )
    for row in rows:
        total, decimals = row.published, 1 if row.published.unit == "%" else 0
        cells = (
            TITLES[total.check], total.place, f"{total.value:,.{decimals}f}", f"{row.ours:,.{decimals}f}", total.unit,
            _difference(row), f"{total.tolerance:g} {total.tolerance_unit}", "yes" if row.agrees else "no",
        )  # fmt: skip
        out.write(f"| {' | '.join(cells)} |\n")
    return out.getvalue()


def _difference(row: Compared) -> str:
    return f"{row.difference:+.1f} {row.published.tolerance_unit}"


def _federal_land(measured: Measured, state: str) -> float:
    return measured.state_mean("federal_pct", state)


def _land_area(measured: Measured, state: str) -> float:
    """Square kilometres that are not open water."""
    water = measured.stack.values("open_water_pct")[measured.cells_of(state)]
    return float((1.0 - water / 100.0).sum(dtype=np.float64)) * measured.cell_km2()


def _population(measured: Measured, _place: str) -> float:
    return float(read_residents(measured.package)[0].sum(dtype=np.float64))


def _cropland(measured: Measured, _place: str) -> float:
    share = pd.read_parquet(measured.package.verified(COUNTY_CROPLAND)).set_index("fips")["cropland_share"]
    land_km2 = pd.read_parquet(measured.package.verified(COUNTIES), columns=["fips", "land_km2"]).set_index("fips")["land_km2"]
    return float((share * land_km2).sum() * M2_PER_KM2 / M2_PER_ACRE)


def _homes_in_flood_zone(measured: Measured, _place: str) -> float:
    """Share of homes, weighted by residents for want of homes in the compiled layer."""
    share = measured.stack.values("flood_home_pct").astype(np.float64)
    people = measured.stack.values("people_2km").astype(np.float64)
    known = np.isfinite(share) & np.isfinite(people)
    return float(np.average(share[known], weights=people[known]))


def _line_miles(measured: Measured, place: str) -> float:
    import geopandas

    lines = geopandas.read_parquet(measured.package.verified(LINES))
    kv = int(place.split()[0])
    return float(lines.length[(lines["kv_class"] == kv) & ~lines["is_dc"]].sum() / M_PER_MILE)


def _plant_capacity(measured: Measured, place: str) -> float:
    """Gigawatts of the kind of plant that the place names."""
    column = f"mw_{place}"
    return float(measured.package.columns(PLANTS, (column,))[column].sum() / MW_PER_GW)


def _gentle_land(measured: Measured, _place: str) -> float:
    """Counties whose mean share of gentle land lies in the limits of their published class or of the next, percent."""
    forms = pd.read_parquet(measured.package.verified(COUNTY_LANDFORMS)).set_index("fips")
    values, zone = measured.stack.values("gentle_pct"), measured.stack.zones.county
    rows = np.array([county["fips"] for county in measured.stack.zones.names["county"]])
    cells = np.bincount(zone, minlength=rows.size)
    mean = pd.Series(np.bincount(zone, values, rows.size) / np.maximum(cells, 1), rows)[cells > 0]
    forms = forms.loc[forms.index.intersection(mean.index)]
    limits = np.array(sorted({*forms["gentle_low_pct"], *forms["gentle_high_pct"]}))
    ours = np.digitize(mean[forms.index], limits[1:-1])
    theirs = np.searchsorted(limits, forms["gentle_low_pct"])
    return float(100.0 * np.mean(np.abs(ours - theirs) <= 1))


#: check -> what the layers say of a place
CHECKS: Mapping[str, Callable[[Measured, str], float]] = {
    "federal_land": _federal_land,
    "land_area": _land_area,
    "population": _population,
    "cropland": _cropland,
    "homes_in_flood_zone": _homes_in_flood_zone,
    "gentle_land": _gentle_land,
    "line_miles": _line_miles,
    "plant_capacity": _plant_capacity,
}
TITLES: Mapping[str, str] = {
    "federal_land": "Federal land, share of the land",
    "land_area": "Land without open water",
    "population": "Residents",
    "cropland": "Cropland",
    "homes_in_flood_zone": "Homes in the 1 % flood zone",
    "gentle_land": "Gently sloping land: counties in their class or the next",
    "line_miles": "Transmission lines of a voltage class",
    "plant_capacity": "Operating power plants of a kind",
}
