"""Hard gates: bits and reasons, the acre ledger, and what adding a gate can do."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sitefinder.config import Config, Gate
from sitefinder.config.project import GridPart, Layers, Project
from sitefinder.scoring.exclusions import (
    Exclusions,
    active_gates,
    distance_gates,
    exclude,
    footprint_gates,
    gate_mask,
    occupied,
)

NAMES = tuple(f"gate_{i}" for i in range(32))
numbers = st.floats(-10, 10, width=32) | st.just(float("nan"))
layers = hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 30)), elements=numbers)


class FakeStack:
    """Layers held in memory."""

    def __init__(self, layers):
        self.layers = {f"layer_{i}": row for i, row in enumerate(layers)}
        self.land = SimpleNamespace(size=layers.shape[1])

    def values(self, layer_id):
        """Values of one layer."""
        return self.layers[layer_id]


def config_of(count, **off):
    """A configuration with one gate per layer: even ones exclude above 3, odd ones below -3."""
    sides = [{"above": 3.0}, {"below": -3.0}]
    gates = {
        f"gate_{i}": Gate(layer=f"layer_{i}", unit="", reason="", on=off.get(f"gate_{i}", True), **sides[i % 2])
        for i in range(count)
    }
    criterion = {"weight": 1, "unit": "km", "ramp": {"best": 0, "worst": 1}}
    return Config(weights={"gas": 1}, criteria={"gas": {"gas_any_km": criterion}}, exclusions=gates)


def excluded(layers):
    """Exclusions of an array of layers."""
    return exclude(FakeStack(layers), config_of(len(layers)))


@given(chosen=st.sets(st.sampled_from(NAMES)))
def test_bits_and_reasons_make_a_round_trip(chosen):
    """The reasons of a cell's bits are the gates that set them, up to the 32nd."""
    bits = sum(1 << NAMES.index(name) for name in chosen)
    assert set(Exclusions(np.empty(0, np.uint32), NAMES).reasons(bits)) == chosen


@given(layers=layers)
def test_reasons_are_the_gates_that_hold(layers):
    """Every cell names exactly the gates whose threshold it crosses."""
    found = excluded(layers)
    for cell in range(layers.shape[1]):
        expected = [f"gate_{i}" for i, x in enumerate(layers[:, cell]) if (x > 3 if i % 2 == 0 else x < -3)]
        assert found.reasons(int(found.bits[cell])) == expected


@given(layers=layers)
def test_ledger_in_sequence_and_free_acres_add_up_to_the_land(layers):
    """Every cell is counted once: by the first gate that takes it, or as free."""
    ledger = excluded(layers).ledger(247.0)
    gates = [v for k, v in ledger.items() if k not in ("land", "free")]
    total = sum(g["in_sequence_acres"] for g in gates) + ledger["free"]["acres"]
    assert total == pytest.approx(ledger["land"]["acres"])
    assert ledger["land"]["acres"] == pytest.approx(247.0 * layers.shape[1])


@given(layers=layers)
def test_ledger_orders_alone_sequence_and_only_reason(layers):
    """A gate alone takes at least what it adds in sequence, and that at least what only it takes."""
    for name, row in excluded(layers).ledger(1.0).items():
        if name not in ("land", "free"):
            assert row["alone_acres"] >= row["in_sequence_acres"] >= row["only_reason_acres"] >= 0


@given(layers=layers)
def test_ledger_alone_acres_equal_the_gate_by_itself(layers):
    """The acres a gate takes alone are those of its mask."""
    config = config_of(len(layers))
    ledger = exclude(FakeStack(layers), config).ledger(2.0)
    for i, (name, gate) in enumerate(config.exclusions.items()):
        assert ledger[name]["alone_acres"] == 2.0 * gate_mask(gate, layers[i]).sum()


@given(layers=layers)
def test_adding_a_gate_never_frees_a_cell(layers):
    """With the last gate added, every cell excluded before stays excluded."""
    fewer = exclude(FakeStack(layers), config_of(len(layers) - 1))
    more = excluded(layers)
    assert (more.bits[fewer.bits != 0] != 0).all()


@pytest.mark.parametrize("side", [{"above": -1e30}, {"below": 1e30}])
def test_unknown_passes(side):
    """A cell whose layer is unknown is not excluded, whatever the threshold."""
    gate = Gate(layer="x", unit="", reason="", **side)
    assert gate_mask(gate, np.array([np.nan, 0.0], np.float32)).tolist() == [False, True]


@pytest.mark.parametrize("side", [{"above": 5.0}, {"below": 5.0}])
def test_cell_on_the_threshold_passes(side):
    """Above and below are strict: a cell that just meets the threshold stays free."""
    assert not gate_mask(Gate(layer="x", unit="", reason="", **side), np.array([5.0], np.float32)).any()


def test_gate_switched_off_excludes_nothing_and_takes_no_bit():
    """An inactive gate leaves its cells free and is not listed."""
    config = config_of(3, gate_1=False)
    layers = np.array([[0, 0, 0], [-9, -9, -9], [0, 9, 0]], np.float32)
    found = exclude(FakeStack(layers), config)
    assert found.names == ("gate_0", "gate_2")
    assert found.bits.tolist() == [0, 2, 0]


def test_active_gates_keep_the_order_of_the_configuration():
    """Bits follow the order in which gates are written."""
    assert list(active_gates(config_of(5, gate_0=False))) == ["gate_1", "gate_2", "gate_3", "gate_4"]


def test_thirty_first_gate_has_its_own_bit():
    """All 31 bits are usable: the last gate neither overflows nor is lost."""
    layers = np.zeros((31, 2), np.float32)
    layers[30, 1] = 9
    found = excluded(layers)
    assert found.bits.tolist() == [0, 2**30]
    assert found.ledger(1.0)["gate_30"] == {"alone_acres": 1.0, "in_sequence_acres": 1.0, "only_reason_acres": 1.0}


def test_no_gate_leaves_all_land_free():
    """Without gates the ledger holds the land and the same free acres."""
    ledger = exclude(FakeStack(np.zeros((1, 7), np.float32)), config_of(0)).ledger(3.0)
    assert ledger == {"land": {"acres": 21.0}, "free": {"acres": 21.0}}


@pytest.mark.parametrize(("cell_m", "asked"), [(500.0, True), (2000.0, True), (5000.0, False)])
def test_a_gate_for_small_cells_is_not_asked_on_large_ones(cell_m, asked):
    """On a large cell a campus fits beside what the cell holds."""
    gate = Gate(layer="layer_0", unit="", reason="", above=0.0, cells_up_to_m=2000.0)
    config = config_of(0).model_copy(update={"exclusions": {"plant": gate}, "grid": GridPart(resolution_m=cell_m)})
    assert ("plant" in active_gates(config)) is asked


@pytest.mark.parametrize(("mw", "asked"), [(200.0, True), (300.0, True), (300.1, False), (1000.0, False)])
def test_a_gate_for_small_loads_is_not_asked_of_large_ones(mw, asked):
    """Up to the load that it names, this one included; a gate that names none is asked of all."""
    gates = {"small": Gate(layer="layer_0", unit="", reason="", above=0.0, to_mw=300.0)}
    gates["all"] = Gate(layer="layer_0", unit="", reason="", above=0.0)
    config = config_of(0).model_copy(update={"exclusions": gates, "project": Project(mw=mw)})
    assert list(active_gates(config)) == (["small", "all"] if asked else ["all"])


def test_a_gate_for_footprints_leaves_the_score():
    """It sets no bit and stands in no ledger; its cells are occupied."""
    gates = {
        "near": Gate(layer="layer_0", unit="", reason="", above=3.0),
        "plant": Gate(layer="layer_1", unit="", reason="", above=0.0, scope="footprint"),
    }
    config = config_of(0).model_copy(update={"exclusions": gates})
    stack = FakeStack(np.array([[5.0, 0.0, 0.0], [0.0, 2.0, np.nan]], np.float32))
    assert exclude(stack, config).bits.tolist() == [1, 0, 0]
    assert list(footprint_gates(config)) == ["plant"]
    assert occupied(stack, config).tolist() == [False, True, False]


@pytest.mark.parametrize(("cell_m", "free"), [(1000.0, [False, False, True]), (500.0, [False, True, True]), (5000.0, [True] * 3)])
def test_a_least_distance_holds_for_the_corners_of_the_cells_of_a_campus(cell_m, free):
    """Centres 0.9, 1.5 and 1.8 km off a Superfund site: a corner of a square kilometre lies 0.71 km nearer than its centre.

    The score has no such margin, and a large cell holds a campus that is far enough.
    """
    gates = {"superfund": Gate(layer="layer_0", unit="km", reason="", below=1.0)}
    config = config_of(0).model_copy(update={"exclusions": gates, "grid": GridPart(resolution_m=cell_m)})
    stack = FakeStack(np.array([[0.9, 1.5, 1.8]], np.float32))
    assert (~occupied(stack, config)).tolist() == free
    assert exclude(stack, config).bits.tolist() == [1, 0, 0]


def test_a_least_distance_of_nothing_has_the_margin_alone():
    """Cells of 1 km whose centres lie 0.6 and 0.8 km off: a corner of the first may stand in it."""
    gates = {"line": Gate(layer="layer_0", unit="km", reason="", below=0.0)}
    config = config_of(0).model_copy(update={"exclusions": gates, "grid": GridPart(resolution_m=1000.0)})
    assert occupied(FakeStack(np.array([[0.6, 0.8]], np.float32)), config).tolist() == [True, False]


def test_only_least_distances_of_places_have_a_margin():
    """Not a largest distance, not a share, not a gate that is off."""
    gates = {
        "far": Gate(layer="layer_0", unit="km", reason="", above=50.0),
        "share": Gate(layer="layer_1", unit="%", reason="", below=15.0),
        "off": Gate(layer="layer_2", unit="km", reason="", below=1.0, on=False),
        "near": Gate(layer="layer_3", unit="km", reason="", below=3.0),
    }
    assert list(distance_gates(config_of(0).model_copy(update={"exclusions": gates}))) == ["near"]


def test_an_inclusion_frees_a_cell_of_every_gate():
    """Above 2 in the last layer nothing excludes; unknown frees nothing, and a rule that is off neither."""
    layers = np.array([[5.0, 5.0, 5.0, 0.0], [2.5, np.nan, 1.0, 2.5]], np.float32)
    gates = {"gate": Gate(layer="layer_0", unit="", reason="", above=3.0)}
    rule = Gate(layer="layer_1", unit="", reason="", above=2.0)
    config = config_of(0).model_copy(update={"exclusions": gates, "inclusions": {"mine": rule}})
    assert exclude(FakeStack(layers), config).bits.tolist() == [0, 1, 1, 0]
    off = config.model_copy(update={"inclusions": {"mine": rule.model_copy(update={"on": False})}})
    assert exclude(FakeStack(layers), off).bits.tolist() == [1, 1, 1, 0]
    beside = {"gate": gates["gate"].model_copy(update={"scope": "footprint"})}
    assert occupied(FakeStack(layers), config.model_copy(update={"exclusions": beside})).tolist() == [False, True, True, False]


def test_unavailable_land_has_its_own_gates():
    """Whole cells leave the score; those that it touches leave the footprints, on cells of up to 2 km."""
    stated = config_of(1).model_copy(update={"layers": Layers(unavailable=("a.geojson",))})
    fine, coarse = (stated.model_copy(update={"grid": GridPart(resolution_m=m)}) for m in (1000.0, 5000.0))
    assert list(active_gates(fine)) == ["gate_0", "unavailable"]
    assert (list(footprint_gates(fine)), list(footprint_gates(coarse))) == (["unavailable_in_part"], [])
