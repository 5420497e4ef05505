"""Where things are: the repository, its compiled data, and the square that tests cut out of it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
#: variable with the folder of built layers that tests share
STACKS = "SITEFINDER_TEST_STACKS"
#: Abilene, Texas in EPSG:5070, metres
ABILENE = (-349_000.0, 1_048_700.0)
