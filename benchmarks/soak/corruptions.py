"""Damage to the newest checkpoint, by accident and on purpose: the one before is used, or an error, not wrong data."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.soak.sample import Tally, fault_of, sample
from dltrain.errors import RunError
from dltrain.runs.checkpoints import CheckpointStore

_OLD, _NEW = 10, 20
_HUGE = 10**18


def corrupt(scratch: Path, count: int) -> Tally:
    """Damages bytes at random, or puts links, pipes and nothing in the file's place."""
    tally, chance = Tally(drawn=True), random.Random(2)
    folder, path, whole = _prepare(scratch)
    other = path.with_name("000000000010.safetensors").read_bytes()
    (scratch / "other").write_bytes(other)
    for number in range(count):
        way = (*_WAYS, *_IN_ITS_PLACE)[number % (len(_WAYS) + len(_IN_ITS_PLACE))]
        path.unlink(missing_ok=True)
        if way in _IN_ITS_PLACE:
            _IN_ITS_PLACE[way](path)
        else:
            path.write_bytes(_damaged(way, whole, other, chance))
        same = path.is_file() and path.stat().st_size == len(whole) and path.read_bytes() == whole
        outcome, wrong = _outcome(folder, {_NEW} if same else {_OLD})
        tally.add("not changed" if same else outcome, wrong and f"{way} {number}: {wrong}")
    path.unlink(missing_ok=True)
    return tally


def forge(scratch: Path, count: int) -> Tally:
    """Damages the contents and makes the digest right again, as only someone else's file would be.

    The data may then be anything that the file says; nothing may crash, and nothing large be allocated.
    """
    tally, chance = Tally(drawn=True), random.Random(3)
    folder, path, whole = _prepare(scratch)
    for number in range(count):
        path.write_bytes(_sealed(_forged(whole, chance)))
        outcome, wrong = _outcome(folder, None)
        tally.add(outcome, wrong and f"forgery {number}: {wrong}")
    return tally


def _prepare(scratch: Path) -> tuple[Path, Path, bytes]:
    folder = scratch / "checkpoints"
    shutil.rmtree(folder, ignore_errors=True)
    for position in (_OLD, _NEW):
        CheckpointStore(folder).save(sample(position, 40))
    path = folder / "000000000020.safetensors"
    return folder, path, path.read_bytes()


def _outcome(folder: Path, allowed: set[int | None] | None) -> tuple[str, str | None]:
    """What reading leads to, and what is wrong about that; any data will do where no position is asked for."""
    try:
        found = CheckpointStore(folder).newest()
    except RunError:
        return "an error", None
    except Exception as error:
        return "crashed", f"{type(error).__name__}: {error}"
    outcome = "the one before used" if found and found.position == _OLD else "read"
    return outcome, None if allowed is None else fault_of(folder, allowed)


_WAYS = ("bit", "cut", "zeros", "twice", "longer", "noise", "spliced")


def _damaged(way: str, whole: bytes, other: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(whole))
    match way:
        case "bit":
            return whole[:start] + bytes([whole[start] ^ 1 << chance.randrange(8)]) + whole[start + 1 :]
        case "cut":
            return whole[:start]
        case "zeros":
            end = min(start + chance.choice((1, 64, 512)), len(whole))
            return whole[:start] + bytes(end - start) + whole[end:]
        case "twice":
            return whole[:start] + whole[start : start + 64] + whole[start:]
        case "longer":
            return whole + chance.randbytes(chance.randrange(1, 100))
        case "noise":
            return chance.randbytes(chance.randrange(2000))
        case _:
            start = chance.choice((0, start))
            return whole[:start] + other[start:]


def _sparse(path: Path) -> None:
    """A file of 8 terabytes, none of which is on the disk."""
    with path.open("wb") as file:
        file.truncate(1 << 43)


_IN_ITS_PLACE: dict[str, Callable[[Path], object]] = {
    "link": lambda path: path.symlink_to(path.parent.parent / "other"),
    "loop": lambda path: path.symlink_to(path),
    "pipe": os.mkfifo,
    "sparse": _sparse,
    "gone": lambda _: None,
}


def _sealed(content: bytes) -> bytes:
    return content + hashlib.sha256(content).digest()


def _forged(whole: bytes, chance: random.Random) -> bytes:
    size = int.from_bytes(whole[:8], "little")
    entries, data = json.loads(whole[8 : 8 + size]), whole[8 + size : -32]
    way = chance.randrange(4)
    if way == 0:
        body = bytearray(whole[:-32])
        for _ in range(chance.randrange(1, 4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        return bytes(body)
    if way == 1:
        state = b"[" * 200_000 if chance.random() < 0.5 else chance.randbytes(50)
        entries["__state__"]["data_offsets"] = [len(data) - 50, len(data)]
        return whole[: 8 + size] + data[: -len(state)] + state[: len(data)]
    header = json.dumps(_twisted(entries, chance)).encode() if way == 2 else b"[" * chance.choice((5, 100_000))
    return len(header).to_bytes(8, "little") + header + data


def _twisted(entries: dict[str, object], chance: random.Random) -> dict[str, object]:
    """One value of the header replaced."""
    odd = chance.choice(
        [None, -1, 0, _HUGE, 1.5, True, "F99", [], {}, [_HUGE] * 3, [0, _HUGE], [-1, 5], ["4"], [[4]], [1] * 65]
    )
    name = chance.choice(sorted(entries))
    entry = entries[name]
    if isinstance(entry, dict) and chance.random() < 0.8:
        entry[chance.choice(["dtype", "shape", "data_offsets", "more"])] = odd
    else:
        entries[name] = odd
    return entries
