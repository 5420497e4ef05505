"""The web application: three questions and a few files, for whoever knows the token, on this machine alone."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sitefinder.errors import SitefinderError
from sitefinder.files import Json
from sitefinder.reports.html.shell import FACES, FAMILY
from sitefinder.reports.web_map.page import asset as map_asset
from sitefinder.tuning.session import Session
from sitefinder.tuning.settings import FileExistsAlreadyError

#: the only address that is served
HOST = "127.0.0.1"
#: bytes of a token and of the largest request: all keys that there are, ten times over
TOKEN_BYTES, LARGEST = 32, 65_536
#: everything from here, nothing inline, nothing framed
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class RefusedError(Exception):
    """A request that is not answered: status and one line."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Guard:
    """Lets through what bears the token and, where it asks for a change, comes from the page itself; adds the headers.

    Parameters
    ----------
    app : ASGI application
    token : str
        First part of every path.
    origin : str
        Of the page.
    """

    def __init__(self, app: ASGIApp, token: str, origin: str) -> None:
        self.app, self.token, self.origin = app, token.encode(), origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self._refused(scope)
        await (refused or self.app)(scope, receive, with_headers)

    def _refused(self, scope: Scope) -> Response | None:
        first = scope["path"].split("/")[1:2]
        if not first or not secrets.compare_digest(first[0].encode(), self.token):
            return PlainTextResponse("Not found. Open the address that 'sitefinder tune' printed.", 404)
        if scope["method"] in ("GET", "HEAD"):
            return None
        headers = Headers(scope=scope)
        if headers.get("origin") != self.origin:
            return PlainTextResponse("Refused: the request does not come from the page.", 403)
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("Refused: the request is not JSON.", 415)
        return None


def application(session: Session, token: str, port: int) -> Starlette:
    """The application for an address.

    Parameters
    ----------
    session : Session
    token : str
    port : int
    """
    static = contents()

    def fixed(name: str, kind: str) -> Callable[[Request], Response]:
        return lambda request: Response(static[name], media_type=kind)

    async def start(request: Request) -> Response:  # noqa: ARG001 - the same for everybody
        return _json(session.start())

    async def rank(request: Request) -> Response:
        asked = await _asked(request, {"settings": dict})
        return Response(await run_in_threadpool(session.rank, asked["settings"]), media_type="application/octet-stream")

    async def save(request: Request) -> Response:
        asked = await _asked(request, {"settings": dict, "name": str, "replace": bool})
        call = lambda: session.save(asked["settings"], asked["name"], replace=asked["replace"])  # noqa: E731 - one argument by name
        return _json(await run_in_threadpool(call))

    routes = [
        Route(f"/{token}/", fixed("tune.html", "text/html")),
        *(Route(f"/{token}/{name}", fixed(name, kind)) for name, kind in KINDS.items()),
        Route(f"/{token}/start", start),
        Route(f"/{token}/rank", _told(rank), methods=["POST"]),
        Route(f"/{token}/save", _told(save), methods=["POST"]),
    ]
    guards = [
        Middleware(TrustedHostMiddleware, allowed_hosts=[HOST], www_redirect=False),
        Middleware(Guard, token=token, origin=f"http://{HOST}:{port}"),
    ]
    app = Starlette(routes=routes, middleware=guards)
    app.router.redirect_slashes = False
    return app


#: files of the page -> their kind
KINDS = {"tune.css": "text/css", "tune.js": "text/javascript", **dict.fromkeys(FACES, "font/woff2")}


def contents() -> dict[str, bytes]:
    """Files of the page; colours and font are those of the map."""
    folder = files("sitefinder.tuning") / "assets"
    colours = [line for line in map_asset("map.css").splitlines() if line.startswith(":root")]
    faces = [
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weights};src:url({name}) format("woff2")}}'
        for name, weights in FACES.items()
    ]
    style = [*faces, *colours, f'html{{font-family:"{FAMILY}",sans-serif}}', (folder / "tune.css").read_text(encoding="utf-8")]
    fonts = files("sitefinder.reports.html") / "fonts"
    return {
        "tune.html": (folder / "tune.html").read_bytes(),
        "tune.js": (folder / "tune.js").read_bytes(),
        "tune.css": "\n".join(style).encode(),
        **{name: (fonts / name).read_bytes() for name in FACES},
    }


def _json(content: Json, status: int = 200) -> Response:
    """JSON in ASCII: half a letter in a name that somebody sends cannot break the answer that refuses it."""
    return Response(json.dumps(content), status, media_type="application/json")


def _told(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The answer, or in its place the line that says what was wrong."""

    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except RefusedError as error:
            return _json({"error": str(error)}, error.status)
        except FileExistsAlreadyError as error:
            return _json({"error": str(error)}, 409)
        except SitefinderError as error:
            return _json({"error": str(error)}, 400)

    return told


async def _asked(request: Request, parts: dict[str, type]) -> Json:
    """The parts of a request, each of its type, and no others.

    Raises
    ------
    RefusedError
        The request is too large or of another form.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise RefusedError(413, f"The request is larger than {LARGEST:,} bytes.")
    try:
        asked: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400, "The request is not JSON.") from None
    if not isinstance(asked, dict) or asked.keys() != parts.keys():
        raise RefusedError(400, f"The request does not hold {', '.join(parts)} alone.")
    for name, kind in parts.items():
        if not isinstance(asked[name], kind):
            raise RefusedError(400, f"Invalid '{name}' in the request.")
    return asked
