"use strict";
// Without WebGL2: a still map at 5 km, drawn cell by cell, in the projection of the grid itself.

const COARSE_M = 5000;
let still = null;

function startStill() {
  const s = meta.surface, every = Math.max(1, Math.round(COARSE_M / s.cell_m));
  const width = Math.ceil(s.width / every), height = Math.ceil(s.height / every);
  const canvas = element("canvas", { id: "still", width, height, tabIndex: 0, role: "img", "aria-label": "Still map of the score" });
  canvas.style.setProperty("--aspect", width / height);
  byId("map").replaceChildren(canvas);
  byId("map").classList.add("still");
  still = { canvas, every, width, height, context: canvas.getContext("2d"), picture: new ImageData(width, height) };
  canvas.addEventListener("click", chooseStill);
  canvas.addEventListener("mousemove", (e) => readStill(e));
  on("surface", perFrame(drawStill));
  on("ranked", perFrame(drawStill));
  on("chosen", perFrame(drawStill));
  drawStill();
}

/** Value of a cell in the current view; null where nothing is drawn, -1 where excluded. */
function stillValue(terms, col, row) {
  const at0 = row * meta.surface.width + col, code = country.code[at0];
  if (!code) return null;
  if (terms.mode === MODES.taken) return takenCode && takenCode[at0] ? terms.reasons[takenCode[at0] - 1] / 255 : null;
  const bits = meta.surface.combinations[code - 1];
  if (terms.mode === MODES.exclusions) {
    const v = terms.reasons[code - 1];
    return v ? v / 255 : null;
  }
  if (bits) return -1;
  const at = cellPlace(col, row), [a, b, c] = terms.tiles, top = meta.surface.top;
  let weighted = 0;
  for (let k = 0; k < 8; k++) if (terms.weights[k]) weighted += terms.weights[k] * clamped(((k < 4 ? a : b)[at + (k & 3)] * 100) / top + changeAt(k, col + 0.5, row + 0.5));
  const learned = (c[at] * 100) / top, part = terms.share * (learned < weighted ? 1 : c[at + 1] / top);
  const value = [(1 - part) * weighted + part * learned, weighted, learned, learned - weighted][terms.mode];
  return Math.min(1, Math.max(0, (value - terms.range[0]) / (terms.range[1] - terms.range[0])));
}

function drawStill() {
  const { context, picture, every, width, height } = still;
  const terms = viewTerms(), pixels = new Uint32Array(picture.data.buffer);
  pixels.fill(0);
  if (state.view !== "none") {
    const ramp = new Uint32Array(rampColours(terms.ramp).buffer), grey = 0xffb4aca8;
    terms.reasons = terms.mode === MODES.taken ? takenValues() : reasonValues();
    terms.tiles = country.tiles.map((pyramid) => pyramid[0]);
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        const value = stillValue(terms, Math.min(meta.surface.width - 1, c * every + (every >> 1)), Math.min(meta.surface.height - 1, r * every + (every >> 1)));
        if (value !== null) pixels[r * width + c] = value < 0 ? ((r + c) % 3 ? grey : 0xff808080) : ramp[Math.round(value * 255)];
      }
    }
  }
  context.putImageData(picture, 0, 0);
  if (state.layers.has("campuses")) for (const i of visible().slice(0, 100).reverse()) dotStill(i);
  tell("drawn");
}

function dotStill(i) {
  const [col, row] = cellAt(valueOf(sites, i, "lon"), valueOf(sites, i, "lat"));
  const { context, every } = still, chosen = state.site && !state.site.own && state.site.index === i;
  context.beginPath();
  context.arc(col / every, row / every, chosen ? 6 : 3, 0, 7);
  context.fillStyle = chosen ? "#ff3fa4" : "#ffffff";
  context.strokeStyle = "#111111";
  context.fill();
  context.stroke();
}

function stillCell(event) {
  const box = still.canvas.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * still.width * still.every, ((event.clientY - box.top) / box.height) * still.height * still.every];
}

function chooseStill(event) {
  const [col, row] = stillCell(event);
  let best = null, least = 12 * still.every;
  for (const i of visible()) {
    const [c, r] = cellAt(valueOf(sites, i, "lon"), valueOf(sites, i, "lat"));
    const far = Math.hypot(c - col, r - row);
    if (far < least) [best, least] = [i, far];
  }
  if (best !== null) tell("choose", { index: best, own: false });
}

function readStill(event) {
  const [col, row] = stillCell(event).map(Math.floor), s = meta.surface;
  const code = col >= 0 && row >= 0 && col < s.width && row < s.height ? country.code[row * s.width + col] : 0;
  const bits = code ? s.combinations[code - 1] : 0;
  const reasons = meta.gates.filter((_, i) => (bits >>> i) & 1).map((g) => g.reason);
  byId("readout").textContent = !code ? "" : reasons.length ? `Excluded: ${reasons.join("; ")}` : `Score ${number(cellScores(col, row).score)}`;
}
