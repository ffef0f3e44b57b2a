"""`--set key=value`: changes to a config made on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from dltrain.errors import ConfigError
from dltrain.spec.document import Document
from dltrain.spec.environment import Reference
from dltrain.spec.inheritance import EXTENDS
from dltrain.spec.problems import Path, Position, Problem, dotted

_KEY_PART = re.compile(r'"([^"]+)"|([^."=\s]+)')
_KEY = re.compile(rf"((?:{_KEY_PART.pattern})(?:\.(?:{_KEY_PART.pattern}))*)=")

_LONGEST = 100
"""The characters of a setting that its problems show."""

Components = Callable[[str, Any], dict[str, Any] | None]
"""The settings of a component that is written as ``{name: value}``; None where `name` is no component."""


def override(
    document: Document, settings: Iterable[str], selectors: Mapping[Path, bool], components: Components
) -> None:
    """Applies settings such as ``optimizer.learning_rate=1e-3`` to a document, in order.

    The text after the first ``=`` that follows the key is read as YAML, so lists, mappings and
    quoted text work. Steps into a list are indices from 0; a bare component name on the way
    (``optimizer: adam``) becomes a mapping with that ``type``, and of ``{adam: 0.1}`` the settings
    of adam are changed.

    Args:
        document: changed in place; the new values' positions name the setting.
        settings: the texts, later ones win.
        selectors: paths that choose what their section is about. Where one is set that was not
            there, all beside it belonged to something else and is dropped; where it was, the rest
            stays if the value here is true, but not `type`, which follows from it.
        components: knows the components that can stand as ``{name: value}``.

    Raises:
        ConfigError: a setting is not of the form ``key=value`` or its key leads nowhere.
    """
    settings, problems = tuple(settings), []
    for setting in settings:
        place = Position(f"--set {setting if len(setting) <= _LONGEST else f'{setting[:_LONGEST]}...'}")
        try:
            path, value, reference = _parse(setting)
            if path in selectors:
                _make_way(document, path, keep=selectors[path])
            path = _set(document.values, path, value, components)
            for length in range(1, len(path) + 1):
                if length == len(path) or path[:length] not in document.values_at:
                    document.values_at[path[:length]] = document.keys_at[path[:length]] = place
            _forget_below(document, path)
            if reference:
                document.references[place] = reference
        except ValueError as error:
            problems.append(Problem(str(error), (), place))
    if problems:
        raise ConfigError(problems)
    document.settings = settings


def _parse(setting: str) -> tuple[Path, Any, Reference | None]:
    key = _KEY.match(setting)
    if key is None:
        raise ValueError("not of the form key=value; write e.g. --set optimizer.learning_rate=1e-3")
    path = tuple(part[1] or part[2] for part in _KEY_PART.finditer(key[1]))
    if path == (EXTENDS,):
        raise ValueError("only a file can say what it extends; write it there, or give the other file")
    return path, *_value(setting[key.end() :])


def _value(text: str) -> tuple[Any, Reference | None]:
    """The value, and the environment variables that it names."""
    try:
        data = f"value: {text}\n".encode()
        wrapped = Document.parse(data, source="", folder=FilePath.cwd(), environment=os.environ)
    except UnicodeEncodeError:
        raise ValueError("the value is not UTF-8; write it in UTF-8") from None
    except ConfigError as error:
        reason = str(error.problems[0].message) if isinstance(error.problems[0], Problem) else str(error)
        raise ValueError(f"the value is not YAML: {reason}") from None
    if list(wrapped.values) != ["value"]:
        raise ValueError("the value is not one YAML value; quote it")
    if problems := wrapped.unresolved():
        raise ValueError(problems[0].message)
    return wrapped.values["value"], next(iter(wrapped.references.values()), None)


def _set(values: Any, parts: Path, value: Any, components: Components) -> Path:
    """Returns the path, in which steps into lists are integers."""
    node: Any = values
    path: Path = ()
    for part in parts[:-1]:
        node, path = _past_name(node, part, path, components)
        path = (*path, _key(node, part, path))
        child = node.get(path[-1]) if isinstance(node, dict) else node[path[-1]]
        if isinstance(child, str):
            child = node[path[-1]] = {"type": child}
        elif child is None:
            child = node[path[-1]] = {}
        node = child
    node, path = _past_name(node, parts[-1], path, components)
    path = (*path, _key(node, parts[-1], path))
    node[path[-1]] = value
    return path


def _past_name(node: Any, part: str | int, path: Path, components: Components) -> tuple[Any, Path]:
    """Below the name of a component that is written as ``{name: value}``, whose setting `part` is."""
    if isinstance(node, dict) and len(node) == 1 and part not in node:
        ((name, value),) = node.items()
        if (settings := components(name, value)) is not None:
            node[name] = settings
            return settings, (*path, name)
    return node, path


def _key(node: Any, part: str | int, path: Path) -> str | int:
    """The key or index in `node`, which lies at `path`, that `part` of a setting means."""
    if isinstance(node, dict):
        return part
    if not isinstance(node, list):
        raise ValueError(f"{dotted(path)} is {node!r}, which has no settings below it; set {dotted(path)} itself")
    if (index := str(part)).isdecimal() and int(index) < len(node):
        return int(index)
    indices = f"use an index from 0 to {len(node) - 1}" if node else "set the whole list"
    raise ValueError(f"{dotted(path)} is a list of {len(node)}; {indices}")


def _make_way(document: Document, path: Path, *, keep: bool) -> None:
    node = document.values
    for part in path[:-1]:
        node = node.get(part) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        return
    if keep and path[-1] in node:
        node.pop("type", None)
    else:
        node.clear()


def _forget_below(document: Document, path: Path) -> None:
    """Old positions inside a replaced value would point at text that no longer counts."""
    for positions in (document.values_at, document.keys_at):
        for known in [known for known in positions if len(known) > len(path) and known[: len(path)] == path]:
            del positions[known]
