"""Pieces of HTML and SVG that dossiers and the memo share."""
