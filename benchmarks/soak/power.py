"""What a disk may hold when the power fails at any moment of a save, by what POSIX promises and no more.

A save is recorded. Of the names that were made, moved or removed since their folder's last fsync, any may be on the
disk and any not; of the bytes that were written since their file's last fsync, all, none, half, or as many zeros.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.soak.calls import watched
from benchmarks.soak.faults import SCENES, Scene
from benchmarks.soak.sample import Tally, fault_of, sample
from dltrain.runs.checkpoints import CheckpointStore


@dataclass
class Inode:
    """What a file holds, and what of it the disk is known to hold."""

    content: bytearray = field(default_factory=bytearray)
    durable: bytes = b""

    def found(self, variant: str) -> bytes:
        """What may be read after a power failure."""
        if self.content == self.durable:
            return self.durable
        whole = bytes(self.content)
        return {"all": whole, "none": b"", "half": whole[: len(whole) // 2], "zeros": bytes(len(whole))}[variant]


Names = dict[str, Inode | None]
"""What each path names; None for a folder."""

Change = tuple[str, str | None, str | None, Inode | None]
"""A change of names: its folder, the path that goes, the path that comes, and what it then names."""


@dataclass
class Disk:
    """A disk beneath a cache, filled by the calls of one save."""

    durable: Names
    now: Names
    changes: list[Change] = field(default_factory=list)
    opened: dict[int, str | Inode] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """One that holds, durably, what a folder does."""
        names: Names = {str(folder): None} if folder.exists() else {}
        for path in folder.glob("*"):
            content = path.read_bytes()
            names[str(path)] = Inode(bytearray(content), content)
        return cls(names, dict(names))

    def record(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Takes in a call that was made."""
        if name not in ("close", "listdir"):
            # A call that is not known here fails, rather than being left out.
            getattr(self, f"_{name}")(args, kwargs, result)

    def _open(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: int) -> None:
        path = self._path(args[0], kwargs.get("dir_fd"))
        if args[1] & os.O_CREAT:
            self._change(path, None, path, Inode())
        self.opened[result] = path if args[1] & os.O_DIRECTORY else self._inode(path)

    def _write(self, args: tuple[Any, ...], _: dict[str, Any], result: int) -> None:
        inode = self.opened[args[0]]
        assert isinstance(inode, Inode)
        inode.content += args[1][:result]

    def _fsync(self, args: tuple[Any, ...], _: dict[str, Any], __: None) -> None:
        place = self.opened[args[0]]
        if isinstance(place, Inode):
            place.durable = bytes(place.content)
            return
        for change in [change for change in self.changes if change[0] == place]:
            _apply(change, self.durable)
            self.changes.remove(change)

    def _replace(self, args: tuple[Any, ...], kwargs: dict[str, Any], _: None) -> None:
        gone = self._path(args[0], kwargs["src_dir_fd"])
        self._change(gone, gone, self._path(args[1], kwargs["dst_dir_fd"]), self._inode(gone))

    def _unlink(self, args: tuple[Any, ...], kwargs: dict[str, Any], _: None) -> None:
        path = self._path(args[0], kwargs["dir_fd"])
        self._change(path, path, None, None)

    def _mkdir(self, args: tuple[Any, ...], _: dict[str, Any], __: None) -> None:
        self._change(str(args[0]), None, str(args[0]), None)

    def _path(self, name: Any, folder: int | None) -> str:
        return os.path.join(str(self.opened[folder]), name) if folder is not None else str(name)

    def _inode(self, path: str) -> Inode:
        inode = self.now[path]
        assert inode is not None
        return inode

    def _change(self, path: str, gone: str | None, come: str | None, inode: Inode | None) -> None:
        change = (os.path.dirname(path), gone, come, inode)
        self.changes.append(change)
        _apply(change, self.now)

    def states(self) -> Iterator[dict[str, bytes | None]]:
        """All that may be found by name after the power fails now."""
        for count in range(len(self.changes) + 1):
            for chosen in itertools.combinations(self.changes, count):
                names = dict(self.durable)
                for change in chosen:
                    _apply(change, names)
                dirty = any(inode and inode.content != inode.durable for inode in names.values())
                for variant in ("all", "none", "half", "zeros") if dirty else ("all",):
                    yield {path: inode and inode.found(variant) for path, inode in names.items()}


def _apply(change: Change, names: Names) -> None:
    _, gone, come, inode = change
    if gone is not None:
        names.pop(gone, None)
    if come is not None:
        names[come] = inode


def fail_power(scratch: Path) -> Tally:
    """Every state of the disk at every call of a save in every scene; the folder is used and emptied."""
    tally = Tally()
    for scene in SCENES:
        folder = scratch / "checkpoints"
        scene.prepare(folder)
        _play(tally, scene, folder)
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def _play(tally: Tally, scene: Scene, folder: Path) -> None:
    disk, moments = Disk.of(folder), []

    def seen(name: str, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = call(*args, **kwargs)
        disk.record(name, args, kwargs, result)
        moments.append((name, list(disk.states())))
        return result

    store = CheckpointStore(folder)
    store.newest()
    with watched(seen):
        store.save(sample(scene.position))
    allowed: set[int | None] = {scene.before, scene.position}
    for number, (name, states) in enumerate(moments, 1):
        if number == len(moments):
            allowed = {scene.position}
        for state in states:
            wrong = _fault(folder, state, allowed)
            tally.add("states of a disk", wrong and f"{scene.name}, after call {number} ({name}): {wrong}")


def _fault(folder: Path, state: dict[str, bytes | None], allowed: set[int | None]) -> str | None:
    shutil.rmtree(folder, ignore_errors=True)
    if str(folder) in state:
        folder.mkdir()
        for path, content in state.items():
            if content is not None:
                Path(path).write_bytes(content)
    return fault_of(folder, allowed)
