"""The page as bytes: one file, strict policy, nothing that could leave its quotes."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

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
