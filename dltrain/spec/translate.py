"""Pydantic's errors in dltrain's words: what was expected, what was written, what to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from dltrain.spec.problems import LONG_LIST, Problem, one_of, suggestion
from dltrain.spec.scalars import resolve
from dltrain.spec.section import describe

_EXPECTED = {
    "int_type": "an integer",
    "int_parsing": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping of settings",
    "model_attributes_type": "a mapping of settings",
    "mapping_type": "a mapping",
}

_TYPES: dict[str, tuple[type, ...]] = {"int_type": (int,), "float_type": (int, float), "bool_type": (bool,)}

_OWN = {"unknown_type", "family", "no_argument", "needs", "pair", "path", "setting"}
"""Kinds of errors that dltrain raises itself, whose text is complete."""

_COMPARISONS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def problems_of(error: ValidationError) -> list[Problem]:
    """One problem for each error, with its path in the config.

    A list counts as too short also where its entries are wrong; then only these are shown.
    """
    lines = error.errors(include_url=False)
    paths = [tuple(line["loc"]) for line in lines]
    return [
        _problem(line)
        for line, path in zip(lines, paths, strict=True)
        if line["type"] != "too_short" or not any(other[: len(path)] == path != other for other in paths)
    ]


def _problem(line: Mapping[str, Any]) -> Problem:
    path, kind, context = tuple(line["loc"]), str(line["type"]), line.get("ctx", {})
    if kind == "extra_forbidden":
        known = [name for name in context.get("known", ()) if name != "type"]
        name = str(path[-1])
        hint = suggestion(name, known) or f"; expected {one_of(known)}" if known else "; nothing can be set here"
        return Problem(f"unknown key '{name}'{hint}", path, key=True)
    return Problem(_message(kind, context, line), path)


def _message(kind: str, context: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    got = describe(line["input"])
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {got}{_remedy(kind, line['input'])}"
    if kind in _COMPARISONS:
        bound, words = _COMPARISONS[kind]
        return f"must be {words} {_plain_number(context[bound])}, got {got}"
    if kind in _SPECIAL:
        return _SPECIAL[kind](context, got)
    message = str(line["msg"])
    if "text" in context and kind in _OWN:
        return message
    return f"{message[:1].lower()}{message[1:]}, got {got}"


def _remedy(kind: str, value: Any) -> str:
    if value is None:
        return "; write a value or delete the key"
    if kind == "int_type" and isinstance(value, float) and value.is_integer():
        return f"; write {value:.0f}"
    if kind == "bool_type" and isinstance(value, int):
        return f"; write {'true' if value else 'false'}"
    if _EXPECTED[kind] == "a list":
        return "; begin each entry with `- `" if isinstance(value, Mapping) else f"; write [{value}]"
    if isinstance(value, str) and "mapping" in _EXPECTED[kind]:
        return "; write a space after the colon" if ":" in value else ""
    if isinstance(value, str):
        return _unquoted(kind, value)
    if kind == "string_type" and isinstance(value, int | float):
        return f'; write "{value}" in quotes'
    return ""


def _unquoted(kind: str, value: str) -> str:
    """How to write the value that a text holds, where it is of the kind that is expected."""
    plain = value.strip().replace("_", "")
    try:
        found = resolve(plain)
    except ValueError:
        return ""
    if type(found) not in _TYPES.get(kind, ()):
        return ""
    return f"; write {plain} without quotes" if plain == value else f"; write {plain}"


def _literal(context: Mapping[str, Any], got: str) -> str:
    allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
    hint = suggestion(got.strip("'"), allowed)
    if hint and len(allowed) > LONG_LIST:
        return f"unknown value {got}{hint}"
    return f"expected {one_of(allowed)}, got {got}{hint}"


_CHARACTERS = {
    r"^[A-Za-z][A-Za-z0-9_]*$": "letters, digits and underscores, a letter first",
    r"^[A-Za-z0-9][A-Za-z0-9_.-]*$": "letters, digits, dots, hyphens and underscores, no dot first",
}

_SPECIAL: dict[str, Callable[[Mapping[str, Any], str], str]] = {
    "missing": lambda context, got: "required, but not set; add it",
    "literal_error": _literal,
    "too_short": lambda context, got: f"needs {context['min_length']} or more entries, got {context['actual_length']}",
    "too_long": lambda context, got: f"takes at most {context['max_length']} entries, got more",
    "string_too_long": lambda context, got: f"longer than {context['max_length']} characters; shorten it",
    "string_too_short": lambda context, got: f"needs at least {context['min_length']} characters, got {got}",
    "string_pattern_mismatch": lambda context, got: (
        f"{got} is not a name; use {_CHARACTERS.get(str(context.get('pattern')), 'letters, digits and underscores')}"
    ),
    "finite_number": lambda context, got: f"expected a finite number, got {got}",
}


def _plain_number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
