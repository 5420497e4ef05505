"""Fields and lines of a dossier."""

from sitefinder.reports.dossier.lines import Fact, Section


def test_a_line_stands_on_paper_unless_it_says_otherwise():
    """Neither a range, nor for the screen or own sites only."""
    fact = Fact("Slope", ("slope_pct",))
    assert (fact.span, fact.more, fact.own) == (False, False, False)
    assert Section("place", "Place", "Where?").facts == ()
