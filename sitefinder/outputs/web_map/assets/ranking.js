"use strict";
// The order of the campuses of the run under the weights of the page: the same numbers as the ranking itself.

const sites = { rows: [], columns: [], at: {}, outlines: [], score: [], order: [], rank: [], runRank: [], byId: new Map() };
const own = { rows: [], columns: [], at: {}, outlines: [] };
let parts = null;

function takeList(list, target) {
  Object.assign(target, { rows: list.rows, columns: list.columns, outlines: list.outlines });
  target.at = Object.fromEntries(list.columns.map((c, i) => [c.name, i]));
}

const valueOf = (list, i, name) => (name in list.at ? list.rows[i][list.at[name]] : null);

function takeSites(data) {
  takeList(data.national, sites);
  takeList(data.own, own);
  parts = data.parts;
  sites.score = new Float64Array(sites.rows.length);
  sites.runRank = sites.rows.map((_, i) => valueOf(sites, i, "rank") || i + 1);
  sites.rows.forEach((_, i) => sites.byId.set(valueOf(sites, i, "site_id"), i));
  rerank();
}

/** Weights that sum to 1, or null when all are 0. */
function shares() {
  const sum = state.weights.reduce((a, b) => a + b, 0);
  return sum > 0 ? state.weights.map((w) => w / sum) : null;
}

/** Scores every campus and orders them; false when there is nothing to weigh. Ties fall to the more northern seed. */
function rerank() {
  const weights = shares();
  if (!weights || !parts) return false;
  const n = sites.rows.length;
  for (let i = 0; i < n; i++) {
    let score = state.share * parts.learned[i];
    for (let f = 0; f < weights.length; f++) score += weights[f] * (parts.plain[f][i] - state.share * parts.applied[f][i]);
    sites.score[i] = score;
  }
  const rounded = Array.from(sites.score, (s) => Math.round(s * 1e6));
  sites.order = Array.from({ length: n }, (_, i) => i).sort((a, b) => rounded[b] - rounded[a] || parts.seed[a] - parts.seed[b]);
  sites.rank = new Array(n);
  sites.order.forEach((site, place) => (sites.rank[site] = place + 1));
  return true;
}

const untouched = () =>
  state.weights.every((w, f) => w === families[f].weight) && state.share === (learnedShare === null ? 0 : learnedShare);

function passes(i) {
  const f = state.filter;
  if (f.state && valueOf(sites, i, "state") !== f.state) return false;
  if (f.rto && valueOf(sites, i, "rto") !== f.rto) return false;
  if (f.acres && !(valueOf(sites, i, "buildable_acres") >= f.acres)) return false;
  if (f.mw && f.year && !(valueOf(sites, i, `mw_p50_${f.year}`) >= f.mw)) return false;
  if (!f.text) return true;
  const told = ["name", "county", "state", "site_id", "rto"].map((k) => valueOf(sites, i, k) || "").join(" ");
  return told.toLocaleLowerCase().includes(f.text.toLocaleLowerCase());
}

const visible = () => sites.order.filter(passes);

/** Short decimals that read back as the same number. */
const plainNumber = (x) => String(Number(x.toPrecision(12)));

function tunedYaml() {
  const lines = [
    "# Weights set in map.html; everything else is the configuration of the run.",
    "# Search the country again:      make rank CONFIG=<this file>",
    "# Order the same sites again:    sitefinder rank --config <this file> --set candidates.keep=out/latest/sites.geojson",
    "weights:",
    ...families.map((f, k) => `  ${f.id}: ${plainNumber(state.weights[k])}`),
    "model:",
    `  share: ${plainNumber(state.share)}`,
    meta.yaml,
  ];
  return lines.join("\n");
}

function csvCell(value) {
  if (value === null || value === undefined) return "";
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`; // no formulas in spreadsheets
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function listCsv() {
  const head = ["rank_now", "score_now", ...sites.columns.map((c) => c.name)];
  const body = visible().map((i) => [sites.rank[i], sites.score[i].toFixed(2), ...sites.rows[i]]);
  return [head, ...body].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

function listGeojson() {
  const features = visible().map((i) => ({
    type: "Feature",
    geometry: sites.outlines[i],
    properties: {
      rank_now: sites.rank[i],
      score_now: Number(sites.score[i].toFixed(2)),
      ...Object.fromEntries(sites.columns.map((c, k) => [c.name, sites.rows[i][k]])),
    },
  }));
  return JSON.stringify({ type: "FeatureCollection", features });
}
