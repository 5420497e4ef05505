"""Sections of a configuration in the order in which a stage takes them."""

from __future__ import annotations

from sitefinder.config import Config, Project
from sitefinder.config.connections import Connections
from sitefinder.config.costs import WaterNeed


def of_routes(config: Config) -> tuple[Connections, Project, WaterNeed]:
    """What routes are found and priced by."""
    return config.section("connections"), config.project, config.section("needs").water
