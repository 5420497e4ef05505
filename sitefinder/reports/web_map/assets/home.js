"use strict";
// Where the map looks: the whole country as large as it fits, or the sites that pass the filters.

let atHome = false; // nobody has moved the map: it follows the size of its window

const homeBox = () => {
  const [west, south, east, north] = meta.bounds || FRAME;
  return [[west, south], [east, north]];
};

/** Whether the layers stand below the map, where the window leaves room; else they stand on its right edge. */
const layersBelow = () => getComputedStyle(byId("layers")).getPropertyValue("--below").trim() === "1";

/** Room that panels take from the map, in pixels. */
function mapPadding() {
  const onTheRight = innerWidth > 1250 && !layersBelow() ? 278 : 8;
  return { top: 8, bottom: 16, left: 8, right: state.site && innerWidth > 1000 ? 388 : onTheRight };
}

function goHome() {
  map.fitBounds(homeBox(), { padding: mapPadding(), duration: 0 });
  atHome = true;
}

const leaveHome = () => (atHome = false);

/** Fits the country again whenever the size of the map changes, until somebody moves it. */
function stayHome(begin) {
  atHome = begin;
  map.on("movestart", (e) => e.originalEvent && leaveHome());
  map.on("resize", () => atHome && goHome());
}

/** Shows the sites that pass the filters, or the country where none is set. */
const zoomToFilters = later(() => {
  if (!map) return;
  const f = state.filter, seen = visible();
  if (!(f.state || f.rto || f.mw || f.acres)) return atHome ? undefined : goHome();
  if (!seen.length) return;
  const bounds = new maplibregl.LngLatBounds();
  for (const i of seen) bounds.extend([valueOf(sites, i, "lon"), valueOf(sites, i, "lat")]);
  leaveHome();
  const room = mapPadding();
  for (const side of Object.keys(room)) room[side] += 32;
  map.fitBounds(bounds, { padding: room, maxZoom: 8, duration: 0 });
}, 150);
