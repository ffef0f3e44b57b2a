"""How fast a config trains on this machine, on each backend and with each setting worth trying."""
