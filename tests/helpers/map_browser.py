"""A browser for the tests of the map: Playwright with the system's chromium and software drawing."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sitefinder.reports.dossier.printing import browser as installed
from tests.helpers.printed import MISSING

CHROMIUM = os.environ.get("CHROMIUM") or installed()
#: software drawing, no sandbox for root
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
WIDE, PHONE = (1400, 900), (390, 844)
#: seconds after which a page that is not ready never will be
PATIENCE_S = 120.0
#: a Chromium without any font of the system loses now and then one that a page brings with it
TRIES = 8
#: what a person's hand does to a slider
MOVE = "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }"


@dataclass
class Visit:
    """An open page and what it said and asked for.

    Parameters
    ----------
    page : playwright page
    requests : list of str
        Addresses asked for, besides the file itself and what lies in memory.
    complaints : list of str
        Errors and warnings of the console, and uncaught exceptions.
    """

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, expression: str, argument: Any = None) -> Any:
        """Value of an expression in the page."""
        return self.page.evaluate(expression, argument)

    def settle(self, condition: str) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.ask(condition):
                return
            time.sleep(0.05)
        raise AssertionError(f"never true: {condition}; {self.complaints}; {self.ask('sitefinder.page.errors')}")

    def drawn(self) -> None:
        """Wait until the map has nothing left to draw."""
        self.ask(
            "new Promise((done) => { const map = sitefinder.map(); if (!map) return done();"
            " map.once('idle', () => done()); map.triggerRepaint(); })"
        )

    def slide(self, name: str, percent: float) -> None:
        """Move a slider as a person does."""
        self.page.locator(f"#w-{name}").evaluate(MOVE, percent)

    def unfold(self, family: str) -> None:
        """Open the sliders of the criteria of a family."""
        button = self.page.locator(f"[aria-controls=inner-{family}]")
        if button.get_attribute("aria-expanded") == "false":
            button.click()

    def slide_criterion(self, family: str, name: str, percent: float) -> None:
        """Move the slider of a criterion and wait for the surface."""
        self.unfold(family)
        before = self.ask("sitefinder.planes.version")
        self.page.locator(f"#c-{name}").evaluate(MOVE, percent)
        self.settle(f"sitefinder.planes.version > {before}")

    def fresh(self) -> None:
        """Bring the page back to where it started, without loading it again."""
        self.ask(
            "(() => { const now = sitefinder.state, wanted = new Set(sitefinder.defaults.layers);"
            " document.activeElement.blur();"
            " document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));"
            " for (const id of ['reset', 'clear-filters']) document.getElementById(id).click();"
            " document.getElementById('layers-box').open = true;"
            " for (const box of document.querySelectorAll('#layer-picker input'))"
            " if (box.checked !== wanted.has(box.id.slice(5))) box.click();"
            " for (const [id, value] of [['view', 'score'], ['gate', 'any']]) if (now[id] !== value) {"
            " const field = document.getElementById(id); field.value = value; field.dispatchEvent(new Event('change')); }"
            " if (now.view !== 'score') document.getElementById('view').value = 'score';"
            " document.getElementById('view').dispatchEvent(new Event('change'));"
            " sitefinder.map().jumpTo(sitefinder.defaults.position); })()"
        )
        self.drawn()
        self.requests.clear()
        self.complaints.clear()

    def pixels(self) -> np.ndarray:
        """(rows, columns, 3) uint8 picture of the map."""
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(self.page.locator("#map").screenshot())).convert("RGB"))

    def order(self, count: int = 100) -> list[str]:
        """Site ids in the order of the page."""
        return self.ask(
            "(n) => sitefinder.sites.order.slice(0, n).map((i) => sitefinder.sites.rows[i][sitefinder.sites.at.site_id])",
            count,
        )


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium, or a skip that says what is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install playwright")
    if CHROMIUM is None:
        pytest.skip(f"{MISSING}; CHROMIUM= names one elsewhere")
    with playwright.sync_playwright() as started:
        engine = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield engine
        engine.close()


def visit(chromium: Any, path: Path, *, size: tuple[int, int] = WIDE, link: str = "", scheme: str = "light") -> Visit:
    """Open the map and wait until it is ready."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, accept_downloads=True)
    seen = Visit(context.new_page())
    local = ("file:", "blob:", "data:")
    seen.page.on("request", lambda r: None if r.url.startswith(local) else seen.requests.append(r.url))
    seen.page.on("console", lambda m: seen.complaints.append(m.text) if m.type in ("error", "warning") else None)
    seen.page.on("pageerror", lambda e: seen.complaints.append(str(e)))
    seen.page.goto(path.as_uri() + link)
    seen.settle("Boolean(window.sitefinder && (sitefinder.page.ready || sitefinder.page.errors.length))")
    return seen


def saved(seen: Visit, button: str) -> str:
    """Text of the file that a button saves."""
    with seen.page.expect_download() as coming:
        seen.page.locator(button).click()
    return Path(coming.value.path()).read_text(encoding="utf-8")


def foreign_fonts(chromium: Any, path: Path) -> list[str]:
    """Elements with letters in fonts of the machine; the page's own font must draw some."""
    seen = chromium.new_page()
    for _ in range(TRIES):
        seen.goto(path.as_uri())
        seen.evaluate("Promise.allSettled([...document.fonts].map((face) => face.load()))")
        if seen.evaluate("[...document.fonts].every((face) => face.status === 'loaded')"):
            break
    Visit(seen).settle("!window.sitefinder || sitefinder.page.ready")
    tools = seen.context.new_cdp_session(seen)
    for part in ("DOM", "CSS"):
        tools.send(f"{part}.enable")
    root = tools.send("DOM.getDocument", {"depth": -1})["root"]["nodeId"]
    nodes = tools.send("DOM.querySelectorAll", {"nodeId": root, "selector": "body *"})["nodeIds"]
    drawn = {node: tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in nodes}
    assert any(font["isCustomFont"] for fonts in drawn.values() for font in fonts)
    foreign = [node for node, fonts in drawn.items() if not all(font["isCustomFont"] for font in fonts)]
    markup = [tools.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"] for node in foreign]
    seen.close()
    return markup
