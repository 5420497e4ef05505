"""What the developer has in hand: options, and sites taken from a list of them."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest

from sitefinder.config.early_power import Option, Options
from sitefinder.power.in_hand import InHand

#: option of the configuration -> field
FIELDS = {
    "flexible": "flexible",
    "mobile_gas": "mobile",
    "existing_interconnection": "existing",
    "powered_land": "powered",
    "battery": "battery",
}


def test_nothing_is_in_hand_unless_the_configuration_says_so():
    """Halls run one by one; amounts are unknown, the rest is not there."""
    hand = InHand.of_options(Options(), 3)
    assert hand.phased.tolist() == [True] * 3
    for field in dataclasses.fields(InHand):
        values = getattr(hand, field.name)
        assert values.shape == (3,)
        if field.name != "phased":
            assert np.isnan(values).all() if values.dtype == np.float64 else not values.any()


@pytest.mark.parametrize("option", get_args(Option))
def test_an_option_holds_at_every_site(option):
    """It alone, and found again under its name of the configuration."""
    hand = InHand.of_options(Options(**{option: True}), 2)
    assert getattr(hand, FIELDS[option]).tolist() == [True, True]
    assert [hand.option(name).all() for name in FIELDS] == [name == option for name in FIELDS]


def test_some_sites_can_be_taken():
    """In the order asked for, every field of them."""
    hand = dataclasses.replace(InHand.of_options(Options(), 3), signed_mw=np.array([1.0, 2.0, 3.0]))
    part = hand.take(np.array([2, 0]))
    assert part.signed_mw.tolist() == [3, 1]
    assert {getattr(part, f.name).shape for f in dataclasses.fields(InHand)} == {(2,)}
