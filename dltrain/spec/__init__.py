"""From text to checked values: YAML with positions, overrides, sections, families and problems.

Knows nothing of deep learning and imports only pydantic and yaml.
"""
