"""A configuration that extends another."""

from __future__ import annotations

import pytest

from sitefinder.config import load_config
from sitefinder.config.extends import extended
from sitefinder.config.keyed_yaml import KeyTree
from sitefinder.errors import ConfigError
from sitefinder.scoring.criteria import check_layers


@pytest.fixture
def over(tmp_path, default_path):
    """Writes a file that extends the default."""

    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(f"extends: {default_path}\n{text}", encoding="utf-8")
        return path

    return write


def test_file_that_extends_nothing_is_read_as_it_is(tmp_path):
    """The keys themselves come back, from one file."""
    own = KeyTree(tmp_path / "a.yaml", {"a": 1}, files=(tmp_path / "a.yaml",))
    assert extended(tmp_path / "a.yaml", lambda path: own) is own


def test_keys_are_laid_over_one_by_one(over, default_config):
    """A weight inside a criterion changes; its value function and everything else stays."""
    config = load_config(over("weights: {water: 0.5}\ncriteria: {water: {river_km: {weight: 0.9}}}\n")).config
    base = default_config.config
    assert config.weights["water"] == 0.5
    assert config.weights["gas"] == base.weights["gas"]
    assert config.criteria["water"]["river_km"].weight == 0.9
    assert config.criteria["water"]["river_km"].table == base.criteria["water"]["river_km"].table


def test_override_from_the_command_line_wins(over):
    """--set comes last."""
    assert load_config(over("weights: {water: 0.5}\n"), {"weights.water": "0.7"}).config.weights["water"] == 0.7


def test_fault_in_the_extending_file_names_that_file_and_line(over):
    """Also for a key that the other file has on another line."""
    with pytest.raises(ConfigError, match=r"mine\.yaml:3: weights\.water"):
        load_config(over("weights:\n  water: wet\n"))


def test_unknown_key_in_the_extending_file_names_that_file_and_line(over):
    """Inside a part that both files have."""
    with pytest.raises(ConfigError, match=r"mine\.yaml:2: candidates\.cuont.*did you mean 'count'"):
        load_config(over("candidates: {cuont: 5}\n"))


def test_fault_inside_a_new_mapping_names_its_own_line(over):
    """A criterion that the other file does not have."""
    text = "criteria:\n  water:\n    gauge_km:\n      weight: 1\n      unit: km\n      ramp: {best: 2, worst: 2}\n"
    with pytest.raises(ConfigError, match=r"mine\.yaml:7: criteria\.water\.gauge_km\.ramp"):
        load_config(over(text))


def test_fault_in_the_other_file_names_the_other_file(tmp_path):
    """With its line."""
    (tmp_path / "base.yaml").write_text("weights:\n  gas: -1\ncriteria: {}\nexclusions: {}\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text("extends: base.yaml\nweights: {water: 1}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"base\.yaml:2: weights\.gas"):
        load_config(tmp_path / "mine.yaml")


def test_later_stage_names_the_extending_file(over):
    """A layer that does not exist, found when criteria meet layers."""
    file = load_config(over("exclusions: {open_water: {layer: open_watr_pct}}\n"))
    with pytest.raises(ConfigError, match=r"mine\.yaml:2: exclusions\.open_water\.layer.*did you mean 'open_water_pct'"):
        check_layers(file)


def test_three_files_in_a_row(over, tmp_path):
    """The nearest file wins."""
    over("weights: {water: 0.5, gas: 0.5}\n", "middle.yaml")
    top = tmp_path / "top.yaml"
    top.write_text("extends: middle.yaml\nweights: {gas: 0.25}\n", encoding="utf-8")
    config = load_config(top).config
    assert (config.weights["water"], config.weights["gas"]) == (0.5, 0.25)


@pytest.fixture
def pieces(tmp_path):
    """Writes files that only make a configuration together, and one that extends them in order."""
    (tmp_path / "parts").mkdir()
    first = "weights: {gas: 0.6, water: 0.2}\nexclusions: {}\ncandidates: {count: 5}\n"
    criteria = "criteria:\n  gas:\n    gas_any_km: {weight: 1, unit: km, ramp: {best: 2, worst: 30}}\n"
    second = f"candidates:\n  spacing_km: 9\n  count: 7\n{criteria}"
    own = criteria.replace("gas_any_km", "river_km").replace("gas", "water")

    def write(text=own, **parts):
        for name, content in ({"first": first, "second": second} | parts).items():
            (tmp_path / "parts" / f"{name}.yaml").write_text(content, encoding="utf-8")
        path = tmp_path / "all.yaml"
        path.write_text(f"# head\nextends:\n  - parts/first.yaml\n  - parts/second.yaml\n{text}", encoding="utf-8")
        return path

    write.first, write.second = first, second
    return write


def test_a_list_is_laid_in_order_and_own_keys_come_last(pieces):
    """The second file wins over the first, the file itself over both, key by key."""
    file = load_config(pieces())
    assert (file.config.candidates.count, file.config.candidates.spacing_km) == (7, 9)
    assert set(file.config.criteria) == {"gas", "water"}
    assert [path.name for path in file.tree.files] == ["first.yaml", "second.yaml", "all.yaml"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"first": ("gas: 0.6", "gas: wet")}, "first.yaml:1: weights.gas"),
        (
            {"first": ("exclusions: {}", "exclusions: {x: {layer: a, unit: m, above: b, reason: c}}")},
            "first.yaml:2: exclusions.x.above",
        ),
        ({"second": ("count: 7", "count: many")}, "second.yaml:3: candidates.count"),
        (
            {"second": ("spacing_km: 9", "spacing: 9")},
            "second.yaml:2: candidates.spacing. It is not known; did you mean 'spacing_km'",
        ),
        ({"second": ("worst: 30", "worst: 2")}, "second.yaml:6: criteria.gas.gas_any_km.ramp"),
    ],
)
def test_a_fault_in_a_listed_file_names_that_file_and_line(pieces, change, place):
    """Keys of the first file, of the second, and those that the second laid over the first."""
    ((name, (old, new)),) = change.items()
    text = getattr(pieces, name)
    assert old in text
    with pytest.raises(ConfigError) as caught:
        load_config(pieces(**{name: text.replace(old, new)}))
    assert f"parts/{place}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_fault_in_own_keys_over_a_list_names_the_own_file(pieces):
    """Line of the file that extends the list, also for a section that all three files write."""
    with pytest.raises(ConfigError, match=r"all\.yaml:6: candidates\.count"):
        load_config(pieces("candidates:\n  count: many\n" + "criteria: {}\n"))


def test_a_mapping_replaced_by_a_value_forgets_the_lines_below_it(pieces):
    """A fault inside names the file that replaced the mapping."""
    with pytest.raises(ConfigError, match=r"all\.yaml:5: candidates"):
        load_config(pieces("candidates: 5\n"))


def test_a_set_of_weights_over_a_list_names_every_place(pieces, tmp_path):
    """A file that extends a file that extends a list; --set over all of them."""
    pieces()
    path = tmp_path / "sets.yaml"
    path.write_text("extends: all.yaml\nproject: {mw: 5}\nweights:\n  water: 1\n", encoding="utf-8")
    file = load_config(path, {"weights.gas": "0.5"})
    assert file.where("weights", "water") == f"{path}:4: weights.water"
    assert file.where("weights", "gas") == "--set weights.gas"
    assert file.where("candidates", "spacing_km") == f"{tmp_path / 'parts' / 'second.yaml'}:2: candidates.spacing_km"
    assert file.where("criteria", "water", "river_km") == f"{tmp_path / 'all.yaml'}:7: criteria.water.river_km"


def test_two_files_may_extend_the_same_third(pieces, tmp_path):
    """That is no circle."""
    pieces()
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("extends: all.yaml\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text("extends: [a.yaml, b.yaml]\n", encoding="utf-8")
    assert load_config(tmp_path / "c.yaml").config.candidates.count == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extends: none.yaml\n", r"a\.yaml:1: extends\. There is no file"),
        (f"extends: {'x' * 5_000}\n", "There is no file"),
        ('extends: "a\\0b"\n', "There is no file"),
        ("extends: a.yaml\n", "circle"),
        ("extends: [b.yaml]\n", r"Invalid value 'a.yaml' in \S+b\.yaml:1: extends\. .*circle"),
        ("extends:\n  - d.yaml\n  - none.yaml\n", r"a\.yaml:3: extends\.1\. There is no file"),
        ("extends: 5\n", "Name a file or a list of files"),
        ("extends: [5]\n", "Name a file or a list of files"),
        ("extends: {a: b}\n", "Name a file or a list of files"),
        ("extends:\n", "Name a file or a list of files"),
        ("extends: []\n", "Name a file, or remove the key"),
    ],
)
def test_wrong_extends_is_refused_in_one_line(tmp_path, text, expected):
    """File, line and remedy."""
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n", encoding="utf-8")
    (tmp_path / "d.yaml").write_text("weights: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=expected) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)
