"""Whole trainings: killed, stopped, and begun side by side, in large numbers. Every one must end with the same bits."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from benchmarks.soak.nursery import Nursery
from benchmarks.soak.trainings import CONFIGS, SIGINT, SIGKILL, SIGTERM, Ground, Left

KILLS, STOPS, FITS, AT_ONCE = 200, 50, 100, 20


def main() -> None:
    """Prints a line for each kind of disturbance."""
    nursery = Nursery()
    with tempfile.TemporaryDirectory() as scratch:
        ground = Ground(Path(scratch), nursery, seed=1)
        left = {name: ground.undisturbed(name) for name in CONFIGS}
        _report(ground, left, "SIGKILL", KILLS, [([SIGKILL] * 3, None)])
        stops = [([number] * 3, twice) for twice in (None, 0.0, 0.02, 0.2) for number in (SIGTERM, SIGINT)]
        _report(ground, left, "SIGTERM or SIGINT, a part of them twice", STOPS, stops)
        _begin_at_once(ground)
    nursery.close()


def _report(
    ground: Ground, left: dict[str, Left], title: str, enough: int, kinds: list[tuple[list[int], float | None]]
) -> None:
    """Disturbs trainings until so many were ended by a signal."""
    ground.kills, ground.inside, ground.faults, trained = 0, 0, [], 0
    started = time.monotonic()
    while ground.kills < enough:
        name = sorted(CONFIGS)[trained % len(CONFIGS)]
        signals, twice = kinds[trained // len(CONFIGS) % len(kinds)]
        ground.disturbed(name, left[name], signals, twice=twice)
        trained += 1
    seconds = time.monotonic() - started
    where = f"{ground.kills} ended by a signal, {ground.inside} of them inside a save"
    bound = f"95 % upper bound {300 / ground.kills:.2f} %"
    print(f"{title}: {len(ground.faults)} wrong of {trained} trainings, {where}, {bound}, {seconds:.0f} s", flush=True)
    for fault in ground.faults:
        print(fault)


def _begin_at_once(ground: Ground) -> None:
    """Trains one config in processes that begin together, as many as memory holds; each must have a run of its own."""
    settings = ["trainer.epochs=1", "trainer.callbacks=[]"]
    arguments = ["fit", "mlp.yaml", "--runs-dir", "together", *(f"--set={setting}" for setting in settings)]
    codes = []
    for start in range(0, FITS, AT_ONCE):
        logs = [ground.folder / f"together-{number}.txt" for number in range(start, start + AT_ONCE)]
        processes = [ground.nursery.start(*arguments, folder=ground.folder, output=log) for log in logs]
        codes += [ground.nursery.wait(process) for process in processes]
    manifests = [json.loads(path.read_text()) for path in ground.folder.glob("together/mlp/[0-9]*/manifest.json")]
    complete = sum(manifest["status"] == "completed" for manifest in manifests)
    together = f"{FITS} fits of one name, {AT_ONCE} at once"
    print(f"{together}: {codes.count(0)} exit 0, {complete} complete runs with numbers of their own")


if __name__ == "__main__":
    main()
