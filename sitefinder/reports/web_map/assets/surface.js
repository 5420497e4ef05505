"use strict";
// The surface on the graphics card: one triangle mesh over the country, weighed and coloured pixel by pixel.

/** The codes of all cells in tiles, as the scores are. */
function codeTiles(codes) {
  const { width, height } = meta.surface, tiles = new Uint16Array(country.count * TILE * TILE);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const layer = country.layerOf[Math.floor(r / TILE) * country.across + Math.floor(c / TILE)];
      if (layer !== NO_TILE) tiles[(layer * TILE + (r % TILE)) * TILE + (c % TILE)] = codes[r * width + c];
    }
  }
  return tiles;
}

const ZERO = 128; // byte that stands for no change

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
uniform sampler2D u_ramp, u_reasons, u_change;
uniform vec4 u_wa, u_wb;
uniform float u_share, u_opacity, u_full, u_change_scale;
uniform vec2 u_coarse;
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
  if (u_mode >= 4) {
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
    float weighted = 100.0 * u_full * (dot(a, u_wa) + dot(b, u_wb)) / free;
    if (u_change_scale > 0.0) weighted += (texture(u_change, v_cell / u_coarse).r * 255.0 - ${ZERO}.0) / ${ZERO - 1}.0 * u_change_scale;
    weighted = clamp(weighted, 0.0, 100.0);
    float learned = 100.0 * u_full * c.r / free;
    float value = weighted;
    float applies = learned < weighted ? 1.0 : u_full * c.g / free;
    if (u_mode == 0) value = mix(weighted, learned, u_share * applies);
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
      const compiled = gl.createShader(type);
      gl.shaderSource(compiled, text);
      gl.compileShader(compiled);
      return compiled;
    };
    this.program = gl.createProgram();
    gl.attachShader(this.program, shader(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.program, shader(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.program));
    this.place = {};
    const names = ["matrix", "a", "b", "c", "tiles", "code", "ramp", "reasons", "wa", "wb", "share", "opacity", "range", "hatch", "mode", "level", "size", "full", "change_scale", "coarse", "change"];
    for (const name of names) this.place[name] = gl.getUniformLocation(this.program, `u_${name}`);
    const { nodes, corners } = mesh(nearLand);
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
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(target, texture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, side, gl.CLAMP_TO_EDGE);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, filter, gl.NEAREST);
    return texture;
  },

  upload(gl) {
    const flat = gl.TEXTURE_2D, stack = gl.TEXTURE_2D_ARRAY, s = meta.surface;
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.stacks = []; // by level, built when a level is first drawn
    this.tiles = this.texture(gl, 0, flat);
    gl.texImage2D(flat, 0, gl.R16UI, country.across, country.down, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, country.layerOf);
    this.code = null; // built when the exclusions are first drawn
    this.ramp = this.texture(gl, 0, flat);
    this.reasons = this.texture(gl, 0, flat);
    this.emptyCode = this.texture(gl, 0, stack);
    gl.texImage3D(stack, 0, gl.R16UI, 1, 1, 1, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, new Uint16Array(1));
    this.change = this.texture(gl, 0, flat);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(flat, filter, gl.LINEAR);
    gl.texImage2D(flat, 0, gl.R8, 1, 1, 0, gl.RED, gl.UNSIGNED_BYTE, new Uint8Array(1));
    this.changeNamed = "";
    this.changeScale = 0; // points at the ends of the bytes
    this.rampName = this.gateName = null;
    this.size = [s.width, s.height];
    this.ready = true;
  },

  /** The three textures of a level. */
  stackOf(gl, level) {
    this.stacks[level] ||= country.tiles.map((pyramid) => {
      const stack = this.texture(gl, 0, gl.TEXTURE_2D_ARRAY), side = TILE >> level;
      gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
      gl.texImage3D(gl.TEXTURE_2D_ARRAY, 0, gl.RGBA8, side, side, country.count, 0, gl.RGBA, gl.UNSIGNED_BYTE, pyramid[level]);
      return stack;
    });
    return this.stacks[level];
  },

  /** The change of the weighted score as bytes on a scale of its own; anew when a criterion or a weight moves. */
  refreshChange(gl, terms) {
    const name = `${planes.version} ${terms.weights}`;
    if (this.changeNamed === name) return;
    this.changeNamed = name;
    const change = weightedChange(terms.weights);
    let most = 0;
    if (change) for (let j = 0; j < change.length; j++) most = Math.max(most, Math.abs(change[j]));
    this.changeScale = most;
    if (!most) return;
    const { width, height } = meta.planes, factor = (ZERO - 1) / most, bytes = new Uint8Array(change.length);
    for (let j = 0; j < change.length; j++) bytes[j] = ZERO + Math.round(change[j] * factor);
    gl.bindTexture(gl.TEXTURE_2D, this.change);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, bytes);
  },

  refresh(gl, terms) {
    const flat = gl.TEXTURE_2D, stack = gl.TEXTURE_2D_ARRAY;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.activeTexture(gl.TEXTURE0);
    this.refreshChange(gl, terms);
    if (this.rampName !== terms.ramp) {
      gl.bindTexture(flat, this.ramp);
      gl.texImage2D(flat, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, rampColours(terms.ramp));
      this.rampName = terms.ramp;
    }
    if (!drawsCodes(terms)) return;
    const taken = terms.mode === MODES.taken, of = taken ? "taken" : state.gate;
    if (this.codeOf !== taken) {
      if (this.code) gl.deleteTexture(this.code);
      this.codeOf = taken;
      this.code = this.texture(gl, 0, stack);
      gl.texImage3D(stack, 0, gl.R16UI, TILE, TILE, country.count, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, codeTiles(taken ? takenCode : country.code));
    }
    if (this.gateName !== of) {
      const values = taken ? takenValues() : reasonValues(), rows = Math.ceil(values.length / 256), table = new Uint8Array(rows * 256);
      table.set(values);
      gl.bindTexture(flat, this.reasons);
      gl.texImage2D(flat, 0, gl.R8, 256, rows, 0, gl.RED, gl.UNSIGNED_BYTE, table);
      this.gateName = of;
    }
  },

  render(gl, { defaultProjectionData }) {
    if (!this.ready || state.view === "none" || (state.view === "taken" && !takenCode)) return;
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
    bind(7, gl.TEXTURE_2D, this.change, at.change);
    gl.uniform1f(at.change_scale, this.changeScale);
    gl.uniform2f(at.coarse, meta.planes.width * meta.planes.every, meta.planes.height * meta.planes.every);
    gl.uniform1f(at.full, 255 / meta.surface.top);
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
