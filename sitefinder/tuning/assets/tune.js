"use strict";
// Weights of the page, and the list that the program behind it ranks under them. Text goes into the page by textContent only.

// viridis (CC0, Smith and van der Walt): the ramp of the map, over the same points
const VIRIDIS = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const RANGE = [20, 90];
const FIRST = 50; // sites with a larger circle
const SHOWN = 200; // of each kind in the comparison
const state = { start: null, now: {}, rows: [], running: false, waiting: false, answered: 0, errors: [] };
window.tune = state;

const byId = (id) => document.getElementById(id);
const make = (name, parts = {}, ...children) => {
  const node = Object.assign(document.createElement(name), parts);
  node.append(...children);
  return node;
};
const say = (id, text, wrong = false) => {
  byId(id).textContent = text;
  byId(id).classList.toggle("wrong", wrong);
};
const percent = (x) => `${x.toFixed(x < 9.95 ? 1 : 0)} %`;
const plain = (x) => String(Number(x.toPrecision(6)));

/** Keys of the weights that are shared out among themselves: those of the families, or of the criteria of one. */
const siblings = (key) => {
  if (key === "model.share") return [key];
  const family = key.split(".")[1];
  return key.startsWith("weights.") ? state.start.families.map((f) => `weights.${f.id}`) : state.start.families.find((f) => f.id === family).criteria.filter((c) => c.counts).map((c) => keyOf(family, c.id));
};
const keyOf = (family, criterion) => `criteria.${family}.${criterion}.weight`;

/** The settings that differ from the configuration in use. */
const changes = () => Object.fromEntries(Object.entries(state.now).filter(([key, value]) => value !== state.start.settings[key]));

/** Upper end of a slider: 1 for shares, twice the largest weight beside it for criteria. */
function endOf(key) {
  const largest = Math.max(0, ...siblings(key).map((one) => state.start.settings[one]));
  return key.startsWith("criteria.") ? 2 * largest || 1 : Math.max(1, key === "model.share" ? 0 : 2 * state.start.settings[key]);
}

/** A slider with a field for the exact number and its share of the whole. */
function slider(key, title, { own = false, idle = false, unfold = null } = {}) {
  const id = key.replaceAll(".", "-"), most = endOf(key);
  const range = make("input", { type: "range", id, min: 0, max: most, step: "any", disabled: idle });
  const field = make("input", { type: "number", id: `${id}-number`, min: 0, max: key === "model.share" ? 1 : state.start.most, step: "any", disabled: idle });
  const label = make("label", { htmlFor: id, textContent: title, title });
  field.setAttribute("aria-label", `${title}, number`);
  const share = make("output", { htmlFor: id });
  const row = make("div", { className: `slider${own ? " own" : ""}${idle ? " idle" : ""}` }, ...(own ? [] : [unfold || make("span")]), label, range, field, share);
  row.dataset.key = key;
  range.addEventListener("input", () => set(key, Number(Number(range.value).toFixed(3)), range));
  range.addEventListener("keydown", (event) => step(event, key, most));
  field.addEventListener("input", () => field.value !== "" && field.checkValidity() && set(key, Number(field.value), field));
  return row;
}

/** Arrow keys move a weight by a hundredth, page keys by a tenth of the slider. */
function step(event, key, most) {
  const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
  if (!steps) return;
  event.preventDefault();
  set(key, Math.min(most, Math.max(0, Number((state.now[key] + (steps * most) / 100).toFixed(3)))));
}

function set(key, value, from = null) {
  state.now[key] = value;
  show(from);
  ask();
}

/** Brings sliders, numbers and shares up to date; the one that a hand is on stays as it is. */
function show(from = null) {
  for (const row of document.querySelectorAll(".slider")) {
    const key = row.dataset.key, [range, field] = row.querySelectorAll("input"), value = state.now[key];
    if (range !== from) range.value = value;
    if (field !== from) field.value = plain(value);
    const whole = siblings(key).reduce((sum, one) => sum + state.now[one], 0), counts = siblings(key).includes(key);
    const words = key === "model.share" ? percent(100 * value) : whole > 0 && counts ? percent((100 * value) / whole) : "0 %";
    row.querySelector("output").textContent = words;
    range.setAttribute("aria-valuetext", `${plain(value)}, ${words}`);
    row.classList.toggle("changed", value !== state.start.settings[key]);
  }
}

function build() {
  const { families, project, config, saved, file } = state.start;
  byId("project").textContent = `${project.name}, ${project.mw.toLocaleString("en")} MW, cells of ${project.cell_m.toLocaleString("en")} m, ${config}`;
  byId("folder").textContent = file.folder;
  byId("file-name").value = file.name;
  const list = byId("sliders");
  for (const family of families) {
    const inner = make("div", { className: "inner", id: `inner-${family.id}`, hidden: true });
    const unfold = make("button", { type: "button", className: "unfold", textContent: "▸", disabled: !family.criteria.length });
    unfold.setAttribute("aria-label", `Criteria of ${family.title}`);
    unfold.setAttribute("aria-controls", inner.id);
    unfold.setAttribute("aria-expanded", "false");
    unfold.addEventListener("click", () => {
      inner.hidden = !inner.hidden;
      unfold.textContent = inner.hidden ? "▸" : "▾";
      unfold.setAttribute("aria-expanded", String(!inner.hidden));
    });
    for (const c of family.criteria) inner.append(slider(keyOf(family.id, c.id), c.title, { own: true, idle: !c.counts }));
    list.append(slider(`weights.${family.id}`, family.title, { unfold }), inner);
  }
  list.append(slider("model.share", "Learned share"));
  say("compared-note", saved.folder ? [saved.folder, ...differences(saved)].join("; ") : saved.note);
  drawRamp();
}

/** In what the saved run differs from the start of this page, in words. */
function differences({ settings, others }) {
  const some = (keys) => keys.slice(0, 6).join(", ") + (keys.length > 6 ? ", …" : "");
  const weights = Object.keys(state.start.settings).filter((key) => settings[key] !== state.start.settings[key]);
  return [...(weights.length ? [`made with other values of ${some(weights)}`] : []), ...(others.length ? [`differs in more than weights: ${some(others)}`] : [])];
}

const colours = VIRIDIS.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
function colour(points) {
  const t = Math.min(1, Math.max(0, (points - RANGE[0]) / (RANGE[1] - RANGE[0]))) * (colours.length - 1), k = Math.min(colours.length - 2, Math.floor(t));
  return colours[k].map((c, i) => Math.round(c + (t - k) * (colours[k + 1][i] - c)));
}
const packed = ([r, g, b], a = 255) => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** Colour of every byte of the picture: no land, excluded, scores. */
function palette() {
  const { lowest } = state.start.picture, grey = document.documentElement.dataset.theme === "dark" ? [72, 79, 88] : [199, 204, 210];
  return Uint32Array.from({ length: 256 }, (_, i) => (i === 0 ? 0 : i < lowest ? packed(grey) : packed(colour((100 * (i - lowest)) / (255 - lowest)))));
}

function drawRamp() {
  const context = byId("ramp").getContext("2d"), line = context.createImageData(256, 1);
  new Uint32Array(line.data.buffer).set(Array.from({ length: 256 }, (_, i) => packed(colour(RANGE[0] + (i / 255) * (RANGE[1] - RANGE[0])))));
  context.putImageData(line, 0, 0);
  [byId("low").textContent, byId("high").textContent] = RANGE;
}

function drawSurface(bytes) {
  const { width, height } = state.start.picture, canvas = byId("surface");
  if (canvas.width !== width) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"), image = context.createImageData(width, height), pixels = new Uint32Array(image.data.buffer), table = palette();
  for (let i = 0; i < bytes.length; i++) pixels[i] = table[bytes[i]];
  context.putImageData(image, 0, 0);
}

function drawDots(marked = -1) {
  const canvas = byId("dots"), scale = devicePixelRatio, place = byId("surface").clientWidth / state.start.picture.width;
  Object.assign(canvas, { width: byId("surface").clientWidth * scale, height: byId("surface").clientHeight * scale });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const ring = (i, radius, line, dark) => {
    context.beginPath();
    context.arc((state.rows[i][6] + 0.5) * place, (state.rows[i][7] + 0.5) * place, radius, 0, 2 * Math.PI);
    for (const [width, style] of [[line + 1.5, "#ffffff"], [line, dark]]) {
      context.lineWidth = width;
      context.strokeStyle = style;
      context.stroke();
    }
  };
  for (let i = state.rows.length - 1; i >= 0; i--) ring(i, i < FIRST ? 3.5 : 1.8, i < FIRST ? 1.5 : 0.8, i < FIRST ? "#a8420a" : "#1f2328");
  if (marked >= 0) ring(marked, 9, 3, "#d1006c");
}

function fillRows() {
  const body = byId("rows");
  while (body.rows.length < state.rows.length) {
    const row = make("tr", {}, ...Array.from({ length: 6 }, () => make("td"))), i = body.rows.length;
    row.addEventListener("mouseenter", () => drawDots(i));
    body.append(row);
  }
  while (body.rows.length > state.rows.length) body.lastChild.remove();
  state.rows.forEach(([rank, id, name, place, score, before], i) => {
    const cells = body.rows[i].cells, move = before === null ? null : before - rank;
    const words = move === null ? (state.start.saved.folder ? "new" : "") : move > 0 ? `▲ ${move}` : move < 0 ? `▼ ${-move}` : "=";
    [rank, name, place, score.toFixed(2), before === null ? "–" : before, words].forEach((text, k) => {
      if (cells[k].firstChild?.data !== String(text)) cells[k].textContent = text;
    });
    cells[1].title = `${id}: ${name}`;
    cells[5].className = move === null ? "fresh" : move > 0 ? "up" : move < 0 ? "down" : "";
  });
}

function fillCompared(compared) {
  if (!compared) return;
  const lists = [
    ["New", compared.new, ([id, name, rank]) => `${rank}: ${name || id}`],
    ["Gone", compared.gone, ([id, name, rank]) => `${rank}: ${name || id}`],
    ["Moved", compared.moved, ([id, name, rank, before]) => `${before} → ${rank}: ${name || id}`],
  ];
  byId("compared").replaceChildren(
    ...lists.map(([title, items, words]) => make("div", {}, make("h3", { textContent: `${title}: ${items.length}` }), make("ol", {}, ...items.slice(0, SHOWN).map((item) => make("li", { textContent: words(item), title: words(item) })))))
  );
}

/** Asks for the list under the weights of now; while one is under way, the latest weights wait. */
async function ask() {
  if (state.running) {
    state.waiting = true;
    return;
  }
  state.running = true;
  try {
    do {
      state.waiting = false;
      await once();
    } while (state.waiting);
  } finally {
    state.running = false;
  }
}

async function once() {
  const began = performance.now();
  try {
    const answer = await post("rank", { settings: changes() });
    if (!answer.ok) return say("status", await why(answer), true);
    const content = await answer.arrayBuffer(), length = new DataView(content).getUint32(0, true);
    const { rows, compared } = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)));
    state.rows = rows;
    drawSurface(new Uint8Array(content, 4 + length));
    drawDots();
    fillRows();
    fillCompared(compared);
    const words = compared ? `${compared.new.length} new, ${compared.gone.length} gone, ${compared.moved.length} moved, ` : "";
    say("status", `${rows.length} sites, ${words}${((performance.now() - began) / 1000).toFixed(2)} s`);
    state.answered += 1;
  } catch (error) {
    state.errors.push(String(error));
    say("status", "The program does not answer: it has been ended, or this page is of an earlier start.", true);
  }
}

const post = (name, content) => fetch(name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });
const why = async (answer) => {
  try {
    return (await answer.json()).error;
  } catch {
    return `Refused (${answer.status}).`;
  }
};

async function save(replace) {
  byId("replace").hidden = true;
  try {
    const answer = await post("save", { settings: changes(), name: byId("file-name").value.trim(), replace });
    if (answer.ok) {
      const { path, command } = await answer.json();
      return say("saved-note", `Saved ${path}. Rank with it: ${command}`);
    }
    say("saved-note", await why(answer), true);
    byId("replace").hidden = answer.status !== 409;
  } catch {
    say("saved-note", "The program does not answer.", true);
  }
}

async function begin() {
  document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  state.start = await (await fetch("start")).json();
  state.now = { ...state.start.settings };
  build();
  show();
  byId("reset").addEventListener("click", () => {
    state.now = { ...state.start.settings };
    show();
    ask();
  });
  byId("saving").addEventListener("submit", (event) => {
    event.preventDefault();
    save(false);
  });
  byId("replace").addEventListener("click", () => save(true));
  byId("file-name").addEventListener("input", () => (byId("replace").hidden = true));
  byId("rows").addEventListener("mouseleave", () => drawDots());
  window.addEventListener("resize", () => drawDots());
  await ask();
}

begin();
