"""Losses, one section for each of Keras's; every module here is found by itself."""
