#!/usr/bin/env bash
# Text cells of an Excel file with a line break of Windows, or with a key that looks like an escape, read and written by openpyxl.
#
# One would guess: pandas.read_excel gives the text that Excel shows whatever its engine, and openpyxl writes a text that comes back.
# What happens: Excel stores a carriage return as the letters _x000D_. openpyxl, the default engine, leaves them in the text ("Line
#   1_x000D_" and a line break); calamine gives the character. So a join on such a name, or a test of two files, fails by engine. The
#   other way round openpyxl does not escape what it writes: the lot number "LOT_x0041_7" is stored as it is, and Excel (and calamine)
#   show "LOTA7": the key has changed without a word. XlsxWriter escapes both, and then openpyxl undoes the one but not the other.
# What to do: pandas.read_excel(engine="calamine"), or openpyxl.utils.escape.unescape on what was read. Write with XlsxWriter, or put
#   _x005F_ in the place of an underscore that begins such letters; openpyxl.utils.escape.escape does not.
# Version and source: openpyxl 3.1.5, pandas 3.1.1, python-calamine 0.9.1, XlsxWriter 3.3.1; seen, not documented.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check \
  "openpyxl==3.1.5" "XlsxWriter==3.3.1" "python-calamine==0.9.1" "pandas==3.1.1" "numpy==2.4.6"
env/bin/python - <<'PYTHON'
import sys

import openpyxl
import pandas as pd
import xlsxwriter

TEXTS = ["Line 1\r\nLine 2", "LOT_x0041_7"]


def read(path, engine):
    return pd.read_excel(path, header=None, engine=engine)[0].tolist()


with xlsxwriter.Workbook("as_excel.xlsx") as book:  # stores texts as Excel does
    sheet = book.add_worksheet()
    for i, text in enumerate(TEXTS):
        sheet.write_string(i, 0, text)
book = openpyxl.Workbook()
for text in TEXTS:
    book.active.append([text])
book.save("by_openpyxl.xlsx")

texts = {(path, engine): read(path, engine) for path in ("as_excel.xlsx", "by_openpyxl.xlsx") for engine in ("openpyxl", "calamine")}
for (path, engine), cells in texts.items():
    print(f"{path:17} read by {engine:9}", cells)
seen = (
    texts["as_excel.xlsx", "calamine"] == TEXTS
    and texts["as_excel.xlsx", "openpyxl"] == ["Line 1_x000D_\nLine 2", "LOT_x0041_7"]
    and texts["by_openpyxl.xlsx", "calamine"][1] == "LOTA7"
)
sys.exit(not seen)
PYTHON
