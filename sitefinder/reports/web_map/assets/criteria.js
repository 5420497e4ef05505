"use strict";
// Weights of single criteria: how they change the score of their family, exactly per campus and on coarse cells for the surface.

const total = (weights) => weights.reduce((a, b) => a + b, 0);
const innerShares = (weights) => {
  const sum = total(weights);
  return weights.map((w) => (sum > 0 ? w / sum : 0));
};
const sameWeights = (k) => state.inner[k].every((w, i) => w === families[k].criteria[i].weight);
const firstOf = families.map((_, k) => families.slice(0, k).reduce((sum, f) => sum + f.criteria.length, 0));

const planes = { values: null, coming: null, run: [], now: [], change: families.map(() => null), version: 0 };

/** Values of all criteria on coarse cells, unpacked when a criterion is first moved. */
function unpackCriteria() {
  planes.coming ||= unpackedSurface().then(async () => {
    const text = takeText("data-criteria"), covered = coveredCells();
    const unpacked = families.flatMap((f) => f.criteria).map(async (c) => spread(await inflated(bytesOf(textOf(text, meta.planes.at[c.id]), meta.digits)), covered));
    planes.values = await Promise.all(unpacked);
  });
  return planes.coming;
}

/** Coarse cells that hold free land. */
function coveredCells() {
  const { width, height, every } = meta.planes, s = meta.surface, free = s.combinations.indexOf(0) + 1, covered = new Uint8Array(width * height);
  for (let r = 0, i = 0; r < s.height; r++) {
    const row = Math.floor(r / every) * width;
    for (let c = 0; c < s.width; c++, i++) if (country.code[i] === free) covered[row + Math.floor(c / every)] = 1;
  }
  return covered;
}

/** A plane cell by cell; where there is no free land, the nearest value to the left, or to the right, or above. */
function spread(steps, covered) {
  const { width, height } = meta.planes, plane = new Uint8Array(width * height), above = new Uint8Array(width);
  let next = 0;
  for (let r = 0; r < height; r++) {
    let left = 0, first = -1;
    const row = r * width;
    for (let c = 0; c < width; c++) {
      if (covered[row + c]) {
        left = (above[c] + steps[next++]) & 255;
        if (first < 0) first = c;
      }
      plane[row + c] = above[c] = left;
    }
    if (first > 0) plane.fill(plane[row + first], row, row + first);
    if (first < 0 && r > 0) plane.copyWithin(row, row - width, row);
  }
  return plane;
}

/** Sum of weight x value over the criteria of a family, per coarse cell; what was summed before is only corrected. */
function summed(k, weights, before) {
  const kept = before || { used: weights.map(() => 0), sum: new Float64Array(meta.planes.width * meta.planes.height) };
  weights.forEach((w, i) => {
    const step = w - kept.used[i], values = planes.values[firstOf[k] + i], sum = kept.sum;
    if (step) for (let j = 0; j < sum.length; j++) sum[j] += step * values[j];
    kept.used[i] = w;
  });
  return kept;
}

/** Points by which a family's score differs from the run's, per coarse cell; null where nothing was moved. */
function changeOf(k) {
  if (sameWeights(k) || !planes.values || !total(state.inner[k])) return null;
  const run = families[k].criteria.map((c) => c.weight);
  const before = (planes.run[k] ||= summed(k, run)).sum, now = (planes.now[k] = summed(k, state.inner[k], planes.now[k])).sum;
  const scale = (weights) => (total(weights) > 0 ? 100 / meta.planes.top / total(weights) : 0);
  const a = scale(state.inner[k]), b = scale(run), change = new Float32Array(now.length);
  for (let j = 0; j < change.length; j++) change[j] = a * now[j] - b * before[j];
  return change;
}

/** Follows a moved criterion; the surface comes after the first unpacking. */
async function weighCriteria(k) {
  if (!sameWeights(k)) await unpackCriteria();
  planes.change[k] = changeOf(k);
  planes.version++;
}

/** Change of the weighted score per coarse cell; null where nothing was moved. */
function weightedChange(weights) {
  let sum = null;
  planes.change.forEach((change, k) => {
    if (!change || !weights[k]) return;
    sum ||= new Float32Array(change.length);
    for (let j = 0; j < change.length; j++) sum[j] += weights[k] * change[j];
  });
  return sum;
}

/** Change of a family's score at a place of the surface, in points: straight between the middles of four coarse cells. */
function changeAt(k, col, row) {
  const change = planes.change[k];
  if (!change) return 0;
  const { width, height, every } = meta.planes, x = Math.max(0, col / every - 0.5), y = Math.max(0, row / every - 0.5);
  const c = Math.min(width - 1, Math.floor(x)), r = Math.min(height - 1, Math.floor(y)), s = x - c, t = y - r;
  const at = (i, j) => change[Math.min(height - 1, r + j) * width + Math.min(width - 1, c + i)];
  return (1 - t) * ((1 - s) * at(0, 0) + s * at(1, 0)) + t * ((1 - s) * at(0, 1) + s * at(1, 1));
}
