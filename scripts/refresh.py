"""Download the raw files that have an address, compare each with the table of sources, put them into RAW: ``make refresh``.

``--check`` compares the files that lie there, without a network.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from sitefinder.compiling.refresh import TABLE, RawSource, compare, read_table, refresh
from sitefinder.errors import DataError, SitefinderError


def main() -> None:
    """Refresh or check; exit code 2 and a line for each fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="folder of downloads")
    parser.add_argument("--sources", type=Path, default=TABLE, help="table of sources in place of the shipped one")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    try:
        table = read_table(asked.sources)
        lines = checked(asked.raw, table) if asked.check else refresh(asked.raw, table)
    except SitefinderError as error:
        sys.stderr.write("".join(f"refresh: {line}\n" for line in str(error).splitlines()))
        sys.exit(2)
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def checked(raw: Path, table: Mapping[str, RawSource]) -> list[str]:
    """What the files that are there are like, in lines; raises DataError with a line for each fault."""
    faults, lines = [], []
    for name, source in table.items():
        path = raw / name
        wrong, notes = compare(name, path, source) if path.is_file() else ([f"Missing {path} (files.{name}). Download it."], [])
        faults += wrong
        lines += notes
    if faults:
        raise DataError("\n".join(faults))
    return [*lines, f"{len(table)} files are as the table says"]


if __name__ == "__main__":
    main()
