"""Compare two result folders byte for byte: what a change of structure must leave alone.

    python scripts/compare_runs.py out/before out/after

Every file counts but ``run.json``, which holds timings. Exit code 1 when a file differs or is missing on one side.
"""

import sys
from pathlib import Path

TIMED = {"run.json"}


def differences(before: Path, after: Path) -> list[str]:
    """One line per file that is not the same in both folders."""
    names = sorted({p.name for folder in (before, after) for p in folder.iterdir() if p.is_file()} - TIMED)
    lines = []
    for name in names:
        one, two = before / name, after / name
        if not (one.exists() and two.exists()):
            lines.append(f"{name}: only in {before if one.exists() else after}")
        elif one.read_bytes() != two.read_bytes():
            lines.append(f"{name}: differs ({one.stat().st_size} and {two.stat().st_size} bytes)")
    return lines


if __name__ == "__main__":
    changes = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write("\n".join(changes or ["the same, byte for byte"]) + "\n")
    sys.exit(bool(changes))
