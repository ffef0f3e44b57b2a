"""Simple models that a network has to beat, scored on the same rows as it."""
