"use strict";
// Start: list first, then the map, then the surface; the state of the page in its address.

const page = { ready: false, readyMs: null, rankingMs: null, surfaceMs: null, gl: true, errors: [] };
const defaults = { layers: [...state.layers], position: null };
window.sitefinder = { page, state, sites, own, planes, defaults, albers, cellAt, cellByMesh, cellFacts, shares, tunedYaml, listCsv, listGeojson, map: () => map };
addEventListener("error", (e) => page.errors.push(String(e.message)));

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  paintTheme();
  tell("surface");
}

/** The view in the address: weights in percent, learned share, surface, layers, site, second site, filters, position. */
function permalink() {
  const f = state.filter, link = new URLSearchParams();
  if (state.weights.some((w, k) => w !== families[k].weight)) link.set("w", state.weights.map((w) => plainNumber(w * 100)).join("_"));
  const inner = families.flatMap((f, k) => f.criteria.map((c, i) => (state.inner[k][i] === c.weight ? null : `${c.id}:${plainNumber(state.inner[k][i] * 100)}`))).filter(Boolean);
  if (inner.length) link.set("c", inner.join(" "));
  if (learnedShare !== null && state.share !== learnedShare) link.set("share", plainNumber(state.share));
  if (state.view !== "score") link.set("view", state.view);
  if (state.view === "exclusions" && state.gate !== "any") link.set("gate", state.gate);
  link.set("layers", [...state.layers].sort().join("_"));
  for (const [key, chosen] of [["site", state.site], ["with", state.compare]]) if (chosen) link.set(key, `${chosen.own ? "own:" : ""}${chosen.own ? chosen.index : siteValue(chosen, "site_id")}`);
  for (const [key, value] of Object.entries(f)) if (value) link.set(key === "text" ? "q" : key, value);
  if (page.still) link.set("gl", "off");
  if (map) {
    const c = map.getCenter();
    link.set("at", `${c.lng.toFixed(4)}_${c.lat.toFixed(4)}_${map.getZoom().toFixed(2)}`);
  }
  return `#${link}`;
}

const writeLink = later(() => {
  try {
    history.replaceState(null, "", permalink());
  } catch {
    location.hash = permalink();
  }
}, 250);

function readLink() {
  const link = new URLSearchParams(location.hash.slice(1)), f = state.filter;
  const amount = (text) => (text && text.trim() ? Number(text) : NaN);
  const weights = (link.get("w") || "").split("_").map(amount);
  if (weights.length === families.length && weights.every((w) => w >= 0 && w <= 1000)) state.weights = weights.map((w) => w / 100);
  for (const entry of (link.get("c") || "").split(" ").filter(Boolean)) {
    const [id, text] = entry.split(":"), w = amount(text);
    families.forEach((f, k) => f.criteria.forEach((c, i) => {
      if (c.id === id && c.counts && w >= 0 && w <= 1000) state.inner[k][i] = w / 100;
    }));
  }
  const share = amount(link.get("share"));
  if (link.has("share") && learnedShare !== null && share >= 0 && share <= 1) state.share = share;
  if (Object.hasOwn(VIEWS, link.get("view"))) state.view = link.get("view");
  if (meta.gates.some((g) => g.id === link.get("gate"))) state.gate = link.get("gate");
  const known = new Set(["campuses", ...meta.layers.map((l) => l.name)]);
  if (link.has("layers")) state.layers = new Set(link.get("layers").split("_").filter((n) => known.has(n)).concat("land"));
  for (const [key, name] of [["q", "text"], ["state", "state"], ["rto", "rto"], ["year", "year"]]) if (link.has(key)) f[name] = link.get(key);
  const offered = { state: (v) => sites.rows.some((_, i) => valueOf(sites, i, "state") === v), rto: (v) => sites.rows.some((_, i) => valueOf(sites, i, "rto") === v), year: (v) => `mw_p50_${v}` in sites.at };
  for (const [key, fits] of Object.entries(offered)) if (f[key] && !fits(f[key])) f[key] = "";
  for (const key of ["mw", "acres"]) f[key] = Math.max(0, Number(link.get(key)) || 0);
  const chosen = (key) => {
    const id = link.get(key) || "";
    const index = id.startsWith("own:") ? Number(id.slice(4)) : sites.byId.get(id);
    return index === undefined || !(id.startsWith("own:") ? own.rows[index] : true) ? null : { index, own: id.startsWith("own:") };
  };
  state.site = chosen("site");
  state.compare = state.site ? chosen("with") : null;
  const at = (link.get("at") || "").split("_").map(Number);
  return { at: at.length === 3 && at.every(Number.isFinite) ? at : null, still: link.get("gl") === "off" };
}

function hasWebgl2() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

function makeMap(at) {
  const credits = "Map: MapLibre · Data: public sources, see Layers · Data centers, water: © OpenStreetMap contributors (ODbL)";
  map = new maplibregl.Map({
    container: "map",
    style: { version: 8, sources: {}, layers: [{ id: "sea", type: "background", paint: { "background-color": theme().sea } }] },
    ...(at ? { center: [at[0], at[1]], zoom: at[2] } : { bounds: homeBox(), fitBoundsOptions: { padding: mapPadding() } }),
    minZoom: 1.5, maxZoom: 14, maxBounds: [[-160, -5], [-35, 68]], dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false,
    fadeDuration: 0, attributionControl: { compact: true, customAttribution: credits }, trackResize: true, validateStyle: false, pixelRatio: Math.min(devicePixelRatio, 2),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "bottom-left"); // over the ocean, when the country is seen whole
  map.on("error", (e) => page.errors.push(String(e.error && e.error.message)));
  const narrow = innerWidth < 761 || innerHeight < 520;
  stayHome(!at);
  defaults.position = { center: map.getCenter(), zoom: map.getZoom() };
  return new Promise((resolve) => map.once("load", resolve)).then(() => {
    if (narrow) document.querySelector(".maplibregl-ctrl-attrib")?.classList.remove("maplibregl-compact-show");
  });
}

async function fillMap() {
  addCampuses();
  const wanted = meta.layers.filter((l) => state.layers.has(l.name));
  await Promise.all(wanted.map((l) => showLayer(l, true)));
  if (!state.layers.has("campuses")) CAMPUS_LAYERS.forEach((id) => map.setLayoutProperty(id, "visibility", "none"));
  paintTheme();
  markChosen();
  map.on("click", clicked);
  map.on("mousemove", (e) => readout(e.lngLat));
  map.on("moveend", () => tell("moved"));
  const pointer = (cursor) => () => (map.getCanvas().style.cursor = cursor);
  for (const id of ["campus-fill", "campus-dots"]) {
    map.on("mouseenter", id, pointer("pointer"));
    map.on("mouseleave", id, pointer(""));
  }
}

function addSurface() {
  map.addLayer(surfaceLayer, beforeOf("land"));
  on("surface", () => {
    const begun = performance.now();
    map.once("render", () => (page.surfaceMs = performance.now() - begun));
    map.triggerRepaint();
  });
}

function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  const pick = (name) => {
    document.body.dataset.tab = name;
    document.body.classList.remove("folded");
    for (const tab of all) {
      tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
      tab.tabIndex = tab.dataset.tab === name ? 0 : -1;
    }
  };
  all.forEach((tab, k) => {
    tab.addEventListener("click", () => pick(tab.dataset.tab));
    tab.addEventListener("keydown", (e) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key], next = all[k + step];
      if (!next) return;
      pick(next.dataset.tab);
      next.focus();
    });
  });
  pick("sites");
  byId("sheet").addEventListener("click", () => {
    const folded = document.body.classList.toggle("folded");
    byId("sheet").setAttribute("aria-expanded", String(!folded));
  });
  const narrow = matchMedia("(max-width: 760px)");
  const move = () => (narrow.matches ? byId("side") : byId("stage")).append(byId("layers"));
  narrow.addEventListener("change", move);
  move();
  if (!layersBelow() && innerWidth > 760 && innerWidth <= 1250) byId("layers-box").open = false; // the map comes first
}

function controls() {
  for (const link of document.querySelectorAll(".skip")) link.addEventListener("click", (e) => {
    e.preventDefault(); // the address holds the view
    const target = byId(link.getAttribute("href").slice(1));
    (target.querySelector(".site-row, canvas") || target).focus();
  });
  byId("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
  byId("share-link").addEventListener("click", async () => {
    const url = `${location.href.split("#")[0]}${permalink()}`;
    try {
      await navigator.clipboard.writeText(url);
      byId("share-link").textContent = "Copied";
    } catch {
      location.hash = permalink();
      byId("share-link").textContent = "In the address bar";
    }
    setTimeout(() => (byId("share-link").textContent = "Copy link"), 2000);
  });
  addEventListener("keydown", (e) => {
    if (e.key === "Escape" && state.site && document.activeElement !== byId("search")) tell("choose", null);
    if (e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) {
      byId("search").focus();
      e.preventDefault();
    }
  });
  addEventListener("hashchange", () => location.hash.includes("=") && location.hash !== permalink() && location.reload());
}

async function start() {
  const p = meta.project;
  byId("project").textContent = `${p.name || "project"} · ${number(p.mw || 0, 0)} MW wanted by ${monthWords(p.energise_by || "?")}`;
  byId("deadline-words").textContent = (p.deadline_words || "").replaceAll(" %", "\u00a0%");
  byId("deadline-change").textContent = (p.deadline_change || "").replace(/^What would change that: (.)/, (_, first) => first.toUpperCase());
  byId("deadline").hidden = !p.deadline_words;
  byId("deadline-more").hidden = !p.deadline_change;
  document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  packedShapes = takeText("data-layers");
  const surfaceComing = unpackSurface();
  takeSites(JSON.parse(new TextDecoder().decode(await inflated(bytesOf(takeText("data-sites"), meta.digits)))));
  const { at, still: stillWanted } = readLink();
  page.still = stillWanted;
  page.gl = !stillWanted && hasWebgl2();
  families.forEach((_, k) => sumFamily(k));
  tellNothing(rerank());
  tabs();
  fillSliders();
  fillFilters();
  showFilters();
  listenToList();
  fillPicker();
  fillViews();
  fillOwn();
  controls();
  sliders.forEach((refresh) => refresh());
  setView(state.view);
  fillList();
  fillSite();
  on("choose", choose);
  on("chosen", () => document.querySelector(".maplibregl-ctrl-attrib")?.classList.remove("maplibregl-compact-show"));
  on("ranked", drawCampuses);
  on("ranked", later(() => state.site && fillSite(), 60));
  on("moved", writeLink);
  await Promise.allSettled([...document.fonts].map((face) => face.load())); // text on the map is drawn once, in the font that is there
  if (page.gl) await makeMap(at).then(fillMap);
  page.mapMs = performance.now() - started;
  country = await surfaceComing;
  tell("unpacked");
  page.unpackedMs = performance.now() - started;
  const drawn = new Promise((resolve) => on("drawn", resolve));
  await Promise.all(families.map((_, k) => weighCriteria(k)));
  if (page.gl) addSurface();
  else startStill();
  await drawn;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))); // the frame is on the screen
  byId("busy").hidden = true;
  page.readyMs = performance.now() - started;
  page.ready = true;
}

start().catch((error) => {
  page.errors.push(String(error && error.stack));
  byId("busy").textContent = `The map could not be started: ${error && error.message}. The list works without it.`;
});
