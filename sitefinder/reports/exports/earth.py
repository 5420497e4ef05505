"""``sites.kmz``: sites in folders by tier for Google Earth, each with a readable balloon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from xml.etree import ElementTree as ET

import shapely

from sitefinder.reports.exports.brief import BRIEF
from sitefinder.reports.exports.shapefile import archive
from sitefinder.reports.exports.styles import TIERS
from sitefinder.reports.exports.tables import AERIAL, Row, Table, printable
from sitefinder.reports.html.words import with_unit

SPACE = "http://www.opengis.net/kml/2.2"
#: facts of a balloon besides its heading, in their order: the short list, what lies around, and what decides the date
SHOWN = (
    *("score", "tier", "rank_p05", "rank_p95", "county", "rto", "buildable_acres", "pathway", "first_200mw_p50", "full_load_p50"),
    *("p_full_by_date", "binding_step", "grid_station", "grid_station_kv", "grid_station_km", "grid_headroom_mw_p50"),
    *("gas_pipeline", "nearest_river", "nearest_plant", "nearest_plant_mw", "nearest_plant_km"),
    *("nearest_campus", "nearest_campus_mw", "nearest_campus_km", "serving_utility", "balancing_authority", "people_5km"),
    *("capex_musd_mid", "excluded_by"),
)
LABELS = {brief.column.name: brief.label for brief in BRIEF} | {
    "rank_p05": "Rank at best (P5)",
    "rank_p95": "Rank at worst (P95)",
    "binding_step": "Step that decides the date",
    "gas_pipeline": "Pipeline for gas",
    "nearest_river": "Nearest river",
    "nearest_plant": "Nearest power plant",
    "nearest_plant_mw": "Its capacity",
    "nearest_plant_km": "Distance to it",
    "nearest_campus": "Nearest known campus",
    "nearest_campus_mw": "Its planned power",
    "nearest_campus_km": "Distance to it",
    "excluded_by": "Excluded by",
}
#: folder of sites without a tier, and of the user's own
ALL, OWN = "Sites", "Your sites"
#: colours of sites without a tier and of own ones
PLAIN, OURS = "176,0,84", "0,110,150"


def kmz_bytes(sites: Table, own: Table | None = None, *, title: str = "Sites") -> bytes:
    """The lists as KMZ: for each tier a folder of points with balloons and one of outlines.

    No folder lies in another and each has a name of its own: programs that read folders as layers find every one of them filled.

    Parameters
    ----------
    sites : Table
    own : Table, optional
        The user's own sites.
    title : str
        Of the document.
    """
    ET.register_namespace("", SPACE)
    root = ET.Element(f"{{{SPACE}}}kml")
    document = _add(root, "Document")
    _add(document, "name", title)
    _add(document, "description", "Sites of a screening, best first. Point: the cell that each campus grew from.")
    groups = list(_groups(sites, own))
    for i, (_, colour, _, _) in enumerate(groups):
        _style(document, f"tier{i}", colour)
    for i, (name, _, table, rows) in enumerate(groups):
        _folder(document, name, f"#tier{i}", table, rows)
    text = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return archive({"doc.kml": text})


def _groups(sites: Table, own: Table | None) -> Iterator[tuple[str, str, Table, list[int]]]:
    """Name, colour, table and rows of each folder."""
    tiers = sites.values("tier")
    for tier, (name, colour) in TIERS.items():
        if rows := [i for i, value in enumerate(tiers) if value == tier]:
            yield name, colour, sites, rows
    if rows := [i for i, value in enumerate(tiers) if value not in TIERS]:
        yield ALL, PLAIN, sites, rows
    if own is not None:
        yield OWN, OURS, own, list(range(len(own.rows)))


def _add(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{SPACE}}}{tag}", attributes)
    element.text = None if text is None else printable(text)
    return element


def _style(document: ET.Element, name: str, colour: str) -> None:
    """Style of a folder; colours of KML are alpha, blue, green, red."""
    red, green, blue = (int(part) for part in colour.split(","))
    style = _add(document, "Style", id=name)
    icon = _add(style, "IconStyle")
    _add(icon, "color", f"ff{blue:02x}{green:02x}{red:02x}")
    _add(icon, "scale", "0.9")
    label = _add(style, "LabelStyle")
    _add(label, "scale", "0.8")
    line = _add(style, "LineStyle")
    _add(line, "color", f"ff{blue:02x}{green:02x}{red:02x}")
    _add(line, "width", "2")
    _add(_add(style, "PolyStyle"), "color", f"40{blue:02x}{green:02x}{red:02x}")
    _add(_add(style, "BalloonStyle"), "text", "<h3>$[name]</h3>$[description]")


def _folder(document: ET.Element, name: str, style: str, table: Table, rows: Sequence[int]) -> None:
    """The two folders of a tier."""
    points, outlines = _add(document, "Folder"), _add(document, "Folder")
    _add(points, "name", name)
    _add(outlines, "name", f"{name}: outlines")
    for i in rows:
        _point(points, table, table.rows[i], style)
        _outline(outlines, table.rows[i], table.geometry[i], style)


def _point(folder: ET.Element, table: Table, row: Row, style: str) -> None:
    place = _add(folder, "Placemark", id=f"{table.name}-{row['rank']}")
    _add(place, "name", f"{row['rank']}. {row['name']}")
    _add(place, "Snippet", "", maxLines="0")
    _add(place, "description", _balloon(table, row))
    _add(place, "styleUrl", style)
    data = _add(place, "ExtendedData")
    for brief in BRIEF:
        if (value := row.get(brief.column.name)) is not None:
            one = _add(data, "Data", name=brief.column.name)
            _add(one, "displayName", brief.label)
            _add(one, "value", str(value))
    _add(_add(place, "Point"), "coordinates", f"{row['lon']},{row['lat']}")


def _balloon(table: Table, row: Row) -> str:
    """Facts of a site as a table of HTML, and a link to an aerial picture."""
    known = {c.name: c for c in table.columns}
    lines = []
    for name in SHOWN:
        value = row.get(name)
        if name in known and value is not None and value != "":
            label = escape(LABELS.get(name, name))
            lines.append(f"<tr><td><b>{label}</b>&#160;</td><td>{escape(with_unit(value, known[name]))}</td></tr>")
    link = f'<p>{escape(str(row["site_id"]))} · <a href="{escape(str(row[AERIAL.name]))}">Aerial picture</a></p>'
    return f"<table>{''.join(lines)}</table>{link}"


def _outline(folder: ET.Element, row: Row, shape: shapely.Geometry, style: str) -> None:
    place = _add(folder, "Placemark")
    _add(place, "name", f"{row['rank']}. {row['name']}")
    _add(place, "styleUrl", style)
    parts = shapely.get_parts(shape)
    parent = _add(place, "MultiGeometry") if len(parts) > 1 else place
    for part in parts:
        polygon = _add(parent, "Polygon")
        _add(polygon, "tessellate", "1")
        _ring(polygon, "outerBoundaryIs", part.exterior)
        for hole in part.interiors:
            _ring(polygon, "innerBoundaryIs", hole)


def _ring(polygon: ET.Element, role: str, ring: shapely.LinearRing) -> None:
    text = " ".join(f"{x:.6f},{y:.6f}" for x, y in shapely.get_coordinates(ring))
    _add(_add(_add(polygon, role), "LinearRing"), "coordinates", text)
