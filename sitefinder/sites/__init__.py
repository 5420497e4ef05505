"""Pieces of land: campuses grown from cells, their shape and neighbours, and the sites of the user's own."""
