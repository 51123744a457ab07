"""Texts: where they come from, how they are read, decoded and turned into numbers. `corpora` is the way in."""
