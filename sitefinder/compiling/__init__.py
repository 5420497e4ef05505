"""Turns downloaded public files into the compiled layers of ``data/``; used by ``make data`` only."""
