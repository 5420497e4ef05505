"""Lists, panels, links and files of the map in a browser."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from sitefinder.months import month_words
from sitefinder.results.deadline import deadline
from sitefinder.results.run import read_run
from tests.helpers.map_browser import PHONE, WIDE, saved, visit
from tests.helpers.map_run import HOSTILE, map_run

pytestmark = pytest.mark.browser


def sites() -> list[dict]:
    """Properties of the sites of the run."""
    return [f["properties"] for f in json.loads((map_run().out / "sites.geojson").read_text())["features"]]


def test_the_panel_tells_a_site_with_units(wide):
    """Score, families, chart, drivers, and every column with its unit."""
    wide.page.locator("#list .site-row").first.click()
    text = wide.page.locator("#site").inner_text()
    first = sites()[0]
    assert f"Rank 1: {first['name']}" in text
    assert f"Score {first['score']:.1f}" in text
    assert f"Rank {first['rank_p05']} to {first['rank_p95']} in nine of ten draws" in text
    wide.ask("document.querySelectorAll('#site details').forEach((d) => (d.open = true))")
    text = wide.page.locator("#site").inner_text()
    assert re.search(r"\d km\b", text)
    assert re.search(r"\d acres\b", text)
    assert "P50 (median), and P10 to P90" in text
    assert wide.page.locator("#site svg.chart").get_attribute("aria-label").startswith("Megawatts by the end of each year")


def test_a_click_on_the_map_opens_the_panel(wide):
    """The dot of a campus and its row are the same site."""
    place = sites()[4]
    wide.ask("([x, y]) => { sitefinder.map().jumpTo({ center: [x, y], zoom: 9 }); }", [place["lon"], place["lat"]])
    wide.drawn()
    box = wide.page.locator("#map").bounding_box()
    wide.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert place["name"] in wide.page.locator("#site-title").inner_text()


def test_filters_narrow_list_and_files(wide):
    """State, market region, megawatts by date, acres and words, each alone and together."""
    rows = sites()
    wide.page.locator("#filters summary").click()
    state = rows[0]["state"]
    wide.page.select_option("#filter-state", state)
    expected = [r["site_id"] for r in rows if r["state"] == state]
    assert wide.page.locator("#list li").count() == len(expected)
    assert wide.page.locator("#count").inner_text() == f"{len(expected)} of {len(rows)}"
    wide.page.locator("#clear-filters").click()
    wide.page.fill("#filter-acres", "100000")
    assert wide.page.locator("#list .site-row").count() == sum(r["buildable_acres"] >= 100000 for r in rows)
    wide.page.locator("#clear-filters").click()
    wide.page.select_option("#filter-year", "2030")
    wide.page.fill("#filter-mw", "500")
    assert wide.page.locator("#list li").count() == sum((r["mw_p50_2030"] or 0) >= 500 for r in rows)
    wide.page.locator("#clear-filters").click()
    rto = next(r["rto"] for r in rows if r["rto"])
    wide.page.select_option("#filter-rto", rto)
    chosen = [r["site_id"] for r in rows if r["rto"] == rto]
    table = list(csv.DictReader(io.StringIO(saved(wide, "#export-csv").lstrip("\ufeff"))))
    assert [r["site_id"] for r in table] == chosen
    features = json.loads(saved(wide, "#export-geojson"))["features"]
    assert [f["properties"]["site_id"] for f in features] == chosen
    assert {f["geometry"]["type"] for f in features} <= {"Polygon", "MultiPolygon"}


def test_the_list_tells_tier_interval_and_date(wide):
    """A rank that cannot be told apart is not shown as a firm one; the interval goes when weights move."""
    rows, words = sites(), {"leads": "leads", "top 50 likely": "likely top 50", "cannot be told apart": "not told apart"}
    shown = wide.page.locator("#list .site-row").all()
    for place in (0, len(shown) - 1):
        row, text = rows[place], shown[place].inner_text()
        assert f"{row['rank_p05']}\u2013{row['rank_p95']}" in text
        assert words[row["tier"]] in text
        assert ("~" in text) == (row["tier"] == "cannot be told apart")
        assert f"full load {month_words(row['full_load_p50'])}" in text
    wide.slide("water", 60)
    assert wide.page.locator("#list .rank small").count() == 0
    assert wide.page.locator("#list .tier").count() == 0


def test_the_page_says_whether_the_date_can_be_met(wide):
    """The banner is the answer of the run, in the words of the terminal."""
    run = read_run(map_run().out)
    answer = deadline([entry.site for entry in run.sites], run.config.project)
    assert wide.page.locator("#deadline-words").inner_text().replace("\u00a0", " ") == answer.verdict
    wide.page.locator("#deadline-more summary").click()
    assert "may be curtailed" in wide.page.locator("#deadline-change").inner_text()
    wide.page.locator("#deadline-more summary").click()


def test_a_filter_zooms_to_its_sites_and_clearing_it_to_the_country(wide):
    """All sites that pass stand on the map, closer than before."""
    state = sites()[0]["state"]
    whole = wide.ask("sitefinder.map().getZoom()")
    wide.ask("document.getElementById('filters').open = true")
    wide.page.select_option("#filter-state", state)
    wide.settle(f"sitefinder.map().getZoom() > {whole} + 0.5")
    west, south, east, north = wide.ask("sitefinder.map().getBounds().toArray().flat()")
    for row in sites():
        assert row["state"] != state or (west < row["lon"] < east and south < row["lat"] < north)
    wide.page.locator("#clear-filters").click()
    wide.settle(f"Math.abs(sitefinder.map().getZoom() - {whole}) < 0.01")


def test_search_finds_by_county_and_enter_opens_the_first(wide):
    """Words of name, county, state, region or id."""
    row = sites()[3]
    wide.page.fill("#search", row["site_id"])
    assert wide.page.locator("#list li").count() == 1
    wide.page.press("#search", "Enter")
    assert row["name"] in wide.page.locator("#site-title").inner_text()
    wide.page.fill("#search", "no such place anywhere")
    assert wide.page.locator("#list .site-row").count() == 0


@pytest.mark.parametrize(("typed", "fits"), [("{county}, {state}", True), ("{county} county", True), ("no such place", False)])
def test_search_takes_what_the_list_prints(wide, typed, fits):
    """County with state, the word county; words begin with what is typed, and an empty list says why."""
    row = sites()[0]
    wide.page.fill("#search", typed.format(**row))
    assert (wide.page.locator("#list .site-row").count() > 0) == fits
    assert ("No site of the list fits" in wide.page.locator("#list").inner_text()) != fits


def test_a_data_center_without_a_size_says_so(wide):
    """What a feature lacks is unknown, not an error."""
    wide.page.locator("#show-centers").check()
    wide.page.locator("#show-campuses").uncheck()
    wide.ask("void sitefinder.map().jumpTo({ center: [-77.5, 39.0], zoom: 9 })")
    wide.settle("sitefinder.map().isSourceLoaded('centers')")
    wide.drawn()
    at = wide.ask(
        "(() => { const map = sitefinder.map(), c = map.getCanvas().getBoundingClientRect(), inside = (v) => v > 60 && v < 600;"
        " const bare = map.queryRenderedFeatures({ layers: ['layer-centers'] }).filter((f) => f.properties.mw === undefined);"
        " const p = bare.map((f) => map.project(f.geometry.coordinates)).find((p) => inside(p.x) && inside(p.y));"
        " return [p.x + c.left, p.y + c.top]; })()"
    )
    wide.page.mouse.click(*at)
    assert "MW unknown" in wide.page.locator(".maplibregl-popup").inner_text()
    wide.page.locator(".maplibregl-popup-close-button").click()
    assert wide.complaints == []


def test_two_sites_stand_side_by_side(wide):
    """Compare, pick the second in the list, and all columns stand in one table."""
    wide.page.locator("#list .site-row").nth(1).click()
    wide.page.get_by_role("button", name="Compare", exact=True).click()
    wide.page.locator("#list .site-row").nth(4).click()
    head = wide.page.locator("#site thead").inner_text()
    rows = sites()
    assert rows[1]["name"] in head
    assert rows[4]["name"] in head
    assert wide.page.locator("#site tbody tr").count() > 100
    assert wide.page.locator("#site tbody tr").first.locator("td").last.inner_text() == "+3"
    assert wide.page.locator("#site .pair svg").count() == 2
    wide.page.get_by_role("button", name="Stop comparing").click()
    assert wide.page.locator("#site table").count() == 0


def test_a_link_brings_back_the_view(chromium, path, wide):
    """Weights, also of criteria, share, surface, layers, filters, both sites and position come back from the address."""
    wide.slide("water", 33.5)
    wide.slide("share", 70)
    wide.slide_criterion("gas", "gas_any_km", 57.5)
    wide.page.select_option("#view", "exclusions")
    wide.page.select_option("#gate", "steep")
    wide.page.locator("#show-gas").check()
    wide.page.locator("#show-places").uncheck()
    wide.page.fill("#search", "a")
    wide.page.locator("#list .site-row").nth(2).click()
    wide.page.get_by_role("button", name="Compare", exact=True).click()
    wide.page.locator("#list .site-row").nth(0).click()
    wide.drawn()
    wide.settle("location.hash.includes('with=')")
    wide.page.wait_for_timeout(1200)
    wide.ask("void sitefinder.map().jumpTo({center: [-95.5, 38.2], zoom: 4.2})")  # far from the rim that clamps a new page
    wide.page.wait_for_timeout(1200)
    link = wide.ask("location.hash")
    again = visit(chromium, path, link=link)
    kept = ("weights", "inner", "share", "view", "gate", "filter", "site", "compare")
    what = f"JSON.stringify([[...sitefinder.state.layers].sort(), ...{json.dumps(kept)}.map((k) => sitefinder.state[k])])"
    assert again.ask(what) == wide.ask(what)
    assert again.order() == wide.order()
    assert again.page.locator("#site table").count() == 1
    near = "(() => { const c = sitefinder.map().getCenter(); return [c.lng, c.lat, sitefinder.map().getZoom()]; })()"
    assert again.ask(near) == pytest.approx(wide.ask(near), abs=0.02)
    assert again.complaints == []
    again.page.context.close()


@pytest.mark.parametrize(
    "link",
    [
        "#w=1_2&site=nothing&with=<script>&at=x_y_z&view=constructor&layers=__proto__&mw=-5&c=substation_345_km:x",
        "#w=a_b_c_d_e_f_g_h&site=own:99&c=nothing:5%20__proto__:5&share=&state=XX&year=1999",
    ],
)
def test_a_broken_link_opens_the_ordinary_page(chromium, path, link):
    """What an address cannot mean is left out."""
    seen = visit(chromium, path, link=link)
    assert seen.complaints == []
    assert seen.order() == [r["site_id"] for r in sites()]
    seen.page.context.close()


def test_hostile_names_are_text_everywhere(wide):
    """Script, quotes, right-to-left and emoji in the user's own sites are shown as they were written, and nothing runs."""
    assert set(wide.page.locator("#own b").all_inner_texts()) == set(HOSTILE)
    for i in range(len(HOSTILE)):
        wide.page.locator("#own .site-row").nth(i).click()
        name = wide.page.locator("#own b").nth(i).inner_text()
        assert name in wide.page.locator("#site-title").inner_text()
    wide.page.get_by_role("button", name="Compare", exact=True).click()
    wide.page.locator("#own .site-row").first.click()
    assert wide.ask("window.hit") is None
    assert wide.page.locator("#site script, #own script, #site b b").count() == 0
    assert wide.complaints == []


def test_the_keyboard_reaches_list_and_panel(wide):
    """Arrow keys walk the list, Enter opens, Escape closes, a slash searches."""
    wide.page.locator("#list .site-row").first.focus()
    wide.page.keyboard.press("ArrowDown")
    assert wide.ask("document.activeElement.dataset.site") == "1"
    wide.page.keyboard.press("Enter")
    assert wide.page.locator("#site").is_visible()
    wide.page.keyboard.press("Escape")
    assert wide.page.locator("#site").is_hidden()
    wide.page.keyboard.press("/")
    assert wide.ask("document.activeElement.id") == "search"


def test_everything_that_is_operated_has_a_name(wide):
    """Buttons, fields and pictures say to a screen reader what they are."""
    wide.page.locator("#list .site-row").first.click()
    nameless = wide.ask(
        "[...document.querySelectorAll('button, input, select, [role=img]')].filter((e) => !(e.labels && e.labels.length)"
        " && !e.getAttribute('aria-label') && !e.textContent.trim() && !e.title).map((e) => e.outerHTML)"
    )
    assert nameless == []


def test_the_theme_can_be_switched(chromium, path):
    """The page follows the system and the button overrides it."""
    seen = visit(chromium, path, scheme="dark")
    assert seen.ask("document.documentElement.dataset.theme") == "dark"
    seen.page.locator("#theme").click()
    assert seen.ask("document.documentElement.dataset.theme") == "light"
    assert seen.complaints == []
    seen.page.context.close()


def test_without_webgl2_a_still_map_is_drawn(chromium, path):
    """The list, the panel and the sliders work, and the picture follows the weights."""
    seen = visit(chromium, path, link="#gl=off")
    assert seen.complaints == []
    first = seen.pixels()
    seen.slide("climate", 60)
    seen.page.wait_for_timeout(300)
    assert (first != seen.pixels()).any(axis=2).mean() > 0.02
    seen.page.locator("#list .site-row").first.click()
    assert seen.page.locator("#site").is_visible()
    seen.page.context.close()


def test_a_phone_has_everything_within_reach(chromium, path):
    """At 390 x 844 nothing is wider than the screen; tabs show weights, sites and layers; a site fills the screen."""
    seen = visit(chromium, path, size=PHONE)
    assert seen.ask("document.documentElement.scrollWidth") <= PHONE[0]
    for tab, inside in (("weights", "#w-water"), ("layers", "#view"), ("sites", "#search")):
        seen.page.locator(f"[role=tab][data-tab={tab}]").click()
        assert seen.page.locator(inside).is_visible()
    seen.page.locator("#list .site-row").first.click()
    box = seen.page.locator("#site").bounding_box()
    assert (box["x"], box["width"]) == (0, PHONE[0])
    seen.page.get_by_role("button", name="Close").click()
    seen.page.locator("#sheet").click()
    assert seen.page.locator("#list").is_hidden()
    assert seen.complaints == []
    seen.page.context.close()


def test_the_frame_of_the_country_is_seen_whole(chromium, path):
    """Every size opens on the whole of the contiguous states, which fill the canvas from side to side, and keeps to it."""
    for size in (WIDE, PHONE):
        seen = visit(chromium, path, size=size)
        west, south, east, north = seen.ask("sitefinder.map().getBounds().toArray().flat()")
        assert west < -124.7
        assert south < 24.6
        assert east > -67.0
        assert north > 49.3
        assert east - west < 63.0
        assert north - south < 36.0
        seen.page.set_viewport_size({"width": size[0] - 20, "height": size[1]})
        seen.settle("sitefinder.map().getContainer().clientWidth < 1000 && sitefinder.map().getBounds().getWest() < -124.7")
        assert seen.ask("sitefinder.map().getBounds().getEast()") > -67.0
        seen.page.context.close()
