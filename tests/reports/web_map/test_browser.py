"""The map in a browser: drawn, moved, filtered, exported; nothing asked from any network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest

from sitefinder.config import FAMILIES, load_config
from sitefinder.grid import CRS
from sitefinder.ml.learned import fuse, learn
from sitefinder.pipeline.stages import run
from sitefinder.reports.html.shell import FAMILY
from sitefinder.results.run import OWN, SITES, read_features
from sitefinder.scoring.exclusions import exclude
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Field
from sitefinder.sites.kept import kept_campuses
from tests.helpers.map_browser import PHONE, WIDE, Visit, foreign_fonts, saved, visit
from tests.helpers.map_run import inputs_of_the_run, map_run
from tests.helpers.paths import DATA

pytestmark = pytest.mark.browser

#: viridis at 0 and 1 (CC0, Smith and van der Walt), and the opacity of the surface
OPACITY = 0.92


def test_the_page_is_set_in_its_own_font(chromium, path, wide):
    """No letter of its text or its map comes from the machine, but those of a name in Arabic."""
    assert [text for text in foreign_fonts(chromium, path) if not re.search("[\u0600-\u06ff]", text)] == []
    layers = wide.ask("['layer-places', 'campus-ranks'].map((id) => sitefinder.map().getLayoutProperty(id, 'text-font')[0])")
    assert all(font.startswith(f'"{FAMILY}"') for font in layers)


def bare(seen: Visit, view: str = "weighted") -> None:
    """Leave the surface alone on the map."""
    seen.ask("document.querySelectorAll('#layer-picker input:checked').forEach((box) => box.click())")
    seen.page.select_option("#view", view)
    seen.drawn()


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_page_starts_without_network_or_complaint(chromium, path, size):
    """No request leaves the file and the console stays empty."""
    seen = visit(chromium, path, size=size)
    seen.drawn()
    assert seen.requests == []
    assert seen.complaints == []
    assert seen.ask("sitefinder.page.errors") == []
    assert seen.page.locator("#busy").is_hidden()
    seen.page.context.close()


def test_the_list_is_the_list_of_the_run(wide):
    """Untouched weights leave ranks and scores as the run wrote them."""
    features = read_features(map_run().out / SITES)
    assert wide.order() == [f["properties"]["site_id"] for f in features]
    printed = [float(text) for text in wide.page.locator("#list .points").all_inner_texts()]
    assert printed == pytest.approx([f["properties"]["score"] for f in features][: len(printed)], abs=0.06)


def tuned_score(seen: Visit):
    """Stack, configuration and fused score of every cell under the weights that the page saves."""
    ran = map_run()
    tuned = ran.out.parent / "tuned.yaml"
    tuned.write_text(saved(seen, "#export-yaml"), encoding="utf-8")
    config = load_config(tuned).config
    return config, *score_under(config)


def score_under(config):
    """Stack and fused score of every cell."""
    stack = inputs_of_the_run().computed.stack
    weighted = score_cells(value_matrix(stack, config), config, exclude(stack, config).bits)
    return stack, fuse(weighted, learn(stack, DATA), config.model.share)


def ranked_cells(stack, score) -> list[int]:
    """Seeds of the campuses of the run, best first under a score."""
    field = Field.of(stack.land, score, stack.values("buildable_pct"))
    path = map_run().out / SITES
    return [int(c.cells[0]) for c in kept_campuses(read_features(path), field, path)]


def shown_cells(seen: Visit, grid) -> list[int]:
    """Seeds of the campuses in the order of the page."""
    features = read_features(map_run().out / SITES)
    places = {f["properties"]["site_id"]: (f["properties"]["lon"], f["properties"]["lat"]) for f in features}
    forward = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    cells = [grid.cell_at(*forward.transform(*places[name])) for name in seen.order()]
    return [int(row) * grid.width + int(col) for row, col in cells]


def test_the_order_equals_the_ranking_under_the_saved_weights(wide):
    """The exported YAML, put through the scoring of the tool, orders the same campuses the same way."""
    wide.slide("grid_capacity", 11.5)
    wide.slide("water", 37)
    wide.slide("community", 0)
    wide.slide("share", 55)
    config, stack, score = tuned_score(wide)
    assert config.model.share == 0.55
    assert shown_cells(wide, stack.land.grid) == ranked_cells(stack, score)
    assert shown_cells(wide, stack.land.grid) != ranked_cells(*score_under(map_run().file.config))


def test_the_order_equals_the_ranking_under_weights_of_criteria(wide):
    """The same with criteria moved inside their families; what was not moved stays as the configuration has it."""
    wide.slide_criterion("grid_capacity", "headroom_25km_mw", 55)
    wide.slide_criterion("grid_capacity", "able_grid_km", 0)
    wide.slide_criterion("land", "gentle_pct", 60)
    wide.slide("land", 40)
    config, stack, score = tuned_score(wide)
    assert config.criteria["grid_capacity"]["headroom_25km_mw"].weight == 0.55
    assert config.criteria["water"] == map_run().file.config.criteria["water"]
    assert shown_cells(wide, stack.land.grid) == ranked_cells(stack, score)
    families = replace_inner(config, map_run().file.config)
    assert shown_cells(wide, stack.land.grid) != ranked_cells(*score_under(families))


def replace_inner(config, other):
    """A configuration with the criteria of another."""
    return config.model_copy(update={"criteria": other.criteria})


def test_the_readout_follows_weights_of_criteria(wide):
    """On cells as coarse as those of the criteria, the readout is the score of the tool to its rounding."""
    wide.slide_criterion("grid_capacity", "substation_345_km", 60)
    wide.slide_criterion("water", "drought_share", 60)
    _, stack, score = tuned_score(wide)
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    free = np.flatnonzero(np.isfinite(score))
    before = stack_score_of_the_run()
    moved = free[np.argsort(-np.abs(score[free] - before[free]))[::40]][:40]
    row, col = np.divmod(stack.land.cells[moved], stack.land.grid.width)
    for k, (x, y) in enumerate(zip(*stack.land.grid.centre(row, col), strict=True)):
        facts = wide.ask("([x, y]) => sitefinder.cellFacts(x, y)", list(back.transform(x, y)))
        assert facts["score"] == pytest.approx(float(score[moved[k]]), abs=1.2)
    assert np.abs(score[moved] - before[moved]).max() > 4


def stack_score_of_the_run():
    """Fused score of every cell under the configuration of the run."""
    return score_under(map_run().file.config)[1]


def test_a_criterion_changes_the_surface_and_reset_brings_it_back(wide):
    """Pixels follow the slider of a criterion."""
    bare(wide)
    first = wide.pixels()
    wide.slide_criterion("hazard", "tornado_per_decade", 60)
    wide.slide_criterion("grid_capacity", "grid_months_200mw", 60)
    wide.drawn()
    assert (np.abs(first.astype(int) - wide.pixels()).max(axis=2) > 8).mean() > 0.02
    wide.page.locator("#reset").click()
    wide.drawn()
    assert np.array_equal(first, wide.pixels())
    assert wide.complaints == []


def test_own_sites_follow_the_weights(wide):
    """Their scores and order are those of a run with the saved weights; excluded ones stay behind in the order of the file."""
    before = [f["properties"] for f in own_sites(map_run().out)]
    assert wide.page.locator("#own b").all_inner_texts() == [row["name"] for row in before]
    wide.slide("water", 60)
    wide.slide("grid_capacity", 0)
    tuned_score(wide)
    ran = map_run()
    again = ran.out.parent / "again"
    run(load_config(ran.out.parent / "tuned.yaml"), out=again, data=DATA, cache=ran.cache, sites=ran.own)
    expected = [f["properties"] for f in own_sites(again)]
    assert wide.page.locator("#own b").all_inner_texts() == [row["name"] for row in expected]
    printed = wide.page.locator("#own .score").all_inner_texts()
    for text, row in zip(printed, expected, strict=True):
        assert text == "\u2013" if row["score"] is None else float(text) == pytest.approx(row["score"], abs=0.06)
    assert [row["score"] for row in expected] != [row["score"] for row in before]


def own_sites(folder: Path) -> list[dict]:
    """The user's own sites of a run, best first."""
    return read_features(folder / f"{OWN}{SITES}")


def test_moved_weights_say_what_the_order_means(wide):
    """The page does not pretend to have searched the country again, and shows how far each site moved."""
    assert wide.page.locator("#order-note").inner_text().startswith("Order of the run.")
    wide.slide("water", 60)
    assert "save the YAML and run make rank" in wide.page.locator("#order-note").inner_text()
    assert wide.page.locator("#list .move.up").count() > 0
    wide.page.locator("#reset").click()
    assert wide.page.locator("#list .move.up").count() == 0


def test_all_weights_at_nothing_is_said(wide):
    """There is nothing to weigh then; the last order and its scores stay."""
    before = wide.order()
    for family in FAMILIES:
        wide.slide(family, 0)
    assert "at least one family" in wide.page.locator("#weights-note").inner_text()
    assert sorted(wide.order()) == sorted(before)
    assert wide.ask("sitefinder.sites.score.every(Number.isFinite)")


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
    """Weighted, learned, agreement, one family, exclusions, taken land and none differ from each other."""
    pictures = []
    bare(wide)
    for view in ("weighted", "learned", "agreement", "gas", "exclusions", "taken", "none"):
        wide.page.select_option("#view", view)
        wide.settle("sitefinder.state.view !== 'taken' || Boolean(takenCode)")
        wide.drawn()
        pictures.append(wide.pixels().astype(int))
    for i, one in enumerate(pictures):
        for other in pictures[i + 1 :]:
            assert (np.abs(one - other).max(axis=2) > 8).mean() > 0.01  # little land is taken: 1.3 % beside the empty map
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


def middle(tab: Visit, lon: float, lat: float) -> np.ndarray:
    """Colour of the pixel under a place: the map goes there and is drawn; a busy machine folds a panel and fits anew after."""
    tab.ask("([x, y]) => { sitefinder.map().jumpTo({ center: [x, y], zoom: 8.5 }); }", [lon, lat])
    tab.drawn()
    picture = tab.pixels()
    return picture[picture.shape[0] // 2, picture.shape[1] // 2].astype(float)


def eventually(holds: Callable[[], bool], tries: int = 50) -> bool:
    """Whether something comes true: a busy machine paints the new surface some frames after the map has moved."""
    return any(holds() for _ in range(tries))


def test_pixels_show_the_cell_that_lies_under_them(wide):
    """In the middle of free cells the colour on the screen is the ramp at the cell's score, laid over the land."""
    bare(wide)
    wide.page.locator("#layers-title").click()
    checked = 0
    for i in range(0, 30, 3):
        lon, lat = wide.ask("(i) => ['lon', 'lat'].map((k) => sitefinder.sites.rows[i][sitefinder.sites.at[k]])", i)
        score = wide.ask("([x, y]) => sitefinder.cellFacts(x, y).weighted", [lon, lat])
        ramp = wide.ask("(t) => Array.from(rampColours('viridis').slice(t * 4, t * 4 + 3))", round((score - 20) / 70 * 255))
        expected = OPACITY * np.array(ramp) + (1 - OPACITY) * np.array([0xF4, 0xF2, 0xEC])
        assert eventually(lambda place=(lon, lat), expected=expected: np.abs(middle(wide, *place) - expected).max() < 14)
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
    assert "765 kV" in wide.page.locator("#key-transmission").inner_text()
    assert "ODbL" in wide.page.locator("#key-centers").inner_text()
    assert "intrastate" in wide.page.locator("#key-gas").inner_text()
    wide.page.locator("#show-gas").uncheck()
    assert wide.page.locator("#key-gas").inner_text() == ""
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
