"use strict";
// Small helpers and the state of the page. Text from data goes into the page by textContent only.

const started = performance.now();
const byId = (id) => document.getElementById(id);

/** An element with properties, attributes (names with a dash or "role") and children; strings become text. */
function element(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key.includes("-") || key === "role" || key === "for" || key === "scope") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";
function drawing(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Bytes of base 85, five digits to four bytes; see text85.py. */
function bytesOf(text, digits) {
  const value = new Uint8Array(128), size = Math.floor((text.length * 4) / 5), bytes = new Uint8Array(size + 4);
  for (let i = 0; i < 85; i++) value[digits.charCodeAt(i)] = i;
  const whole = text.length - (text.length % 5);
  let at = 0;
  const put = (n) => {
    bytes[at] = n >>> 24;
    bytes[at + 1] = n >>> 16;
    bytes[at + 2] = n >>> 8;
    bytes[at + 3] = n;
    at += 4;
  };
  for (let i = 0; i < whole; i += 5) {
    put((((value[text.charCodeAt(i)] * 85 + value[text.charCodeAt(i + 1)]) * 85 + value[text.charCodeAt(i + 2)]) * 85 + value[text.charCodeAt(i + 3)]) * 85 + value[text.charCodeAt(i + 4)]);
  }
  if (whole < text.length) {
    let n = 0;
    for (let i = whole; i < whole + 5; i++) n = n * 85 + (i < text.length ? value[text.charCodeAt(i)] : 84);
    put(n);
  }
  return bytes.subarray(0, size);
}

/** The text of some of the bytes, which begin at a group. */
const textOf = (text, [from, to]) => text.slice((from / 4) * 5, Math.ceil((to * 5) / 4));

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function takeText(id) {
  const holder = byId(id);
  const text = holder.textContent;
  holder.remove(); // the text is twenty million characters: let it go
  return text;
}

const meta = JSON.parse(byId("data-meta").textContent);
const families = meta.families;
const learnedShare = meta.share;

const state = {
  weights: families.map((f) => f.weight),
  inner: families.map((f) => f.criteria.map((c) => c.weight)), // weights within each family
  share: learnedShare === null ? 0 : learnedShare,
  view: "score",
  gate: "any",
  layers: new Set(["land", "water", "states", "places", "campuses"]),
  site: null,
  compare: null,
  filter: { text: "", state: "", rto: "", mw: 0, year: "", acres: 0 },
};

const clamped = (score) => Math.min(100, Math.max(0, score));
const number = (value, decimals) =>
  value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: decimals === undefined ? 1 : decimals });

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
/** "2028-12" as "Dec 2028"; anything else as it is. */
const monthWords = (month) => {
  const [, year, number] = /^(\d{4})-(\d\d)$/.exec(month) || [];
  return MONTHS[number - 1] ? `${MONTHS[number - 1]} ${year}` : String(month);
};

/** A value of a column as a person reads it. */
function withUnit(value, column) {
  if (value === "") return "none";
  if (value === null || value === undefined) return /null if (it is there|it never)/.test(column.meaning) ? "none" : "unknown";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value !== "number") return Array.isArray(value) ? value.join("; ") : monthWords(value);
  if (column.unit === "share") return `${number(value * 100)} %`;
  const plain = number(value, Math.abs(value) >= 1000 ? 0 : column.decimals === null ? 2 : Math.min(column.decimals, 3));
  return column.unit ? `${plain} ${column.unit}` : plain;
}

function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

const listeners = {};
const on = (event, act) => (listeners[event] = listeners[event] || []).push(act);
const tell = (event, detail) => (listeners[event] || []).forEach((act) => act(detail));

/** At most one call per frame, with the newest argument. */
function perFrame(act) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      act();
    });
  };
}

function later(act, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
}

const isDark = () => document.documentElement.dataset.theme === "dark";
