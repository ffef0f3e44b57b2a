"""The run directory: every artifact's name, who may write it, and how it is written."""
