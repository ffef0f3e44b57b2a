"""Types and values of settings in words, for docs/reference.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dltrain.spec.fields import PATH
from dltrain.spec.json_types import ENVIRONMENT, Schema
from dltrain.spec.problems import one_of

_LARGE = 1_000_000
"""Upper bounds from here on only keep a typing error from asking for too much, and are not shown."""

MOST_NAMES = 8
"""Longer lists of names are shown apart."""

Link = Callable[[str], str]
"""Gives what to write for a reference to a section, or for the key of a list of names."""


def words(schema: Schema, link: Link) -> str:
    """What a setting takes, in Markdown, such as ``integer, at least 1``."""
    if "anyOf" in schema:
        return _alternatives([form for form in schema["anyOf"] if form not in (ENVIRONMENT, {"type": "null"})], link)
    if "$ref" in schema:
        return link(schema["$ref"])
    if "enum" in schema:
        names = [str(name) for name in schema["enum"]]
        return link(json.dumps(names)) if len(names) > MOST_NAMES else one_of(f"`{name}`" for name in names)
    return _OF_TYPE[schema["type"]](schema, link)


def _alternatives(forms: list[Schema], link: Link) -> str:
    named = list(dict.fromkeys(words(form, link) for form in forms))
    if "integer" in named and "number" in named:
        named.remove("integer")
    if len(named) > 1 and forms[-1].get("type") == "array" and "minItems" not in forms[-1]:
        entries = words(forms[-1]["items"], link)
        if entries == " or ".join(named[:-1]):
            return f"{entries}, or a list of such"
    return " or ".join(named)


def inline(value: Any) -> str:
    """A value as a config has it, in one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {inline(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return json.dumps(text) if text[:1] in "<>{[\"'" and text else text


def _number(schema: Schema, noun: str) -> str:
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    high = None if high is not None and high >= _LARGE else high
    below = None if below is not None and below >= _LARGE else below
    if low is not None and low <= -_LARGE:
        low = None
    ends = f"to {high:g}" if high is not None else f"to below {below:g}" if below is not None else ""
    if low is None and above is None:
        return f"{noun} {ends}".strip()
    if ends:
        start = f"from {low:g}" if low is not None else f"above {above:g},"
        return f"{noun} {start} {ends}"
    return f"{noun}, at least {low:g}" if low is not None else f"{noun} above {above:g}"


def _list(schema: Schema, link: Link) -> str:
    items = schema["items"]
    what = words(items, link) if isinstance(items, dict) else ", ".join(words(item, link) for item in items)
    if (count := schema.get("minItems")) and count == schema.get("maxItems"):
        return f"list of {count} (each {what})"
    return f"list of {what}" if " or " not in what and "," not in what else f"list (each {what})"


_OF_TYPE: dict[str, Callable[[Schema, Link], str]] = {
    "integer": lambda schema, link: _number(schema, "integer"),
    "number": lambda schema, link: _number(schema, "number"),
    "boolean": lambda schema, link: "`true` or `false`",
    "string": lambda schema, link: "path" if schema.get("pattern") == PATH else "text",
    "null": lambda schema, link: "nothing",
    "array": _list,
    "object": lambda schema, link: f"mapping of names to {words(schema['additionalProperties'], link)}",
}
