"""Faults on purpose: runs are killed, starved and given damaged files; what was there stays, and the next run is right.

``python scripts/fault_drill.py --drills 50`` prints a tally and ends with 1 where anything was lost. Everything happens in a
temporary folder (``--scratch``); cells are coarse, so that a drill takes seconds.
"""

import argparse
import collections
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.helpers.drills import KINDS, Drill


def main() -> None:
    """Draw kinds of faults in turn, carry each out, print what was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(KINDS))
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--shipped", action="store_true", help="with the shipped configuration, which takes some times as long")
    asked = parser.parse_args()
    tally: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory(dir=asked.scratch) as folder:
        drill = Drill(Path(folder), random.Random(asked.seed), shipped=asked.shipped)  # noqa: S311 - no secret is drawn
        for number in range(asked.drills):
            kind = asked.only or list(KINDS)[number % len(KINDS)]
            problem = drill.carry_out(kind)
            tally[f"{kind}: {'lost' if problem else 'sound'}"] += 1
            sys.stdout.write(f"{number + 1:4d} {kind}: {problem or 'sound'}\n")
            sys.stdout.flush()
    sys.stdout.write("\n".join(f"{count:4d} {name}" for name, count in sorted(tally.items())) + "\n")
    sys.exit(any(name.endswith("lost") for name in tally))


if __name__ == "__main__":
    main()
