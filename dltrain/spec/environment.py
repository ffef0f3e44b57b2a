"""``${env:NAME}`` and ``${env:NAME:-default}``: settings from environment variables.

The syntax is that of the OpenTelemetry Collector's configs. ``:-`` is the shell's: the default holds where the variable
is not set or empty. ``$${`` is the text ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from dltrain.spec.scalars import Scalar, resolve

_REFERENCE = re.compile(r"\$\{env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_TOKEN = re.compile(rf"(?P<escaped>\$\$\{{)|{_REFERENCE.pattern}|(?P<wrong>\$\{{[^}}]*\}}?)")
_LONGEST = 4096

MARK = "${"


class Reference(NamedTuple):
    """What became of a value that names environment variables.

    Attributes:
        names: the variables that its text names.
        unset: those of them whose default holds.
        error: why it has no value; None where it has one.
    """

    names: tuple[str, ...]
    unset: frozenset[str] = frozenset()
    error: str | None = None


def expand(text: str, environment: Mapping[str, str], *, plain: bool) -> tuple[Scalar, Reference]:
    """The value of a text that holds ``${``.

    Args:
        text: as the config has it.
        environment: the variables.
        plain: whether the text has no quotes; then a value that is one reference and nothing else is a number,
            a boolean or nothing where its text would be one in the config.

    Returns:
        The value, which is `text` itself where it cannot be had, and what was named.
    """
    names = tuple(dict.fromkeys(match["name"] for match in _TOKEN.finditer(text) if match["name"]))
    unset = frozenset(name for name in names if not environment.get(name))
    try:
        found = _TOKEN.sub(lambda match: _replacement(match, environment), text)
        if not plain or not _REFERENCE.fullmatch(text):
            return found, Reference(names, unset)
        return _typed(found, names[0], environment), Reference(names, unset)
    except ValueError as error:
        return text, Reference(names, unset, str(error))


def escaped(text: str) -> str:
    """Text that reads as `text` in a config."""
    return text.replace(MARK, f"${MARK}")


def _typed(found: str, name: str, environment: Mapping[str, str]) -> Scalar:
    try:
        return resolve(found)
    except ValueError as error:
        whose = "the value" if environment.get(name) else "the default"
        raise ValueError(f"{whose} of {name}: {error}") from None


def _replacement(match: re.Match[str], environment: Mapping[str, str]) -> str:
    if match["escaped"]:
        return MARK
    if match["wrong"]:
        text = f"'{match['wrong'][:40]}' is no reference to an environment variable"
        raise ValueError(f"{text}; write ${{env:NAME}} or ${{env:NAME:-default}}, or $${{ for the text ${{")
    name, default = match["name"], match["default"]
    value = environment.get(name)
    if not value and default is not None:
        return str(default)
    if value is None:
        text = f"the environment variable {name} is not set"
        raise ValueError(f"{text}; set it, or write a default: ${{env:{name}:-default}}")
    return _checked(value, name)


def _checked(value: str, name: str) -> str:
    """Raises ValueError where a config could not hold the value."""
    if len(value) > _LONGEST:
        raise ValueError(f"the environment variable {name} has more than {_LONGEST:,} characters; shorten it")
    if not value.isprintable():
        odd = next(character for character in value if not character.isprintable())
        if "\ud800" <= odd <= "\udfff":
            raise ValueError(f"the environment variable {name} is not UTF-8; set it anew")
        text = f"the environment variable {name} holds the invisible or control character U+{ord(odd):04X}"
        raise ValueError(f"{text}; set it without")
    return value
