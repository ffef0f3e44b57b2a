"""How runs compare as experiments: settings, scores with a paired test on the same rows, curves."""
