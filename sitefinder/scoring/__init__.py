"""How good a cell is: value functions, hard gates with their reasons, and the weighted score."""
