"""A first config for data that nobody has described yet: what `dltrain init` writes, and why."""
