"""Downloads from a server of this machine that drops, cuts short, lies, redirects and refuses."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sitefinder.compiling.downloading import Download, seconds_asked
from sitefinder.errors import DataError

CONTENT = b"fips,mw\n" + b"".join(b"%05d,%d\n" % (i, i * 3) for i in range(20_000))
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Gives the next answer of a list, the last one for ever."""

    answers: list[Answer]
    asked: list[dict[str, str]]

    def do_GET(self):
        self.asked.append(dict(self.headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(self)

    def log_message(self, *_):
        pass

    def give(self, content, *, code=200, length=None, **headers):
        self.send_response(code)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server() -> Iterator[tuple[type[Handler], str]]:
    """A class whose answers a test sets, and its address."""
    kind = type("Own", (Handler,), {"answers": [], "asked": []})
    running = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield kind, f"http://127.0.0.1:{running.server_port}/a.csv"
    running.shutdown()
    running.server_close()


class Asked:
    """A download with waits of nothing, and what it would have waited."""

    def __init__(self, url: str, **more):
        self.waits: list[float] = []
        plain = {"name": "a/a.csv", "url": url, "hosts": (), "most_bytes": 10**7, "waits_s": (1.0, 2.0), "timeout_s": (5.0, 0.3)}
        self.download = Download(**(plain | {"pause": self.waits.append} | more))

    def fetch(self, folder):
        return self.download.fetch(folder)

    def refusal(self, folder):
        with pytest.raises(DataError) as caught:
            self.fetch(folder)
        text = str(caught.value)
        assert text.startswith("Cannot refresh 'a/a.csv' (files.a/a.csv.url): ")
        assert "\n" not in text
        return text


def half(h):
    h.give(CONTENT[: len(CONTENT) // 2], length=len(CONTENT), ETag='"v1"')
    h.close_connection = True


def rest(h):
    start = int(h.headers["Range"].removeprefix("bytes=").removesuffix("-"))
    h.give(CONTENT[start:], code=206, Content_Range=f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}", ETag='"v1"')


def whole(h):
    h.give(CONTENT, ETag='"v2"')


def test_a_download_that_is_dropped_goes_on_where_it_stopped(server, tmp_path):
    """The rest alone is asked for, of the same version."""
    kind, url = server
    kind.answers = [half, rest]
    asked = Asked(url, sha256=hashlib.sha256(CONTENT).hexdigest())
    assert asked.fetch(tmp_path).read_bytes() == CONTENT
    assert kind.asked[1]["Range"].startswith("bytes=")
    assert kind.asked[1]["Range"] != "bytes=0-"
    assert kind.asked[1]["If-Range"] == '"v1"'
    assert asked.waits == [1.0]


def test_what_came_is_kept_for_the_next_call(server, tmp_path):
    """A later call resumes, too."""
    kind, url = server
    kind.answers = [half]
    assert "Try later" in Asked(url, waits_s=()).refusal(tmp_path)
    kind.answers = [rest]
    assert Asked(url).fetch(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("then", [whole, lambda h: h.give(b"", code=416)])
def test_a_file_that_changed_meanwhile_begins_anew(server, tmp_path, then):
    """The server gives all of it, or refuses the part."""
    kind, url = server
    kind.answers = [half, then, whole]
    assert Asked(url).fetch(tmp_path).read_bytes() == CONTENT


def test_a_part_at_another_place_is_not_joined(server, tmp_path):
    """206 with other bytes than those asked for."""
    kind, url = server
    kind.answers = [half, lambda h: h.give(CONTENT[5:], code=206, Content_Range="bytes 5-9/10"), whole]
    assert Asked(url).fetch(tmp_path).read_bytes() == CONTENT


def test_a_server_that_is_too_slow_is_asked_again(server, tmp_path):
    """The limit of a block."""
    kind, url = server
    kind.answers = [lambda h: time.sleep(0.6), whole]
    assert Asked(url).fetch(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("code", [429, 503])
def test_the_wait_that_a_server_asks_for_is_kept(server, tmp_path, code):
    """Retry-After, where it is longer than our own."""
    kind, url = server
    kind.answers = [lambda h: h.give(b"", code=code, Retry_After="7"), whole]
    asked = Asked(url)
    asked.fetch(tmp_path)
    assert asked.waits == [7.0]


def test_tries_are_limited(server, tmp_path):
    """As many as there are waits, and one."""
    kind, url = server
    kind.answers = [lambda h: h.give(b"", code=503)]
    asked = Asked(url)
    assert "the server answers 503, 3 times" in asked.refusal(tmp_path)
    assert asked.waits == [1.0, 2.0]
    assert len(kind.asked) == 3


def test_a_wait_without_end_is_refused(server, tmp_path):
    """At once, after one question."""
    kind, url = server
    kind.answers = [lambda h: h.give(b"", code=429, Retry_After="86400")]
    assert "asks to wait 86400 s" in Asked(url).refusal(tmp_path)
    assert len(kind.asked) == 1


def test_a_length_that_is_too_large_is_a_file_cut_short(server, tmp_path):
    """However often it is asked."""
    kind, url = server
    kind.answers = [half]
    assert "3 times" in Asked(url).refusal(tmp_path)


def test_a_length_that_is_too_small_fails_by_its_checksum(server, tmp_path):
    """The part is not taken up again."""
    kind, url = server
    kind.answers = [lambda h: h.give(CONTENT, length=100)]
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert "its checksum is not that" in Asked(url, sha256=sha256).refusal(tmp_path)
    kind.answers = [whole]
    assert Asked(url, sha256=sha256).fetch(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("headers", [{"Content_Type": "text/html; charset=utf-8"}, {"Content_Type": "text/csv"}])
def test_a_page_in_place_of_the_file_is_refused(server, tmp_path, headers):
    """By what the server says, or by how it begins."""
    kind, url = server
    kind.answers = [lambda h: h.give(b"\n<!DOCTYPE html><html>Sign in</html>", **headers)]
    assert "a web page in place of the file" in Asked(url).refusal(tmp_path)


def test_a_file_without_end_is_refused(server, tmp_path):
    """As soon as it is larger than the table says."""
    kind, url = server
    kind.answers = [whole]
    assert "it is larger than the 1000 bytes" in Asked(url, most_bytes=1000).refusal(tmp_path)


def redirect(to):
    return lambda h: h.give(b"", code=302, Location=to)


def test_a_redirect_on_the_same_host_is_followed(server, tmp_path):
    """To another path."""
    kind, url = server
    kind.answers = [redirect("/b.csv"), whole]
    assert Asked(url).fetch(tmp_path).read_bytes() == CONTENT


def test_a_redirect_to_a_listed_host_is_followed(server, tmp_path):
    """Another name of this machine."""
    kind, url = server
    to = url.replace("127.0.0.1", "localhost")
    kind.answers = [redirect(to), whole]
    assert "another host, localhost" in Asked(url).refusal(tmp_path)
    kind.answers = [redirect(to), whole]
    assert Asked(url, hosts=("localhost",)).fetch(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("http://example.org/a.csv", "is not encrypted"),
        ("https://example.org/a.csv", "another host, example.org"),
        ("file:///etc/passwd", "is not encrypted"),
    ],
)
def test_a_redirect_elsewhere_is_refused(server, tmp_path, to, said):
    """Nobody is asked there."""
    kind, url = server
    kind.answers = [redirect(to)]
    assert said in Asked(url).refusal(tmp_path)


def test_redirects_have_an_end(server, tmp_path):
    """A circle is left after a few steps."""
    kind, url = server
    kind.answers = [redirect("/a.csv")]
    assert "redirected without end" in Asked(url).refusal(tmp_path)


def test_an_address_without_encryption_is_refused(tmp_path):
    """Before anything is asked."""
    assert "Give an address that begins with https" in Asked("http://example.org/a.csv").refusal(tmp_path)


def test_a_file_that_is_not_there_is_not_asked_for_again(server, tmp_path):
    """The answer 404 is final."""
    kind, url = server
    kind.answers = [lambda h: h.give(b"", code=404)]
    assert "the server answers 404. Correct the address" in Asked(url).refusal(tmp_path)
    assert len(kind.asked) == 1


def test_dates_of_a_wait_that_are_past_are_nothing():
    """And what is no date."""
    assert seconds_asked("Thu, 01 Jan 1970 00:01:00 GMT") == 0.0
    assert seconds_asked("") == 0.0
