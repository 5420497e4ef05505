"""Configuration: typed and frozen, read from YAML, refused with file, line and remedy where it is wrong."""

from sitefinder.config.config import Config
from sitefinder.config.criteria import FAMILIES, Criterion, Gate, Logistic, Ramp
from sitefinder.config.loading import ConfigFile, load_config
from sitefinder.config.project import Project

__all__ = ["FAMILIES", "Config", "ConfigFile", "Criterion", "Gate", "Logistic", "Project", "Ramp", "load_config"]
