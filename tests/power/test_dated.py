"""Tables of campuses with known dates: what they say, and every way to get them wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sitefinder.config.early_power import Options
from sitefinder.errors import SitesError
from sitefinder.months import month_number
from sitefinder.power.dated import RESULTS, read_dated

GOOD = "name,lat,lon,commit\nAbilene,32.45,-99.73,2022-03\n"


def table(folder, text, name="dates.csv"):
    """The text as a file."""
    path = folder / name
    path.write_text(text)
    return path


def read(folder, text, options=None, **settings):
    """The campuses of a text."""
    return read_dated(table(folder, text), options or Options(), **settings)


def test_four_columns_suffice(tmp_path):
    """Load, pathway and dates stay unknown; nothing is in hand but the approvals, which who commits has."""
    found = read(tmp_path, GOOD)
    assert (found.names, found.lat.tolist(), found.lon.tolist()) == (["Abilene"], [32.45], [-99.73])
    assert found.commit.tolist() == [month_number("2022-03")]
    assert np.isnan(found.load_mw).all()
    assert (found.pathway, found.truth) == ([None], {})
    assert found.hand.approved.tolist() == [True]
    assert not found.hand.existing.any()


def test_headers_may_be_in_any_case_and_a_day_counts_as_its_month(tmp_path):
    """As spreadsheets write them."""
    found = read(tmp_path, "Name, LAT ,lon,Commit,Powered_Land\nA,32,-99,2022-03-15,YES\n")
    assert found.commit.tolist() == [month_number("2022-03")]
    assert found.hand.powered.tolist() == [True]


def test_what_is_in_hand_is_read_and_else_that_of_the_options(tmp_path):
    """An empty cell and a missing column say nothing; an owned MW is an owned connection, and so is a reused plant."""
    text = (
        "name,lat,lon,commit,flexible,existing_connection_mw,reused_plant,signed_mw,energisation,turbines_on_order_mw\n"
        "A,32,-99,2022-03,,120,,300,2023-01,\n"
        "B,32,-99,2022-03,0,,1,,,250\n"
    )
    hand = read(tmp_path, text, Options(flexible=True, battery=True)).hand
    assert hand.flexible.tolist() == [True, False]
    assert hand.battery.tolist() == [True, True]
    assert hand.existing.tolist() == [True, True]
    np.testing.assert_array_equal(hand.existing_mw, [120, np.nan])
    np.testing.assert_array_equal(hand.signed_mw, [300, np.nan])
    np.testing.assert_array_equal(hand.signed_months, [10, np.nan])
    np.testing.assert_array_equal(hand.ordered_mw, [np.nan, 250])


@pytest.mark.parametrize(
    ("word", "pathway"),
    [("hybrid", "hybrid"), ("on-site gas", "onsite_gas"), ("gas beside grid", "hybrid"), ("Non-firm", "non_firm"), ("", None)],
)
def test_words_of_a_pathway(tmp_path, word, pathway):
    """As tables write them."""
    assert read(tmp_path, f"name,lat,lon,commit,pathway\nA,32,-99,2022-03,{word}\n").pathway == [pathway]


def test_realised_dates_are_months_from_the_commitment(tmp_path):
    """Planned ones and missing ones had not come by the last look; without kinds all are realised."""
    text = (
        "name,lat,lon,commit,first_power,first_power_kind,date_200mw\n"
        "A,32,-99,2022-01,2023-07,r,2024-01\nB,32,-99,2022-01,2028-01,p,\nC,32,-99,2022-01,2023-03,p,2024-07\n"
    )
    found = read(tmp_path, text)
    first, second = found.truth["first_50mw"], found.truth["first_200mw"]
    assert set(found.truth) == {"first_50mw", "first_200mw"} < set(RESULTS)
    assert (first.came.tolist(), second.came.tolist()) == ([True, False, False], [True, False, True])
    # the last look is the latest realised month, 2024-07; a plan for 2023-03 that was not seen to come true says no more
    assert first.months.tolist() == [18, 30, 14]
    assert second.months.tolist() == [24, 30, 30]
    later = read(tmp_path, text, looked="2026-01").truth["first_50mw"]
    assert later.months.tolist() == [18, 48, 14]


def test_a_table_without_realised_dates_has_no_truth(tmp_path):
    """Plans alone score nothing."""
    assert (
        read(tmp_path, GOOD.replace("commit", "commit,first_power,first_power_kind").replace("-03\n", "-03,2024-01,p\n")).truth
        == {}
    )


def test_a_load_of_nothing_is_unknown_and_the_full_load_counts_first(tmp_path):
    """``mw_full`` before ``mw``."""
    found = read(tmp_path, "name,lat,lon,commit,mw,mw_full\nA,32,-99,2022-03,10,900\nB,32,-99,2022-03,10,0\n")
    np.testing.assert_array_equal(found.load_mw, [900, np.nan])


def test_parquet_is_read_like_csv(tmp_path):
    """The same campuses."""
    pd.DataFrame(
        {"name": ["Abilene"], "lat": [32.45], "lon": [-99.73], "commit": ["2022-03"], "flexible": [True], "mw_full": [np.nan]}
    ).to_parquet(tmp_path / "dates.parquet")
    found = read_dated(tmp_path / "dates.parquet", Options())
    assert (found.names, found.hand.flexible.tolist(), found.commit.tolist()) == (["Abilene"], [True], [month_number("2022-03")])
    assert np.isnan(found.load_mw).all()


HEAD = "name,lat,lon,commit"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,lat,commit\nA,32,2022-03\n", "lacks the column 'lon'. It needs name, lat, lon and commit (YYYY-MM)."),
        (f"{HEAD}\n", "holds no rows"),
        (f"{HEAD}\nA,32,-99,2022-03\nB,32,-99,\n", "row 2: commit is empty. Write YYYY-MM."),
        (f"{HEAD}\nA,32,-99,March 2022\n", "row 1: commit 'March 2022' is no month. Write YYYY-MM"),
        (f"{HEAD}\nA,32,-99,2022-13\n", "row 1: commit '2022-13' is no month"),
        (f"{HEAD}\nA,32,-99,2022-031\n", "row 1: commit '2022-031' is no month"),
        (f"{HEAD}\nA,north,-99,2022-03\n", "row 1: lat 'north' is no number from -90 to 90. Correct it."),
        (f"{HEAD}\nA,32,-199,2022-03\n", "row 1: lon '-199' is no number from -180 to 180"),
        (f"{HEAD}\nA,,-99,2022-03\n", "row 1: lat '' is no number"),
        (f"{HEAD},mw_full\nA,32,-99,2022-03,-5\n", "row 1: mw_full '-5' is no number from 0"),
        (f"{HEAD},signed_mw,energisation\nA,32,-99,2022-03,inf,2024-01\n", "row 1: signed_mw 'inf' must be a number"),
        (f"{HEAD},signed_mw\nA,32,-99,2022-03,300\n", "row 1: signed_mw and energisation belong together. Give both or neither."),
        (f"{HEAD},energisation\nA,32,-99,2022-03,2024-01\n", "row 1: signed_mw and energisation belong together"),
        (f"{HEAD},flexible\nA,32,-99,2022-03,1\nB,32,-99,2022-03,maybe\n", "row 2: flexible 'maybe' is neither yes nor no."),
        (f"{HEAD},first_power\nA,32,-99,2022-03,soon\n", "row 1: first_power 'soon' is no month"),
        (f"{HEAD},LAT\nA,32,-99,2022-03,33\n", "the column 'lat' stands twice. Remove one."),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_line_with_row_column_and_remedy(tmp_path, text, told):
    """The file, where in it, what is wrong, what to do."""
    with pytest.raises(SitesError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert told in message
    assert str(tmp_path / "dates.csv") in message
    assert "\n" not in message


@pytest.mark.parametrize("looked", ["2026", "2026-13", "today"])
def test_the_last_look_is_a_month(tmp_path, looked):
    """It is refused before anything is read."""
    with pytest.raises(SitesError, match=rf"^Invalid month of the last look '{looked}'\. Write YYYY-MM, e\.g\. 2026-07\.$"):
        read(tmp_path, GOOD, looked=looked)


@pytest.mark.parametrize(
    ("name", "content"),
    [("none.csv", None), ("dates.csv", b"\xff\xfe\x00x"), ("dates.csv", b""), ("d.parquet", b"PAR")],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, name, content):
    """Missing, of another encoding, empty, damaged."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SitesError, match=r"^Cannot read table [^\n]+\. [A-Z][^\n]+\.$"):
        read_dated(path, Options())
