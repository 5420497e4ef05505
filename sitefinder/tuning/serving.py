"""The page at an address of this machine, until the user ends it."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Callable

import uvicorn

from sitefinder.errors import SitefinderError
from sitefinder.tuning.app import HOST, TOKEN_BYTES, application
from sitefinder.tuning.session import Session

#: seconds that an answer under way may still take when the user ends the page, and connections at a time
PATIENCE_S, MOST_CONNECTIONS = 5, 32


def listening(port: int) -> socket.socket:
    """A socket of this machine alone; port 0 takes a free one.

    Raises
    ------
    SitefinderError
        The port is taken or not allowed.
    """
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, port))
    except OSError as error:
        server.close()
        raise SitefinderError(
            f"Cannot listen on {HOST}:{port}: {error.strerror}. Name another port with --port, or leave it out for a free one."
        ) from None
    return server


def serve(session: Session, server: socket.socket, say: Callable[[str], object]) -> None:
    """Answer requests until Ctrl-C.

    Parameters
    ----------
    session : Session
    server : socket
        From :func:`listening`.
    say : callable
        Takes the address of the page, once it can be opened.
    """
    running, address = prepared(session, server)
    server.listen()  # whoever opens the address at once waits for the answer, and is not refused
    say(address)
    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        running.run(sockets=[server])


def prepared(session: Session, server: socket.socket) -> tuple[uvicorn.Server, str]:
    """The server, not yet running, and the address of its page with a token that nobody can guess."""
    token, port = secrets.token_urlsafe(TOKEN_BYTES), server.getsockname()[1]
    config = uvicorn.Config(
        application(session, token, port),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # the address holds the token
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=PATIENCE_S,
    )
    return uvicorn.Server(config), f"http://{HOST}:{port}/{token}/"
