"""Compile ``data/`` from a folder of downloads: ``make data RAW=folder``."""

import argparse
import logging
from pathlib import Path

from sitefinder.compiling.all import compile_all

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="folder of downloads, named as in its CATALOG.csv")
    parser.add_argument("--out", type=Path, default=Path("data"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    compile_all(arguments.raw, arguments.out)
