"use strict";
// The score of every cell: unpacked by a worker into square tiles, weighed and coloured by the graphics card.

const TILE = 256; // cells along a tile; at most 256 layers, which every WebGL2 device has
const LEVELS = 4; // coarser copies of the tiles, for small scales
const NO_TILE = 65535;

/**
 * Runs in a worker: inflates planes and lays them into square tiles of four bytes per cell, with coarser copies that hold the sums
 * over free cells. Texture 0 and 1 hold the families, texture 2 the learned score, its applicability, free land and land.
 */
function unpacker() {
  onmessage = async ({ data: { bytes, surface, textures, tile, noTile, levels } }) => {
    const plane = async (name) => {
      const [from, to] = surface.planes[name];
      const stream = new Blob([bytes.subarray(from, to)]).stream().pipeThrough(new DecompressionStream("deflate"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    };
    const { width, height } = surface, shift = Math.log2(tile), inner = tile - 1;
    const [low, high] = await Promise.all([plane("reason_low"), plane("reason_high")]);
    const free = surface.combinations.indexOf(0) + 1;
    const across = Math.ceil(width / tile), down = Math.ceil(height / tile);
    const layerOf = new Uint16Array(across * down).fill(noTile);
    const code = new Uint16Array(width * height);
    const first = new Int32Array(height).fill(width), last = new Int32Array(height).fill(-1);
    for (let r = 0, i = 0; r < height; r++) {
      const tiles = (r >> shift) * across;
      for (let c = 0; c < width; c++, i++) {
        const k = low[i] | (high[i] << 8);
        if (!k) continue;
        code[i] = k;
        if (last[r] < 0) first[r] = c;
        last[r] = c;
        layerOf[tiles + (c >> shift)] = 0;
      }
    }
    let count = 0;
    for (let t = 0; t < layerOf.length; t++) if (layerOf[t] === 0) layerOf[t] = count++;
    /** Calls act(first cell of the row, first column, last column + 1, first byte in the texture) for each stretch of land in a tile. */
    const stretches = (r, act) => {
      if (last[r] < 0) return;
      for (let t = first[r] >> shift; t <= last[r] >> shift; t++) {
        const layer = layerOf[(r >> shift) * across + t], c0 = Math.max(first[r], t << shift), c1 = Math.min(last[r] + 1, (t + 1) << shift);
        act(r * width, c0, c1, layer === noTile ? -1 : (((layer << shift) + (r & inner)) << shift) + (c0 & inner));
      }
    };
    const unpackInto = async (into, name, channel) => {
      const found = await plane(name), above = new Uint8Array(width);
      let next = 0, left = 0;
      const act = (start, c0, c1, cell) => {
        let at = cell * 4 + channel;
        for (let c = c0; c < c1; c++, at += 4) {
          if (code[start + c] === free) into[at] = left = (above[c] + found[next++]) & 255;
          above[c] = left;
        }
      };
      for (let r = 0; r < height; r++) {
        left = 0;
        above.fill(0, 0, Math.min(width, first[r]));
        stretches(r, act);
        above.fill(left, last[r] + 1);
      }
    };
    const coverInto = (into) => {
      const act = (start, c0, c1, cell) => {
        let at = cell * 4 + 2;
        for (let c = c0; c < c1; c++, at += 4) {
          const k = code[start + c];
          if (!k) continue;
          into[at] = k === free ? 255 : 0;
          into[at + 1] = 255;
        }
      };
      for (let r = 0; r < height; r++) stretches(r, act);
    };
    /** Means of four cells. */
    const coarser = (fine, side) => {
      const half = side >> 1, made = new Uint8Array(fine.length >> 2), line = side * 4;
      let at = 0;
      for (let r = 0; r < count * half; r++) {
        let p = r * 2 * line;
        for (let c = 0; c < half; c++, p += 8) {
          for (let k = 0; k < 4; k++, at++) made[at] = (fine[p + k] + fine[p + 4 + k] + fine[p + line + k] + fine[p + line + 4 + k] + 2) >> 2;
        }
      }
      return made;
    };
    for (const [texture, names] of textures) {
      const pyramid = [new Uint8Array(count * tile * tile * 4)];
      for (const [channel, name] of names.entries()) if (name in surface.planes) await unpackInto(pyramid[0], name, channel);
      if (texture === 2) coverInto(pyramid[0]);
      for (let l = 1; l <= levels; l++) pyramid.push(coarser(pyramid[l - 1], tile >> (l - 1)));
      postMessage({ texture, pyramid }, pyramid.map((p) => p.buffer));
    }
    postMessage({ layerOf, code, across, down, count });
  };
}

/** Shares the textures out between two workers; the second also keeps the codes of the reasons. */
function unpackSurface() {
  const url = URL.createObjectURL(new Blob([`(${unpacker})()`], { type: "text/javascript" }));
  const bytes = bytesOf(takeText("data-surface")), made = { tiles: [] };
  const names = families.map((f) => f.id);
  const work = [[[0, names.slice(0, 4)]], [[1, names.slice(4, 8)], [2, ["learned", "applicability"]]]];
  const run = (textures) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(url), mine = new Set(["reason_low", "reason_high", ...textures.flatMap((t) => t[1])]);
      worker.onmessage = ({ data }) => {
        if (data.pyramid) return void (made.tiles[data.texture] = data.pyramid);
        worker.terminate();
        return resolve(Object.assign(made, data));
      };
      worker.onerror = reject;
      const planes = Object.entries(meta.surface.planes).filter(([name]) => mine.has(name));
      const own = new Uint8Array(planes.reduce((sum, [, [from, to]]) => sum + to - from, 0)), place = {};
      let end = 0;
      for (const [name, [from, to]] of planes) {
        own.set(bytes.subarray(from, to), end);
        place[name] = [end, (end += to - from)];
      }
      worker.postMessage({ bytes: own, surface: { ...meta.surface, planes: place }, textures, tile: TILE, noTile: NO_TILE, levels: LEVELS }, [own.buffer]);
    });
  return Promise.all(work.map(run)).then(() => made);
}

let country = null; // what the worker unpacked

/** What is known about the cell at a place; null off the land. */
function cellFacts(lon, lat) {
  if (!country) return null;
  const s = meta.surface;
  const [col, row] = cellAt(lon, lat).map(Math.floor);
  if (col < 0 || row < 0 || col >= s.width || row >= s.height) return null;
  const code = country.code[row * s.width + col];
  if (!code) return null;
  const bits = s.combinations[code - 1];
  const reasons = meta.gates.filter((_, i) => (bits >>> i) & 1).map((g) => g.reason);
  const facts = { excluded: reasons, scores: null };
  if (bits === 0) Object.assign(facts, cellScores(col, row));
  return facts;
}

function cellScores(col, row) {
  const layer = country.layerOf[Math.floor(row / TILE) * country.across + Math.floor(col / TILE)];
  const at = ((layer * TILE + (row % TILE)) * TILE + (col % TILE)) * 4;
  const [a, b, c] = country.tiles.map((pyramid) => pyramid[0]);
  const scores = families.map((_, k) => ((k < 4 ? a : b)[at + (k & 3)] * 100) / 255);
  const weights = shares() || families.map(() => 0);
  const weighted = scores.reduce((sum, s, k) => sum + s * weights[k], 0);
  const learned = (c[at] * 100) / 255, applies = c[at + 1] / 255;
  const part = state.share * applies;
  return { scores, weighted, learned, applies, score: (1 - part) * weighted + part * learned };
}

// Ramps that read the same with any colour vision: viridis (CC0, Smith and van der Walt), cividis (Nuñez et al. 2018), and
// purple to orange through white (ColorBrewer PuOr); anchors, straight lines between them.
const RAMPS = {
  viridis: ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"],
  cividis: ["#00204d", "#00336f", "#39486b", "#575d6d", "#707173", "#8a8779", "#a69d75", "#c4b56c", "#e4cf5b", "#ffea46"],
  puor: ["#542788", "#8073ac", "#b2abd2", "#d8daeb", "#f7f7f7", "#fee0b6", "#fdb863", "#e08214", "#b35806"],
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
  score: { title: "Score, weighted and learned", ramp: "viridis", range: [20, 90], unit: "points" },
  weighted: { title: "Weighted score alone", ramp: "viridis", range: [20, 90], unit: "points" },
  ...(learnedShare === null
    ? {}
    : {
        learned: { title: "Learned score alone", ramp: "viridis", range: [20, 90], unit: "points" },
        agreement: { title: "Agreement: learned minus weighted", ramp: "puor", range: [-40, 40], unit: "points" },
      }),
  ...Object.fromEntries(families.map((f, k) => [f.id, { title: `${f.title} alone`, ramp: "cividis", range: [0, 100], unit: "points", family: k }])),
  exclusions: { title: "Excluded land, with reasons", ramp: "reasons", range: [1, 6], unit: "reasons" },
  none: { title: "No surface" },
};
const MODES = { score: 0, weighted: 1, learned: 2, agreement: 3, exclusions: 4 };

/** Weights, share and mode that the current view is drawn with. */
function viewTerms() {
  const view = VIEWS[state.view];
  const weights = view.family === undefined ? shares() || families.map(() => 0) : families.map((_, k) => (k === view.family ? 1 : 0));
  return { ...view, weights, share: state.share, mode: view.family === undefined ? MODES[state.view] : MODES.weighted };
}

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

/** The codes of all cells in tiles, as the scores are. */
function codeTiles() {
  const { width, height } = meta.surface, tiles = new Uint16Array(country.count * TILE * TILE);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const layer = country.layerOf[Math.floor(r / TILE) * country.across + Math.floor(c / TILE)];
      if (layer !== NO_TILE) tiles[(layer * TILE + (r % TILE)) * TILE + (c % TILE)] = country.code[r * width + c];
    }
  }
  return tiles;
}

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
in vec4 a_node;
out highp vec2 v_cell;
void main() { v_cell = a_node.zw; gl_Position = u_matrix * vec4(a_node.xy, 0.0, 1.0); }`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2DArray;
precision highp usampler2D;
uniform sampler2DArray u_a, u_b, u_c;
uniform usampler2D u_tiles;
uniform highp usampler2DArray u_code;
uniform sampler2D u_ramp, u_reasons;
uniform vec4 u_wa, u_wb;
uniform float u_share, u_opacity;
uniform vec2 u_range;
uniform vec3 u_hatch;
uniform int u_mode, u_level;
uniform ivec2 u_size;
in highp vec2 v_cell;
out vec4 colour;
void main() {
  ivec2 cell = ivec2(floor(v_cell));
  if (cell.x < 0 || cell.y < 0 || cell.x >= u_size.x || cell.y >= u_size.y) discard;
  uint layer = texelFetch(u_tiles, cell / ${TILE}, 0).r;
  if (layer == ${NO_TILE}u) discard;
  if (u_mode == 4) {
    uint code = texelFetch(u_code, ivec3(cell % ${TILE}, int(layer)), 0).r;
    if (code == 0u) discard;
    float reason = texelFetch(u_reasons, ivec2(int(code - 1u) % 256, int(code - 1u) / 256), 0).r;
    if (reason == 0.0) discard;
    colour = vec4(texture(u_ramp, vec2(reason, 0.5)).rgb * u_opacity, u_opacity);
    return;
  }
  ivec3 at = ivec3((cell % ${TILE}) >> u_level, int(layer));
  vec4 c = texelFetch(u_c, at, 0);
  if (c.a == 0.0) discard;
  vec4 a = texelFetch(u_a, at, 0), b = texelFetch(u_b, at, 0);
  float free = c.b;
  float shut = c.a - free;
  vec3 seen = vec3(0.0);
  if (free > 0.0) {
    float weighted = 100.0 * (dot(a, u_wa) + dot(b, u_wb)) / free;
    float learned = 100.0 * c.r / free;
    float value = weighted;
    if (u_mode == 0) value = mix(weighted, learned, u_share * c.g / free);
    if (u_mode == 2) value = learned;
    if (u_mode == 3) value = learned - weighted;
    seen = texture(u_ramp, vec2(clamp((value - u_range.x) / (u_range.y - u_range.x), 0.002, 0.998), 0.5)).rgb;
  }
  float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, 7.0) < 1.6 ? 0.5 : 0.16;
  float solid = free * u_opacity;
  float hatch = shut * stripe * u_opacity;
  colour = vec4(seen * solid + u_hatch * hatch, solid + hatch);
}`;

/** The layer that MapLibre draws among its own. */
const surfaceLayer = {
  id: "surface",
  type: "custom",
  renderingMode: "2d",
  ready: false,

  onAdd(map, gl) {
    this.map = map;
    this.gl = gl;
    const shader = (type, text) => {
      const made = gl.createShader(type);
      gl.shaderSource(made, text);
      gl.compileShader(made);
      return made;
    };
    this.program = gl.createProgram();
    gl.attachShader(this.program, shader(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.program, shader(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.program));
    this.place = {};
    const names = ["matrix", "a", "b", "c", "tiles", "code", "ramp", "reasons", "wa", "wb", "share", "opacity", "range", "hatch", "mode", "level", "size"];
    for (const name of names) this.place[name] = gl.getUniformLocation(this.program, `u_${name}`);
    const { nodes, corners } = mesh();
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, nodes, gl.STATIC_DRAW);
    const node = gl.getAttribLocation(this.program, "a_node");
    gl.enableVertexAttribArray(node);
    gl.vertexAttribPointer(node, 4, gl.FLOAT, false, 16, 0);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    gl.bindVertexArray(null);
    this.corners = corners.length;
    this.upload(gl);
  },

  texture(gl, unit, target) {
    const made = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(target, made);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, side, gl.CLAMP_TO_EDGE);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, filter, gl.NEAREST);
    return made;
  },

  upload(gl) {
    const flat = gl.TEXTURE_2D, stack = gl.TEXTURE_2D_ARRAY, s = meta.surface;
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.stacks = []; // by level, made when a level is first shown
    this.tiles = this.texture(gl, 0, flat);
    gl.texImage2D(flat, 0, gl.R16UI, country.across, country.down, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, country.layerOf);
    this.code = null; // made when the exclusions are first asked for
    this.ramp = this.texture(gl, 0, flat);
    this.reasons = this.texture(gl, 0, flat);
    this.emptyCode = this.texture(gl, 0, stack);
    gl.texImage3D(stack, 0, gl.R16UI, 1, 1, 1, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, new Uint16Array(1));
    this.rampName = this.gateName = null;
    this.size = [s.width, s.height];
    this.ready = true;
  },

  /** The three textures of a level. */
  stackOf(gl, level) {
    this.stacks[level] ||= country.tiles.map((pyramid) => {
      const made = this.texture(gl, 0, gl.TEXTURE_2D_ARRAY), side = TILE >> level;
      gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
      gl.texImage3D(gl.TEXTURE_2D_ARRAY, 0, gl.RGBA8, side, side, country.count, 0, gl.RGBA, gl.UNSIGNED_BYTE, pyramid[level]);
      return made;
    });
    return this.stacks[level];
  },

  refresh(gl, terms) {
    const flat = gl.TEXTURE_2D, stack = gl.TEXTURE_2D_ARRAY;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.activeTexture(gl.TEXTURE0);
    if (this.rampName !== terms.ramp) {
      gl.bindTexture(flat, this.ramp);
      gl.texImage2D(flat, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, rampColours(terms.ramp));
      this.rampName = terms.ramp;
    }
    if (terms.mode !== MODES.exclusions) return;
    if (!this.code) {
      this.code = this.texture(gl, 0, stack);
      gl.texImage3D(stack, 0, gl.R16UI, TILE, TILE, country.count, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, codeTiles());
    }
    if (this.gateName !== state.gate) {
      const values = reasonValues(), rows = Math.ceil(values.length / 256), table = new Uint8Array(rows * 256);
      table.set(values);
      gl.bindTexture(flat, this.reasons);
      gl.texImage2D(flat, 0, gl.R8, 256, rows, 0, gl.RED, gl.UNSIGNED_BYTE, table);
      this.gateName = state.gate;
    }
  },

  render(gl, { defaultProjectionData }) {
    if (!this.ready || state.view === "none") return;
    const terms = viewTerms(), at = this.place;
    this.refresh(gl, terms);
    gl.useProgram(this.program);
    const bind = (unit, target, texture, place) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(target, texture);
      gl.uniform1i(place, unit);
    };
    const level = this.level(), [a, b, c] = this.stackOf(gl, level);
    bind(0, gl.TEXTURE_2D_ARRAY, a, at.a);
    bind(1, gl.TEXTURE_2D_ARRAY, b, at.b);
    bind(2, gl.TEXTURE_2D_ARRAY, c, at.c);
    bind(3, gl.TEXTURE_2D, this.tiles, at.tiles);
    bind(4, gl.TEXTURE_2D, this.ramp, at.ramp);
    bind(5, gl.TEXTURE_2D, this.reasons, at.reasons);
    bind(6, gl.TEXTURE_2D_ARRAY, this.code || this.emptyCode, at.code);
    gl.uniformMatrix4fv(at.matrix, false, defaultProjectionData.mainMatrix);
    gl.uniform4fv(at.wa, terms.weights.slice(0, 4));
    gl.uniform4fv(at.wb, terms.weights.slice(4, 8));
    gl.uniform1f(at.share, terms.share);
    gl.uniform1f(at.opacity, 0.92);
    gl.uniform2fv(at.range, terms.range);
    gl.uniform3fv(at.hatch, isDark() ? [0.62, 0.65, 0.7] : [0.42, 0.44, 0.48]);
    gl.uniform1i(at.mode, terms.mode);
    gl.uniform1i(at.level, level);
    gl.uniform2iv(at.size, this.size);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindVertexArray(this.array);
    gl.drawElements(gl.TRIANGLES, this.corners, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
    for (const unit of [0, 1, 2, 6]) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
    }
    gl.activeTexture(gl.TEXTURE0);
    tell("drawn");
  },

  /** Coarser copy that fits the scale: about one of its cells per pixel. */
  level() {
    const metres = (40075016.7 * Math.cos((this.map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
    const cells = metres / meta.surface.cell_m / devicePixelRatio;
    return Math.max(0, Math.min(LEVELS, Math.floor(Math.log2(Math.max(cells, 1)) + 0.3)));
  },
};

const isDark = () => document.documentElement.dataset.theme === "dark";
