"""The chosen settings, written into the config file."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dltrain.errors import ConfigError, UsageError, storing
from dltrain.experiment import Experiment
from dltrain.load import load
from dltrain.runtime.settings import RuntimeSpec
from dltrain.spec.document import Document
from dltrain.spec.editing import with_settings

SECTION = "runtime"
_SETTING = re.compile(r"runtime(?:\.(\w+))?=")
_MARK = b"\xef\xbb\xbf"
"""With which some editors begin a file."""


def fixed_by(settings: Iterable[str]) -> Set[str]:
    """The names of `runtime` that settings of the command line decide."""
    found = [match for setting in settings if (match := _SETTING.match(setting))]
    return {name for match in found for name in ([match[1]] if match[1] else RuntimeSpec.model_fields)}


def refuse_unwritable(config: Path, settings: Iterable[str]) -> None:
    """Raises UsageError where what will be measured is not what could be written; asked for before measuring."""
    other = next((setting for setting in settings if not _SETTING.match(setting)), None)
    if other is not None:
        text = f"--write writes the runtime settings of what was measured, and --set {other} is not in the file"
        raise UsageError(f"{text}; leave one of them out")
    real = Path(os.path.realpath(config))
    if not os.access(real, os.W_OK) or not os.access(real.parent, os.W_OK):
        raise UsageError(f"{config} cannot be written; leave --write out, and paste what is printed")


def write(config: Path, document: Document, settings: Mapping[str, Any], expected: Experiment) -> None:
    """Writes settings of `runtime` into a config file, of which everything else stays as it is.

    Args:
        config: the file; where it extends others, these stay as they are.
        document: what was measured.
        settings: their values by name; None for what is chosen where nothing is written.
        expected: the experiment with these settings, which the file must come to.

    Raises:
        UsageError: the file has changed since, or cannot be changed safely.
        RunError: the disk is full or read-only.
    """
    real = Path(os.path.realpath(config))
    own, data = Document.read(config, os.environ), real.read_bytes()
    if own.text != document.text:
        raise _refusal(config, "it has changed since it was measured")
    _refuse_variables(config, own, settings)
    try:
        edited = with_settings(own.text, SECTION, settings)
    except ValueError as error:
        raise _refusal(config, str(error)) from None
    with _beside(real, (_MARK if data.startswith(_MARK) else b"") + edited.encode()) as temporary:
        if not _comes_to(temporary, own, settings, expected):
            raise _refusal(config, "its runtime section is written in a way that cannot be edited safely")
        with storing(f"write {config}", "leave --write out"):
            temporary.replace(real)


def _refuse_variables(config: Path, own: Document, settings: Mapping[str, Any]) -> None:
    for path in [(SECTION,), *((SECTION, name) for name in settings)]:
        reference = own.references.get(own.values_at.get(path))  # type: ignore[arg-type]
        if reference:
            names = ", ".join(reference.names)
            raise _refusal(config, f"{'.'.join(path)} comes from the environment variable {names}")


def _comes_to(temporary: Path, own: Document, settings: Mapping[str, Any], expected: Experiment) -> bool:
    """Whether the new file holds the old values and the settings, and describes the experiment that was measured."""
    try:
        new = Document.read(temporary, os.environ)
        experiment, _ = load(temporary)
    except ConfigError:
        return False
    before, after = dict(own.values), dict(new.values)
    was, now = before.pop(SECTION, None), after.pop(SECTION)
    was = was if isinstance(was, dict) else {}
    # Without a name of its own, an experiment is called like its file.
    same = experiment.completed(name=expected.name) == expected
    return same and before == after and now == {**was, **settings}


@contextmanager
def _beside(real: Path, data: bytes) -> Iterator[Path]:
    """A file with the same rights in the same folder, which is gone in the end unless it was moved."""
    temporary = real.with_name(f".{real.stem}.{os.getpid()}.tmp{real.suffix}")
    try:
        with storing(f"write {temporary}", "leave --write out"), temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            shutil.copymode(real, temporary)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _refusal(config: Path, why: str) -> UsageError:
    return UsageError(f"{config} is left as it was: {why}; paste what is printed")
