"""Inputs at random for everything that a user or a file can reach: each is taken, or refused in a line.

``python scripts/fuzz.py --inputs 20000`` gives so many to all surfaces together and prints a tally; it ends with 1 where an input
ended in anything but a result or a refusal, took more than 5 seconds or 2 GB, or wrote outside of its folder. The same seed makes
the same inputs: ``--only SURFACE --first N --inputs 1`` gives one of them again.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.helpers.fuzz_watch import fuzz, report

#: surface -> its part of all inputs: cheap readers and those that people use most get more
SHARES = {
    "yaml": 16,
    "configuration, text": 8,
    "configuration, tree": 10,
    "settings": 8,
    "places": 8,
    "command line": 3,
    "sites, csv": 12,
    "sites, geojson": 8,
    "sites, geojson, a feature a line": 3,
    "sites, Esri JSON": 2,
    "sites, xlsx": 2,
    "sites, kml": 3,
    "sites, kmz": 2,
    "sites, geoparquet": 2,
    "sites, shapefile, zipped": 1,
    "sites, geopackage": 2,
    "sites, geodatabase, zipped": 1,
    "sites, flatgeobuf": 2,
    "raster": 3,
    "model": 3,
    "run folder": 1,
}


def main() -> None:
    """Go through the surfaces one after the other, then print the tally."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input of each surface")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", choices=sorted(SHARES), action="append")
    asked = parser.parse_args()
    names = asked.only or list(SHARES)
    whole = sum(SHARES[name] for name in names)

    def write(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    tallies = []
    for name in names:
        inputs = max(1, round(asked.inputs * SHARES[name] / whole))
        tallies.append(fuzz(name, (asked.first, asked.first + inputs), asked.seed))
        write(tallies[-1].line)
    sys.exit(0 if report(tallies, write) else 1)


if __name__ == "__main__":
    main()
