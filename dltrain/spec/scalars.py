"""YAML 1.2 core scalars: what an unquoted word in a config means.

PyYAML follows YAML 1.1, where ``1e-3`` is text, ``no`` is false and ``010`` is 8.
"""

from __future__ import annotations

import re

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_PREFIXED = re.compile(r"0x[0-9a-fA-F]+\Z|0o[0-7]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_BASE_60 = re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?\Z")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BOOLEANS_OF_YAML_1_1 = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""As readers of YAML 1.1 have them; `y` and `n` are text there too, and names of columns here."""
_MAX_DIGITS = 40

Scalar = str | int | float | bool | None


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar.

    Raises:
        ValueError: the text reads differently in YAML 1.1 and 1.2, or is a number that no
            setting can use; the message says what to write instead.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    _refuse_ambiguous(text)
    if _INTEGER.match(text) or _PREFIXED.match(text):
        if len(text) > _MAX_DIGITS:
            raise ValueError(f"integer has more than {_MAX_DIGITS} digits; write a smaller one")
        return int(text, 0) if _PREFIXED.match(text) else int(text)
    if _FLOAT.match(text):
        return _finite(text)
    return text


def _refuse_ambiguous(text: str) -> None:
    if meant := _BOOLEANS_OF_YAML_1_1.get(text.lower()):
        raise ValueError(f"'{text}' is a boolean in YAML 1.1 and text in YAML 1.2; write {meant}, or quote it for text")
    if _LEADING_ZERO.match(text):
        plain = "-" * text.startswith("-") + (text.lstrip("+-0") or "0")
        raise ValueError(f"'{text}' has a leading zero, which YAML 1.1 reads as octal; write {plain}, or quote it")
    if _NOT_FINITE.match(text):
        raise ValueError(f"{text} is not a number that a setting can use; write a finite number")
    if _BASE_60.match(text):
        raise ValueError(f"'{text}' is a base-60 number in YAML 1.1; quote it if it is text")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large for a float; write a smaller number")
    return number
