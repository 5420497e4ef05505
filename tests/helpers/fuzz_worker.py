"""A process that gives inputs to one surface: what is neither taken nor refused in a line is written down.

``python -m tests.helpers.fuzz_worker SURFACE FIRST END SEED FOLDER`` works below FOLDER alone. Before each input its number is
written where the watching process sees it; each failure, and every now and then the counts, are a line of JSON on stdout.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import random
import re
import resource
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from tests.helpers.fuzz_base import SHOWN, Surface
from tests.helpers.paths import ROOT

#: bytes of memory that an input may claim
MOST_BYTES = 2 * 2**30
#: inputs between two lines of counts
EVERY = 100
#: calls that write, and the argument that names where
WRITES = {
    **dict.fromkeys(("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.utime", "os.mkfifo"), (0,)),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), (0, 1)),
    **dict.fromkeys(("shutil.rmtree", "shutil.move", "sqlite3.connect"), (0,)),
}
#: what may be opened anywhere
ANYWHERE = ("/dev/null", "/dev/urandom")


class OutsideError(Exception):
    """A write outside of the folder that an input was given."""


class Guard:
    """Refuses writes outside of a folder, once it is set; it counts what is not Python's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = f"{os.path.realpath(folder)}/"
        self.outside: list[str] = []
        self.on = False
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at one event of the interpreter."""
        if not self.on:
            return
        if event == "open":
            path, mode, flags = arguments
            writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) if isinstance(flags, int) else mode != "r"
            places = [path] if writing else []
        elif event in WRITES:
            places = [arguments[i] for i in WRITES[event]]
        else:
            return
        for place in places:
            if isinstance(place, str | bytes | os.PathLike) and not self._inside(os.fsdecode(place)):
                self.outside.append(f"{event} {os.fsdecode(place)[:200]}")
                raise OutsideError(self.outside[-1])

    def _inside(self, place: str) -> bool:
        return place in (*ANYWHERE, ":memory:") or f"{os.path.realpath(place)}/".startswith(self.folder)


def main() -> None:
    """Give inputs FIRST to END - 1 of a seed to a surface."""
    surface_name, first, end, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    folder = Path(sys.argv[5])
    home, here = folder / "home", folder / "here"
    for name in ("home", "here", "tmp", "out"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    os.environ |= {"HOME": str(home), "TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": str(home)}
    os.chdir(here)
    out, sys.stdout = sys.stdout, sys.stderr
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    surface = _surface(surface_name, folder / "out")
    surface.warm_up()
    guard = Guard(folder)
    within = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (within, within))
    counts: Counter[str] = Counter()
    with _number_shown(folder / "number") as show, (folder / "shown").open("w") as shown:
        for number in range(first, end):
            show(number)
            rng = random.Random(f"{seed}-{surface_name}-{number}")
            content = surface.input(rng)
            guard.on = True
            with redirect_stdout(shown), redirect_stderr(shown):
                verdict, problem = verdict_of(surface, content, rng)
            guard.on = False
            if guard.outside:
                verdict, problem = "failed", {"what": "a write outside", "where": guard.outside[0], "text": ""}
                guard.outside.clear()
            if left := [p.name for p in (*here.iterdir(), *home.iterdir())] + surface.strays():
                verdict, problem = "failed", {"what": "a file beside", "where": str(left[:3]), "text": ""}
                surface.tidy()
            counts[verdict] += 1
            if problem:
                out.write(json.dumps({"failure": problem | {"number": number, "input": surface.shown(content)}}) + "\n")
            if (number - first) % EVERY == EVERY - 1 or number == end - 1 or problem:
                shown.seek(0)
                shown.truncate()
                out.write(json.dumps({"next": number + 1, "counts": counts}) + "\n")
                out.flush()
                counts.clear()


def verdict_of(surface: Surface, content: Any, rng: random.Random) -> tuple[str, dict[str, str] | None]:
    """Taken, refused or failed; of a failure what it is, where it arose, and its text."""
    from click import ClickException

    from sitefinder.errors import SitefinderError

    try:
        surface.take(content, rng)
    except (SitefinderError, ClickException) as error:
        text = error.format_message() if isinstance(error, ClickException) else str(error)
        return ("refused", None) if text.strip() else ("failed", {"what": "no message", "where": "", "text": ""})
    except OutsideError:
        return "failed", None
    except Exception as error:  # noqa: BLE001 - what is looked for
        return "failed", _problem(error)
    return "taken", None


def _problem(error: BaseException) -> dict[str, str]:
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename.startswith(f"{ROOT}/sitefinder")] or frames
    places = [f"{os.path.relpath(f.filename, ROOT)}:{f.lineno} {f.name}" for f in (own[-1], frames[-1])]
    text = re.sub(r"\s+", " ", str(error))[:300].encode(errors="replace").decode()
    return {"what": type(error).__name__, "where": " < ".join(dict.fromkeys(places)), "text": text}


def _surface(name: str, folder: Path) -> Surface:
    if name == "drill":
        return Drill(folder)
    from tests.helpers.fuzz_surfaces import SURFACES

    return SURFACES[name](folder)


class Drill(Surface):
    """Not one of the surfaces: it hangs, dies and claims memory, so that a test sees that this is seen."""

    def input(self, rng: random.Random) -> int:
        """A number below 1,000."""
        return int(rng.random() * 1000)

    def take(self, content: int, rng: random.Random) -> None:
        """Go wrong at three numbers, which the seed ``s`` makes third, fifth and seventh."""
        if content == 31:
            while True:
                pass
        if content == 270:
            os._exit(7)
        if content == 811:
            bytearray(2 * MOST_BYTES)


@contextmanager
def _number_shown(path: Path) -> Iterator[Any]:
    """A function that writes the number of the next input, and when it began, where another process can read it."""
    path.write_bytes(bytes(SHOWN.size))
    with path.open("r+b") as stream, mmap.mmap(stream.fileno(), SHOWN.size) as page:

        def show(number: int) -> None:
            page[:] = SHOWN.pack(number, time.monotonic(), time.process_time())

        yield show
        page[:] = SHOWN.pack(-1, time.monotonic(), time.process_time())


if __name__ == "__main__":
    main()
