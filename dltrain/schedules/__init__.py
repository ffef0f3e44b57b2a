"""Learning rates over time; every module here is found by itself."""
