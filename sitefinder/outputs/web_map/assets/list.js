"use strict";
// Sliders, filters and the list of sites, which follows the sliders.

const PAGE_ROWS = 100;
let rowsShown = PAGE_ROWS;
const sliders = [];

function slider(id, title, get, set, top) {
  const output = element("output", { htmlFor: id });
  const input = element("input", { type: "range", id, min: 0, max: top, step: 0.5 });
  const refresh = () => {
    input.value = get() * 100;
    const sum = state.weights.reduce((a, b) => a + b, 0);
    output.textContent = id === "w-share" ? `${number(get() * 100)} %` : `${number(sum > 0 ? (get() / sum) * 100 : 0)} %`;
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    set(Number(input.value) / 100);
    weigh();
  });
  sliders.push(refresh);
  return element("div", { className: "slider" }, element("label", { htmlFor: id }, title), input, output);
}

function fillSliders() {
  const top = Math.max(60, ...families.map((f) => Math.ceil(f.weight * 100)));
  const made = families.map((f, k) => slider(`w-${f.id}`, f.title, () => state.weights[k], (v) => (state.weights[k] = v), top));
  if (learnedShare !== null) made.push(slider("w-share", "Learned share", () => state.share, (v) => (state.share = v), 100));
  byId("sliders").append(...made);
  byId("reset").addEventListener("click", () => {
    state.weights = families.map((f) => f.weight);
    state.share = learnedShare === null ? 0 : learnedShare;
    weigh();
  });
  byId("export-yaml").addEventListener("click", () => download("tuned.yaml", "application/yaml", tunedYaml()));
}

/** New weights: order, list and surface follow at once. */
function weigh() {
  const begun = performance.now();
  const done = rerank();
  sliders.forEach((refresh) => refresh());
  byId("weights-note").textContent = done ? "" : "All weights are 0: give at least one family a weight.";
  if (done) {
    fillList();
    tell("ranked");
  }
  page.rankingMs = performance.now() - begun;
  tell("surface");
  tell("moved");
}

function moveOf(i) {
  const change = sites.runRank[i] - sites.rank[i];
  if (untouched() || change === 0) return element("span", { className: "move" }, "");
  const words = `${Math.abs(change)} ${change > 0 ? "up" : "down"}`;
  return element("span", { className: `move ${change > 0 ? "up" : "down"}`, title: `${words} from rank ${sites.runRank[i]} of the run` }, `${change > 0 ? "▲" : "▼"}${Math.abs(change)}`, element("span", { className: "unseen" }, ` ${words}`));
}

function listRow(i) {
  const score = sites.score[i], fill = element("span", { className: "fill" });
  fill.style.width = `${Math.max(0, Math.min(100, score))}%`;
  const month = valueOf(sites, i, "full_load_p50");
  const told = [`${valueOf(sites, i, "county") || "county unknown"}, ${valueOf(sites, i, "state") || ""}`, valueOf(sites, i, "rto"), month ? `full load ${month}` : null].filter(Boolean);
  const button = element("button", { type: "button", className: "site-row" },
    element("span", { className: "rank" }, String(sites.rank[i])), moveOf(i),
    element("span", { className: "told" }, element("b", { dir: "auto" }, String(valueOf(sites, i, "name") || "unnamed")), element("small", {}, told.join(" · "))),
    element("span", { className: "score" }, score.toFixed(1), element("span", { className: "track" }, fill)));
  button.dataset.site = i;
  if (state.site && !state.site.own && state.site.index === i) button.setAttribute("aria-current", "true");
  return element("li", {}, button);
}

function fillList() {
  const seen = visible(), list = byId("list"), focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.site : undefined;
  list.replaceChildren(...seen.slice(0, rowsShown).map(listRow));
  if (focused !== undefined) list.querySelector(`[data-site="${focused}"]`)?.focus({ preventScroll: true });
  byId("more").hidden = seen.length <= rowsShown;
  byId("count").textContent = seen.length === sites.rows.length ? `${seen.length}` : `${seen.length} of ${sites.rows.length}`;
  byId("order-note").textContent = untouched()
    ? "Order of the run."
    : `Order of these ${sites.rows.length} campuses under your weights. Other land may now be better: save the YAML and run make rank to search again.`;
}

function fillOwn() {
  if (!own.rows.length) return;
  const rows = own.rows.map((_, i) => {
    const score = valueOf(own, i, "score");
    const button = element("button", { type: "button", className: "site-row own" },
      element("span", { className: "rank" }, String(valueOf(own, i, "rank") || i + 1)), element("span", { className: "move" }),
      element("span", { className: "told" }, element("b", { dir: "auto" }, String(valueOf(own, i, "name") || "unnamed")), element("small", {}, score === null ? `excluded: ${valueOf(own, i, "excluded_by") || "no free land"}` : `${valueOf(own, i, "county") || ""}, ${valueOf(own, i, "state") || ""}`)),
      element("span", { className: "score" }, score === null ? "–" : score.toFixed(1)));
    button.addEventListener("click", () => tell("choose", { index: i, own: true }));
    return element("li", {}, button);
  });
  byId("own").append(element("details", { open: true }, element("summary", {}, `Your own sites (${own.rows.length}), score of the run`), element("ol", { "aria-label": "Your own sites" }, ...rows)));
}

function options(id, values, any) {
  byId(id).replaceChildren(element("option", { value: "" }, any), ...values.map((v) => element("option", { value: v }, v)));
}

function fillFilters() {
  const of = (name) => [...new Set(sites.rows.map((_, i) => valueOf(sites, i, name)).filter(Boolean))].sort();
  options("filter-state", of("state"), "all");
  options("filter-rto", of("rto"), "all");
  options("filter-year", sites.columns.map((c) => /^mw_p50_(\d+)$/.exec(c.name)).filter(Boolean).map((m) => m[1]), "any year");
  byId("filter-year").disabled = byId("filter-mw").disabled = byId("filter-year").options.length < 2;
  const take = () => {
    const amount = (id) => Math.max(0, Number(byId(id).value) || 0);
    Object.assign(state.filter, { text: byId("search").value.trim(), state: byId("filter-state").value, rto: byId("filter-rto").value, mw: amount("filter-mw"), year: byId("filter-year").value, acres: amount("filter-acres") });
    if (state.filter.mw && !state.filter.year) {
      const years = [...byId("filter-year").options].map((o) => o.value);
      byId("filter-year").value = state.filter.year = years[Math.min(years.length - 1, 5)] || "";
    }
    rowsShown = PAGE_ROWS;
    fillList();
    tell("ranked");
    tell("moved");
  };
  for (const id of ["search", "filter-state", "filter-rto", "filter-mw", "filter-year", "filter-acres"]) byId(id).addEventListener("input", take);
  byId("search").addEventListener("keydown", (e) => {
    const first = visible()[0];
    if (e.key === "Enter" && first !== undefined) tell("choose", { index: first, own: false, fly: true });
  });
  byId("clear-filters").addEventListener("click", () => {
    Object.assign(state.filter, { text: "", state: "", rto: "", mw: 0, year: "", acres: 0 });
    showFilters();
    fillList();
    tell("ranked");
    tell("moved");
  });
  byId("export-csv").addEventListener("click", () => download("sites.csv", "text/csv", `\ufeff${listCsv()}`));
  byId("export-geojson").addEventListener("click", () => download("sites-visible.geojson", "application/geo+json", listGeojson()));
}

/** Writes the state of the filters into their fields. */
function showFilters() {
  const f = state.filter;
  byId("search").value = f.text;
  byId("filter-state").value = f.state;
  byId("filter-rto").value = f.rto;
  byId("filter-mw").value = f.mw || "";
  byId("filter-year").value = f.year;
  byId("filter-acres").value = f.acres || "";
  if (f.state || f.rto || f.mw || f.acres) byId("filters").open = true;
}

function listenToList() {
  const list = byId("list");
  list.addEventListener("click", (e) => {
    const row = e.target.closest(".site-row");
    if (row) tell("choose", { index: Number(row.dataset.site), own: false, fly: true });
  });
  list.addEventListener("keydown", (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key], row = e.target.closest("li");
    if (!step || !row) return;
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    if (next) next.firstElementChild.focus();
    e.preventDefault();
  });
  byId("more").addEventListener("click", () => {
    rowsShown += PAGE_ROWS;
    fillList();
  });
}
