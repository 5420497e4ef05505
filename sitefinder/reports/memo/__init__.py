"""Memo for an investment committee as HTML and Markdown, in which every number comes from a field of the financing."""
