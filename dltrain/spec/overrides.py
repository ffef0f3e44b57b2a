"""`--set key=value`: changes to a config made on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from dltrain.errors import ConfigError
from dltrain.spec.document import Document
from dltrain.spec.problems import Path, Position, Problem, dotted

_KEY_PART = re.compile(r'"([^"]+)"|([^."=\s]+)')


def override(document: Document, settings: Iterable[str], drops: Mapping[Path, Iterable[Path]]) -> None:
    """Applies settings such as ``optimizer.learning_rate=1e-3`` to a document, in order.

    The text after the first ``=`` that follows the key is read as YAML, so lists, mappings and
    quoted text work. Steps into a list are indices from 0; a bare component name on the way
    (``optimizer: adam``) becomes a mapping with that ``type``.

    Args:
        document: changed in place; the new values' positions name the setting.
        settings: the texts, later ones win.
        drops: for a path that is set, the paths of settings that it replaces.

    Raises:
        ConfigError: a setting is not of the form ``key=value`` or its key leads nowhere.
    """
    problems: list[Problem] = []
    for setting in settings:
        place = Position(f"--set {setting}")
        try:
            path, value = _parse(setting)
            for dropped in drops.get(path, ()):
                _drop(document, dropped)
            _set(document.values, path, value)
            document.values_at[path] = document.keys_at[path] = place
            _forget_below(document, path)
        except ValueError as error:
            problems.append(Problem(str(error), (), place))
    if problems:
        raise ConfigError(problems)


def _parse(setting: str) -> tuple[Path, Any]:
    path: list[str | int] = []
    end = 0
    while part := _KEY_PART.match(setting, end):
        name = part[1] or part[2]
        path.append(int(name) if part[2] and name.isascii() and name.isdigit() else name)
        end = part.end()
        if setting[end : end + 1] != ".":
            break
        end += 1
    if not path or setting[end : end + 1] != "=":
        raise ValueError("not of the form key=value; write e.g. --set optimizer.learning_rate=1e-3")
    return tuple(path), _value(setting[end + 1 :])


def _value(text: str) -> Any:
    wrapped = Document("")
    try:
        wrapped = Document.parse(f"value: {text}\n".encode(), source="", folder=FilePath.cwd())
    except ConfigError as error:
        reason = str(error.problems[0].message) if isinstance(error.problems[0], Problem) else str(error)
        raise ValueError(f"the value is not YAML: {reason}") from None
    if list(wrapped.values) != ["value"]:
        raise ValueError("the value is not one YAML value; quote it")
    return wrapped.values["value"]


def _set(values: Any, path: Path, value: Any) -> None:
    node = values
    for index, part in enumerate(path[:-1]):
        child = _get(node, part, path[: index + 1])
        if isinstance(child, str):
            child = {"type": child}
            node[part] = child
        elif child is None:
            child = node[part] = {}
        node = child
    if not isinstance(node, dict):
        _get(node, path[-1], path)
    node[path[-1]] = value


def _get(node: Any, part: str | int, path: Path) -> Any:
    if isinstance(node, dict):
        return node.get(part)
    if isinstance(node, list):
        if isinstance(part, int) and part < len(node):
            return node[part]
        raise ValueError(f"{dotted(path[:-1])} is a list of {len(node)}; use an index from 0 to {len(node) - 1}")
    raise ValueError(f"{dotted(path[:-1])} is {node!r}, which has no settings below it; set {dotted(path[:-1])} itself")


def _drop(document: Document, path: Path) -> None:
    node = document.values
    for part in path[:-1]:
        node = node.get(part) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node.pop(path[-1], None)


def _forget_below(document: Document, path: Path) -> None:
    """Old positions inside a replaced value would point at text that no longer counts."""
    for positions in (document.values_at, document.keys_at):
        for known in [known for known in positions if len(known) > len(path) and known[: len(path)] == path]:
            del positions[known]
