"""Array code without input or output: numbers in, numbers out."""
