"""Weights moved by hand, and the list that follows at once: the ranking kept open, and the page that shows it."""
