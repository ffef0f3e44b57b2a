"""Initial values of weights; every module here is found by itself."""
