"""A run of an area against one of the country: the same places have the same numbers, and nothing lies outside."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import rasterio
import shapely

from sitefinder.certainty.columns import CertaintyPart
from sitefinder.config import load_config
from sitefinder.errors import ConfigError
from sitefinder.grid import from_lonlat
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import open_stack
from sitefinder.pipeline.area import bounds_of, of_area
from sitefinder.pipeline.finished import rebuilt
from sitefinder.pipeline.stages import run
from tests.helpers.paths import DATA, ROOT
from tests.helpers.stacks import used

#: built layers of the country
pytestmark = pytest.mark.stack

DEFAULT = ROOT / "config" / "default.yaml"
COARSE = {
    "grid.resolution_m": "25000",
    "candidates.count": "150",
    "candidates.spacing_km": "60",
    "delivery.draws": "200",
    "uncertainty.draws": "200",
    "uncertainty.campuses": "150",
}
TEXAS = COARSE | {"area": "{where: [TX, OK], not_in: ['48453']}"}
#: columns that say how a site stands among the others
RELATIVE = {"rank", *CertaintyPart.names(), "national_rank"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Results of the country and of Texas and Oklahoma without Travis County, each with a site of the user's own in Ohio."""
    home = tmp_path_factory.mktemp("area")
    own = home / "mine.csv"
    own.write_text("name,lat,lon\nPiketon,39.013,-83.001\n", encoding="utf-8")
    cache = used(home / "cache")
    for name, settings in (("country", COARSE), ("texas", TEXAS)):
        run(load_config(DEFAULT, settings), out=home / name, data=DATA, cache=cache, sites=own, with_map=name == "texas")
    return home


def _sites(folder, name="sites.geojson"):
    features = json.loads((folder / name).read_text(encoding="utf-8"))["features"]
    return {f["properties"]["site_id"]: f for f in features}


def _same(feature):
    return {k: v for k, v in feature["properties"].items() if k not in RELATIVE}, feature["geometry"]


def test_the_same_places_have_the_same_numbers(folders):
    """Every column but those that compare a site with the others, and the outline."""
    country, texas = _sites(folders / "country"), _sites(folders / "texas")
    both = country.keys() & texas.keys()
    assert len(both) >= 8
    for key in both:
        assert _same(texas[key]) == _same(country[key])


def test_all_sites_lie_in_the_area(folders):
    """More of them than the list of the country has there."""
    country, texas = _sites(folders / "country"), _sites(folders / "texas")
    assert {f["properties"]["state"] for f in texas.values()} == {"TX", "OK"}
    assert "48453" not in {f["properties"]["county_fips"] for f in texas.values()}
    assert len(texas) > sum(f["properties"]["state"] in ("TX", "OK") for f in country.values())


def test_own_sites_are_scored_wherever_they_lie(folders):
    """Ohio is not in Texas."""
    country, texas = (_sites(folders / name, "own_sites.geojson") for name in ("country", "texas"))
    assert {k: _same(f) for k, f in texas.items()} == {k: _same(f) for k, f in country.items()}
    assert len(texas) == 1


@pytest.mark.parametrize("name", ["suitability.tif", "weighted.tif", "ml.tif", "exclusions.tif"])
def test_rasters_hold_the_area_alone(folders, name):
    """Its cells have the values of the country, the others none."""
    with rasterio.open(folders / "country" / name) as of_country, rasterio.open(folders / "texas" / name) as of_texas:
        country, texas = of_country.read(1), of_texas.read(1)
    outside = np.unique(texas[texas >= 1 << 31]) if name == "exclusions.tif" else None
    assert outside is None or outside.tolist() == [1 << 31]
    inside = texas < 1 << 31 if name == "exclusions.tif" else ~np.isnan(texas)
    assert 50 < inside.sum() < 0.2 * (country < 1 << 31 if name == "exclusions.tif" else ~np.isnan(country)).sum()
    assert (texas[inside] == country[inside]).all()


def test_the_ledger_counts_the_area_alone(folders):
    """Acres of Texas and Oklahoma: about 217 million, by cells of 25 km."""
    ledger = json.loads((folders / "texas" / "run.json").read_text(encoding="utf-8"))["land_ledger_acres"]
    assert ledger["land"]["acres"] == pytest.approx(217e6, rel=0.03)


def test_the_map_begins_at_the_area_and_can_be_written_again(folders):
    """The same bytes from the finished run."""
    page = (folders / "texas" / "map.html").read_bytes()
    at = page.index(b'"bounds":[') + len(b'"bounds":[')
    west, south, east, north = (float(x) for x in page[at : page.index(b"]", at)].split(b","))
    assert (math.floor(west), math.floor(south), math.ceil(east), math.ceil(north)) == pytest.approx((-107, 25, -93, 38), abs=1)
    assert rebuilt(folders / "texas", data=DATA, cache=folders / "cache") == page


@pytest.fixture(scope="module")
def stack(folders):
    """Two layers of the country."""
    return open_stack(DataPackage(DATA), load_config(DEFAULT, COARSE), ["slope_pct", "town_km"], cache_folder=folders / "cache")


def _area(stack, text, own=()):
    return of_area(stack, load_config(DEFAULT, COARSE | {"area": text}), DataPackage(DATA), own)


def test_without_an_area_the_stack_is_that_of_the_country(stack):
    """And the map shows the country."""
    assert _area(stack, "{}") is stack
    assert bounds_of(stack, load_config(DEFAULT, COARSE).config) is None


def test_land_of_own_sites_is_part_of_the_stack(stack):
    """A parcel far away, with what surrounds it, but it is not inside."""
    x, y = from_lonlat(-83.0, 39.0)
    parcel = shapely.box(x - 60_000, y - 60_000, x + 60_000, y + 60_000)
    area = _area(stack, "{where: [TX]}", [parcel])
    rows, cols = area.land.grid.cell_at(
        *(np.linspace(a, b, 9) for a, b in zip(parcel.bounds[:2], parcel.bounds[2:], strict=True))
    )
    index = area.land.index_of(rows * area.land.grid.width + cols)
    assert (index >= 0).all()
    assert not area.inside[index].any()


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("{where: [TXX]}", {}, "did you mean 'TX'"),
        ("{near: [26.0, -90.0, 30]}", {}, "No land cell lies in it"),
        ("{where: [TX]}", {"candidates.keep": "sites.geojson"}, "candidates.keep"),
    ],
)
def test_areas_that_cannot_be_are_refused(stack, text, more, said):
    """One line with the key and the remedy."""
    file = load_config(DEFAULT, COARSE | {"area": text} | more)
    with pytest.raises(ConfigError) as refusal:
        of_area(stack, file, DataPackage(DATA))
    assert said in str(refusal.value)
    assert "area" in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
