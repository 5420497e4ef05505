"""Local approvals: longer where projects are contested and people live near."""

from __future__ import annotations

import numpy as np
import pytest

from sitefinder.config import load_config
from sitefinder.power.approvals import approval_months
from sitefinder.power.timetable import random_numbers
from tests.helpers.power import sites


@pytest.fixture(scope="module")
def delivery(default_path):
    """2 months, 10 more for a blocked share of 1 above 0.5, 4 for a thousand people."""
    terms = "{months: [2, 2, 2], full_mw: 300, contested_from: 0.5, per_blocked: [10, 10, 10], per_1000_people: [4, 4, 4]}"
    return load_config(default_path, {"delivery.draws": "100", "delivery.approvals": terms}).config.delivery


def months(delivery, *changes):
    """Months of the first draw of each site."""
    found = approval_months(sites(*changes), delivery, random_numbers(delivery))
    assert found.shape == (len(changes), delivery.draws)
    return found[:, 0].tolist()


def test_contest_and_people_add_months(delivery):
    """None below the share from which it counts; 0.3 above it 3; 500 people 2."""
    calm = {"blocked": 0.4, "people": 0.0}
    found = months(delivery, calm, calm | {"blocked": 0.8}, calm | {"people": 500.0}, {"blocked": 0.8, "people": 500.0})
    assert found == pytest.approx([2, 5, 4, 7])


def test_small_campuses_are_contested_less(delivery):
    """150 of 300 MW: half of the 5 months that come on top of 2; from 300 MW on all of them."""
    place = {"blocked": 0.8, "people": 500.0}
    found = months(delivery, *[place | {"load_mw": mw} for mw in (30.0, 150.0, 300.0, 3000.0)])
    assert found == pytest.approx([2.5, 4.5, 7, 7])


def test_zoning_by_right_needs_none(delivery):
    """However contested."""
    assert months(delivery, {"blocked": 1.0, "people": 5000.0, "approved": True}) == [0]


def test_approvals_never_shrink_with_contest_and_people(default_config):
    """With the shipped ranges, in every draw."""
    delivery = default_config.config.delivery
    rows = [{"blocked": b, "people": p} for b in (0.5, 0.6, 0.9) for p in (0.0, 300.0, 4000.0)]
    found = approval_months(sites(*rows), delivery, random_numbers(delivery)).reshape(3, 3, -1)
    assert (np.diff(found, axis=0) >= 0).all()
    assert (np.diff(found, axis=1) >= 0).all()
    assert found[2, 2].mean() > found[0, 0].mean() + 10.0
