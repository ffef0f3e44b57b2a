"""What a run directory tells for its report; a stranger may have written it, and parts of it may not be there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dltrain.errors import DltrainError
from dltrain.opening import read_history
from dltrain.runs.catalog import Entry, entry
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import read_bytes, read_json
from dltrain.runs.rating import mapping
from dltrain.spec.document import Document
from dltrain.spec.encoding import MAX_BYTES

_MOST_HISTORY_BYTES = 8 << 20
_MOST_LOG_BYTES = 64 << 20
_LOG_LINES = 200
_LONGEST_LINE = 2000
_MOST_BASES = 20


@dataclass(frozen=True)
class Reading:
    """The files of a run.

    Attributes:
        entry: status, times and scores, as tables have them.
        manifest: what was recorded of data, machine and end.
        facts: the same of the first fold of a cross-validation, which knows the machine; else the manifest.
        metrics: as in the file.
        history: of each epoch.
        configs: name and content of the config and of the files that it extends, as they were written.
        resolved: ``experiment.yaml``, with every default and derived value.
        document: the config with positions; None where it cannot be parsed.
        settings: the values of ``experiment.yaml``.
        log: its last lines.
        folds: of a cross-validation, what is known of each.
    """

    entry: Entry
    manifest: Mapping[str, Any]
    facts: Mapping[str, Any]
    metrics: Mapping[str, Any]
    history: Mapping[str, Sequence[float]]
    configs: Mapping[str, str]
    resolved: str
    document: Document | None
    settings: Mapping[str, Any]
    log: Sequence[str]
    folds: Sequence[Entry]

    @property
    def run(self) -> RunDirectory:
        """Where the files lie."""
        return self.entry.run

    @property
    def title(self) -> str:
        """``adult/1``, or ``wine/2/fold-1``."""
        whole, path = self.run.whole.path, self.run.path
        return str(path.relative_to(whole.parent.parent))


def read(run: RunDirectory) -> Reading:
    """Reads what there is; whatever cannot be read is empty."""
    manifest, folds = _json(run, "manifest"), run.folds
    document = _document(run, "config")
    resolved = _document(run, "experiment")
    return Reading(
        entry=entry(run),
        manifest=manifest,
        facts=_json(folds[0], "manifest") if folds else manifest,
        metrics=_json(run, "metrics"),
        history={} if folds else _history(run),
        configs=_configs(run),
        resolved=_text(run, "experiment.yaml"),
        document=document,
        settings=mapping(resolved.values) if resolved else {},
        log=_log(run),
        folds=[entry(fold) for fold in folds],
    )


def _json(run: RunDirectory, name: str) -> dict[str, Any]:
    with suppress(DltrainError):
        return mapping(read_json(getattr(run, name)))
    return {}


def _history(run: RunDirectory) -> dict[str, list[float]]:
    with suppress(DltrainError, OSError):
        if os.lstat(run.history).st_size <= _MOST_HISTORY_BYTES:
            return read_history(run)
    return {}


def _configs(run: RunDirectory) -> dict[str, str]:
    found = {"config.yaml": _text(run, "config.yaml")}
    for number in range(1, _MOST_BASES):
        name = run.base(number).name
        if not (text := _text(run, name)):
            break
        found[name] = text
    return {name: text for name, text in found.items() if text}


def _document(run: RunDirectory, name: str) -> Document | None:
    path = getattr(run, name)
    with suppress(DltrainError, OSError, ValueError, RecursionError):
        return Document.parse(read_bytes(path, MAX_BYTES), source=path.name, folder=run.path)
    return None


def _text(run: RunDirectory, name: str) -> str:
    with suppress(OSError, ValueError):
        return read_bytes(run.path / name, MAX_BYTES).decode("utf-8", "replace")
    return ""


def _log(run: RunDirectory) -> list[str]:
    with suppress(OSError, ValueError):
        content = read_bytes(run.log, _MOST_LOG_BYTES)[-_LOG_LINES * _LONGEST_LINE :]
        return [line[:_LONGEST_LINE] for line in content.decode("utf-8", "replace").splitlines()[-_LOG_LINES:]]
    return []
