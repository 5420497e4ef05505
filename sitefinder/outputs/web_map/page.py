"""The page: one HTML file that holds its program, its style and its data, and may reach no network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from sitefinder.config import FAMILIES
from sitefinder.outputs.columns import Column
from sitefinder.outputs.web_map.inputs import Listed, MapInputs

#: the map library, then the program in the order in which its parts need each other
LIBRARY = "maplibre-gl.js"
PROGRAM = ("core.js", "ranking.js", "projection.js", "surface.js", "layers.js", "fallback.js", "list.js", "site.js", "main.js")
STYLES = ("maplibre-gl.css", "map.css")
#: stage or folder that a column comes from -> heading in the panel of a site
HEADINGS = (
    ("candidates", "Place"),
    ("boundaries", "Place"),
    ("share_alike", "Place"),
    ("scoring", "Scores"),
    ("uncertainty", "How sure the rank is"),
    ("campus_shape", "Land and neighbours"),
    ("land", "Land and neighbours"),
    ("delivery", "Power by date"),
    ("ml", "Learned score"),
    ("connection", "Connections"),
    ("needs", "Gas and water needs"),
    ("finance", "Costs"),
    ("costs", "Costs"),
    ("layers", "Evidence"),
    ("exclusions", "Exclusions"),
)
OTHER_HEADING = "Layer values at the site"
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


def map_html(inputs: MapInputs) -> bytes:
    """The page as UTF-8 bytes; equal inputs give equal bytes.

    Parameters
    ----------
    inputs : MapInputs
    """
    style = "\n".join(_asset(name) for name in STYLES)
    scripts = [_asset(LIBRARY), "\n".join(_asset(name) for name in PROGRAM)]
    planes, place = _joined(inputs.surface.planes)
    shapes, where = _joined({layer.name: layer.shapes for layer in inputs.layers})
    parts = {
        "%POLICY%": policy(scripts, style),
        "%TITLE%": html.escape(f"sitefinder: {inputs.project.get('name', '')}"),
        "%STYLE%": style,
        "%META%": _json(_meta(inputs, place, where)),
        "%SITES%": _packed(zlib.compress(_json(_sites(inputs)).encode(), 6)),
        "%SURFACE%": _packed(planes),
        "%LAYERS%": _packed(shapes),
        "%LIBRARY%": scripts[0],
        "%PROGRAM%": scripts[1],
    }
    page = _asset("page.html")
    pieces = []
    for mark, text in parts.items():
        before, _, page = page.partition(mark)
        pieces += [before, text]
    return "".join([*pieces, page]).encode()


def policy(scripts: list[str], style: str) -> str:
    """Content-Security-Policy: the page's own scripts and style by their hashes, workers and pictures from memory."""
    hashes = " ".join(_hash(text) for text in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; worker-src blob:; img-src blob: data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (files("sitefinder.outputs.web_map") / "assets" / name).read_text(encoding="utf-8")


def _packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _json(value: Any) -> str:
    """JSON that may stand in a script element: no < in it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _joined(blobs: Mapping[str, bytes]) -> tuple[bytes, dict[str, list[int]]]:
    """All bytes in a row, and name -> [start, end]."""
    place, end = {}, 0
    for name, blob in blobs.items():
        place[name] = [end, end + len(blob)]
        end += len(blob)
    return b"".join(blobs.values()), place


def _meta(inputs: MapInputs, planes: Mapping[str, list[int]], shapes: Mapping[str, list[int]]) -> dict[str, Any]:
    surface = inputs.surface
    return {
        "families": [{"id": f, "title": FAMILY_TITLES[f], "weight": round(inputs.weights.get(f, 0.0), 12)} for f in FAMILIES],
        "share": inputs.model_share,
        "gates": [{"id": k, "reason": reason} for k, reason in inputs.gates.items()],
        "surface": {
            **{k: getattr(surface, k) for k in ("width", "height", "cell_m", "west", "north")},
            "planes": planes,
            "combinations": list(surface.combinations),
        },
        "layers": [
            {"name": x.name, "title": x.title, "kind": x.kind, "columns": x.columns, "credit": x.credit, "at": shapes[x.name]}
            for x in inputs.layers
        ],
        "project": dict(inputs.project),
        "yaml": inputs.config_yaml,
    }


def _sites(inputs: MapInputs) -> dict[str, Any]:
    parts = inputs.national.parts
    return {
        "national": _list(inputs.national),
        "own": _list(inputs.own),
        "parts": parts
        and {
            "plain": parts.plain.tolist(),
            "applied": parts.applied.tolist(),
            "learned": parts.learned.tolist(),
            "seed": parts.seed.tolist(),
        },
    }


def _list(sites: Listed) -> dict[str, Any]:
    names = [c.name for c in sites.columns]
    return {
        "columns": [
            {"name": c.name, "unit": c.unit, "meaning": c.meaning, "heading": heading(c), "decimals": c.decimals}
            for c in sites.columns
        ],
        "rows": [[row.get(name) for name in names] for row in sites.rows],
        "outlines": [_rounded(outline) for outline in sites.outlines],
    }


def heading(column: Column) -> str:
    """Heading in the panel of a site under which a column stands."""
    if column.name.startswith(("nearest_", "grid_station", "grid_headroom")):
        return "Nearest"
    first = column.source.partition("/")[0].partition(",")[0]
    return next((title for start, title in HEADINGS if first == start), OTHER_HEADING)


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    def cut(value: Any) -> Any:
        return [cut(v) for v in value] if isinstance(value, list | tuple) else round(value, DECIMALS)

    return {"type": geometry["type"], "coordinates": cut(geometry["coordinates"])}
