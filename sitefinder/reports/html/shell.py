"""HTML frame of every page: an embedded font, so that it looks the same everywhere, and a strict content policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from sitefinder.reports.html.markup import Safe, tag

#: what style sheets call the font of the pages, a subset of IBM Plex Sans Condensed (fonts/LICENSE.txt)
FAMILY = "Sitefinder Sans"
#: file -> the weights it is used for
FACES = {"sans-regular.woff2": "400", "sans-semibold.woff2": "600 700"}


@cache
def _faces() -> str:
    """Style rules with the embedded font."""
    folder = files("sitefinder.reports.html") / "fonts"
    encoded = {name: base64.b64encode((folder / name).read_bytes()).decode() for name in FACES}
    return "\n".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weights};'
        f'src:url(data:font/woff2;base64,{encoded[name]}) format("woff2")}}'
        for name, weights in FACES.items()
    )


def styled(css: str) -> tuple[Safe, str]:
    """Style element with the embedded font, and the sources that a content policy needs for it.

    Parameters
    ----------
    css : str
        Style sheet of the page; it names no font.
    """
    # exact widths, not those rounded to the pixels of a screen: lines break at the same words everywhere
    style = f'{_faces()}\nhtml,code{{font-family:"{FAMILY}",sans-serif;text-rendering:geometricPrecision}}\n{css}'
    return Safe(f"<style>{style}</style>"), f"style-src {digest(style)}; font-src data:"


def digest(content: str) -> str:
    """Hash source of a content policy for a style sheet or a program.

    >>> digest("p{}")
    "'sha256-bwAT9IIwW46RURt/Iph93qdkEDTzFG1cH0QiTsTmubA='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def document(title: str, css: str, body: Safe) -> bytes:
    """HTML file around a body, without script, picture or network; its content policy allows its style and its font alone.

    Parameters
    ----------
    title : str
        Of the window; escaped.
    css : str
        Style sheet; it names no font.
    body : Safe
    """
    style, allowed = styled(css)
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        style,
    ]
    html = Safe("<!doctype html>\n") + tag("html", tag("head", *head), tag("body", body), lang="en") + "\n"
    return html.encode("utf-8", errors="replace")
