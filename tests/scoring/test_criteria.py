"""Value functions as properties, and the check of criteria and gates against the register of layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sitefinder.config import FAMILIES, Criterion, load_config
from sitefinder.errors import ConfigError
from sitefinder.kernels.score import TOP, UNKNOWN
from sitefinder.layers import REGISTRY
from sitefinder.scoring.criteria import breakpoints, check_layers, value, write_values

physical = st.floats(-1e5, 1e5, allow_nan=False, width=32)
share = st.floats(0, 1)


@st.composite
def ascending(draw, count):
    """Distinct ascending breakpoints."""
    return sorted(draw(st.lists(st.integers(-10_000, 10_000), min_size=count, max_size=count, unique=True)))


@st.composite
def ramps(draw):
    """A ramp in either direction."""
    best, worst = draw(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=2, unique=True))
    return Criterion(weight=1, unit="", ramp={"best": best, "worst": worst})


@st.composite
def tables(draw):
    """A table of two to six points."""
    xs = draw(st.integers(2, 6).flatmap(lambda n: ascending(n)))
    return Criterion(weight=1, unit="", table=[(x, draw(share)) for x in xs])


@st.composite
def trapezoids(draw):
    """A trapezoid."""
    return Criterion(weight=1, unit="", trapezoid=draw(ascending(4)))


@st.composite
def logistics(draw):
    """A logistic in either direction, not so steep that it becomes a step."""
    midpoint, ninety = draw(st.lists(st.integers(-1000, 1000), min_size=2, max_size=2, unique=True))
    return Criterion(weight=1, unit="", logistic={"midpoint": midpoint, "ninety": ninety})


shapes = st.one_of(ramps(), tables(), trapezoids(), logistics())


def at(criterion, *x):
    """Values of a criterion at some numbers."""
    with np.errstate(over="ignore"):
        return value(criterion, np.array(x, np.float64))


@given(criterion=shapes, xs=st.lists(physical, min_size=1, max_size=20))
def test_values_lie_between_zero_and_one(criterion, xs):
    """No shape leaves 0..1 for any number."""
    values = at(criterion, *xs)
    assert (values >= 0).all()
    assert (values <= 1).all()


@given(criterion=shapes, x=physical)
def test_unknown_stays_unknown(criterion, x):
    """NaN in, NaN out, and a number beside it is not disturbed."""
    values = at(criterion, np.nan, x)
    assert np.isnan(values).tolist() == [True, False]


@given(criterion=shapes, xs=st.lists(physical, min_size=1, max_size=20))
def test_written_steps_round_the_value(criterion, xs):
    """The stored 16-bit steps lie within one step of the value; unknown has its own step."""
    x = np.array([*xs, np.nan], np.float32)
    steps = np.zeros(x.size, np.uint16)
    write_values(criterion, x, steps)
    assert steps[-1] == UNKNOWN
    assert np.abs(steps[:-1] / TOP - at(criterion, *x[:-1])).max() <= 1 / TOP


@given(criterion=ramps(), low=physical, high=physical)
def test_ramp_rises_towards_its_best(criterion, low, high):
    """The number nearer to the best side never earns less."""
    assume(low <= high)
    at_low, at_high = at(criterion, low, high)
    if criterion.ramp.best > criterion.ramp.worst:
        assert at_low <= at_high
    else:
        assert at_low >= at_high


@given(criterion=ramps())
def test_ramp_meets_its_breakpoints(criterion):
    """1 at best, 0 at worst, 0.5 half way."""
    best, worst = criterion.ramp.best, criterion.ramp.worst
    np.testing.assert_allclose(at(criterion, best, worst, (best + worst) / 2), [1, 0, 0.5], atol=1e-9)


@given(criterion=ramps(), x=physical)
def test_ramps_of_opposite_direction_mirror_each_other(criterion, x):
    """Exchanging best and worst turns v into 1 - v."""
    turned = Criterion(weight=1, unit="", ramp={"best": criterion.ramp.worst, "worst": criterion.ramp.best})
    np.testing.assert_allclose(at(criterion, x) + at(turned, x), 1.0, atol=1e-9)


@given(criterion=trapezoids(), part=share)
def test_trapezoid_has_its_shape(criterion, part):
    """0 outside a..d, 1 from b to c, straight sides between."""
    a, b, c, d = criterion.trapezoid
    np.testing.assert_allclose(at(criterion, a - 1, a, b, b + part * (c - b), c, d, d + 1), [0, 0, 1, 1, 1, 0, 0], atol=1e-9)
    np.testing.assert_allclose(at(criterion, a + part * (b - a), d - part * (d - c)), [part, part], atol=1e-6)


@given(criterion=tables())
def test_table_hits_its_points(criterion):
    """Every point of the table is met exactly, and the ends hold beyond it."""
    xs, ys = zip(*criterion.table, strict=True)
    np.testing.assert_allclose(at(criterion, *xs), ys, atol=1e-12)
    np.testing.assert_allclose(at(criterion, xs[0] - 5, xs[-1] + 5), [ys[0], ys[-1]], atol=1e-12)


@given(criterion=tables(), part=share)
def test_table_is_straight_between_its_points(criterion, part):
    """Between two points the value divides in the same proportion as the number."""
    (x0, y0), (x1, y1) = criterion.table[:2]
    np.testing.assert_allclose(at(criterion, x0 + part * (x1 - x0)), y0 + part * (y1 - y0), atol=1e-6)


@given(criterion=logistics())
def test_logistic_meets_its_midpoint_and_ninety(criterion):
    """0.5 at the midpoint, 0.9 at ninety, 0.1 as far on the other side."""
    middle, ninety = criterion.logistic.midpoint, criterion.logistic.ninety
    np.testing.assert_allclose(at(criterion, middle, ninety, 2 * middle - ninety), [0.5, 0.9, 0.1], atol=1e-9)


def test_infinitely_far_earns_the_far_end():
    """An infinite distance is known to be far: it earns the last value, not unknown."""
    near = Criterion(weight=1, unit="km", table=[(2, 1), (40, 0.1)])
    assert at(near, np.inf).tolist() == [0.1]


def test_breakpoints_of_a_falling_ramp_ascend():
    """Breakpoints come out in ascending order, as the kernel needs them."""
    xs, ys = breakpoints(Criterion(weight=1, unit="", ramp={"best": 2, "worst": 40}))
    assert (xs.tolist(), ys.tolist()) == ([2, 40], [1, 0])


CONFIG = """\
weights:
  gas: 1
criteria:
  gas:
    gas_any_km: {weight: 1, unit: km, ramp: {best: 2, worst: 30}}
exclusions:
  airport: {layer: airport_km, unit: km, below: 3, reason: near an airport}
"""


def refusal(tmp_path: Path, old: str, new: str) -> list[str]:
    """Lines of the refusal after one piece of the configuration was replaced."""
    if old not in CONFIG:
        raise ValueError(f"{old} is not in the configuration")
    path = tmp_path / "my.yaml"
    path.write_text(CONFIG.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        check_layers(load_config(path))
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def test_every_criterion_and_gate_of_the_shipped_configuration_is_checked(default_config, monkeypatch):
    """With all layers there is nothing to complain of; without any, every criterion and gate is named, each in a line."""
    assert check_layers(default_config) is None
    config = default_config.config
    monkeypatch.setattr("sitefinder.layers.naming.REGISTRY", {})
    with pytest.raises(ConfigError) as caught:
        check_layers(default_config)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(config.flat_criteria()) + len(config.exclusions)
    for name in (*config.flat_criteria(), *(gate.layer for gate in config.exclusions.values())):
        assert any(f"'{name}'" in line for line in lines), name


def test_typo_in_a_criterion_names_the_nearest_layer(tmp_path):
    """An unknown layer is refused with file, line, key and the likely name."""
    (line,) = refusal(tmp_path, "gas_any_km", "gas_amy_km")
    assert "my.yaml:5: criteria.gas.gas_amy_km" in line
    assert "did you mean 'gas_any_km'?" in line


def test_typo_in_a_gate_names_the_nearest_layer(tmp_path):
    """A gate's unknown layer is refused likewise."""
    (line,) = refusal(tmp_path, "layer: airport_km", "layer: airprt_km")
    assert "my.yaml:7: exclusions.airport.layer" in line
    assert "did you mean 'airport_km'?" in line


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{weight: 1, unit: km", "{weight: 1, unit: mi", "my.yaml:5: criteria.gas.gas_any_km.unit"),
        ("airport_km, unit: km", "airport_km, unit: m", "my.yaml:7: exclusions.airport.unit"),
    ],
)
def test_wrong_unit_names_the_right_one(tmp_path, old, new, place):
    """Breakpoints in another unit are refused: the layer's own unit is named."""
    (line,) = refusal(tmp_path, old, new)
    assert place in line
    assert "in 'km'" in line


def test_wrong_family_names_the_right_one(tmp_path):
    """A criterion under another family is refused: the layer's own family is named."""
    (line,) = refusal(tmp_path, CONFIG, CONFIG.replace("gas:", "water:"))
    assert "my.yaml:5: criteria.water.gas_any_km" in line
    assert "belongs to 'gas'" in line


def test_all_problems_are_told_at_once(tmp_path):
    """Two mistakes make two lines."""
    wrong = CONFIG.replace("gas_any_km", "gas_amy_km").replace("airport_km, unit: km", "airport_km, unit: m")
    lines = refusal(tmp_path, CONFIG, wrong)
    assert len(lines) == 2


def test_layer_families_are_those_of_the_configuration():
    """Every layer belongs to a family that a configuration can weigh."""
    assert {layer.spec.family for layer in REGISTRY.values()} <= set(FAMILIES)


def test_breakpoints_per_megawatt_grow_with_the_project():
    """Half of 1,000 MW and half of 50 MW earn the same, in every shape; other criteria stay as they are."""
    shapes = (
        {"table": [(0, 0), (1, 0.8), (2, 1)]},
        {"ramp": {"best": 2, "worst": 0}},
        {"trapezoid": [0.1, 0.4, 1, 2]},
        {"logistic": {"midpoint": 0.7, "ninety": 1.5}},
    )
    for shape in shapes:
        relative = Criterion(weight=1, unit="MW", per="mw", **shape)
        np.testing.assert_allclose(at(relative.of_project(1000), 500.0), at(relative.of_project(50), 25.0), rtol=1e-12)
    absolute = Criterion(weight=1, unit="km", table=[(0, 1), (10, 0)])
    assert absolute.of_project(5000) == absolute


def test_a_gigawatt_scores_as_before_and_other_loads_do_not(default_path):
    """The shipped breakpoints per megawatt are the former ones at 1,000 MW."""
    table = load_config(default_path).config.flat_criteria()["reusable_aged_25km_mw"].table
    assert table == [(0, 0), (300, 0.4), (1000, 0.85), (2000, 1)]
    larger = load_config(default_path, {"project.mw": "5000"}).config.flat_criteria()
    assert larger["reusable_aged_25km_mw"].table[1] == (1500, 0.4)
    assert larger["substation_345_km"] == load_config(default_path).config.flat_criteria()["substation_345_km"]


def test_only_amounts_can_be_asked_for_per_megawatt(tmp_path):
    """A distance does not grow with the load."""
    (line,) = refusal(tmp_path, "unit: km, ramp", "unit: km, per: mw, ramp")
    assert "my.yaml:5: criteria.gas.gas_any_km.per" in line
    assert "Only layers in MW" in line


def test_per_takes_nothing_but_mw(tmp_path):
    """Another word is refused with its place."""
    path = tmp_path / "my.yaml"
    path.write_text(CONFIG.replace("unit: km, ramp", "unit: km, per: acre, ramp"))
    with pytest.raises(ConfigError, match=r"my.yaml:5: criteria.gas.gas_any_km.per"):
        load_config(path)


@pytest.mark.parametrize(
    ("key", "text", "at"),
    [
        ("criteria.land.gentle_pct.table", "[[20, 0], [500, 1]]", "500 (table to)"),
        ("criteria.land.gentle_pct.table", "[[-1, 0], [80, 1]]", "-1 (table from)"),
        ("exclusions.steep.below", "900", "900 (below)"),
    ],
)
def test_a_breakpoint_that_the_layer_never_reaches_is_refused(default_path, key, text, at):
    """A wrong unit or a slip of the pen: the message names the key and the range of the layer."""
    with pytest.raises(ConfigError) as refused:
        check_layers(load_config(default_path, {key: text}))
    assert f"Invalid breakpoint {at} in --set {key}. Layer 'gentle_pct' lies between 0 and 100 %" in str(refused.value)


def test_breakpoints_that_grow_with_the_load_have_no_range(default_path):
    """Twenty gigawatts are many, but what the configuration writes is per MW."""
    check_layers(load_config(default_path, {"project.mw": "20000"}))
