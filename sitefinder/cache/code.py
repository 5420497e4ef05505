"""Digests that results are kept under: of what they depend on, and of the code that makes them, its imports followed."""

from __future__ import annotations

import hashlib
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "sitefinder"
#: folder in which the package lies
ROOT = Path(__file__).parents[2]
#: an import of a module of the package, anywhere in a source
IMPORT = re.compile(
    rf"^[ \t]*(?:from[ \t]+({PACKAGE}[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)|import[ \t]+({PACKAGE}[\w.]*))", re.MULTILINE
)
#: imports for annotations alone
TYPES_ONLY = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+\S.*\n|\n)+", re.MULTILINE)


def digest(content: Any) -> str:
    """Sixteen hexadecimal digits that change with the content, which JSON can hold."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]


@cache
def code_of(*modules: str, root: Path = ROOT) -> str:
    """Checksum of the source of modules and of all that they import within the package, without importing any.

    A name taken from the face of a package counts as an import of the module that defines it. Imports for annotations alone
    (``if TYPE_CHECKING``) do not count. Modules outside the package are left out.

    Parameters
    ----------
    *modules : str
        Dotted names.
    root : Path
        Folder in which the package lies.
    """
    total = hashlib.sha256()
    for module in sorted(closure(*modules, root=root)):
        total.update(f"{module} {_source(module, root)[1]}\n".encode())
    return total.hexdigest()


def closure(*modules: str, root: Path = ROOT) -> set[str]:
    """The modules, and those of the package that they import, themselves or through others; parameters of :func:`code_of`."""
    reached: set[str] = set()
    waiting = [m for m in modules if m.split(".")[0] == PACKAGE]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += imports_of(module, root)
    return reached


@cache
def imports_of(module: str, root: Path = ROOT) -> tuple[str, ...]:
    """Modules of the package that a module imports itself, at its head or within functions."""
    imported: list[str] = []
    for origin, names in import_statements(_source(module, root)[0]):
        imported += [_home(origin, name, root) for name in names] or [origin]
    return tuple(dict.fromkeys(imported))


def import_statements(text: str) -> list[tuple[str, list[str]]]:
    """Import statements of a source: the module, and the names taken from it."""
    statements = []
    for origin, names, plain in IMPORT.findall(TYPES_ONLY.sub("", text)):
        taken = [part.split("#")[0].strip() for line in names.strip("()").splitlines() for part in line.split(",")]
        statements.append((origin or plain, [name.split(" as ")[0].strip() for name in taken if name]))
    return statements


@cache
def _home(origin: str, name: str, root: Path) -> str:
    """Module that an imported name comes from: one of a package, what the face of a package takes it from, or the origin."""
    if _path(f"{origin}.{name}", root):
        return f"{origin}.{name}"
    if (_path(origin, root) or "").endswith("__init__.py"):
        for source, names in import_statements(_source(origin, root)[0]):
            if name in names:
                return _home(source, name, root)
    return origin


@cache
def _path(module: str, root: Path) -> str | None:
    """File of a module or of the face of a package; None where the name is neither."""
    place = os.path.join(root, *module.split("."))  # noqa: PTH118 - asked for hundreds of names in a run
    return next((p for p in (f"{place}.py", f"{place}/__init__.py") if os.path.isfile(p)), None)  # noqa: PTH113


@cache
def _source(module: str, root: Path) -> tuple[str, str]:
    """Text of a module and its checksum; nothing for one that has no source here."""
    path = _path(module, root)
    content = Path(path).read_bytes() if path else b""
    return content.decode(), hashlib.sha256(content).hexdigest()
