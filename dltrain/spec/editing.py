"""Settings written into the text of a config, all else of which stays as it is: comments, order and line ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from dltrain.spec.dumper import dump_inline

Edit = tuple[int, int, str]
"""What stands from one place of a text to another is replaced by a third."""


def with_settings(text: str, section: str, settings: Mapping[str, Any]) -> str:
    """The text of a config in which a section has other settings.

    Where they are written already, their values are replaced; others are added at the end of the section, and a
    section that is missing at the end of the text.

    Args:
        text: a YAML mapping that `Document` has read.
        section: a key of it, below which are scalars only.
        settings: their values, by key.

    Raises:
        ValueError: the section is no mapping.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    found = _entry(root, section)
    if found is None:
        edits = [_added(text, root, section, settings)]
    elif isinstance(found, yaml.MappingNode):
        edits = list(_inside(text, found, settings))
    elif isinstance(found, yaml.ScalarNode):
        edits = [_instead(text, found, _flow(settings))]
    else:
        raise ValueError(f"{section} is a list")
    # From the end, so that the places of those before stay right.
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _entry(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.value if key.value == name), None)


def _inside(text: str, mapping: Any, settings: Mapping[str, Any]) -> list[Edit]:
    """New values in the places of old ones, and what is new behind them."""
    present = {name: node for name in settings if (node := _entry(mapping, name)) is not None}
    edits = [_instead(text, node, dump_inline(settings[name])) for name, node in present.items()]
    new = {name: value for name, value in settings.items() if name not in present}
    return [*edits, *([_more(text, mapping, new)] if new else [])]


def _instead(text: str, node: Any, value: str) -> Edit:
    """A value in the place of another; after a colon with nothing behind it, also a space."""
    start, end = node.start_mark.index, node.end_mark.index
    return (start, end, f" {value}" if text[:start].endswith(":") else value)


def _more(text: str, mapping: Any, settings: Mapping[str, Any]) -> Edit:
    """More entries at the end of a mapping that holds scalars."""
    if not mapping.value:
        return (mapping.start_mark.index, mapping.end_mark.index, _flow(settings))
    last = mapping.value[-1][1].end_mark.index
    if mapping.flow_style:
        return (last, last, f", {_flow(settings)[1:-1]}")
    first = mapping.value[0][0].start_mark
    return _lines(text, _end_of_line(text, last), [f"{' ' * first.column}{line}" for line in _entries(settings)])


def _added(text: str, root: Any, section: str, settings: Mapping[str, Any]) -> Edit:
    """A section that was missing, at the end of all."""
    if root.flow_style:
        last = root.value[-1][1].end_mark.index
        return (last, last, f", {section}: {_flow(settings)}")
    indent = " " * root.value[0][0].start_mark.column
    lines = [f"{indent}{section}:", *(f"{indent}  {line}" for line in _entries(settings))]
    return _lines(text, root.end_mark.index, lines)


def _lines(text: str, place: int, lines: list[str]) -> Edit:
    """Whole lines at a place that is the beginning of a line, or the end of a text without a last line end."""
    newline = "\r\n" if "\r\n" in text else "\n"
    before = "" if text[:place].endswith(("\n", "\r")) or not place else newline
    return (place, place, before + "".join(f"{line}{newline}" for line in lines))


def _end_of_line(text: str, place: int) -> int:
    """Behind the line, with its comment, that a place is in."""
    found = text.find("\n", place)
    return len(text) if found < 0 else found + 1


def _entries(settings: Mapping[str, Any]) -> list[str]:
    return [f"{name}: {dump_inline(value)}" for name, value in settings.items()]


def _flow(settings: Mapping[str, Any]) -> str:
    return f"{{{', '.join(_entries(settings))}}}"
