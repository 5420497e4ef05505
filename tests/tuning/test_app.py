"""The web application refuses whoever does not come from the page: other hosts, origins, tokens, keys, forms and sizes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sitefinder.errors import ConfigError
from sitefinder.tuning.app import HEADERS, KINDS, LARGEST, contents
from sitefinder.tuning.settings import FileExistsAlreadyError
from tests.helpers.tuning import Page, served


class Desk:
    """A session that remembers what it was asked, and refuses water."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def start(self) -> dict[str, Any]:
        return {"ready": True}

    def rank(self, settings: Mapping[str, Any]) -> bytes:
        self.asked.append(dict(settings))
        if "weights.water" in settings:
            raise ConfigError("no water")
        return b"\x02\x00\x00\x00{}"

    def save(self, settings: Mapping[str, Any], name: str, *, replace: bool) -> dict[str, str]:
        self.asked.append((dict(settings), name, replace))
        if not replace:
            raise FileExistsAlreadyError(f"{name} exists")
        return {"path": name}


@pytest.fixture(scope="module")
def desk() -> Desk:
    """The session of the page."""
    return Desk()


@pytest.fixture(scope="module")
def page(desk: Desk) -> Iterator[Page]:
    """The page on a socket."""
    with served(desk) as page:
        yield page


def test_the_page_and_its_files_are_served_with_strict_headers(page: Page) -> None:
    """No inline script or style, no other place, no frame; every file that the page names is there."""
    status, headers, body = page.ask("")
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    for name, value in HEADERS.items():
        assert headers[name.lower()] == value
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert b"<style" not in body
    assert b" style=" not in body
    for name, kind in KINDS.items():
        assert page.ask(name)[1]["content-type"].startswith(kind), name
        assert page.ask(name)[2] == contents()[name]
    assert json.loads(page.ask("start")[2]) == {"ready": True}
    assert "server" not in headers


def test_colours_and_font_are_those_of_the_map() -> None:
    """Both themes, and the font in both weights."""
    style = contents()["tune.css"].decode()
    assert style.count(":root") == 2
    assert all(f"--{name}:" in style for name in re.findall(r"var\(--(\w+)\)", style))
    assert style.count("@font-face") == 2


def test_files_of_the_page_name_no_other_place() -> None:
    """Nothing is fetched from elsewhere."""
    for name in ("tune.html", "tune.css", "tune.js"):
        assert b"//" not in contents()[name].replace(b"\n//", b"").replace(b" // ", b""), name


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost", "[::1]", "10.0.0.1"])
def test_other_hosts_are_refused(page: Page, desk: Desk, host: str) -> None:
    """A name that somebody lets point to this machine opens nothing."""
    before = len(desk.asked)
    assert page.ask("", host=host)[0] == 400
    assert page.ask("rank", {"settings": {}}, host=host)[0] == 400
    assert len(desk.asked) == before


@pytest.mark.parametrize(
    "path", ["/", "/rank", "/start", "/none/", "/none/start", "/none/rank", "//start", "/%2e%2e/start", "/%ff%fe/start"]
)
def test_without_the_token_there_is_nothing(page: Page, path: str) -> None:
    """Neither page nor answer, whatever is asked; nor a hint of the token."""
    status, headers, body = page.ask(path)
    assert status == 404
    token = page.address.rstrip("/").rpartition("/")[2]
    assert token.encode() not in body
    assert "location" not in headers
    assert page.ask(path, {"settings": {}})[0] in (403, 404)


def test_tokens_are_long_and_never_the_same(page: Page) -> None:
    """256 bits, new at each start."""
    with served(Desk()) as other:
        first, second = (p.address.rstrip("/").rpartition("/")[2] for p in (page, other))
    assert first != second
    assert len(first) >= 43


@pytest.mark.parametrize(
    "origin", ["", "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1", "http://localhost"]
)
@pytest.mark.parametrize("name", ["rank", "save"])
def test_pages_of_other_origins_cannot_ask(page: Page, desk: Desk, name: str, origin: str) -> None:
    """Not even with the token, and not without saying where they come from."""
    before = len(desk.asked)
    assert page.ask(name, {"settings": {}}, origin=origin)[0] == 403
    assert len(desk.asked) == before


def test_forms_are_refused(page: Page) -> None:
    """What a form of another page can send without being asked about is not read."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert page.ask("rank", {"settings": {}}, content_type=kind)[0] == 415


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        {"settings": []},
        {"settings": {}, "more": 1},
        {"settings": None},
        {},
        {"name": "x"},
        b'{"a":' * 5000,
    ],
)
def test_what_is_not_a_request_is_refused_in_a_line(page: Page, desk: Desk, content: Any) -> None:
    """Another form, another type, something besides; nothing breaks."""
    before = len(desk.asked)
    status, _, body = page.ask("rank", content)
    assert status == 400
    assert "request" in json.loads(body)["error"]
    assert len(desk.asked) == before


def test_large_requests_are_refused(page: Page, desk: Desk) -> None:
    """Before they are read as JSON; the page answers afterwards."""
    before = len(desk.asked)
    assert page.ask("rank", {"settings": {"x" * (LARGEST + 1): 1}})[0] == 413
    assert len(desk.asked) == before
    assert page.ask("rank", {"settings": {}})[0] == 200


def test_errors_of_the_user_come_back_as_a_line(page: Page) -> None:
    """What is wrong, and a status of its own where a file exists."""
    assert json.loads(page.ask("rank", {"settings": {"weights.water": 1}})[2]) == {"error": "no water"}
    asked = {"settings": {}, "name": "a.yaml", "replace": False}
    status, _, body = page.ask("save", asked)
    assert (status, json.loads(body)) == (409, {"error": "a.yaml exists"})
    assert json.loads(page.ask("save", asked | {"name": "\ud800"})[2]) == {"error": "\ud800 exists"}
    assert json.loads(page.ask("save", asked | {"replace": True})[2]) == {"path": "a.yaml"}


@pytest.mark.parametrize("name", ["rank", "save"])
def test_asking_for_a_change_by_address_alone_does_nothing(page: Page, desk: Desk, name: str) -> None:
    """A link or a picture cannot rank or save."""
    before = len(desk.asked)
    assert page.ask(name)[0] == 405
    assert len(desk.asked) == before
