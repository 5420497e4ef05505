"""Calendar months as numbers."""

from __future__ import annotations

from sitefinder.months import month_name, month_number


def test_months_count_over_the_turn_of_a_year():
    """A month's number and its name are inverse to each other."""
    assert month_name(month_number("2026-12") + 1) == "2027-01"
    assert [month_name(month_number(m)) for m in ("2026-01", "2030-12")] == ["2026-01", "2030-12"]
