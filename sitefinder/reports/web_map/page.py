"""Map page: one HTML file with program, style and data, whose content policy blocks the network."""

from __future__ import annotations

import html
import json
import zlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np

from sitefinder.config import FAMILIES
from sitefinder.files import Json
from sitefinder.reports.html.shell import digest, styled
from sitefinder.reports.web_map.criterion_planes import COARSE_TOP
from sitefinder.reports.web_map.inputs import Layer, MapInputs, Parts, SiteTable, Taken
from sitefinder.reports.web_map.surface import TOP
from sitefinder.reports.web_map.text85 import ALPHABET, GROUP, encode

#: the map library, then the program in the order in which its parts need each other
LIBRARY = "maplibre-gl.js"
PROGRAM = (
    "core.js",
    "ranking.js",
    "projection.js",
    "unpack.js",
    "criteria.js",
    "views.js",
    "surface.js",
    "layers.js",
    "fallback.js",
    "home.js",
    "list.js",
    "site.js",
    "main.js",
)
STYLES = ("maplibre-gl.css", "map.css")
#: names of the families as people say them
FAMILY_TITLES = {
    "grid_capacity": "Grid and power",
    "gas": "Gas",
    "water": "Water",
    "land": "Land",
    "fiber": "Fiber",
    "hazard": "Hazards",
    "climate": "Climate",
    "community": "Community",
}
#: decimals of coordinates in the page: 1 m
DECIMALS = 5
#: decimals of the parts of scores, points: the list shows two
PART_DECIMALS = 5


def map_html(inputs: MapInputs) -> bytes:
    """HTML of the map as UTF-8 bytes; equal inputs give equal bytes.

    Parameters
    ----------
    inputs : MapInputs
    """
    style, allowed = styled("\n".join(asset(name) for name in STYLES))
    scripts = [asset(LIBRARY), "\n".join(asset(name) for name in PROGRAM)]
    planes, place = _joined(inputs.surface.planes)
    criteria, offsets = _joined(inputs.planes.planes)
    shapes, where = _joined({k: blob for layer in inputs.layers for k, blob in _layer_blobs(layer).items()})
    if inputs.taken:
        more, spots = _joined(inputs.taken.blobs)
        shapes += bytes(-len(shapes) % GROUP)
        where |= {name: [start + len(shapes), end + len(shapes)] for name, (start, end) in spots.items()}
        shapes += more
    parts: dict[str, str | bytes] = {
        "%POLICY%": policy(scripts, allowed),
        "%TITLE%": html.escape(_title(inputs)),
        "%STYLE%": style,
        "%META%": as_json({**_meta(inputs), "surface": _surface(inputs, place), "planes": _planes(inputs, offsets), "at": where}),
        "%SITES%": encode(zlib.compress(as_json(_sites(inputs)).encode(), 9)),
        "%SURFACE%": encode(planes),
        "%CRITERIA%": encode(criteria),
        "%LAYERS%": encode(shapes),
        "%LIBRARY%": scripts[0],
        "%PROGRAM%": scripts[1],
    }
    page = asset("page.html")
    pieces: list[bytes] = []
    for mark, text in parts.items():
        before, _, page = page.partition(mark)
        pieces += [before.encode(), text if isinstance(text, bytes) else text.encode()]
    return b"".join([*pieces, page.encode()])


def _title(inputs: MapInputs) -> str:
    """Name of the project, and whether any site meets its date."""
    name, answer = inputs.project.get("name", ""), inputs.project.get("deadline")
    return f"sitefinder: {name}" + (f": {answer}" if answer else "")


def policy(scripts: list[str], style: str) -> str:
    """Content-Security-Policy: the page's own scripts by their hashes, rules for its style, workers and pictures from memory."""
    hashes = " ".join(digest(text) for text in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; {style}; worker-src blob:; img-src blob: data:; "
        "base-uri 'none'; form-action 'none'"
    )


def asset(name: str) -> str:
    """Text of a file of the page."""
    return (files("sitefinder.reports.web_map") / "assets" / name).read_text(encoding="utf-8")


def as_json(value: Any) -> str:
    """JSON without "<", safe inside a script element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _joined(blobs: Mapping[str, bytes]) -> tuple[bytes, dict[str, list[int]]]:
    """Concatenated blobs, each starting at a multiple of four bytes, and name -> [start, end]."""
    place, whole = {}, bytearray()
    for name, blob in blobs.items():
        whole += bytes(-len(whole) % GROUP)
        place[name] = [len(whole), len(whole) + len(blob)]
        whole += blob
    return bytes(whole), place


def _layer_blobs(layer: Layer) -> dict[str, bytes]:
    columns = zlib.compress(json.dumps(layer.columns, separators=(",", ":"), allow_nan=False).encode(), 9)
    return {layer.name: layer.shapes, f"{layer.name}/columns": columns}


def _meta(inputs: MapInputs) -> Json:
    return {
        "families": [_family(inputs, f) for f in FAMILIES],
        "share": inputs.model_share,
        "gates": [{"id": k, "reason": reason} for k, reason in inputs.gates.items()],
        "layers": [{"name": x.name, "title": x.title, "kind": x.kind, "credit": x.credit} for x in inputs.layers],
        "project": dict(inputs.project),
        "states": dict(inputs.states),
        "yaml": inputs.config_yaml,
        "digits": ALPHABET,
        "taken": _taken(inputs.taken),
        **({"bounds": list(inputs.bounds)} if inputs.bounds else {}),
    }


def _taken(taken: Taken | None) -> Json | None:
    """Causes and combinations of what takes land."""
    return {"causes": list(taken.causes), "combinations": [list(pair) for pair in taken.combinations]} if taken else None


def _family(inputs: MapInputs, family: str) -> Json:
    fields = ("title", "weight", "curve", "terms", "counts")
    criteria = [{"id": c.layer_id, **{k: getattr(c, k) for k in fields}} for c in inputs.criteria if c.family == family]
    weight = round(inputs.weights.get(family, 0.0), 12)
    return {"id": family, "title": FAMILY_TITLES[family], "weight": weight, "criteria": criteria}


def _surface(inputs: MapInputs, place: Mapping[str, list[int]]) -> Json:
    surface = inputs.surface
    facts = {k: getattr(surface, k) for k in ("width", "height", "cell_m", "west", "north")}
    return {**facts, "top": TOP, "planes": place, "combinations": list(surface.combinations)}


def _planes(inputs: MapInputs, place: Mapping[str, list[int]]) -> Json:
    facts = {k: getattr(inputs.planes, k) for k in ("width", "height", "every")}
    return {**facts, "top": COARSE_TOP, "at": place}


def _sites(inputs: MapInputs) -> Json:
    return {"national": _list(inputs.national), "own": _list(inputs.own)}


def _parts(parts: Parts | None) -> Json | None:
    """Numbers of a list; null where a site has no free land."""
    if parts is None:
        return None
    numbers = {k: _with_nulls(getattr(parts, k).round(PART_DECIMALS)) for k in ("plain", "applied", "learned")}
    return {**numbers, "seed": parts.seed.tolist()}


def _with_nulls(x: np.ndarray) -> list[Any]:
    nullable = x.astype(object)
    nullable[np.isnan(x)] = None
    return nullable.tolist()


def _list(sites: SiteTable) -> Json:
    names = [c.name for c in sites.columns]
    return {
        "columns": [
            {"name": c.name, "unit": c.unit, "meaning": c.meaning, "heading": c.heading, "decimals": c.decimals}
            for c in sites.columns
        ],
        "values": [[row.get(name) for row in sites.rows] for name in names],  # by column: a sixth fewer bytes than by row
        "outlines": [_rounded(outline) for outline in sites.outlines],
        "parts": _parts(sites.parts),
    }


def _rounded(geometry: Mapping[str, Any]) -> Json:
    def cut(value: Any) -> Any:
        return [cut(v) for v in value] if isinstance(value, list | tuple) else round(value, DECIMALS)

    return {"type": geometry["type"], "coordinates": cut(geometry["coordinates"])}
