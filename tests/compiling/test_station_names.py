"""Names of substations: as people write them, and from where the register has none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sitefinder.compiling.station_names import named, near_towns, tidy
from tests.helpers.paths import DATA


@pytest.mark.parametrize(
    ("register", "name"),
    [
        ("KAMMER (138KV)", "Kammer"),
        ("HOSENSACK (500 KV SUB)", "Hosensack"),
        ("RIVERTON 230/115 KV", "Riverton"),
        ("CALEDONIA 500 KV SWITCHING YARD", "Caledonia"),
        ("230-KV WEST", "West"),
        ("ELM MOTT 345", "Elm Mott"),
        ("CALAVERAS 345 SWITCHYARD", "Calaveras"),
        ("ST. JOHN", "St. John"),
        ("R.P.MONE", "R.P.Mone"),
        ("W.A. PARISH (138KV)", "W.A. Parish"),
        ("WEST MCINTOSH (POWERSOUTH)", "West McIntosh (Powersouth)"),
        ("HELM'S PUMPED STORAGE", "Helm's Pumped Storage"),
        ("O'BRIEN", "O'Brien"),
        ("LCRA LOST PINES", "LCRA Lost Pines"),
        ("CARMEL 146TH ST", "Carmel 146th St"),
        ("HVDC B2B STATION HUDSON", "HVDC B2B Station Hudson"),
        ("CITY OF THE DALLES", "City of the Dalles"),
        ("SUB 39", "Sub 39"),
    ],
)
def test_names_are_written_as_people_write_them(register, name):
    """Without voltages, which are those of another section as often as not; words in capitals only where they are initials."""
    assert tidy(register) == name


@pytest.mark.parametrize(
    "register", ["UNKNOWN123456", "TAP160475", "RISER142183", "DEADEND167225", "NOT AVAILABLE", "", None, np.nan]
)
def test_placeholders_are_no_names(register):
    """They are unknown."""
    assert tidy(register) is None


PLANTS = pd.DataFrame({"name": ["Rockport", "Solar Roof"], "mw": [2600.0, 2.0]})
PLANTS_XY = np.array([[10_000.0, 0.0], [20_000.0, 0.0]])
CLOSED = pd.DataFrame({"name": ["Elmer Smith", "Philip Sporn"], "mw": [445.0, 99.0]})
CLOSED_XY = np.array([[10_500.0, 0.0], [40_000.0, 0.0]])


def test_an_unnamed_station_takes_the_name_of_its_yard_or_plant():
    """Within 300 m of a name, else 1 km of a plant of 100 MW, else 700 m of a closed one; a distribution yard is left unnamed."""
    stations = pd.DataFrame(
        {
            "sub_name": ["KAMMER (138KV)", "UNKNOWN1", "UNKNOWN2", "UNKNOWN3", "UNKNOWN4", None, None, None],
            "kv_class": [138, 765, 345, 345, 69, 500, 345, 345],
        }
    )
    xy = np.array([[0.0, 0], [250, 0], [10_900, 0], [20_100, 0], [100, 0], [11_100, 0], [11_300, 0], [40_000, 0]], float)
    found = named(stations, xy, PLANTS, PLANTS_XY, CLOSED, CLOSED_XY)
    assert found["name"].dropna().to_dict() == {0: "Kammer", 1: "Kammer", 2: "at Rockport", 5: "at former Elmer Smith"}
    assert found["name_basis"].dropna().tolist() == ["register", "same_yard", "power_plant", "closed_plant"]


def test_what_stays_unnamed_is_told_by_its_town():
    """Only stations of 230 kV and more that have no name; at least a kilometre."""
    towns = gpd.GeoDataFrame({"name": ["Piketon"], "state": ["OH"]}, geometry=[shapely.Point(0, 0)], crs="EPSG:5070")
    name, kv = np.array([None, None, "Kammer", None], object), np.array([345, 69, 765, 230])
    xy = np.array([[4_200.0, 0], [0.0, 0], [0.0, 0], [100.0, 0]])
    assert near_towns(name, kv, xy, towns).tolist() == ["Piketon OH, 4 km", None, None, "Piketon OH, 1 km"]


def test_every_large_station_of_the_data_has_a_name_or_a_town():
    """No name holds a voltage in brackets or a number of the register; the 765 kV yard of Kammer is called Kammer."""
    stations = pd.read_parquet(DATA / "grid/substations.parquet", columns=["name", "near", "kv_class", "name_basis"])
    large = stations[stations["kv_class"] >= 230]
    assert (large["name"].notna() ^ large["near"].notna()).all()
    names = large["name"].dropna()
    assert not names.str.contains(r"\(\s*\d+\s*KV|UNKNOWN|TAP\d|RISER\d", case=False).any()
    assert "Kammer" in set(large.loc[large["kv_class"] == 765, "name"])
    assert (large["name_basis"].value_counts() > 30).all()
    assert {"at former Elmer Smith", "at former Joliet 29", "at former Tanners Creek"} <= set(names)
