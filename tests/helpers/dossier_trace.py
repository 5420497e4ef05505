"""Reads a dossier as a sceptic: every figure on the page has to name the column, step or setting that it is from."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from sitefinder.reports.dossier import facts
from sitefinder.reports.dossier.comparison import TABLE
from sitefinder.reports.dossier.fields import SECTIONS, catalogue, column
from sitefinder.reports.dossier.panels import BESIDE, Book
from sitefinder.reports.html import words
from sitefinder.reports.html.glossary import GLOSSARY
from sitefinder.results.run import Entry
from sitefinder.results.site import Site

MARKS = ("data-c", "data-t", "data-r", "data-l", "data-e", "data-m", "data-g")
#: texts of the glossary
MEANINGS = {w.meaning for w in GLOSSARY} | {w.word for w in GLOSSARY}
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
    texts = {f.label for s in SECTIONS for f in s.facts} | {label for label, _ in BESIDE}
    texts |= {label for _, some in TABLE for label, _ in some}
    for c in catalogue().values():
        texts |= {c.name, c.meaning.strip(), c.source, facts.vintages(c.name, book.register)}
    return texts


def faults(html: str, book: Book, entry: Entry | None) -> list[str]:
    """Pieces of text with figures that no column, step or setting accounts for."""
    every = {e.site_id: e for e in book.run.sites} | {f"own/{e.site_id}": e for e in (*book.run.own, *book.known)}
    known = labels(book)
    unaccounted = []
    for text, mark, other in Page(html).pieces:
        if not re.search(r"\d", text):
            continue
        if not _accounted(text, mark, every[other] if other else entry, book, known):
            unaccounted.append(f"{text!r} {mark} {other}")
    return unaccounted


def _accounted(text: str, mark: dict[str, str | None], entry: Entry | None, book: Book, known: set[str]) -> bool:
    if "data-c" in mark and entry is not None:
        return _is_value(text, str(mark["data-c"]), entry.site)
    if "data-t" in mark:
        return _is_step(text, str(mark["data-t"]), entry)
    if "data-r" in mark:
        project, config, manifest = book.run.config.project, book.run.config, book.run.manifest
        if mark["data-r"] == "exclusions":
            return set(text.split("; ")) <= {gate.reason for gate in config.exclusions.values()}
        if mark["data-r"] in ("delivery.start", "costs.year"):
            part, key = str(mark["data-r"]).split(".")
            setting = str(getattr(getattr(config, part), key))
            return text in (setting, words.month(setting))
        allowed = {words.figure(project.mw), words.month(project.energise_by), "0"}
        return text in allowed or text in manifest["config_fingerprint"] or text == manifest["commit"]
    if "data-e" in mark:
        return text == facts.mark_text(str(mark["data-e"]), book.register)
    if "data-l" in mark:
        return text in known or text.removesuffix(";") in known
    if "data-g" in mark:
        return text.strip(": .") in MEANINGS
    return "data-m" in mark


def _is_value(text: str, key: str, site: Site) -> bool:
    raw: Any = site.values[key]
    known = column(key)
    if isinstance(raw, str):
        said = facts.plain(raw) if key in facts.RAW else raw
        return text in said or text in words.month(raw) or text.strip("() ") in said
    if raw in words.CODES.get(key, {}):
        return text == words.CODES[key][raw]
    figures = NUMBER.findall(text)
    if len(figures) != 1:
        return False
    printed = figures[0].replace("\u2212", "-")
    digits = len(printed.partition(".")[2])
    exact = float(raw) * (100.0 if known.unit == "share" else 1.0)
    return abs(float(printed.replace(",", "")) - exact) <= 0.5000001 * 10.0**-digits


def _is_step(text: str, key: str, entry: Entry | None) -> bool:
    if entry is None:
        return False
    if key == "year":
        return any(str(point.year) == text for points in entry.curves.values() for point in points)
    pathway, name, field = key.split("/")
    step = next(s for s in entry.steps[pathway] if s.step == name)
    months = {f"months_{quantile}": value for quantile, value in step.months._asdict().items()}
    exact = months[field] if field in months else getattr(step, field) * 100.0
    printed = NUMBER.findall(text)[0]
    return abs(float(printed) - exact) <= 0.5000001 * 10.0 ** -len(printed.partition(".")[2])
