"""Subset the font of the pages again, from the folder package/fonts/complete/woff2 of @ibm/plex-sans-condensed 2.0.0 (npm)."""

import math
import sys
from pathlib import Path

from fontTools import subset  # woff2 needs the package brotli besides
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

UPSTREAM, OUT = Path(sys.argv[1]), Path("sitefinder/reports/html/fonts")
RANGES = ((0x20, 0x17F), (0x218, 0x21B), (0x3BC, 0x3BC), (0x2010, 0x2089), (0x20AC, 0x20AC), (0x2122, 0x22FF), (0x2713, 0x2713))
#: signs that the family lacks: corners, turn of the first in degrees, radius, share of the radius at the corners between
SHAPES = {"■": (4, 45, 370, 1.0), "●": (24, 0, 300, 1.0), "▲": (3, 90, 380, 1.0), "▼": (3, 270, 380, 1.0)}
SHAPES |= {"▸": (3, 0, 280, 1.0), "▾": (3, 270, 280, 1.0), "★": (5, 90, 380, 0.4)}
for weight in ("Regular", "SemiBold"):
    font = TTFont(UPSTREAM / f"IBMPlexSansCondensed-{weight}.woff2", recalcTimestamp=False)
    options = subset.Options(hinting=False, layout_features=["kern"], notdef_outline=True, name_IDs=[0, 7, 13, 14])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for a, b in RANGES for c in range(a, b + 1)])
    subsetter.subset(font)
    added = {0x2715: "multiply"}
    for sign, (corners, turn, radius, waist) in SHAPES.items():
        points = range(corners if waist == 1 else 2 * corners)
        polar = [(radius * (waist if i % 2 else 1), math.radians(turn) - math.tau * i / len(points)) for i in points]
        outline, pen = [(round(400 + r * math.cos(a)), round(350 + r * math.sin(a))) for r, a in polar], TTGlyphPen(None)
        for i, corner in enumerate(outline):
            (pen.lineTo if i else pen.moveTo)(corner)
        pen.closePath()
        added[ord(sign)] = f"uni{ord(sign):04X}"
        font["glyf"][added[ord(sign)]], font["hmtx"][added[ord(sign)]] = pen.glyph(), (800, min(x for x, _ in outline))
    for table in font["cmap"].tables:
        table.cmap |= {code: name for code, name in added.items() if table.isUnicode()}
    for number, text in ((1, "Sitefinder Sans"), (2, weight), (4, f"Sitefinder Sans {weight}"), (6, f"SitefinderSans-{weight}")):
        font["name"].setName(text, number, 3, 1, 0x409)  # the licence reserves the name of the family
    font.flavor = "woff2"
    font.save(OUT / f"sans-{weight.lower()}.woff2")
(OUT / "LICENSE.txt").write_bytes((UPSTREAM / "license.txt").read_bytes().replace(b"\r", b"") + b"\n")
