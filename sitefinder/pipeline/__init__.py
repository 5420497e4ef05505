"""The order of the stages, readable top to bottom."""
