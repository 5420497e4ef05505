"""The memo for an investment committee: one text, written as HTML and as Markdown, every number from a field."""
