"""`dltrain smoke`."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.cli.console import print_json, say, show
from dltrain.cli.outcomes import Outcome, Outcomes, Status, places
from dltrain.errors import ConfigError, DltrainError, InputError, InterruptedRunError, MissingDataError, storing
from dltrain.load import load

if TYPE_CHECKING:
    from dltrain.experiment import Experiment
    from dltrain.runtime.settings import RuntimeSpec
    from dltrain.spec.document import Document


@dataclass(frozen=True)
class Smoking:
    """What is asked for.

    Attributes:
        skip_missing: whether a config without its data is no failure.
        keep: the folder of the runs; None for one that is removed.
        jobs: how many configs are tried at a time; by default what suits the machine.
        junit: a file for what became of the configs.
        json: one JSON object on stdout, and nothing else.
    """

    skip_missing: bool
    keep: Path | None
    jobs: int | None
    junit: Path | None
    json: bool


@dataclass(frozen=True)
class _Ready:
    """A config that can be tried, or why it cannot."""

    source: str
    loaded: tuple[Experiment, Document] | DltrainError


def smoke_all(configs: Sequence[Path], settings: Sequence[str], asked: Smoking) -> None:
    """Tries every config, in forks of one process that has imported the backend, and prints a line for each.

    Raises:
        DltrainError: a config failed; the others were tried all the same.
    """
    clock = time.perf_counter()
    with Outcomes("smoke", configs, asked.junit) as told, _folder(asked.keep) as folder:
        ready = _same_process([_Ready(str(config), _loaded(config, settings)) for config in configs])
        found = _tried(ready, folder, asked)
        for one in found:
            told.add(_outcome(one, asked))
    if asked.json:
        print_json({"configs": found})
    else:
        counts = {status: sum(one["status"] == status for one in found) for status in ("ok", "failed", "skipped")}
        listed = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        say(f"{listed} in {time.perf_counter() - clock:.1f} s")
    bad = [one for one in found if one["status"] != "ok" and not (one["status"] == "skipped" and asked.skip_missing)]
    if bad:
        error = DltrainError(f"{len(bad)} of {len(found)} configs did not pass")
        error.exit_code = 2 if any(one["wrong"] for one in bad) else 1
        raise error


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Where runs are written. Only this process removes it: a fork ends without a return to here."""
    if keep is not None:
        with storing(f"make {keep}", "name another folder with --keep"):
            keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with storing("make a temporary folder", "set $TMPDIR"):
        folder = Path(tempfile.mkdtemp(prefix="dltrain-smoke-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _loaded(config: Path, settings: Sequence[str]) -> tuple[Experiment, Document] | DltrainError:
    try:
        experiment, document = load(config, settings)
    except ConfigError as error:
        gone = error.problems and all(getattr(problem, "absent", False) for problem in error.problems)
        return MissingDataError(str(error)) if gone else error
    return MissingDataError(experiment.dataset.absent) if experiment.dataset.absent else (experiment, document)


def _same_process(ready: Sequence[_Ready]) -> list[_Ready]:
    """The same; of configs that need another process than the first, an error."""
    from dltrain.cli.fit import refuse_different_processes

    first = next((one.loaded for one in ready if not isinstance(one.loaded, DltrainError)), None)
    checked = []
    for one in ready:
        if first is not None and not isinstance(one.loaded, DltrainError):
            try:
                refuse_different_processes([first, one.loaded])
            except ConfigError as error:
                checked.append(_Ready(one.source, error))
                continue
        checked.append(one)
    return checked


def _tried(ready: Sequence[_Ready], folder: Path, asked: Smoking) -> list[dict[str, Any]]:
    """What became of each config, in plain values."""
    works = [(one.source, partial(_work, one, folder, quiet=asked.json)) for one in ready]
    specs = [one.loaded[0].runtime for one in ready if not isinstance(one.loaded, DltrainError)]
    if not specs:
        return [work() for _, work in works]
    outcomes = _run(works, specs, asked.jobs)
    return [
        _plain(source, outcome, {}) if isinstance(outcome, DltrainError) else outcome
        for (source, _), outcome in zip(works, outcomes, strict=True)
    ]


def _run(
    works: Sequence[tuple[str, Callable[[], dict[str, Any]]]], specs: Sequence[RuntimeSpec], jobs: int | None
) -> Sequence[dict[str, Any] | DltrainError]:
    from dltrain.cli.several import one_by_one, side_by_side
    from dltrain.runtime.forks import can_fork

    if not can_fork():
        return one_by_one(works)
    return side_by_side(works, specs, jobs, lambda _: "")


def _work(one: _Ready, folder: Path, *, quiet: bool) -> dict[str, Any]:
    """Tries a config and prints its line."""
    if isinstance(one.loaded, DltrainError):
        found = _plain(one.source, one.loaded, {})
    else:
        found = _smoked(one.source, *one.loaded, folder)
    if not quiet:
        show(_line(found))
    return found


def _smoked(source: str, experiment: Experiment, document: Document, folder: Path) -> dict[str, Any]:
    from dltrain.smoke.stages import Stages
    from dltrain.smoke.story import smoke

    stages = Stages()
    try:
        rows = smoke(experiment, document, folder, stages)
    except InterruptedRunError:
        raise
    except DltrainError as error:
        return _plain(source, error, stages.seconds, stages.failed)
    return {"config": source, "status": "ok", "rows": rows, **_times(stages.seconds)}


def _plain(source: str, error: DltrainError, seconds: Mapping[str, float], stage: str | None = None) -> dict[str, Any]:
    skipped = isinstance(error, MissingDataError)
    return {
        "config": source,
        "status": "skipped" if skipped else "failed",
        "stage": stage,
        "error": str(error),
        "kind": type(error).__name__,
        "wrong": isinstance(error, InputError),
        "problems": places(error),
        **_times(seconds),
    }


def _times(seconds: Mapping[str, float]) -> dict[str, Any]:
    return {
        "seconds": round(sum(seconds.values()), 3),
        "stages": {stage: round(value, 3) for stage, value in seconds.items()},
    }


def _line(found: Mapping[str, Any]) -> str:
    if found["status"] == "ok":
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in found["stages"].items())
        return f"{found['config']}: ok in {found['seconds']:.1f} s ({stages})"
    where = f" to {found['stage']}" if found["stage"] else ""
    return f"{found['config']}: {found['status']}{where}: {found['error']}"


def _outcome(found: Mapping[str, Any], asked: Smoking) -> Outcome:
    """For those who only know success and failure, data that is missing and must not is a failure."""
    status: Status = "failed" if found["status"] == "skipped" and not asked.skip_missing else found["status"]
    return Outcome(
        found["config"],
        status,
        found["seconds"],
        found.get("error", ""),
        found.get("kind", ""),
        found.get("problems", ()),
    )
