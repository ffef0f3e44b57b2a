"""What to change next, from how a fit went."""
