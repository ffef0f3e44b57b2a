"""A fault at every call to the file system of a save: the process dies, or the call fails, once or from then on.

A write dies or fails when half of its bytes are written; a short one writes half and says so.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.soak.calls import watched
from benchmarks.soak.sample import Tally, fault_of, sample
from dltrain.errors import RunError
from dltrain.runs.checkpoints import CheckpointStore

ERRORS = ("ENOSPC", "EIO", "EROFS", "EDQUOT", "EFBIG", "EACCES", "ENOMEM")
KINDS = (("die", False), ("short", True), *((error, lasting) for error in ERRORS for lasting in (False, True)))
_HALF = b"of a killed writer"
_DIED, _SAVED, _REFUSED, _CRASHED = 9, 0, 1, 2


@dataclass(frozen=True)
class Scene:
    """What lies in the folder when a save begins.

    Attributes:
        name: what it shows.
        prepare: makes the folder.
        position: what is saved.
        before: the newest whole position before; None for none.
    """

    name: str
    prepare: Callable[[Path], None]
    position: int
    before: int | None


def _two(folder: Path) -> None:
    for position in (10, 20):
        CheckpointStore(folder).save(sample(position))


def _damaged(folder: Path) -> None:
    _two(folder)
    with (folder / "000000000020.safetensors").open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(b"?")


def _leftover(folder: Path) -> None:
    _two(folder)
    (folder / ".000000000030.tmp").write_bytes(_HALF)


SCENES = (
    Scene("the third", _two, 30, 20),
    Scene("the first", lambda folder: None, 10, None),
    Scene("over a damaged one", _damaged, 20, 10),
    Scene("after a killed writer", _leftover, 30, 20),
)


@dataclass
class Fault:
    """Strikes at the call with a number, counted from 1.

    Attributes:
        number: of the call.
        kind: "die", "short", or the name of an error.
        lasting: whether later calls fail as well.
    """

    number: int
    kind: str
    lasting: bool
    count: int = 0

    def __call__(self, name: str, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Makes the call, or what the fault leaves of it."""
        self.count += 1
        due = self.count == self.number or (self.lasting and self.count > self.number)
        torn = (args[0], args[1][: (len(args[1]) + 1) // 2]) if due and name == "write" else None
        if torn and self.kind == "short":
            return call(*torn)
        if torn:
            call(*torn)
        if due and self.kind == "die":
            os._exit(_DIED + 16)
        if due and self.kind != "short":
            raise OSError(getattr(errno, self.kind), os.strerror(getattr(errno, self.kind)))
        return _at_once(name, call, args, kwargs)


def _at_once(name: str, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Makes the call, but does not wait for the disk: what is durable is another question (power.py)."""
    return None if name == "fsync" else call(*args, **kwargs)


def enumerate_faults(
    scratch: Path, kinds: Sequence[tuple[str, bool]] = KINDS, scenes: Sequence[Scene] = SCENES
) -> Tally:
    """Every fault of some kinds, each lasting or not, at every call in some scenes; the folder is used and emptied."""
    tally = Tally()
    for scene in scenes:
        model = scratch / "model"
        scene.prepare(model)
        for kind, lasting in kinds:
            number = 1
            while _case(tally, scene, scratch, Fault(number, kind, lasting)):
                number += 1
        shutil.rmtree(model, ignore_errors=True)
    return tally


def _case(tally: Tally, scene: Scene, scratch: Path, fault: Fault) -> bool:
    """Whether the save has as many calls."""
    folder = scratch / "case"
    shutil.rmtree(folder, ignore_errors=True)
    if (scratch / "model").exists():
        shutil.copytree(scratch / "model", folder)
    child = os.fork()
    if child == 0:
        _save_and_exit(folder, scene.position, fault)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    reached, outcome = divmod(status, 16)
    if not reached:
        return False
    wrong = _violation(folder, scene, outcome, fault)
    tally.add({_DIED: "died", _SAVED: "saved", _REFUSED: "refused"}.get(outcome, "crashed"), wrong)
    return True


def _save_and_exit(folder: Path, position: int, fault: Fault) -> None:
    outcome = _CRASHED
    try:
        store = CheckpointStore(folder)
        store.newest()
        with watched(fault):
            store.save(sample(position))
        outcome = _SAVED
    except RunError as error:
        text = str(error)
        named = str(folder) in text and " bytes; " in text and _reason(fault) in text
        outcome = _REFUSED if named else _CRASHED
    finally:
        os._exit(outcome + 16 * (fault.count >= fault.number))


def _reason(fault: Fault) -> str:
    return os.strerror(getattr(errno, fault.kind)).lower()


def _violation(folder: Path, scene: Scene, outcome: int, fault: Fault) -> str | None:
    place = f"{scene.name}, {fault.kind}{' lasting' * fault.lasting} at call {fault.number}"
    if fault.kind == "short" and outcome != _SAVED:
        return f"{place}: not saved"
    allowed = {_SAVED: {scene.position}, _CRASHED: set[int | None]()}.get(outcome, {scene.before, scene.position})
    if wrong := fault_of(folder, allowed):
        return f"{place}: {wrong}"
    left = [path for path in folder.glob(".*") if path.read_bytes() != _HALF]
    if outcome == _REFUSED and not fault.lasting and left:
        return f"{place}: left {left}"
    with watched(_at_once):
        CheckpointStore(folder).save(sample(40))
    rest = sorted(path.name for path in folder.iterdir())
    if wrong := fault_of(folder, {40}) or (f"{rest} are left" if len(rest) > 2 else None):
        return f"{place}: at the next save, {wrong}"
    return None
