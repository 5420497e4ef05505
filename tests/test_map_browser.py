"""The map in a browser: drawn, moved, filtered, exported; nothing asked from any network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyproj
import pytest

from sitefinder.candidates import Field
from sitefinder.config import FAMILIES, load_config
from sitefinder.exclusions import exclude
from sitefinder.grid import CRS
from sitefinder.kept import kept_campuses
from sitefinder.layers.sources import DataPackage
from sitefinder.pipeline import layers_needed
from sitefinder.ranking import fuse, learn
from sitefinder.scoring import score_cells, value_matrix
from sitefinder.stack import open_stack
from tests.conftest import DATA
from tests.map_browser import PHONE, Visit, browser, visit
from tests.map_run import map_run

#: seconds to minutes each
pytestmark = pytest.mark.slow

#: viridis at 0 and 1 (CC0, Smith and van der Walt), and the opacity of the surface
OPACITY = 0.92


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests."""
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """The map of the coarse run as a file."""
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_bytes(map_run().page)
    return path


@pytest.fixture
def wide(chromium, path):
    """The map at 1400 x 900."""
    seen = visit(chromium, path)
    yield seen
    seen.page.context.close()


@pytest.fixture
def phone(chromium, path):
    """The map at 390 x 844."""
    seen = visit(chromium, path, size=PHONE)
    yield seen
    seen.page.context.close()


def saved(seen: Visit, button: str) -> str:
    """Text of the file that a button saves."""
    with seen.page.expect_download() as coming:
        seen.page.locator(button).click()
    return Path(coming.value.path()).read_text(encoding="utf-8")


def bare(seen: Visit, view: str = "weighted") -> None:
    """Leave the surface alone on the map."""
    seen.ask("document.querySelectorAll('#layer-picker input:checked').forEach((box) => box.click())")
    seen.page.select_option("#view", view)
    seen.drawn()


def test_the_page_starts_without_network_or_complaint(wide):
    """No request leaves the file and the console stays empty."""
    wide.drawn()
    assert wide.requests == []
    assert wide.complaints == []
    assert wide.ask("sitefinder.page.errors") == []
    assert wide.page.locator("#busy").is_hidden()


def test_the_list_is_the_list_of_the_run(wide):
    """Untouched weights leave ranks and scores as the run wrote them."""
    features = json.loads((map_run().out / "sites.geojson").read_text())["features"]
    assert wide.order() == [f["properties"]["site_id"] for f in features]
    shown = [float(text) for text in wide.page.locator("#list .score").all_inner_texts()]
    assert shown == pytest.approx([f["properties"]["score"] for f in features][: len(shown)], abs=0.06)


def test_the_order_equals_the_ranking_under_the_saved_weights(wide):
    """The exported YAML, put through the scoring of the tool, orders the same campuses the same way."""
    wide.slide("grid_capacity", 11.5)
    wide.slide("water", 37)
    wide.slide("community", 0)
    wide.slide("share", 55)
    text = saved(wide, "#export-yaml")
    ran = map_run()
    tuned = ran.out.parent / "tuned.yaml"
    tuned.write_text(text, encoding="utf-8")
    file = load_config(tuned)
    assert file.config.model.share == 0.55
    stack = open_stack(DataPackage(DATA), file, layers_needed(file.config), cache_folder=ran.cache)
    weighted = score_cells(value_matrix(stack, file.config), file.config, exclude(stack, file.config).bits)
    score = fuse(weighted, learn(stack, DATA), file.config.model.share)
    field = Field.of(stack.land, score, stack.values("buildable_pct"))
    features = json.loads((ran.out / "sites.geojson").read_text())["features"]
    ids = {f["properties"]["site_id"]: f for f in features}
    expected = [int(c.cells[0]) for c in kept_campuses(ran.out / "sites.geojson", field)]
    forward = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    found = []
    for name in wide.order():
        place = ids[name]["properties"]
        row, col = (int(v) for v in stack.land.grid.cell_at(*forward.transform(place["lon"], place["lat"])))
        found.append(row * stack.land.grid.width + col)
    assert found == expected[:100]
    assert found != [int(c.cells[0]) for c in kept_campuses(ran.out / "sites.geojson", _field_of_the_run(stack))][:100]


def _field_of_the_run(stack) -> Field:
    config = map_run().file.config
    score = score_cells(value_matrix(stack, config), config, exclude(stack, config).bits)
    return Field.of(stack.land, fuse(score, learn(stack, DATA), config.model.share), stack.values("buildable_pct"))


def test_moved_weights_say_what_the_order_means(wide):
    """The page does not pretend to have searched the country again, and shows how far each site moved."""
    assert wide.page.locator("#order-note").inner_text() == "Order of the run."
    wide.slide("water", 60)
    assert "save the YAML and run make rank" in wide.page.locator("#order-note").inner_text()
    assert wide.page.locator("#list .move.up").count() > 0
    wide.page.locator("#reset").click()
    assert wide.page.locator("#list .move.up").count() == 0


def test_all_weights_at_nothing_is_said(wide):
    """There is nothing to weigh then; the last order stays."""
    before = wide.order()
    for family in FAMILIES:
        wide.slide(family, 0)
    assert "at least one family" in wide.page.locator("#weights-note").inner_text()
    assert len(wide.order()) == len(before)


def test_a_slider_changes_the_surface(wide):
    """Pixels follow the weights, and come back with them."""
    bare(wide)
    first = wide.pixels()
    wide.slide("climate", 60)
    wide.drawn()
    moved = wide.pixels()
    wide.page.locator("#reset").click()
    wide.drawn()
    assert (np.abs(first.astype(int) - moved).max(axis=2) > 8).mean() > 0.05
    assert np.array_equal(first, wide.pixels())


def test_every_view_of_the_surface_is_its_own_picture(wide):
    """Weighted, learned, agreement, one family, exclusions and none differ from each other."""
    pictures = []
    bare(wide)
    for view in ("weighted", "learned", "agreement", "gas", "exclusions", "none"):
        wide.page.select_option("#view", view)
        wide.drawn()
        pictures.append(wide.pixels().astype(int))
    for i, one in enumerate(pictures):
        for other in pictures[i + 1 :]:
            assert (np.abs(one - other).max(axis=2) > 8).mean() > 0.02
    assert wide.complaints == []


def test_projection_agrees_with_the_reference(wide):
    """The page's Albers is within a metre of PROJ, and its mesh within 100 metres, all over the country."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-124.8, -66.9, 400), rng.uniform(24.5, 49.4, 400)
    exact = np.stack(pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon, lat), axis=1)
    places = np.stack([lon, lat], axis=1).tolist()
    page = np.array(wide.ask("(places) => places.map(([x, y]) => sitefinder.albers(x, y))", places))
    assert np.abs(page - exact).max() < 1.0
    cells = np.array(wide.ask("(places) => places.map(([x, y]) => sitefinder.cellByMesh(x, y))", places))
    grid = map_run().file.config.grid.resolution_m
    mesh = np.stack([cells[:, 0] * grid - 2_362_000.0, 3_182_000.0 - cells[:, 1] * grid], axis=1)
    assert np.abs(mesh - exact).max() < 100.0


def test_pixels_show_the_cell_that_lies_under_them(wide):
    """In the middle of free cells the colour on the screen is the ramp at the cell's score, laid over the land."""
    bare(wide)
    wide.page.locator("#layers-title").click()
    checked = 0
    for i in range(0, 30, 3):
        lon, lat = wide.ask("(i) => ['lon', 'lat'].map((k) => sitefinder.sites.rows[i][sitefinder.sites.at[k]])", i)
        wide.ask("([x, y]) => { sitefinder.map().jumpTo({ center: [x, y], zoom: 8.5 }); }", [lon, lat])
        wide.drawn()
        score = wide.ask("([x, y]) => sitefinder.cellFacts(x, y).weighted", [lon, lat])
        picture = wide.pixels()
        pixel = picture[picture.shape[0] // 2, picture.shape[1] // 2].astype(float)
        ramp = wide.ask("(t) => Array.from(rampColours('viridis').slice(t * 4, t * 4 + 3))", round((score - 20) / 70 * 255))
        expected = OPACITY * np.array(ramp) + (1 - OPACITY) * np.array([0xF4, 0xF2, 0xEC])
        assert np.abs(pixel - expected).max() < 14
        checked += 1
    assert checked == 10


def test_a_cell_tells_its_score_or_its_reasons(wide):
    """What the readout says is what the rasters of the run say."""
    import rasterio

    ran = map_run()
    with rasterio.open(ran.out / "suitability.tif") as source:
        score = source.read(1)
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    size = ran.file.config.grid.resolution_m
    rows, cols = np.nonzero(np.isfinite(score))
    for r, c in list(zip(rows, cols, strict=True))[:: max(1, rows.size // 40)]:
        lon, lat = back.transform(-2_362_000.0 + (c + 0.5) * size, 3_182_000.0 - (r + 0.5) * size)
        facts = wide.ask("([x, y]) => sitefinder.cellFacts(x, y)", [lon, lat])
        assert facts["excluded"] == []
        assert facts["score"] == pytest.approx(float(score[r, c]), abs=0.6)
    assert wide.ask("sitefinder.cellFacts(-110.5, 44.6).excluded.length") > 0  # Yellowstone
    assert wide.ask("sitefinder.cellFacts(-70, 38)") is None  # the sea


def test_layers_come_and_go(wide):
    """Each layer of the picker draws something, and its legend names its publisher."""
    for name in ("transmission", "gas", "centers", "moratoria"):
        before = wide.pixels()
        wide.page.locator(f"#show-{name}").check()
        wide.settle(f"Boolean(sitefinder.map().getLayer('layer-{name}') && sitefinder.map().isSourceLoaded('{name}'))")
        wide.drawn()
        assert not np.array_equal(before, wide.pixels())
    legend = wide.page.locator("#legend").inner_text()
    assert "765 kV" in legend
    assert "ODbL" in legend
    wide.page.locator("#show-gas").uncheck()
    assert "intrastate" not in wide.page.locator("#legend").inner_text()
    assert wide.complaints == []


def test_a_station_tells_its_voltage_in_a_popup(wide):
    """A click on a layer's feature opens a popup in plain text."""
    wide.ask("document.querySelectorAll('#layer-picker input:checked').forEach((box) => box.click())")
    wide.page.locator("#show-stations").check()
    wide.settle("sitefinder.map().isSourceLoaded('stations')")
    wide.drawn()
    at = wide.ask(
        "(() => { const map = sitefinder.map(), c = map.getCanvas().getBoundingClientRect();"
        " const p = map.queryRenderedFeatures({ layers: ['layer-stations'] }).map((f) => map.project(f.geometry.coordinates))"
        ".find((p) => p.x > 60 && p.x < 650 && p.y > 60 && p.y < 600); return [p.x + c.left, p.y + c.top]; })()"
    )
    wide.page.mouse.click(*at)
    assert "kV" in wide.page.locator(".maplibregl-popup").inner_text()
