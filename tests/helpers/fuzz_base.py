"""The common part of the surfaces: a reader and the inputs for it."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

#: number of an input, and the clock and the time of the processor when it began
SHOWN = struct.Struct("qdd")


class Surface:
    """A reader and the inputs for it; files go into the folder that it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: set[str] = set()

    def warm_up(self) -> None:
        """Read what every input needs."""
        self.kept = {path.name for path in self.folder.iterdir()}

    def input(self, rng: random.Random) -> Any:
        """The next input."""
        raise NotImplementedError

    def take(self, content: Any, rng: random.Random) -> None:
        """Give an input to the reader; raises a SitefinderError where it is refused."""
        raise NotImplementedError

    def strays(self) -> list[str]:
        """Files in the folder of inputs that nobody put there."""
        return []

    def tidy(self) -> None:
        """Remove them."""

    def shown(self, content: Any) -> str:
        """An input as a line of a report."""
        text = content.decode("latin-1") if isinstance(content, bytes) else str(content)
        return text.encode("ascii", "backslashreplace").decode()[:2000]

    def write(self, name: str, content: bytes) -> Path:
        """The input as a file."""
        path = self.folder / name
        path.write_bytes(content)
        return path
