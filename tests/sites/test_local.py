"""Facts of the county, the state and the water supplier around a place, on the real data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import Transformer

from sitefinder.layers.package import DataPackage
from sitefinder.sites.local import AT_LEAST, COUNTED, Groundwater, Rights, groundwater_words, local_parts, rights_words
from tests.helpers.paths import DATA


def at(lat: float, lon: float, fips: str, state: str):
    """Facts at a place."""
    xy = np.array([Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True).transform(lon, lat)])
    return local_parts(DataPackage(DATA), xy, [{"fips": fips, "state": state}])[0]


def test_phoenix_lies_in_an_area_and_its_groundwater_is_managed():
    """City of Phoenix; the active management areas cover 58 % of Maricopa County."""
    part = at(33.45, -112.07, "04013", "AZ")
    assert (part.supplier, part.supplier_km) == ("City of Phoenix", 0.0)
    assert part.groundwater.startswith("managed in 58 % of the county")
    assert part.rights.startswith("prior appropriation")
    assert part.flood_homes_basis == COUNTED


def test_a_place_between_suppliers_has_the_nearest_with_its_distance():
    """Central Nevada: Kingston, 47 km away; farther off none is named."""
    part = at(39.30, -116.50, "32015", "NV")
    assert part.supplier_km == pytest.approx(47, abs=2)
    assert part.groundwater == "not looked at in this state"
    none = at(40.95, -118.9, "32013", "NV")
    assert (none.supplier is None) == math.isnan(none.supplier_km)


def test_a_lower_bound_is_called_one():
    """Poquoson VA: FEMA gave no count of buildings; 59 % of the homes are insured in the zone alone."""
    part = at(37.12, -76.35, "51735", "VA")
    assert part.flood_homes_pct == pytest.approx(58.7, abs=0.1)
    assert part.flood_homes_basis == AT_LEAST


def test_the_old_counties_of_connecticut_are_unknown():
    """FEMA counts by planning region."""
    part = at(41.76, -72.68, "09003", "CT")
    assert math.isnan(part.flood_homes_pct)
    assert part.flood_homes_basis is None


def test_withheld_cropland_stays_unknown():
    """Story County IA is cropland; Fresno County's figure is withheld."""
    known = at(42.03, -93.46, "19169", "IA")
    assert known.cropland_pct == pytest.approx(80, abs=10)
    assert 100 < known.acres_per_farm < 1000
    withheld = at(36.75, -119.65, "06019", "CA")
    assert math.isnan(withheld.cropland_pct)
    assert math.isnan(withheld.acres_per_farm)


@pytest.mark.parametrize(
    ("state", "row", "words"),
    [
        ("OH", None, "not looked at in this state"),
        ("TX", None, "county not on the list of its state"),
        ("TX", Groundwater("48453", None, "partial", "TCEQ"), "managed in a part of the county (TCEQ)"),
        ("AZ", Groundwater("04015", 0.09, "irrigation only (INA)", "ADWR"), "irrigation managed in 9 % of the county (ADWR)"),
    ],
)
def test_groundwater_that_nobody_looked_at_is_not_free(state, row, words):
    """Absence means something in three states only."""
    assert groundwater_words(state, row) == words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (None, None),
        (Rights("OH", "riparian", None), "rights of owners on the bank; permit not on record, which is no exemption"),
        (Rights("KY", "riparian", ">10k gpd"), "rights of owners on the bank; permit from 10,000 gallons a day"),
        (Rights("MI", "riparian", "Great Lakes withdrawal rules"), "rights of owners on the bank; Great Lakes withdrawal rules"),
        (Rights("TX", "hybrid", None), "prior appropriation beside rights of owners on the bank"),
    ],
)
def test_rights_are_told_with_their_permit(row, words):
    """A blank permit in a riparian state is not known."""
    assert rights_words(row) == words
