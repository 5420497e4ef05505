"""Reads a dossier as a sceptic: every figure on the page has to name the column, step or setting that it is from."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.comparison import TABLE
from sitefinder.reports.dossier.fields import SECTIONS, catalogue, column
from sitefinder.reports.dossier.panels import BESIDE, Book
from sitefinder.reports.dossier.reading import Site
from sitefinder.reports.html import words

MARKS = ("data-c", "data-t", "data-r", "data-l", "data-e", "data-m")
VOID = {"meta", "br", "col", "hr"}
NUMBER = re.compile(r"[\u2212-]?\d[\d,]*(?:\.\d+)?")


class Page(HTMLParser):
    """Pieces of text with the marks of the elements around them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[tuple[str, dict[str, str | None], str | None]] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        name, _ = self.stack.pop()
        if name != tag:
            raise ValueError(f"</{tag}> closes <{name}>")

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(name in ("style", "title") for name, _ in self.stack):
            mark = next((a for _, a in reversed(self.stack) if any(k in a for k in MARKS)), {})
            site = next((a["data-s"] for _, a in reversed(self.stack) if a.get("data-s")), None)
            self.pieces.append((data.strip(), mark, site))


def labels(book: Book) -> set[str]:
    """Every text that a label may be."""
    found = {f.label for s in SECTIONS for f in s.facts} | {label for label, _ in BESIDE}
    found |= {label for _, some in TABLE for label, _ in some}
    for c in catalogue().values():
        found |= {c.name, c.meaning.strip(), c.source, facts.vintages(c.name, book.register)}
    return found


def faults(html: str, book: Book, site: Site | None) -> list[str]:
    """Pieces of text with figures that no column, step or setting accounts for."""
    every = {s.site_id: s for s in book.folder.sites} | {f"own/{s.site_id}": s for s in (*book.folder.own, *book.folder.known)}
    known = labels(book)
    found = []
    for text, mark, other in Page(html).pieces:
        if not re.search(r"\d", text):
            continue
        at = every[other] if other else site
        if not _accounted(text, mark, at, book, known):
            found.append(f"{text!r} {mark} {other}")
    return found


def _accounted(text: str, mark: dict[str, str | None], site: Site | None, book: Book, known: set[str]) -> bool:
    if "data-c" in mark and site is not None:
        return _is_value(text, str(mark["data-c"]), site.row)
    if "data-t" in mark:
        return _is_step(text, str(mark["data-t"]), site)
    if "data-r" in mark:
        project, config = book.folder.project, book.folder.manifest["config"]
        if mark["data-r"] == "exclusions":
            return set(text.split("; ")) <= {gate["reason"] for gate in config["exclusions"].values()}
        if mark["data-r"] in ("delivery.start", "costs.year"):
            part, key = str(mark["data-r"]).split(".")
            return text in (str(config[part][key]), words.month(str(config[part][key])))
        allowed = {words.figure(float(project["mw"])), words.month(str(project["energise_by"])), "0"}
        return (
            text in allowed or text in str(book.folder.manifest["config_fingerprint"]) or text == book.folder.manifest["commit"]
        )
    if "data-e" in mark:
        return text == facts.mark_text(str(mark["data-e"]), book.register)
    if "data-l" in mark:
        return text in known or text.removesuffix(";") in known
    return "data-m" in mark


def _is_value(text: str, key: str, row: Any) -> bool:
    raw, known = row[key], column(key)
    if isinstance(raw, str):
        said = facts.plain(raw) if key in facts.RAW else raw
        return text in said or text in words.month(raw) or text.strip("() ") in said
    if raw in words.CODES.get(key, {}):
        return text == words.CODES[key][raw]
    figures = NUMBER.findall(text)
    if len(figures) != 1:
        return False
    shown = figures[0].replace("\u2212", "-")
    digits = len(shown.partition(".")[2])
    exact = float(raw) * (100.0 if known.unit == "share" else 1.0)
    return abs(float(shown.replace(",", "")) - exact) <= 0.5000001 * 10.0**-digits


def _is_step(text: str, key: str, site: Site | None) -> bool:
    if site is None:
        return False
    if key == "year":
        return any(str(int(r["year"])) == text for rows in site.curves.values() for r in rows)
    pathway, step, field = key.split("/")
    row = next(r for r in site.steps[pathway] if r["step"] == step)
    exact = row[field] * (100.0 if field.endswith("share") else 1.0)
    shown = NUMBER.findall(text)[0]
    return abs(float(shown) - exact) <= 0.5000001 * 10.0 ** -len(shown.partition(".")[2])
