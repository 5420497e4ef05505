"""Megawatts by date: what is known about the power of a place, the pathways to it, and when they deliver."""
