"""Opens map.html in chromium with software drawing and tells how long it takes: ready, new order and list, new surface."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
SIZES = ((1400, 900), (390, 844))
#: moves a slider; milliseconds until the list is new, and until the pixels of the new surface can be read
MOVE = """([id, value]) => new Promise((done) => {
  const slider = document.getElementById(id), gl = sitefinder.map().painter.context.gl, begun = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const listed = performance.now() - begun;
  sitefinder.map().once("render", () => {
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    done([listed, performance.now() - begun]);
  });
})"""


def visit(browser: Browser, path: Path, size: tuple[int, int], settle_s: float) -> None:
    """Open the page once and move a slider five times."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(path.resolve().as_uri())
    while not page.evaluate("Boolean(window.sitefinder && sitefinder.page.ready)"):
        time.sleep(0.05)
    ready = page.evaluate("sitefinder.page.readyMs") / 1000.0
    time.sleep(settle_s)
    moves = [page.evaluate(MOVE, ["w-water", value]) for value in (30, 5, 60, 12, 25)]
    listed, drawn = (" ".join(f"{m[k]:.0f}" for m in moves) for k in (0, 1))
    print(f"{size[0]} x {size[1]}: ready {ready:.2f} s; list {listed} ms; surface {drawn} ms")  # noqa: T201
    page.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("map", type=Path)
    parser.add_argument("--settle", type=float, default=1.5, help="seconds between ready and the first move")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or sys.exit("There is no chromium on the path: install it.")
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        for wanted in SIZES * 3:
            visit(chromium, asked.map, wanted, asked.settle)
