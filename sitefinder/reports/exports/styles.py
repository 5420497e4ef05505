"""Default styles for QGIS (QML): of the layers of ``run.gpkg``, and of the rasters of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

#: version of the format, which newer programs read
VERSION = "3.22.0"
#: tiers of the list in their order, with what they are called and their colours (red, green, blue)
TIERS: Mapping[str, tuple[str, str]] = {
    "leads": ("Leads", "176,0,84"),
    "top 50 likely": ("Top 50 likely", "240,120,30"),
    "cannot be told apart": ("Cannot be told apart", "120,120,120"),
}
#: colours of routes by what they bring
ROUTES: Mapping[str, tuple[str, str]] = {
    "grid": ("Grid", "200,30,30"),
    "gas": ("Gas", "150,90,30"),
    "gas_second": ("Gas, second pipe", "190,140,80"),
    "gas_trunk": ("Gas, pipeline of its own", "110,60,10"),
    "fiber": ("Fiber", "40,140,60"),
    "fiber_second": ("Fiber, second cable", "120,190,120"),
    "water": ("Water", "40,100,200"),
}
#: colours from low to high that people with colour-weak eyes tell apart
RAMP = ("68,1,84", "59,82,139", "33,145,140", "94,201,98", "253,231,37")
APART = ("33,102,172", "146,197,222", "247,247,247", "244,165,130", "178,24,43")
#: ends of the scores that the rasters are drawn with
SCORES = (25.0, 85.0)
#: scale from which stations and routes are drawn: on a map of the country they hide everything else
NEAR = "4000000"
#: layers drawn from that scale on
CROWDED = ("stations", "routes", "own_routes")
#: points of difference at which the colours of the disagreement end
DIFFERENCE = 40.0
#: value of the raster of exclusions where there is no land, and the one before: all reasons together
OFF_LAND = 2**31
CLEAR = "0"


class Symbol(NamedTuple):
    """How features of a class are drawn: ``fill``, ``line`` or ``marker``, colour, and size in millimetres."""

    kind: str
    colour: str
    size: float = 0.4
    shape: str = "circle"


def layer_styles(titles: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, str]:
    """Layer of ``run.gpkg`` -> its style.

    Parameters
    ----------
    titles : mapping, optional
        Layer -> column -> what people read in its place.
    """
    tiers = {value: (label, Symbol("fill", colour)) for value, (label, colour) in TIERS.items()}
    routes = {value: (label, Symbol("line", colour)) for value, (label, colour) in ROUTES.items()}
    kv = {
        "765": ("765 kV", Symbol("marker", "60,0,120", 2.2, "square")),
        "500": ("500 kV", Symbol("marker", "90,60,170", 2.0, "square")),
        "345": ("345 kV", Symbol("marker", "60,110,190", 1.8, "square")),
        "230": ("230 kV", Symbol("marker", "90,160,200", 1.5, "square")),
    }
    other_tier, other_kv = (
        ("Without a tier", Symbol("fill", "176,0,84")),
        ("Below", Symbol("marker", "150,180,200", 1.2, "square")),
    )
    styles = {
        "sites": _categorized("tier", tiers, other_tier, label="rank"),
        "own_sites": _single(Symbol("fill", "0,110,150"), label="name"),
        "routes": _categorized("route", routes, ("Other", Symbol("line", "90,90,90"))),
        "own_routes": _categorized("route", routes, ("Other", Symbol("line", "90,90,90"))),
        "near_misses": _single(Symbol("marker", "230,170,0", 2.2, "cross2")),
        "stations": _categorized("kv", kv, other_kv),
    }
    for name in CROWDED:
        for key, value in (("hasScaleBasedVisibilityFlag", "1"), ("minScale", NEAR), ("maxScale", "0")):
            styles[name].set(key, value)
    for name, of in (titles or {}).items():
        aliases = ET.SubElement(styles[name], "aliases")
        for i, (field, title) in enumerate(of.items()):
            ET.SubElement(aliases, "alias", field=field, index=str(i), name=title)
    return {name: _text(root) for name, root in styles.items()}


def raster_styles() -> dict[str, str]:
    """Raster of a run -> its style, to be written beside it with the ending ``.qml``."""
    score = _ramp(SCORES, RAMP)
    return {
        "suitability": score,
        "weighted": score,
        "ml": score,
        "agreement": _ramp((-DIFFERENCE, DIFFERENCE), APART),
        "exclusions": _classes([(0.0, "0,0,0", CLEAR, "free"), (OFF_LAND - 1.0, "130,130,130", "170", "excluded")]),
    }


def _document(categories: str) -> ET.Element:
    return ET.Element("qgis", version=VERSION, styleCategories=categories)


def _text(root: ET.Element) -> str:
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode") + "\n"


def _categorized(
    attribute: str, classes: Mapping[str, tuple[str, Symbol]], other: tuple[str, Symbol], *, label: str = ""
) -> ET.Element:
    """A style with a symbol for each value of a column, and one for all others."""
    root = _document("Symbology|Labeling|Rendering|Fields")
    renderer = ET.SubElement(root, "renderer-v2", type="categorizedSymbol", attr=attribute, symbollevels="0", forceraster="0")
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for i, (value, (title, symbol)) in enumerate([*classes.items(), ("", other)]):
        ET.SubElement(categories, "category", value=value, symbol=str(i), label=title, render="true", type="string")
        _symbol(symbols, str(i), symbol)
    _labels(root, label)
    return root


def _single(symbol: Symbol, *, label: str = "") -> ET.Element:
    root = _document("Symbology|Labeling|Rendering|Fields")
    renderer = ET.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0")
    _symbol(ET.SubElement(renderer, "symbols"), "0", symbol)
    _labels(root, label)
    return root


def _symbol(symbols: ET.Element, name: str, symbol: Symbol) -> None:
    """A symbol; an area gets a dot as well, because a campus is too small to be seen on a map of the country."""
    of = ET.SubElement(symbols, "symbol", name=name, type=symbol.kind, alpha="1", clip_to_extent="1", force_rhr="0")
    if symbol.kind == "line":
        _part(of, "SimpleLine", {"line_color": f"{symbol.colour},255", "line_width": f"{symbol.size}", "line_style": "solid"})
    elif symbol.kind == "marker":
        _marker(of, symbol.colour, symbol.size, symbol.shape)
    else:
        look = {"color": f"{symbol.colour},90", "outline_color": f"{symbol.colour},255", "outline_width": f"{symbol.size}"}
        _part(of, "SimpleFill", look | {"style": "solid", "outline_style": "solid"})
        dot = _part(of, "CentroidFill", {"point_on_surface": "1", "point_on_all_parts": "0"})
        inner = ET.SubElement(dot, "symbol", name=f"@{name}@1", type="marker", alpha="1", clip_to_extent="1", force_rhr="0")
        _marker(inner, symbol.colour, 1.8, "circle")


def _marker(symbol: ET.Element, colour: str, size: float, shape: str) -> None:
    look = {"name": shape, "color": f"{colour},255", "outline_color": "255,255,255,255", "outline_width": "0.2"}
    if shape == "cross2":  # drawn by its lines alone
        look |= {"outline_color": f"{colour},255", "outline_width": "0.5"}
    _part(symbol, "SimpleMarker", look | {"size": f"{size}", "size_unit": "MM", "outline_style": "solid"})


def _part(symbol: ET.Element, kind: str, look: Mapping[str, str]) -> ET.Element:
    """A layer of a symbol with its settings in the two forms that old and new programs read."""
    part = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(part, "Option", type="Map")
    for key, value in look.items():
        ET.SubElement(options, "Option", name=key, type="QString", value=value)
    for key, value in look.items():
        ET.SubElement(part, "prop", k=key, v=value)
    return part


def _labels(root: ET.Element, column: str) -> None:
    """Text beside each feature from a column; none where it is empty."""
    root.set("labelsEnabled", "1" if column else "0")
    if not column:
        return
    settings = ET.SubElement(ET.SubElement(root, "labeling", type="simple"), "settings")
    style = ET.SubElement(
        settings, "text-style", fieldName=column, isExpression="0", fontSize="8", fontFamily="Sans", textColor="30,30,30,255"
    )
    ET.SubElement(style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferColor="255,255,255,255")
    ET.SubElement(settings, "placement", placement="0", dist="1")
    ET.SubElement(settings, "rendering", drawLabels="1", obstacle="1")


def _ramp(ends: tuple[float, float], colours: Sequence[str]) -> str:
    """Colours that pass into each other from one value to another."""
    step = (ends[1] - ends[0]) / (len(colours) - 1)
    items = [(ends[0] + i * step, colour, "255", f"{ends[0] + i * step:g}") for i, colour in enumerate(colours)]
    return _raster(items, "INTERPOLATED", ends)


def _classes(items: Sequence[tuple[float, str, str, str]]) -> str:
    """A colour up to each value: upper end, colour, opacity 0 to 255, words."""
    return _raster([*items, (float("inf"), "0,0,0", CLEAR, "no land")], "DISCRETE", (0.0, float(OFF_LAND)))


def _raster(items: Sequence[tuple[float, str, str, str]], kind: str, ends: tuple[float, float]) -> str:
    root = _document("Symbology")
    pipe = ET.SubElement(root, "pipe")
    low, high = (f"{end:g}" for end in ends)
    look = {"type": "singlebandpseudocolor", "band": "1", "opacity": "0.8", "nodataColor": "", "alphaBand": "-1"}
    renderer = ET.SubElement(pipe, "rasterrenderer", look | {"classificationMin": low, "classificationMax": high})
    ET.SubElement(renderer, "rasterTransparency")
    shader = ET.SubElement(ET.SubElement(renderer, "rastershader"), "colorrampshader", colorRampType=kind, classificationMode="1")
    for value, colour, alpha, label in items:
        red, green, blue = (int(part) for part in colour.split(","))
        text = "inf" if value == float("inf") else f"{value:.15g}"
        ET.SubElement(shader, "item", value=text, color=f"#{red:02x}{green:02x}{blue:02x}", alpha=alpha, label=label)
    ET.SubElement(pipe, "brightnesscontrast", brightness="0", contrast="0")
    ET.SubElement(pipe, "huesaturation", saturation="0", colorizeOn="0")
    ET.SubElement(pipe, "rasterresampler", maxOversampling="2")
    ET.SubElement(root, "blendMode").text = "0"
    return _text(root)
