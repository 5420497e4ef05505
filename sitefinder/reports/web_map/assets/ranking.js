"use strict";
// The order of the campuses of the run, and of the user's own sites, under the weights of the page: the numbers of the ranking.

const emptyList = () => ({ rows: [], columns: [], at: {}, outlines: [], parts: null, families: null, score: [], order: [], rank: [] });
const sites = { ...emptyList(), runRank: [], byId: new Map() };
const own = emptyList();

function takeList(list, target) {
  Object.assign(target, { rows: rowsOf(list), columns: list.columns, outlines: list.outlines, parts: list.parts });
  target.at = Object.fromEntries(list.columns.map((c, i) => [c.name, i]));
  target.runRank = target.rows.map((_, i) => valueOf(target, i, "rank") || i + 1);
}

/** The rows of a list that comes column by column. */
const rowsOf = (list) => list.outlines.map((_, i) => list.values.map((column) => column[i]));

const valueOf = (list, i, name) => (name in list.at ? list.rows[i][list.at[name]] : null);

function takeSites(data) {
  takeList(data.national, sites);
  takeList(data.own, own);
  sites.rows.forEach((_, i) => sites.byId.set(valueOf(sites, i, "site_id"), i));
  families.forEach((_, k) => sumFamily(k));
  rerank();
}

/** Scores of a family over every site, from its criteria and their weights. */
function sumFamily(k) {
  const weights = innerShares(state.inner[k]);
  for (const list of [sites, own]) {
    if (!list.parts) continue;
    list.families ||= { plain: [], applied: [] };
    for (const kind of ["plain", "applied"]) {
      list.families[kind][k] = Float64Array.from(list.rows, (_, i) => weights.reduce((sum, w, c) => sum + w * list.parts[kind][firstOf[k] + c][i], 0));
    }
  }
}

/** Weights that sum to 1, or null when all are 0. */
function shares() {
  const sum = total(state.weights);
  return sum > 0 ? state.weights.map((w) => w / sum) : null;
}

/** Scores every site and orders both lists; false when there is nothing to weigh. Ties fall to the more northern seed, of own sites to the first in the file. */
function rerank() {
  const weights = shares();
  if (!weights || weights.some((w, k) => w > 0 && !innerShares(state.inner[k]).some(Boolean))) return false;
  for (const list of [sites, own]) order(list, weights);
  return true;
}

function order(list, weights) {
  const n = list.rows.length, { parts, families: sums } = list, every = Array.from({ length: n }, (_, i) => i);
  const known = (i) => parts.learned[i] !== null;
  list.score = every.map((i) => {
    if (!known(i)) return null;
    return weights.reduce((sum, w, f) => sum + w * (sums.plain[f][i] - state.share * sums.applied[f][i]), state.share * parts.learned[i]);
  });
  const rounded = list.score.map((s) => (s === null ? -1 : Math.round(s * 1e6)));
  list.order = every.sort((a, b) => rounded[b] - rounded[a] || (list === own ? 0 : parts.seed[a] - parts.seed[b]));
  list.rank = new Array(n);
  list.order.forEach((site, place) => (list.rank[site] = place + 1));
}

const untouched = () =>
  state.weights.every((w, f) => w === families[f].weight && sameWeights(f)) && state.share === (learnedShare === null ? 0 : learnedShare);

function passes(i) {
  const f = state.filter;
  if (f.state && valueOf(sites, i, "state") !== f.state) return false;
  if (f.rto && valueOf(sites, i, "rto") !== f.rto) return false;
  if (f.acres && !(valueOf(sites, i, "buildable_acres") >= f.acres)) return false;
  if (f.mw && f.year && !(valueOf(sites, i, `mw_p50_${f.year}`) >= f.mw)) return false;
  return !f.text || matches(i, f.text);
}

/** Whether every word of a text begins a word of the site: name, county, state (also written out), region, key. */
function matches(i, text) {
  const places = ["name", "county", "state", "site_id", "rto"].map((k) => valueOf(sites, i, k) || "");
  const words = [...places, meta.states[places[2]] || "", "county"].join(" ").toLocaleLowerCase().split(/[\s,]+/);
  return text.toLocaleLowerCase().split(/[\s,]+/).filter(Boolean).every((sought) => words.some((word) => word.startsWith(sought)));
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
    "criteria:",
    ...families.flatMap((f, k) => (f.criteria.length ? [`  ${f.id}:`, ...f.criteria.map((c, i) => `    ${c.id}: {weight: ${plainNumber(state.inner[k][i])}, ${c.terms}}`)] : [])),
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
