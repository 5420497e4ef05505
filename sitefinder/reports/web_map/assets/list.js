"use strict";
// Sliders, filters and the list of sites, which follows the sliders.

const PAGE_ROWS = 100;
let rowsShown = PAGE_ROWS;
const sliders = [];

/** A slider with its share of the whole, in percent. */
function slider({ id, title, about, get, set, sum, top, disabled }) {
  const output = element("output", { htmlFor: id });
  const input = element("input", { type: "range", id, min: 0, max: top, step: 0.5, disabled: Boolean(disabled) });
  const refresh = () => {
    input.value = get() * 100;
    const whole = sum ? sum() : 1;
    output.textContent = `${number(whole > 0 ? (get() / whole) * 100 : 0)} %`;
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => set(Number(input.value) / 100));
  sliders.push(refresh);
  return element("div", { className: "slider" }, element("label", { htmlFor: id, title: about || "" }, title), input, output);
}

const topOf = (weights) => Math.max(60, ...weights.map((w) => Math.ceil(w * 100)));

function familySlider(f, k) {
  const set = (v) => {
    state.weights[k] = v;
    weigh();
  };
  return slider({ id: `w-${f.id}`, title: f.title, get: () => state.weights[k], set, sum: () => total(state.weights), top: topOf(families.map((x) => x.weight)) });
}

/** Sliders of the criteria of a family, built when they are first opened. */
function criterionSliders(f, k) {
  const box = element("div", { className: "inner", id: `inner-${f.id}`, hidden: true, role: "group", "aria-label": `Criteria of ${f.title}` });
  const open = element("button", { type: "button", className: "unfold", "aria-expanded": "false", "aria-controls": box.id, "aria-label": `Criteria of ${f.title}` }, "▸");
  open.addEventListener("click", () => {
    setTimeout(unpackCriteria, 50); // before the first of them is moved
    if (!box.childElementCount) {
      box.append(...f.criteria.map((c, i) => {
        const set = (v) => {
          state.inner[k][i] = v;
          weigh(k);
        };
        const row = slider({ id: `c-${c.id}`, title: c.title.replace(/ \(.*\)$/, ""), about: `${c.title}: ${c.curve} (${c.id})`, get: () => state.inner[k][i], set, sum: () => total(state.inner[k]), top: topOf(f.criteria.map((x) => x.weight)), disabled: !c.counts });
        sliders.at(-1)();
        return row;
      }), element("p", { className: "note" }, "Shares within the family. Sites are exact; between them the surface shows the change by cells of " + `${number((meta.planes.every * meta.surface.cell_m) / 1000)} km.`));
    }
    box.hidden = !box.hidden;
    open.setAttribute("aria-expanded", String(!box.hidden));
    open.textContent = box.hidden ? "▸" : "▾";
  });
  return [open, box];
}

function fillSliders() {
  const rows = families.flatMap((f, k) => {
    const [open, box] = criterionSliders(f, k), line = familySlider(f, k);
    line.prepend(open);
    open.disabled = !f.criteria.length;
    return [line, box];
  });
  if (learnedShare !== null) {
    const set = (v) => {
      state.share = v;
      weigh();
    };
    const line = slider({ id: "w-share", title: "Learned share", get: () => state.share, set, top: 100 });
    line.prepend(element("span"));
    rows.push(line);
  }
  byId("sliders").append(...rows);
  byId("reset").addEventListener("click", resetWeights);
  byId("export-yaml").addEventListener("click", () => download("tuned.yaml", "application/yaml", tunedYaml()));
}

function resetWeights() {
  const moved = families.map((_, k) => k).filter((k) => !sameWeights(k));
  state.weights = families.map((f) => f.weight);
  state.inner = families.map((f) => f.criteria.map((c) => c.weight));
  state.share = learnedShare === null ? 0 : learnedShare;
  for (const k of moved) weigh(k);
  weigh();
}

function tellNothing(done) {
  byId("weights-note").textContent = done ? "" : "No weights: give a weight to at least one family, and to a criterion in each family that has one. The list keeps the last order.";
  byId("export-yaml").disabled = !done;
}

/** New weights, of criteria of one family where one is named: order, list and surface follow at once. */
function weigh(family) {
  const begun = performance.now();
  if (family !== undefined) sumFamily(family);
  const done = rerank();
  sliders.forEach((refresh) => refresh());
  tellNothing(done);
  if (done) {
    fillList();
    fillOwn();
    tell("ranked");
  }
  page.rankingMs = performance.now() - begun;
  tell("moved");
  if (family === undefined) return tell("surface");
  return weighCriteria(family).then(() => tell("surface"));
}

function moveOf(list, i) {
  const change = list.runRank[i] - list.rank[i];
  if (untouched() || change === 0 || list.score[i] === null) return element("span", { className: "move" }, "");
  const words = `${Math.abs(change)} ${change > 0 ? "up" : "down"}`;
  return element("span", { className: `move ${change > 0 ? "up" : "down"}`, title: `${words} from rank ${list.runRank[i]} of the run` }, `${change > 0 ? "▲" : "▼"}${Math.abs(change)}`, element("span", { className: "unseen" }, ` ${words}`));
}

/** Tiers in words for the list: [words, class]. */
const TIERS = { leads: ["leads", "leads"], "top 50 likely": ["likely top 50", "likely"], "cannot be told apart": ["not told apart", "apart"] };

/** Ranks between which a site lies in nine draws of ten, under the weights of the run; null with other weights or without draws. */
function interval(i) {
  const [low, high] = [valueOf(sites, i, "rank_p05"), valueOf(sites, i, "rank_p95")];
  return untouched() && low !== null && high !== null ? [low, high] : null;
}

/** How sure the rank of a site is, in a sentence; empty under moved weights. */
function sureness(i) {
  const ranks = interval(i), tier = TIERS[valueOf(sites, i, "tier")];
  if (!ranks) return "";
  const words = { leads: "It leads: among the first 50 in nine of ten draws. ", likely: "It is likely among the first 50. ", apart: "Its rank cannot be told apart from those of its neighbours in the list. " };
  return `${tier ? words[tier[1]] : ""}Rank ${ranks[0]} to ${ranks[1]} in nine of ten draws of weights and data.`;
}

const dated = new Map(); // words about dates by site; they do not depend on weights

/** When full load is likely, and the chance of it by the date wanted: two texts; null where the run has no dates. */
function dateWords(i) {
  if (!dated.has(i)) {
    const month = valueOf(sites, i, "full_load_p50"), chance = valueOf(sites, i, "p_full_by_date"), wanted = meta.project.energise_by;
    const by = chance !== null && wanted ? `(by ${monthWords(wanted)}: ${chance > 0 && chance < 0.005 ? "below 1" : Math.round(chance * 100)} %)` : "";
    dated.set(i, month || chance !== null ? [month ? `full load ${monthWords(month)} ` : "full load unknown ", by] : null);
  }
  return dated.get(i);
}

/** Rank with its interval below it; a rank that cannot be told apart is not shown as a firm one. */
function rankCell(i, ranks, tier) {
  const cell = element("span", { className: ranks && tier && tier[1] === "apart" ? "rank loose" : "rank" }, `${ranks && tier && tier[1] === "apart" ? "~" : ""}${sites.rank[i]}`);
  if (ranks) cell.append(element("small", { title: "ranks in nine of ten draws of weights and data" }, `${ranks[0]}–${ranks[1]}`));
  return cell;
}

function listRow(i) {
  const score = sites.score[i], fill = element("span", { className: "fill" }), ranks = interval(i), tier = ranks ? TIERS[valueOf(sites, i, "tier")] : null;
  fill.style.width = `${Math.max(0, Math.min(100, score))}%`;
  const place = [`${valueOf(sites, i, "county") || "county unknown"}, ${valueOf(sites, i, "state") || ""}`, valueOf(sites, i, "rto")].filter(Boolean).join(" · ");
  const dates = dateWords(i), name = String(valueOf(sites, i, "name") || "unnamed"), move = moveOf(sites, i);
  const button = element("button", { type: "button", className: "site-row" },
    rankCell(i, ranks, tier), move,
    element("span", { className: "site-name" }, element("b", { dir: "auto" }, name), element("small", {}, place), dates ? element("small", {}, dates[0], element("span", { className: "nowrap" }, dates[1])) : null),
    element("span", { className: "score" }, element("span", { className: "points" }, score.toFixed(1)), element("span", { className: "track" }, fill), tier ? element("small", { className: `tier ${tier[1]}` }, tier[0]) : null));
  const said = [`Rank ${sites.rank[i]}`, ranks ? `in nine of ten draws ${ranks[0]} to ${ranks[1]}` : move.title, name, place, tier ? tier[0] : "", `score ${score.toFixed(1)}`, dates ? dates.join("") : ""];
  button.setAttribute("aria-label", said.filter(Boolean).join(", "));
  button.dataset.site = i;
  if ([state.site, state.compare].some((c) => c && !c.own && c.index === i)) button.setAttribute("aria-current", "true");
  return element("li", {}, button);
}

function fillList() {
  const seen = visible(), list = byId("list"), focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.site : undefined;
  list.replaceChildren(...seen.slice(0, rowsShown).map(listRow));
  if (focused !== undefined) list.querySelector(`[data-site="${focused}"]`)?.focus({ preventScroll: true });
  if (!seen.length) list.replaceChildren(element("li", { className: "note" }, nothingFound()));
  byId("more").hidden = seen.length <= rowsShown;
  byId("count").textContent = seen.length === sites.rows.length ? `${seen.length}` : `${seen.length} of ${sites.rows.length}`;
  byId("order-note").textContent = untouched()
    ? `Order of the run.${sites.rows.length && interval(sites.order[0]) ? " Below each rank: where the site lies in nine of ten draws of weights and data." : ""}`
    : `Order of these ${sites.rows.length} campuses under your weights. Other land may now be better: save the YAML and run make rank to search again.`;
}

/** Why the list is empty, with what the sites have to offer. */
function nothingFound() {
  const f = state.filter, most = (name) => Math.max(...sites.rows.map((_, i) => valueOf(sites, i, name) || 0));
  const said = ["No site of the list fits."];
  if (f.acres > most("buildable_acres")) said.push(`Campuses grow to the acres wanted: at most ${number(most("buildable_acres"), 0)} here.`);
  if (f.mw && f.year && f.mw > most(`mw_p50_${f.year}`)) said.push(`By the end of ${f.year} the best has ${number(most(`mw_p50_${f.year}`), 0)} MW (P50).`);
  return said.join(" ");
}

function ownRow(i) {
  const score = own.score[i], place = `${valueOf(own, i, "county") || "county unknown"}, ${valueOf(own, i, "state") || ""}`;
  const button = element("button", { type: "button", className: "site-row own" },
    element("span", { className: "rank" }, String(own.rank[i])), moveOf(own, i),
    element("span", { className: "site-name" }, element("b", { dir: "auto" }, String(valueOf(own, i, "name") || "unnamed")), element("small", {}, score === null ? `excluded: ${valueOf(own, i, "excluded_by") || "no free land"}` : place)),
    element("span", { className: "score" }, score === null ? "–" : score.toFixed(1)));
  button.dataset.own = i;
  return element("li", {}, button);
}

/** The user's own sites in their order; built once, filled again when weights move. */
function fillOwn() {
  if (!own.rows.length) return;
  let list = byId("own").querySelector("ol");
  if (!list) {
    list = element("ol", { "aria-label": "Your own sites" });
    byId("own").append(element("details", { open: true }, element("summary", {}, `Your own sites (${own.rows.length})`), list));
    list.addEventListener("click", (e) => {
      const row = e.target.closest(".site-row");
      if (row) tell("choose", { index: Number(row.dataset.own), own: true, fly: true });
    });
  }
  list.replaceChildren(...own.order.map(ownRow));
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
    if (state.filter.mw && !state.filter.year && document.activeElement !== byId("filter-year")) {
      const years = [...byId("filter-year").options].map((o) => o.value);
      byId("filter-year").value = state.filter.year = years[Math.min(years.length - 1, 5)] || "";
    }
    rowsShown = PAGE_ROWS;
    fillList();
    tell("ranked");
    tell("moved");
    if (document.activeElement !== byId("search")) zoomToFilters();
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
    zoomToFilters();
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
    const row = e.target.closest("li");
    const next = row && { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: list.firstElementChild, End: list.lastElementChild }[e.key];
    if (next === undefined || !row) return;
    if (next) next.firstElementChild.focus();
    e.preventDefault();
  });
  byId("more").addEventListener("click", () => {
    rowsShown += PAGE_ROWS;
    fillList();
  });
}
