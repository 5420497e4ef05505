"""Certainty of the ranking: rank intervals, counterfactuals, other scoring methods and grades of evidence."""
