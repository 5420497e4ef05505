"""Sections of a configuration in the order in which a stage takes them."""

from __future__ import annotations

from sitefinder.config import Config, Project
from sitefinder.config.connections import Connections
from sitefinder.config.costs import Needs, WaterNeed
from sitefinder.config.delivery import Delivery


def of_routes(config: Config) -> tuple[Connections, Project, WaterNeed]:
    """What routes are found and priced by."""
    return config.section("connections"), config.project, config.section("needs").water


def of_power(config: Config) -> tuple[Delivery, Project]:
    """What megawatts by date are computed from."""
    return config.section("delivery"), config.project


def of_needs(config: Config) -> tuple[Needs, Project]:
    """What the needs of a campus are computed from."""
    return config.section("needs"), config.project
