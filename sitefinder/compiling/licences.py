"""``data/LICENSES.md``: who publishes what, under which terms, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HEAD = """# Licences of the compiled data

The code of this project is BSD-3-Clause. The files in this folder are products of that code from public sources; each
keeps the terms of its source. In plain words:

- **Public domain (US government)** and **CC0**: use as you like. Naming the publisher is good manners.
- **CC BY 4.0** and "free with citation": use as you like, name the publisher wherever you show results.
- **BSD**: keep the notice of the publisher.
- **ODbL** (folder `share_alike/`): name "OpenStreetMap contributors" or the publisher given; if you publish a changed copy
  of such a file, publish it under the ODbL too. Maps, rankings and reports made with it are produced works: credit is enough.
  Licence text: https://opendatacommons.org/licenses/odbl/1-0/
- **Facts**: the numbers are facts of the publisher named; the copy they were read from carried no licence of its own.

Nothing here is fit for navigation, engineering design or trading. Every file has its caveat in `datapackage.json`.

| file | publisher | vintage | licence | evidence |
|---|---|---|---|---|
"""


def licences_text(resources: Sequence[dict[str, Any]]) -> str:
    """The whole file from the register's resources."""
    rows = [f"| `{r['path']}` | {r['publisher']} | {r['vintage']} | {r['licence']} | {r['evidence_grade']} |" for r in resources]
    return HEAD + "\n".join(rows) + "\n"
