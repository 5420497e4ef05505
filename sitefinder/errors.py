"""Exceptions a user can cause. Each message is one line: what is wrong, where, and the remedy."""


class SitefinderError(Exception):
    """Base of every error that the user's input can cause; the command line turns it into exit code 2."""


class ConfigError(SitefinderError):
    """The configuration file, a preset or a ``--set`` override is wrong."""


class DataError(SitefinderError):
    """A compiled or user-supplied data file is missing, damaged or does not fit the grid."""


class SitesError(SitefinderError):
    """The user's own list of sites cannot be read or lies outside the study area."""


class OutputError(SitefinderError):
    """The output folder cannot be written."""
