"use strict";
// The map: base, lines, points, campuses; layer picker, legend, readout under the pointer.

const STEP = 0.0005; // degrees; as in vectors.py
let map = null;
let packedShapes = null; // text of all layers

/** Shapes of a layer as GeoJSON features. */
async function shapesOf(layer) {
  const part = async (name) => inflated(bytesOf(textOf(packedShapes, meta.at[name]), meta.digits));
  const [bytes, columnBytes] = await Promise.all([part(layer.name), part(`${layer.name}/columns`)]);
  const columns = JSON.parse(new TextDecoder().decode(columnBytes));
  let at = 0;
  const next = () => {
    let value = 0, scale = 1, octet;
    do {
      octet = bytes[at++];
      value += (octet & 127) * scale;
      scale *= 128;
    } while (octet > 127);
    return value;
  };
  const signed = () => {
    const v = next();
    return v % 2 ? -(v + 1) / 2 : v / 2;
  };
  const names = Object.keys(columns), features = [];
  while (at < bytes.length) {
    const lines = [];
    let x = 0, y = 0;
    for (let parts = next(); parts > 0; parts--) {
      const line = [];
      for (let n = next(); n > 0; n--) {
        x += signed();
        y += signed();
        line.push([x * STEP, y * STEP]);
      }
      lines.push(line);
    }
    const properties = {};
    for (const name of names) properties[name] = columns[name][features.length];
    const geometry =
      layer.kind === "area" ? { type: "Polygon", coordinates: lines }
      : layer.kind === "point" ? { type: "Point", coordinates: lines[0][0] }
      : { type: "MultiLineString", coordinates: lines };
    features.push({ type: "Feature", geometry, properties });
  }
  return { type: "FeatureCollection", features };
}

const byClass = (key, pairs, otherwise) => ["match", ["get", key], ...pairs.flat(), otherwise];
// colours of one layer differ for every colour vision (tests simulate it)
const VOLTAGES = { 138: "#9ecae1", 230: "#4a90d9", 345: "#e69f00", 500: "#c51b1b", 765: "#2d004b" };
const GAS = { interstate: "#b15928", intrastate: "#d9b365" };
const ROUTES = { grid: "#c51b1b", gas: "#e69f00", fiber: "#111111", water: "#2171b5" };
const FIBER = { freeway: "#00876c", railway: "#66c2a4" };
const FONT = [getComputedStyle(document.documentElement).fontFamily]; // the font of the page, for text on the map
const wide = (from, to) => ["interpolate", ["linear"], ["zoom"], 4, from, 10, to];
const colourPairs = (table, numeric) => Object.entries(table).map(([k, c]) => [numeric ? Number(k) : k, c]);

/** How each layer is drawn, and its legend: [colour, text, shape]. */
const DRAWN = {
  land: { type: "fill", below: true, paint: (t) => ({ "fill-color": t.land, "fill-antialias": false }), fixed: true },
  water: { type: "fill", paint: (t) => ({ "fill-color": t.water, "fill-opacity": 0.9, "fill-antialias": false }), legend: [["#8fb8d6", "water of 3 km² and more"]] },
  rivers: {
    type: "line",
    paint: () => ({ "line-color": "#4d94c7", "line-width": byClass("flow_m3s", [[10, 0.6], [100, 1.3], [1000, 2.2]], 0.6) }),
    legend: [["#4d94c7", "10, 100, 1,000 m³/s and more (wider)", "line"]],
  },
  counties: { type: "line", minzoom: 5.5, paint: (t) => ({ "line-color": t.line, "line-width": 0.5, "line-opacity": 0.6 }), legend: [["#888888", "when zoomed in", "line"]] },
  states: { type: "line", paint: (t) => ({ "line-color": t.line, "line-width": wide(0.8, 1.8) }) },
  transmission: {
    type: "line",
    paint: () => ({ "line-color": byClass("kv", colourPairs(VOLTAGES, true), VOLTAGES[138]), "line-width": byClass("kv", [[138, 0.5], [230, 0.9], [345, 1.3], [500, 1.7], [765, 2.2]], 0.5) }),
    legend: Object.entries(VOLTAGES).map(([kv, c]) => [c, `${kv} kV`, "line"]),
  },
  stations: {
    type: "circle",
    paint: () => ({ "circle-color": byClass("kv", colourPairs(VOLTAGES, true), VOLTAGES[345]), "circle-radius": wide(1.8, 5.5), "circle-stroke-width": 0.8, "circle-stroke-color": "#ffffff" }),
    legend: [[VOLTAGES[345], "345 kV", "dot"], [VOLTAGES[500], "500 kV", "dot"], [VOLTAGES[765], "765 kV", "dot"]],
  },
  gas: {
    type: "line",
    paint: () => ({ "line-color": byClass("kind", colourPairs(GAS), "#b15928"), "line-width": wide(0.7, 1.8) }),
    legend: Object.entries(GAS).map(([k, c]) => [c, k, "line"]),
  },
  fiber: {
    type: "line",
    paint: () => ({ "line-color": byClass("kind", colourPairs(FIBER), "#00876c"), "line-width": wide(0.8, 2), "line-dasharray": [3, 1.5] }),
    legend: Object.entries(FIBER).map(([k, c]) => [c, `along a ${k}`, "line"]),
  },
  centers: {
    type: "circle",
    paint: () => ({ "circle-color": "#111111", "circle-radius": wide(2.4, 6), "circle-stroke-color": "#ffffff", "circle-stroke-width": 1 }),
    legend: [["#111111", "known campus or building", "dot"]],
  },
  moratoria: {
    type: "circle",
    paint: () => ({ "circle-color": "#cc79a7", "circle-radius": wide(2.4, 6), "circle-stroke-color": "#ffffff", "circle-stroke-width": 1 }),
    legend: [["#cc79a7", "jurisdiction", "dot"]],
  },
  routes: {
    type: "line",
    paint: () => ({ "line-color": byClass("route", ["gas", "fiber"].flatMap((k) => [[k, ROUTES[k]], [`${k}_second`, ROUTES[k]]]).concat([["water", ROUTES.water]]), ROUTES.grid), "line-width": wide(1, 2.6) }),
    legend: Object.entries(ROUTES).map(([k, c]) => [c, k, "line"]),
  },
  places: {
    type: "symbol",
    layout: () => ({
      "text-field": ["get", "name"], "text-size": ["interpolate", ["linear"], ["get", "people"], 15000, 10, 1000000, 13], "text-font": FONT,
      "symbol-sort-key": ["-", ["get", "people"]], "text-padding": 5, "text-max-width": 8, "text-variable-anchor": ["center", "top", "bottom", "left"], "text-radial-offset": 0.35,
    }),
    filter: [">", ["get", "people"], ["step", ["zoom"], 400000, 5, 150000, 6, 60000, 7.5, 15000]],
    paint: (t) => ({ "text-color": t.text, "text-halo-color": t.halo, "text-halo-width": 1.4 }),
  },
};

const THEMES = {
  light: { sea: "#dfe7ee", land: "#f4f2ec", line: "#5a5f66", text: "#1f2328", halo: "#ffffffcc", water: "#a9c9e0", site: "#ffffff", edge: "#111111" },
  dark: { sea: "#10151b", land: "#232930", line: "#aab2bd", text: "#f0f3f6", halo: "#0d1117cc", water: "#2b4c66", site: "#ffffff", edge: "#000000" },
};
const theme = () => THEMES[isDark() ? "dark" : "light"];

/** Puts a layer on the map when it is first wanted, then shows or hides it. */
async function showLayer(layer, shownNow) {
  const id = `layer-${layer.name}`;
  if (map.getLayer(id)) return map.setLayoutProperty(id, "visibility", shownNow ? "visible" : "none");
  if (!shownNow || map.getSource(layer.name)) return undefined;
  map.addSource(layer.name, { type: "geojson", data: { type: "FeatureCollection", features: [] }, tolerance: 0.4, maxzoom: 12 });
  const drawn = DRAWN[layer.name];
  const style = { id, source: layer.name, type: drawn.type, paint: drawn.paint(theme()), layout: drawn.layout ? drawn.layout() : {} };
  if (drawn.minzoom) style.minzoom = drawn.minzoom;
  if (drawn.filter) style.filter = drawn.filter;
  map.addLayer(style, beforeOf(layer.name));
  map.getSource(layer.name).setData(await shapesOf(layer));
  return map.setLayoutProperty(id, "visibility", state.layers.has(layer.name) ? "visible" : "none");
}

/** The layer above a new one: areas lie below lines, lines below points, campuses over all; the surface right above the land. */
function beforeOf(name) {
  const names = meta.layers.map((l) => l.name);
  const height = (n) => ["area", "line", "point"].indexOf(meta.layers.find((l) => l.name === n).kind);
  const stack = names.filter((n) => n !== "places").sort((a, b) => height(a) - height(b) || names.indexOf(a) - names.indexOf(b));
  const above = stack.slice(stack.indexOf(name) + 1).map((n) => `layer-${n}`);
  if (name === "land") above.unshift("surface");
  if (name === "places") return "campus-room"; // names above the dots; where names, dots and ranks want the room, names give way
  return [...above, "campus-fill"].find((id) => map.getLayer(id));
}

function paintTheme() {
  if (!map || !map.getLayer("sea")) return;
  const t = theme();
  map.setPaintProperty("sea", "background-color", t.sea);
  for (const layer of meta.layers) {
    const id = `layer-${layer.name}`;
    if (map.getLayer(id)) for (const [key, value] of Object.entries(DRAWN[layer.name].paint(t))) map.setPaintProperty(id, key, value);
  }
}

function campusFeatures() {
  const shownSites = new Set(visible());
  const polygons = [], points = [];
  const add = (list, i, properties) => {
    const at = [valueOf(list, i, "lon"), valueOf(list, i, "lat")];
    polygons.push({ type: "Feature", geometry: list.outlines[i], properties });
    points.push({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties });
  };
  for (const i of shownSites) add(sites, i, { site: i, rank: sites.rank[i], own: false });
  own.rows.forEach((_, i) => add(own, i, { site: i, rank: own.rank[i], own: true }));
  const collection = (features) => ({ type: "FeatureCollection", features });
  return [collection(polygons), collection(points)];
}

function addCampuses() {
  const [polygons, points] = campusFeatures();
  outlined = [...visible()].sort((a, b) => a - b).join();
  map.addSource("campuses", { type: "geojson", data: polygons });
  map.addSource("campus-points", { type: "geojson", data: points });
  const ours = ["get", "own"], colour = ["case", ours, "#ff3fa4", "#ffffff"];
  map.addLayer({ id: "campus-fill", type: "fill", source: "campuses", paint: { "fill-color": colour, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 6, 0, 9, 0.28] } });
  map.addLayer({ id: "campus-line", type: "line", source: "campuses", minzoom: 6, paint: { "line-color": ["case", ours, "#c2006b", "#111111"], "line-width": wide(1, 2.4) } });
  map.addLayer({
    id: "campus-dots", type: "circle", source: "campus-points",
    layout: { "circle-sort-key": ["-", ["get", "rank"]] },
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 3, ["case", ["<=", ["get", "rank"], 25], 4, 2], 7, ["case", ["<=", ["get", "rank"], 25], 8, 5]],
      "circle-color": colour, "circle-stroke-color": "#111111", "circle-stroke-width": 1,
    },
  });
  map.addLayer({ id: "campus-chosen", type: "circle", source: "campus-points", filter: ["==", ["get", "site"], -1], paint: { "circle-radius": 13, "circle-color": "#ffffff00", "circle-stroke-color": "#ff3fa4", "circle-stroke-width": 3 } });
  addRoom("campus-room", [">", ["get", "rank"], 25], [3, 6, 7, 12]);
  map.addLayer({
    id: "campus-ranks", type: "symbol", source: "campus-points", filter: ["<=", ["get", "rank"], ["step", ["zoom"], 20, 4, 40, 5, 120, 6.5, 100000]],
    layout: {
      "text-field": ["to-string", ["get", "rank"]], "text-font": FONT, "text-size": wide(11, 14),
      "symbol-sort-key": ["get", "rank"], "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.75, "text-padding": 3,
    },
    paint: { "text-color": "#111111", "text-halo-color": "#ffffff", "text-halo-width": 1.8 },
  });
  addRoom("campus-room-first", ["<=", ["get", "rank"], 25], [3, 9, 7, 17]);
}

/** Empty pictures as large as the dots, which no label may cover: [zoom, pixels, zoom, pixels]. */
function addRoom(id, filter, sizes) {
  if (!map.hasImage("room")) map.addImage("room", { width: 8, height: 8, data: new Uint8Array(8 * 8 * 4) });
  map.addLayer({
    id, type: "symbol", source: "campus-points", filter,
    layout: { "icon-image": "room", "icon-size": ["interpolate", ["linear"], ["zoom"], ...sizes.map((v, k) => (k % 2 ? v / 8 : v))], "icon-allow-overlap": true, "icon-padding": 1 },
  });
}

// without WebGL2 only the surface and the campuses are drawn
const drawable = (layer) => page.gl || layer.name === "campuses";

const CAMPUS_LAYERS = ["campus-fill", "campus-line", "campus-dots", "campus-chosen", "campus-room", "campus-ranks", "campus-room-first"];

let outlined = ""; // sites whose outlines are on the map

/** Ranks follow the weights; outlines change with the filters only. */
const drawCampuses = later(() => {
  if (!map || !map.getSource("campuses")) return;
  const [polygons, points] = campusFeatures(), now = [...visible()].sort((a, b) => a - b).join();
  if (now !== outlined) map.getSource("campuses").setData(polygons);
  outlined = now;
  map.getSource("campus-points").setData(points);
}, 200);

function markChosen() {
  if (!map || !map.getLayer("campus-chosen")) return;
  const of = (c) => (c ? [["all", ["==", ["get", "site"], c.index], ["==", ["get", "own"], c.own]]] : []);
  map.setFilter("campus-chosen", ["any", false, ...of(state.site), ...of(state.compare)]);
}

async function setLayer(name, wanted) {
  state.layers[wanted ? "add" : "delete"](name);
  byId(`show-${name}`).checked = wanted;
  fillLegend();
  tell("moved");
  if (!map) return tell("surface");
  if (name === "campuses") CAMPUS_LAYERS.forEach((id) => map.setLayoutProperty(id, "visibility", wanted ? "visible" : "none"));
  return name === "campuses" ? undefined : showLayer(meta.layers.find((l) => l.name === name), wanted);
}

function fillPicker() {
  const entries = [{ name: "campuses", title: "Campuses with rank", credit: "this run" }, ...meta.layers.filter((l) => !DRAWN[l.name].fixed)].filter(drawable);
  byId("layer-picker").append(
    ...entries.map((layer) => {
      const box = element("input", { type: "checkbox", id: `show-${layer.name}`, checked: state.layers.has(layer.name) });
      box.addEventListener("change", () => setLayer(layer.name, box.checked));
      return element("div", { className: "entry" }, element("label", { className: "check", title: layer.credit }, box, ` ${layer.title}`), element("div", { className: "key", id: `key-${layer.name}` }));
    }),
  );
}

/** What the colours of a layer mean, and whose data it is, while it is on. */
function keyOf(layer) {
  const drawn = DRAWN[layer.name];
  if (!state.layers.has(layer.name) || !drawn || !drawn.legend) return [];
  return [element("div", { className: "swatches" }, ...drawn.legend.map(([c, text, shape]) => element("span", {}, swatch(c, shape), ` ${text}`))), element("small", {}, layer.credit)];
}

function swatch(colour, shape) {
  const box = element("span", { className: `swatch ${shape || "box"}` });
  box.style.background = colour;
  return box;
}

function rampLegend(view) {
  const bar = element("canvas", { className: "bar", width: 256, height: 1, role: "img", "aria-label": `Colours from ${view.range[0]} to ${view.range[1]} ${view.unit}` });
  bar.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rampColours(view.ramp)), 256, 1), 0, 0);
  const [from, to] = view.range, ticks = state.view === "exclusions" ? [from, to] : [from, (from + to) / 2, to];
  const labels = ticks.map((t, k) => (state.view === "exclusions" ? (k === 1 ? `${t} or more` : `${t} reason`) : `${k === 0 ? "≤ " : k === 2 ? "≥ " : ""}${number(t)}`));
  const notes = { agreement: "orange: the learned score is higher; purple: the weighted score is", exclusions: "hover or tap the map for the reasons", taken: "hover or tap the map for the causes: each that takes a tenth of a square kilometre or more" };
  return element("div", { className: "ramp" }, bar, element("div", { className: "ticks" }, ...labels.map((n) => element("span", {}, n))),
    element("div", { className: "note" }, `${view.unit}${notes[state.view] ? `; ${notes[state.view]}` : ""}${drawsCodes(viewTerms()) ? "" : "; hatched grey: excluded"}`));
}

function fillLegend() {
  const view = VIEWS[state.view], holder = byId("legend"), lines = [];
  if (state.view === "exclusions" && state.gate !== "any") lines.push(element("div", {}, swatch("#ba4604"), " excluded for this reason"));
  else if (view.ramp) lines.push(rampLegend(view));
  for (const layer of meta.layers) byId(`key-${layer.name}`)?.replaceChildren(...keyOf(layer));
  if (!page.gl) lines.push(element("div", { className: "note" }, "Still map at 5 km: this browser offers no WebGL2, which the other layers and zooming need."));
  holder.replaceChildren(...lines);
}

function fillViews() {
  byId("view").append(...Object.entries(VIEWS).map(([id, v]) => element("option", { value: id }, v.title)));
  byId("gate").append(element("option", { value: "any" }, "any (how many)"), ...meta.gates.map((g) => element("option", { value: g.id }, g.reason)));
  byId("view").addEventListener("change", (e) => setView(e.target.value));
  byId("gate").addEventListener("change", (e) => setView("exclusions", e.target.value));
}

function setView(view, gate) {
  state.view = Object.hasOwn(VIEWS, view) ? view : "score";
  if (gate) state.gate = gate;
  if (state.view === "taken") unpackTaken();
  byId("view").value = state.view;
  byId("gate").value = state.gate;
  byId("gate-label").hidden = state.view !== "exclusions";
  fillLegend();
  tell("surface");
  tell("moved");
}

/** What lies under the pointer, in words. */
function readout(lngLat) {
  const facts = cellFacts(lngLat.lng, lngLat.lat), box = byId("readout");
  const place = `${Math.abs(lngLat.lat).toFixed(3)}° N, ${Math.abs(lngLat.lng).toFixed(3)}° W`;
  if (!facts) return box.replaceChildren(place);
  const taken = takenWords(lngLat.lng, lngLat.lat), under = taken ? [element("div", {}, taken)] : [];
  if (facts.excluded.length) {
    return box.replaceChildren(element("b", {}, "Excluded"), element("ul", {}, ...facts.excluded.map((r) => element("li", {}, r))), ...under, place);
  }
  const terms = [`weighted ${number(facts.weighted)}`];
  if (learnedShare !== null) terms.push(`learned ${number(facts.learned)}`);
  const view = VIEWS[state.view];
  if (view.family !== undefined) terms.unshift(`${families[view.family].title} ${number(facts.scores[view.family])}`);
  return box.replaceChildren(element("b", {}, `Score ${number(facts.score)}`), ` (${terms.join(", ")}) `, ...under, element("span", { className: "dim" }, place));
}

const TOLD = {
  stations: (p) => [p.name || "unnamed station", `${p.kv} kV`, p.headroom_mw_p50 == null ? "headroom unknown" : `estimated headroom with a line out ${number(p.headroom_mw_p10, 0)} / ${number(p.headroom_mw_p50, 0)} / ${number(p.headroom_mw_p90, 0)} MW (P10 / P50 / P90)`],
  centers: (p) => [p.name || "unnamed data center", p.operator || "operator unknown", p.mw == null ? "MW unknown" : `${number(p.mw, 0)} MW`, "© OpenStreetMap contributors and Epoch AI, ODbL"],
  moratoria: (p) => [`${p.jurisdiction || "unnamed"}, ${p.state || ""}`, `moratorium: ${p.status || "unknown"}`, p.enacted ? `from ${p.enacted}${p.expires ? ` to ${p.expires}` : ""}` : "date unknown"],
  transmission: (p) => [`Transmission line, ${p.kv} kV`],
  gas: (p) => [`Gas pipeline, ${p.kind}`],
  fiber: (p) => [`Fiber corridor along a ${p.kind} (proxy)`],
  routes: (p) => [`Connection ${p.route} of ${p.site_id}`, p.to ? `to ${p.to}` : "target unnamed", p.km == null ? "" : `${number(p.km)} km`],
};

function popup(lngLat, lines) {
  const content = element("div", { className: "popup" }, ...lines.filter(Boolean).map((text, k) => element(k ? "div" : "b", {}, text)));
  new maplibregl.Popup({ closeButton: true, maxWidth: "260px" }).setLngLat(lngLat).setDOMContent(content).addTo(map);
}

function clicked(event) {
  readout(event.lngLat);
  const around = [[event.point.x - 5, event.point.y - 5], [event.point.x + 5, event.point.y + 5]];
  const campus = map.queryRenderedFeatures(around, { layers: CAMPUS_LAYERS.filter((id) => !/line|room/.test(id)) });
  if (campus.length) {
    const rank = (p) => (p.own ? own : sites).rank[p.site];
    const best = campus.map((f) => f.properties).sort((a, b) => Number(b.own) - Number(a.own) || rank(a) - rank(b))[0];
    return tell("choose", { index: best.site, own: best.own });
  }
  const layers = Object.keys(TOLD).map((n) => `layer-${n}`).filter((id) => map.getLayer(id));
  const features = map.queryRenderedFeatures(around, { layers });
  const far = (f) => {
    const [x, y] = f.geometry.type === "Point" ? f.geometry.coordinates : [NaN, NaN], at = Number.isNaN(x) ? null : map.project([x, y]);
    return at ? Math.hypot(at.x - event.point.x, at.y - event.point.y) : 100; // the nearest point, else the topmost line
  };
  const best = features.sort((a, b) => far(a) - far(b))[0];
  return best ? popup(event.lngLat, TOLD[best.source](best.properties)) : undefined;
}
