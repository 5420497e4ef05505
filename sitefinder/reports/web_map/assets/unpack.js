"use strict";
// The country out of its packed form: two workers lay the planes into square tiles while the page builds its map.

const TILE = 256; // cells along a tile; at most 256 layers, which every WebGL2 device has
const LEVELS = 4; // coarser copies of the tiles, for small scales
const NO_TILE = 65535;

/** Numbers of seven bits to a byte, low bits first; see varint.py. */
function numbersOf(bytes) {
  const numbers = new Uint32Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    let octet = bytes[at++], value = octet & 127;
    for (let shift = 7; octet > 127; shift += 7) {
      octet = bytes[at++];
      value |= (octet & 127) << shift;
    }
    numbers[count++] = value;
  }
  return numbers.subarray(0, count);
}

/**
 * Runs in a worker: inflates planes and lays them into square tiles of four bytes per cell, with coarser copies that hold the means
 * over all cells. Texture 0 and 1 hold the families, texture 2 the learned score, its applicability, free land and land.
 */
function unpacker() {
  onmessage = ({ data }) => unpack(data).catch((error) => postMessage({ failed: String(error) }));
  const unpack = async ({ texts, digits, surface, textures, tile, noTile, levels }) => {
    const { width, height } = surface, shift = Math.log2(tile), inner = tile - 1, free = surface.combinations.indexOf(0) + 1;
    const across = Math.ceil(width / tile), down = Math.ceil(height / tile);
    const plane = (name) => inflated(bytesOf(texts[name], digits));
    const [codes, lengths] = (await Promise.all([plane("run_codes"), plane("run_lengths")])).map(numbersOf);

    // which tiles hold land, and the code of every cell
    const layerOf = new Uint16Array(across * down).fill(noTile), code = new Uint16Array(width * height);
    let pieces = 0;
    for (let i = 0, cell = 0; i < codes.length; cell += lengths[i++]) {
      if (!codes[i]) continue;
      code.fill(codes[i], cell, cell + lengths[i]);
      const row = Math.floor(cell / width), c = cell - row * width, tiles = (row >> shift) * across;
      for (let t = c >> shift; t <= (c + lengths[i] - 1) >> shift; t++, pieces++) layerOf[tiles + t] = 0;
    }
    let count = 0;
    for (let t = 0; t < layerOf.length; t++) if (layerOf[t] === 0) layerOf[t] = count++;

    // stretches of equal code within a tile: first column, end, first cell in the texture; those of free land come as they are packed
    const from = new Int32Array(pieces), to = new Int32Array(pieces), place = new Int32Array(pieces), rowOf = new Int32Array(pieces), kind = new Uint8Array(pieces);
    pieces = 0;
    for (let i = 0, cell = 0; i < codes.length; cell += lengths[i++]) {
      if (!codes[i]) continue;
      const row = Math.floor(cell / width), first = cell - row * width, end = first + lengths[i];
      for (let c = first; c < end; pieces++) {
        const t = c >> shift, layer = layerOf[(row >> shift) * across + t];
        from[pieces] = c;
        place[pieces] = (((layer << shift) + (row & inner)) << shift) + (c & inner);
        rowOf[pieces] = row;
        kind[pieces] = codes[i] === free ? 1 : 0;
        c = to[pieces] = Math.min(end, (t + 1) << shift);
      }
    }

    /** Undoes the differences of a plane; see surface.py. Cells that are not free show the last value to their left. */
    const unpackInto = (into, steps, channel) => {
      const above = new Uint8Array(width);
      let next = 0, row = 0, column = 0, left = 0;
      for (let p = 0; p < pieces; p++) {
        if (!kind[p]) continue;
        if (rowOf[p] !== row) {
          above.fill(rowOf[p] === row + 1 ? left : 0, rowOf[p] === row + 1 ? column : 0);
          row = rowOf[p];
          column = left = 0;
        }
        let c = from[p];
        if (c > column) above.fill(left, column, c);
        for (let at = place[p] * 4 + channel; c < to[p]; c++, at += 4) into[at] = above[c] = (above[c] + steps[next++]) & 255;
        column = c;
        left = above[c - 1];
      }
    };
    const coverInto = (into) => {
      const cells = new Uint32Array(into.buffer), shut = 0xff000000, open = 0xffff0000; // land and free land, low byte first
      for (let p = 0; p < pieces; p++) {
        const mark = kind[p] ? open : shut;
        for (let c = from[p], at = place[p]; c < to[p]; c++, at++) cells[at] |= mark;
      }
    };
    /** Means of four cells, two bytes of each at a time. */
    const coarser = (fine, side) => {
      const half = side >> 1, halved = new Uint32Array(fine.length >> 2), low = 0x00ff00ff, two = 0x00020002;
      let at = 0;
      for (let r = 0; r < count * half; r++) {
        for (let p = r * 2 * side, end = p + side; p < end; p += 2) {
          const a = fine[p], b = fine[p + 1], c = fine[p + side], d = fine[p + side + 1];
          const even = (((a & low) + (b & low) + (c & low) + (d & low) + two) >>> 2) & low;
          const odd = ((((a >>> 8) & low) + ((b >>> 8) & low) + ((c >>> 8) & low) + ((d >>> 8) & low) + two) >>> 2) & low;
          halved[at++] = even | (odd << 8);
        }
      }
      return halved;
    };
    for (const [texture, names] of textures) {
      const finest = new Uint8Array(count * tile * tile * 4), pyramid = [finest];
      for (const [channel, name] of names.entries()) if (name in texts) unpackInto(finest, await plane(name), channel);
      if (texture === 2) coverInto(finest);
      let words = new Uint32Array(finest.buffer);
      for (let l = 1; l <= levels; l++) {
        words = coarser(words, tile >> (l - 1));
        pyramid.push(new Uint8Array(words.buffer));
      }
      postMessage({ texture, pyramid }, pyramid.map((p) => p.buffer));
    }
    postMessage({ layerOf, code, across, down, count }, [layerOf.buffer, code.buffer]);
  };
}

/** Shares the planes out between two workers, half of the work each. */
function unpackSurface() {
  const program = [bytesOf, inflated, numbersOf].join("\n");
  const url = URL.createObjectURL(new Blob([`${program}\n(${unpacker})()`], { type: "text/javascript" }));
  const whole = takeText("data-surface"), surface = { tiles: [] }, names = families.map((f) => f.id);
  const work = [[[0, names.slice(0, 4)]], [[2, ["learned", "applicability"]], [1, names.slice(4, 8)]]];
  const run = (textures) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(url), mine = new Set(["run_codes", "run_lengths", ...textures.flatMap((t) => t[1])]);
      worker.onmessage = ({ data }) => {
        if (data.failed) return reject(new Error(data.failed));
        if (data.pyramid) return void (surface.tiles[data.texture] = data.pyramid);
        worker.terminate();
        return resolve(Object.assign(surface, data));
      };
      worker.onerror = reject;
      const planes = Object.entries(meta.surface.planes).filter(([name]) => mine.has(name));
      const texts = Object.fromEntries(planes.map(([name, at]) => [name, textOf(whole, at)]));
      worker.postMessage({ texts, digits: meta.digits, surface: meta.surface, textures, tile: TILE, noTile: NO_TILE, levels: LEVELS });
    });
  return Promise.all(work.map(run)).then(() => surface);
}

let country = null; // what the workers unpacked
const unpackedSurface = () => (country ? Promise.resolve() : new Promise((resolve) => on("unpacked", resolve)));

/** What is known about the cell at a place; null off the land. */
function cellFacts(lon, lat) {
  if (!country) return null;
  const s = meta.surface;
  const [col, row] = cellAt(lon, lat).map(Math.floor);
  if (col < 0 || row < 0 || col >= s.width || row >= s.height) return null;
  const code = country.code[row * s.width + col];
  if (!code) return null;
  const bits = s.combinations[code - 1];
  const facts = { excluded: meta.gates.filter((_, i) => (bits >>> i) & 1).map((g) => g.reason), scores: null };
  return bits === 0 ? Object.assign(facts, cellScores(col, row)) : facts;
}

/** Whether a place of the surface lies in a tile that holds land. */
function nearLand(col, row) {
  const c = Math.floor(col / TILE), r = Math.floor(row / TILE);
  return c >= 0 && r >= 0 && c < country.across && r < country.down && country.layerOf[r * country.across + c] !== NO_TILE;
}

let takenCode = null, takenComing = null; // code of every cell in what takes land

/** Lays out the runs of taken land, when they are first wanted. */
function unpackTaken() {
  takenComing ||= unpackedSurface().then(async () => {
    const part = async (name) => numbersOf(await inflated(bytesOf(textOf(packedShapes, meta.at[`taken/${name}`]), meta.digits)));
    const [codes, lengths] = await Promise.all([part("run_codes"), part("run_lengths")]);
    const laid = new Uint16Array(meta.surface.width * meta.surface.height);
    for (let i = 0, cell = 0; i < codes.length; cell += lengths[i++]) if (codes[i]) laid.fill(codes[i], cell, cell + lengths[i]);
    takenCode = laid;
    tell("surface");
  });
  return takenComing;
}

/** What takes a cell, in words; empty where nothing takes a tenth of it, or the plane is not yet unpacked. */
function takenWords(lon, lat) {
  if (!takenCode) return "";
  const [col, row] = cellAt(lon, lat).map(Math.floor), code = takenCode[row * meta.surface.width + col];
  if (!code) return "";
  const [bits, percent] = meta.taken.combinations[code - 1];
  return `Taken, about ${percent} %: ${meta.taken.causes.filter((_, i) => (bits >>> i) & 1).join(", ")}`;
}

/** First byte of a cell in the textures. */
function cellPlace(col, row) {
  const layer = country.layerOf[Math.floor(row / TILE) * country.across + Math.floor(col / TILE)];
  return ((layer * TILE + (row % TILE)) * TILE + (col % TILE)) * 4;
}

/** Scores of a free cell: of the families, weighted, learned and fused. */
function cellScores(col, row) {
  const at = cellPlace(col, row), top = meta.surface.top, [a, b, c] = country.tiles.map((pyramid) => pyramid[0]);
  const scores = families.map((_, k) => ((k < 4 ? a : b)[at + (k & 3)] * 100) / top).map((score, k) => clamped(score + changeAt(k, col + 0.5, row + 0.5)));
  const weights = shares() || families.map(() => 0);
  const weighted = scores.reduce((sum, s, k) => sum + s * weights[k], 0);
  const learned = (c[at] * 100) / top;
  const applies = learned < weighted ? 1 : c[at + 1] / top; // doubt never lifts
  const part = state.share * applies;
  return { scores, weighted, learned, applies, score: (1 - part) * weighted + part * learned };
}
