"""Ranks gigawatt data-center campus sites over the contiguous United States from public geospatial data."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitefinder.config import load_config
    from sitefinder.pipeline.stages import run

__all__ = ["__version__", "load_config", "run"]

#: the one place of the version; the build reads it here
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the public functions when they are first asked for: the command line starts faster."""
    if name == "load_config":
        from sitefinder.config import load_config

        return load_config
    if name == "run":
        from sitefinder.pipeline.stages import run

        return run
    raise AttributeError(f"module 'sitefinder' has no attribute '{name}'")
