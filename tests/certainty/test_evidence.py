"""Evidence behind a score: grades, weakest driver, age."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.certainty.evidence import ages, evidence_parts, register, shares_by_grade, site_grade, year_of
from sitefinder.layers import GRADES, REGISTRY


def one_of_each():
    """A layer of every grade that there is."""
    found = {}
    for name, layer in REGISTRY.items():
        found.setdefault(layer.spec.grade, name)
    return [found[g] for g in sorted(found)]


@pytest.mark.parametrize(
    ("vintage", "year"),
    [
        ("2018", 2018),
        ("2023 and mean 1901-2000", 2023),
        ("TMY3 (1976-2005)", 2005),
        ("5.x (Natural Earth)", None),
        ("20235", None),
    ],
)
def test_year_of_a_vintage_is_the_last_it_names(vintage, year):
    """Or none, where it names none."""
    assert year_of(vintage) == year


def test_age_counts_from_the_middle_of_the_oldest_file(package):
    """Seismic data of 2002 are 24 and a half years old in December 2026; county outlines do not count."""
    found = ages(package, ["seismic_pga_pct_g", "local_rule"], "2026-12")
    assert found[0] == pytest.approx(24.5)
    assert found[1] < 2.0


def test_shares_by_grade_add_up():
    """They are shares of the points earned; a site that earns nothing has none."""
    ids = one_of_each()
    shares = shares_by_grade(ids, np.stack([np.arange(1.0, len(ids) + 1), np.zeros(len(ids))], axis=1))
    assert shares[:, 0].sum() == pytest.approx(1.0)
    assert np.isnan(shares[:, 1]).all()


@pytest.mark.parametrize(
    ("shares", "grade"),
    [((1, 0, 0, 0, 0), "E1"), ((0.61, 0, 0, 0, 0.39), "E1"), ((0.6, 0, 0, 0, 0.4), "E5"), ((0, 0.5, 0.3, 0.1, 0.1), "E3")],
)
def test_site_grade_is_where_four_tenths_are_reached_from_the_weak_end(shares, grade):
    """Counted from proxies upwards."""
    assert site_grade(np.array(shares, float)) == grade


def test_the_part_names_the_weakest_and_the_oldest_driver(package):
    """With equal points the weakest grade is named, and its share told."""
    ids = ["substation_345_km", "fiber_corridor_km", "seismic_pga_pct_g"]
    (part,) = evidence_parts(ids, np.array([[5.0], [4.0], [1.0]]), ages(package, ids, "2026-12"))
    weakest = max(ids, key=lambda k: REGISTRY[k].spec.grade)
    assert part.weakest_driver.startswith(REGISTRY[weakest].spec.grade)
    assert REGISTRY["seismic_pga_pct_g"].spec.title in part.oldest_driver
    points = {k: p for k, p in zip(ids, (5.0, 4.0, 1.0), strict=True) if REGISTRY[k].spec.grade in ("E4", "E5")}
    assert part.weak_share == pytest.approx(sum(points.values()) / 10.0)
    assert 0.0 < part.weak_share < 1.0
    assert f"{REGISTRY['substation_345_km'].spec.grade} 50 %" in part.by_grade


def test_site_without_points_says_nothing():
    """Unknown, not a grade."""
    (part,) = evidence_parts(["substation_345_km"], np.zeros((1, 1)), np.array([2.0]))
    assert part.site_grade is None
    assert part.by_grade is None
    assert part.weakest_driver is None
    assert np.isnan(part.age_years)
    assert np.isnan(part.weak_share)
    assert part.oldest_driver is None


def test_age_is_the_mean_by_points_of_what_is_dated():
    """Twelve points of ten years and four of two make eight; what has no date does not count."""
    ids = ["substation_345_km", "fiber_corridor_km", "seismic_pga_pct_g"]
    (part,) = evidence_parts(ids, np.array([[12.0], [4.0], [80.0]]), np.array([10.0, 2.0, np.nan]))
    assert part.age_years == pytest.approx(8.0)
    assert part.oldest_driver == f"{REGISTRY[ids[0]].spec.title} (10 years)"


def test_every_site_has_its_own_evidence():
    """Points of one do not count for the other."""
    ids = one_of_each()
    parts = evidence_parts(ids, np.eye(len(ids)), np.ones(len(ids)))
    assert [part.site_grade for part in parts] == [REGISTRY[k].spec.grade for k in ids]
    assert [part.weak_share for part in parts] == [float(part.site_grade >= "E4") for part in parts]


def test_register_tells_grade_vintage_and_age_of_every_criterion(package, default_config):
    """Every layer in use has a row in words."""
    ids = list(default_config.config.flat_criteria())
    rows = register(package, ids, "2026-12")
    assert [r["layer"] for r in rows] == ids
    assert all(r["evidence"] == GRADES[r["grade"]] and r["vintage"] for r in rows)
