"""Financing of a set of campuses: debt cover, prices, and the dates and conditions of the deal."""
