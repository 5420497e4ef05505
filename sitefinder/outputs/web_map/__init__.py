"""The interactive map: one HTML file that opens by double click and reaches no network."""

from sitefinder.outputs.web_map.gather import Made, map_inputs
from sitefinder.outputs.web_map.inputs import MapInputs
from sitefinder.outputs.web_map.page import map_html

__all__ = ["Made", "MapInputs", "map_html", "map_inputs"]
