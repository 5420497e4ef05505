"""Writers: they format what they are given and compute nothing."""
