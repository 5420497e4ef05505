"""The corrected map of federal land: by state, and at places that anyone can look up."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import rasterio.features
from pyproj import Transformer

from sitefinder.compiling.base import CRS
from sitefinder.compiling.federal import CELL_M, DESERT_COUNTIES, LEAST_SHARE, MOST_ABOVE, Drawn, calibrated, physical
from sitefinder.compiling.federal_published import FEDERAL_PCT
from sitefinder.units import M2_PER_ACRE, M2_PER_KM2
from tests.helpers.paths import DATA

TO_ALBERS = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
#: how far a state may be from the published table, points
POINTS = 2.0
#: codes of two states of the synthetic cases
NEVADA, CALIFORNIA = 32, 6


@pytest.fixture(scope="module")
def federal():
    """Compiled share, 0 to 1, NaN = outside the country, and its transform."""
    with rasterio.open(DATA / "land" / "federal_pct.tif") as source:
        return source.read(1, masked=True).astype("float32").filled(np.nan) / 100.0, source.transform


def zones(federal, polygons):
    """Row number + 1 of the polygon at each cell centre, 0 = none."""
    shapes = [(polygon, row + 1) for row, polygon in enumerate(polygons)]
    return rasterio.features.rasterize(shapes, out_shape=federal[0].shape, transform=federal[1], dtype="int32")


def at(federal, lat, lon):
    """Share of the cell at a place."""
    x, y = TO_ALBERS.transform(lon, lat)
    return federal[0][int((federal[1].f - y) / CELL_M), int((x - federal[1].c) / CELL_M)]


def test_every_state_is_within_two_points_of_the_published_table(federal):
    """Mean over the state's known cells: what the map was fitted to."""
    states = gpd.read_parquet(DATA / "boundaries" / "states.parquet").set_index("code")
    zone = zones(federal, states.geometry)
    means = {code: 100.0 * np.nanmean(federal[0][zone == row + 1]) for row, code in enumerate(states.index)}
    apart = {
        code: round(float(means[code] - pct), 2) for code, pct in FEDERAL_PCT.items() if not abs(means[code] - pct) <= POINTS
    }
    assert apart == {}


@pytest.mark.parametrize(
    ("place", "lat", "lon"),
    [
        ("El Centro", 32.79, -115.56),
        ("Brawley", 32.98, -115.53),
        ("Calipatria", 33.12, -115.51),
        ("Holtville", 32.81, -115.38),
        ("Indio", 33.72, -116.22),
        ("Thermal", 33.64, -116.14),
        ("Mecca", 33.57, -116.08),
        ("Blythe", 33.61, -114.60),
        ("Lancaster", 34.69, -118.15),
        ("Tahoe-Reno industrial center", 39.53, -119.45),
    ],
)
def test_towns_and_fields_are_private(federal, place, lat, lon):
    """The irrigated valleys of the Californian desert, which the drawing paints as federal."""
    assert at(federal, lat, lon) < 0.05


@pytest.mark.parametrize(
    ("place", "lat", "lon"),
    [
        ("Death Valley", 36.46, -116.87),
        ("Yellowstone", 44.60, -110.50),
        ("Everglades", 25.60, -80.90),
        ("Nevada Test Site", 37.00, -116.05),
        ("White Sands Missile Range", 33.20, -106.40),
        ("Utah Test and Training Range", 40.20, -113.30),
        ("Hanford", 46.55, -119.50),
    ],
)
def test_parks_ranges_and_energy_sites_are_federal(federal, place, lat, lon):
    """Whatever agency holds them."""
    assert at(federal, lat, lon) > 0.95


def test_a_forest_of_the_east_is_mixed(federal):
    """Daniel Boone National Forest owns 708,000 of the 2.1 million acres inside its boundary, 34 %, as it says."""
    units = gpd.read_parquet(DATA / "land" / "parks_forests.parquet")
    inside = zones(federal, units.geometry[units.name == "Daniel Boone National Forest"]) == 1
    assert inside.sum() * M2_PER_KM2 / M2_PER_ACRE == pytest.approx(2.1e6, rel=0.1)
    assert 0.24 < np.nanmean(federal[0][inside]) < 0.44


def test_forests_hold_about_the_published_acres(federal):
    """193.0 million acres (Land Areas Report of 2020) less 22.1 in Alaska; the outlines hold 215, and the drawing 198 of them."""
    units = gpd.read_parquet(DATA / "land" / "parks_forests.parquet")
    inside = zones(federal, units.geometry[units.kind == "national_forest"]) > 0
    acres = np.nansum(federal[0][inside]) * M2_PER_KM2 / M2_PER_ACRE
    assert acres == pytest.approx(170.9e6, rel=0.08)


def test_imperial_county_is_half_federal(federal):
    """As its general plan says; the drawing has 95 %. Land without a federal share is more than its 504,037 acres of cropland."""
    counties = gpd.read_parquet(DATA / "boundaries" / "counties.parquet")
    inside = zones(federal, counties.geometry[counties.fips == "06025"]) == 1
    assert 0.40 < np.nanmean(federal[0][inside]) < 0.58
    assert (federal[0][inside] < 0.05).sum() * M2_PER_KM2 / M2_PER_ACRE > 504_037


def test_the_table_of_states_says_what_the_fit_did(federal):
    """Factors within their bounds, California drawn 9.8 points too high, and the fit no farther than the bound allows."""
    table = pd.read_parquet(DATA / "land" / "state_federal.parquet").set_index("state")
    assert set(table.index) == set(FEDERAL_PCT)
    known = table.factor.dropna()
    assert known.between(LEAST_SHARE, 1.0).all()
    assert table.drawn_pct["CA"] - FEDERAL_PCT["CA"] == pytest.approx(9.8, abs=0.1)
    assert table.physical_pct["CA"] < table.drawn_pct["CA"] - 4.0
    # the factors are those of the Land Areas Report (K): federal over gross acres
    for state, share in {"VA": 0.52, "MO": 0.50, "AR": 0.73, "WI": 0.74, "WA": 0.92, "CA": 0.86}.items():
        assert known[state] == pytest.approx(share, abs=0.05)


def test_forests_that_are_half_private_pass_the_gate_and_federal_ones_do_not(default_config):
    """Virginia, Missouri and North Carolina against Idaho, Oregon and Arkansas; the gate lies in a gap of the factors."""
    factor = pd.read_parquet(DATA / "land" / "state_federal.parquet").set_index("state").factor
    gate = default_config.config.exclusions["federal_land"]
    assert all(100.0 * factor[state] < gate.above for state in ("VA", "MO", "NC"))
    assert all(100.0 * factor[state] > gate.above for state in ("ID", "OR", "AR"))
    assert not (100.0 * factor).between(gate.above - 2.0, gate.above + 2.0).any()


def drawn(**over):
    """Four desert cells of California and four of Nevada, all painted; one Nevadan in four is not."""
    shape = (2, 4)
    cells = Drawn(
        painted=np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0]], "float32"),
        forest=np.zeros(shape),
        park=np.zeros(shape),
        tribal=np.zeros(shape),
        cover=np.full(shape, 16),
        people=np.zeros(shape),
        slope=np.zeros(shape),
        height=np.full(shape, 500.0),
        state=np.repeat([[CALIFORNIA], [NEVADA]], 4, axis=1),
        county=np.repeat([[int(DESERT_COUNTIES[0])], [32003]], 4, axis=1),
    )
    return replace(cells, **over)


def test_the_desert_takes_the_share_of_its_neighbour():
    """Three quarters, except fields, towns and the floor of the trough, which are private, and a park, which is federal."""
    cover, height, park = np.full((2, 4), 16), np.full((2, 4), 500.0), np.zeros((2, 4))
    cover[0, 0], height[0, 1], park[0, 2] = 12, -30.0, 1.0
    likely, unseen = physical(drawn(cover=cover, height=height, park=park), NEVADA)
    assert likely[0].tolist() == [0.0, 0.0, 1.0, 0.75]
    assert unseen[0].tolist() == [True, True, False, True]
    assert likely[1].tolist() == [1.0, 1.0, 1.0, 0.0]


def test_trust_land_is_not_federal_and_the_sea_stays_unknown():
    """A reservation painted as federal; a cell outside the country."""
    painted, tribal = np.ones((2, 4), "float32"), np.zeros((2, 4))
    painted[1, 0], tribal[1, 1] = np.nan, 1.0
    likely, _ = physical(drawn(painted=painted, tribal=tribal), NEVADA)
    assert np.isnan(likely[1, 0])
    assert likely[1, 1:].tolist() == [0.0, 1.0, 1.0]


def test_one_factor_meets_the_table_within_its_bounds():
    """Half of Kentucky is a forest: the factor wanted is below its bound. Utah's meets the table; Iowa has no forest."""
    codes = {name: row for row, name in enumerate(sorted(FEDERAL_PCT), start=1)}
    state = np.repeat(np.arange(1, 49)[:, None], 100, axis=1)
    likely, unseen = np.zeros(state.shape), np.zeros(state.shape)
    for name in ("KY", "UT", "NV"):
        likely[codes[name] - 1, :90] = unseen[codes[name] - 1, :90] = 1.0
    federal, table = calibrated(likely, unseen, state, codes)
    table = table.set_index("state")
    assert table.factor["KY"] == LEAST_SHARE
    assert table.federal_pct["UT"] == pytest.approx(FEDERAL_PCT["UT"])
    assert table.federal_pct["NV"] == pytest.approx(FEDERAL_PCT["NV"] + MOST_ABOVE)
    assert np.isnan(table.factor["IA"])
    assert federal[codes["UT"] - 1, 95] == 0.0
