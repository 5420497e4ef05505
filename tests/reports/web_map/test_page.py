"""The page as bytes: one file, strict policy, nothing that could leave its quotes."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from sitefinder.layers import REGISTRY
from sitefinder.reports.web_map import map_inputs
from sitefinder.reports.web_map import page as module
from sitefinder.results.site import LAYER_HEADING, columns
from tests.helpers.map_run import HOSTILE, inputs_of_the_run, map_run

#: built layers of the country
pytestmark = pytest.mark.stack


SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    """The map of the coarse run."""
    return map_run().page.decode()


def test_the_policy_allows_no_origin(page):
    """Nothing but the page's own scripts by hash, and memory: no network, no inline attributes."""
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "http" not in policy
    assert "unsafe" not in policy
    assert rules["worker-src"] == "blob:"
    assert rules["font-src"] == "data:"


def test_every_program_in_the_page_has_its_hash_in_the_policy(page):
    """A browser runs exactly these and nothing that data could add."""
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    programs = [text for attributes, text in SCRIPT.findall(page) if "type=" not in attributes]
    assert len(programs) == 2
    for text in programs:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy


def test_the_page_names_no_file_of_its_own(page):
    """No element asks for anything outside the file."""
    head = page.partition("<script")[0]
    assert not re.search(r"\b(src|href)\s*=\s*[\"'](?!#)", head)
    assert "@import" not in page
    assert "sourceMappingURL" not in page


def test_names_cannot_end_a_data_block():
    """A hostile name of the project, which the page holds as it is, stands nowhere as markup."""
    known = inputs_of_the_run()
    project = known.computed.config.project.model_copy(update={"name": HOSTILE[0]})
    config = known.computed.config.model_copy(update={"project": project})
    page = module.map_html(map_inputs(*known._replace(computed=replace(known.computed, config=config)))).decode()
    assert HOSTILE[0] not in page
    assert HOSTILE[0].replace("<", "\\u003c") in page
    for attributes, text in SCRIPT.findall(page):
        if "json" in attributes:
            assert "<" not in text


def test_equal_inputs_give_equal_bytes(page):
    """Nothing in the page depends on time or chance."""
    inputs = map_inputs(*inputs_of_the_run())
    assert module.map_html(inputs) == module.map_html(inputs) == page.encode()


def test_the_program_of_the_page_builds_no_markup_from_text():
    """Text from data goes in by textContent: no innerHTML, no document.write, no code from strings."""
    program = "\n".join(module.asset(name) for name in module.PROGRAM)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTML", program)


@pytest.mark.parametrize("user", [False, True])
def test_every_column_finds_a_heading(user):
    """Columns of one stage stand together under the words declared with them; what is left are layer values."""
    headings = {c.name: c.heading for c in columns(tuple(REGISTRY), user=user)}
    assert [name for name, heading in headings.items() if not heading] == []
    heading_of = {
        "mw_p50_2030": "Power by date",
        "capex_musd_mid": "Costs",
        "nearest_river": "Nearest",
        "slope_pct": LAYER_HEADING,
    }
    assert {name: headings[name] for name in heading_of} == heading_of


def test_json_in_the_page_holds_no_angle_bracket():
    """Neither a comment nor the end of a script can be written into it."""
    assert module.as_json({"a": "</script><!--"}) == '{"a":"\\u003c/script>\\u003c!--"}'


#: linear sRGB as seen with no red, no green or no blue cones (Machado, Oliveira and Fernandes 2009, severity 1)
VISIONS = {
    "usual": np.eye(3),
    "no red": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "no green": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "no blue": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
#: linear sRGB to XYZ, and the white of CIELAB
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])
#: least distance of two colours of a layer in CIELAB; 2.3 is just noticed
APART = 20.0


def lab(colour: str, vision: np.ndarray) -> np.ndarray:
    """CIELAB of a colour as somebody sees it."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = XYZ @ np.clip(vision @ linear, 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("layer", ["VOLTAGES", "GAS", "FIBER", "ROUTES"])
def test_colours_of_a_layer_are_told_apart_with_any_colour_vision(layer, vision):
    """No two of them come close to each other."""
    line = next(line for line in module.asset("layers.js").splitlines() if line.startswith(f"const {layer} = "))
    colours = [lab(colour, VISIONS[vision]) for colour in re.findall(r"#[0-9a-f]{6}", line)]
    assert len(colours) >= 2
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(colours, 2)) > APART
