"""Scores of cells: value functions, hard gates with their reasons, and the weighted score."""
