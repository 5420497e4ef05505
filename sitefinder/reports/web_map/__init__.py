"""The interactive map: one HTML file that opens by double click and reaches no network."""

from sitefinder.reports.web_map.gather import map_inputs
from sitefinder.reports.web_map.inputs import Computed, MapInputs, Sites
from sitefinder.reports.web_map.page import map_html

__all__ = ["Computed", "MapInputs", "Sites", "map_html", "map_inputs"]
