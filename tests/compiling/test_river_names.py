"""Names of reaches, on one river of nine pieces."""

import numpy as np
import pytest

from sitefinder.compiling.river_names import Evidence, key, reach_names, river_of, withheld_names
from sitefinder.compiling.river_network import Pieces

AREA = np.array([100.0, 200.0, 300.0, 400.0, 1000.0, 1100.0, 1200.0, 1300.0, 1400.0])


def pieces(n=9):
    return Pieces(
        np.zeros(n, int), np.zeros(n, int), np.arange(n), np.arange(1, n + 1), np.ones(n), np.zeros((n, 2)), np.zeros((n + 1, 2))
    )


def seen(kind, **at):
    """Evidence from p3="Upper River" and so on."""
    return Evidence(np.array([int(k[1:]) for k in at], int), np.array(list(at.values()), object), np.full(len(at), kind, object))


def names(gauges, mapped=None, outlet="Lower River", area=AREA):
    named = reach_names(pieces(), area, np.array([outlet], object), gauges, mapped or seen("map"))
    return named.name.tolist(), named.source.tolist()


@pytest.mark.parametrize(
    ("text", "river"),
    [
        ("APALACHICOLA RIVER AT CHATTAHOOCHEE FLA", "Apalachicola River"),
        ("KANKAKEE RIVER NR KOUTS, IND.", "Kankakee River"),
        ("CHATTAHOOCHEE RIVER AT US 27, AT FRANKLIN, GA", "Chattahoochee River"),
        ("South Fork Iowa River NE of New Providence, IA", "South Fork Iowa River"),
        ("RED RIVER OF THE NORTH AT FARGO, ND", "Red River of the North"),
        ("WB Susquehanna River near Curwensville, PA", "West Branch Susquehanna River"),
        ("SF GUALALA R NR THE SEA RANCH CA", "South Fork Gualala River"),
        ("RIO NAMBE BELOW NAMBE FALLS DAM NEAR NAMBE, NM", "Rio Nambe"),
        ("LOS PENASQUITOS C NR POWAY CA", "Los Penasquitos Creek"),
        ("NEW HAVEN RIVER @ BROOKSVILLE, NR MIDDLEBURY, VT", "New Haven River"),
        ("ALAMEDA C FLOOD CHANNEL A UNION CITY CA", None),
        ("LAKE GREENWOOD TAILRACE NR CHAPPELLS, SC", None),
        ("CHICAGO SANITARY AND SHIP CA AT ROMEOVILLE, IL", None),
    ],
)
def test_the_name_of_a_gauge_holds_that_of_the_river(text, river):
    """Without the place, written out; none where it names a canal or a dam."""
    assert river_of(text) == river


def test_two_spellings_are_one_river():
    """Natural Earth leaves "River" away."""
    assert key("Great Pee Dee") == key("PEE DEE RIVER")
    assert key("Little Pee Dee River") != key("Pee Dee River")


def test_between_two_gauges_of_one_name_the_river_is_called_so():
    """Whatever the map says in between."""
    name, source = names(seen("gauge", p2="Upper River", p6="Upper River"), seen("map", p4="Coarse River"))
    assert name[2:7] == ["Upper River"] * 5
    assert source[4] == "gauge"


def test_the_name_changes_at_a_large_confluence():
    """Piece 4 takes in more than half of what it carries."""
    name, _ = names(seen("gauge", p1="Upper River", p7="Lower River"))
    assert name[1:4] == ["Upper River"] * 3
    assert name[4:] == ["Lower River"] * 5


def test_without_a_confluence_the_more_alike_gauge_names_the_piece():
    """Drainage areas that grow evenly; far from both the stem is named, marked."""
    area = np.array([100.0, 130.0, 170.0, 225.0, 300.0, 390.0, 510.0, 680.0, 900.0])
    name, source = names(seen("gauge", p0="Upper River", p8="Lower River"), area=area)
    assert name[:3] == ["Upper River"] * 3
    assert name[6:] == ["Lower River"] * 3
    assert name[3:6] == ["main stem of the Lower River system"] * 3
    assert set(source[3:6]) == {"stem"}


def test_the_outlet_names_no_more_than_the_lower_part():
    """Down to six tenths of the drainage area; above, the name is marked as that of the stem."""
    name, _ = names(seen("gauge"))
    assert name[4:] == ["Lower River"] * 5
    assert name[:4] == ["main stem of the Lower River system"] * 4


def test_the_map_names_what_gauges_leave_open():
    """And fills between its samples."""
    name, source = names(seen("gauge"), seen("map", p0="Mapped River", p2="Mapped River"))
    assert name[:3] == ["Mapped River"] * 3
    assert set(source[:3]) == {"map"}


def test_a_river_that_nothing_names_stays_without():
    """No outlet, no gauge, no map."""
    assert names(seen("gauge"), outlet=None) == ([None] * 9, [None] * 9)


def test_the_test_of_names_counts_the_open_apart():
    """One of five withheld: the stem's name is neither right nor wrong."""
    gauged = seen("gauge", p0="Spring Creek", p5="Lower River", p6="Lower River", p7="Lower River", p8="Lower River")
    result = withheld_names(pieces(), AREA, np.array(["Lower River"], object), gauged, seen("map"))
    assert result == {"gauges": 1, "right": 0.0, "open": 1.0}
