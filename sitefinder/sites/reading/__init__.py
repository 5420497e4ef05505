"""Readers of the user's list of sites: each turns a file into one table, from which the rows with their places follow."""
