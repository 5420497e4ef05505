"""``python -m sitefinder``."""

from sitefinder.cli.main import main

main()
