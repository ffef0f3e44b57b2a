"""Penalties on weights and outputs; every module here is found by itself."""
