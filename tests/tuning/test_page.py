"""The page in a browser: moved by hand and by keys, read by labels, saved; nothing asked of any other place."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitefinder.config import load_config
from sitefinder.tuning.ranking import Ranker
from sitefinder.tuning.session import Session
from sitefinder.tuning.settings import tuned
from tests.helpers.map_browser import MOVE, PATIENCE_S, WIDE, browser
from tests.helpers.tuning import served

pytestmark = pytest.mark.browser


class Hand:
    """Somebody at the page."""

    def __init__(self, page: Any, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on("request", lambda r: self.addresses.append(r.url))

    def settle(self, condition: str) -> None:
        """Wait until an expression is true; the page's policy forbids Playwright's own way."""
        until = time.monotonic() + PATIENCE_S
        while not self.page.evaluate(condition):
            assert time.monotonic() < until, (condition, self.complaints, self.page.evaluate("tune.errors"))
            time.sleep(0.05)

    def after(self, act: Any) -> None:
        """Do something and wait for the list that follows."""
        before = self.page.evaluate("tune.answered")
        act()
        self.settle(f"tune.answered > {before} && !tune.running")

    def listed(self) -> list[str]:
        """Keys of the rows, as their titles say them."""
        return self.page.evaluate("[...document.querySelectorAll('#rows tr')].map((row) => row.cells[1].title.split(':')[0])")


@pytest.fixture(scope="module")
def hand(ranker: Ranker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """The page, ready."""
    folder = tmp_path_factory.mktemp("saved")
    with browser() as chromium, served(Session(ranker, folder, note="no run to compare with")) as page:
        seen = chromium.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}).new_page()
        hand = Hand(seen, folder)
        seen.goto(page.address)
        hand.settle("tune.answered > 0 && !tune.running")
        yield hand
        assert {re.match(r"http://[^/]+", address)[0] for address in hand.addresses} == {page.origin}


@pytest.fixture(autouse=True)
def fresh(hand: Hand) -> None:
    """Each test begins with the weights of the configuration, and no earlier complaint."""
    hand.after(lambda: hand.page.click("#reset"))
    hand.complaints.clear()


def expected(ranker: Ranker, changes: dict[str, float]) -> list[str]:
    """Keys of the list under other weights."""
    return [row.site_id for row in ranker.rank(tuned(ranker.country.file.config, changes)).rows]


def test_a_slider_moves_the_list_and_the_picture(hand: Hand, ranker: Ranker) -> None:
    """Both are those of the new weights; what is changed is marked, and Reset brings the first list back."""
    first, picture = hand.listed(), hand.page.locator("#surface").screenshot()
    hand.after(lambda: hand.page.locator("#weights-water").evaluate(MOVE, 0.9))
    assert hand.listed() == expected(ranker, {"weights.water": 0.9}) != first
    assert hand.page.locator("#surface").screenshot() != picture
    assert hand.page.locator(".slider.changed").count() == 1
    hand.after(lambda: hand.page.click("#reset"))
    assert hand.listed() == first
    assert hand.complaints == []


def test_keys_move_a_weight_and_open_a_family(hand: Hand, ranker: Ranker) -> None:
    """Arrows by a hundredth, page keys by a tenth; the criteria of a family open by the space bar and count."""
    hand.page.focus("#weights-hazard")
    hand.after(lambda: hand.page.keyboard.press("PageUp"))
    hand.after(lambda: hand.page.keyboard.press("ArrowLeft"))
    assert hand.page.evaluate("tune.now['weights.hazard']") == 0.16
    assert hand.page.input_value("#weights-hazard-number") == "0.16"
    assert "0.16" in hand.page.get_attribute("#weights-hazard", "aria-valuetext")
    button = hand.page.get_by_role("button", name="Criteria of Water")
    button.focus()
    hand.page.keyboard.press("Space")
    assert button.get_attribute("aria-expanded") == "true"
    hand.after(lambda: hand.page.fill("#criteria-water-river_km-weight-number", "3"))
    assert hand.listed() == expected(ranker, {"weights.hazard": 0.16, "criteria.water.river_km.weight": 3.0})
    assert hand.complaints == []


def test_everything_that_can_be_set_has_a_name(hand: Hand) -> None:
    """Sliders, fields and buttons, as a screen reader calls them; each can be reached by the tab key, without a trap."""
    nameless = hand.page.evaluate(
        "[...document.querySelectorAll('input, button')].filter((node) => !(node.labels && node.labels.length)"
        " && !node.getAttribute('aria-label') && !node.textContent.trim()).map((node) => node.outerHTML)"
    )
    assert nameless == []
    hand.page.locator(".skip").focus()
    reached = []
    for _ in range(40):
        hand.page.keyboard.press("Tab")
        reached.append(hand.page.evaluate("document.activeElement.id"))
    assert {"reset", "weights-water", "weights-water-number", "model-share", "file-name", "scroll"} <= set(reached)


def test_weights_that_leave_nothing_are_told(hand: Hand) -> None:
    """The line of the program stands in the head of the page; the next good weight brings a list."""
    hand.page.evaluate("for (const key in tune.now) if (key.startsWith('weights.')) tune.now[key] = 0")
    hand.page.locator("#weights-water").evaluate(MOVE, 0)
    hand.settle("!tune.running && document.getElementById('status').classList.contains('wrong')")
    assert "all family weights are zero" in hand.page.inner_text("#status")
    hand.after(lambda: hand.page.locator("#weights-water").evaluate(MOVE, 0.5))
    assert hand.page.get_attribute("#status", "class") == ""


def test_a_file_is_saved_once_and_replaced_only_by_a_second_button(hand: Hand) -> None:
    """The file is the configuration of the page; an existing one stays until somebody says otherwise."""
    hand.after(lambda: hand.page.fill("#model-share-number", "0.5"))
    hand.page.fill("#file-name", "mine.yaml")
    hand.page.get_by_role("button", name="Save", exact=True).click()
    hand.settle("document.getElementById('saved-note').textContent.startsWith('Saved')")
    path = hand.folder / "mine.yaml"
    assert load_config(path).config.model.share == 0.5
    hand.after(lambda: hand.page.fill("#model-share-number", "0.25"))
    hand.page.keyboard.press("Tab")
    hand.page.locator("#file-name").press("Enter")
    hand.settle("!document.getElementById('replace').hidden")
    assert "exists" in hand.page.inner_text("#saved-note")
    assert load_config(path).config.model.share == 0.5
    hand.page.get_by_role("button", name="Replace it").click()
    hand.settle("document.getElementById('saved-note').textContent.startsWith('Saved')")
    assert load_config(path).config.model.share == 0.25
