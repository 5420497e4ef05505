"""What was decided around a campus."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer

from sitefinder.layers.package import DataPackage
from sitefinder.sites.decided import StateLaw, county_words, decided, law_words
from tests.helpers.paths import DATA


def around(lon: float, lat: float, **county: str):
    """What was decided around a place on the real data."""
    xy = np.array([Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True).transform(lon, lat)])
    return decided(DataPackage(DATA), xy, [[county]])[0]


def test_projects_near_are_named_with_outcome_day_and_source():
    """Project Sail at Newnan in Coweta County; the project refused in Fayetteville lies 25 km east of it at most."""
    words = around(-84.75, 33.35, name="Coweta", fips="13077", state="GA").contested
    assert "Project Sail (Atlas Development, 829 acres, about 900 MW): rezoned 3-2 with 17 conditions on 2026-04-07" in words
    assert "(Coweta County, GA, its point 0 km off) [register of local moratoria, 2026-04-30]" in words
    assert words.endswith(
        "Coweta, GA: 0 blocked, 0 went ahead, 1 mixed, 1 undecided, last on 2026-06-24 "
        "[register of events, 2018-03 to 2026-08; no names]"
    )


def test_projects_of_other_places_are_not_named():
    """Northern Montana has neither a project nor an event."""
    words, law = around(-109.0, 48.5, name="Blaine", fips="30005", state="MT")
    assert words == "none named within 25 km. Blaine, MT: no event on record, which is no consent"
    assert law.startswith(
        "bill to stop data centers or let localities do so: none pending; sales-tax exemption: no; large-load tariff: no "
    )


def test_a_county_instrument_names_its_projects_everywhere_in_the_county():
    """A corner of Mercer County ND 40 km from its point still belongs to it."""
    assert "River Run Energy Center" in around(-102.1, 47.45, name="Mercer", fips="38057", state="ND").contested


@pytest.mark.parametrize("row", [None, StateLaw("OH", None, None, None, None)])
def test_a_state_that_nobody_coded_is_unknown(row):
    """A state without a row, or without codes, is not one that has no bill."""
    assert law_words(row) is None


def test_a_paused_exemption_is_not_an_exemption():
    """Ohio takes no new requests since May 2026, Arizona none from July; Texas does, California is unknown."""
    said = {s: around(-100.0, 40.0, name="A", fips="00000", state=s).state_law for s in ("OH", "AZ", "TX", "CA")}
    assert "sales-tax exemption: paused for new applicants;" in said["OH"]
    assert "sales-tax exemption: paused for new applicants;" in said["AZ"]
    assert "sales-tax exemption: yes;" in said["TX"]
    assert "sales-tax exemption: unknown;" in said["CA"]


def test_a_county_without_a_row_has_no_event():
    """Counties outside the register of events."""
    assert county_words({"name": "Loving", "state": "TX"}, None, "2026-08").startswith("Loving, TX: no event on record")


def test_a_second_county_has_its_own_word_and_a_second_state_its_law():
    """A campus at Henry County VA with a quarter in Pittsylvania, and one in Oklahoma that reaches into Arkansas."""
    xy = np.array([[1_500_000.0, 1_650_000.0]])
    henry, pittsylvania = ({"name": n, "fips": f, "state": "VA"} for n, f in (("Henry", "51089"), ("Pittsylvania", "51143")))
    words, law = decided(DataPackage(DATA), xy, [[henry, pittsylvania]])[0]
    assert "Henry, VA: no event on record, which is no consent. Pittsylvania, VA: 1 blocked, 2 went ahead" in words
    assert law.count("bill to stop") == 1
    le_flore, sebastian = (
        {"name": "Le Flore", "fips": "40079", "state": "OK"},
        {"name": "Sebastian", "fips": "05131", "state": "AR"},
    )
    law = decided(DataPackage(DATA), xy, [[le_flore, sebastian]])[0].state_law
    assert law.startswith("OK: bill to stop")
    assert ". AR: bill to stop" in law
