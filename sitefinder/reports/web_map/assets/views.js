"use strict";
// What the surface can show: ramps, views, and the numbers a view is drawn with.

// Ramps that read the same with any colour vision: viridis (CC0, Smith and van der Walt), cividis (Nuñez et al. 2018), and
// purple to orange through white (ColorBrewer PuOr); anchors, straight lines between them.
const RAMPS = {
  viridis: ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"],
  cividis: ["#00204d", "#00336f", "#39486b", "#575d6d", "#707173", "#8a8779", "#a69d75", "#c4b56c", "#e4cf5b", "#ffea46"],
  puor: ["#542788", "#8073ac", "#b2abd2", "#d8daeb", "#f7f7f7", "#fee0b6", "#fdb863", "#e08214", "#b35806"],
  greys: ["#d5d5d5", "#8c8c8c", "#3a3a3a"],
  reasons: ["#fdd0a2", "#fdae6b", "#fd8d3c", "#e6550d", "#a63603", "#7f2704"],
};

function rampColours(name) {
  const anchors = RAMPS[name].map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const colours = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) {
    const t = (i / 255) * (anchors.length - 1), k = Math.min(anchors.length - 2, Math.floor(t));
    for (let c = 0; c < 3; c++) colours[i * 4 + c] = Math.round(anchors[k][c] + (t - k) * (anchors[k + 1][c] - anchors[k][c]));
    colours[i * 4 + 3] = 255;
  }
  return colours;
}

/** The views of the surface: title, ramp, the values at its ends, unit, and which weights it takes. */
const VIEWS = {
  score: { title: "Score (weighted and learned)", ramp: "viridis", range: [20, 90], unit: "points" },
  weighted: { title: "Weighted score alone", ramp: "viridis", range: [20, 90], unit: "points" },
  ...(learnedShare === null
    ? {}
    : {
        learned: { title: "Learned score alone", ramp: "viridis", range: [20, 90], unit: "points" },
        agreement: { title: "Agreement: learned minus weighted", ramp: "puor", range: [-25, 25], unit: "points" },
      }),
  ...Object.fromEntries(families.map((f, k) => [f.id, { title: `${f.title} alone`, ramp: "cividis", range: [0, 100], unit: "points", family: k }])),
  exclusions: { title: "Excluded land, with reasons", ramp: "reasons", range: [1, 6], unit: "reasons" },
  ...(meta.taken ? { taken: { title: "Taken land, with causes", ramp: "greys", range: [10, 100], unit: "% of the cell" } } : {}),
  none: { title: "No surface" },
};
const MODES = { score: 0, weighted: 1, learned: 2, agreement: 3, exclusions: 4, taken: 5 };

/** Weights, share and mode that the current view is drawn with. */
function viewTerms() {
  const view = VIEWS[state.view];
  const weights = view.family === undefined ? shares() || families.map(() => 0) : families.map((_, k) => (k === view.family ? 1 : 0));
  return { ...view, weights, share: state.share, mode: view.family === undefined ? MODES[state.view] : MODES.weighted };
}

/** Whether a view draws codes of cells, by a table of what they stand for, instead of scores. */
const drawsCodes = (terms) => terms.mode === MODES.exclusions || terms.mode === MODES.taken;

/** Value 1..255 of each combination of causes: the share of the cell that is taken. */
const takenValues = () => meta.taken.combinations.map(([, percent]) => Math.round(1 + (Math.min(100, Math.max(10, percent)) - 10) / 90 * 254));

/** Value 0..255 of each combination of reasons in the exclusion view: how many, or whether the chosen one is among them. */
function reasonValues() {
  const chosen = meta.gates.findIndex((g) => g.id === state.gate);
  return meta.surface.combinations.map((bits) => {
    let count = 0;
    for (let i = 0; i < meta.gates.length; i++) count += (bits >>> i) & 1;
    if (chosen >= 0) return (bits >>> chosen) & 1 ? 128 : 0;
    return count ? Math.round(((Math.min(count, 6) - 1) / 5) * 254) + 1 : 0;
  });
}
