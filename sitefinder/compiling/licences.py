"""Text of ``data/LICENSES.md``: publishers, licences and terms in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sitefinder.files import Json

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

SHARE_ALIKE = """# Licence of this folder

The files in this folder are made available under the Open Database License 1.0:
https://opendatacommons.org/licenses/odbl/1-0/. Any rights in individual contents are licensed under the Database Contents
License: https://opendatacommons.org/licenses/dbcl/1-0/.

You may share, change and use them, provided that you name the source below, share changed copies under the same licence,
and keep them open. Contains information from the databases named here:

"""


def share_alike_text(resources: Sequence[Json]) -> str:
    """Licence notice that lies beside the share-alike files."""
    rows = [f"- `{Path(r['path']).name}`: {r['publisher']} ({r['vintage']})" for r in resources if r["share_alike"]]
    return SHARE_ALIKE + "\n".join(rows) + "\n"


def licences_text(resources: Sequence[Json]) -> str:
    """The whole file from the register's resources."""
    rows = [f"| `{r['path']}` | {r['publisher']} | {r['vintage']} | {r['licence']} | {r['evidence_grade']} |" for r in resources]
    return HEAD + "\n".join(rows) + "\n"
