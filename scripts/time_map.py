"""Opens map.html in chromium with software drawing and tells how long it takes: ready, new order and list, new surface."""

import argparse
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
#: moves a slider; milliseconds until the list is new, and until the pixels of the new surface can be read
MOVE = """(value) => new Promise((done) => {
  const map = sitefinder.map(), gl = map.painter.context.gl, slider = document.getElementById("w-water");
  const begun = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const listed = performance.now() - begun;
  map.once("render", () => {
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    done([listed, performance.now() - begun]);
  });
})"""

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("map", type=Path)
parser.add_argument("--settle", type=float, default=1.5, help="seconds between ready and the first move")
args = parser.parse_args()
with sync_playwright() as playwright:
    chromium_path = shutil.which("chromium") or sys.exit("There is no chromium on the path: install it.")
    browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
    for width, height in ((1400, 900), (390, 844)) * 3:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(args.map.resolve().as_uri())
        while not page.evaluate("Boolean(window.sitefinder && sitefinder.page.ready)"):
            time.sleep(0.05)
        time.sleep(args.settle)
        listed, drawn = zip(*(page.evaluate(MOVE, value) for value in (30, 5, 60, 12, 25)), strict=True)
        figures = [f"ready {page.evaluate('sitefinder.page.readyMs'):.0f}"]
        figures += [f"{name} {' '.join(f'{ms:.0f}' for ms in spans)}" for name, spans in (("list", listed), ("surface", drawn))]
        sys.stdout.write(f"{width} x {height}, milliseconds: {', '.join(figures)}\n")
        page.close()
