"""The socket of the page: of this machine alone."""

from __future__ import annotations

import pytest

from sitefinder.errors import SitefinderError
from sitefinder.tuning.serving import listening, prepared, serve


def test_only_this_machine_is_served():
    """The socket is bound to the loopback address; each has a port and a token of its own."""
    with listening(0) as first, listening(0) as second:
        assert first.getsockname()[0] == "127.0.0.1"
        addresses = [prepared(None, server)[1] for server in (first, second)]
    assert len(set(addresses)) == 2
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)


def test_a_port_that_is_taken_is_named():
    """One line with the port and a remedy."""
    with listening(0) as server:
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(SitefinderError, match=rf"127\.0\.0\.1:{port}.*--port"):
            listening(port)


def test_the_users_end_is_no_error(monkeypatch):
    """The address is said first; Ctrl-C comes back as if nothing had happened."""

    def ended(self, sockets):
        raise KeyboardInterrupt

    monkeypatch.setattr("uvicorn.Server.run", ended)
    said = []
    with listening(0) as server:
        serve(None, server, said.append)
    assert len(said) == 1
