"use strict";
// The panel of one site, and two sites side by side.

const CHARTED = /^mw_p(10|50|90)_(\d+)$/;
const SHOWN_ABOVE = new Set(["name", "rank", "score", "county", "state", "site_id", "drivers_up", "drivers_down"]);

const listOf = (chosen) => (chosen.own ? own : sites);
const siteValue = (chosen, name) => valueOf(listOf(chosen), chosen.index, name);
const scoreNow = (c) => listOf(c).score[c.index];
const rankNow = (c) => listOf(c).rank[c.index];
/** The part of the learned score: its points, and its weight after the applicability. */
function learnedPart(chosen) {
  const list = listOf(chosen), score = siteValue(chosen, "ml_score"), applies = siteValue(chosen, "ml_counted");
  return learnedShare === null || score === null || scoreNow(chosen) === null || !list.parts ? null : { score, share: state.share * applies };
}
const familyScore = (c, k) => (scoreNow(c) === null ? null : listOf(c).families.plain[k][c.index]);

function familyBars(chosen) {
  const learned = learnedPart(chosen), rest = 1 - (learned ? learned.share : 0);
  const weights = (shares() || families.map(() => 0)).map((w) => w * rest);
  const bar = (title, score, weight) => {
    const fill = element("span", { className: "fill" });
    fill.style.width = `${score || 0}%`;
    return element("div", { className: "bar-row" }, element("span", {}, title), element("span", { className: "track" }, fill),
      element("span", { className: "amount" }, score === null ? "unknown" : number(score)), element("span", { className: "dim" }, `× ${number(weight * 100)} %`));
  };
  return element("div", { className: "bars" }, ...families.map((f, k) => bar(f.title, familyScore(chosen, k), weights[k])), learned ? bar("Learned", learned.score, learned.share) : null);
}

/** Megawatts by year: the median as a line, one draw in ten to nine in ten as a band. */
function powerChart(chosen) {
  const list = listOf(chosen), years = [...new Set(list.columns.map((c) => CHARTED.exec(c.name)).filter(Boolean).map((m) => Number(m[2])))].sort();
  const at = (q, year) => siteValue(chosen, `mw_${q}_${year}`);
  if (!years.length) return null;
  if (years.every((y) => at("p50", y) === null)) return element("p", { className: "note" }, "Megawatts by date are unknown here.");
  const [w, h, left, base] = [300, 120, 40, 100], most = Math.max(meta.project.mw || 1, ...years.map((y) => at("p90", y) || 0));
  const x = (y) => left + ((y - years[0]) / Math.max(1, years.length - 1)) * (w - left - 12), v = (mw) => base - ((mw || 0) / most) * (base - 10);
  const path = (q, way) => way.map((y) => `${x(y).toFixed(1)},${v(at(q, y)).toFixed(1)}`);
  const back = [...years].reverse();
  const words = years.map((y) => `${y}: ${number(at("p50", y) || 0, 0)} MW (${number(at("p10", y) || 0, 0)} to ${number(at("p90", y) || 0, 0)})`).join("; ");
  const label = (px, py, text, anchor) => {
    const tick = drawing("text", { x: px, y: py, "text-anchor": anchor, class: "tick" });
    tick.textContent = text;
    return tick;
  };
  const grid = [0, 0.5, 1].flatMap((t) => [drawing("line", { x1: left, x2: w - 8, y1: v(most * t), y2: v(most * t), class: "gridline" }), label(left - 4, v(most * t) + 3, number(most * t, 0), "end")]);
  const chart = drawing("svg", { viewBox: `0 0 ${w} ${h}`, class: "chart", role: "img", "aria-label": `Megawatts by the end of each year. ${words}` }, ...grid,
    drawing("polygon", { points: [...path("p90", years), ...path("p10", back)].join(" "), class: "band" }),
    drawing("polyline", { points: path("p50", years).join(" "), class: "median" }),
    ...wantedLine(x, years),
    ...years.filter((y, i) => i % 3 === 0).map((y) => label(x(y), h - 6, String(y), "middle")));
  return element("figure", {}, chart, element("figcaption", {}, "MW at the end of each year: P50 (median), and P10 to P90 as a band. Dashed: the date wanted."));
}

/** A dashed line at the date wanted, where the years shown reach it. */
function wantedLine(x, years) {
  const [year, month] = String(meta.project.energise_by || "").split("-").map(Number), end = year - 1 + (month || 12) / 12;
  return end >= years[0] && end <= years.at(-1) ? [drawing("line", { x1: x(end), x2: x(end), y1: 6, y2: 100, class: "wanted" })] : [];
}

function drivers(chosen, name, title) {
  const text = siteValue(chosen, name);
  return text ? element("div", {}, element("h4", {}, untouched() ? title : `${title}, weights of the run`), element("ul", {}, ...String(text).split("; ").map((t) => element("li", {}, t)))) : null;
}

/** All columns under their headings; the chart and the head tell the rest. */
function columnGroups(chosen) {
  const groups = new Map(), list = listOf(chosen);
  list.columns.forEach((column, k) => {
    if (CHARTED.test(column.name) || SHOWN_ABOVE.has(column.name) || /^score_/.test(column.name)) return;
    if (!groups.has(column.heading)) groups.set(column.heading, []);
    groups.get(column.heading).push(element("div", { className: "fact" }, element("dt", { title: `${column.meaning} (${column.name})` }, brief(column)), element("dd", { dir: "auto" }, withUnit(list.rows[chosen.index][k], column))));
  });
  return [...groups].map(([title, facts], k) => element("details", { open: k === 0 }, element("summary", {}, `${title} (${facts.length})`), element("dl", {}, ...facts)));
}

const BRIEF = {
  weighted_score: "Weighted score alone", ml_score: "Learned score alone", ml_applicability: "Ground known to the model", ml_counted: "How far the learned score counts here",
  rank_p05: "Rank in nine draws of ten, from", rank_p50: "Rank, half of the draws", rank_p95: "Rank in nine draws of ten, to",
};

/** A column's meaning up to its first pause; the whole stands in its title. */
function brief(column) {
  if (Object.hasOwn(BRIEF, column.name)) return BRIEF[column.name];
  const head = column.meaning.split(/[:;(]/)[0].trim();
  const end = /_(low|mid|high|p05|p10|p50|p90|p95)$/.exec(column.name);
  const words = { low: ", low", mid: ", most likely", high: ", high", p05: ", P5", p10: ", P10", p50: ", P50", p90: ", P90", p95: ", P95" };
  const text = head.length > 3 && head.length < 90 ? head : column.name.replaceAll("_", " ");
  return end ? text + words[end[1]] : text;
}

function head(chosen) {
  const score = scoreNow(chosen), list = listOf(chosen);
  const moved = score !== null && !untouched() ? ` (rank ${list.runRank[chosen.index]}, score ${siteValue(chosen, "score").toFixed(1)} in the run)` : "";
  const sure = chosen.own ? "" : sureness(chosen.index);
  return [
    element("h2", { id: "site-title", tabIndex: -1 }, `${chosen.own ? "Own site" : "Rank"} ${rankNow(chosen)}: `, element("span", { dir: "auto" }, String(siteValue(chosen, "name") || "unnamed"))),
    element("p", {}, `${siteValue(chosen, "county") || "county unknown"}, ${siteValue(chosen, "state") || "state unknown"} · ${siteValue(chosen, "site_id") || ""}`),
    element("p", {}, element("b", {}, score === null ? "Excluded" : `Score ${score.toFixed(1)}`), moved, siteValue(chosen, "evidence_grade") ? ` · evidence ${siteValue(chosen, "evidence_grade")}` : "", list === own && siteValue(chosen, "excluded_by") ? ` · excluded by ${siteValue(chosen, "excluded_by")}` : ""),
    sure ? element("p", { className: "note" }, sure) : null,
  ].filter(Boolean);
}

function tool(text, act, label) {
  const button = element("button", { type: "button" }, text);
  if (label) button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
}

function fillSite() {
  const panel = byId("site"), chosen = state.site;
  panel.hidden = !chosen;
  document.body.classList.toggle("picking", Boolean(state.pending));
  document.body.classList.toggle("with-site", Boolean(chosen));
  panel.classList.toggle("wide", Boolean(chosen && state.compare));
  if (!chosen) return;
  const close = tool("✕", () => tell("choose", null), "Close");
  if (state.compare) {
    const stop = tool("Stop comparing", () => compareWith(null));
    panel.replaceChildren(element("div", { className: "row" }, stop, element("span", { className: "spacer" }), close), ...comparison(chosen, state.compare));
    return;
  }
  const tools = [
    map ? tool("Zoom here", () => flyTo(chosen)) : null,
    tool(state.pending ? "Pick the other site…" : "Compare", () => {
      state.pending = chosen;
      fillSite();
    }),
    element("span", { className: "spacer" }), close,
  ];
  panel.replaceChildren(
    ...[element("div", { className: "row" }, ...tools.filter(Boolean)), ...head(chosen), state.pending ? element("p", { className: "note", role: "status" }, "Now pick a second site in the list or on the map.") : null,
      familyBars(chosen), powerChart(chosen), drivers(chosen, "drivers_up", "What speaks for it"), drivers(chosen, "drivers_down", "What speaks against it"), ...columnGroups(chosen)].filter(Boolean),
  );
}

function comparison(a, b) {
  const both = [a, b];
  const line = (title, cells, hint, apart) => element("tr", {}, element("th", { scope: "row", title: hint || "" }, title), ...cells.map((c) => element("td", { dir: "auto" }, c)), element("td", { className: "amount" }, apart || ""));
  const differ = (values, decimals, scale) => (values.every((v) => typeof v === "number") && values[0] !== values[1] ? signedNumber((values[1] - values[0]) * (scale || 1), decimals) : "");
  const body = [
    line("Rank now", both.map((c) => String(rankNow(c))), "", differ(both.map(rankNow), 0)),
    line("Score now", both.map((c) => (scoreNow(c) === null ? "excluded" : scoreNow(c).toFixed(1))), "", differ(both.map(scoreNow), 1)),
    ...families.map((f, k) => line(f.title, both.map((c) => (familyScore(c, k) === null ? "unknown" : `${number(familyScore(c, k))} points`)), "", differ(both.map((c) => familyScore(c, k)), 1))),
  ];
  let group = "";
  listOf(a).columns.forEach((column) => {
    if (/^score_/.test(column.name) || ["rank", "score", "name"].includes(column.name)) return;
    if (column.heading !== group) {
      group = column.heading;
      body.push(element("tr", { className: "group" }, element("th", { colSpan: 4, scope: "colgroup" }, group)));
    }
    body.push(line(brief(column) + (CHARTED.test(column.name) ? `, ${column.name.replaceAll("_", " ")}` : ""), both.map((c) => withUnit(siteValue(c, column.name), column)), column.meaning,
      ["lat", "lon"].includes(column.name) ? "" : differ(both.map((c) => siteValue(c, column.name)), column.decimals === null ? 2 : Math.min(column.decimals, 2), column.unit === "share" ? 100 : 1)));
  });
  const titles = both.map((c) => element("th", { scope: "col", dir: "auto" }, `${rankNow(c)}. ${siteValue(c, "name") || "unnamed"}`));
  const head = element("tr", {}, element("td", {}), ...titles, element("th", { scope: "col", className: "amount", title: "the second less the first, in the same unit" }, "Difference"));
  return [
    element("div", { className: "pair" }, ...both.map(powerChart).filter(Boolean)),
    element("table", { className: "compare" }, element("caption", { id: "site-title", tabIndex: -1 }, "Two sites side by side"), element("thead", {}, head), element("tbody", {}, ...body)),
  ];
}

/** A number with its sign. */
const signedNumber = (value, decimals) => `${value < 0 ? "−" : "+"}${number(Math.abs(value), decimals)}`;

function compareWith(other) {
  state.compare = other;
  state.pending = null;
  fillSite();
  tell("moved");
}

const same = (a, b) => a && b && a.own === b.own && a.index === b.index;

/** Chooses a site, or takes it as the second of two. */
function choose(chosen) {
  const before = state.site;
  if (chosen && state.pending && !same(chosen, state.pending)) {
    state.site = state.pending;
    compareWith({ index: chosen.index, own: chosen.own });
  } else {
    state.site = chosen ? { index: chosen.index, own: chosen.own } : null;
    state.compare = state.pending = null;
    fillSite();
  }
  if (chosen && !layersBelow() && innerWidth > 760 && innerWidth < 1600) byId("layers-box").open = false;
  fillList();
  markChosen();
  tell("chosen");
  tell("moved");
  if (chosen && chosen.fly && !state.compare) flyTo(chosen);
  if (state.compare) showBoth();
  if (chosen) byId("site-title")?.focus({ preventScroll: true });
  else if (before) document.querySelector(before.own ? `[data-own="${before.index}"]` : `[data-site="${before.index}"]`)?.focus({ preventScroll: true });
}

/** Both compared sites on the map. */
function showBoth() {
  if (!map) return;
  const bounds = new maplibregl.LngLatBounds();
  for (const c of [state.site, state.compare]) bounds.extend([siteValue(c, "lon"), siteValue(c, "lat")]);
  leaveHome();
  map.fitBounds(bounds, { padding: { top: 60, bottom: 60, left: 60, right: innerWidth > 1250 ? 700 : 60 }, maxZoom: 9, duration: 0 });
}

function flyTo(chosen) {
  leaveHome();
  if (map) map.easeTo({ center: [siteValue(chosen, "lon"), siteValue(chosen, "lat")], zoom: Math.max(map.getZoom(), 9), offset: innerWidth > 1000 ? [-190, 0] : innerWidth > 760 ? [0, -0.27 * byId("stage").clientHeight] : [0, 0], duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 600 });
}
