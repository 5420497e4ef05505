"""A coarse country that is kept open for the tests of tuning, and the page of it on a socket of this machine."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sitefinder.config import ConfigFile, load_config
from sitefinder.tuning.country import Country, open_country
from sitefinder.tuning.serving import listening, prepared
from tests.helpers.paths import DATA, ROOT

#: coarse cells, few sites, and campuses of several cells
COARSE = {"grid.resolution_m": "20000", "candidates.count": "40", "candidates.spacing_km": "60", "candidates.acres": "100000"}


def coarse(settings: dict[str, str] | None = None) -> ConfigFile:
    """The shipped configuration on coarse cells, with settings as ``--set`` takes them."""
    return load_config(ROOT / "config" / "default.yaml", COARSE | (settings or {}))


def opened(cache: Path, settings: dict[str, str] | None = None) -> Country:
    """The country of that configuration."""
    return open_country(coarse(settings), data=DATA, cache=cache)


@dataclass(frozen=True)
class Page:
    """A page that is served, and how to ask it.

    Parameters
    ----------
    address : str
        With the token.
    """

    address: str

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def ask(self, name: str, content: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer: to a POST where there is a content, as the page itself would send it.

        Headers are named with low lines; an empty one is left out. A name that begins with a slash is a whole path.
        """
        parts = urlsplit(self.address)
        usual = {"content_type": "application/json", "origin": self.origin} if content is not None else {}
        sent = {k.replace("_", "-"): v for k, v in (usual | headers).items() if v}
        body = content if isinstance(content, bytes | None) else json.dumps(content).encode()
        talk = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            talk.request("GET" if content is None else "POST", name if name.startswith("/") else parts.path + name, body, sent)
            answer = talk.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            talk.close()

    def rows(self, settings: dict[str, float]) -> list[list[Any]]:
        """The list under some settings."""
        return list_in(self.ask("rank", {"settings": settings})[2])["rows"]


def list_in(answer: bytes) -> dict[str, Any]:
    """What the text of an answer says."""
    length = int.from_bytes(answer[:4], "little")
    return json.loads(answer[4 : 4 + length])


@contextmanager
def served(session: Any) -> Iterator[Page]:
    """The page of a session, on a free port, until the block ends."""
    with listening(0) as server:
        running, address = prepared(session, server)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [server]}, daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not running.started and time.monotonic() < until:
            time.sleep(0.02)
        try:
            yield Page(address)
        finally:
            running.should_exit = True
            thread.join(30)
