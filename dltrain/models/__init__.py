"""Models: each turns its settings into a list of layers."""
