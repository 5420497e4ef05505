"use strict";
// Conus Albers (EPSG:5070, GRS 80): forward projection after Snyder (1987), Map Projections, USGS 1395, equations 14-1 to 14-6.

const albers = (() => {
  const a = 6378137.0, f = 1 / 298.257222101, e2 = f * (2 - f), e = Math.sqrt(e2), rad = Math.PI / 180;
  const q = (phi) => {
    const s = Math.sin(phi);
    return (1 - e2) * (s / (1 - e2 * s * s) - (1 / (2 * e)) * Math.log((1 - e * s) / (1 + e * s)));
  };
  const m = (phi) => Math.cos(phi) / Math.sqrt(1 - e2 * Math.sin(phi) ** 2);
  const [lon0, lat0, lat1, lat2] = [-96, 23, 29.5, 45.5].map((d) => d * rad);
  const n = (m(lat1) ** 2 - m(lat2) ** 2) / (q(lat2) - q(lat1));
  const c = m(lat1) ** 2 + n * q(lat1);
  const rho = (phi) => (a * Math.sqrt(c - n * q(phi))) / n;
  const rho0 = rho(lat0);
  /** Degrees to metres. */
  return (lon, lat) => {
    const r = rho(lat * rad), theta = n * (lon * rad - lon0);
    return [r * Math.sin(theta), rho0 - r * Math.cos(theta)];
  };
})();

/** Column and row (fractions) of a place in the surface. */
function cellAt(lon, lat) {
  const s = meta.surface;
  const [x, y] = albers(lon, lat);
  return [(x - s.west) / s.cell_m, (s.north - y) / s.cell_m];
}

const mercator = {
  x: (lon) => (lon + 180) / 360,
  y: (lat) => (1 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / Math.PI) / 2,
  lat: (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI,
};

// west, south, east, north of the contiguous states, degrees, with a margin
const FRAME = [-125.3, 24.2, -66.4, 49.7];
const MESH = [256, 160];

/**
 * A mesh that carries mercator and cell coordinates: the projection is exact in double precision at its nodes, and a straight
 * line between them is off by less than 30 m (the mesh cells are about 20 km wide). Only quads with a corner at a wanted column and
 * row are drawn.
 */
function mesh(wanted) {
  const [across, down] = MESH;
  const [west, south, east, north] = FRAME;
  const [top, bottom] = [mercator.y(north), mercator.y(south)];
  const nodes = new Float32Array((across + 1) * (down + 1) * 4);
  let at = 0;
  for (let j = 0; j <= down; j++) {
    const y = top + ((bottom - top) * j) / down, lat = mercator.lat(y);
    for (let i = 0; i <= across; i++) {
      const lon = west + ((east - west) * i) / across;
      const [col, row] = cellAt(lon, lat);
      nodes.set([mercator.x(lon), y, col, row], at);
      at += 4;
    }
  }
  const corners = new Uint32Array(across * down * 6);
  at = 0;
  for (let j = 0; j < down; j++) {
    for (let i = 0; i < across; i++) {
      const p = j * (across + 1) + i, q = p + across + 1, quad = [p, q, p + 1, p + 1, q, q + 1];
      if (!quad.some((node) => wanted(nodes[node * 4 + 2], nodes[node * 4 + 3]))) continue;
      corners.set(quad, at);
      at += 6;
    }
  }
  return { nodes, corners: corners.slice(0, at) };
}

/** Cell coordinates as the mesh interpolates them, for the test of its error. */
function cellByMesh(lon, lat) {
  const [across, down] = MESH, [west, south, east, north] = FRAME;
  const [top, bottom] = [mercator.y(north), mercator.y(south)];
  const u = ((lon - west) / (east - west)) * across, v = ((mercator.y(lat) - top) / (bottom - top)) * down;
  const i = Math.floor(u), j = Math.floor(v), s = u - i, t = v - j;
  const node = (k, l) => cellAt(west + ((east - west) * k) / across, mercator.lat(top + ((bottom - top) * l) / down));
  const [a, b, c, d] = [node(i, j), node(i + 1, j), node(i, j + 1), node(i + 1, j + 1)];
  const mix = (k) => (s + t <= 1 ? a[k] + s * (b[k] - a[k]) + t * (c[k] - a[k]) : d[k] + (1 - s) * (c[k] - d[k]) + (1 - t) * (b[k] - d[k]));
  return [mix(0), mix(1)];
}
