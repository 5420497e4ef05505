"""One file from one address: resumed, repeated a few times, length and checksum compared. Only this module asks a network."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from sitefinder.errors import DataError

#: seconds between attempts, and the most that a server may ask for
WAITS_S, MOST_WAIT_S = (2.0, 5.0, 15.0, 60.0), 600.0
#: seconds until a connection stands, and between two blocks
TIMEOUT_S = (10.0, 60.0)
MOST_REDIRECTS, BLOCK_BYTES = 5, 65_536
REDIRECTS, LATER = (301, 302, 303, 307, 308), (408, 425, 429, 500, 502, 503, 504)
#: this machine: the only one that may be asked without encryption
HERE = ("127.0.0.1", "localhost", "::1")
#: how a page begins
PAGE = (b"<!doctype html", b"<html")


class _AgainError(Exception):
    """An attempt failed in a way that another may mend; ``after_s`` is what the server asks to wait."""

    def __init__(self, what: str, after_s: float = 0.0) -> None:
        super().__init__(what)
        self.after_s = after_s


@dataclass(frozen=True)
class Download:
    """What is downloaded, and within which limits.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    url : str
    hosts : sequence of str
        Besides that of the address, where a redirect may lead.
    most_bytes : int
        No byte more is read.
    sha256 : str or None
        Checksum that it must have; None where any content of the right shape is taken.
    waits_s, timeout_s, pause
        Seconds between attempts, limits of a connection, and what waits: a test gives its own.
    """

    name: str
    url: str
    hosts: Sequence[str]
    most_bytes: int
    sha256: str | None = None
    waits_s: Sequence[float] = WAITS_S
    timeout_s: tuple[float, float] = TIMEOUT_S
    pause: Callable[[float], object] = time.sleep

    def fetch(self, folder: Path) -> Path:
        """The file below a folder; what an earlier attempt left there is gone on with.

        Raises
        ------
        DataError
            The address is refused, does not answer, or gives something else; names the file, its key and the remedy.
        """
        try:
            import pooch
        except ModuleNotFoundError:
            raise DataError("Missing library pooch. Install the extra: pip install 'sitefinder[refresh]'.") from None

        self._permit(self.url, urlsplit(self.url).hostname or "")
        registry = {self.name: f"sha256:{self.sha256}" if self.sha256 else None}
        store = pooch.create(path=folder / "whole", base_url="", registry=registry, urls={self.name: self.url})
        part = folder / "parts" / self.name
        part.parent.mkdir(parents=True, exist_ok=True)

        def bring(url: str, target: str, _: object) -> None:
            self._repeat(url, part)
            part.replace(target)

        try:
            return Path(store.fetch(self.name, downloader=bring))
        except ValueError:
            raise self._fault(
                "its checksum is not that of 'sha256'. Compare the new file, then write its checksum there"
            ) from None

    def _fault(self, what: str) -> DataError:
        return DataError(f"Cannot refresh '{self.name}' (files.{self.name}.url): {what}.")

    def _permit(self, url: str, own: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "https" and not (parts.scheme == "http" and host in HERE):
            raise self._fault(f"{url} is not encrypted. Give an address that begins with https")
        if host != own and host not in self.hosts:
            raise self._fault(f"it leads to another host, {host}. If that is right, add it to 'hosts'")

    def _repeat(self, url: str, part: Path) -> None:
        for wait in (*self.waits_s, None):
            try:
                return self._attempt(url, part)
            except (_AgainError, requests.RequestException) as error:
                asked = error.after_s if isinstance(error, _AgainError) else 0.0
                said = str(error) if isinstance(error, _AgainError) else f"the connection failed ({type(error).__name__})"
                if asked > MOST_WAIT_S:
                    raise self._fault(f"{said}, and asks to wait {asked:.0f} s. Try later") from None
                if wait is None:
                    raise self._fault(f"{said}, {len(self.waits_s) + 1} times. Try later: what has come is kept") from None
                self.pause(max(wait, asked))
        return None

    def _attempt(self, url: str, part: Path) -> None:
        mark = part.with_name(f"{part.name}.mark")
        have = part.stat().st_size if part.is_file() and mark.is_file() else 0
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": json.loads(mark.read_text(encoding="utf-8"))}
        with self._followed(url, headers) as answer:
            self._judge(answer, have, part)
            resumed = answer.status_code == requests.codes.partial_content
            version = answer.headers.get("ETag", "")
            mark.unlink(missing_ok=True)
            if version and not version.startswith("W/"):
                mark.write_text(json.dumps(version), encoding="utf-8")
            size = self._receive(answer, part, have if resumed else 0)
            declared = answer.headers.get("Content-Length", "")
        if declared.isdigit() and size - (have if resumed else 0) != int(declared):
            raise _AgainError("it ended early")
        mark.unlink(missing_ok=True)

    def _followed(self, url: str, headers: dict[str, str]) -> requests.Response:
        own = urlsplit(url).hostname or ""
        for _ in range(MOST_REDIRECTS + 1):
            self._permit(url, own)
            answer = requests.get(url, headers=headers, stream=True, timeout=self.timeout_s, allow_redirects=False)
            if answer.status_code not in REDIRECTS:
                return answer
            answer.close()
            url = urljoin(url, answer.headers.get("Location", ""))
        raise self._fault("it is redirected without end. Correct the address")

    def _judge(self, answer: requests.Response, have: int, part: Path) -> None:
        code = answer.status_code
        if code in LATER:
            raise _AgainError(f"the server answers {code}", seconds_asked(answer.headers.get("Retry-After", "")))
        if code == requests.codes.requested_range_not_satisfiable:
            part.unlink(missing_ok=True)
            raise _AgainError("the part that was here does not fit")
        if code == requests.codes.partial_content:
            if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                part.unlink(missing_ok=True)
                raise _AgainError("it was resumed at another place")
        elif code != requests.codes.ok:
            raise self._fault(f"the server answers {code}. Correct the address")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise self._page()

    def _receive(self, answer: requests.Response, part: Path, have: int) -> int:
        """Bytes that the file has then."""
        with part.open("ab" if have else "wb") as stream:
            for block in answer.iter_content(BLOCK_BYTES):
                if not have and block.lstrip()[:20].lower().startswith(PAGE):
                    raise self._page()
                have += len(block)
                if have > self.most_bytes:
                    raise self._fault(
                        f"it is larger than the {self.most_bytes} bytes of 'bytes'. Look at it, then raise the limit"
                    )
                stream.write(block)
        return have

    def _page(self) -> DataError:
        return self._fault("the server gives a web page in place of the file. Open the address and correct it")


def seconds_asked(text: str, now: float | None = None) -> float:
    """Seconds of a Retry-After: a number, or a date; 0 where it is neither.

    >>> seconds_asked("30"), seconds_asked("Thu, 01 Jan 1970 00:01:00 GMT", now=0.0), seconds_asked("soon")
    (30.0, 60.0, 0.0)
    """
    if text.isdigit():
        return float(text)
    try:
        at = email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return 0.0
    return max(0.0, at - (time.time() if now is None else now))
